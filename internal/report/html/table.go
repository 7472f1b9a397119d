package html

import (
	"strconv"

	"polygraph/internal/run"
)

// tables are the rows of a run, by table.
type tables struct {
	List  []*table
	More  int // rows of tables that are not shown at all
	bytes int
	rows  int
}

type table struct {
	ID      string // of the element
	Name    string
	Columns []string
	Rows    [][]string
	More    int // rows that are not shown
	index   map[string]int
}

func (t *tables) hear(r *run.Row) {
	name := text(r.Table)
	var tab *table
	for _, have := range t.List {
		if have.Name == name {
			tab = have
		}
	}
	if tab == nil {
		if len(t.List) == maxTables {
			t.More++
			return
		}
		tab = &table{ID: "table-" + strconv.Itoa(len(t.List)+1), Name: name, index: map[string]int{}}
		t.List = append(t.List, tab)
	}
	bytes := 0
	for _, c := range r.Cells {
		bytes += min(len(c.Value), maxText) + 20
	}
	if t.rows == maxRows || t.bytes+bytes > maxRowBytes {
		tab.More++
		return
	}
	t.rows++
	t.bytes += bytes
	cells := make([]string, len(tab.Columns), max(len(tab.Columns), min(len(r.Cells), maxColumns)))
	for _, c := range r.Cells {
		column := text(c.Name)
		i, ok := tab.index[column]
		if !ok {
			if len(tab.Columns) == maxColumns {
				continue
			}
			i = len(tab.Columns)
			tab.index[column] = i
			tab.Columns = append(tab.Columns, column)
		}
		for len(cells) <= i {
			cells = append(cells, "")
		}
		cells[i] = text(c.Value)
	}
	tab.Rows = append(tab.Rows, cells)
}

// Total is how many rows the table has.
func (t *table) Total() int { return len(t.Rows) + t.More }

// pad gives every row a cell for every column that came up.
func (t *tables) pad() {
	for _, tab := range t.List {
		for i, r := range tab.Rows {
			for len(r) < len(tab.Columns) {
				r = append(r, "")
			}
			tab.Rows[i] = r
		}
	}
}
