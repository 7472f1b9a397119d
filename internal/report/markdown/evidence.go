package markdown

import (
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

func (l *listener) hearSkip(s *run.Skip) {
	l.skipped += max(s.Count, 1)
	if len(l.skips) >= maxMentions && !(s.Named && len(l.skips) < 2*maxMentions) {
		l.skipsMore++
		return
	}
	line := "- " + code(s.Path, maxName/2)
	if s.Count > 1 {
		line += " (" + count(s.Count, "path", "paths") + ")"
	}
	if s.Reason != "" {
		line += ": " + prose(s.Reason, maxTitle/2)
	}
	if s.Do != "" {
		do := prose(s.Do, maxTitle/2)
		if command(s.Do) {
			do = code(s.Do, maxTitle/2)
		}
		line += ". To do: " + do
	}
	l.skips = append(l.skips, line+"\n")
}

// gaps is the evidence that would settle what is unproven, and how to get it.
type gaps struct {
	kept []gap
	more int
}

type gap struct {
	evidence string
	text     string // written out
	way      string
	rules    []string
	findings int
}

func (g *gaps) hear(f *finding.Finding) {
	for _, m := range f.Missing {
		if k := g.note(m.Evidence, m.Get, f.Rule); k != nil {
			k.findings++
		}
	}
}

func (g *gaps) note(evidence, get, rule string) *gap {
	evidence = end(evidence, maxSentence)
	i := slices.IndexFunc(g.kept, func(k gap) bool { return k.evidence == evidence })
	if i < 0 {
		if len(g.kept) == maxMentions {
			g.more++
			return nil
		}
		i = len(g.kept)
		g.kept = append(g.kept, gap{
			evidence: strings.Clone(evidence), text: prose(evidence, maxTitle/2), way: way(get),
		})
	}
	k := &g.kept[i]
	if len(k.rules) < maxMentions && !slices.Contains(k.rules, rule) {
		k.rules = append(k.rules, strings.Clone(rule))
	}
	return k
}

// write lists the gaps, each with the command that closes it.
func (g *gaps) write(b *block) {
	for _, k := range g.kept {
		var rules []string
		for _, r := range k.rules {
			rules = append(rules, code(r, maxRule))
		}
		who := words.Some(rules, 4, "rules")
		if k.findings > 0 {
			who += "; " + count(k.findings, "finding", "findings")
		}
		b.add("Missing: " + k.text + " (" + who + ")\n\n" + k.way)
	}
	if g.more > 0 {
		b.add("... and more evidence\n\n")
	}
}
