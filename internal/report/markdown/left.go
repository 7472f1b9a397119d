package markdown

import (
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// left is evidence that only BASE examined, and what went with it.
type left struct {
	lost, removed         []piece
	lostMore, removedMore int
	worse                 int            // pieces that are a reason to fail
	because               map[string]int // findings that were lost, by their reason
}

// piece is one piece of evidence; its texts are shortened, not escaped.
type piece struct{ path, kind, why string }

func (l *listener) hearEvidence(e *run.Evidence) {
	c, k := e.Change, &l.left
	if c == nil || c.Status != finding.Lost && c.Status != finding.Removed {
		return
	}
	list, more := &k.removed, &k.removedMore
	if c.Status == finding.Lost {
		k.worse++
		list, more = &k.lost, &k.lostMore
	}
	if len(*list) >= maxMentions {
		*more++
		return
	}
	*list = append(*list, piece{
		strings.Clone(end(e.Path, 4*maxName)), strings.Clone(end(e.Kind, maxRule)), strings.Clone(end(c.Why, maxTitle/2)),
	})
}

// notExamined is how a comparison ends the reason of a finding whose evidence is
// not there.
const notExamined = " was not examined"

// went counts why findings were lost: those of one file are one sentence.
func (k *left) went(f *finding.Finding) {
	why := end(f.Change.Why, 4*maxName+len(notExamined))
	if k.because == nil {
		k.because = map[string]int{}
	}
	if _, known := k.because[why]; known || len(k.because) < maxRules {
		k.because[strings.Clone(why)]++
	}
}

// lostEvidence is the cause of what was lost and what to do about it.
func (l *listener) lostEvidence(b *block) {
	k := &l.left
	if len(k.lost) == 0 {
		return
	}
	b.add("**Evidence LOST**: examine it in HEAD too. If it is gone for good, make BASE again without it.\n\n")
	for _, p := range k.lost {
		line := "- " + p.String()
		if n := k.because[p.path+notExamined]; n > 0 {
			line += "; " + count(n, "finding", "findings") + " went with it"
		}
		b.add(line + "\n")
	}
	if k.lostMore > 0 {
		b.add("- ... and " + grouped(k.lostMore) + " more\n")
	}
	b.add("\n")
}

func (p piece) String() string {
	s := code(p.path, maxName/2)
	if p.kind != "" {
		s += " (" + prose(p.kind, maxRule) + ")"
	}
	if p.why != "" {
		s += ": " + prose(p.why, maxTitle/2)
	}
	return s
}

// lostFindings counts what went: nobody can mend a finding that nobody sees.
func (l *listener) lostFindings(b *block) {
	s := &l.lost
	if s.total == 0 {
		return
	}
	var all tally
	all.merge(&s.rest)
	for _, e := range s.kept {
		all.add(e.rule)
	}
	b.add("**LOST**, " + count(s.total, "finding of BASE that nobody looked at", "findings of BASE that nobody looked at") + ": " + all.String() + l.causes() + "\n\n")
	name := "Which findings"
	if s.total > len(s.kept) {
		name = "The first " + grouped(len(s.kept)) + " of them"
	}
	b.fold(name, func(b *block) {
		for _, e := range s.kept {
			b.add(e.line)
		}
		if n := s.total - len(s.kept); n > 0 {
			b.add("- ... and " + grouped(n) + " more\n")
		}
		b.add("\n")
	})
}

// causes are the reasons that are not a file which is listed above.
func (l *listener) causes() string {
	k := &l.left
	var other tally
	for why, n := range k.because {
		listed := why == ""
		for _, p := range k.lost {
			listed = listed || why == p.path+notExamined
		}
		if !listed {
			other.note(why, n)
		}
	}
	text := ""
	for i, p := range other.sorted() {
		if i == 3 {
			text += "; and for other reasons"
			break
		}
		text += "; " + grouped(p.n) + " because " + prose(p.rule, maxTitle/2)
	}
	return text
}

// removedEvidence are declarations that are gone.
func (l *listener) removedEvidence(b *block) {
	k := &l.left
	if len(k.removed) == 0 {
		return
	}
	b.add("**Evidence REMOVED** (a declaration that is gone):\n\n")
	for _, p := range k.removed {
		b.add("- " + p.String() + "\n")
	}
	if k.removedMore > 0 {
		b.add("- ... and " + grouped(k.removedMore) + " more\n")
	}
	b.add("\n")
}
