package crd

import (
	"testing"

	"polygraph/internal/kubeobj"
)

// Whatever a definition and an object say, they are judged without a panic, with
// offsets inside of the text, and twice alike.
func FuzzJudge(f *testing.F) {
	f.Add(boxes, box("{size: 1}"), box("{size: 9, class: x, other: [1, {a: b}]}"))
	f.Add(head+"    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}\n", box("{}"), box("[null]"))
	f.Add(head+"    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-embedded-resource: true, properties: {spec: {type: array, items: {type: object, default: {a: {}}, properties: {a: {type: object, additionalProperties: {type: string, default: b}}}}, x-kubernetes-list-type: set}}}}}\n", box("[{}]"), box("[{}, {}]"))
	f.Add(head+"    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-validations: [{rule: 'self.spec.all(x, self.spec.all(y, x == y))', messageExpression: 'string(size(self.spec))', fieldPath: .spec}], properties: {spec: {type: array, maxItems: 10, items: {type: string, maxLength: 4}}}}}}\n", box("[a]"), box("[a, b]"))
	f.Fuzz(func(t *testing.T, definition, before, after string) {
		if len(definition)+len(before)+len(after) > 1<<16 {
			return
		}
		first := func(text string) *kubeobj.Object {
			file, problem := kubeobj.Parse("x.yaml", []byte(text))
			if problem != nil || len(file.Objects) == 0 {
				return nil
			}
			return file.Objects[0]
		}
		d, old, new := first(definition), first(before), first(after)
		if d == nil || new == nil {
			return
		}
		set, problems := Read(37, []*kubeobj.Object{d})
		for _, p := range problems {
			if p.Offset < -1 || p.Offset > int64(len(definition)) {
				t.Errorf("offset %d of %d", p.Offset, len(definition))
			}
		}
		j := set.Judge(old, new)
		if again := set.Judge(old, new); len(again.Refusals) != len(j.Refusals) || len(again.Dropped) != len(j.Dropped) {
			t.Errorf("%+v\n%+v", j, again)
		}
		for _, r := range j.Refusals {
			if r.Offset < -1 || r.Offset > int64(len(after)) || r.At < -1 || r.At > int64(len(definition)) {
				t.Errorf("%+v", r)
			}
		}
		set.Normalize(new)
		set.Audit([]*kubeobj.Object{new})
		set.Type(new.Group, new.Version, new.Kind)
		JudgeDefinition(29, d, d)
		if old != nil && Is(d) {
			JudgeDefinition(37, d, old)
		}
	})
}
