package fields

import "polygraph/internal/kubeobj"

// apps is pkg/apis/apps/v1/defaults.go.
func (f *form) apps(s *stored, name string) {
	if name != "Deployment" && name != "StatefulSet" && name != "DaemonSet" && name != "ReplicaSet" {
		return
	}
	spec := f.object(s, "spec")
	if spec == nil {
		return
	}
	f.object(spec, "template")
	switch name {
	case "Deployment":
		f.set(spec, "replicas", "1")
		f.rolling(f.object(spec, "strategy"), "25%", "25%")
		f.set(spec, "revisionHistoryLimit", "10")
		f.set(spec, "progressDeadlineSeconds", "600")
	case "DaemonSet":
		f.rolling(f.object(spec, "updateStrategy"), "1", "0")
		f.set(spec, "revisionHistoryLimit", "10")
	case "ReplicaSet":
		f.set(spec, "replicas", "1")
	case "StatefulSet":
		f.statefulSet(spec)
	}
}

func (f *form) rolling(strategy *stored, unavailable, surge string) {
	if strategy == nil {
		return
	}
	f.set(strategy, "type", "RollingUpdate")
	if strategy.says("type") == "RollingUpdate" {
		r := f.object(strategy, "rollingUpdate")
		f.set(r, "maxUnavailable", unavailable)
		f.set(r, "maxSurge", surge)
	} else if r := strategy.at("rollingUpdate"); r != nil {
		// Of another type they are 0: the internal type has no pointers.
		f.set(r, "maxUnavailable", "0")
		f.set(r, "maxSurge", "0")
	}
}

func (f *form) statefulSet(spec *stored) {
	f.set(spec, "podManagementPolicy", "OrderedReady")
	strategy := f.object(spec, "updateStrategy")
	if strategy != nil && !strategy.has("type") {
		f.set(strategy, "type", "RollingUpdate")
		f.object(strategy, "rollingUpdate")
	}
	if r := strategy.at("rollingUpdate"); r != nil && strategy.says("type") == "RollingUpdate" {
		f.set(r, "partition", "0")
		if f.version >= 37 { // MaxUnavailableStatefulSet, on since 1.37
			f.set(r, "maxUnavailable", "1")
		}
	}
	retention := f.object(spec, "persistentVolumeClaimRetentionPolicy")
	f.set(retention, "whenDeleted", "Retain")
	f.set(retention, "whenScaled", "Retain")
	f.set(spec, "replicas", "1")
	f.set(spec, "revisionHistoryLimit", "10")
	if claims := spec.at("volumeClaimTemplates"); claims != nil {
		for i := range claims.items {
			if c := &claims.items[i]; c.kind == kubeobj.Map {
				// Convert_apps_StatefulSetSpec_To_v1_StatefulSetSpec writes the type.
				f.become(c, "apiVersion", "v1")
				f.become(c, "kind", "PersistentVolumeClaim")
				f.set(f.object(c, "status"), "phase", "Pending")
			}
		}
	}
}

// batch is pkg/apis/batch/v1/defaults.go.
func (f *form) batch(s *stored, name string) {
	switch name {
	case "Job":
		f.job(s)
	case "JobSpec":
		f.object(s, "template")
	case "JobTemplateSpec":
		f.object(s, "spec")
	case "CronJob":
		spec := f.object(s, "spec")
		f.object(spec, "jobTemplate")
		f.set(spec, "concurrencyPolicy", "Allow")
		f.set(spec, "suspend", "false")
		f.set(spec, "successfulJobsHistoryLimit", "3")
		f.set(spec, "failedJobsHistoryLimit", "1")
	case "PodFailurePolicyOnPodConditionsPattern":
		f.set(s, "status", "True")
	}
}

func (f *form) job(s *stored) {
	if labels := s.at("spec", "template", "metadata", "labels"); labels != nil {
		labelled := labels.clone()
		f.copied(f.object(s, "metadata"), "labels", &labelled)
	}
	spec := f.object(s, "spec")
	if spec == nil {
		return
	}
	if !spec.has("parallelism") {
		f.set(spec, "completions", "1")
	}
	f.set(spec, "parallelism", "1")
	if spec.has("backoffLimitPerIndex") {
		f.set(spec, "backoffLimit", "2147483647")
	}
	f.set(spec, "backoffLimit", "6")
	f.set(spec, "completionMode", "NonIndexed")
	f.set(spec, "suspend", "false")
	if spec.has("podFailurePolicy") {
		f.set(spec, "podReplacementPolicy", "Failed")
	}
	f.set(spec, "podReplacementPolicy", "TerminatingOrFailed")
	f.set(spec, "manualSelector", "false")
}

// autoscaling is pkg/apis/autoscaling/v1 and v2/defaults.go.
func (f *form) autoscaling(s *stored, name string) {
	switch name {
	case "autoscaling/v1.HorizontalPodAutoscaler":
		spec := f.object(s, "spec")
		f.set(spec, "minReplicas", "1")
		// The conversion fills it in, where no annotation has other metrics.
		if !s.has("metadata", "annotations", "autoscaling.alpha.kubernetes.io/metrics") {
			f.set(spec, "targetCPUUtilizationPercentage", "80")
		}
	case "autoscaling/v2.HorizontalPodAutoscaler":
		spec := f.object(s, "spec")
		if spec == nil {
			return
		}
		f.set(spec, "minReplicas", "1")
		if l := f.list(spec, "metrics", 1); l != nil {
			f.set(&l.items[0], "type", "Resource")
			r := f.object(&l.items[0], "resource")
			f.set(r, "name", "cpu")
			target := f.object(r, "target")
			f.set(target, "type", "Utilization")
			f.set(target, "averageUtilization", "80")
		}
		if b := spec.at("behavior"); b != nil && b.kind == kubeobj.Map {
			up := f.object(b, "scaleUp")
			f.set(up, "stabilizationWindowSeconds", "0")
			f.policies(up, [3]string{"Pods", "4", "15"}, [3]string{"Percent", "100", "15"})
			f.policies(f.object(b, "scaleDown"), [3]string{"Percent", "100", "15"})
		}
	}
}

func (f *form) policies(rules *stored, policies ...[3]string) {
	if rules == nil {
		return
	}
	f.set(rules, "selectPolicy", "Max")
	if l := f.list(rules, "policies", len(policies)); l != nil {
		for i, p := range policies {
			f.set(&l.items[i], "type", p[0])
			f.set(&l.items[i], "value", p[1])
			f.set(&l.items[i], "periodSeconds", p[2])
		}
	}
}
