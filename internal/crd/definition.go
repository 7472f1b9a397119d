package crd

import (
	"fmt"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"polygraph/internal/fields"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// Effect is what an edit of a definition does.
type Effect struct {
	// Path is the field of the definition, with versions by name:
	// spec.versions[name=v1].schema.openAPIV3Schema.properties[spec]...
	Path   string
	Offset int64 // in the new definition; where the field went away, of what is around it
	fields.Outcome
}

// DefinitionJudgement is what becomes of an edit of a definition.
type DefinitionJudgement struct {
	Judgement
	Effects []Effect
}

// JudgeDefinition judges an edit of a CustomResourceDefinition; old is nil for a
// new one. An old definition that no cluster printed is taken to be established,
// and to have stored objects in its storage version only: of its other versions
// it is unknown whether they may go.
func JudgeDefinition(version kubeschema.Version, old, new *kubeobj.Object) DefinitionJudgement {
	var j DefinitionJudgement
	after, dropped, problem := decodeDefinition(new)
	if problem != nil {
		return refusedOr(*problem)
	}
	j.Dropped = dropped
	if old == nil {
		refusals, unknown := checkDefinition(version, after, nil, new)
		j.Refusals = refusals
		j.unknown(unknown)
		return j
	}
	before, _, problem := decodeDefinition(old)
	if problem != nil {
		j.unknown("the definition before: " + problem.Rule)
		return j
	}
	sure := true
	if old.Live && !new.Live {
		if after, sure = appliedDefinition(old, new); after == nil {
			j.unknown("the definition before cannot be merged with the new one")
			return j
		}
	}
	if len(before.Status.Conditions) == 0 && !old.Live {
		before.Status.Conditions = []apiextensionsv1.CustomResourceDefinitionCondition{{
			Type: apiextensionsv1.Established, Status: apiextensionsv1.ConditionTrue,
		}}
	}
	refusals, unknown := checkDefinition(version, after, before, new)
	j.Refusals = refusals
	j.unknown(unknown)
	if !sure && len(refusals) == 0 {
		j.unknown("the live definition has no " + lastApplied + ": what the manifest leaves out stays or goes, depending on who had set it")
	}
	if !old.Live {
		for _, name := range gone(before, after) {
			if !slices.Contains(before.Status.StoredVersions, name) {
				j.unknown(fmt.Sprintf("whether version %s may go: only status.storedVersions of the live definition says", name))
			}
		}
	}
	if len(j.Refusals) == 0 {
		j.Effects = effects(version, before, after, new)
	}
	return j
}

func (j *DefinitionJudgement) unknown(why string) {
	if why != "" {
		j.Unknown = append(j.Unknown, why)
	}
}

func refusedOr(p Problem) DefinitionJudgement {
	var j DefinitionJudgement
	if p.Unknown {
		j.unknown(p.Rule)
	} else {
		j.Refusals = []Refusal{p.Refusal}
	}
	return j
}

// appliedDefinition is the definition after kubectl apply. Its lists are
// replaced: they have no merge keys.
func appliedDefinition(old, new *kubeobj.Object) (*apiextensionsv1.CustomResourceDefinition, bool) {
	was, err := object(old)
	wanted, newErr := object(new)
	if err != nil || newErr != nil {
		return nil, false
	}
	m, sure := applied(wanted, was, old)
	merged := *new
	merged.Root = encode("", m, &new.Root, new.Root.Offset)
	after, _, problem := decodeDefinition(&merged)
	if problem != nil {
		return nil, false
	}
	return after, sure
}

// gone are the versions that a definition loses.
func gone(before, after *apiextensionsv1.CustomResourceDefinition) []string {
	var out []string
	for _, v := range before.Spec.Versions {
		if version(after, v.Name) == nil {
			out = append(out, v.Name)
		}
	}
	return out
}

func version(crd *apiextensionsv1.CustomResourceDefinition, name string) *apiextensionsv1.CustomResourceDefinitionVersion {
	for i := range crd.Spec.Versions {
		if crd.Spec.Versions[i].Name == name {
			return &crd.Spec.Versions[i]
		}
	}
	return nil
}
