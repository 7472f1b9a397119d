package identity

import (
	"strconv"
	"strings"

	"polygraph/internal/finding"
)

// Standing says of which version something runs.
type Standing uint8

// The standings.
const (
	Unclear Standing = iota
	Current
	Old
)

// Lag is what became of one thing that runs a version which another one owns.
type Lag struct {
	Name          string
	Subject       string
	Discriminator string // when one thing has several
	Standing      Standing
	Title         string // for Old and Unclear
	Brief         string // for Old: the two versions, in few words
	Proof         []finding.Statement
	Missing       finding.Missing // for Unclear
	Remedy        finding.Remedy  // for Old
}

// Described are the groups and services whose instances and tasks a dump shows:
// for them nothing has to be guessed from a state.
type Described map[string]bool

// versions are the attributes of an object that say of which version it is.
type versions struct {
	attributes map[string]any
	at         finding.Location
	prefix     string
}

func versionsOf(typ string, attributes map[string]any, at finding.Location, prefix string) versions {
	switch typ {
	case "aws_lambda_function", "aws_lambda_alias", "aws_launch_template", "aws_autoscaling_group", "aws_instance", "aws_eks_node_group",
		"aws_eks_cluster", "aws_ecs_service", "aws_ecs_task_definition":
		return versions{attributes, at, prefix}
	}
	return versions{}
}

// text returns an attribute as text.
func (v versions) text(name string) string {
	s, _ := lookup(v.attributes, name)
	return s
}

// where locates an attribute of the object.
func (v versions) where(pointer string) finding.Location {
	at := v.at
	at.Pointer += v.prefix + pointer
	return at
}

// owners are the objects of a root that say which version is meant, by the
// names under which others refer to them: within the region of an ARN, and
// without one. A name that several regions have is nobody's.
type owners struct {
	functions, templates, clusters map[string]*Object
	families                       map[string]*Object // the newest revision
}

// BehindState tells who still runs an older version, as a state shows it. What
// AWS runs behind a group or a service stands in no state.
func BehindState(r *Root, described Described) []Lag {
	own := owners{map[string]*Object{}, map[string]*Object{}, map[string]*Object{}, map[string]*Object{}}
	for i := range r.Objects {
		own.add(&r.Objects[i])
	}
	var out []Lag
	for i := range r.Objects {
		o := &r.Objects[i]
		if o.Deposed {
			continue
		}
		l := Lag{Name: o.Name, Subject: o.Subject}
		judged := false
		switch o.Type {
		case "aws_lambda_alias":
			judged = own.alias(o, &l)
		case "aws_instance", "aws_eks_node_group", "aws_autoscaling_group":
			judged = own.template(o, &l, described)
			if o.Type == "aws_eks_node_group" {
				k := Lag{Name: o.Name, Subject: o.Subject, Discriminator: "cluster version"}
				if own.node(o, &k) {
					out = append(out, k)
				}
			}
		case "aws_ecs_service":
			judged = own.service(o, &l, described)
		}
		if judged {
			out = append(out, l)
		}
	}
	return out
}

func (w *owners) add(o *Object) {
	v := o.version
	put := func(m map[string]*Object, names ...string) {
		for _, n := range names {
			s := v.text(n)
			if s == "" {
				continue
			}
			m[place(v.text("arn"))+s] = o
			if other, has := m[s]; has && other != o {
				m[s] = nil
			} else {
				m[s] = o
			}
		}
	}
	switch {
	case o.Deposed:
	case o.Type == "aws_lambda_function":
		put(w.functions, "function_name", "arn")
	case o.Type == "aws_launch_template":
		put(w.templates, "id", "name")
	case o.Type == "aws_eks_cluster":
		put(w.clusters, "name")
	case o.Type == "aws_ecs_task_definition":
		family := v.text("family")
		if family == "" {
			return
		}
		at := place(v.text("arn"))
		for _, key := range []string{at + family, family} {
			old, has := w.families[key]
			switch {
			case has && old == nil: // of several regions
			case has && place(old.version.text("arn")) != at:
				w.families[key] = nil
			case !has || number(v.text("revision")) > number(old.version.text("revision")):
				w.families[key] = o
			}
		}
	}
}

// place is what an ARN says about where its object lies: partition, service,
// region and account. "" for what is no ARN.
func place(arn string) string {
	p := strings.SplitN(arn, ":", 6)
	if len(p) < 6 || p[0] != "arn" {
		return ""
	}
	return strings.Join(p[:5], ":") + ":"
}

// of finds the owner of a name near who refers to it, or by the name alone.
func of(m map[string]*Object, near, name string) *Object {
	if o := m[near+name]; o != nil {
		return o
	}
	if near != "" && m[name] != nil && place(m[name].version.text("arn")) != "" {
		return nil // it is that of another region
	}
	return m[name]
}

// number is a version number; -1 for $LATEST and other words.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

func (w *owners) alias(o *Object, l *Lag) bool {
	names := o.version.text("function_version")
	f := of(w.functions, place(o.version.text("arn")), o.version.text("function_name"))
	l.Proof = []finding.Statement{{Text: "the alias names version " + names, At: o.version.where("/function_version")}}
	if f == nil {
		return l.unclear("its function is not in this state, or its name is that of several", "the state that holds the function of "+o.Name, "terraform state pull > terraform.tfstate")
	}
	newest := f.version.text("version")
	switch have, want := number(names), number(newest); {
	case names == "" || newest == "":
		return l.unclear("the version of the alias or of its function is not in the state", "function_version of "+o.Name+" and version of "+f.Name, "terraform state pull > terraform.tfstate")
	case names == newest:
		return l.current()
	case have < 0 || want < 0 || have > want:
		return l.unclear("one of alias and function names $LATEST: the state does not say whether its code is that of a version",
			"the code of each version", "aws lambda list-versions-by-function --function-name "+f.version.text("function_name")+" --output json > versions.json")
	}
	l.Standing = Old
	l.Brief = "version " + names + ", function at " + newest
	l.Title = "alias " + o.version.text("name") + " still names version " + names + ", the function is at " + newest
	l.Proof = append(l.Proof, finding.Statement{Text: f.Name + " is at version " + newest, At: f.version.where("/version")})
	l.Remedy = finding.Remedy{
		Text:     "Set function_version of " + o.Name + " to " + f.Name + ".version and apply, or move the alias:",
		Commands: []string{"aws lambda update-alias --function-name " + f.version.text("function_name") + " --name " + o.version.text("name") + " --function-version " + newest},
	}
	return true
}

func (l *Lag) current() bool {
	l.Standing, l.Proof = Current, nil
	return true
}

func (l *Lag) unclear(why, evidence, get string) bool {
	l.Standing, l.Title, l.Missing = Unclear, why, finding.Missing{Evidence: evidence, Get: get}
	return true
}

// reference is how an object names a launch template.
type reference struct {
	by, version string
	pointer     string // of the version
}

func templateOf(o *Object) (reference, bool) {
	block, ids, pointer := first(o.version.attributes["launch_template"]), [2]string{"id", "name"}, "/launch_template/0"
	if block == nil {
		block = first(o.version.attributes["mixed_instances_policy"])
		block = first(block["launch_template"])
		block = first(block["launch_template_specification"])
		ids = [2]string{"launch_template_id", "launch_template_name"}
		pointer = "/mixed_instances_policy/0/launch_template/0/launch_template_specification/0"
	}
	if block == nil {
		return reference{}, false
	}
	id, _ := lookup(block, ids[0])
	if id == "" {
		id, _ = lookup(block, ids[1])
	}
	v, _ := lookup(block, "version")
	return reference{id, v, pointer + "/version"}, true
}

// first is the one element of a block.
func first(v any) map[string]any {
	list, _ := v.([]any)
	if len(list) != 1 {
		return nil
	}
	m, _ := list[0].(map[string]any)
	return m
}

func (w *owners) template(o *Object, l *Lag, described Described) bool {
	ref, ok := templateOf(o)
	if !ok {
		return false
	}
	t := of(w.templates, "", ref.by)
	l.Proof = []finding.Statement{{Text: "it names version " + ref.version + " of the launch template", At: o.version.where(ref.pointer)}}
	if t == nil {
		return l.unclear("its launch template is not in this state, or its name is that of several", "the state that holds the launch template of "+o.Name, "terraform state pull > terraform.tfstate")
	}
	latest, base := t.version.text("latest_version"), t.version.text("default_version")
	version, from := ref.version, "/latest_version"
	switch version {
	case "$Latest":
		version = latest
	case "$Default", "":
		version = base
	}
	switch have, want := number(version), number(latest); {
	case have < 0 || want < 0 || have > want:
		return l.unclear("the state does not say which version of the launch template is meant", "version of "+o.Name+" and latest_version of "+t.Name, "terraform state pull > terraform.tfstate")
	case have < want:
		l.Standing = Old
		l.Brief = "version " + version + ", latest " + latest
		l.Title = "it still names version " + version + " of " + t.Name + ", whose latest is " + latest
		if ref.version != version {
			l.Proof = append(l.Proof, finding.Statement{Text: "the default version of " + t.Name + " is " + base, At: t.version.where("/default_version")})
		}
		l.Proof = append(l.Proof, finding.Statement{Text: "the latest version of " + t.Name + " is " + latest, At: t.version.where(from)})
		l.Remedy = finding.Remedy{Text: "Set the version of its launch_template to " + t.Name + ".latest_version and apply; instances that run need an instance refresh or a replacement."}
		return true
	case o.Type == "aws_eks_node_group":
		return l.current() // AWS describes the version that its nodes were updated to
	case o.Type == "aws_instance" && ref.version == version:
		return l.current()
	case o.Type == "aws_instance":
		return l.unclear("it names "+ref.version+", and the state does not say which version that was when it was launched", "the version that the instance was launched from",
			"aws ec2 describe-instances --output json > instances.json")
	}
	if described["autoscaling group "+o.version.text("name")] {
		return false
	}
	return l.unclear("the group names the latest version; which one its instances run is in no state", "the instances of the group, with their versions",
		"aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names "+o.version.text("name")+" --output json > group.json")
}

// node holds a node group against the version of its cluster.
func (w *owners) node(o *Object, l *Lag) bool {
	c := of(w.clusters, place(o.version.text("arn")), o.version.text("cluster_name"))
	runs := o.version.text("version")
	if c == nil || runs == "" || c.version.text("version") == "" {
		return false // AWS gives the nodes the cluster's version when none is set
	}
	means := c.version.text("version")
	older, ok := olderMinor(runs, means)
	switch {
	case !ok:
		return false
	case !older:
		return l.current()
	}
	l.Standing = Old
	l.Brief = "Kubernetes " + runs + ", cluster " + means
	l.Title = "its nodes still run Kubernetes " + runs + ", the cluster is at " + means
	l.Proof = []finding.Statement{
		{Text: "the node group is of version " + runs, At: o.version.where("/version")},
		{Text: c.Name + " is of version " + means, At: c.version.where("/version")},
	}
	l.Remedy = finding.Remedy{
		Text: "Set version of " + o.Name + " to that of " + c.Name + " and apply, or update it:",
		Commands: []string{
			"aws eks update-nodegroup-version --cluster-name " + o.version.text("cluster_name") + " --nodegroup-name " + o.version.text("node_group_name") + " --kubernetes-version " + means,
		},
	}
	return true
}

// olderMinor compares Kubernetes versions like 1.29.
func olderMinor(a, b string) (older, ok bool) {
	x, y := minor(a), minor(b)
	return x < y, x >= 0 && y >= 0
}

func minor(s string) int64 {
	major, rest, _ := strings.Cut(s, ".")
	m, _, _ := strings.Cut(rest, ".")
	if number(major) != 1 {
		return -1
	}
	return number(m)
}

func (w *owners) service(o *Object, l *Lag, described Described) bool {
	ref := o.version.text("task_definition")
	if ref == "" {
		return false // an external deployment controller: task sets name it
	}
	short := ref[strings.LastIndexByte(ref, '/')+1:]
	family, revision, _ := strings.Cut(short, ":")
	t := of(w.families, place(ref), family)
	l.Proof = []finding.Statement{{Text: "the service names " + short, At: o.version.where("/task_definition")}}
	if t == nil {
		return l.unclear("its task definition is not in this state, or its family is that of several regions", "the state that holds the task definition "+family, "terraform state pull > terraform.tfstate")
	}
	newest := t.version.text("revision")
	if have, want := number(revision), number(newest); have >= 0 && have < want {
		l.Standing = Old
		l.Brief = "revision " + revision + ", newest " + newest
		l.Title = "it still names revision " + revision + " of " + family + ", the newest here is " + newest
		l.Proof = append(l.Proof, finding.Statement{Text: t.Name + " is revision " + newest, At: t.version.where("/revision")})
		l.Remedy = finding.Remedy{
			Text:     "Set task_definition of " + o.Name + " to " + t.Name + ".arn and apply, or deploy it:",
			Commands: []string{"aws ecs update-service --cluster " + last(o.version.text("cluster")) + " --service " + o.version.text("name") + " --task-definition " + family + ":" + newest},
		}
		return true
	}
	if described["ecs service "+last(o.version.text("cluster"))+"/"+o.version.text("name")] {
		return false
	}
	return l.unclear("the service names the newest revision; which one its tasks run is in no state", "the deployments of the service",
		"aws ecs describe-services --cluster "+last(o.version.text("cluster"))+" --services "+o.version.text("name")+" --output json > services.json")
}

func last(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
