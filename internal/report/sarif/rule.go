package sarif

import (
	"regexp"
	"strings"
	"unicode"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

const name = "Polygraph"

func (l *listener) driver(h *run.Header) driver {
	d := driver{Name: name, Version: words.Cut(h.Version, maxName), SemanticVersion: semantic(h.Version), Rules: []rule{}}
	l.ruleIndex = map[string]int{}
	for _, r := range h.Rules {
		if _, twice := l.ruleIndex[r.ID]; twice || r.ID == "" {
			continue
		}
		l.ruleIndex[r.ID] = len(d.Rules)
		d.Rules = append(d.Rules, describe(r))
	}
	return d
}

// semantic returns v without a leading v when it is a version by
// semver.org 2.0.0, else nothing: "dev" is no version to compare.
func semantic(v string) string {
	v = strings.TrimPrefix(v, "v")
	if len(v) > 255 || !semver().MatchString(v) {
		return ""
	}
	return v
}

func semver() *regexp.Regexp {
	const number, part = `(?:0|[1-9]\d*)`, `(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)`
	return regexp.MustCompile(`^` + number + `\.` + number + `\.` + number +
		`(?:-` + part + `(?:\.` + part + `)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$`)
}

// ruleProperties are the ones that GitHub code scanning documents.
type ruleProperties struct {
	Tags []string `json:"tags"`
	// Precision is how often such a result is true. A refuted claim has a
	// proof; that no rule is ever wrong has not been measured.
	Precision        string `json:"precision"`
	ProblemSeverity  string `json:"problem.severity"`
	SecuritySeverity string `json:"security-severity,omitempty"`
	Analyzer         string `json:"analyzer,omitempty"`
	Severity         string `json:"severity"`
}

func describe(r run.RuleRef) rule {
	title, claim := words.First(r.Title, r.Claim, r.ID), words.First(r.Claim, r.Title, r.ID)
	p := ruleProperties{
		Tags: []string{"infrastructure"}, Precision: "high",
		ProblemSeverity: problem(r.Severity), Analyzer: words.Cut(r.Analyzer, maxName), Severity: r.Severity.String(),
	}
	if r.Analyzer != "" && r.Analyzer != "security" && r.Analyzer != "infrastructure" {
		p.Tags = append(p.Tags, words.Cut(r.Analyzer, maxName))
	}
	if aboutSecurity(r.Analyzer) {
		p.Tags = append(p.Tags, "security")
		p.SecuritySeverity = score(r.Severity)
	}
	text, md := help(r)
	return rule{
		ID: r.ID, Name: identifier(title),
		Short: format{Text: short(title)}, Full: format{Text: short(claim)},
		Help:    format{Text: plain(text), Markdown: md},
		Default: configuration{level(r.Severity)}, Properties: p,
	}
}

// help says what the rule says about itself, as text and as Markdown.
func help(r run.RuleRef) (text, md string) {
	var t, m strings.Builder
	for _, p := range []struct{ label, text string }{
		{"Claim", r.Claim},
		{"Made by", r.Claimant},
		{"Why it matters", r.Why},
		{"Fix", r.Fix},
	} {
		if p.text == "" {
			continue
		}
		s := words.Cut(p.text, maxBlock)
		t.WriteString(p.label + ": " + s + "\n")
		m.WriteString("**" + p.label + "**: " + markdown(s) + "\n\n")
	}
	for i, s := range r.Sources {
		if i == maxListed {
			break
		}
		t.WriteString("Source: " + words.Cut(s, maxText) + "\n")
		m.WriteString("- Source: " + source(words.Cut(s, maxText)) + "\n")
	}
	if t.Len() == 0 {
		return r.ID, markdown(r.ID)
	}
	return strings.TrimRight(t.String(), "\n"), strings.TrimRight(m.String(), "\n")
}

func level(s finding.Severity) string {
	switch s {
	case finding.Info, finding.Low:
		return "note"
	case finding.Medium:
		return "warning"
	default:
		return "error"
	}
}

func problem(s finding.Severity) string {
	if v := level(s); v != "note" {
		return v
	}
	return "recommendation"
}

// aboutSecurity tells which capabilities find what an attacker can use. GitHub
// treats every result of a rule with a security-severity as a security alert,
// which a lost queue is not.
func aboutSecurity(analyzer string) bool {
	switch analyzer {
	case "hns", "image", "net", "dns":
		return true
	}
	return false
}

// score is in the middle of the range that GitHub calls by the same word.
func score(s finding.Severity) string {
	switch s {
	case finding.Critical:
		return "9.5"
	case finding.High:
		return "8.0"
	case finding.Medium:
		return "5.5"
	case finding.Low:
		return "2.0"
	default:
		return "" // GitHub: 0.0 means none
	}
}

// identifier makes a Pascal case name of a title, as §3.49.7 wants it.
func identifier(title string) string {
	var b strings.Builder
	up := true
	for _, r := range title {
		switch {
		case r == '\'' || r == '’':
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			up = true
		case b.Len() > 200: // of GitHub's 255
			return b.String()
		case up:
			b.WriteRune(unicode.ToUpper(r))
			up = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
