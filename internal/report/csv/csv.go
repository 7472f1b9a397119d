package csv

import (
	"bufio"
	"encoding/csv"
	"io"

	"polygraph/internal/report/sanitize"
	"polygraph/internal/run"
)

// New returns a listener that writes the rows of a run to w as they come. The
// first error of w is returned once, by Hear or Close; after it nothing more is
// written.
func New(w io.Writer) run.Listener {
	buf := bufio.NewWriterSize(w, 64<<10)
	return sanitize.Before(&listener{buf: buf, csv: csv.NewWriter(buf)})
}

// listener keeps one header and one record.
type listener struct {
	buf    *bufio.Writer
	csv    *csv.Writer
	table  string
	header []string
	at     map[string]int // name -> column; nil when a name is there twice
	record []string
	begun  bool
	broken bool
}

func (l *listener) Hear(m *run.Message) error {
	if l.broken || m.Row == nil || len(m.Row.Cells) == 0 || aside(m.Row.Table) {
		return nil
	}
	err := l.row(m.Row)
	l.broken = err != nil
	return err
}

// aside tells the tables that only say more about another one of the same run:
// who is in the list of net list, and what is to be said about its policies. A
// file with one table is one that every program reads.
func aside(table string) bool { return table == "endpoints" || table == "notes" }

func (l *listener) Close() error {
	if l.broken {
		return nil
	}
	l.csv.Flush()
	err := l.csv.Error()
	if err == nil {
		err = l.buf.Flush()
	}
	l.broken = err != nil
	return err
}

func (l *listener) row(r *run.Row) error {
	if !l.begun || r.Table != l.table || !l.fill(r.Cells) {
		if err := l.begin(r); err != nil {
			return err
		}
		l.fill(r.Cells)
	}
	return l.write(l.record)
}

// begin starts a block with the names of the cells of r.
func (l *listener) begin(r *run.Row) error {
	if l.begun {
		l.csv.Flush()
		if _, err := l.buf.WriteString("\n"); err != nil {
			return err
		}
	}
	l.begun, l.table = true, r.Table
	l.header = make([]string, 0, len(r.Cells))
	l.at = map[string]int{}
	for i, c := range r.Cells {
		l.header = append(l.header, c.Name)
		l.at[c.Name] = i
	}
	if len(l.at) < len(l.header) {
		l.at = nil
	}
	l.record = make([]string, len(l.header))
	for i, name := range l.header {
		l.record[i] = harmless(name)
	}
	return l.write(l.record)
}

// fill puts the cells under the header, and tells whether all of them fit.
func (l *listener) fill(cells []run.Cell) bool {
	clear(l.record)
	if l.sameNames(cells) {
		for i, c := range cells {
			l.record[i] = harmless(c.Value)
		}
		return true
	}
	seen := map[int]bool{}
	for _, c := range cells {
		i, ok := l.at[c.Name]
		if !ok || seen[i] {
			return false
		}
		seen[i] = true
		l.record[i] = harmless(c.Value)
	}
	return true
}

func (l *listener) sameNames(cells []run.Cell) bool {
	if len(cells) != len(l.header) {
		return false
	}
	for i, c := range cells {
		if c.Name != l.header[i] {
			return false
		}
	}
	return true
}

// write writes one record. The only one that encoding/csv would write as an empty
// line, which readers skip, is one empty cell.
func (l *listener) write(record []string) error {
	if len(record) != 1 || record[0] != "" {
		return l.csv.Write(record)
	}
	l.csv.Flush()
	if err := l.csv.Error(); err != nil {
		return err
	}
	_, err := l.buf.WriteString("\"\"\n")
	return err
}
