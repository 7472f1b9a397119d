package fields

import (
	"strings"

	"polygraph/internal/kubeobj"
)

const (
	appsValidation = "pkg/apis/apps/validation "
	coreValidation = "pkg/apis/core/validation "
)

// statefulSetMutable are the fields that may change up to 1.36, where all others
// may not.
const statefulSetMutable = "spec.replicas spec.ordinals spec.template spec.updateStrategy spec.persistentVolumeClaimRetentionPolicy spec.minReadySeconds"

var workloadRefusals = []refusal{
	{
		rule:    rule{kinds: "Deployment.apps", fields: "spec.selector"},
		says:    immutable,
		because: "the selector says which ReplicaSets and pods are the Deployment's own",
		source:  appsValidation + "ValidateDeploymentUpdate, 1.37.2",
	},
	{
		rule:    rule{kinds: "ReplicaSet.apps", fields: "spec.selector"},
		says:    immutable,
		because: "the selector says which pods are the ReplicaSet's own",
		source:  appsValidation + "ValidateReplicaSetUpdate, 1.37.2",
	},
	{
		rule:    rule{kinds: "DaemonSet.apps", fields: "spec.selector"},
		says:    immutable,
		because: "the selector says which pods are the DaemonSet's own",
		source:  appsValidation + "ValidateDaemonSetSpecUpdate, 1.37.2",
	},
	{
		rule:    rule{kinds: "StatefulSet.apps", fields: "spec.volumeClaimTemplates"},
		says:    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
		because: "claims are made from the templates once, and the templates stay as they were",
		source:  appsValidation + "ValidateStatefulSetUpdate, 1.37.2",
	},
	{
		rule:    rule{kinds: "StatefulSet.apps", fields: "spec.selector spec.serviceName spec.podManagementPolicy", from: 37},
		says:    immutable,
		because: "a StatefulSet keeps its identity: selector, service and order",
		source:  appsValidation + "ValidateStatefulSetUpdate, 1.37.2",
	},
	{
		rule:    rule{kinds: "StatefulSet.apps", fields: "spec", but: statefulSetMutable + " spec.revisionHistoryLimit", from: 33, to: 36},
		says:    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
		because: "a StatefulSet keeps its identity: selector, service, order and claims",
		source:  appsValidation + "ValidateStatefulSetUpdate, 1.33.13",
	},
	{
		rule:    rule{kinds: "StatefulSet.apps", fields: "spec", but: statefulSetMutable, to: 32},
		says:    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
		because: "a StatefulSet keeps its identity: selector, service, order and claims; revisionHistoryLimit may change from 1.33 on",
		source:  appsValidation + "ValidateStatefulSetUpdate, 1.32.13",
	},
	{
		rule: rule{kinds: "Deployment.apps", fields: "spec.strategy", asks: "the strategy is Recreate and rollingUpdate is still there", when: func(c *change, _ *Edit) answer {
			return when(text(c.is("spec.strategy.type"), "RollingUpdate") == "Recreate" && !c.is("spec.strategy.rollingUpdate").Empty())
		}},
		says:    "may not be specified when strategy `type` is 'Recreate'",
		because: "rollingUpdate is left over from the old strategy: set it to null",
		source:  appsValidation + "ValidateDeploymentStrategy, 1.37.2",
	},
	{
		rule:    rule{kinds: "Deployment.apps", fields: "spec.strategy.rollingUpdate", asks: "maxUnavailable and maxSurge are both 0", when: deploymentStands},
		says:    "may not be 0 when `maxSurge` is 0",
		because: "with both at 0 no pod could ever be replaced",
		source:  appsValidation + "ValidateRollingUpdateDeployment, 1.37.2",
	},
	{
		rule: rule{kinds: "Deployment.apps", fields: "spec.progressDeadlineSeconds spec.minReadySeconds", asks: "minReadySeconds is not below progressDeadlineSeconds", when: func(c *change, _ *Edit) answer {
			return when(integer(c.is("spec.progressDeadlineSeconds"), 600) <= integer(c.is("spec.minReadySeconds"), 0))
		}},
		says:    "must be greater than minReadySeconds",
		because: "a rollout would be given up before a pod counts as available",
		source:  appsValidation + "ValidateDeploymentSpec, 1.37.2",
	},
	{
		rule: rule{kinds: "DaemonSet.apps", fields: "spec.updateStrategy", asks: "of maxUnavailable and maxSurge both or none are 0", when: func(c *change, _ *Edit) answer {
			if text(c.is("spec.updateStrategy.type"), "RollingUpdate") != "RollingUpdate" {
				return no
			}
			unavailable, _ := share(c.is("spec.updateStrategy.rollingUpdate.maxUnavailable"), "1")
			surge, _ := share(c.is("spec.updateStrategy.rollingUpdate.maxSurge"), "0")
			return when((unavailable == 0) == (surge == 0))
		}},
		says:    "may not be set when maxUnavailable is non-zero",
		because: "exactly one of maxUnavailable and maxSurge is 0 (absent, they are 1 and 0)",
		source:  appsValidation + "ValidateRollingUpdateDaemonSet, 1.37.2",
	},
	{
		rule: rule{kinds: "StatefulSet.apps", fields: "spec.updateStrategy", asks: "the strategy is OnDelete and rollingUpdate is still there", when: func(c *change, _ *Edit) answer {
			if text(c.is("spec.updateStrategy.type"), "RollingUpdate") != "OnDelete" {
				return no
			}
			// A manifest that left it out got the default of the server, which no apply takes away.
			filled := !c.observed() && text(c.was("spec.updateStrategy.type"), "RollingUpdate") == "RollingUpdate" &&
				c.old.Get("spec", "updateStrategy", "rollingUpdate") == nil && c.new.Get("spec", "updateStrategy", "rollingUpdate") == nil
			return when(filled || !c.is("spec.updateStrategy.rollingUpdate").Empty())
		}},
		says:    "only allowed for updateStrategy 'RollingUpdate'",
		because: "rollingUpdate is left over from the old strategy, in the live object if not in the manifest: set it to null",
		source:  appsValidation + "ValidateStatefulSetSpec, 1.37.2",
	},
	{
		rule: rule{kinds: "StatefulSet.apps", fields: "spec.updateStrategy", asks: "the strategy is Recreate", when: func(c *change, _ *Edit) answer {
			return when(c.is("spec.updateStrategy.type").Str() == "Recreate" && c.was("spec.updateStrategy.type").Str() != "Recreate")
		}},
		says:    "must be 'RollingUpdate' or 'OnDelete'",
		because: "a StatefulSet knows Recreate only behind the gate StatefulSetRecreateStrategy, which is off",
		source:  appsValidation + "ValidateStatefulSetSpec, 1.37.2",
	},
	{
		rule: rule{kinds: "StatefulSet.apps", fields: "spec.updateStrategy.rollingUpdate.maxUnavailable", from: 37, asks: "it is 0", when: func(c *change, _ *Edit) answer {
			n, _ := share(c.is("spec.updateStrategy.rollingUpdate.maxUnavailable"), "1")
			return when(n == 0)
		}},
		says:    "cannot be 0",
		because: "no pod could ever be replaced",
		source:  appsValidation + "validateRollingUpdateStatefulSet, 1.37.2",
	},
}

// templateRefusals are about the pod template of the kinds that run pods without
// an end, and the selector that must match it.
var templateRefusals = []refusal{
	{
		rule: rule{
			kinds: "Deployment.apps ReplicaSet.apps DaemonSet.apps StatefulSet.apps ReplicationController Job.batch", fields: "spec.selector spec.template.metadata.labels",
			asks: "the selector does not match the labels of the template", when: selectorMisses,
		},
		says:    "`selector` does not match template `labels`",
		because: "the controller would not know its own pods",
		source:  appsValidation + "ValidatePodTemplateSpecForReplicaSet, ValidateDaemonSetSpec, ValidatePodTemplateSpecForStatefulSet, pkg/apis/batch/validation ValidateJobSpec, 1.37.2",
	},
	{
		rule: rule{
			kinds: "Deployment.apps ReplicaSet.apps DaemonSet.apps StatefulSet.apps ReplicationController", fields: "spec.template.spec.restartPolicy",
			asks: "it is not Always", when: func(c *change, _ *Edit) answer {
				return when(text(c.is("spec.template.spec.restartPolicy"), "Always") != "Always")
			},
		},
		says:    `supported values: "Always"`,
		because: "pods of this kind run without an end",
		source:  appsValidation + "ValidatePodTemplateSpecForReplicaSet, ValidateDaemonSetSpec, ValidateStatefulSetSpec, 1.37.2",
	},
	{
		rule: rule{
			kinds: "Deployment.apps ReplicaSet.apps DaemonSet.apps StatefulSet.apps ReplicationController", fields: "spec.template.spec.activeDeadlineSeconds",
			asks: "it is set", when: func(_ *change, e *Edit) answer { return when(!e.New.Empty()) },
		},
		says:    "activeDeadlineSeconds is not Supported",
		because: "pods of this kind run without an end",
		source:  appsValidation + "ValidatePodTemplateSpecForReplicaSet, ValidateDaemonSetSpec, ValidateStatefulSetSpec, 1.37.2",
	},
	{
		rule: rule{
			kinds:  "Deployment.apps ReplicaSet.apps DaemonSet.apps ReplicationController CronJob.batch PodTemplate",
			fields: "spec.template.spec.containers.restartPolicy spec.jobTemplate.spec.template.spec.containers.restartPolicy template.spec.containers.restartPolicy",
			to:     33, asks: "it is set", when: func(_ *change, e *Edit) answer { return when(e.New != nil) },
		},
		says:    "may not be set for non-init containers",
		because: "only init containers have a restart policy of their own before 1.34",
		source:  coreValidation + "validateContainers, 1.33.13",
	},
	{
		rule: rule{kinds: "Job.batch", fields: "spec.template.spec.restartPolicy", asks: "it is Always", when: func(c *change, _ *Edit) answer {
			return when(text(c.is("spec.template.spec.restartPolicy"), "Always") == "Always")
		}},
		says:    `valid values: "OnFailure", "Never"`,
		because: "pods of a Job end",
		source:  "pkg/apis/batch/validation validateJobSpec, 1.37.2",
	},
	{
		rule: rule{kinds: "CronJob.batch", fields: "spec.jobTemplate.spec.template.spec.restartPolicy", asks: "it is Always", when: func(c *change, _ *Edit) answer {
			return when(text(c.is("spec.jobTemplate.spec.template.spec.restartPolicy"), "Always") == "Always")
		}},
		says:    `valid values: "OnFailure", "Never"`,
		because: "pods of a Job end",
		source:  "pkg/apis/batch/validation validateJobSpec, 1.37.2",
	},
}

// deploymentStands tells whether a rollout could never move.
func deploymentStands(c *change, _ *Edit) answer {
	if text(c.is("spec.strategy.type"), "RollingUpdate") != "RollingUpdate" {
		return no
	}
	unavailable, _ := share(c.is("spec.strategy.rollingUpdate.maxUnavailable"), "25%")
	surge, _ := share(c.is("spec.strategy.rollingUpdate.maxSurge"), "25%")
	return when(unavailable == 0 && surge == 0)
}

// selectorMisses tells whether a selector does not match its own template.
func selectorMisses(c *change, _ *Edit) answer { return c.once("the selector misses", missesTemplate) }

func missesTemplate(c *change) answer {
	labels := c.labels("spec.template.metadata.labels")
	if c.kind == "ReplicationController" {
		// Its selector is a map; absent, it is made of the template's labels.
		for k, v := range c.labels("spec.selector") {
			if labels[k] != v || !c.has("spec.template.metadata.labels", k) {
				return yes
			}
		}
		return no
	}
	for k, v := range c.labels("spec.selector.matchLabels") {
		if have, ok := labels[k]; !ok || have != v {
			return yes
		}
	}
	for _, r := range c.is("spec.selector.matchExpressions").Each() {
		if !matches(labels, r) {
			return yes
		}
	}
	return no
}

// matches tells whether labels satisfy one requirement of a selector.
func matches(labels map[string]string, r *kubeobj.Value) bool {
	have, ok := labels[r.Get("key").Str()]
	found := false
	for _, v := range r.Get("values").Each() {
		found = found || v.Text == have
	}
	switch strings.ToLower(r.Get("operator").Str()) {
	case "in":
		return ok && found
	case "notin":
		return !ok || !found
	case "exists":
		return ok
	case "doesnotexist":
		return !ok
	}
	return true
}
