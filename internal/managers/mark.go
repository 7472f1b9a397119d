package managers

import (
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// Tool is a tool that owns objects.
type Tool uint8

// The tools.
const (
	Helm Tool = iota
	ArgoCD
	FluxKustomization
	FluxHelmRelease
	Kapp
	ConfigSync
	Fleet
	OLM
	Pulumi
	Crossplane
	AddonManager
	Controlled // by another object of the cluster: ownerReferences with controller: true
)

func (t Tool) String() string {
	return [...]string{
		"Helm", "Argo CD", "Flux (Kustomization)", "Flux (HelmRelease)", "kapp", "Config Sync", "Fleet",
		"Operator Lifecycle Manager", "Pulumi", "Crossplane", "the addon manager", "its owner",
	}[t]
}

// Mark is something on an object by which a tool says that the object is its own.
type Mark struct {
	Tool Tool
	// Group, Kind, Namespace and Name are what of the tool owns it: an Application, a
	// Kustomization, a HelmRelease; of Helm the release, whose Kind is "". Namespace
	// is "" where the mark does not say it.
	Group, Kind, Namespace, Name string
	Object                       *kubeobj.Object // that bears the mark
	Value                        *kubeobj.Value  // the mark
	Path                         string          // for people: metadata.labels.olm.owner
	// Sure is false where something else makes the same mark: it claims nothing by
	// itself.
	Sure bool
	// Source is where the mark is defined.
	Source string
}

// Claim names the owner: "Helm release shop/web".
func (m *Mark) Claim() string {
	what := m.Kind
	if m.Tool == Helm {
		what = "release"
	}
	name := m.Name
	if m.Namespace != "" {
		name = m.Namespace + "/" + name
	}
	switch {
	case m.Tool == Controlled:
		return what + " " + name
	case name == "":
		return m.Tool.String()
	case what == "":
		return m.Tool.String() + " " + name
	}
	return m.Tool.String() + " " + what + " " + name
}

// Marks are the marks of an object. What only says how a template was written
// (app.kubernetes.io/managed-by: Helm, from helm template) is none.
func Marks(o *kubeobj.Object) []Mark {
	var out []Mark
	for _, find := range [...]func(*kubeobj.Object) (Mark, bool){
		helm, argo, argoLabel, fluxKustomization, fluxHelmRelease, kapp, configSync, fleet, olm, pulumi, crossplane, addon, owner,
	} {
		if m, ok := find(o); ok {
			m.Object = o
			out = append(out, m)
		}
	}
	return out
}

const (
	annotations = "metadata.annotations."
	labels      = "metadata.labels."
)

func annotation(o *kubeobj.Object, name string) *kubeobj.Value {
	return o.Get("metadata", "annotations", name)
}

func labelOf(o *kubeobj.Object, name string) *kubeobj.Value {
	return o.Get("metadata", "labels", name)
}

func helm(o *kubeobj.Object) (Mark, bool) {
	v := annotation(o, "meta.helm.sh/release-name")
	return Mark{
		Tool: Helm, Namespace: o.Annotation("meta.helm.sh/release-namespace"), Name: v.Str(), Value: v,
		Path: annotations + "meta.helm.sh/release-name", Sure: true,
		Source: "helm v3 pkg/action/validate.go, setMetadataVisitor: written at install and upgrade, not by helm template",
	}, v.Str() != ""
}

// argo reads the tracking ID: application:group/kind:namespace/name. A controller
// that copies annotations to what it makes copies it too; then it names another
// object and claims nothing, which is also how Argo CD reads it.
func argo(o *kubeobj.Object) (Mark, bool) {
	v := annotation(o, "argocd.argoproj.io/tracking-id")
	app, rest, ok := strings.Cut(v.Str(), ":")
	kind, place, ok2 := strings.Cut(rest, ":")
	namespace, name, ok3 := strings.Cut(place, "/")
	want := o.Group + "/" + o.Kind
	if !ok || !ok2 || !ok3 || app == "" || kind != want || name != o.Name || o.Namespace != "" && namespace != o.Namespace {
		return Mark{}, false
	}
	m := Mark{
		Tool: ArgoCD, Group: "argoproj.io", Kind: "Application", Name: app, Value: v, Path: annotations + "argocd.argoproj.io/tracking-id",
		Sure: true, Source: "Argo CD documentation, Resource Tracking",
	}
	// An application outside of Argo CD's own namespace is namespace_name.
	if ns, name, ok := strings.Cut(app, "_"); ok {
		m.Namespace, m.Name = ns, name
	}
	return m, true
}

// argoLabel is the mark before Argo CD 3.0; charts write the same label.
func argoLabel(o *kubeobj.Object) (Mark, bool) {
	m := Mark{Tool: ArgoCD, Group: "argoproj.io", Kind: "Application", Source: "Argo CD documentation, Resource Tracking; the label is also one of Kubernetes' recommended labels"}
	for _, name := range [...]string{"argocd.argoproj.io/instance", "app.kubernetes.io/instance"} {
		if v := labelOf(o, name); v.Str() != "" {
			m.Name, m.Value, m.Path = v.Text, v, labels+name
			// With a tracking ID the label is only for people, or was copied.
			m.Sure = name == "argocd.argoproj.io/instance" && annotation(o, "argocd.argoproj.io/tracking-id") == nil
			return m, true
		}
	}
	return m, false
}

func fluxKustomization(o *kubeobj.Object) (Mark, bool) {
	return flux(o, FluxKustomization, "kustomize.toolkit.fluxcd.io", "Kustomization")
}

func fluxHelmRelease(o *kubeobj.Object) (Mark, bool) {
	return flux(o, FluxHelmRelease, "helm.toolkit.fluxcd.io", "HelmRelease")
}

func flux(o *kubeobj.Object, tool Tool, group, kind string) (Mark, bool) {
	v := labelOf(o, group+"/name")
	return Mark{
		Tool: tool, Group: group, Kind: kind, Namespace: o.Label(group + "/namespace"), Name: v.Str(), Value: v,
		Path: labels + group + "/name", Sure: true, Source: "Flux documentation, " + kind + ", labels of what is applied",
	}, v.Str() != ""
}

func kapp(o *kubeobj.Object) (Mark, bool) {
	v := labelOf(o, "kapp.k14s.io/app")
	return Mark{Tool: Kapp, Name: v.Str(), Value: v, Path: labels + "kapp.k14s.io/app", Sure: true, Source: "Carvel kapp documentation, Apps"}, v.Str() != ""
}

func configSync(o *kubeobj.Object) (Mark, bool) {
	v := annotation(o, "configmanagement.gke.io/managed")
	return Mark{
		Tool: ConfigSync, Value: v, Path: annotations + "configmanagement.gke.io/managed", Sure: true,
		Source: "Google Cloud documentation, Config Sync, Labels and annotations",
	}, v.Str() == "enabled"
}

// fleet is never sure: every program that uses the same library writes it, k3s and
// RKE2 too.
func fleet(o *kubeobj.Object) (Mark, bool) {
	v := annotation(o, "objectset.rio.cattle.io/id")
	return Mark{
		Tool: Fleet, Name: v.Str(), Value: v, Path: annotations + "objectset.rio.cattle.io/id", Source: "rancher/wrangler pkg/apply, LabelID",
	}, v.Str() != ""
}

func olm(o *kubeobj.Object) (Mark, bool) {
	v := labelOf(o, "olm.owner")
	return Mark{
		Tool: OLM, Group: "operators.coreos.com", Kind: o.Label("olm.owner.kind"), Namespace: o.Label("olm.owner.namespace"), Name: v.Str(),
		Value: v, Path: labels + "olm.owner", Sure: true, Source: "operator-lifecycle-manager pkg/lib/ownerutil, OwnerKey",
	}, v.Str() != ""
}

func pulumi(o *kubeobj.Object) (Mark, bool) {
	v := labelOf(o, "app.kubernetes.io/managed-by")
	return Mark{
		Tool: Pulumi, Value: v, Path: labels + "app.kubernetes.io/managed-by", Sure: true,
		Source: "pulumi-kubernetes provider/pkg/metadata/labels.go: written where server-side apply is off",
	}, v.Str() == "pulumi"
}

func crossplane(o *kubeobj.Object) (Mark, bool) {
	v := labelOf(o, "crossplane.io/composite")
	return Mark{
		Tool: Crossplane, Name: v.Str(), Value: v, Path: labels + "crossplane.io/composite", Sure: true, Source: "Crossplane documentation, Compositions",
	}, v.Str() != ""
}

// addon tells Reconcile from EnsureExists, with which the addon manager only
// makes the object.
func addon(o *kubeobj.Object) (Mark, bool) {
	v := labelOf(o, "addonmanager.kubernetes.io/mode")
	return Mark{
		Tool: AddonManager, Value: v, Path: labels + "addonmanager.kubernetes.io/mode", Sure: true,
		Source: "kubernetes v1.37.2 cluster/addons/addon-manager/README.md",
	}, v.Str() == "Reconcile"
}

func owner(o *kubeobj.Object) (Mark, bool) {
	for i, ref := range o.Get("metadata", "ownerReferences").Each() {
		if c := ref.Get("controller"); !c.Is(kubeobj.Bool) || c.Text != "true" {
			continue
		}
		group, _, ok := strings.Cut(ref.Get("apiVersion").Str(), "/")
		if !ok {
			group = ""
		}
		return Mark{
			Tool: Controlled, Group: group, Kind: ref.Get("kind").Str(), Namespace: o.Namespace, Name: ref.Get("name").Str(), Value: ref,
			Path: "metadata.ownerReferences[" + strconv.Itoa(i) + "]", Sure: true, Source: "apimachinery v0.37.2 pkg/apis/meta/v1, OwnerReference",
		}, true
	}
	return Mark{}, false
}
