package edits

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// happened is what became of an edit, in the words of the product where it has
// them.
func (e *edit) happened() string {
	switch {
	case e.refusal != "":
		return "refused"
	case !e.changed():
		return "nothing"
	}
	return fate(e.before, e.now)
}

// fits tells whether what was said is what happened.
func fits(word, happened string) bool {
	switch word {
	case "refused":
		return happened == "refused"
	case "nothing", "dropped":
		return happened == "nothing"
	case "in place", "stored, not in effect", "containers restarted", "resized in place":
		return happened == "untouched"
	case "every pod replaced":
		return happened == "replaced"
	case "some pods replaced":
		return happened == "partly replaced"
	case "scaled": // a range of ordinals moves: some go, some come, the others go on
		return happened == "scaled" || happened == "partly replaced"
	}
	return false
}

var forms = [2]string{"manifests", "live"}

func (w *world) compare(all []*edit, seed uint64) {
	w.t.Helper()
	table := map[string]map[string]int{}
	totals := map[string]int{}
	var unproven []string
	for _, e := range all {
		happened := e.happened()
		if e.waits != "" && happened != "refused" && happened != "nothing" {
			happened = "begun" // and no node takes the pods
		}
		class := happened
		for i, s := range e.said {
			word := s.word()
			switch {
			case word == "unproven":
				unproven = append(unproven, fmt.Sprintf("%s, OLD is %s, happened: %s: %s", e, forms[i], happened, s))
				class = "unproven"
			case fits(word, happened):
			case happened == "begun" && (word == "every pod replaced" || word == "some pods replaced"):
			case happened == "refused" && e.invalid != "":
				class = "invalid"
			default:
				class = "otherwise"
				w.t.Errorf("%s, OLD is %s: we say %s, and it is: %s\n    %s\n    the server: %s\n    a create: %s", e, forms[i], word, happened, s, e.refusal, e.invalid)
			}
		}
		if table[e.old.GetKind()] == nil {
			table[e.old.GetKind()] = map[string]int{}
		}
		table[e.old.GetKind()][class]++
		totals[class]++
	}
	w.t.Logf("seed %d, Kubernetes %s\n%s", seed, w.version, tabulate(table, totals))
	for _, u := range unproven {
		w.t.Logf("unproven: %s", u)
	}
}

func tabulate(table map[string]map[string]int, totals map[string]int) string {
	columns := slices.Sorted(maps.Keys(totals))
	var out strings.Builder
	fmt.Fprintf(&out, "%-26s", "")
	for _, c := range columns {
		fmt.Fprintf(&out, "%16s", c)
	}
	line := func(name string, counts map[string]int) {
		fmt.Fprintf(&out, "\n%-26s", name)
		for _, c := range columns {
			fmt.Fprintf(&out, "%16d", counts[c])
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(table)) {
		line(kind, table[kind])
	}
	line("all", totals)
	return out.String()
}
