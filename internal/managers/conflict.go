package managers

import "slices"

// Conflict is two marks of tools of which each writes the object as it wants it.
//
// A mark stays when its tool goes: an object that moved from Helm to Argo CD keeps
// Helm's annotations. So two marks are two claims; that both tools still act is
// shown by what stands behind each (see Evidence), and without it is unproven.
type Conflict struct {
	A, B Mark
	// SameTool: two releases, two Applications.
	SameTool bool
}

// Conflicts are the pairs of marks that contradict each other, in the order of
// Marks. These do not:
//
//   - app.kubernetes.io/managed-by: Helm or helm.sh/chart with the mark of Argo CD,
//     Flux or kapp: they render charts with helm template, and no release exists.
//     That label is no mark at all.
//   - app.kubernetes.io/instance: charts write it too, so it claims nothing.
//   - Helm and a HelmRelease of Flux: helm-controller installs a release and labels
//     what is in it. The names may differ (spec.releaseName).
//   - Fleet with anything: others write its mark too, and it installs bundles as
//     releases of Helm.
//   - Anything on what another object owns: operators copy labels and annotations
//     to what they make, and the owner decides. Except Argo CD's tracking ID with the
//     owner, because it names this very object.
//   - Operator Lifecycle Manager and an owner reference: the same owner.
//
// The marks that Marks returns for one object hold each tool once, so that two
// releases of Helm are seen only between two sides: see Compare.
func Conflicts(marks []Mark) []Conflict {
	owned := slices.ContainsFunc(marks, func(m Mark) bool { return m.Tool == Controlled })
	var out []Conflict
	for i := range marks {
		for j := i + 1; j < len(marks); j++ {
			if contradict(&marks[i], &marks[j]) && (!owned || marks[j].Tool == Controlled) {
				out = append(out, Conflict{A: marks[i], B: marks[j]})
			}
		}
	}
	return out
}

// Compare finds the tools of a live object that a manifest contradicts: another
// release or Application of the same tool, or another tool.
func Compare(live, manifest []Mark) []Conflict {
	var out []Conflict
	for i := range live {
		for j := range manifest {
			a, b := live[i], manifest[j]
			switch {
			case !a.Sure || !b.Sure:
			case a.Tool != b.Tool:
				if contradict(&a, &b) {
					out = append(out, Conflict{A: a, B: b})
				}
			case a.Name != b.Name || a.Namespace != "" && b.Namespace != "" && a.Namespace != b.Namespace:
				out = append(out, Conflict{A: a, B: b, SameTool: true})
			}
		}
	}
	return out
}

func contradict(a, b *Mark) bool {
	if !a.Sure || !b.Sure || a.Tool == b.Tool {
		return false
	}
	if a.Tool > b.Tool {
		a, b = b, a
	}
	switch {
	case a.Tool == Helm && b.Tool == FluxHelmRelease:
		return false
	case b.Tool == Controlled:
		return a.Tool == ArgoCD
	}
	return true
}

// Evidence is the object that shows that what a mark names is still there; ok is
// false where no object would. For a release of Helm it is a Secret whose labels
// are owner: helm, name: NAME and status: deployed, with the name NamePrefix and a
// number.
//
// Source: helm v3 pkg/storage/driver/secrets.go, newSecretsObject.
func (m *Mark) Evidence() (group, kind, namespace, name, namePrefix string, ok bool) {
	switch m.Tool {
	case Helm:
		return "", "Secret", m.Namespace, "", "sh.helm.release.v1." + m.Name + ".v", true
	case ArgoCD, FluxKustomization, FluxHelmRelease, OLM, Controlled:
		return m.Group, m.Kind, m.Namespace, m.Name, "", m.Kind != "" && m.Name != ""
	}
	return "", "", "", "", "", false
}
