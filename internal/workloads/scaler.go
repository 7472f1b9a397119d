package workloads

import (
	"strconv"

	"polygraph/internal/kubeobj"
)

// Scaling is what an autoscaler changes.
type Scaling uint8

// The scalings.
const (
	Horizontal Scaling = iota // the number of pods, by a HorizontalPodAutoscaler
	Event                     // the number of pods, by KEDA
	Vertical                  // the resources of the pods, by a VerticalPodAutoscaler
)

// Scaler is an autoscaler of a workload.
//
// A HorizontalPodAutoscaler writes the scale subresource, as a number between Min
// and Max. It does nothing while the workload has 0 replicas and its minimum is
// more (kubernetes v1.37.2 pkg/controller/podautoscaler/horizontal.go,
// reconcileAutoscaler: "Autoscaling is disabled").
type Scaler struct {
	Object  *kubeobj.Object
	Scaling Scaling
	Target  *kubeobj.Value // the reference to the workload
	// Min and Max are as written, nil where they are not. Least fills in the default.
	Min, Max         *kubeobj.Value
	MinPath, MaxPath string
	// Mode is a VPA's updateMode: Off and Initial leave running pods alone.
	Mode string
	// Paused: KEDA is told to hold still.
	Paused bool
	// Resources are those whose requests the metrics are shares of.
	Resources []Utilization
	// From is the ScaledObject that made this HorizontalPodAutoscaler.
	From *kubeobj.Object
}

// Utilization is a metric that is a share of the request of a resource: pods
// without that request have none, and nothing is scaled by it.
//
// Source: GetResourceUtilizationRatio, kubernetes v1.37.2
// pkg/controller/podautoscaler/metrics/utilization.go, and calculateRequests of
// replica_calculator.go: "missing request for".
type Utilization struct {
	Resource  string
	Container string         // of one container only; "" for all of the pod
	Value     *kubeobj.Value // nil where it is the default: 80 % of the CPU
	Path      string
}

// Scalers are the autoscalers of a workload, in the order of the objects.
func (g *Graph) Scalers(w *Workload) []Scaler { return g.scalers[KeyOf(w.Object)] }

// WritesReplicas tells that the autoscaler decides the number of pods, so that
// whoever else writes it will be overruled.
func (s *Scaler) WritesReplicas() bool { return s.Scaling != Vertical && !s.Paused }

// Least is the lowest number of pods to which it scales.
//
// Source: SetDefaults_HorizontalPodAutoscaler, kubernetes v1.37.2
// pkg/apis/autoscaling/v2/defaults.go: 1; KEDA 2.17 ScaledObject specification:
// minReplicaCount is 0, and idleReplicaCount is used while nothing triggers. KEDA
// 2.17 CPU and Memory scalers: these scale to 0 only beside at least one trigger
// of another type; alone they leave 1 (GetHPAMinReplicas of
// apis/keda/v1alpha1/scaledobject_types.go), and the admission webhook refuses a
// minReplicaCount of 0 (scaledobject_webhook.go).
func (s *Scaler) Least() (n int, known bool) {
	switch {
	case s.Scaling == Vertical:
		return 0, false
	case s.Scaling == Event:
		other, known := otherTrigger(s.Object.Get("spec", "triggers"))
		switch {
		case !known:
			if n, ok := number(s.Min); ok && n > 0 && s.Object.Get("spec", "idleReplicaCount") == nil {
				return n, true
			}
			return 0, false
		case !other && s.Min == nil:
			return 1, true
		case !other:
			n, ok := number(s.Min)
			return max(n, 1), ok
		}
		if idle, ok := number(s.Object.Get("spec", "idleReplicaCount")); ok {
			return idle, true
		}
		if s.Min == nil {
			return 0, true
		}
	case s.Min == nil:
		return 1, true
	}
	return number(s.Min)
}

// otherTrigger tells whether one of the triggers of a ScaledObject is of another
// type than cpu and memory; known is false where the types are not there to see.
func otherTrigger(triggers *kubeobj.Value) (other, known bool) {
	for _, t := range triggers.Each() {
		switch t.Get("type").Str() {
		case "":
			return false, false
		case "cpu", "memory":
			known = true
		default:
			return true, true
		}
	}
	return false, known
}

// ActsOnPods tells that running pods are resized or evicted by a VPA.
//
// Source: kubernetes/autoscaler, vertical-pod-autoscaler/docs/quickstart.md: Off
// and Initial do not; the default does.
func (s *Scaler) ActsOnPods() bool {
	return s.Scaling == Vertical && s.Mode != "Off" && s.Mode != "Initial"
}

// scale files an autoscaler under what it scales.
func (g *Graph) scale(o *kubeobj.Object) {
	var s Scaler
	switch KeyOf(o).Group + "/" + o.Kind {
	case "autoscaling/HorizontalPodAutoscaler":
		s = Scaler{Target: o.Get("spec", "scaleTargetRef"), Resources: utilizations(o)}
		s.bounds(o, "minReplicas", "maxReplicas")
		if from := g.controller(o); from != nil && from.Kind == "ScaledObject" {
			s.From = from
		} else if from == nil {
			s.From = g.hpas[KeyOf(o)]
		}
	case "keda.sh/ScaledObject":
		s = Scaler{Scaling: Event, Target: o.Get("spec", "scaleTargetRef")}
		s.bounds(o, "minReplicaCount", "maxReplicaCount")
		s.Paused = o.Annotation("autoscaling.keda.sh/paused-replicas") != "" || o.Annotation("autoscaling.keda.sh/paused") == "true"
	case "autoscaling.k8s.io/VerticalPodAutoscaler":
		s = Scaler{Scaling: Vertical, Target: o.Get("spec", "targetRef"), Mode: o.Get("spec", "updatePolicy", "updateMode").Str()}
	default:
		return
	}
	s.Object = o
	k := target(s.Target, o.Namespace)
	if s.Scaling == Event && k.Kind == "" {
		k.Kind = "Deployment" // KEDA's default, with apps/v1
	}
	if s.Target.Get("apiVersion").Str() == "" {
		k.Group = groupByKind(k.Kind)
	}
	if k.Name != "" {
		g.scalers[k] = append(g.scalers[k], s)
	}
}

// groupByKind is where a kind lives whose apiVersion is not written.
func groupByKind(kind string) string {
	switch kind {
	case "Deployment", "StatefulSet", "ReplicaSet", "DaemonSet":
		return "apps"
	case "Rollout":
		return "argoproj.io"
	}
	return ""
}

// name files the name of the HorizontalPodAutoscaler that KEDA makes.
//
// Source: KEDA 2.17 ScaledObject specification,
// advanced.horizontalPodAutoscalerConfig.name: keda-hpa-NAME.
func (g *Graph) name(o *kubeobj.Object) {
	if o.Group != "keda.sh" || o.Kind != "ScaledObject" {
		return
	}
	name := o.Get("spec", "advanced", "horizontalPodAutoscalerConfig", "name").Str()
	if name == "" {
		name = "keda-hpa-" + o.Name
	}
	g.hpas[Key{"autoscaling", "HorizontalPodAutoscaler", o.Namespace, name}] = o
}

func (s *Scaler) bounds(o *kubeobj.Object, least, most string) {
	s.Min, s.Max = written(o.Get("spec", least)), written(o.Get("spec", most))
	s.MinPath, s.MaxPath = "spec."+least, "spec."+most
}

// written is a value, or nil for null: the server fills in the default for both.
func written(v *kubeobj.Value) *kubeobj.Value {
	if v.Is(kubeobj.Null) {
		return nil
	}
	return v
}

// utilizations are the metrics of a HorizontalPodAutoscaler that need requests.
// None at all means 80 % of the CPU.
//
// Source: SetDefaults_HorizontalPodAutoscaler, kubernetes v1.37.2
// pkg/apis/autoscaling/v2/defaults.go; autoscaling/v1 keeps one of the CPU in a
// field and the others in an annotation (pkg/apis/autoscaling/v1/conversion.go).
func utilizations(o *kubeobj.Object) []Utilization {
	if o.Version == "v1" {
		v := written(o.Get("spec", "targetCPUUtilizationPercentage"))
		if v == nil && o.Annotation("autoscaling.alpha.kubernetes.io/metrics") != "" {
			return nil
		}
		return []Utilization{{Resource: "cpu", Value: v, Path: "spec.targetCPUUtilizationPercentage"}}
	}
	metrics := o.Get("spec", "metrics")
	if metrics.Empty() {
		return []Utilization{{Resource: "cpu", Path: "spec.metrics"}}
	}
	var out []Utilization
	for i, m := range metrics.Each() {
		for _, field := range [...]string{"resource", "containerResource"} {
			r := m.Get(field)
			share := r.Get("target", "averageUtilization")
			if share == nil {
				share = r.Get("targetAverageUtilization") // v2beta1
			}
			if written(share) != nil {
				out = append(out, Utilization{
					Resource: r.Get("name").Str(), Container: r.Get("container").Str(), Value: share,
					Path: "spec.metrics[" + strconv.Itoa(i) + "]." + field,
				})
			}
		}
	}
	return out
}
