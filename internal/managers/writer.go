package managers

import "strings"

// Class is what sort of writer a manager is.
type Class uint8

// The classes. Unclear is the zero value: the name says nothing.
const (
	Unclear    Class = iota
	Deploys          // a tool that applies manifests: from a repository, a chart, a configuration
	ByHand           // a command or a user interface with which a person changes one thing
	Controller       // a program that writes what it decides itself
)

func (c Class) String() string {
	return [...]string{"a writer of unknown kind", "a deploy tool", "a change by hand", "a controller"}[c]
}

// Writer is what is known about the name of a manager.
type Writer struct {
	Class Class
	Tool  string // Helm, Argo CD, kubectl edit; "" where it is not known
	// Likely is true where the name is that of a program or a library, by which
	// something else could write as well.
	Likely bool
	Source string
}

// known is a name that is known. A star at its end stands for anything. Operation
// and subresource narrow it; "" is any.
type known struct {
	name, operation, subresource string
	writer                       Writer
}

// userAgent is where a name comes from that nobody has chosen: what stands before
// the first slash of the user agent, which client-go makes from the name of the
// program.
const userAgent = "prefixFromUserAgent, kubernetes apiserver v0.37.2 pkg/endpoints/handlers/create.go; DefaultKubernetesUserAgent, client-go v0.37.2 rest/config.go"

// kubectlSource is where the names of kubectl's commands are.
const kubectlSource = "kubectl v0.37.2 pkg/cmd"

// writers are the known names; the first that fits is taken.
var writers = [...]known{
	{"kubectl-client-side-apply", "", "", Writer{Deploys, "kubectl apply", false, kubectlSource + "/apply/apply.go, FieldManagerClientSideApply"}},
	{"kubectl-last-applied", "", "", Writer{Deploys, "kubectl apply", false, kubectlSource + "/apply/apply.go, fieldManagerLastAppliedAnnotation"}},
	{"kubectl", Apply, "", Writer{Deploys, "kubectl apply --server-side", false, kubectlSource + "/apply/apply.go, fieldManagerServerSideApply"}},
	{"kubectl", Update, "scale", Writer{ByHand, "kubectl scale", false, "kubectl v0.37.2 pkg/scale/scale.go names no manager; " + userAgent}},
	{"kubectl", Update, "", Writer{Unclear, "kubectl", true, userAgent + "; commands that name no manager, and all before kubectl 1.18"}},
	{"kubectl-create", "", "", Writer{Deploys, "kubectl create", true, kubectlSource + "/create: from a file or from flags"}},
	{"kubectl-annotate", "", "", Writer{ByHand, "kubectl annotate", false, kubectlSource + "/annotate/annotate.go"}},
	{"kubectl-autoscale", "", "", Writer{ByHand, "kubectl autoscale", false, kubectlSource + "/autoscale/autoscale.go"}},
	{"kubectl-edit", "", "", Writer{ByHand, "kubectl edit", false, kubectlSource + "/edit/edit.go"}},
	{"kubectl-expose", "", "", Writer{ByHand, "kubectl expose", false, kubectlSource + "/expose/expose.go"}},
	{"kubectl-label", "", "", Writer{ByHand, "kubectl label", false, kubectlSource + "/label/label.go"}},
	{"kubectl-patch", "", "", Writer{ByHand, "kubectl patch", false, kubectlSource + "/patch/patch.go"}},
	{"kubectl-replace", "", "", Writer{ByHand, "kubectl replace", true, kubectlSource + "/replace/replace.go; some pipelines use it too"}},
	{"kubectl-rollout", "", "", Writer{ByHand, "kubectl rollout", false, kubectlSource + "/rollout: restart, pause, resume, undo"}},
	{"kubectl-run", "", "", Writer{ByHand, "kubectl run", false, kubectlSource + "/run/run.go"}},
	{"kubectl-set", "", "", Writer{ByHand, "kubectl set", false, kubectlSource + "/set"}},
	{"kubectl-taint", "", "", Writer{ByHand, "kubectl taint", false, kubectlSource + "/taint/taint.go"}},

	{"helm", "", "", Writer{Deploys, "Helm", false, "helm v3 pkg/kube/client.go, getManagedFieldsManager: the name of the program"}},
	{"helm-controller", "", "", Writer{Deploys, "Flux", false, "fluxcd/helm-controller main.go, controllerName"}},
	{"kustomize-controller", "", "", Writer{Deploys, "Flux", false, "fluxcd/kustomize-controller main.go, controllerName"}},
	{"flux", "", "", Writer{Deploys, "Flux", true, "fluxcd/flux2 cmd/flux: bootstrap and install; " + userAgent}},
	{"argocd-controller", "", "", Writer{Deploys, "Argo CD", false, "argo-cd common/common.go, ArgoCDSSAManager"}},
	{"argocd-application-controller", "", "", Writer{Deploys, "Argo CD", false, "argo-cd cmd/argocd-application-controller; " + userAgent}},
	{"argocd*", "", "", Writer{Deploys, "Argo CD", true, userAgent}},
	{"Terraform", "", "", Writer{Deploys, "Terraform", false, "hashicorp/terraform-provider-kubernetes, defaultFieldManagerName"}},
	{"HashiCorp", "", "", Writer{Deploys, "Terraform", false, "hashicorp/terraform-provider-kubernetes, its user agent: HashiCorp/1.0 Terraform/VERSION"}},
	{"pulumi*", "", "", Writer{Deploys, "Pulumi", true, "Pulumi documentation, Kubernetes provider, Server-Side Apply: pulumi-kubernetes-HASH"}},
	{"kapp*", "", "", Writer{Deploys, "kapp", true, userAgent}},
	{"tanka", "", "", Writer{Deploys, "Tanka", true, "Grafana Tanka documentation, Server-Side Apply"}},
	{"kluctl", "", "", Writer{Deploys, "kluctl", true, userAgent}},
	{"skaffold", "", "", Writer{Deploys, "Skaffold", true, userAgent}},
	{"werf", "", "", Writer{Deploys, "werf", true, userAgent}},
	{"configsync*", "", "", Writer{Deploys, "Config Sync", true, "Google Cloud documentation, Config Sync"}},
	{"fleet*", "", "", Writer{Deploys, "Fleet", true, userAgent}},
	{"eks", "", "", Writer{Deploys, "Amazon EKS add-ons", false, "Amazon EKS User Guide, Determine fields you can customize for Amazon EKS add-ons"}},

	{"node-fetch", "", "", Writer{ByHand, "Lens or another user interface", true, userAgent + ": a library of Node.js"}},
	{"Mozilla", "", "", Writer{ByHand, "a web browser", true, userAgent}},
	{"k9s", "", "", Writer{ByHand, "k9s", true, userAgent}},
	{"Lens*", "", "", Writer{ByHand, "Lens", true, userAgent}},
	{"OpenLens*", "", "", Writer{ByHand, "OpenLens", true, userAgent}},
	{"headlamp*", "", "", Writer{ByHand, "Headlamp", true, userAgent}},
	{"dashboard*", "", "", Writer{ByHand, "Kubernetes Dashboard", true, userAgent}},

	{"OpenAPI-Generator", "", "", Writer{Unclear, "a generated client", true, userAgent + ": Kubernetes clients for Python and others"}},
	{"Swagger-Codegen", "", "", Writer{Unclear, "a generated client", true, userAgent}},
	{"Go-http-client", "", "", Writer{Unclear, "a Go program", true, userAgent}},
	{"python-requests", "", "", Writer{Unclear, "a Python program", true, userAgent}},
	{"curl", "", "", Writer{ByHand, "curl", true, userAgent}},
	{"before-first-apply", "", "", Writer{Unclear, "whoever wrote it before the first apply", false, "apimachinery v0.37.2 pkg/util/managedfields/internal/skipnonapplied.go"}},

	{"kube-controller-manager", Update, "scale", Writer{Controller, "a HorizontalPodAutoscaler", true, "kubernetes v1.37.2 pkg/controller/podautoscaler/horizontal.go, scaleNamespacer.Scales.Update"}},
	{"kube-controller-manager", "", "", Writer{Controller, "the controllers of Kubernetes", false, userAgent}},
	{"clusterrole-aggregation-controller", "", "", Writer{Controller, "the controllers of Kubernetes", false, "kubernetes v1.37.2 pkg/controller/clusterroleaggregation"}},
	{"cloud-controller-manager", "", "", Writer{Controller, "the cloud's controllers", false, userAgent}},
	{"kube-scheduler", "", "", Writer{Controller, "the scheduler", false, userAgent}},
	{"kube-apiserver", "", "", Writer{Controller, "the API server", false, userAgent}},
	{"kubelet", "", "", Writer{Controller, "the kubelet", false, userAgent}},
	{"cluster-autoscaler", "", "", Writer{Controller, "Cluster Autoscaler", false, userAgent}},
	{"karpenter", "", "", Writer{Controller, "Karpenter", false, userAgent}},
	{"vpa-*", "", "", Writer{Controller, "a VerticalPodAutoscaler", true, userAgent + ": vpa-updater, vpa-recommender, vpa-admission-controller"}},
	{"updater", "", "", Writer{Controller, "a VerticalPodAutoscaler", true, userAgent}},
	{"keda*", "", "", Writer{Controller, "KEDA", true, userAgent}},
	{"rollouts-controller", "", "", Writer{Controller, "Argo Rollouts", false, userAgent}},
	{"cert-manager*", "", "", Writer{Controller, "cert-manager", true, userAgent + ": cert-manager-cainjector and others"}},
	{"cainjector", "", "", Writer{Controller, "cert-manager", true, userAgent}},
	{"pilot-discovery", "", "", Writer{Controller, "Istio", false, userAgent}},
	{"istio*", "", "", Writer{Controller, "Istio", true, userAgent}},
	{"external-secrets*", "", "", Writer{Controller, "External Secrets", true, userAgent}},
	{"nginx-ingress-controller", "", "", Writer{Controller, "the NGINX ingress controller", false, userAgent}},
	{"traefik", "", "", Writer{Controller, "Traefik", true, userAgent}},
	{"Reloader", "", "", Writer{Controller, "Reloader", true, userAgent}},
	{"apiextensions.crossplane.io*", Apply, "", Writer{Controller, "Crossplane", false, "crossplane internal/controller/apiextensions, FieldOwner"}},
	{"manager", Update, "", Writer{Controller, "an operator", true, userAgent + ": what kubebuilder calls its program"}},
	{"*-controller", "", "", Writer{Controller, "", true, userAgent}},
	{"*-controller-manager", "", "", Writer{Controller, "", true, userAgent}},
	{"*-operator", "", "", Writer{Controller, "", true, userAgent}},
}

// Name is what the name of a manager, its operation and its subresource tell.
// Anybody may choose any name: it says who wrote by the custom of tools, not by
// proof.
func Name(name, operation, subresource string) Writer {
	for i := range writers {
		k := &writers[i]
		if fits(k.name, name) && (k.operation == "" || k.operation == operation) && (k.subresource == "" || k.subresource == subresource) {
			return k.writer
		}
	}
	if subresource == "status" && name != "" {
		return Writer{Class: Controller, Likely: true, Source: "Kubernetes API conventions, Spec and Status: the status is written by controllers"}
	}
	return Writer{}
}

func fits(pattern, name string) bool {
	if rest, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, rest)
	}
	if rest, ok := strings.CutPrefix(pattern, "*"); ok {
		return strings.HasSuffix(name, rest)
	}
	return pattern == name
}

// Writer is what is known about this manager.
func (m *Manager) Writer() Writer { return Name(m.Name, m.Operation, m.Subresource) }

// Applier is the manager that deploys the object, or nil where none of the known
// deploy tools wrote it. Of several the one that wrote last; an entry whose name
// is sure goes before one whose name is only likely. With several tools, ask
// Conflicts.
func (x *Ownership) Applier() *Manager {
	var best *Manager
	var sure bool
	for i := range x.Managers {
		m := &x.Managers[i]
		w := m.Writer()
		if w.Class != Deploys || m.Subresource != "" || m.Name == "kubectl-last-applied" {
			continue
		}
		if best == nil || !w.Likely && !sure || !w.Likely == sure && m.Time.After(best.Time) {
			best, sure = m, !w.Likely
		}
	}
	return best
}
