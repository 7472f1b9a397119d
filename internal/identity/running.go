package identity

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/awsdump"
	"polygraph/internal/finding"
)

// Describe lists the groups and services that a root of dumps shows.
func Describe(r *Root) Described {
	out := Described{}
	for i := range r.Objects {
		if d := r.Objects[i].dumped; d != nil && (d.Type == "autoscaling group" || d.Type == "ecs service") {
			out[title(d)] = true
		}
	}
	return out
}

// BehindDumps tells who still runs an older version, as AWS described it.
func BehindDumps(r *Root) []Lag {
	x := &running{by: map[string][]*Object{}, owned: map[string][]*Object{}}
	for i := range r.Objects {
		o := &r.Objects[i]
		d := o.dumped
		x.by[title(d)] = append(x.by[title(d)], o)
		if d.Owner != "" {
			x.owned[d.Type+" of "+d.Owner] = append(x.owned[d.Type+" of "+d.Owner], o)
		}
		if d.Type == "launch template" {
			x.by["launch template "+d.Identity] = append(x.by["launch template "+d.Identity], o)
		}
	}
	var out []Lag
	for i := range r.Objects {
		o := &r.Objects[i]
		switch o.dumped.Type {
		case "autoscaling group":
			out = append(out, x.group(o)...)
		case "ecs service":
			out = append(out, x.service(o))
		case "lambda alias":
			out = append(out, x.alias(o))
		case "eks node group":
			if l, ok := x.node(o); ok {
				out = append(out, l)
			}
		case "db instance", "db cluster", "cache cluster", "replication group", "cloudfront distribution":
			out = append(out, waiting(o)...)
		}
	}
	return out
}

type running struct {
	by    map[string][]*Object // by title
	owned map[string][]*Object // by type and owner
}

func lag(o *Object) Lag { return Lag{Name: o.Name, Subject: o.Subject} }

// versionAt locates the version of a dumped object.
func versionAt(o *Object) finding.Location {
	at := o.At
	at.Pointer += o.dumped.VersionAt
	return at
}

func (x *running) one(title string) *awsdump.Object {
	if o := x.by[title]; len(o) > 0 {
		return o[0].dumped
	}
	return nil
}

// group holds the instances of a group against what the group says.
func (x *running) group(o *Object) []Lag {
	d := o.dumped
	l := lag(o)
	want := d.Version
	if t := x.one("launch template " + d.Template); t != nil {
		switch want {
		case "$Latest":
			want = t.Version
		case "$Default", "":
			want = t.Default
		}
	}
	l.Proof = []finding.Statement{{Text: "the group says version " + d.Version, At: versionAt(o)}}
	instances := x.owned["instance of a group of "+d.Name]
	var behind []string
	open := d.Lacks != ""
	for _, in := range instances {
		switch {
		case in.dumped.Version == "" || in.dumped.Template == "":
			open = true
		case in.dumped.Template == d.Template && in.dumped.Version == want:
		case slices.Contains(d.Alternatives, in.dumped.Template+" "+in.dumped.Version):
		case in.dumped.Template != d.Template && slices.ContainsFunc(d.Alternatives, func(t string) bool { return strings.HasPrefix(t, in.dumped.Template+" ") }):
			open = true // an override's template: the dumps need not say which number its version is
		case in.dumped.Template == d.Template && (want == "" || want[0] == '$' && number(in.dumped.Version) >= 0):
			open = true
		default:
			behind = append(behind, in.dumped.Name)
			l.Proof = append(l.Proof, finding.Statement{Text: "instance " + in.dumped.Name + " runs version " + in.dumped.Version, At: versionAt(in)})
		}
	}
	switch {
	case len(behind) > 0:
		l.Standing = Old
		l.Brief = fmt.Sprintf("%d of %s not at %s", len(behind), count(len(instances), "instance", "instances"), want)
		l.Title = fmt.Sprintf("%d of its %s still run another version than the group says (%s)", len(behind), count(len(instances), "instance", "instances"), want)
		// The place to look first is the first instance.
		l.Proof[0], l.Proof[1] = l.Proof[1], l.Proof[0]
		l.Remedy = finding.Remedy{Text: "Replace its instances:", Commands: []string{"aws autoscaling start-instance-refresh --auto-scaling-group-name " + d.Name}}
	case open:
		l.unclear("the group says "+said(d.Version)+", and the dumps do not say which number that is", "the launch templates, or the versions of the instances",
			"aws ec2 describe-launch-templates --output json > templates.json")
	default:
		l.current()
	}
	return []Lag{l}
}

func said(v string) string {
	if v == "" {
		return "no version"
	}
	return v
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// service holds deployments and tasks against the service's task definition.
func (x *running) service(o *Object) Lag {
	d := o.dumped
	l := lag(o)
	says := finding.Statement{Text: "the service says " + last(d.Version), At: versionAt(o)}
	if d.Lacks == "taskSets" {
		l.Proof = []finding.Statement{{Text: "another controller than ECS deploys the service, or it names no task definition", At: o.At}}
		l.unclear("which task definition is meant stands in its task sets, which are not read", "the task sets of the service and their tasks",
			"aws ecs describe-task-sets --cluster "+d.Owner+" --service "+d.Name+" --output json")
		return l
	}
	key := d.Owner + "/" + d.Name
	old := 0
	for _, p := range x.owned["ecs deployment of "+key] {
		if p.dumped.State != "PRIMARY" && p.dumped.Running > 0 && p.dumped.Version != d.Version {
			old += p.dumped.Running
			l.Proof = append(l.Proof, finding.Statement{
				Text: fmt.Sprintf("a deployment that is %s runs %s of %s", p.dumped.State, count(p.dumped.Running, "task", "tasks"), last(p.dumped.Version)), At: versionAt(p),
			})
		}
	}
	if old == 0 {
		for _, t := range x.owned["ecs task of "+key] {
			if t.dumped.State == "RUNNING" && t.dumped.Version != d.Version {
				old++
				l.Proof = append(l.Proof, finding.Statement{Text: "task " + t.dumped.Name + " runs " + last(t.dumped.Version), At: versionAt(t)})
			}
		}
	}
	switch {
	case old > 0:
		l.Standing = Old
		l.Title = fmt.Sprintf("%s run another revision than %s", count(old, "task still", "tasks still"), last(d.Version))
		l.Proof = append(l.Proof, says)
		l.Remedy = finding.Remedy{Text: "Wait until the deployment is done, and look again:", Commands: []string{"aws ecs wait services-stable --cluster " + d.Owner + " --services " + d.Name}}
	case len(x.owned["ecs deployment of "+key])+len(x.owned["ecs task of "+key]) == 0:
		l.Proof = []finding.Statement{says}
		l.unclear("neither its deployments nor its tasks are in the dumps", "the tasks of the service", "aws ecs describe-services --cluster "+d.Owner+" --services "+d.Name+" --output json > services.json")
	default:
		l.current()
	}
	return l
}

// alias holds an alias against the newest published version of its function.
func (x *running) alias(o *Object) Lag {
	d := o.dumped
	l := lag(o)
	l.Proof = []finding.Statement{{Text: "the alias names version " + d.Version, At: versionAt(o)}}
	var newest *Object
	for _, v := range x.owned["lambda version of "+d.Owner] {
		if n := number(v.dumped.Version); n >= 0 && (newest == nil || n > number(newest.dumped.Version)) {
			newest = v
		}
	}
	get := "aws lambda list-versions-by-function --function-name " + d.Owner + " --output json > versions.json"
	switch {
	case newest == nil:
		l.unclear("the versions of its function are not in the dumps", "the published versions of "+d.Owner, get)
	case number(d.Version) < 0 || number(d.Version) > number(newest.dumped.Version):
		l.unclear("the alias names "+said(d.Version)+", which is none of the published versions", "the published versions of "+d.Owner, get)
	case number(d.Version) < number(newest.dumped.Version) || slices.ContainsFunc(d.Alternatives, func(v string) bool { return v != newest.dumped.Version }):
		l.Standing = Old
		l.Brief = "version " + d.Version + ", newest " + newest.dumped.Version
		l.Title = "alias " + d.Name + " still names version " + d.Version + ", the newest is " + newest.dumped.Version
		if d.Version == newest.dumped.Version {
			l.Brief = "a part of its calls"
			l.Title = "alias " + d.Name + " still sends a part of its calls to an older version"
		}
		l.Proof = append(l.Proof, finding.Statement{Text: "version " + newest.dumped.Version + " is published", At: versionAt(newest)})
		l.Remedy = finding.Remedy{
			Text:     "Move the alias:",
			Commands: []string{"aws lambda update-alias --function-name " + d.Owner + " --name " + d.Name + " --function-version " + newest.dumped.Version},
		}
	default:
		l.current()
	}
	return l
}

func (x *running) node(o *Object) (Lag, bool) {
	d := o.dumped
	l := lag(o)
	c := x.by["eks cluster "+d.Owner]
	if len(c) == 0 {
		l.Proof = []finding.Statement{{Text: "the node group is of version " + said(d.Version), At: o.At}}
		l.unclear("its cluster is not in the dumps", "the version of the cluster", "aws eks describe-cluster --name "+d.Owner+" --output json > cluster.json")
		return l, true
	}
	older, ok := olderMinor(d.Version, c[0].dumped.Version)
	switch {
	case !ok:
		return l, false
	case !older:
		l.current()
		return l, true
	}
	l.Standing = Old
	l.Brief = "Kubernetes " + d.Version + ", cluster " + c[0].dumped.Version
	l.Title = "its nodes still run Kubernetes " + d.Version + ", the cluster is at " + c[0].dumped.Version
	l.Proof = []finding.Statement{
		{Text: "the node group is of version " + d.Version, At: versionAt(o)},
		{Text: "the cluster is of version " + c[0].dumped.Version, At: versionAt(c[0])},
	}
	l.Remedy = finding.Remedy{Text: "Update it:", Commands: []string{
		"aws eks update-nodegroup-version --cluster-name " + d.Owner + " --nodegroup-name " + d.Name + " --kubernetes-version " + c[0].dumped.Version,
	}}
	return l, true
}

// waiting reports settings that are stored and not in effect, or one Lag that
// there are none.
func waiting(o *Object) []Lag {
	d := o.dumped
	l := lag(o)
	var sure, open []awsdump.Wait
	for _, w := range d.Waits {
		if w.Sure {
			sure = append(sure, w)
		} else {
			open = append(open, w)
		}
	}
	at := func(w awsdump.Wait) finding.Location {
		x := o.At
		x.Pointer = w.At
		return x
	}
	for _, w := range append(slices.Clone(sure), open...) {
		l.Proof = append(l.Proof, finding.Statement{Text: "not in effect: " + w.What + " (" + w.Until + ")", At: at(w)})
	}
	switch {
	case len(sure) > 0:
		l.Standing = Old
		l.Title = sure[0].What + " is not in effect (" + sure[0].Until + ")"
		if len(sure) > 1 {
			l.Title = fmt.Sprintf("%d settings are stored and not in effect, the first is %s", len(sure), sure[0].What)
		}
		l.Remedy = finding.Remedy{Text: "Let it take effect, and describe it again: a reboot for parameters, the maintenance window or apply-immediately for settings, waiting for a distribution."}
	case len(open) > 0:
		l.unclear(open[0].What+" were being applied when this was printed", "the same call, later", "aws <service> describe-... --output json > FILE.json")
	case d.Lacks != "":
		l.Proof = []finding.Statement{{Text: "the call was cut down", At: o.At}}
		l.unclear("the dump has no "+d.Lacks+", so what waits is not known", d.Lacks+" of "+o.Name, "aws <service> describe-... --output json > FILE.json")
	case d.Type == "cloudfront distribution" && d.State != "Deployed":
		l.Proof = []finding.Statement{{Text: "the call shows no status that is known", At: o.At}}
		l.unclear("its status is not known", "its status", "aws cloudfront get-distribution --id "+d.Name+" --output json > distribution.json")
	default:
		l.current()
	}
	return []Lag{l}
}
