package fields

import "slices"

// effect is what an accepted edit does.
type effect struct {
	rule
	Outcome
	// still says who runs the old value, where that needs the objects.
	still func(*change) string
}

// effects are all rules; the first that holds is the answer. The last of each
// kind is for all of its fields.
var effects = slices.Concat(metadataEffects, workloadEffects, podEffects, configurationEffects, networkEffects, storageEffects, clusterEffects)

// effect says what an accepted edit does.
func (c *change) effect(e *Edit) Outcome {
	for _, r := range c.book.effects {
		if !r.applies(c.version, e) || r.holds(c, e) != yes {
			continue
		}
		o := r.Outcome
		o.Because += c.parts(e)
		if r.still != nil {
			o.Still = r.still(c)
		}
		return o
	}
	return Outcome{Because: "nothing is known about this field"}
}

const selects = "what selects by labels sees it at once (Services, policies, controllers, kubectl)"

// metadataEffects are those of the object's own metadata. That of a pod template
// is the template's.
var metadataEffects = []effect{
	{
		rule: rule{kinds: "Namespace", fields: "metadata.labels", asks: "it is of Pod Security", when: func(_ *change, e *Edit) answer {
			return when(podSecurity(e))
		}},
		Outcome: Outcome{
			Mechanism: Stored, Because: "Pod Security looks at pods when they are made or changed; enforcing more evicts none",
			Still:  "the pods that run, until they are replaced",
			Source: "pod-security-admission admission ValidatePod, ValidateNamespace, 1.37.2",
		},
	},
	{
		rule:    rule{fields: "metadata.labels"},
		Outcome: Outcome{Mechanism: InPlace, Because: "a label of the object itself: " + selects, Source: "kubernetes.io/docs/concepts/overview/working-with-objects/labels, 1.37"},
	},
	{
		rule: rule{fields: "metadata.annotations"},
		Outcome: Outcome{
			Mechanism: InPlace, Because: "an annotation of the object itself, which runs nothing anew",
			Source: "kubernetes.io/docs/concepts/overview/working-with-objects/annotations, 1.37",
		},
	},
	{
		rule: rule{fields: "metadata.ownerReferences"},
		Outcome: Outcome{
			Mechanism: InPlace, Because: "the garbage collector deletes the object with its owners, and at once where none of them exists",
			Source: "pkg/controller/garbagecollector attemptToDeleteItem, 1.37.2",
		},
	},
	{
		rule:    rule{fields: "metadata.finalizers"},
		Outcome: Outcome{Mechanism: InPlace, Because: "a deletion waits for them", Source: "apiserver pkg/registry/generic/registry deletionFinalizersForGarbageCollection, 1.37.2"},
	},
	{
		rule:    rule{fields: "metadata.generateName"},
		Outcome: Outcome{Mechanism: Stored, Because: "a name is made from it once", Still: "the object, which has its name", Source: "apiserver pkg/registry/rest BeforeCreate, 1.37.2"},
	},
	{
		rule:    rule{fields: "metadata"},
		Outcome: Outcome{Mechanism: InPlace, Because: "metadata of the object itself, which runs nothing anew", Source: "apiserver pkg/registry/rest BeforeUpdate, 1.37.2"},
	},
}
