package fields

import "testing"

func TestRecreatedBy(t *testing.T) {
	refused := Outcome{Mechanism: Refused, Rule: immutable}
	for marks, want := range map[string]string{
		"annotations: {helm.sh/hook: post-install}": "Helm (hook delete policy before-hook-creation)",
		"annotations: {helm.sh/hook: post-install, helm.sh/hook-delete-policy: \"hook-succeeded, before-hook-creation\"}": "Helm (hook delete policy before-hook-creation)",
		"annotations: {helm.sh/hook: post-install, helm.sh/hook-delete-policy: hook-succeeded}":                           "",
		"annotations: {argocd.argoproj.io/sync-options: \"Prune=false, Force=true\"}":                                     "Argo CD (sync option Force=true)",
		"annotations: {argocd.argoproj.io/sync-options: Replace=true}":                                                    "",
		"annotations: {argocd.argoproj.io/hook: PreSync}":                                                                 "Argo CD (hook delete policy BeforeHookCreation)",
		"annotations: {argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/hook-delete-policy: HookSucceeded}":           "",
		"annotations: {argocd.argoproj.io/hook: Skip}":                                                                    "",
		"labels: {kustomize.toolkit.fluxcd.io/force: Enabled}":                                                            "Flux (force: enabled)",
		"annotations: {kustomize.toolkit.fluxcd.io/force: \"true\"}":                                                      "",
		"annotations: {x: y}": "",
	} {
		o := parseOne(t, "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a, "+marks+"}\n")
		out, ok := RecreatedBy(o, refused)
		if ok != (want != "") || out.By != want || ok && (out.Mechanism != Recreated || out.Source == "") {
			t.Errorf("%s: %+v", marks, out)
		}
		if _, ok := RecreatedBy(o, Outcome{Mechanism: InPlace}); ok {
			t.Errorf("%s: what is accepted is not recreated", marks)
		}
	}
}
