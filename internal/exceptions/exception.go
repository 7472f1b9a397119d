package exceptions

import (
	"fmt"
	"strings"
	"time"

	"polygraph/internal/finding"
	"polygraph/internal/strictyaml"
)

// Exception excuses findings. Either Rule or Fingerprint is set.
type Exception struct {
	Rule        string
	Fingerprint string    // the full one, or the one without the environment
	Subject     string    // a Glob on the identity; empty for all; only with Rule
	Environment string    // empty for all
	Owner       string    // who answers for it
	Reason      string    // why it is right, for now
	Expires     time.Time // midnight UTC of the last day on which it is valid
	At          finding.Location
}

// Expired tells whether its last day is over, in UTC.
func (e *Exception) Expired(now time.Time) bool { return !now.Before(e.Expires.AddDate(0, 0, 1)) }

// soon is how many days before its end an exception says so.
const soon = 14

// broad tells that it excuses everything its rule will ever find.
func (e *Exception) broad() bool {
	return e.Rule != "" && e.Environment == "" && (e.Subject == "" || strings.Trim(e.Subject, "*") == "")
}

// By is what an excused finding says: "polygraph.yaml:12, team-data, until
// 2026-12-31: REASON", on one line.
func (e *Exception) By(now time.Time) string {
	notes := ""
	if !now.Before(e.Expires.AddDate(0, 0, 1-soon)) {
		notes = " (soon)"
	}
	if e.broad() {
		notes += ", covers every subject of " + e.Rule
	}
	return fmt.Sprintf("%s:%d, %s, until %s%s: %s", e.At.File, e.At.Line, e.Owner,
		e.Expires.Format(time.DateOnly), notes, strings.Join(strings.Fields(e.Reason), " "))
}

// name says what it is meant for. It holds no path, line, date or owner, so it
// identifies the exception after it was moved, extended or handed over.
func (e *Exception) name() string {
	s := e.Rule
	if s == "" {
		s = e.Fingerprint
	} else if e.Subject != "" {
		s += " " + e.Subject
	}
	if e.Environment != "" {
		s += " in " + e.Environment
	}
	return s
}

// admits tells whether a finding is in the environment that the exception
// names. inferred is true when somebody would have to believe a guess for that.
func (e *Exception) admits(s *finding.Subject) (yes, inferred bool) {
	if e.Environment == "" {
		return true, false
	}
	same := e.Environment == s.Environment
	return same && s.Inferred == "", same && s.Inferred != ""
}

// Glob is a pattern for the identity of a subject: `*` stands for any text, `?`
// for one character, a backslash takes the next one as it is. Brackets are
// themselves, because Terraform addresses are full of them.
type Glob string

// UnmarshalText refuses a pattern that cannot be meant.
func (g *Glob) UnmarshalText(b []byte) error {
	s := string(b)
	if err := strictyaml.CheckLine(s); err != nil {
		return err
	}
	if strings.HasSuffix(strings.ReplaceAll(s, `\\`, ""), `\`) {
		return &strictyaml.Advice{Reason: "bad glob " + strictyaml.Quote(s) + ": nothing follows its last backslash", Do: `write \\ for a backslash`}
	}
	*g = Glob(s)
	return nil
}

// Shape is the schema of it.
func (Glob) Shape() map[string]any { return strictyaml.Line("").Shape() }

// literal returns the identity that a pattern without wildcards stands for.
func (g Glob) literal() (string, bool) {
	if strings.ContainsAny(string(g), `*?\`) {
		return "", false
	}
	return string(g), true
}

// Match runs in the time of len(g) * len(s) at worst.
func (g Glob) Match(s string) bool {
	p, text := []rune(string(g)), []rune(s)
	i, j, star, mark := 0, 0, -1, 0
	for j < len(text) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && p[i] == '?':
			i++
			j++
		case i+1 < len(p) && p[i] == '\\' && p[i+1] == text[j]:
			i += 2
			j++
		case i < len(p) && p[i] != '\\' && p[i] == text[j]:
			i++
			j++
		case star >= 0: // let the last star take one more
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
