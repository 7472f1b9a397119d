package markdown

import "strings"

// failures is the table of what fails, and the findings that it shows. Each
// status has its own share of the bytes: what is new comes first and has room for
// leastNew findings whatever else fails.
func (l *listener) failures() (text string, shown []entry) {
	var rows, below strings.Builder
	few := min(maxOverdue, len(l.overdue.kept))
	for _, part := range []struct {
		kept []entry
		rest tally
		name string
		most int
	}{
		{l.failing.kept, l.failing.rest, "", maxTable},
		{l.worse.kept, l.worse.rest, " that got worse", maxWorse},
		{l.overdue.kept[:few], tally{}, " that are overdue", few * maxLine},
	} {
		n, size := 0, 0
		for n < len(part.kept) && size+len(part.kept[n].line) <= part.most {
			size += len(part.kept[n].line)
			rows.WriteString(part.kept[n].line)
			n++
		}
		shown = append(shown, part.kept[:n]...)
		below.WriteString(more(part.kept[n:], part.rest, part.name))
	}
	if len(shown) == 0 {
		return "", nil
	}
	text = tableHead + rows.String() + "\n" + below.String()
	if late := l.overdue.total - few; late > 0 {
		b := &block{most: maxLate}
		b.fold(count(late, "more is overdue", "more are overdue"), func(b *block) {
			b.add(tableHead)
			n, room := few, b.most-b.text.Len()-maxBelow
			for n < len(l.overdue.kept) && room >= len(l.overdue.kept[n].line) {
				room -= len(l.overdue.kept[n].line)
				b.add(l.overdue.kept[n].line)
				n++
			}
			b.add("\n" + more(l.overdue.kept[n:], l.overdue.rest, ""))
		})
		text += b.text.String()
	}
	return text, shown
}

const tableHead = "| Verdict | Rule | Severity | Subject and what is so |\n|---|---|---|---|\n"

// maxBelow bounds the bytes of one line that counts what a table does not list.
const maxBelow = 600

// more counts the findings that a table does not list.
func more(kept []entry, rest tally, name string) string {
	var all tally
	all.merge(&rest)
	for _, e := range kept {
		all.add(e.rule)
	}
	if all.total == 0 {
		return ""
	}
	line := "... and " + grouped(all.total) + " more" + name
	if text := line + ": " + all.String(); len(text) < maxBelow {
		line = text
	}
	return line + "\n\n"
}

// folded writes the details of what the tables show. In a check they are folded
// once more: the table is the message.
func (l *listener) folded(b *block, shown []entry) int {
	n := 0
	all := func(b *block) {
		for _, e := range shown {
			if !b.add(e.details) {
				return
			}
			n++
		}
	}
	if l.compares() || len(shown) < 2 {
		all(b)
	} else {
		b.fold("Claim, proof and remedy", all)
	}
	return n
}
