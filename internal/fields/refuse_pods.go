package fields

import (
	"strings"

	"polygraph/internal/kubeobj"
)

const (
	podSays = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
		"`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
		"`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
	podSource = coreValidation + "ValidatePodUpdate, 1.37.2"
	podOpen   = "spec.containers.image spec.initContainers.image spec.activeDeadlineSeconds spec.tolerations spec.schedulingGates " +
		"spec.terminationGracePeriodSeconds spec.nodeSelector spec.affinity"
	podResources = "spec.containers.resources spec.initContainers.resources spec.containers.resizePolicy spec.initContainers.resizePolicy"
)

var podRefusals = []refusal{
	{
		rule:    rule{kinds: "Pod", fields: podResources, from: 33},
		says:    podSays,
		because: "a pod is resized through its resize subresource: kubectl patch pod NAME --subresource resize",
		source:  podSource,
	},
	{
		rule:    rule{kinds: "Pod", fields: "spec.ephemeralContainers"},
		says:    podSays,
		because: "ephemeral containers are added through their subresource: kubectl debug",
		source:  podSource,
	},
	{
		rule: rule{kinds: "Pod", fields: "spec.containers spec.initContainers", but: "spec.containers.image spec.initContainers.image", asks: "a container comes or goes", when: func(c *change, e *Edit) answer {
			f := "spec.containers"
			if within(e.Field, "spec.initContainers") {
				f = "spec.initContainers"
			}
			return when(e.Field == f && len(items(c.was(f))) != len(items(c.is(f))))
		}},
		says:    "pod updates may not add or remove containers",
		because: "a pod keeps its containers",
		source:  coreValidation + "ValidateContainerUpdates, 1.37.2",
	},
	{
		rule:    rule{kinds: "Pod", fields: "spec", but: podOpen},
		says:    podSays,
		because: "a pod keeps its spec; another one has to be made",
		source:  podSource,
	},
	{
		rule: rule{kinds: "Pod", fields: "spec.activeDeadlineSeconds", asks: "it is removed or raised", when: func(c *change, _ *Edit) answer {
			was, is := c.was("spec.activeDeadlineSeconds"), c.is("spec.activeDeadlineSeconds")
			return when(!was.Empty() && (is.Empty() || integer(is, 0) > integer(was, 0)))
		}},
		says:    "must be less than or equal to previous value",
		because: "a deadline may be set once and then only shortened",
		source:  podSource,
	},
	{
		rule: rule{kinds: "Pod", fields: "spec.tolerations", asks: "one of the tolerations goes, or changes but in its tolerationSeconds", when: func(c *change, _ *Edit) answer {
			return when(lostToleration(c))
		}},
		says:    "existing toleration can not be modified except its tolerationSeconds",
		because: "tolerations are only added",
		source:  coreValidation + "validateOnlyAddedTolerations, 1.37.2",
	},
	{
		rule: rule{kinds: "Pod", fields: "spec.terminationGracePeriodSeconds", asks: "it was not negative or does not become 1", when: func(c *change, _ *Edit) answer {
			return when(integer(c.was("spec.terminationGracePeriodSeconds"), 30) >= 0 || integer(c.is("spec.terminationGracePeriodSeconds"), 30) != 1)
		}},
		says:    podSays,
		because: "a pod keeps its spec; another one has to be made",
		source:  podSource,
	},
	{
		rule: rule{kinds: "Pod", fields: "spec.schedulingGates", asks: "a gate is added", when: func(c *change, _ *Edit) answer {
			return when(addedGate(c))
		}},
		says:    "only deletion is allowed, but found new scheduling gate",
		because: "gates are only taken away",
		source:  coreValidation + "validateOnlyDeletedSchedulingGates, 1.37.2",
	},
	{
		rule: rule{kinds: "Pod", fields: "spec.nodeSelector", asks: "the pod has no scheduling gates, or a selector is changed or removed", when: func(c *change, e *Edit) answer {
			if c.was("spec.schedulingGates").Empty() {
				return yes
			}
			return when(e.Old != nil)
		}},
		says:    "only additions to spec.nodeSelector are allowed (no mutations or deletions)",
		because: "where a pod may run is open only while scheduling gates hold it back, and only for more requirements",
		source:  coreValidation + "ValidatePodUpdate, validateNodeSelectorMutation, 1.37.2",
	},
	{
		rule: rule{
			kinds: "Pod", fields: "spec.affinity", when: affinityLocked,
			asks: "the pod has no scheduling gates, or anything but required expressions of nodeAffinity is added",
		},
		says:    podSays,
		because: "where a pod may run is open only while scheduling gates hold it back, and only for more requirements of nodeAffinity",
		source:  coreValidation + "ValidatePodUpdate, validateNodeAffinityMutation, 1.37.2",
	},
	{
		rule: rule{kinds: "Pod", fields: "metadata.annotations", asks: "it is one of AppArmor or of a mirror pod", when: func(_ *change, e *Edit) answer {
			return when(podAnnotation(e.Old) || podAnnotation(e.New))
		}},
		says:    "may not remove or update AppArmor annotations",
		because: "the annotation is part of how the pod was started",
		source:  coreValidation + "ValidatePodSpecificAnnotationUpdates, 1.37.2",
	},
}

func items(v *kubeobj.Value) []kubeobj.Value {
	if v == nil {
		return nil
	}
	return v.Items
}

// lostToleration tells whether a toleration goes. Those that the admission of
// DefaultTolerationSeconds gives each pod come back by themselves.
func lostToleration(c *change) bool {
	for _, t := range c.was("spec.tolerations").Each() {
		key, effect := t.Get("key").Str(), t.Get("effect").Str()
		if (key == "node.kubernetes.io/not-ready" || key == "node.kubernetes.io/unreachable") && effect == "NoExecute" && t.Get("operator").Str() == "Exists" {
			continue
		}
		kept := false
		for _, n := range c.is("spec.tolerations").Each() {
			kept = kept || n.Get("key").Str() == key && n.Get("effect").Str() == effect && n.Get("value").Str() == t.Get("value").Str() &&
				n.Get("operator").Str() == t.Get("operator").Str()
		}
		if !kept {
			return true
		}
	}
	return false
}

func addedGate(c *change) bool {
	had := map[string]bool{}
	for _, g := range c.was("spec.schedulingGates").Each() {
		had[g.Get("name").Str()] = true
	}
	for _, g := range c.is("spec.schedulingGates").Each() {
		if !had[g.Get("name").Str()] {
			return true
		}
	}
	return false
}

func affinityLocked(c *change, e *Edit) answer {
	if c.was("spec.schedulingGates").Empty() {
		return yes
	}
	if !within(e.Field, "spec.affinity.nodeAffinity") && (e.Field != "spec.affinity" || !onlyNodeAffinity(e.Old) || !onlyNodeAffinity(e.New)) {
		return yes
	}
	const required = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
	was, is := items(c.was(required)), items(c.is(required))
	if len(was) == 0 {
		return no
	}
	if len(was) != len(is) {
		return yes
	}
	for i := range was {
		for _, f := range []string{"matchExpressions", "matchFields"} {
			if !keeps(is[i].Get(f), was[i].Get(f)) {
				return yes
			}
		}
	}
	return no
}

// keeps tells whether each requirement of a list is in the other one too.
func keeps(is, was *kubeobj.Value) bool {
	for _, w := range was.Each() {
		found := false
		for _, i := range is.Each() {
			found = found || alike(i, w)
		}
		if !found {
			return false
		}
	}
	return true
}

// alike tells whether two values are written alike, the order of keys aside.
func alike(a, b *kubeobj.Value) bool {
	if a.Empty() || b.Empty() {
		return a.Empty() && b.Empty()
	}
	if a.Kind != b.Kind || a.Text != b.Text || len(a.Items) != len(b.Items) {
		return false
	}
	for i := range a.Items {
		other := &b.Items[i]
		if a.Kind == kubeobj.Map {
			other = b.Get(a.Items[i].Name)
		}
		if other == nil || !alike(&a.Items[i], other) {
			return false
		}
	}
	return true
}

func podAnnotation(v *kubeobj.Value) bool {
	if v.Is(kubeobj.Map) {
		for _, a := range v.Each() {
			if podAnnotation(a) {
				return true
			}
		}
		return false
	}
	return v != nil && (v.Name == "kubernetes.io/config.mirror" || strings.HasPrefix(v.Name, "container.apparmor.security.beta.kubernetes.io/"))
}
