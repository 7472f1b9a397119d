package markdown

import (
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// Limits of what is kept of rows.
const (
	maxTables  = 8
	maxRows    = 30 // of one table
	maxColumns = 8
	maxCell    = 200
)

// tables are the rows of a run, written out and shortened.
type tables struct {
	kept []grid
	more int // rows of tables that are not kept
}

type grid struct {
	name    string
	columns []string
	lines   []string
	more    int
}

func (t *tables) hear(r *run.Row) {
	cells := r.Cells[:min(len(r.Cells), maxColumns)]
	i := slices.IndexFunc(t.kept, func(g grid) bool {
		return g.name == end(r.Table, maxRule) && slices.EqualFunc(g.columns, cells, func(n string, c run.Cell) bool { return n == end(c.Name, maxRule) })
	})
	if i < 0 {
		if len(t.kept) == maxTables || len(cells) == 0 {
			t.more++
			return
		}
		g := grid{name: strings.Clone(end(r.Table, maxRule))}
		for _, c := range cells {
			g.columns = append(g.columns, strings.Clone(end(c.Name, maxRule)))
		}
		i, t.kept = len(t.kept), append(t.kept, g)
	}
	g := &t.kept[i]
	if len(g.lines) == maxRows {
		g.more++
		return
	}
	g.lines = append(g.lines, line(cells))
}

// line writes a row with ever less of its cells, until it is no longer than
// maxLine.
func line(cells []run.Cell) string {
	for share := 1; ; share *= 2 {
		var out []string
		for _, c := range cells {
			out = append(out, cell(c, maxCell/share))
		}
		if s := "| " + strings.Join(out, " | ") + " |\n"; len(s) <= maxLine || share == 64 {
			return s
		}
	}
}

// cell writes a value: what can be typed and what is a name is code.
func cell(c run.Cell, most int) string {
	switch {
	case strings.TrimSpace(c.Value) == "":
		return " "
	case c.Value == "-":
		return c.Value // no list starts in a cell
	case finding.IsCommand(c.Value), c.Name == "address", c.Name == "object" && !strings.Contains(c.Value, " "):
		return code(c.Value, most)
	}
	return prose(c.Value, most)
}

// titled is the name of a table for people, or nothing when it is not one of
// ours.
func titled(table string) string {
	switch table {
	case "doctor":
		return "Capabilities"
	case "gate":
		return "The gate"
	case "environments":
		return "Environments"
	case "evidence":
		return "Evidence and its environment"
	case "unassigned":
		return "Objects without an environment"
	case "changes":
		return "How each change happens"
	case "drift":
		return "What becomes of drift, and who caused it"
	}
	return ""
}

// capital starts a word of ours with a capital letter.
func capital(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// write adds the tables. A long one of a run that has findings is folded.
func (t *tables) write(b *block, folded bool) {
	for i := range t.kept {
		g := &t.kept[i]
		if !folded {
			name := "**" + titled(g.name) + "**"
			if titled(g.name) == "" {
				name = words.First(prose(g.name, maxRule), "Table")
			}
			b.add(name + "\n\n")
			g.write(b)
			continue
		}
		b.fold(words.First(titled(g.name), markup(g.name, maxRule))+" ("+count(len(g.lines)+g.more, "row", "rows")+")", g.write)
	}
	if t.more > 0 {
		b.add("... and " + count(t.more, "row", "rows") + " of other tables\n\n")
	}
}

func (g *grid) write(b *block) {
	head := ""
	for _, c := range g.columns {
		head += "| " + prose(capital(c), maxRule) + " "
	}
	more := g.more
	room := &block{most: b.most - b.text.Len() - 100} // for the last line
	if !room.add(head + "|\n" + strings.Repeat("|---", len(g.columns)) + "|\n") {
		b.cut = true
		return
	}
	for i, s := range g.lines {
		if !room.add(s) {
			more += len(g.lines) - i
			break
		}
	}
	b.add(room.text.String() + "\n")
	if more > 0 {
		b.add("... and " + count(more, "more row", "more rows") + "\n\n")
	}
}

func (t *tables) capped() bool {
	more := t.more
	for i := range t.kept {
		more += t.kept[i].more
	}
	return more > 0
}
