package crd

import (
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
)

// A definition whose rules are all made of all that is below them is not
// compiled.
func TestADefinitionThatIsTooMuchWork(t *testing.T) {
	var b strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&b, "p%d: {type: string}, ", i)
	}
	leaves := "{type: object, properties: {" + b.String() + "}}"
	nested := leaves
	for range 90 {
		nested = "{type: object, x-kubernetes-validations: [{rule: 'true'}, {rule: '1 == 1'}, {rule: '2 == 2'}], properties: {a: " + nested + "}}"
	}
	for name, c := range map[string]struct {
		schema  string
		unknown bool
	}{
		"large": {leaves, false},
		"deep":  {strings.Replace(leaves, "{type: object,", "{type: object, x-kubernetes-validations: [{rule: 'true'}],", 1), false},
		"both":  {nested, false},
		"worse": {strings.Repeat("{type: object, x-kubernetes-validations: [{rule: 'true'}], default: {}, properties: {a: ", 90) + leaves + strings.Repeat("}}", 90), true},
	} {
		_, problems := Read(37, parse(t, head+"    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: "+c.schema+"}}}}\n"))
		if got := len(problems) == 1 && problems[0].Unknown; got != c.unknown || len(problems) > 1 {
			t.Errorf("%s: %.300v", name, problems)
		}
	}
}

// A rule that was stored before there were limits is stopped by its cost.
func TestARuleThatCostsTooMuch(t *testing.T) {
	definition := head + `    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          x-kubernetes-validations:
            - {rule: "self.spec.all(a, self.spec.all(b, self.spec.all(c, a + b != c + 'x')))", message: no sums}
          properties:
            spec: {type: array, items: {type: string}}
`
	_, problems := Read(37, parse(t, definition))
	if len(problems) == 0 || problems[0].Unknown || !strings.Contains(problems[0].Rule, "exceeds budget") {
		t.Fatalf("%+v", problems)
	}
	d := one(t, definition)
	d.Live = true // a cluster stores it already: its cost was accepted
	s, problems := Read(37, []*kubeobj.Object{d})
	for _, p := range problems {
		if !strings.Contains(p.Rule, "exceeding cost limit") && !strings.Contains(p.Rule, "exceeds budget") {
			t.Fatalf("%+v", p)
		}
	}
	many := one(t, box("["+strings.Repeat("abc, ", 900)+"abc]"))
	j := s.Judge(nil, many)
	if len(j.Refusals) != 1 || !strings.Contains(j.Refusals[0].Rule, "cost") {
		t.Fatalf("%+v", j)
	}
	if s.spent.Load() == 0 {
		t.Error("nothing was counted")
	}
	s.spent.Store(maxCost + 1)
	if j := s.Judge(nil, many); len(j.Unknown) != 1 || len(j.Refusals) > 0 {
		t.Errorf("%+v", j)
	}
}

func TestALargeObject(t *testing.T) {
	s := read(t, 37, boxes)
	o := one(t, box("{}"))
	o.Root.Items = append(o.Root.Items, kubeobj.Value{Kind: kubeobj.String, Name: "x", Text: strings.Repeat("a", maxBytes)})
	if j := s.Judge(nil, o); len(j.Unknown) != 1 {
		t.Errorf("%+v", j)
	}
	var wrong strings.Builder
	for range 5000 {
		wrong.WriteString("{name: 1}, ")
	}
	if j := s.Judge(nil, one(t, box("{ports: ["+wrong.String()+"]}"))); len(j.Refusals) != maxRefusals {
		t.Errorf("%d refusals", len(j.Refusals))
	}
}
