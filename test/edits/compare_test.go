package edits

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The classes of the table: what happened, or why it is not held against what was
// said.
const (
	refused   = "refused"
	nothing   = "nothing" // stored as it was
	untouched = "untouched"
	replaced  = "replaced"
	partly    = "some replaced"
	scaled    = "scaled"
	letGo     = "let go"
	begun     = "begun"     // a rollout whose pods no node takes, or the server makes none
	invalid   = "invalid"   // refused, and so is a create: not claimed
	unproven  = "unproven"  // with the manifests as OLD; what is live decides
	otherwise = "otherwise" // than we say
)

// happened is what became of an edit.
func (e *edit) happened() string {
	switch {
	case e.refusal != "":
		return refused
	case !e.changed():
		return nothing
	case e.waits != "":
		return begun
	}
	return fate(e.before, e.now, e.alone)
}

// fits tells whether what was said is what happened.
func fits(word, happened string) bool {
	switch word {
	case "refused":
		return happened == refused
	case "nothing", "dropped":
		return happened == nothing
	case "in place", "stored, not in effect":
		return happened == untouched || happened == letGo
	case "containers restarted", "resized in place": // by a kubelet; the pod stays
		return happened == untouched
	case "every pod replaced":
		return happened == replaced || happened == begun
	case "some pods replaced":
		return happened == partly || happened == begun
	case "scaled": // a range of ordinals moves: some go, some come, the others go on
		return happened == scaled || happened == partly
	}
	return false
}

// forms are what OLD is.
var forms = [2]string{"manifests", "live"}

// counts is the table: of each kind, how many edits of each class.
type counts map[string]map[string]int

func (c counts) add(kind, class string) {
	if c[kind] == nil {
		c[kind] = map[string]int{}
	}
	c[kind][class]++
}

func (c counts) total(class string) int {
	n := 0
	for _, of := range c {
		n += of[class]
	}
	return n
}

func (c counts) String() string {
	columns := []string{refused, nothing, untouched, letGo, scaled, replaced, partly, begun, unproven, invalid, otherwise}
	var out strings.Builder
	fmt.Fprintf(&out, "%-25s", "")
	for _, name := range columns {
		fmt.Fprintf(&out, "%14s", name)
	}
	for _, kind := range slices.Sorted(maps.Keys(c)) {
		fmt.Fprintf(&out, "\n%-25s", kind)
		for _, name := range columns {
			fmt.Fprintf(&out, "%14d", c[kind][name])
		}
	}
	fmt.Fprintf(&out, "\n%-25s", "all")
	for _, name := range columns {
		fmt.Fprintf(&out, "%14d", c.total(name))
	}
	return out.String()
}

// compare holds what was said of each edit against what happened.
func (w *world) compare(all []*edit, seed uint64) counts {
	w.t.Helper()
	table := counts{}
	kubelet := 0
	for _, e := range all {
		happened := e.happened()
		class := happened
		for i, s := range e.said {
			word := s.word()
			if word == "containers restarted" || word == "resized in place" {
				kubelet += i
			}
			switch {
			case word == "unproven":
				class = unproven
				w.t.Logf("unproven: %s, OLD is %s; %s\n    %s", e, forms[i], happened, s)
			case fits(word, happened):
			case happened == refused && e.invalid != "":
				class = invalid
			case w.known(e, i, word, happened):
				class = otherwise
			default:
				class = otherwise
				w.t.Errorf("%s, OLD is %s: we say %s, and it is: %s\n    %s\n    the server: %s\n    a create: %s", e, forms[i], word, happened, s, e.refusal, e.invalid)
			}
		}
		table.add(e.old.GetKind(), class)
	}
	w.t.Logf("seed %d, Kubernetes %s; %d were argued from documentation, because only a kubelet could show more than that the pod stays\n%s", seed, w.version, kubelet, table)
	return table
}

// enough holds that the test has not shrunk.
func (w *world) enough(table counts) {
	w.t.Helper()
	judged := 0
	for _, of := range table {
		for class, n := range of {
			if class != invalid && class != unproven {
				judged += n
			}
		}
	}
	open := table.total(unproven)
	for _, c := range []struct {
		what     string
		is, want int
	}{
		{"edits judged", judged, 350},
		{"kinds", len(table), 30},
		{"edits refused", table.total(refused), 70},
		{"edits that replaced pods", table.total(replaced) + table.total(partly), 60},
		{"edits that scaled", table.total(scaled), 8},
		{"edits that left pods alone", table.total(untouched), 100},
		{"edits of which nothing was stored", table.total(nothing), 5},
	} {
		if c.is < c.want {
			w.t.Errorf("%d %s are too few, %d are wanted", c.is, c.what, c.want)
		}
	}
	if 10*open > judged+open {
		w.t.Errorf("%d of %d are unproven", open, judged+open)
	}
}
