package html

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	xhtml "golang.org/x/net/html"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

func hostile() []string {
	return []string{
		`</script><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `{{.Policy}}{{template "card"}}`,
		`javascript:alert(1)`, `https://evil.example/x`, `</style><style>*{display:none}</style>`, `--><!--<svg onload=alert(1)>`,
		"</title></textarea></pre></details></section>", "<base href=//evil.example>", "x\x1b[2J\u202e\x00\ny", "url(https://evil.example)",
		"findings", "bar", "v1:zzz", `&lt;img src=x&gt; &#60;`, `a|b [c](javascript:d) @all`, strings.Repeat("<i>", 60),
	}
}

// poison sets every string below v to s. It fails on a kind that it cannot
// fill, so that a new kind of field has to be thought about.
func poison(t testing.TB, v reflect.Value, s string) {
	t.Helper()
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(1e9, 0)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		poison(t, v.Elem(), s)
	case reflect.Struct:
		for i := range v.NumField() {
			poison(t, v.Field(i), s)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		poison(t, v.Index(0), s)
		poison(t, v.Index(1), s)
	case reflect.Map:
		k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		poison(t, k, s)
		poison(t, e, s)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(k, e)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Uint8:
	default:
		t.Fatalf("%s: teach this test about it", v.Kind())
	}
}

// poisoned is a run with s in every string of every message, in all places
// where a finding can stand.
func poisoned(t testing.TB, s string) []*run.Message {
	var m run.Message
	poison(t, reflect.ValueOf(&m).Elem(), s)
	out := []*run.Message{{Header: m.Header}, {Evidence: m.Evidence}, {Skip: m.Skip}, {Row: m.Row}, {Held: m.Held}, {Progress: m.Progress}}
	for status := finding.Unjudged; status <= finding.Removed; status++ {
		for _, worse := range []bool{true, false} {
			for _, v := range []finding.Verdict{finding.Refuted, finding.Unproven} {
				f := *m.Finding
				f.Verdict = v
				f.Change = &finding.Change{Status: status, Worse: worse, Was: s, Why: s}
				if !worse && v == finding.Refuted {
					f.ExceptedBy = ""
				}
				out = append(out, &run.Message{Finding: &f})
			}
		}
	}
	return append(out, &run.Message{Summary: m.Summary})
}

// skeleton is everything of a page but its text and the values of attributes.
// It reports what no page may have.
func skeleton(t testing.TB, page string) string {
	t.Helper()
	doc, err := xhtml.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	scripts, styles := 0, 0
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type == xhtml.CommentNode {
			t.Errorf("a comment: %q", n.Data)
		}
		if n.Type != xhtml.ElementNode {
			continue
		}
		b.WriteString(n.Data)
		switch n.Data {
		case "script":
			scripts++
			if n.FirstChild == nil || n.FirstChild.Data != script {
				t.Error("a script that is not the page's")
			}
		case "style":
			styles++
			if n.FirstChild == nil || n.FirstChild.Data != style {
				t.Error("a style that is not the page's")
			}
		case "img", "iframe", "object", "embed", "base", "video", "audio", "source", "image", "use":
			t.Errorf("an element that loads: %s", n.Data)
		}
		for _, a := range n.Attr {
			b.WriteString(" " + a.Key)
			key := strings.ToLower(a.Key)
			switch {
			case strings.HasPrefix(key, "on"), key == "style", key == "src", key == "srcset", key == "action", key == "formaction", key == "background", key == "ping", key == "srcdoc":
				t.Errorf("an attribute that acts or loads: %s=%q", a.Key, a.Val)
			case key == "href" && n.Data == "link":
				if a.Val != "data:," {
					t.Errorf("link to %q", a.Val)
				}
			case key == "href":
				if !strings.HasPrefix(a.Val, "#") {
					t.Errorf("a link that leads away: %q", a.Val)
				}
			case key == "id":
				if ids[a.Val] {
					t.Errorf("two elements are called %q", a.Val)
				}
				ids[a.Val] = true
			}
		}
		b.WriteByte('\n')
	}
	if scripts != 1 || styles != 1 {
		t.Errorf("%d scripts and %d styles", scripts, styles)
	}
	return b.String()
}

// Whatever stands in the strings, the page has the elements and attributes that
// it has with harmless ones, and shows the text.
func TestHostileStringsChangeNoElement(t *testing.T) {
	want := skeleton(t, rendered(t, poisoned(t, "x")...))
	for _, s := range hostile() {
		page := rendered(t, poisoned(t, s)...)
		got := skeleton(t, page)
		if got != want {
			a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
			i := 0
			for i < len(a) && i < len(b) && a[i] == b[i] {
				i++
			}
			t.Errorf("%.40q changes the page at its element %d: %q, want %q", s, i, b[min(i, len(b)-1)], a[min(i, len(a)-1)])
		}
		for _, raw := range []string{"\x1b", "\x00", "\u202e", "ZgotmplZ"} {
			if strings.Contains(page, raw) {
				t.Errorf("%.40q: the page has %q in it", s, raw)
			}
		}
	}
}

func TestBackticksBecomeCodeAndNothingElse(t *testing.T) {
	for in, want := range map[string]string{
		"set `a<b` now":      "set <code>a&lt;b</code> now",
		"one ` alone <i>":    "one ` alone &lt;i&gt;",
		"`<script>` and `x":  "<code>&lt;script&gt;</code> and `x",
		"":                   "",
		"``":                 "<code></code>",
		"a`b`c`d`e<b>`":      "a<code>b</code>c<code>d</code>e&lt;b&gt;`",
		"plain \"quoted\" '": "plain &#34;quoted&#34; &#39;",
	} {
		if got := string(prose(in)); got != want {
			t.Errorf("prose(%q) = %q, want %q", in, got, want)
		}
	}
}

// Every text of a finding is on the page when it is shown in full.
func TestNothingOfAFindingIsLeftOut(t *testing.T) {
	f := refuted(7).Finding
	f.ExceptedBy, f.Discriminator = "polygraph.yaml:12, team-data", "which one"
	f.Missing = []finding.Missing{{Evidence: "the version", Get: "kubectl version"}}
	f.Change = &finding.Change{Status: finding.Worse, Was: "unproven", Worse: true, Why: "evidence arrived"}
	doc, err := xhtml.Parse(strings.NewReader(rendered(t, header(), &run.Message{Finding: f})))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == xhtml.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			b.WriteString(n.Data)
		}
	}
	shown := b.String()
	var walk func(v reflect.Value, path string)
	n := 0
	walk = func(v reflect.Value, path string) {
		switch v.Kind() {
		case reflect.String:
			if v.String() == "" {
				t.Errorf("%s is not filled", path)
			}
			n++
			for part := range strings.SplitSeq(words.Alias(v.String()), "`") {
				if !strings.Contains(shown, part) && path != ".Change.Was" {
					t.Errorf("%s is not on the page: %q", path, part)
				}
			}
		case reflect.Pointer:
			walk(v.Elem(), path)
		case reflect.Struct:
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				if strings.Contains(path, ".At") && v.Field(i).IsZero() {
					continue // a location says what it can
				}
				walk(v.Field(i), path+"."+name)
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), path)
			}
		}
	}
	walk(reflect.ValueOf(f), "")
	if n < 25 {
		t.Errorf("only %d strings were looked for", n)
	}
}

func TestOnlyFingerprintsNameElements(t *testing.T) {
	f := refuted(1)
	f.Finding.Fingerprint = "rules"
	twice := rendered(t, header(), f, refuted(2), refuted(2), summary(finding.Refuted, 3, 0, 1))
	skeleton(t, twice) // reports a name that is used twice
	if n := strings.Count(twice, `id="v1:`); n != 1 {
		t.Errorf("%d elements are named by a fingerprint, want 1", n)
	}
}

func TestNothingIsLoadedAndThePolicySaysSo(t *testing.T) {
	page := rendered(t, checked()...)
	m := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("the page has no policy")
	}
	got := xhtml.UnescapeString(m[1])
	for _, want := range []string{"default-src 'none'", "script-src " + hash(script), "style-src " + hash(style), "base-uri 'none'", "form-action 'none'"} {
		if !slices.Contains(strings.Split(got, "; "), want) {
			t.Errorf("the policy is %q, without %q", got, want)
		}
	}
	if strings.Contains(got, "unsafe") || strings.Contains(got, "*") {
		t.Errorf("the policy is loose: %q", got)
	}
	if strings.Index(page, "Content-Security-Policy") > strings.Index(page, "<style") {
		t.Error("the policy comes after what it is about")
	}
	for _, asset := range []string{style, script} {
		if m := regexp.MustCompile(`(?i)https?:|//[a-z]+\.|@import|@font-face|fetch\(|XMLHttp|import\(|eval\(|innerHTML|</`).FindString(asset); m != "" {
			t.Errorf("the page's own code has %q", m)
		}
	}
	if len(script) > 15<<10 {
		t.Errorf("the script has %d bytes, the most is 15 kB", len(script))
	}
}

func FuzzPage(f *testing.F) {
	for _, s := range hostile() {
		f.Add(s)
	}
	f.Add("a `code` b")
	f.Fuzz(func(t *testing.T, s string) {
		all := poisoned(t, s)
		few := slices.DeleteFunc(all, func(m *run.Message) bool {
			return m.Finding != nil && m.Finding.Change.Status != finding.Worse
		})
		skeleton(t, rendered(t, few...))
	})
}
