package netpol

import (
	"regexp"
	"slices"
	"strings"

	"polygraph/internal/kubeobj"
)

// Labels with a meaning of their own: cilium v1.20.2 pkg/k8s/apis/cilium.io/const.go.
const (
	podNamespace     = "io.kubernetes.pod.namespace"
	namespaceLabels  = "io.cilium.k8s.namespace.labels."
	serviceAccount   = "io.cilium.k8s.policy.serviceaccount"
	clusterName      = "io.cilium.k8s.policy.cluster"
	reservedSource   = "reserved"
	kubernetesSource = "k8s"
)

// source takes the source off the key of a label: k8s:app. Only a colon ends it
// (parseSource of cilium v1.20.2 pkg/labels/labels.go): k8s.example/app is a key.
func source(key string) (from, rest string) {
	if strings.HasPrefix(key, "$") {
		return reservedSource, key[1:]
	}
	from, rest, ok := strings.Cut(key, ":")
	if !ok {
		return "", key
	}
	return from, rest
}

func unprefixed(key string) string {
	_, rest := source(key)
	return rest
}

// leftOut are labels of pods that are not part of an identity unless the agent is
// told so: defaultLabelPrefixCfg of cilium v1.20.2 pkg/labelsfilter/filter.go.
var (
	leftOut = regexp.MustCompile(`^(io\.kubernetes|kubernetes\.io|statefulset\.kubernetes\.io/pod-name|apps\.kubernetes\.io/pod-index|` +
		`batch\.kubernetes\.io/(job-completion-index|controller-uid)|.*beta\.kubernetes\.io|k8s\.io|pod-template-generation|pod-template-hash|` +
		`controller-revision-hash|controller-uid|annotation|etcd_node|topology\.kubernetes\.io)`)
	leftIn = regexp.MustCompile(`^(io\.kubernetes\.pod\.namespace|io\.cilium\.k8s\.namespace\.labels|app\.kubernetes\.io|io\.cilium\.k8s\.policy\.(cluster|serviceaccount))`)
)

// identity is what a selector says, term by term.
type identity struct {
	terms []Expr
	// positive: a term wants a label to be there, which nothing but pods has.
	positive bool
	// namespaced: it names the namespace, or asks for labels of it.
	named, labelled bool
	reserved        []requirement // keys without the source
	unsure          []Unsure
}

// identity reads a selector of endpoints; ok is false where it is none.
func (r *reading) identity(v *kubeobj.Value, path string) (id identity, ok bool) {
	list, ok := r.requirements(v, path, unprefixed)
	if !ok {
		return id, false
	}
	for _, q := range list {
		from, key := source(q.key)
		switch from {
		case reservedSource:
			q.key = key
			id.reserved = append(id.reserved, q)
		case "", "any", kubernetesSource:
			id.term(q, key)
		default:
			id.unsure = append(id.unsure, Unsure{q.at, "labels of source " + short(from) + ": no object has them"})
		}
	}
	return id, true
}

func (id *identity) term(q requirement, key string) {
	e := Expr{Op: q.op, On: PodLabel, Key: key, Values: q.values}
	switch {
	case key == podNamespace:
		id.named = true
		e.On, e.Key = Namespace, ""
	case key == serviceAccount:
		e.On, e.Key = Account, ""
	case key == clusterName:
		id.unsure = append(id.unsure, Unsure{q.at, "the name of the cluster: the objects do not say it"})
		return
	case strings.HasPrefix(key, namespaceLabels):
		id.labelled = true
		e.On, e.Key = NamespaceLabel, key[len(namespaceLabels):]
	case leftOut.MatchString(key) && !leftIn.MatchString(key):
		id.unsure = append(id.unsure, Unsure{q.at, "label " + short(key) + ": Cilium leaves it out of identities unless it is told otherwise"})
		return
	}
	id.positive = id.positive || e.Op == In || e.Op == Exists
	if e.On == Namespace || e.On == Account { // every pod has one
		switch e.Op {
		case Exists:
			return
		case NotExists:
			e = Expr{Op: None}
		}
	}
	id.terms = append(id.terms, e)
}

// wants is the reserved label that a selector wants to be there, and whether it
// wants one.
func (id *identity) wants() (q requirement, yes bool) {
	for _, q := range id.reserved {
		if q.op == In || q.op == Exists {
			return q, true
		}
	}
	return q, false
}

// ciliumSubject reads endpointSelector. That of a CiliumNetworkPolicy is about its
// own namespace whatever it says.
//
// Source: ParseToCiliumRule of cilium v1.20.2
// pkg/k8s/apis/cilium.io/utils/utils.go.
func (r *reading) ciliumSubject(p *Policy, v *kubeobj.Value, path string) (Expr, []Unsure) {
	id, ok := r.identity(v, path)
	if !ok {
		return p.Subject, nil
	}
	if _, yes := id.wants(); yes {
		r.note(v.Offset, "Select pods by their labels.", "%s: a reserved label is on no pod of a workload", path)
		return Expr{Op: None}, id.unsure
	}
	if p.Kind == Cilium {
		key := kubernetesSource + ":" + podNamespace
		if pair := v.Get("matchLabels", key); pair.Is(kubeobj.String) {
			if pair.Text != p.Namespace {
				r.note(pair.Offset, "Put the policy into that namespace, or write a CiliumClusterwideNetworkPolicy.", "%s names the namespace %s, and the policy is about its own", path, short(pair.Text))
			}
			i := slices.IndexFunc(id.terms, func(e Expr) bool {
				return e.On == Namespace && e.Op == In && len(e.Values) == 1 && e.Values[0] == pair.Text
			})
			if i >= 0 {
				id.terms = slices.Delete(id.terms, i, i+1)
			}
		}
		id.terms = append([]Expr{within(p.Namespace)}, id.terms...)
	}
	return all(id.terms...), id.unsure
}

// ciliumEndpoints reads an item of fromEndpoints or toEndpoints: pods of the
// policy's namespace unless it names one.
//
// Source: getEndpointSelector of cilium v1.20.2
// pkg/k8s/apis/cilium.io/utils/utils.go.
func (r *reading) ciliumEndpoints(p *Policy, v *kubeobj.Value, path string) []Peer {
	id, ok := r.identity(v, path)
	if !ok {
		return nil
	}
	if q, yes := id.wants(); yes {
		return r.reserved(&id, q, v.Offset)
	}
	if len(id.reserved) == 0 && !id.named {
		switch {
		case p.Kind == CiliumCluster:
			id.positive = true // that there is a namespace
		case !id.labelled:
			id.terms = append([]Expr{within(p.Namespace)}, id.terms...)
			id.positive = true
		}
	}
	e := all(id.terms...)
	peers := []Peer{{Offset: v.Offset, Pods: &e, Unsure: id.unsure}}
	if !id.positive {
		// Nothing in it wants a label to be there: what has none is selected too.
		why := Unsure{v.Offset, "a selector that only excludes: it is true of nodes and of the world too, unless something else tells these apart"}
		peers = append(peers, Peer{Offset: v.Offset, Outside: true, Nodes: &Expr{}, Unsure: append(slices.Clip(id.unsure), why)})
	}
	return peers
}

// reserved is a selector that wants a reserved label.
func (r *reading) reserved(id *identity, q requirement, at uint32) []Peer {
	if q.op == In && !slices.Contains(q.values, "") {
		return []Peer{{Offset: at}} // reserved labels have no value
	}
	peers, ok := entity(q.key, at)
	if !ok {
		return []Peer{anywhere(at, "reserved label "+short(q.key)+" is not known")}
	}
	if len(id.reserved) > 1 || len(id.terms) > 0 || id.unsure != nil {
		for i := range peers {
			peers[i].Unsure = append(peers[i].Unsure, Unsure{at, "a reserved label together with others: which of them meet the objects do not say"})
		}
	}
	return peers
}

// ciliumNodes reads a selector of nodes.
func (r *reading) ciliumNodes(v *kubeobj.Value, path string) (Expr, []Unsure) {
	id, ok := r.identity(v, path)
	if !ok {
		return Expr{}, nil
	}
	unsure := id.unsure
	list, _ := r.requirements(v, path, unprefixed)
	var terms []Expr
	for _, q := range list {
		from, key := source(q.key)
		switch {
		case from == reservedSource:
			unsure = append(unsure, Unsure{q.at, "a reserved label of a node: which node has it the objects do not say"})
		case (from == "" || from == "any" || from == kubernetesSource) && key != clusterName:
			terms = append(terms, Expr{Op: q.op, On: NodeLabel, Key: key, Values: q.values})
		}
	}
	return all(terms...), unsure
}
