package enforce

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
	"polygraph/internal/workloads"
)

// A case is a txtar file: prose and expectations, one a line, and files. Objects
// of files under live/ are as if they were got from a cluster.
//
//	cni NAME                          what the user says
//	engine NAME STATUS [MODE]
//	policy KIND STATUS                KIND of kindNames, Staged, or AWS...
//	pod NAMESPACE/NAME STATUS         of a NetworkPolicy
//	holds KIND NAMESPACE/NAME STATUS
//	service NAMESPACE/NAME STATUS|-   in front of the workload of that name
//	blocks pods|outside|unknown
//	says TEXT                         some ruling of the case says it
//	flip "OLD" -> "NEW": EXPECTATION  with OLD replaced
type kase struct {
	name  string
	cni   string
	want  []string
	says  []string
	flips []flip
	files []txtar.File
}

type flip struct{ old, new, want string }

var flipLine = regexp.MustCompile(`^flip "(.*)" -> "(.*)": (.*)$`)

func readCase(t *testing.T, path string) *kase {
	t.Helper()
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	k := &kase{name: strings.TrimSuffix(filepath.Base(path), ".txtar"), files: ar.Files}
	for _, line := range strings.Split(string(ar.Comment), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "cni":
			k.cni = rest
		case "engine", "policy", "pod", "holds", "service", "blocks":
			k.want = append(k.want, line)
		case "says":
			k.says = append(k.says, rest)
		case "flip":
			m := flipLine.FindStringSubmatch(line)
			if m == nil {
				t.Fatalf("%s: %s", path, line)
			}
			k.flips = append(k.flips, flip{strings.ReplaceAll(m[1], `\n`, "\n"), strings.ReplaceAll(m[2], `\n`, "\n"), m[3]})
		}
	}
	if len(k.want) == 0 {
		t.Fatalf("%s expects nothing", path)
	}
	return k
}

func (k *kase) objects(t *testing.T, f *flip) []*kubeobj.Object {
	t.Helper()
	var out []*kubeobj.Object
	hit := false
	for _, file := range k.files {
		data := string(file.Data)
		if f != nil && strings.Contains(data, f.old) {
			data, hit = strings.ReplaceAll(data, f.old, f.new), true
		}
		parsed, problem := kubeobj.Parse(file.Name, []byte(data))
		if problem != nil {
			t.Fatalf("%s: %s: %v", k.name, file.Name, problem)
		}
		if len(parsed.Unread) > 0 {
			t.Fatalf("%s: %s: %v", k.name, file.Name, parsed.Unread)
		}
		for _, o := range parsed.Objects {
			o.Live = o.Live || strings.HasPrefix(file.Name, "live/")
		}
		out = append(out, parsed.Objects...)
	}
	if f != nil && !hit {
		t.Fatalf("%s: nothing to flip: %q", k.name, f.old)
	}
	return out
}

var kindNames = map[string]netpol.Kind{
	"Network": netpol.Network, "Admin": netpol.Admin, "BaselineAdmin": netpol.BaselineAdmin,
	"ClusterAdmin": netpol.ClusterAdmin, "ClusterBaseline": netpol.ClusterBaseline,
	"Cilium": netpol.Cilium, "CiliumCluster": netpol.CiliumCluster,
	"Calico": netpol.Calico, "CalicoGlobal": netpol.CalicoGlobal,
}

func policyOf(t *testing.T, name string) *netpol.Policy {
	t.Helper()
	switch name {
	case "Staged":
		return &netpol.Policy{Kind: netpol.CalicoGlobal, Staged: true}
	case "AWSApplication":
		return &netpol.Policy{Kind: netpol.Foreign, Object: &kubeobj.Object{Group: awsGroup, Version: "v1alpha1", Kind: "ApplicationNetworkPolicy", Name: "x"}}
	case "AWSForeign":
		return &netpol.Policy{Kind: netpol.Foreign, Object: &kubeobj.Object{Group: awsGroup, Version: "v1alpha1", Kind: "ClusterNetworkPolicy", Name: "x"}}
	case "AWS":
		return &netpol.Policy{Kind: netpol.ClusterAdmin, Object: &kubeobj.Object{Group: awsGroup, Version: "v1alpha1", Kind: "ClusterNetworkPolicy", Name: "x"}}
	}
	k, ok := kindNames[name]
	if !ok {
		t.Fatalf("no kind %s", name)
	}
	return &netpol.Policy{Kind: k}
}

// reachable is the workload of a name as package reach has it.
func reachable(t *testing.T, objects []*kubeobj.Object, name string) *reach.Workload {
	t.Helper()
	g := workloads.Build(objects)
	for _, w := range g.Workloads() {
		if w.Object.Namespace+"/"+w.Object.Name == name {
			host := w.Spec().Get("hostNetwork")
			return &reach.Workload{
				Namespace: w.Object.Namespace, Name: w.Object.Name, Kind: w.Object.Kind, Labels: w.Labels(),
				Host: host.Is(kubeobj.Bool) && host.Text == "true", Object: w.Object, Template: w.Template, In: w.In,
			}
		}
	}
	return nil
}

// answer is what is found, in the words of the expectation, and the ruling.
func answer(t *testing.T, truth *Truth, objects []*kubeobj.Object, want string) (string, Ruling) {
	t.Helper()
	words := strings.Fields(want)
	status := func(s Status) string { return strings.ReplaceAll(s.String(), " ", "-") }
	switch words[0] {
	case "engine":
		for _, e := range truth.Engines() {
			if e.Name == words[1] {
				got := "engine " + e.Name + " " + status(e.On)
				if len(words) > 3 {
					got += " " + e.Mode
				}
				return got, Ruling{Status: e.On, Why: e.Why, In: e.In, At: e.At, Missing: e.Missing, Remedy: e.Remedy}
			}
		}
		return "engine " + words[1] + " none", Ruling{}
	case "policy":
		r := truth.Policy(policyOf(t, words[1]))
		return "policy " + words[1] + " " + status(r.Status), r
	case "pod":
		w := reachable(t, objects, words[1])
		if w == nil {
			return "pod " + words[1] + " none", Ruling{}
		}
		r := truth.Holds(&netpol.Policy{}, w)
		return "pod " + words[1] + " " + status(r.Status), r
	case "holds":
		w := reachable(t, objects, words[2])
		if w == nil {
			return "holds " + words[1] + " " + words[2] + " none", Ruling{}
		}
		r := truth.Holds(policyOf(t, words[1]), w)
		return "holds " + words[1] + " " + words[2] + " " + status(r.Status), r
	case "service":
		w := reachable(t, objects, words[1])
		for _, o := range objects {
			if o.Type() == "Service" && o.Namespace+"/"+o.Name == words[1] && w != nil {
				if r, ok := truth.Service(o, w); ok {
					return "service " + words[1] + " " + status(r.Status), r
				}
				return "service " + words[1] + " -", Ruling{}
			}
		}
		return "service " + words[1] + " none", Ruling{}
	case "blocks":
		return "blocks " + [...]string{"unknown", "pods", "outside"}[truth.Blocks()], Ruling{}
	}
	t.Fatalf("what is %q", want)
	return "", Ruling{}
}

func look(t *testing.T, objects []*kubeobj.Object, cni string) *Truth {
	t.Helper()
	truth, err := Look(objects, Options{CNI: cni})
	if err != nil {
		t.Fatal(err)
	}
	return truth
}

func cases(t *testing.T) []*kase {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d cases, %v", len(paths), err)
	}
	var out []*kase
	for _, p := range paths {
		out = append(out, readCase(t, p))
	}
	return out
}

// complete: a ruling says why, where, and what to do.
func complete(r Ruling) error {
	switch {
	case r.Why == "" || strings.HasSuffix(r.Why, "."):
		return fmt.Errorf("why: %q", r.Why)
	case r.Status == Unknown && len(r.Missing) == 0:
		return fmt.Errorf("nothing is missing: %s", r.Why)
	case r.Status == NotEnforced && r.Remedy.Text == "":
		return fmt.Errorf("no remedy: %s", r.Why)
	case r.In != nil && r.At == 0 && r.In.Root.Offset != 0:
		return fmt.Errorf("no place: %s", r.Why)
	}
	for _, m := range r.Missing {
		if m.Evidence == "" || m.Get == "" {
			return fmt.Errorf("missing what: %+v", m)
		}
	}
	return nil
}

func TestCases(t *testing.T) {
	checked, flipped := 0, 0
	for _, k := range cases(t) {
		t.Run(k.name, func(t *testing.T) {
			objects := k.objects(t, nil)
			truth := look(t, objects, k.cni)
			var said []string
			for _, want := range k.want {
				got, r := answer(t, truth, objects, want)
				said = append(said, r.Why)
				if got != want {
					t.Errorf("%s\nwant %s\n%s", got, want, r.Why)
				}
				if word, _, _ := strings.Cut(want, " "); word != "blocks" && !strings.HasSuffix(want, " -") && !strings.HasSuffix(want, " none") {
					if err := complete(r); err != nil {
						t.Errorf("%s: %v", want, err)
					}
				}
				checked++
			}
			for _, text := range k.says {
				if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, text) }) {
					t.Errorf("nothing says %q:\n%s", text, strings.Join(said, "\n"))
				}
			}
			for _, f := range k.flips {
				objects := k.objects(t, &f)
				truth := look(t, objects, k.cni)
				got, r := answer(t, truth, objects, f.want)
				if got != f.want {
					t.Errorf("with %q: %s\nwant %s\n%s", f.new, got, f.want, r.Why)
				}
				if slices.Contains(k.want, f.want) {
					t.Errorf("with %q nothing flips: %s", f.new, f.want)
				}
				flipped++
			}
		})
	}
	if checked < 100 || flipped < 40 {
		t.Errorf("%d expectations and %d flips only", checked, flipped)
	}
}

// TestHonesty: without a sort of evidence nothing becomes enforced that was not,
// and what was decided by it becomes unknown.
func TestHonesty(t *testing.T) {
	removed, opened := 0, 0
	for _, k := range cases(t) {
		objects := k.objects(t, nil)
		if k.cni != "" {
			continue
		}
		truth := look(t, objects, "")
		without := map[string][]*kubeobj.Object{}
		for _, o := range objects {
			key := o.Type()
			if o.Type() == "ConfigMap" && o.Name != "kube-root-ca.crt" {
				key += "/" + o.Name
			}
			without[key] = nil
		}
		for key := range without {
			typ, name, _ := strings.Cut(key, "/")
			// That there is none of these is taken from their absence: see the limits in
			// doc.go.
			if typ == "CiliumNodeConfig.cilium.io" || typ == "CiliumNode.cilium.io" || typ == "Installation.operator.tigera.io" || typ == "SecurityGroupPolicy.vpcresources.k8s.aws" {
				continue
			}
			var rest []*kubeobj.Object
			for _, o := range objects {
				if o.Type() != typ || name != "" && o.Name != name {
					rest = append(rest, o)
				}
			}
			removed++
			less := look(t, rest, "")
			for _, want := range k.want {
				word, _, _ := strings.Cut(want, " ")
				if word == "blocks" || word == "engine" {
					continue
				}
				_, before := answer(t, truth, objects, want)
				got, after := answer(t, less, rest, want)
				if strings.HasSuffix(got, " none") {
					continue
				}
				if after.Status == Enforced && before.Status != Enforced {
					t.Errorf("%s: without %s: %s, it was %s: %s", k.name, key, got, before.Status, after.Why)
				}
				if after.Status == NotEnforced && before.Status != NotEnforced && !(name != "" || typ == "DaemonSet.apps" || typ == "Pod") {
					t.Errorf("%s: without %s: %s, it was %s: %s", k.name, key, got, before.Status, after.Why)
				}
				if after.Status == Unknown && before.Status != Unknown {
					opened++
				}
			}
		}
	}
	if removed < 80 || opened < 60 {
		t.Errorf("%d removals, of which %d opened a ruling only", removed, opened)
	}
}

// TestDeclaredProvesNothing: what is declared never proves that nothing enforces.
func TestDeclaredProvesNothing(t *testing.T) {
	n := 0
	for _, k := range cases(t) {
		if k.cni != "" {
			continue
		}
		objects := k.objects(t, nil)
		for _, o := range objects {
			o.Live = false
		}
		truth := look(t, objects, "")
		for name := range kindNames {
			if r := truth.Policy(policyOf(t, name)); r.Status == NotEnforced {
				t.Errorf("%s: %s from declared objects: %s", k.name, name, r.Why)
			}
			n++
		}
	}
	if n < 100 {
		t.Errorf("%d rulings only", n)
	}
}

func TestUnknownName(t *testing.T) {
	if _, err := Look(nil, Options{CNI: "calcio"}); err == nil || !strings.Contains(err.Error(), "calico") {
		t.Errorf("%v", err)
	}
	known := Known()
	if !slices.IsSorted(known) || !slices.Contains(known, "none") {
		t.Errorf("%v", known)
	}
	for _, name := range append(known, "Canal", " aws ") {
		truth, err := Look(nil, Options{CNI: name})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := complete(truth.Policy(&netpol.Policy{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
