package effect

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/tfplan"
)

// minimum is an attribute that says how many of an object run at least, or run.
type minimum struct {
	path string
	says string // what zero of it means
}

const (
	mayRunNone = "it may be scaled to nothing"
	runsNone   = "nothing of it runs"
)

// minimums are the attributes of each type. A path may lead through blocks.
var minimums = map[string][]minimum{
	"aws_autoscaling_group":                     {{"desired_capacity", runsNone}, {"min_size", mayRunNone}},
	"aws_ecs_service":                           {{"desired_count", runsNone}},
	"aws_appautoscaling_target":                 {{"min_capacity", mayRunNone}},
	"aws_lambda_function":                       {{"reserved_concurrent_executions", "every call of it is throttled"}},
	"google_cloud_run_v2_service":               {{"template.0.scaling.0.min_instance_count", mayRunNone}, {"scaling.0.min_instance_count", mayRunNone}},
	"google_cloudfunctions2_function":           {{"service_config.0.min_instance_count", mayRunNone}},
	"google_cloud_run_service":                  {{"template.0.metadata.0.annotations.autoscaling.knative.dev/minScale", mayRunNone}},
	"kubernetes_deployment":                     {{"spec.0.replicas", runsNone}},
	"kubernetes_deployment_v1":                  {{"spec.0.replicas", runsNone}},
	"kubernetes_stateful_set":                   {{"spec.0.replicas", runsNone}},
	"kubernetes_stateful_set_v1":                {{"spec.0.replicas", runsNone}},
	"azurerm_container_app":                     {{"template.0.min_replicas", mayRunNone}},
	"azurerm_linux_virtual_machine_scale_set":   {{"instances", runsNone}},
	"azurerm_windows_virtual_machine_scale_set": {{"instances", runsNone}},
}

func scaledTypes() []string {
	return []string{
		"aws_autoscaling_group", "aws_ecs_service", "aws_appautoscaling_target", "aws_lambda_function",
		"google_cloud_run_v2_service", "google_cloud_run_service", "google_cloudfunctions2_function",
		"kubernetes_deployment", "kubernetes_deployment_v1", "kubernetes_stateful_set", "kubernetes_stateful_set_v1",
		"azurerm_container_app", "azurerm_linux_virtual_machine_scale_set", "azurerm_windows_virtual_machine_scale_set",
	}
}

// ScaledToZero: a minimum of zero on what serves traffic. It is stored like any
// other number.
func ScaledToZero() Case {
	return Case{Types: scaledTypes(), Judge: func(w *World, o *Object) []Outcome {
		if !o.Touched() {
			return nil
		}
		s, told := serving{}, false
		var out []Outcome
		for _, m := range minimums[o.TypeName()] {
			before, ok := count(o, o.Before, m)
			if !ok || !edited(o, m) {
				continue
			}
			if before <= 0 && !(before == -1 && m.path == "reserved_concurrent_executions") {
				continue // there was none before
			}
			if !told {
				s, told = servingOf(w, o), true
			}
			if r, ok := judgeMinimum(w, o, m, s); ok {
				out = append(out, withName(m.path, r))
			}
		}
		return out
	}}
}

// edited is Edited for a minimum: a key of a map has dots of its own.
func edited(o *Object, m minimum) bool {
	if at, _, ok := annotation(m.path); ok {
		return o.Edited(at)
	}
	return o.Edited(m.path)
}

// annotation splits the path of a knative annotation, whose key has dots.
func annotation(path string) (at, key string, ok bool) {
	const key0 = "autoscaling.knative.dev/minScale"
	at, ok = strings.CutSuffix(path, "."+key0)
	return at, key0, ok
}

func count(o *Object, side func(string) any, m minimum) (float64, bool) {
	if at, key, ok := annotation(m.path); ok {
		annotations, _ := side(at).(map[string]any)
		return Number(annotations[key])
	}
	return Number(side(m.path))
}

func judgeMinimum(w *World, o *Object, m minimum, s serving) (Outcome, bool) {
	at, key, annotated := annotation(m.path)
	if !annotated {
		at = m.path
	}
	before, _ := count(o, o.Before, m)
	after, ok := count(o, o.After, m)
	if s.state == servesNone {
		return Outcome{}, false
	}
	name := lastName(m.path)
	switch {
	case o.Unknown(at):
		if s.state != serves {
			return Outcome{}, false
		}
		return knownLater(o, at, "whether it keeps an instance is not known until apply", s.proof...), true
	case !ok && annotated, !ok && o.TypeName() == "google_cloud_run_v2_service", !ok && o.TypeName() == "azurerm_container_app":
		after = 0 // without the setting there is no minimum
	case !ok && o.TypeName() == "google_cloudfunctions2_function":
		after = 0
	case !ok:
		return Outcome{}, false // left to who else sets it
	}
	for _, other := range minimums[o.TypeName()] {
		// A Cloud Run service has one minimum of its own and one of its revision.
		if n, ok := count(o, o.After, other); ok && n > 0 && o.TypeName() == "google_cloud_run_v2_service" {
			after = n
		}
	}
	if after != 0 {
		if s.state != serves {
			return Outcome{}, false
		}
		return Outcome{Verdict: InEffect}, true
	}
	zero := fact(o, at, "`%s` goes to 0", name)
	if annotated {
		zero.Text = fmt.Sprintf("the annotation %s goes to 0", key)
	}
	out := Outcome{Proof: append([]Fact{zero}, s.proof...)}
	if s.state == servesUnknown {
		out.Title = fmt.Sprintf("`%s` goes to 0; whether it serves traffic is not shown", name)
		out.Missing = []Gap{{Evidence: "whether " + o.Address + " serves traffic", Get: s.get}}
		return out, true
	}
	if target := floorOf(w, o); target != nil {
		out.Title = fmt.Sprintf("`%s` goes to 0, and %s may raise it again", name, target.Address)
		out.Proof = append(out.Proof, fact(target, "min_capacity", "%s keeps more than none", target.Address))
		out.Missing = []Gap{{
			Evidence: "how many tasks run after the apply",
			Get: fmt.Sprintf("aws ecs describe-services --cluster %s --services %s",
				shell(Text(o.Before("cluster"))), shell(Text(o.Before("name")))),
		}}
		return out, true
	}
	if other := takesOver(w, o, m); other != nil {
		out.Title = fmt.Sprintf("`%s` goes to 0, and %s may take its place", name, other.Address)
		out.Proof = append(out.Proof, fact(other, m.path, "%s comes up in the same apply", other.Address))
		out.Missing = []Gap{{Evidence: "whether " + other.Address + " takes over what " + o.Address + " serves", Get: "look at where the load balancer sends the traffic after the apply"}}
		return out, true
	}
	out.Verdict = NotInEffect
	out.Title = fmt.Sprintf("`%s` goes to 0 on what serves traffic: %s", name, m.says)
	out.Remedy = Remedy{Text: "Keep at least one: set it back to what it was, or to 1."}
	if !annotated && before > 0 {
		out.Remedy.Patch = fmt.Sprintf("%s = %d", name, int(before))
	}
	return out, true
}

// takesOver is another object of the type that the plan brings up from nothing
// and that serves too: the green one of a blue one.
func takesOver(w *World, o *Object, m minimum) *Object {
	rising := once(w, "rising "+o.TypeName()+" "+m.path, func() []*Object {
		return those(w.Of(o.TypeName()), func(x *Object) bool {
			before, had := count(x, x.Before, m)
			after, ok := count(x, x.After, m)
			up := x.Action == tfplan.Create || x.Action == tfplan.Update && had && before == 0
			return up && ok && after > 0 && servingOf(w, x).state == serves
		})
	})
	for _, x := range rising {
		if together(x, o) != no {
			return x
		}
	}
	return nil
}

func lastName(path string) string {
	if at, _, ok := annotation(path); ok {
		return lastName(at)
	}
	return path[strings.LastIndexByte(path, '.')+1:]
}

// floorOf is the autoscaling target that keeps the tasks of an ECS service above
// zero after the apply.
func floorOf(w *World, o *Object) *Object {
	if o.TypeName() != "aws_ecs_service" {
		return nil
	}
	return once(w, "floors", func() map[*Object]*Object {
		found := map[*Object]*Object{}
		for _, t := range w.Of("aws_appautoscaling_target") {
			if t.Action == tfplan.Delete {
				continue
			}
			s := serviceOf(w, t)
			if s == nil || found[s] != nil {
				continue
			}
			if n, ok := Number(t.After("min_capacity")); t.Unknown("min_capacity") || ok && n > 0 {
				found[s] = t
			}
		}
		return found
	})[o]
}

// serviceOf is the ECS service that an autoscaling target scales:
// service/cluster/name.
func serviceOf(w *World, target *Object) *Object {
	id := Text(target.Before("resource_id"))
	if id == "" {
		id = Text(target.After("resource_id"))
	}
	part := strings.Split(id, "/")
	if len(part) != 3 || part[0] != "service" {
		return nil
	}
	return once(w, "services", func() map[string]*Object {
		found := map[string]*Object{}
		for _, s := range w.Of("aws_ecs_service") {
			cluster := s.Now("cluster")
			key := cluster[strings.LastIndexByte(cluster, '/')+1:] + "/" + s.Now("name")
			if found[key] == nil && s.Now("name") != "" {
				found[key] = s
			}
		}
		return found
	})[part[1]+"/"+part[2]]
}

type servingState uint8

const (
	servesUnknown servingState = iota
	serves
	servesNone
)

// serving is what the plan shows about whether an object serves traffic.
type serving struct {
	state servingState
	proof []Fact
	get   string // for servesUnknown
}

func servingOf(w *World, o *Object) serving {
	switch o.TypeName() {
	case "aws_autoscaling_group":
		return groupServes(w, o)
	case "aws_ecs_service":
		return byList(o, "load_balancer", "a load balancer sends it traffic")
	case "aws_appautoscaling_target":
		return targetServes(w, o)
	case "aws_lambda_function":
		return functionServes(w, o)
	case "google_cloudfunctions2_function":
		if nonEmptyList(o.After("event_trigger")) {
			return serving{state: servesNone} // it is called by events
		}
		fallthrough
	case "google_cloud_run_v2_service", "google_cloud_run_service":
		return serving{state: serves, proof: []Fact{{Text: "it answers requests: that is what a " + o.TypeName() + " is for", Object: o, Path: "/actions"}}}
	case "azurerm_container_app":
		return byList(o, "ingress", "it has an ingress")
	case "azurerm_linux_virtual_machine_scale_set", "azurerm_windows_virtual_machine_scale_set":
		return scaleSetServes(o)
	}
	return podsServe(w, o)
}

// byList tells by a block whether an object serves: an empty one says that it
// does not.
func byList(o *Object, path, text string) serving {
	switch {
	case nonEmptyList(o.After(path)):
		return serving{state: serves, proof: []Fact{fact(o, path, "%s", text)}}
	case o.Unknown(path) || !o.Says(path):
		return serving{get: "look at `" + path + "` of " + o.Address + " in the configuration"}
	}
	return serving{state: servesNone}
}

func groupServes(w *World, group *Object) serving {
	for _, p := range []string{"target_group_arns", "load_balancers", "traffic_source"} {
		if nonEmptyList(group.After(p)) {
			return serving{state: serves, proof: []Fact{fact(group, p, "it is registered with a load balancer: `%s`", p)}}
		}
	}
	attachments := once(w, "attachments", func() map[string][]*Object {
		return byName(w.Of("aws_autoscaling_attachment", "aws_autoscaling_traffic_source_attachment"), "autoscaling_group_name")
	})
	for _, a := range attachments[groupName(group)] {
		if a.Action != tfplan.Delete {
			return serving{state: serves, proof: []Fact{was(a, "autoscaling_group_name", "%s registers it with a load balancer", a.Address)}}
		}
	}
	for _, p := range []string{"target_group_arns", "load_balancers"} {
		if group.Unknown(p) || !group.Says(p) {
			return serving{get: "aws autoscaling describe-traffic-sources --auto-scaling-group-name " + shell(groupName(group))}
		}
	}
	return serving{state: servesNone}
}

func targetServes(w *World, target *Object) serving {
	if ns := Text(target.Before("service_namespace")); ns != "" && ns != "ecs" {
		return serving{state: servesNone} // their minimum is no instance that answers requests
	}
	if s := serviceOf(w, target); s != nil {
		found := byList(s, "load_balancer", "a load balancer sends "+s.Address+" traffic")
		return found
	}
	part := strings.Split(Text(target.Before("resource_id")), "/")
	if len(part) != 3 {
		return serving{get: "look up what " + target.Address + " scales"}
	}
	return serving{get: fmt.Sprintf("aws ecs describe-services --cluster %s --services %s", shell(part[1]), shell(part[2]))}
}

// front are the services that call a function for somebody who waits.
var front = []string{"apigateway.amazonaws.com", "elasticloadbalancing.amazonaws.com", "cloudfront.amazonaws.com", "edgelambda.amazonaws.com"}

func functionServes(w *World, o *Object) serving {
	f := functionOf(o)
	name := functionName(f.name)
	if name == "" {
		name = functionName(f.arn)
	}
	of := func(typ string) []*Object {
		return once(w, "of function "+typ, func() map[string][]*Object {
			found := map[string][]*Object{}
			for _, x := range w.Of(typ) {
				if name := functionName(x.Now("function_name")); name != "" && x.Action != tfplan.Delete && callsFront(x) {
					found[name] = append(found[name], x)
				}
			}
			return found
		})[name]
	}
	for _, u := range of("aws_lambda_function_url") {
		if u.Action != tfplan.Delete && f.named(Text(u.Before("function_name"))) {
			return serving{state: serves, proof: []Fact{was(u, "function_name", "%s gives it a URL", u.Address)}}
		}
	}
	for _, p := range of("aws_lambda_permission") {
		if p.Action == tfplan.Delete || !f.named(Text(p.Before("function_name"))) {
			continue
		}
		for _, principal := range front {
			if Text(p.Before("principal")) == principal {
				return serving{state: serves, proof: []Fact{was(p, "principal", "%s lets %s call it", p.Address, principal)}}
			}
		}
	}
	return serving{get: "aws lambda get-policy --function-name " + shell(Text(o.Before("function_name")))}
}

// callsFront leaves the permissions out that are for other services.
func callsFront(o *Object) bool {
	return o.TypeName() != "aws_lambda_permission" || slices.Contains(front, o.Now("principal"))
}

func scaleSetServes(o *Object) serving {
	for i, n := range elements(o.After("network_interface")) {
		m, _ := n.(map[string]any)
		for j, c := range elements(m["ip_configuration"]) {
			ip, _ := c.(map[string]any)
			for _, p := range []string{"load_balancer_backend_address_pool_ids", "application_gateway_backend_address_pool_ids"} {
				if nonEmptyList(ip[p]) {
					path := fmt.Sprintf("network_interface.%d.ip_configuration.%d.%s", i, j, p)
					return serving{state: serves, proof: []Fact{fact(o, path, "it is in the pool of a load balancer")}}
				}
			}
		}
	}
	if o.Unknown("network_interface") || !o.Says("network_interface") {
		return serving{get: "look at `network_interface` of " + o.Address + " in the configuration"}
	}
	return serving{state: servesNone}
}

// podsServe looks for a Service whose selector picks the pods.
func podsServe(w *World, o *Object) serving {
	labels, _ := o.Before("spec.0.template.0.metadata.0.labels").(map[string]any)
	namespace := Text(o.Before("metadata.0.namespace"))
	for _, s := range w.Of("kubernetes_service", "kubernetes_service_v1") {
		selector, _ := s.Before("spec.0.selector").(map[string]any)
		if s.Action == tfplan.Delete || len(selector) == 0 || Text(s.Before("metadata.0.namespace")) != namespace {
			continue
		}
		picks := true
		for k, v := range selector {
			picks = picks && tfplan.Equal(labels[k], v)
		}
		if picks {
			return serving{state: serves, proof: []Fact{was(s, "spec", "%s sends traffic to its pods", s.Address)}}
		}
	}
	if namespace == "" {
		namespace = "default"
	}
	return serving{get: "kubectl get services -o wide -n " + shell(namespace)}
}
