package markdown

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	renderer "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"polygraph/internal/finding"
	"polygraph/internal/report/sanitize"
	"polygraph/internal/run"
)

// rendered is the document that a browser makes of some Markdown. HTML in it is
// let through, as GitHub and GitLab do for the elements that we use.
func rendered(t testing.TB, text string) *html.Node {
	t.Helper()
	md := goldmark.New(
		goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList),
		goldmark.WithRendererOptions(renderer.WithUnsafe()),
	)
	var buf bytes.Buffer
	if err := md.Convert([]byte(text), &buf); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(&buf)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// seen is what a reader and the passes behind the renderer see of a document.
type seen struct {
	text     strings.Builder // all of it
	prose    []string        // text nodes outside of code
	elements map[string]int
	foreign  []string // elements and attributes that are not ours
}

var ours = map[string]bool{
	"html": true, "head": true, "body": true, "h3": true, "p": true, "ul": true, "li": true, "strong": true, "hr": true,
	"table": true, "thead": true, "tbody": true, "tr": true, "th": true, "td": true,
	"details": true, "summary": true, "br": true, "code": true, "pre": true,
}

func look(n *html.Node, s *seen, quoted bool) {
	switch n.Type {
	case html.TextNode:
		s.text.WriteString(n.Data)
		if !quoted {
			s.prose = append(s.prose, n.Data)
		}
	case html.CommentNode:
		if n.Data != " polygraph " {
			s.foreign = append(s.foreign, "comment "+n.Data)
		}
	case html.ElementNode:
		s.elements[n.Data]++
		if !ours[n.Data] {
			s.foreign = append(s.foreign, n.Data)
		}
		for _, a := range n.Attr {
			if a.Key != "class" || !strings.HasPrefix(a.Val, "language-") || language(a.Val[9:]) == "" {
				s.foreign = append(s.foreign, n.Data+" "+a.Key+"="+a.Val)
			}
		}
		quoted = quoted || n.Data == "code" || n.Data == "pre"
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		look(c, s, quoted)
	}
}

func looked(t testing.TB, text string) *seen {
	s := &seen{elements: map[string]int{}}
	look(rendered(t, text), s, false)
	return s
}

// obeyed is what GitHub and GitLab turn into something else in text outside of
// code: mentions, issues, merge requests, labels, milestones, epics, snippets,
// commits, sites, mail, emoji (no name has two digits only: 08:00:00 is a time),
// mathematics.
var obeyed = regexp.MustCompile(`(?i)[@#!~%&$][\w"'({[]|\w[@#]\w|:([\w+-]*[a-z_+-][\w+-]*|\d|\d{3,}):|://|www\.|\bgh-\d|\b[a-z]+-\d|\b[0-9a-f]{7,40}\b|\[\[|\[[ x^v]|[{[][+-]`)

func (s *seen) complain(t testing.TB, source string) {
	t.Helper()
	for _, f := range s.foreign {
		t.Errorf("the renderer made %s of\n%s", f, source)
	}
	for _, p := range s.prose {
		if m := obeyed.FindString(p); m != "" {
			t.Errorf("%q outside of code (%q) of\n%s", m, p, source)
		}
	}
}

func hostiles() []string {
	return []string{
		"", " ", "  ", " a ", "`", "``", "```", "a`b", "`a`", "`a``b`", "` `", "a`", "`a", "(`a`).", "`a b` c", "x```` y``",
		"|", "a|b", `a\|b`, `a\\|b`, `\`, `a\`, "|`|", "`|`", `\|` + "`", "| a | b |", "||",
		"a\nb", "a\n\nb", "a\n# h", "a\n/close\n/merge", "/close", "\n- x", "\t x", "\r\n> q",
		"<details>", "</details>", "</details></table><script>alert(1)</script>", "<!--", "-->", "<!-- polygraph -->", "<b>", "a<b>c", "<a href=x>", "<code>", "</code>", "</summary>",
		"@team", "cc @org/team", "a @team, b", "@", "@ team", "mail me@example.com", "#123", "# 1", "owner/repo#1", "GH-123", "PROJ-1", "!12", "~label", `~"a label"`, "%1", `%"m"`, "&12", "$3", "50%", "^x",
		"[x](javascript:alert(1))", "![x](http://e/x.png)", "[x]: http://e", "[x][y]", "[^1]", "[^1]: x", "<http://e>", "http://example.com/a", "https://e", "www.example.com", "ftp://e",
		"*a*", "**a**", "_a_", "__a__", "~~a~~", "*", "a*b*c", "***", "- a", "+ a", "* a", "1. a", "1) a", "12345678. a", "> a", ">", "# a", "###### a", "=", "===", "---", "- - -", "***", "a\n===", "    code", "- [ ] a", "[ ] a", "[x] a",
		"&amp;", "&lt;", "&#64;", "&#x40;team", "&copy", "&", ":boom:", ":+1:", "a:boom:b", "::", "$x$", "$$x$$", "$`x`$", "\\(x\\)",
		"deadbeef", "defaced", "000'0000002", "www.", "www", "0123456789abcdef0123456789abcdef01234567", "1234567", "#0000ff", "owner/repo@deadbeef",
		"\x1b[31mred", "a\u202eb", "a\u200bb", "\x00", "\xff\xfe", "ü", "日本語", "🎉", "\u00a0", "＠team", strings.Repeat("`", 300), strings.Repeat("|", 400), strings.Repeat("<details>", 60), strings.Repeat("ab c", 5000),
		"\"quoted\"", "it's", "'a'", "(a)", "a (b_c), d.", "force_destroy = true; it", "a: b", "no.", "1.", "1)", "(1)", "3.14", "42,000", "e.g. this", "...", "!", "!!", "a!", "! [x](y)", "!`[x](y)`",
		"{{ x }}", "{+ a +}", "[- a -]", "%{project_name}", "[[wiki]]", "[[_TOC_]]", "[TOC]", ":::", "> [!NOTE]", ">>>", "~~~", "~~~\nx", "\\", "\\\\`", "\\`", "`\\", "\\<b>", "term\n: def", "a_b", "_a", "a_", "a__b", "ü_b", "a_ü", "_", "__", "#_a_", "1.5", "2)x", "1.a", "=a", ">a", ":a", "::a", "a!\"x", "08:00:00Z", ":100:", ":10:", "x:1:y", "feedback", "C#", "a #", "#", "a $", "$ $", "$-a b$", "{{", "{", "a{b}", "a<b", "<", "a < b", "a&b", "&&", "a[0]", "[see it]", "tags_all", "7.48.0:efs/fileSystem.d.ts", "eu-west-1", "ſ-1", "aK-1", "a_b-1", "%é", "&é;", "!é", "a=b", "a=b,c;", "-a", "+a", "~", "~a", "*", "a *", "ab\u2028cd",
	}
}

// context is a place of a comment in which text of a run stands.
type context struct{ before, after string }

func contexts() map[string]context {
	return map[string]context{
		"paragraph": {"Zz ", " zz\n"},
		"start":     {"", "\n"},
		"item":      {"- ", "\n- zz\n"},
		"cell":      {"| Zz | Yy |\n|---|---|\n| ", " | zz |\n"},
	}
}

// bare is the text as it can be compared: Markdown joins spaces, and backticks
// in a sentence are marks.
func bare(s string, marks bool) string {
	if marks {
		s = strings.ReplaceAll(s, "`", "")
	}
	return strings.Join(strings.Fields(s), " ")
}

func checkInline(t testing.TB, raw string) {
	t.Helper()
	s := sanitize.Block(raw)
	for name, c := range contexts() {
		for kind, written := range map[string]string{"code": code(s, len(s)), "prose": prose(s, len(s))} {
			if strings.TrimSpace(s) == "" && (kind == "prose" || name != "paragraph") {
				continue
			}
			source := c.before + written + c.after
			got, around := looked(t, source), looked(t, c.before+"zzz"+c.after)
			got.complain(t, name+" "+kind+": "+source)
			want := strings.Replace(around.text.String(), "zzz", s, 1)
			if s == "" {
				want = strings.Replace(around.text.String(), "zzz", "(no name)", 1)
			}
			if g, w := bare(got.text.String(), kind == "prose"), bare(want, kind == "prose"); g != w {
				t.Errorf("%s %s of %q reads\n%q, want\n%q\nsource: %q", name, kind, s, g, w, source)
			}
			delete(got.elements, "code")
			for e, n := range got.elements {
				if n != around.elements[e] {
					t.Errorf("%s %s of %q: %d of <%s>, want %d; source: %q", name, kind, s, n, e, around.elements[e], source)
				}
			}
		}
	}
	checkBlocks(t, s)
}

func checkBlocks(t testing.TB, s string) {
	t.Helper()
	source := "a\n\n" + fence(s, "hcl") + "\nb\n"
	got := looked(t, source)
	got.complain(t, source)
	if w := "a\n" + strings.TrimRight(s, "\n") + "\n\nb\n"; got.text.String() != w {
		t.Errorf("a fence of %q reads\n%q, want\n%q", s, got.text.String(), w)
	}
	for line := range strings.SplitSeq(source, "\n") {
		if strings.HasPrefix(line, "/") {
			t.Errorf("a line that bots obey: %q", line)
		}
	}
	line := strings.ReplaceAll(s, "\n", " ")
	source = "<details><summary>" + markup(line, len(line)) + "</summary>\n\nb\n\n</details>\n"
	got = looked(t, source)
	got.complain(t, source)
	if strings.TrimRight(got.text.String(), "\n") != line+"\n\nb" && strings.Join(strings.Fields(got.text.String()), " ") != strings.Join(strings.Fields(line+" b"), " ") {
		t.Errorf("a summary of %q reads %q", line, got.text.String())
	}
}

func TestHostileText(t *testing.T) {
	for _, s := range hostiles() {
		checkInline(t, s)
	}
	for _, a := range hostiles() {
		if len(a) > 60 {
			continue
		}
		for _, b := range []string{"`", "|", "\\", "."} {
			checkInline(t, a+b)
			checkInline(t, b+a)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range hostiles() {
		if len(s) < 400 {
			f.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) < 4096 {
			checkInline(t, s)
		}
	})
}

// poisoned is a run in which every text is s.
func poisoned(s string, comparison, conclusion bool) []*run.Message {
	fill := func(f *finding.Finding) *finding.Finding {
		f.Rule, f.Title, f.Claim, f.Picture = s, s, s, s
		f.Subject = finding.Subject{Kind: s, Identity: s, Environment: s, Inferred: s}
		f.Proof = []finding.Statement{{Text: s, At: finding.Location{File: s, Object: s, Pointer: s, Line: 3}}, {Text: s}, {Text: s}, {Text: s}}
		f.Missing = []finding.Missing{{Evidence: s, Get: s}, {Evidence: s + "2", Get: "aws " + s}}
		f.Remedy = finding.Remedy{Text: s, Commands: []string{s, s}, Patch: s, Language: s}
		f.FirstSeen, f.Overdue = s, true
		return f
	}
	head := checked()
	d := (*run.Difference)(nil)
	if comparison {
		head = compared()
		head.Header.Base.Name, head.Header.Head.Name = s, s
		d = &run.Difference{Direction: "worse", EvidenceLost: 1, Excepted: 4, Reasons: []string{s, s}, Warnings: []string{s}}
	}
	head.Header.Version, head.Header.Inputs, head.Header.Config = s, []string{s, s}, s
	ms := []*run.Message{head}
	for status := finding.Unjudged; status <= plain1; status++ {
		if comparison == (status == plain1) {
			continue
		}
		why := s
		if status == finding.Same {
			why = ""
		}
		ms = append(ms, found(fill(loss("")), status, status == finding.New, why), found(fill(open("")), status, false, why),
			found(fill(excepted(loss(""))), status, false, why))
		ms[len(ms)-1].Finding.ExceptedBy = s
		if status == finding.Lost || status == finding.Removed {
			e := read(status)
			e.Evidence.Path, e.Evidence.Kind, e.Evidence.Change.Why = s, s, s
			ms = append(ms, e)
		}
	}
	if comparison {
		ms = append(ms, found(fill(loss("")), finding.Same, true, s), found(fill(loss("")), finding.Lost, true, s), found(fill(loss("")), finding.Lost, true, s+notExamined),
			found(fill(loss("")), finding.Worse, true, s))
	}
	for _, table := range []string{"doctor", "changes", s} {
		ms = append(ms, row(table, s, s, "address", s, "get", "aws "+s), row(table, s, s, "address", s, "get", "aws "+s))
	}
	ms = append(ms, &run.Message{Skip: &run.Skip{Path: s, Count: 2, Reason: s, Do: s}}, &run.Message{Skip: &run.Skip{Path: s, Count: 1, Reason: s, Do: "git " + s}})
	end := ended(finding.Refuted, 3, 2, 1, 1, d)
	end.Summary.Missing = []run.Gap{{Rule: s, Evidence: s, Get: s}}
	end.Summary.Coverage.Kinds = map[string]int{s: 1}
	if conclusion {
		end.Summary.Conclusion = s
	}
	return append(ms, end)
}

func checkComment(t testing.TB, s string) {
	t.Helper()
	for i := range 3 {
		comparison, conclusion := i == 1, i == 2
		ms := poisoned(s, comparison, conclusion)
		harmless := poisoned("harmless", comparison, conclusion)
		if conclusion { // a command that judges no claim has no findings
			finds := func(m *run.Message) bool { return m.Finding != nil }
			ms, harmless = slices.DeleteFunc(ms, finds), slices.DeleteFunc(harmless, finds)
		}
		out := comment(t, ms...)
		if len(out) > MaxBytes {
			t.Errorf("%d bytes", len(out))
		}
		if !strings.HasPrefix(out, Marker+"\n") {
			t.Error("the marker is not on the first line")
		}
		got := looked(t, out)
		got.complain(t, out)
		// The same run with a harmless text has the same shape. Where a long text
		// is cut or left out, only the elements themselves can be compared.
		if len(s) > 10 || strings.ContainsAny(s, "\n|`") || strings.TrimSpace(s) != s || s == "" {
			continue
		}
		want := looked(t, comment(t, harmless...))
		for _, e := range []string{"h3", "table", "tr", "td", "th", "details", "summary", "ul", "li", "hr", "pre", "strong"} {
			if got.elements[e] != want.elements[e] {
				t.Errorf("%q: %d of <%s>, want %d in\n%s", s, got.elements[e], e, want.elements[e], out)
			}
		}
	}
}

func TestHostileRuns(t *testing.T) {
	for _, s := range hostiles() {
		checkComment(t, s)
	}
	for _, s := range []string{"|", "`", "a|", "`|", "@a ", "<x>|", "\\|`"} {
		checkComment(t, strings.Repeat(s, 60_000))
	}
}

func FuzzComment(f *testing.F) {
	for _, s := range hostiles() {
		if len(s) < 400 {
			f.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) < 4096 {
			checkComment(t, s)
		}
	})
}
