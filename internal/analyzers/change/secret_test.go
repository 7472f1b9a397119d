package change

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
	"polygraph/internal/stateful"
)

// canaries makes random objects in which everything that a mask hides is a
// unique word or number that nothing may ever print.
type canaries struct {
	*rand.Rand
	entry stateful.Entry // of a database
	n     int
}

func (g *canaries) word() string { g.n++; return fmt.Sprintf("CANARY%d", g.n) }

// secret makes a value that is hidden as a whole, names inside included.
func (g *canaries) secret() any {
	switch g.Intn(6) {
	case 0:
		g.n++
		return 987650000 + g.n%10000
	case 1:
		return map[string]any{g.word(): g.word(), g.word(): map[string]any{g.word(): 1}}
	case 2:
		return []any{g.word(), g.word()}
	default:
		return g.word()
	}
}

// value makes both sides of a change and the masks that belong to them.
func (g *canaries) value(depth int) (before, after, hideB, hideA any) {
	switch k := g.Intn(8); {
	case k < 3:
		b := g.secret()
		a := b
		if g.Intn(2) == 0 {
			a = g.secret()
		}
		return b, a, true, true
	case k < 5 || depth == 0:
		return "open", []any{"open", "other"}[g.Intn(2)], []any{nil, false}[g.Intn(2)], false
	case k < 7:
		b, a, hb, ha := g.object(depth-1, "key")
		return b, a, hb, ha
	default:
		// A list whose elements stand in another order on the other side.
		n := 1 + g.Intn(3)
		b, a, hb, ha := make([]any, n), make([]any, n), make([]any, n), make([]any, n)
		for i, j := range g.Perm(n) {
			b[i], a[j], hb[i], ha[j] = g.value(depth - 1)
		}
		return b, a, hb, ha
	}
}

func (g *canaries) object(depth int, prefix string) (before, after, hideB, hideA map[string]any) {
	before, after, hideB, hideA = map[string]any{}, map[string]any{}, map[string]any{}, map[string]any{}
	for i := range 1 + g.Intn(4) {
		k := fmt.Sprintf("%s%d", prefix, i)
		before[k], after[k], hideB[k], hideA[k] = g.value(depth)
	}
	return before, after, hideB, hideA
}

// sides drops the mask of one side now and then: the other is enough.
func (g *canaries) sides(hideB, hideA any) (any, any) {
	switch g.Intn(4) {
	case 0:
		return map[string]any{}, hideA
	case 1:
		return hideB, false
	}
	return hideB, hideA
}

func with(object map[string]any, more map[string]any) map[string]any {
	for k, v := range more {
		object[k] = v
	}
	return object
}

// plan makes a plan in which all four rules have something to say.
func (g *canaries) plan() []byte {
	entry := func(address string, change map[string]any) map[string]any {
		typ, name, _ := strings.Cut(address, ".")
		return map[string]any{"address": address, "mode": "managed", "type": typ, "name": name, "provider_name": "p", "change": change}
	}
	values := func(actions []string, add map[string]any) map[string]any {
		b, a, hb, ha := g.object(2, "attr")
		for k, v := range add {
			b[k], a[k] = v, v
		}
		if g.Intn(8) == 0 { // hidden as a whole: all values are secrets then
			for k := range b {
				b[k], a[k] = g.secret(), g.secret()
			}
			return map[string]any{"actions": actions, "before": b, "after": a, "after_unknown": map[string]any{}, "before_sensitive": true, "after_sensitive": []any{true, false}[g.Intn(2)]}
		}
		hide := func(k string) {
			if _, ok := b[k]; ok && g.Intn(2) == 0 {
				b[k], hb[k], ha[k] = g.word(), true, true
				a[k] = b[k]
			}
		}
		hide("id")
		hide("arn")
		hide("final_snapshot_identifier")
		sb, sa := g.sides(hb, ha)
		if len(actions) == 1 && actions[0] == "delete" {
			sb = hb // its only side
		}
		return map[string]any{"actions": actions, "before": b, "after": a, "after_unknown": map[string]any{}, "before_sensitive": sb, "after_sensitive": sa}
	}
	replace := []string{"delete", "create"}

	unguarded, _ := g.entry.Example(false)
	database := values(replace, with(unguarded, map[string]any{"id": "db-0123456789", "arn": "arn:db", "final_snapshot_identifier": "x"}))
	database["after_unknown"] = map[string]any{"id": true}
	var paths []any
	for k, v := range database["before"].(map[string]any) {
		if m, ok := v.(map[string]any); ok {
			for inner := range m {
				paths = append(paths, []any{k, inner})
			}
		}
	}
	database["replace_paths"] = append(paths, []any{"attr0"}, []any{"attr1", 0, "key0"})

	drawn := values([]string{"update"}, nil)
	drawn["after"] = drawn["before"]
	drawn["after_unknown"] = map[string]any{"db": true}

	gone := values([]string{"delete"}, map[string]any{"name": "shop"})
	made := map[string]any{"actions": []string{"create"}, "before": nil, "after": gone["before"], "after_unknown": map[string]any{"id": true}, "before_sensitive": false}
	gone["after_sensitive"] = false
	made["after_sensitive"] = gone["before_sensitive"]
	gone["after"] = nil

	reverted := values([]string{"update"}, nil)
	outside := map[string]any{
		"actions": []string{"update"}, "before": reverted["after"], "after": reverted["before"], "after_unknown": map[string]any{},
		"before_sensitive": reverted["after_sensitive"], "after_sensitive": reverted["before_sensitive"],
	}
	if g.Intn(2) == 0 {
		outside["before_sensitive"], outside["after_sensitive"] = map[string]any{}, false
	}

	doc := map[string]any{
		"format_version": "1.2", "terraform_version": "1.11.4",
		"resource_changes": []any{
			entry("aws_db_instance.main", database), entry("aws_app.drawn", drawn), entry("aws_old.a", gone), entry("aws_old.b", made), entry("aws_thing.d", reverted),
			entry("aws_local.l", with(values([]string{"update"}, map[string]any{"src": "arn:db-0123456789"}), map[string]any{"after_unknown": map[string]any{"src": true}})),
		},
		"resource_drift": []any{entry("aws_thing.d", outside)},
		"configuration": map[string]any{"root_module": map[string]any{"resources": []any{
			map[string]any{"mode": "managed", "type": "aws_db_instance", "name": "main", "expressions": map[string]any{}},
			map[string]any{"mode": "managed", "type": "aws_app", "name": "drawn", "expressions": map[string]any{"db": map[string]any{"references": []string{"aws_db_instance.main.id", "aws_db_instance.main"}}}},
			map[string]any{"mode": "managed", "type": "aws_thing", "name": "d", "expressions": map[string]any{"attr0": map[string]any{"references": []string{"var.x"}}}},
			map[string]any{"mode": "managed", "type": "aws_local", "name": "l", "expressions": map[string]any{"src": map[string]any{"references": []string{"local.x"}}}},
		}}},
	}
	out, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return out
}

// messages runs the analyzer and returns everything it emits, printed in every
// way Go has.
func messages(t *testing.T, plan []byte) (all string, found []finding.Finding) {
	t.Helper()
	var b strings.Builder
	r := analysis.Runner{Analyzers: []*analysis.Analyzer{Analyzer()}, Clock: func() time.Time { return time.Unix(0, 0) }, Tables: true}
	item := &evidence.Item{Kind: evidence.TerraformPlan(), Path: "plan.json", Blob: evidence.Bytes(plan)}
	_, err := r.Run(context.Background(), analysis.Evidence{Items: []*evidence.Item{item}}, func(m *run.Message) error {
		text, err := json.Marshal(m)
		if err != nil {
			return err
		}
		b.Write(text)
		var part any
		switch {
		case m.Finding != nil:
			found = append(found, *m.Finding)
			part = *m.Finding
		case m.Row != nil:
			part = *m.Row
		case m.Evidence != nil:
			part = *m.Evidence
		case m.Skip != nil:
			t.Fatalf("not examined: %+v\n%s", *m.Skip, plan)
		case m.Summary != nil:
			part = *m.Summary
		}
		fmt.Fprintf(&b, "%v %+v %#v", part, part, part)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), found
}

func TestNoSecretIsEverPrinted(t *testing.T) {
	database, ok := stateful.Lookup("aws_db_instance")
	if !ok {
		t.Fatal("no database in the catalogue")
	}
	g := &canaries{Rand: rand.New(rand.NewSource(5)), entry: database}
	rules := map[string]int{}
	redacted := 0
	for i := range 600 {
		plan := g.plan()
		out, found := messages(t, plan)
		for _, mark := range []string{"CANARY", "98765"} {
			if at := strings.Index(out, mark); at >= 0 {
				t.Fatalf("plan %d: ...%s...\n%s", i, out[max(0, at-300):min(len(out), at+50)], plan)
			}
		}
		for _, f := range found {
			if f.Verdict == finding.Refuted {
				rules[f.Rule]++
			}
		}
		if strings.Contains(out, evidence.Redacted) {
			redacted++
		}
	}
	for _, r := range rules4() {
		if rules[r] < 200 {
			t.Errorf("%s was refuted only %d times: the plans test little", r, rules[r])
		}
	}
	if redacted < 200 {
		t.Errorf("only %d outputs show that something is hidden", redacted)
	}
}

func rules4() []string { return []string{"CHG001", "CHG002", "CHG003", "CHG004"} }

// TestSecretsDecideAllTheSame: a sensitive value is compared like any other.
func TestSecretsDecideAllTheSame(t *testing.T) {
	plan := func(drift, change string) []byte {
		entry := func(body string) string {
			return `[{"address":"aws_x.d","mode":"managed","type":"aws_x","name":"d","change":` + body + `}]`
		}
		return []byte(`{"format_version":"1.2","resource_changes":` + entry(change) + `,"resource_drift":` + entry(drift) + `,"configuration":{"root_module":{}}}`)
	}
	const masks = `"before_sensitive":{"p":true},"after_sensitive":{"p":true}`
	drift := `{"actions":["update"],"before":{"p":"CANARY1"},"after":{"p":"CANARY2"},` + masks + `}`
	for name, c := range map[string]struct {
		change  string
		refuted bool
	}{
		"set back":        {`{"actions":["update"],"before":{"p":"CANARY2"},"after":{"p":"CANARY1"},"after_unknown":{},` + masks + `}`, true},
		"a third value":   {`{"actions":["update"],"before":{"p":"CANARY2"},"after":{"p":"CANARY3"},"after_unknown":{},` + masks + `}`, false},
		"not marked here": {`{"actions":["update"],"before":{"p":"CANARY2"},"after":{"p":"CANARY1"},"after_unknown":{}}`, true},
		"marked map":      {`{"actions":["update"],"before":{"p":"CANARY2"},"after":{"p":"CANARY1"},"after_unknown":{},"before_sensitive":true}`, true},
	} {
		out, found := messages(t, plan(drift, c.change))
		if strings.Contains(out, "CANARY") {
			t.Errorf("%s: it is printed: %s", name, out)
		}
		refuted := len(found) == 1 && found[0].Rule == "CHG004" && found[0].Verdict == finding.Refuted
		if refuted != c.refuted || refuted && !strings.Contains(found[0].Proof[0].Text, "p from (sensitive) to (sensitive)") {
			t.Errorf("%s: %+v", name, found)
		}
	}
}
