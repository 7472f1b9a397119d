package html

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	xhtml "golang.org/x/net/html"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// chromium is the browser of the tests: $POLYGRAPH_CHROMIUM or one on PATH.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("POLYGRAPH_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("POLYGRAPH_STRICT") == "1" {
		t.Fatal("no Chromium on PATH: install one or set POLYGRAPH_CHROMIUM")
	}
	t.Skip("no Chromium on PATH; POLYGRAPH_CHROMIUM names one")
	return ""
}

// opened loads a page and returns what it has become, and what the console said.
func opened(t *testing.T, browser, url string) (dom, console string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--enable-logging=stderr", "--window-size=1280,900", "--virtual-time-budget=4000", "--dump-dom", url)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || len(out) == 0 {
		t.Fatalf("%s: %v: %d bytes\n%s", url, err, len(out), stderr.String())
	}
	for line := range strings.SplitSeq(stderr.String(), "\n") {
		if strings.Contains(line, "CONSOLE") {
			console += line + "\n"
		}
	}
	return string(out), console
}

func saved(t *testing.T, name, page string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

// working is a run with something for every part of the filter, in which every
// string is one that a hostile page would be made with.
func working() []*run.Message {
	h := header()
	for i := range h.Header.Rules {
		r := &h.Header.Rules[i]
		r.Why = "https://example.com/" + strings.Repeat("unbroken/", 30)
		r.Sources = []string{"https://example.com/" + strings.Repeat("x", 200)}
	}
	ms := []*run.Message{h, planRead(), skipped(), row("aws_sqs_queue.a", "in place")}
	for i, s := range hostile() {
		m := refuted(i)
		f := m.Finding
		f.Subject.Identity = fmt.Sprintf("module.m%d.aws_db_instance.%s", i, strings.Repeat("long_", 30))
		f.Title, f.Subject.Environment, f.Proof[0].Text, f.Picture = s, []string{"prod", "dev"}[i%2], s, s+strings.Repeat(" wide", 60)
		f.Severity = finding.Severity(i % 5)
		ms = append(ms, m)
	}
	return append(ms, unproven(90), excused(91), summary(finding.Refuted, len(hostile()), 1, 4))
}

type seen struct {
	Hidden, Open bool
	ID           string
}

func cards(t *testing.T, dom string) (out []seen) {
	t.Helper()
	doc, err := xhtml.Parse(strings.NewReader(dom))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Data != "details" || !strings.HasPrefix(attr(n, "class"), "f ") {
			continue
		}
		var s seen
		for _, a := range n.Attr {
			s.Hidden = s.Hidden || a.Key == "hidden"
			s.Open = s.Open || a.Key == "open"
		}
		for d := range n.Descendants() {
			if attr(d, "class") == "body" {
				s.ID = attr(d, "id")
			}
		}
		out = append(out, s)
	}
	return out
}

func attr(n *xhtml.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestBrowserWithScripts(t *testing.T) {
	browser := chromium(t)
	url := saved(t, "page.html", rendered(t, working()...))
	third := fmt.Sprintf("v1:%024x", 3)
	for name, c := range map[string]struct {
		hash    string
		visible int
		says    string
	}{
		"all":         {"", len(hostile()) + 2, fmt.Sprintf("%d findings", len(hostile())+2)},
		"text":        {"#q=m7.+-module.m8.", 1, "1 of "},
		"severity":    {"#s=4&e=prod", 3, "3 of "},
		"verdict":     {"#v=unproven", 1, "1 of "},
		"no filter":   {"#s=%22%5D%3Cimg%3E", len(hostile()) + 2, "findings"},
		"one finding": {"#" + third, len(hostile()) + 2, "findings"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dom, console := opened(t, browser, url+c.hash)
			if console != "" {
				t.Errorf("the console says\n%s", console)
			}
			visible := 0
			for _, s := range cards(t, dom) {
				if !s.Hidden {
					visible++
				}
				if name == "one finding" && s.Open != (s.ID == third) {
					t.Errorf("finding %s: open is %v", s.ID, s.Open)
				}
			}
			if visible != c.visible {
				t.Errorf("%d findings are visible, want %d", visible, c.visible)
			}
			out := regexp.MustCompile(`<output>([^<]*)`).FindStringSubmatch(dom)
			if out == nil || !strings.Contains(out[1], c.says) {
				t.Errorf("the filter says %q, want %q", out, c.says)
			}
			if regexp.MustCompile(`(?i)<img|alert\(1\)</script>`).MatchString(dom) {
				t.Error("a text has become an element")
			}
		})
	}
}

// surveyor looks into frames of several widths and writes down what a reader
// would see there.
const surveyor = `<!DOCTYPE html><title>-</title><body><script>
onload = () => {
  const out = [];
  for (const frame of document.querySelectorAll("iframe")) {
    const d = frame.contentDocument, root = d.documentElement;
    const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getBoundingClientRect().height > 5;
    for (const e of d.querySelectorAll("details.prose")) e.open = true;
    const box = (s) => d.querySelector(s)?.getBoundingClientRect();
    const rules = box("table.rules"), charts = box(".charts"), filter = box("#bar"), button = box("#bar button");
    const wide = [...d.querySelectorAll("body *")].filter((e) => !e.closest(".scroll, .code, .vh, .word, .skip, .patterns, .chip") && shown(e) && e.getBoundingClientRect().right > root.clientWidth + 1);
    out.push({
      Name: frame.name, Overflow: root.scrollWidth - root.clientWidth,
      Wide: wide.slice(0, 3).map((e) => e.tagName + "." + e.className),
      Titles: [...d.querySelectorAll(".f h3")].filter(shown).length,
      Overprints: !!charts && charts.top < rules.bottom && rules.right > charts.left + 1,
      Rows: filter && button ? Math.round(filter.height / button.height) : 0,
      Prose: [...d.querySelectorAll(".prose dd")].filter(shown).length,
      Filter: !d.getElementById("bar").hidden,
      Proof: (() => { const f = d.querySelector(".f"); f.open = true; return shown(f.querySelector(".proof li")); })(),
    });
  }
  const frame = document.querySelector("iframe[name='1280 scripts']"), d = frame.contentDocument, w = frame.contentWindow;
  const count = () => d.querySelectorAll(".f:not([hidden])").length;
  const press = (k) => d.activeElement.dispatchEvent(new w.KeyboardEvent("keydown", { key: k, bubbles: true, cancelable: true }));
  const button = (t) => [...d.querySelectorAll("button")].find((b) => b.textContent.startsWith(t));
  const choose = (n, v) => { const s = d.querySelector("select[name=" + n + "]"); s.value = v; s.dispatchEvent(new w.Event("change", { bubbles: true })); };
  const did = {}, list = [...d.querySelectorAll("#findings .f")];
  press("j"); press("j"); press("j"); press("k");
  did.keys = d.activeElement.closest(".f") === list[1];
  press("/"); did.slash = d.activeElement.id === "q";
  d.activeElement.blur();
  button("Shortcuts").click(); press("/"); did.keysOff = d.activeElement.id !== "q";
  choose("e", "dev"); did.dev = count(); did.heading = d.querySelector("#findings .n").textContent;
  button("Clear").click(); did.cleared = count();
  choose("o", "s"); did.sorted = [...d.querySelectorAll("#findings .f")].map((e) => +e.dataset.s).every((v, i, a) => !i || a[i - 1] >= v);
  choose("o", ""); did.unsorted = [...d.querySelectorAll("#findings .f")].every((e, i) => e === list[i]);
  [...d.querySelectorAll("[data-f] a")].find((a) => a.textContent === "CHG002").click(); did.chart = count();
  button("Clear").click();
  list[0].open = false;
  button("Expand all").click(); did.expanded = list.every((e) => e.open);
  button("Collapse all").click(); did.collapsed = list.every((e) => !e.open);
  const dark = () => getComputedStyle(d.body).backgroundColor, was = dark();
  button("Theme").click(); button("Theme").click(); did.dark = dark() !== was;
  document.body.dataset.did = JSON.stringify(did);
  document.title = JSON.stringify(out);
};
</script>`

func TestBrowserLayoutWithAndWithoutScripts(t *testing.T) {
	browser := chromium(t)
	page := html.EscapeString(rendered(t, working()...))
	comparison := html.EscapeString(rendered(t, compared()...))
	frames := surveyor
	for _, width := range []int{320, 400, 761, 1180, 1280, 1920} {
		frames += fmt.Sprintf(`<iframe name="%d blocked" width="%d" height="800" sandbox="allow-same-origin" srcdoc="%s"></iframe>`, width, width, page)
		frames += fmt.Sprintf(`<iframe name="%d scripts" width="%d" height="800" srcdoc="%s"></iframe>`, width, width, page)
		frames += fmt.Sprintf(`<iframe name="%d compare" width="%d" height="800" srcdoc="%s"></iframe>`, width, width, comparison)
	}
	dom, _ := opened(t, browser, saved(t, "frames.html", frames))
	m := regexp.MustCompile(`<title>(.*?)</title>`).FindStringSubmatch(dom)
	var got []struct {
		Name             string
		Overflow, Titles int
		Wide             []string
		Filter, Proof    bool
		Overprints       bool
		Rows, Prose      int
	}
	if err := json.Unmarshal([]byte(html.UnescapeString(m[1])), &got); err != nil {
		t.Fatalf("%v: %.300s", err, m[1])
	}
	if len(got) != 18 {
		t.Fatalf("%d frames were looked at", len(got))
	}
	for _, g := range got {
		if g.Overflow > 0 || len(g.Wide) > 0 {
			t.Errorf("%s: the page scrolls sideways by %d pixels; too wide: %v", g.Name, g.Overflow, g.Wide)
		}
		if g.Overprints || g.Prose == 0 {
			t.Errorf("%s: the claims, opened, are printed over what stands beside them: %v; %d texts are seen", g.Name, g.Overprints, g.Prose)
		}
		if strings.HasPrefix(g.Name, "1280") && g.Filter && g.Rows > 1 {
			t.Errorf("%s: the filter takes %d rows", g.Name, g.Rows)
		}
		want := len(hostile()) + 2
		if strings.Contains(g.Name, "compare") {
			want = 5
		}
		if g.Titles != want {
			t.Errorf("%s: %d titles can be seen, want %d", g.Name, g.Titles, want)
		}
		if g.Filter == strings.Contains(g.Name, "blocked") {
			t.Errorf("%s: the filter is there: %v", g.Name, g.Filter)
		}
		if !g.Proof {
			t.Errorf("%s: the proof of an opened finding cannot be seen", g.Name)
		}
	}
	m = regexp.MustCompile(`data-did="(.*?)"`).FindStringSubmatch(dom)
	if m == nil {
		t.Fatal("the page could not be worked with")
	}
	dev := len(hostile()) / 2
	want := fmt.Sprintf(`{"keys":true,"slash":true,"keysOff":true,"dev":%d,"heading":"%d of %d","cleared":%d,"sorted":true,"unsorted":true,"chart":1,"expanded":true,"collapsed":true,"dark":true}`,
		dev, dev, len(hostile())+1, len(hostile())+2)
	if got := html.UnescapeString(m[1]); got != want {
		t.Errorf("working with the page gave\n%s, want\n%s", got, want)
	}
}
