package fields

import (
	"strings"

	"polygraph/internal/kubeobj"
)

const batchValidation = "pkg/apis/batch/validation "

var jobRefusals = []refusal{
	{
		rule:    rule{kinds: "Job.batch", fields: "spec.selector spec.completionMode spec.podFailurePolicy spec.backoffLimitPerIndex"},
		says:    immutable,
		because: "a Job keeps its selector and the way it counts",
		source:  batchValidation + "ValidateJobSpecUpdate, 1.37.2",
	},
	{
		rule:    rule{kinds: "Job.batch", fields: "spec.managedBy spec.successPolicy", from: 30},
		says:    immutable,
		because: "a Job keeps its controller and the way it counts",
		source:  batchValidation + "ValidateJobSpecUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "Job.batch", fields: "spec.completions", asks: "the Job is not Indexed", when: func(c *change, _ *Edit) answer {
			return when(text(c.is("spec.completionMode"), "NonIndexed") != "Indexed")
		}},
		says:    immutable,
		because: "only an Indexed Job may change its completions",
		source:  batchValidation + "validateCompletions, 1.37.2",
	},
	{
		rule: rule{kinds: "Job.batch", fields: "spec.completions", asks: "completions and parallelism differ after the edit", when: func(c *change, _ *Edit) answer {
			return when(integer(c.is("spec.completions"), -1) != integer(c.is("spec.parallelism"), 1))
		}},
		says:    "can only be modified in tandem with spec.parallelism",
		because: "an Indexed Job changes completions and parallelism to the same number, together",
		source:  batchValidation + "validateCompletions, 1.37.2",
	},
	{
		rule: rule{
			kinds: "Job.batch", fields: "spec.template", when: jobLocked,
			asks: "the Job is not suspended, or has pods, or has started (1.29 to 1.35), or the field is none of labels, annotations, nodeSelector, tolerations, schedulingGates, nodeAffinity and (from 1.36) resources",
		},
		says:    immutable,
		because: "the template of a Job cannot change, but for its scheduling while it is suspended",
		source:  batchValidation + "validatePodTemplateUpdate, pkg/registry/batch/job validationOptionsForJob, 1.37.2",
	},
	{
		rule: rule{kinds: "Job.batch", fields: "spec.manualSelector", to: 36, asks: "the selector is not a generated one", when: func(c *change, e *Edit) answer {
			return when(isTrue(e.Old) && !isTrue(e.New) && !c.has("spec.template.metadata.labels", "controller-uid"))
		}},
		says:    "`selector` not auto-generated",
		because: "the selector was written by hand",
		source:  batchValidation + "validateGeneratedSelector, 1.36.3",
	},
	{
		rule: rule{kinds: "Job.batch", fields: "spec.podReplacementPolicy", asks: "the Job has a podFailurePolicy and it is not Failed", when: func(c *change, _ *Edit) answer {
			return when(!c.is("spec.podFailurePolicy").Empty() && text(c.is("spec.podReplacementPolicy"), "Failed") != "Failed")
		}},
		says:    `supported values: "Failed"`,
		because: "with a podFailurePolicy a pod is replaced only when it has failed",
		source:  batchValidation + "validatePodReplacementPolicy, 1.37.2",
	},
	{
		rule: rule{kinds: "Job.batch", fields: "spec.maxFailedIndexes", asks: "there is no backoffLimitPerIndex", when: func(c *change, _ *Edit) answer {
			return when(!c.is("spec.maxFailedIndexes").Empty() && c.is("spec.backoffLimitPerIndex").Empty())
		}},
		says:    "when maxFailedIndexes is specified",
		because: "it counts the indexes that backoffLimitPerIndex gave up, and that cannot be set later",
		source:  batchValidation + "validateJobSpec, 1.37.2",
	},
	{
		rule: rule{kinds: "CronJob.batch", fields: "spec.schedule", asks: "it has TZ in it", when: func(c *change, e *Edit) answer {
			return when(strings.Contains(e.New.Str(), "TZ") && (!strings.Contains(e.Old.Str(), "TZ") || !c.is("spec.timeZone").Empty()))
		}},
		says:    "cannot use TZ or CRON_TZ in schedule, use timeZone field instead",
		because: "a time zone stands in spec.timeZone",
		source:  batchValidation + "validateScheduleFormat, 1.37.2",
	},
	{
		rule: rule{kinds: "CronJob.batch", fields: "spec.jobTemplate.spec.selector", asks: "it is set", when: func(_ *change, e *Edit) answer {
			return when(e.New != nil)
		}},
		says:    "`selector` will be auto-generated",
		because: "each Job of a CronJob is given a selector of its own",
		source:  batchValidation + "ValidateJobTemplateSpec, 1.37.2",
	},
	{
		rule: rule{kinds: "CronJob.batch", fields: "spec.jobTemplate.spec.manualSelector", asks: "it is true", when: func(c *change, _ *Edit) answer {
			return when(isTrue(c.is("spec.jobTemplate.spec.manualSelector")))
		}},
		says:    `supported values: "nil", "false"`,
		because: "each Job of a CronJob is given a selector of its own",
		source:  batchValidation + "ValidateJobTemplateSpec, 1.37.2",
	},
}

// jobScheduling are the fields of a suspended Job's template that may change.
const jobScheduling = "spec.template.metadata.labels spec.template.metadata.annotations spec.template.spec.nodeSelector " +
	"spec.template.spec.tolerations spec.template.spec.schedulingGates spec.template.spec.affinity.nodeAffinity"

// jobOpen are those that may change besides, from 1.36 on
// (MutablePodResourcesForSuspendedJobs); only the spec is compared there.
const jobOpen = "spec.template.metadata spec.template.spec.containers.resources spec.template.spec.initContainers.resources"

// jobLocked tells whether an edit of a Job's template is refused.
func jobLocked(c *change, e *Edit) answer {
	if !isTrue(c.was("spec.suspend")) || !jobEditOpen(c, e) {
		return yes
	}
	if !c.observed() {
		return unsure
	}
	started := !c.was("status.startTime").Empty()
	if c.version <= 35 {
		return when(started)
	}
	suspended := false
	for _, s := range c.was("status.conditions").Each() {
		suspended = suspended || s.Get("type").Str() == "Suspended" && s.Get("status").Str() == "True"
	}
	return when(started && !suspended || integer(c.was("status.active"), 0) > 0)
}

func jobEditOpen(c *change, e *Edit) bool {
	open := jobScheduling
	if c.version >= 36 {
		open += " " + jobOpen
	}
	for f := range strings.FieldsSeq(open) {
		if within(e.Field, f) {
			return true
		}
	}
	// An affinity that comes or goes as a whole may have nodeAffinity in it, and
	// nothing else.
	return e.Field == "spec.template.spec.affinity" && onlyNodeAffinity(e.Old) && onlyNodeAffinity(e.New)
}

func onlyNodeAffinity(v *kubeobj.Value) bool {
	for _, a := range v.Each() {
		if a.Name != "nodeAffinity" && !a.Empty() {
			return false
		}
	}
	return true
}
