package effect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/tfplan"
)

// TaskDefinitionKept: a new revision of a task definition runs when a service is
// deployed with it.
func TaskDefinitionKept() Case {
	return Case{ByCommand: true, Types: []string{"aws_ecs_service"}, Judge: func(w *World, service *Object) []Outcome {
		if !service.Runs() {
			return nil
		}
		definitions := once(w, "new revisions", func() map[string][]*Object {
			replaced := func(t *Object) bool { return t.Action.Replaces() }
			return byName(those(w.Of("aws_ecs_task_definition"), replaced), "family")
		})
		if len(definitions) == 0 {
			return nil
		}
		now := Text(service.Before("task_definition"))
		for _, t := range definitions[familyOf(now)] {
			if ofFamily(now, t) && together(service, t) != no && !anotherRevision(w, now, t) {
				return keptDefinition(service, t, now)
			}
		}
		return nil
	}}
}

// ofFamily tells whether a service's reference is to a revision of this family:
// an ARN, family:revision, or the family alone.
func ofFamily(ref string, t *Object) bool {
	family := Text(t.Before("family"))
	if ref == "" || family == "" {
		return false
	}
	base, _ := taskRevision(ref)
	if !strings.Contains(base, ":") {
		return base == family
	}
	arn, _ := taskRevision(Text(t.Before("arn")))
	return arn != "" && base == arn
}

// anotherRevision tells whether a service runs a revision of the family that
// another definition of the plan made: families may be kept in two blocks.
func anotherRevision(w *World, ref string, t *Object) bool {
	if ref == Text(t.Before("arn")) {
		return false
	}
	made := once(w, "revisions", func() map[string][]*Object { return byName(w.Of("aws_ecs_task_definition"), "arn") })
	return slices.ContainsFunc(made[ref], func(o *Object) bool { return o != t })
}

// familyOf is the family that a reference names.
func familyOf(ref string) string {
	base, _ := taskRevision(ref)
	return base[strings.LastIndexByte(base, '/')+1:]
}

// taskRevision splits a reference to a task definition into the family and the
// number, 0 when it names none.
func taskRevision(ref string) (string, int) {
	i := strings.LastIndexByte(ref, ':')
	if i < 0 {
		return ref, 0
	}
	n, err := strconv.Atoi(ref[i+1:])
	if err != nil {
		return ref, 0
	}
	return ref[:i], n
}

func keptDefinition(service, t *Object, now string) []Outcome {
	proof := []Fact{{Text: t.Address + " gets a new revision", Object: t, Path: "/actions"}}
	controller := Text(service.Before("deployment_controller.0.type"))
	after := Text(service.After("task_definition"))
	_, named := taskRevision(after)
	newest, _ := Number(t.Before("revision"))
	switch {
	case controller == "CODE_DEPLOY" || controller == "EXTERNAL":
		proof = append([]Fact{
			was(service, "deployment_controller", "the deployment controller of the service is %s", controller),
			was(service, "task_definition", "the service runs %s", now),
		}, proof...)
		return []Outcome{{
			Title: fmt.Sprintf("its tasks stay on the old revision until the %s controller deploys the new one", controller), Proof: proof,
			Missing: []Gap{{
				Evidence: "whether the controller deploys the new revision after the apply: that is not Terraform's to do",
				Get: fmt.Sprintf("aws ecs describe-services --cluster %s --services %s --query 'services[].taskSets'",
					shell(Text(service.Before("cluster"))), shell(Text(service.Before("name")))),
			}},
		}}
	case service.Unknown("task_definition"):
		return []Outcome{{Verdict: InEffect}}
	case !service.Says("task_definition"):
		return []Outcome{notShown(service, "task_definition", "which revision the service runs is not shown", proof...)}
	case named == 0 && service.Action == tfplan.Update && isTrue(service.After("force_new_deployment")):
		return []Outcome{{Verdict: InEffect}} // a family alone means its newest revision when the service is deployed
	case named == 0 && service.Action == tfplan.Update && !service.Stays("task_definition"),
		named > 0 && newest == 0 && !service.Stays("task_definition"):
		return []Outcome{notShown(service, "task_definition", "which revision the service takes is not shown", proof...)}
	case named > 0 && newest > 0 && float64(named) > newest && !service.Stays("task_definition"):
		return []Outcome{{Verdict: InEffect}}
	}
	name, cluster := Text(service.Before("name")), Text(service.Before("cluster"))
	proof = append([]Fact{fact(service, "task_definition", "the service keeps %s", after)}, proof...)
	title := "its tasks stay on the old revision: the plan leaves its task_definition as it is"
	if named > 0 {
		title = fmt.Sprintf("its tasks stay on revision %d: the plan leaves its task_definition as it is", named)
	}
	return []Outcome{{
		Verdict: NotInEffect, Title: title, Proof: proof,
		Remedy: Remedy{
			Text: "Take task_definition out of ignore_changes, or deploy the new revision after the apply.",
			Commands: []string{fmt.Sprintf("aws ecs update-service --cluster %s --service %s --task-definition %s",
				shell(cluster), shell(name), shell(Text(t.Before("family"))))},
		},
	}}
}

// SecretOfTask: secrets and parameters are put into the environment of a
// container when it starts.
func SecretOfTask() Case {
	return Case{ByCommand: true, Types: []string{"aws_ecs_service"}, Judge: func(w *World, service *Object) []Outcome {
		if !service.Runs() {
			return nil
		}
		secrets := once(w, "secrets", func() []secret { return changedSecrets(w) })
		if len(secrets) == 0 || withoutTasks(service) {
			return nil
		}
		now := Text(service.Before("task_definition"))
		definitions := once(w, "task definitions", func() map[string][]*Object {
			there := func(t *Object) bool { return t.Runs() || t.Action.Replaces() }
			return byName(those(w.Of("aws_ecs_task_definition"), there), "family")
		})
		for _, t := range definitions[familyOf(now)] {
			if ofFamily(now, t) && together(service, t) != no && !anotherRevision(w, now, t) {
				return injectedSecrets(service, t, secrets)
			}
		}
		return nil
	}}
}

// withoutTasks tells whether no task of before the apply goes on after it.
func withoutTasks(service *Object) bool {
	if Text(service.Before("scheduling_strategy")) == "DAEMON" {
		return false
	}
	before, ok1 := Number(service.Before("desired_count"))
	after, ok2 := Number(service.After("desired_count"))
	return ok1 && before == 0 || ok2 && after == 0
}

// secret is a changed secret or parameter, by the references that name it.
type secret struct {
	*Object
	edited string
	names  []string
}

// changedSecrets lists the secrets and parameters that get another value.
func changedSecrets(w *World) []secret {
	var out []secret
	for _, o := range w.Of("aws_ssm_parameter") {
		if e := o.EditedOf("value", "insecure_value", "value_wo_version"); o.Action == tfplan.Update && len(e) > 0 {
			e, _ = certain(o, e)
			out = append(out, secret{o, e[0], refs(Text(o.Before("name")), Text(o.Before("arn")))})
		}
	}
	for _, o := range w.Of("aws_secretsmanager_secret_version") {
		stages := words(o.After("version_stages"))
		if len(stages) > 0 && !slices.Contains(stages, "AWSCURRENT") {
			continue
		}
		e := o.EditedOf("secret_string", "secret_binary", "secret_string_wo_version")
		switch {
		case o.Action == tfplan.Create:
			if id := Text(o.After("secret_id")); id != "" {
				out = append(out, secret{o, "secret_id", refs(id)})
			}
		case o.Touched() && len(e) > 0:
			e, _ = certain(o, e)
			out = append(out, secret{o, e[0], refs(Text(o.Before("secret_id")), Text(o.Before("arn")))})
		}
	}
	return out
}

func refs(names ...string) []string {
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

// injects tells whether a valueFrom takes the current value of the secret.
func (s secret) injects(from string) bool {
	for _, n := range s.names {
		if from == n {
			return true
		}
		// arn:json-key:version-stage:version-id
		if rest, ok := strings.CutPrefix(from, n+":"); ok && strings.HasPrefix(n, "arn:") {
			part := append(strings.Split(rest, ":"), "", "", "")
			return part[2] == "" && (part[1] == "" || part[1] == "AWSCURRENT")
		}
	}
	return false
}

func injectedSecrets(service, t *Object, secrets []secret) []Outcome {
	text := Text(t.Before("container_definitions"))
	if text == "" {
		if deploys(service) == InEffect {
			return nil
		}
		return []Outcome{notShown(t, "container_definitions", "which of the changed secrets its tasks hold is not shown",
			fact(secrets[0].Object, secrets[0].edited, "%s gets another value", secrets[0].Address))}
	}
	froms := valueFroms(text)
	var out []Outcome
	for _, s := range secrets {
		if !slices.ContainsFunc(froms, func(from string) bool {
			return s.injects(from) && (strings.HasPrefix(from, "arn:") || together(service, s.Object) != no)
		}) {
			continue
		}
		o := Outcome{Verdict: NotInEffect, Discriminator: s.Address, Proof: []Fact{
			fact(s.Object, s.edited, "%s gets another value", s.Address),
			was(t, "container_definitions", "%s injects it when a container starts", t.Address),
			{Text: "the plan does not deploy " + service.Address, Object: service, Path: "/actions"},
		}}
		switch deploys(service) {
		case InEffect:
			o = Outcome{Verdict: InEffect, Discriminator: s.Address}
		case Unknown:
			o.Verdict, o.Title = Unknown, "whether the service is deployed with the new value of "+s.Address+" is not shown"
			o.Missing = []Gap{{
				Evidence: "whether the update of " + service.Address + " starts new tasks",
				Get: fmt.Sprintf("aws ecs describe-services --cluster %s --services %s",
					shell(Text(service.Before("cluster"))), shell(Text(service.Before("name")))),
			}}
		default:
			o.Title = "its tasks keep the old value of " + s.Address + ": it was injected when they started"
			o.Remedy = Remedy{
				Text: "Deploy the service after the apply.",
				Commands: []string{fmt.Sprintf("aws ecs update-service --cluster %s --service %s --force-new-deployment",
					shell(Text(service.Before("cluster"))), shell(Text(service.Before("name"))))},
			}
		}
		if out = append(out, ifChanged(o, s.Object, []string{s.edited})); enough(out) {
			break
		}
	}
	return out
}

// quiet are the settings of a service whose update replaces no tasks. Of most
// others the API says that it starts new ones.
var quiet = []string{
	"desired_count", "tags", "tags_all", "wait_for_steady_state", "timeouts", "force_delete", "sigint_rollback",
}

// deploys tells whether the plan starts new tasks of a service.
func deploys(service *Object) Verdict {
	if service.Action == tfplan.NoOp {
		return NotInEffect
	}
	shown := service.Says("task_definition") || service.Unknown("task_definition")
	if shown && service.Edited("task_definition") || isTrue(service.After("force_new_deployment")) {
		return InEffect
	}
	d, err := service.Detail()
	if err != nil || !shown {
		return Unknown
	}
	for name := range d.After {
		if service.Edited(name) && !slices.Contains(quiet, name) {
			return Unknown
		}
	}
	for name := range d.AfterUnknown {
		if service.Unknown(name) && !slices.Contains(quiet, name) {
			return Unknown
		}
	}
	return NotInEffect
}

// valueFroms lists the secrets that container definitions inject.
func valueFroms(definitions string) []string {
	type from struct {
		ValueFrom string `json:"valueFrom"`
	}
	var containers []struct {
		Secrets          []from `json:"secrets"`
		LogConfiguration struct {
			SecretOptions []from `json:"secretOptions"`
		} `json:"logConfiguration"`
	}
	if json.Unmarshal([]byte(definitions), &containers) != nil {
		return nil
	}
	var out []string
	for _, c := range containers {
		for _, s := range append(c.Secrets, c.LogConfiguration.SecretOptions...) {
			out = append(out, s.ValueFrom)
		}
	}
	return out
}
