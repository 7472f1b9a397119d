package fields

import (
	"strconv"
	"strings"
)

const (
	deploymentController  = "pkg/controller/deployment "
	statefulSetController = "pkg/controller/statefulset updateStatefulSet, 1.37.2"
	daemonController      = "pkg/controller/daemon rollingUpdate, 1.37.2"
	jobController         = "pkg/controller/job manageJob, syncJob, 1.37.2"
	cronJobController     = "pkg/controller/cronjob syncCronJob, 1.37.2"
	replicaController     = "pkg/controller/replicaset manageReplicas, 1.37.2"
)

var workloadEffects = []effect{
	{
		rule: rule{kinds: "Deployment.apps", fields: "spec.template", asks: "the Deployment is paused", when: func(c *change, _ *Edit) answer {
			return when(isTrue(c.is("spec.paused")))
		}},
		Outcome: Outcome{
			Mechanism: Stored, Because: "the Deployment is paused", Still: "all pods, until spec.paused is false",
			Source: deploymentController + "syncDeployment, 1.37.2",
		},
	},
	{
		rule: rule{kinds: "Deployment.apps", fields: "spec.template", asks: "the strategy is Recreate", when: func(c *change, _ *Edit) answer {
			return when(text(c.is("spec.strategy.type"), "RollingUpdate") == "Recreate")
		}},
		Outcome: Outcome{
			Mechanism: Replaced, Because: "the strategy is Recreate: all pods are stopped before the first new one starts, and nothing runs in between",
			Source: deploymentController + "rolloutRecreate, 1.37.2",
		},
	},
	{
		rule: rule{kinds: "Deployment.apps", fields: "spec.template"},
		Outcome: Outcome{
			Mechanism: Replaced, Because: "another pod template is another ReplicaSet: its pods replace the old ones a few at a time",
			Source: deploymentController + "rolloutRolling, EqualIgnoreHash, 1.37.2",
		},
	},
	{
		rule: rule{kinds: "Deployment.apps", fields: "spec.replicas"},
		Outcome: Outcome{
			Mechanism: Scaled, Because: "pods are added or removed, the others go on",
			Source: deploymentController + "sync, scale, 1.37.2",
		},
	},
	{
		rule: rule{kinds: "Deployment.apps", fields: "spec.paused", asks: "it becomes true", when: func(c *change, _ *Edit) answer {
			return when(isTrue(c.is("spec.paused")))
		}},
		Outcome: Outcome{
			Mechanism: InPlace, Because: "a rollout stops where it is, and later changes of the template wait",
			Source: deploymentController + "syncDeployment, 1.37.2",
		},
	},
	{
		rule: rule{kinds: "Deployment.apps", fields: "spec.paused"},
		Outcome: Outcome{
			Mechanism: InPlace, Because: "what was changed in the template while it was paused is rolled out now",
			Source: deploymentController + "syncDeployment, 1.37.2",
		},
	},
	{
		rule: rule{kinds: "Deployment.apps", fields: "spec.revisionHistoryLimit"},
		Outcome: Outcome{
			Mechanism: InPlace, Because: "older ReplicaSets without pods are deleted, and with them what could be rolled back to",
			Source: deploymentController + "cleanupDeployment, 1.37.2",
		},
	},
	{
		rule:    rule{kinds: "Deployment.apps"},
		Outcome: Outcome{Mechanism: InPlace, Because: "it counts from the next rollout on, or for the one that runs", Source: deploymentController + "syncDeployment, 1.37.2"},
	},

	{
		rule: rule{kinds: "StatefulSet.apps", fields: "spec.template", asks: "the strategy is OnDelete", when: func(c *change, _ *Edit) answer {
			return when(text(c.is("spec.updateStrategy.type"), "RollingUpdate") == "OnDelete")
		}},
		Outcome: Outcome{
			Mechanism: Stored, Because: "the strategy is OnDelete", Still: "each pod, until somebody deletes it",
			Source: statefulSetController,
		},
	},
	{
		rule: rule{kinds: "StatefulSet.apps", fields: "spec.template", asks: "the partition is not below replicas", when: func(c *change, _ *Edit) answer {
			return when(partition(c) > 0 && partition(c) >= integer(c.is("spec.replicas"), 1))
		}},
		Outcome: Outcome{Mechanism: Stored, Because: "the partition is not below replicas", Still: "all pods, until partition is lowered", Source: statefulSetController},
	},
	{
		rule: rule{kinds: "StatefulSet.apps", fields: "spec.template", asks: "there is a partition", when: func(c *change, _ *Edit) answer {
			return when(partition(c) > 0)
		}},
		Outcome: Outcome{Mechanism: Partly, Because: "the pods from the partition on are replaced, from the highest ordinal down", Source: statefulSetController},
		still:   belowPartition,
	},
	{
		rule: rule{kinds: "StatefulSet.apps", fields: "spec.template"},
		Outcome: Outcome{
			Mechanism: Replaced, Because: "pods are replaced one after another, from the highest ordinal down; one that does not become ready stops the rest",
			Source: statefulSetController,
		},
	},
	{
		rule: rule{kinds: "StatefulSet.apps", fields: "spec.updateStrategy.rollingUpdate.partition"},
		Outcome: Outcome{
			Mechanism: InPlace, Because: "pods from the partition on that still run an old template are replaced, those below it keep theirs",
			Source: statefulSetController,
		},
	},
	{
		rule:    rule{kinds: "StatefulSet.apps", fields: "spec.replicas"},
		Outcome: Outcome{Mechanism: Scaled, Because: "pods are added or removed at the highest ordinals; claims stay unless the retention policy deletes them", Source: statefulSetController},
	},
	{
		rule: rule{kinds: "StatefulSet.apps", fields: "spec.ordinals", asks: "none of the old ordinals is among the new ones", when: func(c *change, _ *Edit) answer {
			was, is := integer(c.was("spec.ordinals.start"), 0), integer(c.is("spec.ordinals.start"), 0)
			return when(is >= was+integer(c.was("spec.replicas"), 1) || was >= is+integer(c.is("spec.replicas"), 1))
		}},
		Outcome: Outcome{Mechanism: Replaced, Because: "every pod gets another ordinal: each is deleted and others are made, with claims of their own", Source: statefulSetController},
	},
	{
		rule:    rule{kinds: "StatefulSet.apps", fields: "spec.ordinals"},
		Outcome: Outcome{Mechanism: Scaled, Because: "pods outside the new range are deleted and those missing in it are made, with claims of their own", Source: statefulSetController},
	},
	{
		rule:    rule{kinds: "StatefulSet.apps", fields: "spec.persistentVolumeClaimRetentionPolicy"},
		Outcome: Outcome{Mechanism: InPlace, Because: "owners are written into the claims now; they are deleted, or not, at the next scaling or deletion", Source: "pkg/controller/statefulset UpdatePodClaimForRetentionPolicy, 1.37.2"},
	},
	{
		rule:    rule{kinds: "StatefulSet.apps"},
		Outcome: Outcome{Mechanism: InPlace, Because: "it counts from the next rollout on, or for the one that runs", Source: statefulSetController},
	},

	{
		rule: rule{kinds: "DaemonSet.apps", fields: "spec.template", asks: "the strategy is OnDelete", when: func(c *change, _ *Edit) answer {
			return when(text(c.is("spec.updateStrategy.type"), "RollingUpdate") == "OnDelete")
		}},
		Outcome: Outcome{
			Mechanism: Stored, Because: "the strategy is OnDelete", Still: "each pod, until somebody deletes it",
			Source: "pkg/controller/daemon syncDaemonSet, 1.37.2",
		},
	},
	{
		rule:    rule{kinds: "DaemonSet.apps", fields: "spec.template"},
		Outcome: Outcome{Mechanism: Replaced, Because: "the pod of each node is replaced, maxUnavailable or maxSurge nodes at a time", Source: daemonController},
	},
	{
		rule:    rule{kinds: "DaemonSet.apps"},
		Outcome: Outcome{Mechanism: InPlace, Because: "it counts from the next rollout on, or for the one that runs", Source: daemonController},
	},

	{
		rule: rule{kinds: "ReplicaSet.apps ReplicationController", fields: "spec.template"},
		Outcome: Outcome{
			Mechanism: Stored, Because: "the template is for pods yet to be made, and its controller replaces none", Still: "the pods there are, until they are deleted",
			Source: replicaController,
		},
	},
	{
		rule:    rule{kinds: "ReplicaSet.apps ReplicationController", fields: "spec.replicas"},
		Outcome: Outcome{Mechanism: Scaled, Because: "pods are added or removed; what owns the object may write its own number back", Source: replicaController},
	},
	{
		rule:    rule{kinds: "ReplicationController", fields: "spec.selector"},
		Outcome: Outcome{Mechanism: InPlace, Because: "pods that it no longer selects are let go and run on, and others are made in their place", Source: "pkg/controller ClaimPods, 1.37.2"},
	},
	{
		rule:    rule{kinds: "ReplicaSet.apps ReplicationController"},
		Outcome: Outcome{Mechanism: InPlace, Because: "it counts for what is counted as available", Source: replicaController},
	},

	{
		rule:    rule{kinds: "Job.batch", fields: "spec.parallelism spec.completions"},
		Outcome: Outcome{Mechanism: Scaled, Because: "pods are added or removed, those that are done count", Source: jobController},
	},
	{
		rule: rule{kinds: "Job.batch", fields: "spec.suspend", asks: "it becomes true", when: func(c *change, _ *Edit) answer {
			return when(isTrue(c.is("spec.suspend")))
		}},
		Outcome: Outcome{Mechanism: Scaled, Because: "the pods that run are deleted, and the time counts anew when it is resumed", Source: jobController},
	},
	{
		rule:    rule{kinds: "Job.batch", fields: "spec.suspend"},
		Outcome: Outcome{Mechanism: Scaled, Because: "pods are made", Source: jobController},
	},
	{
		rule:    rule{kinds: "Job.batch", fields: "spec.template"},
		Outcome: Outcome{Mechanism: InPlace, Because: "the Job is suspended: pods are made from the template when it is resumed", Source: jobController},
	},
	{
		rule:    rule{kinds: "Job.batch"},
		Outcome: Outcome{Mechanism: InPlace, Because: "it counts from now on", Source: jobController},
	},

	{
		rule:    rule{kinds: "CronJob.batch", fields: "spec.jobTemplate"},
		Outcome: Outcome{Mechanism: InPlace, Because: "the next Job is made from it; Jobs that run keep what they were made from", Source: cronJobController},
	},
	{
		rule:    rule{kinds: "CronJob.batch", fields: "spec.successfulJobsHistoryLimit spec.failedJobsHistoryLimit"},
		Outcome: Outcome{Mechanism: InPlace, Because: "Jobs that ended beyond the limit are deleted, and their pods and logs with them", Source: "pkg/controller/cronjob cleanupFinishedJobs, 1.37.2"},
	},
	{
		rule:    rule{kinds: "CronJob.batch"},
		Outcome: Outcome{Mechanism: InPlace, Because: "it counts from the next run on; Jobs that run go on", Source: cronJobController},
	},
}

func partition(c *change) int64 {
	return integer(c.is("spec.updateStrategy.rollingUpdate.partition"), 0)
}

func belowPartition(c *change) string {
	return "the pods with ordinals below " + strconv.FormatInt(integer(c.is("spec.ordinals.start"), 0)+partition(c), 10) + ", until partition is lowered"
}

func podSecurity(e *Edit) bool {
	const prefix = "pod-security.kubernetes.io/"
	return e.Old != nil && strings.HasPrefix(e.Old.Name, prefix) || e.New != nil && strings.HasPrefix(e.New.Name, prefix)
}

var podEffects = []effect{
	{
		rule: rule{kinds: "Pod", fields: "spec.containers.image"},
		Outcome: Outcome{
			Mechanism: Restarted, Because: "the kubelet stops the container and starts it from the new image, in the same pod; whatever owns the pod keeps its own template",
			Source: "pkg/kubelet/kuberuntime computePodActions, containerChanged, 1.37.2; kubernetes.io/docs/concepts/workloads/pods, pod update and replacement, 1.37", Documented: true,
		},
	},
	{
		rule: rule{kinds: "Pod", fields: "spec.initContainers.image"},
		Outcome: Outcome{
			Mechanism: Stored, Because: "init containers ran before; one that keeps running (restartPolicy: Always) is restarted", Still: "the pod, until its sandbox is made anew",
			Source: "pkg/kubelet/kuberuntime computeInitContainerActions, 1.37.2", Documented: true,
		},
	},
	{
		rule:    rule{kinds: "Pod", fields: "spec.activeDeadlineSeconds"},
		Outcome: Outcome{Mechanism: InPlace, Because: "the kubelet fails the pod when it has been active for as long", Source: "pkg/kubelet activeDeadlineHandler, 1.37.2", Documented: true},
	},
	{
		rule:    rule{kinds: "Pod", fields: "spec.schedulingGates"},
		Outcome: Outcome{Mechanism: InPlace, Because: "without gates the pod is scheduled", Source: "kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness, 1.37"},
	},
	{
		rule:    rule{kinds: "Pod", fields: "spec.tolerations"},
		Outcome: Outcome{Mechanism: InPlace, Because: "it counts for taints that evict, from now on", Source: "pkg/controller/tainteviction processPodOnNode, 1.37.2"},
	},
	{
		rule:    rule{kinds: "Pod"},
		Outcome: Outcome{Mechanism: InPlace, Because: "the pod goes on", Source: podSource},
	},
	{
		rule:    rule{kinds: "PodTemplate"},
		Outcome: Outcome{Mechanism: InPlace, Because: "no controller of Kubernetes runs a PodTemplate", Source: "kubernetes.io/docs/concepts/workloads/pods, pod templates, 1.37"},
	},
}
