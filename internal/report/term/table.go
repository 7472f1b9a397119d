package term

import (
	"io"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// sample is how many rows are held back to measure the columns. Everything
// after them is printed as it comes.
const sample = 500

// narrowest is how far any column may shrink on a terminal.
const narrowest = 8

// gap is between two columns.
const gap = "  "

// table prints rows in aligned columns. On a terminal a row is one line; a
// stream to a file or a pipe is never cut.
type table struct {
	ink   ink
	width int // 0: not a terminal
	w     io.Writer

	name    string
	columns []string
	held    []*run.Row
	widths  []int    // nil while measuring
	number  []bool   // columns of nothing but numbers stand right
	printed bool     // a table before this one
	above   []string // the cells of the row before
	dropped []string // columns for which there is no room
	terse   bool
}

func (t *table) add(r *run.Row) {
	if r.Table != t.name || !slices.EqualFunc(r.Cells, t.columns, func(c run.Cell, n string) bool { return c.Name == n }) {
		t.end()
		t.name = r.Table
		t.columns = make([]string, len(r.Cells))
		for i, c := range r.Cells {
			t.columns[i] = c.Name
		}
	}
	if t.widths != nil {
		t.print(r)
		return
	}
	// The row is only valid during the call, and it is cleaned into a copy
	// per message, so holding it is holding our own.
	t.held = append(t.held, r)
	if len(t.held) == sample {
		t.flush()
	}
}

// end prints what is held and forgets the table.
func (t *table) end() {
	t.flush()
	if t.widths != nil {
		t.printed = true
	}
	if len(t.dropped) > 0 {
		t.write(t.ink.dim.paint("no room for "+strings.ToUpper(strings.Join(t.dropped, ", "))+": a wider terminal or a file has it") + "\n")
		t.dropped = nil
	}
	t.name, t.columns, t.widths, t.above = "", nil, nil, nil
}

func (t *table) flush() {
	if len(t.held) == 0 {
		return
	}
	t.measure()
	if t.printed {
		t.write("\n")
	}
	head := make([]string, len(t.widths))
	for i, c := range t.columns[:len(t.widths)] {
		head[i] = strings.ToUpper(c)
	}
	t.cells(head, t.ink.head)
	for _, r := range t.held {
		t.print(r)
	}
	t.held = nil
}

func (t *table) print(r *run.Row) {
	text := make([]string, len(t.widths))
	for i := range text {
		text[i] = t.value(r.Cells[i])
	}
	t.cells(t.ditto(text), brush{})
}

// ditto leaves out what the row above says of the same thing: its name, and in
// the last column the same reason.
func (t *table) ditto(text []string) []string {
	above := t.above
	t.above = slices.Clone(text)
	last := len(text) - 1
	if last < 2 || len(above) != len(text) || text[0] != above[0] || text[0] == "" {
		return text
	}
	text[0] = ""
	if text[last] == above[last] && len(text[last]) > 20 {
		text[last] = "″"
	}
	return text
}

func (t *table) cells(text []string, b brush) {
	var line strings.Builder
	for i, s := range text {
		if t.width > 0 && !(i == len(t.columns)-1 && finding.IsCommand(s)) {
			s = fit(s, t.widths[i]) // a command that is cut is of no use
		}
		if i > 0 {
			line.WriteString(gap)
		}
		if t.number[i] {
			line.WriteString(strings.Repeat(" ", max(0, t.widths[i]-width(s))))
			line.WriteString(s)
			continue
		}
		line.WriteString(pad(s, t.widths[i]))
	}
	t.write(b.paint(strings.TrimRight(line.String(), " ")) + "\n")
}

// write leaves errors to the buffered writer behind it, which keeps the first.
func (t *table) write(s string) { _, _ = io.WriteString(t.w, s) }

// value is a cell as it is printed: on a terminal that is too narrow, well-known
// words are shorter.
func (t *table) value(c run.Cell) string {
	if !t.terse {
		return c.Value
	}
	return terse.Replace(c.Value)
}

// measure decides about the columns: all that is there when there is room, else
// shorter words, else without the last columns, and at last shorter cells. The
// first column names the thing, the last one is what can be missed first.
func (t *table) measure() {
	t.terse = false
	t.sizes()
	total := func() int { return t.width - len(gap)*(len(t.widths)-1) }
	if t.width == 0 || sum(t.widths) <= total() {
		return
	}
	t.terse = true
	t.sizes()
	for len(t.widths) > 2 && cramped(t.widths, total()) {
		last := len(t.widths) - 1
		t.dropped = slices.Insert(t.dropped, 0, t.columns[last])
		t.widths = t.widths[:last]
	}
	shrink(t.widths, total())
}

func (t *table) sizes() {
	t.widths = make([]int, len(t.columns))
	t.number = slices.Repeat([]bool{true}, len(t.columns))
	for i, c := range t.columns {
		t.widths[i] = width(c)
	}
	for _, r := range t.held {
		for i, c := range r.Cells {
			if i < len(r.Cells)-1 || !finding.IsCommand(c.Value) {
				t.widths[i] = max(t.widths[i], width(t.value(c)))
			}
			t.number[i] = t.number[i] && c.Value != "" && strings.Trim(c.Value, "0123456789,.") == ""
		}
	}
}

func sum(widths []int) int {
	n := 0
	for _, w := range widths {
		n += w
	}
	return n
}

// cramped tells whether columns cannot be told apart in so much room.
func cramped(widths []int, total int) bool {
	least := min(widths[0], legible)
	for _, w := range widths[1:] {
		least += min(w, telling)
	}
	return least > total
}

// How narrow columns may get before one of them is left out: the first one, which
// names the thing, and the others.
const (
	legible = 32
	telling = 18
)

// shrink takes columns away until all fit into total. The first column says
// which thing a row is about: two things must not end up looking the same, so
// the others give first.
func shrink(widths []int, total int) {
	if len(widths) == 0 {
		return
	}
	over := -total
	for _, w := range widths {
		over += w
	}
	for _, step := range []struct {
		columns []int
		floor   int
	}{
		{widths[len(widths)-1:], 24},       // can be missed first
		{widths[1:], 24}, {widths[:1], 52}, // reads well
		{widths[1:], 18}, {widths[:1], 32}, // can be told from others
		{widths, narrowest},
	} {
		for over > 0 && len(step.columns) > 0 {
			widest := 0
			for i, w := range step.columns {
				if w > step.columns[widest] {
					widest = i
				}
			}
			if step.columns[widest] <= step.floor {
				break
			}
			step.columns[widest]--
			over--
		}
	}
}
