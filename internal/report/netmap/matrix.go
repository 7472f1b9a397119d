package netmap

// matrix is a table of cells with labels at its left and on top of it.
type matrix struct {
	rows, columns []band
	size          int // of a cell
	legend        []key
	note          string // below the legend
	// cell draws the cell of a row and a column.
	cell func(p *picture, row, column int32, x, y, size int)
}

// band is a group of rows or columns, under its heading when it has one.
type band struct {
	heading string
	tags    []tag
}

// tag is the label of a row or column.
type tag struct {
	id         int32
	text, full string
	mark       mark
	marked     bool
}

const (
	labelMost = 210 // pixels of a label
	room      = 8   // between bands
	gap       = 1   // between cells
	markSize  = 8
)

// sizes of a cell, by how many there are on the longer side.
func sizeOf(n int) int {
	for _, s := range []struct{ upTo, size int }{{5, 58}, {10, 46}, {20, 40}, {34, 28}, {50, 19}, {80, 14}, {120, 12}} {
		if n <= s.upTo {
			return s.size
		}
	}
	return 10
}

func (m *matrix) font() int { return min(13, max(8, m.size-2)) }

// heading is the height of the line of a heading.
func (m *matrix) heading(bands []band) int {
	for _, b := range bands {
		if b.heading != "" {
			return m.font() + 9
		}
	}
	return 0
}

// margin is how much room the labels of one side take.
func (m *matrix) labels(bands []band) int {
	most := 60
	for _, b := range bands {
		most = max(most, min(labelMost, wide(b.heading, m.font(), true)))
		for _, t := range b.tags {
			most = max(most, min(labelMost, wide(t.text, m.font(), false))+m.marks(t))
		}
	}
	return most + 10
}

func (m *matrix) marks(t tag) int {
	if t.marked {
		return markSize + 6
	}
	return 0
}

func (m *matrix) extent(bands []band) int {
	n := 0
	for _, b := range bands {
		n += m.heading(bands) + room + len(b.tags)*(m.size+gap)
	}
	return n
}

func (m *matrix) width() int { return m.labels(m.rows) + m.extent(m.columns) }

// draw draws the matrix with its upper left corner at x, y and returns the lower
// edge.
func (m *matrix) draw(p *picture, x, y int) int {
	left, top := x+m.labels(m.rows), y+m.labels(m.columns)
	p.text(left-12, top-26, style{size: 11, fill: faint, anchor: "end"}, "to →")
	p.text(left-12, top-10, style{size: 11, fill: faint, anchor: "end"}, "from ↓")
	columns := m.place(m.columns, left)
	rows := m.place(m.rows, top)
	m.top(p, columns, top)
	m.side(p, rows, left, left+m.extent(m.columns))
	for _, r := range rows {
		for _, row := range r.tags {
			for _, c := range columns {
				for _, column := range c.tags {
					m.cell(p, row.id, column.id, column.at, row.at, m.size)
				}
			}
		}
	}
	return top + m.extent(m.rows)
}

// placed is a band with the places of its heading and its cells.
type placed struct {
	band
	at   int // of the heading
	tags []placedTag
}

type placedTag struct {
	tag
	at int
}

func (m *matrix) place(bands []band, at int) (out []placed) {
	for _, b := range bands {
		at += room
		p := placed{band: b, at: at}
		at += m.heading(bands)
		for _, t := range b.tags {
			p.tags = append(p.tags, placedTag{t, at})
			at += m.size + gap
		}
		out = append(out, p)
	}
	return out
}

// side writes the labels at the left, and a line under each heading.
func (m *matrix) side(p *picture, rows []placed, left, right int) {
	f := m.font()
	for _, b := range rows {
		if b.heading != "" {
			p.tip(b.heading)
			p.text(left-10, b.at+f+2, style{size: f, fill: ink, anchor: "end", bold: true}, shortened(b.heading, labelMost, f, true))
			p.end()
			p.line(left, b.at+f+3, right, b.at+f+3, hair)
		}
		for _, t := range b.tags {
			p.tip(t.full)
			p.text(left-10-m.marks(t.tag), t.at+(m.size+f)/2-1, style{size: f, fill: ink, anchor: "end"}, shortened(t.text, labelMost, f, false))
			if t.marked {
				p.mark(left-6-markSize, t.at+(m.size-markSize)/2, markSize, t.mark)
			}
			p.end()
		}
	}
}

// top writes the labels on top, which run upwards.
func (m *matrix) top(p *picture, columns []placed, bottom int) {
	f := m.font()
	for _, b := range columns {
		if b.heading != "" {
			p.tip(b.heading)
			p.upright(b.at+f+1, bottom-6, style{size: f, fill: ink, bold: true}, shortened(b.heading, labelMost, f, true))
			p.end()
		}
		for _, t := range b.tags {
			p.tip(t.full)
			p.upright(t.at+(m.size+f)/2-1, bottom-6-m.marks(t.tag), style{size: f, fill: ink}, shortened(t.text, labelMost, f, false))
			if t.marked {
				p.mark(t.at+(m.size-markSize)/2, bottom-4-markSize, markSize, t.mark)
			}
			p.end()
		}
	}
}
