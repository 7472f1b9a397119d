package junit

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"polygraph/internal/report/words"
)

// Close writes the document.
func (l *listener) Close() error {
	l.conclude()
	l.run.name = runSuite
	suites := []*suite{&l.run}
	for _, id := range l.order {
		if s := l.suites[id]; len(s.cases) > 0 {
			suites = append(suites, s)
		}
	}
	var total [4]int
	for _, s := range suites {
		for i, n := range s.count {
			total[i] += n
		}
	}
	elapsed := int64(0)
	if l.summary != nil {
		elapsed = max(0, l.summary.ElapsedMS)
	}
	l.text(xml.Header)
	l.text("<testsuites")
	l.attr("name", "polygraph "+cut(words.First(l.header.Command, "run")))
	l.counts(total, false)
	l.attr("time", seconds(elapsed))
	l.text(">\n")
	for i, s := range suites {
		if i > 0 {
			elapsed = 0 // a rule is not timed on its own
		}
		l.suite(s, elapsed)
	}
	l.text("</testsuites>\n")
	return l.buf.Flush()
}

func (l *listener) suite(s *suite, elapsed int64) {
	l.text("  <testsuite")
	l.attr("name", s.name)
	if s.analyzer != "" {
		l.attr("package", s.analyzer)
	}
	l.counts(s.count, true)
	l.attr("time", seconds(elapsed))
	if t := l.header.Started.UTC(); !t.IsZero() && t.Year() >= 0 && t.Year() <= 9999 {
		l.attr("timestamp", t.Format("2006-01-02T15:04:05"))
	}
	l.text(">\n")
	for i := range s.cases {
		l.testcase(&s.cases[i])
	}
	l.text("  </testsuite>\n")
}

func (l *listener) testcase(c *testcase) {
	l.text("    <testcase")
	l.attr("classname", c.class)
	l.attr("name", c.name)
	l.attr("time", "0.000")
	element := [...]string{passed: "", skipped: "skipped", failed: "failure", broken: "error"}[c.outcome]
	if element == "" {
		if c.body == "" {
			l.text("/>\n")
			return
		}
		l.text("><system-out>")
		l.lines(c.body)
		l.text("</system-out></testcase>\n")
		return
	}
	l.text("><" + element)
	l.attr("type", c.kind)
	l.attr("message", c.message)
	if c.body == "" {
		l.text("/></testcase>\n")
		return
	}
	l.text(">")
	l.lines(c.body)
	l.text("</" + element + "></testcase>\n")
}

// counts writes the numbers of cases. The schema has skipped on suites only.
func (l *listener) counts(n [4]int, suite bool) {
	l.attr("tests", strconv.Itoa(n[passed]+n[skipped]+n[failed]+n[broken]))
	l.attr("failures", strconv.Itoa(n[failed]))
	l.attr("errors", strconv.Itoa(n[broken]))
	if suite {
		l.attr("skipped", strconv.Itoa(n[skipped]))
	}
}

func (l *listener) attr(name, value string) {
	l.text(" " + name + `="`)
	l.escaped(value)
	l.text(`"`)
}

// text and escaped leave errors to Flush: bufio keeps the first.
func (l *listener) text(s string) { _, _ = l.buf.WriteString(s) }

func (l *listener) escaped(s string) { _ = xml.EscapeText(l.buf, []byte(legal(s))) }

// lines writes text with real line breaks, which xml.EscapeText would turn into
// references: correct, and unreadable.
func (l *listener) lines(s string) {
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			l.text("\n")
		}
		l.escaped(line)
	}
}

// legal makes visible what XML 1.0 cannot carry, not even as a reference.
// Control characters are visible already (package sanitize).
func legal(s string) string {
	if !strings.ContainsAny(s, "\ufffe\uffff") && utf8.ValidString(s) {
		return s
	}
	s = strings.ToValidUTF8(s, `\ufffd`)
	return strings.NewReplacer("\ufffe", `\ufffe`, "\uffff", `\uffff`).Replace(s)
}

func seconds(ms int64) string { return fmt.Sprintf("%d.%03d", ms/1000, ms%1000) }
