package html

import (
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// looked is what was examined and what was not.
type looked struct {
	Evidence     []run.Evidence
	Lost         []run.Evidence // in a comparison: this alone fails the gate
	MoreEvidence tallies        // by kind
	Skips        []run.Skip
	MoreSkips    int // paths
	Notes        tallies

	evidenceBytes, skipBytes int
}

func (k *looked) hearEvidence(e *run.Evidence) {
	v := *e
	v.Sketch = nil // for machines
	v.Kind, v.Nature, v.Path, v.Detail, v.Environment = text(v.Kind), text(v.Nature), text(v.Path), text(v.Detail), text(v.Environment)
	v.Notes, _ = texts(e.Notes)
	for _, n := range v.Notes {
		k.Notes.add(n, maxList)
	}
	if e.Change != nil {
		c := *e.Change
		c.Why = text(c.Why)
		v.Change = &c
	}
	bytes := len(v.Kind) + len(v.Nature) + len(v.Path) + len(v.Detail) + len(v.Environment) + 200
	for _, n := range v.Notes {
		bytes += len(n)
	}
	if k.evidenceBytes+bytes > maxEvidenceBytes || len(k.Evidence)+len(k.Lost) == maxEvidence {
		k.MoreEvidence.add(v.Kind, maxList)
		return
	}
	k.evidenceBytes += bytes
	if c := v.Change; c != nil && (c.Worse || c.Status == finding.Lost) {
		k.Lost = append(k.Lost, v)
		return
	}
	k.Evidence = append(k.Evidence, v)
}

func (k *looked) hearSkip(s *run.Skip) {
	v := *s
	v.Path, v.Reason, v.Do = text(v.Path), text(v.Reason), text(v.Do)
	bytes := len(v.Path) + len(v.Reason) + len(v.Do) + 100
	// What the user named is the last to be left out.
	full := k.skipBytes+bytes > maxSkipBytes || len(k.Skips) >= maxSkips
	if full && (!v.Named || k.skipBytes+bytes > 2*maxSkipBytes) {
		k.MoreSkips += s.Count
		return
	}
	k.skipBytes += bytes
	k.Skips = append(k.Skips, v)
}

// tables are the rows of a run, by table.
type tables struct {
	List  []*table
	More  int // rows of tables that are not shown at all
	bytes int
	rows  int
}

type table struct {
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
		tab = &table{Name: name, index: map[string]int{}}
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
