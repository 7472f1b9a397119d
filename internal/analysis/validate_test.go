package analysis

import (
	"slices"
	"strings"
	"testing"
)

func TestValidateRefuses(t *testing.T) {
	good := func() *Analyzer {
		return &Analyzer{Name: "a", Doc: "d", Rules: []*Rule{rule("AAA001"), rule("AAA002")}, Run: func(*Pass) error { return nil }}
	}
	if err := Validate([]*Analyzer{good()}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil  func(*Analyzer)
		reason string
	}{
		"no name":         {func(a *Analyzer) { a.Name = "" }, "required"},
		"no doc":          {func(a *Analyzer) { a.Doc = "" }, "required"},
		"no run":          {func(a *Analyzer) { a.Run = nil }, "required"},
		"id in lower":     {func(a *Analyzer) { a.Rules[0].ID = "aaa001" }, "three capitals"},
		"id too long":     {func(a *Analyzer) { a.Rules[0].ID = "AAA0001" }, "three capitals"},
		"id twice":        {func(a *Analyzer) { a.Rules[1].ID = "AAA001" }, "both"},
		"no title":        {func(a *Analyzer) { a.Rules[1].Title = " " }, "title"},
		"no claim":        {func(a *Analyzer) { a.Rules[1].Claim = "" }, "claim"},
		"no claimant":     {func(a *Analyzer) { a.Rules[1].Claimant = "" }, "claimant"},
		"no why":          {func(a *Analyzer) { a.Rules[1].Why = "\n" }, "why"},
		"no fix":          {func(a *Analyzer) { a.Rules[1].Fix = "" }, "fix"},
		"no unit":         {func(a *Analyzer) { a.Rules[1].Unit = "" }, "unit"},
		"needs nothing":   {func(a *Analyzer) { a.Rules[0].Needs = nil }, "evidence it needs"},
		"requires itself": {func(a *Analyzer) { a.Requires = []*Analyzer{a} }, "requires itself"},
		"a longer cycle": {func(a *Analyzer) {
			b := good()
			b.Name, b.Rules, b.Requires = "b", nil, []*Analyzer{a}
			a.Requires = []*Analyzer{b}
		}, "requires itself"},
	} {
		a := good()
		c.spoil(a)
		if err := Validate([]*Analyzer{a}); err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want %q", name, err, c.reason)
		}
	}
	if err := Validate([]*Analyzer{good(), good()}); err == nil || !strings.Contains(err.Error(), "two analyzers") {
		t.Errorf("two of one name: %v", err)
	}
}

func TestOrdered(t *testing.T) {
	a, b, c, d := &Analyzer{Name: "a"}, &Analyzer{Name: "b"}, &Analyzer{Name: "c"}, &Analyzer{Name: "d"}
	a.Requires, b.Requires, c.Requires = []*Analyzer{b, c}, []*Analyzer{d}, []*Analyzer{d}
	got, err := ordered([]*Analyzer{a, c})
	var names []string
	for _, x := range got {
		names = append(names, x.Name)
	}
	if err != nil || !slices.Equal(names, []string{"d", "b", "c", "a"}) {
		t.Errorf("%v, %v", names, err)
	}
}
