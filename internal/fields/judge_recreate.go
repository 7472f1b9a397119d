package fields

import (
	"strings"

	"polygraph/internal/kubeobj"
)

// RecreatedBy is what becomes of a refused edit where the object says that the
// tool which applies it deletes it first and makes it anew; false where it does
// not say so. What was in the old object (pods, logs, the address of a Service,
// the data of a claim) goes with it.
func RecreatedBy(new *kubeobj.Object, refused Outcome) (Outcome, bool) {
	by, source := recreator(new)
	if by == "" || refused.Mechanism != Refused {
		return refused, false
	}
	return Outcome{
		Mechanism: Recreated, Because: "an update is refused (" + refused.Rule + "), and " + by + " deletes the object and makes it anew",
		Rule: refused.Rule, By: by, Source: source, Documented: true,
	}, true
}

// recreator is who deletes an object and makes it anew, and where that is
// written.
func recreator(o *kubeobj.Object) (by, source string) {
	if o == nil {
		return "", ""
	}
	hook := o.Annotation("argocd.argoproj.io/hook")
	if listed(o.Annotation("argocd.argoproj.io/sync-options"), "Force=true") {
		return "Argo CD (sync option Force=true)", "argo-cd gitops-engine pkg/sync applyObject; argo-cd.readthedocs.io, sync options"
	}
	if hook != "" && !listed(hook, "Skip") && policy(o, "argocd.argoproj.io/hook-delete-policy", "BeforeHookCreation") {
		return "Argo CD (hook delete policy BeforeHookCreation)", "argo-cd gitops-engine pkg/sync/hook DeletePolicies; argo-cd.readthedocs.io, resource hooks"
	}
	if o.Annotation("helm.sh/hook") != "" && policy(o, "helm.sh/hook-delete-policy", "before-hook-creation") {
		return "Helm (hook delete policy before-hook-creation)", "helm.sh/docs/topics/charts_hooks, hook deletion policies, Helm 3"
	}
	const force = "kustomize.toolkit.fluxcd.io/force"
	if strings.EqualFold(o.Annotation(force), "enabled") || strings.EqualFold(o.Label(force), "enabled") {
		return "Flux (force: enabled)", "fluxcd.io/flux/components/kustomize/kustomizations, force"
	}
	return "", ""
}

// policy tells whether a list of policies has one; it is the default where none
// is written.
func policy(o *kubeobj.Object, annotation, name string) bool {
	list := o.Annotation(annotation)
	return list == "" || listed(list, name)
}

func listed(list, name string) bool {
	for s := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(s) == name {
			return true
		}
	}
	return false
}
