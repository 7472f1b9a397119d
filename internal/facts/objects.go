package facts

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
)

// Objects reads Kubernetes objects, declared, live and as they were before; its
// value is a *kubeobj.File.
func Objects() *analysis.Fact { return objects }

var objects = &analysis.Fact{
	Name:  "kubernetes-objects",
	Kinds: []*evidence.Kind{evidence.KubernetesManifest(), evidence.KubernetesLive(), evidence.KubernetesBefore()},
	Read: func(ctx context.Context, in analysis.Input) (analysis.Reading, error) {
		f, err := kubeobj.Read(ctx, in.Item)
		if err != nil {
			return analysis.Reading{}, err
		}
		r := analysis.Reading{
			Value: f, Notes: objectNotes(f), Detail: objectDetail(f),
			Names: func(yield func(string) bool) {
				for _, o := range f.Objects {
					if !yield(o.Identity()) {
						return
					}
				}
			},
		}
		if in.Things {
			var note string
			if r.Things, note = objectThings(f.Objects); note != "" {
				r.Notes = append(r.Notes, note)
			}
		}
		return r, nil
	},
}

// shownKinds is how many kinds the line about a file names.
const shownKinds = 4

func objectDetail(f *kubeobj.File) string {
	count := map[string]int{}
	for _, o := range f.Objects {
		count[o.Kind]++
	}
	kinds := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), strings.Compare(a, b))
	})
	var parts []string
	for i, k := range kinds {
		if i == shownKinds && len(kinds) > shownKinds+1 {
			parts = append(parts, fmt.Sprintf("%d more kinds", len(kinds)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("%d %s", count[k], k))
	}
	s := plural(len(f.Objects), "object", "objects")
	if len(kinds) > 0 {
		s += ": " + strings.Join(parts, ", ")
	}
	if n := len(f.Unread); n > 0 {
		s += ", " + plural(n, "document", "documents") + " not read"
	}
	return s
}

func objectNotes(f *kubeobj.File) []string {
	notes := slices.Clone(f.Notes)
	if twice := kubeobj.Duplicates(f.Objects); len(twice) > 0 {
		notes = append(notes, fmt.Sprintf("%s in the same file more than once, for example %s: the last that is applied stays",
			plural(len(twice), "object stands", "objects stand"), twice[0][0].Identity()))
	}
	n, first := 0, ""
	for _, o := range f.Objects {
		if len(o.Placeholders) == 0 {
			continue
		}
		if n++; n == 1 {
			first = o.Identity()
		}
	}
	if n > 0 {
		notes = append(notes, fmt.Sprintf("%s values that another program has yet to fill in, such as ${NAME}, for example %s: what they will be is not known",
			plural(n, "object has", "objects have"), first))
	}
	return notes
}

// objectThings names the objects of a file.
func objectThings(all []*kubeobj.Object) ([]evidence.Thing, string) {
	b := &marker{words: map[string]string{}, tags: map[string]map[string]string{}}
	out := make([]evidence.Thing, 0, min(len(all), analysis.MaxThings))
	for _, o := range all {
		if len(out) == analysis.MaxThings {
			return out, fmt.Sprintf("more than %d objects: the environments of the rest are not known", analysis.MaxThings)
		}
		t := evidence.Thing{Subject: finding.Subject{Kind: "kubernetes-object", Identity: o.Identity()}}
		if uid := text(o.Get("metadata", "uid").Str()); uid != "" {
			t.Subject.Aliases = []string{"uid:" + uid}
		}
		t.Marks = evidence.Marks{Name: text(o.Name), Namespace: text(o.Namespace)}
		if o.Group == "" && o.Kind == "Namespace" {
			t.Marks.Namespace = t.Marks.Name
		}
		labels := map[string]string{}
		for _, l := range o.Get("metadata", "labels").Each() {
			if name, value := text(l.Name), text(l.Str()); name != "" && value != "" && len(labels) < maxTags {
				labels[b.word(name)] = b.word(value)
			}
		}
		t.Marks.Tags = b.share(labels)
		out = append(out, t)
	}
	return out, ""
}
