package netmap

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// drawing is a picture as a reader of XML sees it.
type drawing struct {
	texts, tips   []string
	width, height int
}

var (
	allowedElements   = []string{"svg", "title", "desc", "g", "rect", "path", "text"}
	allowedAttributes = []string{
		"xmlns", "version", "width", "height", "viewBox", "role", "font-family", "font-size", "font-weight", "x", "y", "d",
		"fill", "stroke", "stroke-width", "text-anchor", "transform",
	}
)

// parsed reads a picture and fails for whatever could act or load, and for what
// lies outside of it.
func parsed(t testing.TB, svg string) (out drawing) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	var path []string
	text := ""
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, svg)
		}
		switch e := token.(type) {
		case xml.StartElement:
			path, text = append(path, e.Name.Local), ""
			if !slices.Contains(allowedElements, e.Name.Local) {
				t.Fatalf("element %s", e.Name.Local)
			}
			at := map[string]int{}
			for _, a := range e.Attr {
				if !slices.Contains(allowedAttributes, a.Name.Local) || strings.Contains(a.Value, "url(") {
					t.Fatalf("attribute %s=%q", a.Name.Local, a.Value)
				}
				n := 0
				if _, err := fmt.Sscanf(a.Value, "%d", &n); err == nil {
					at[a.Name.Local] = n
				}
			}
			if len(path) == 1 {
				out.width, out.height = at["width"], at["height"]
			}
			if at["x"] < 0 || at["y"] < 0 || at["x"]+at["width"] > out.width || at["y"]+at["height"] > out.height {
				t.Fatalf("%v is outside of %d x %d", e, out.width, out.height)
			}
		case xml.EndElement:
			switch {
			case e.Name.Local == "text":
				out.texts = append(out.texts, text)
			case e.Name.Local == "title" && len(path) > 2:
				out.tips = append(out.tips, text)
			}
			path = path[:len(path)-1]
		case xml.CharData:
			text += string(e)
		case xml.ProcInst:
			if e.Target != "xml" {
				t.Fatalf("instruction %s", e.Target)
			}
		default:
			t.Fatalf("%T", token)
		}
	}
	if len(path) > 0 || out.width == 0 {
		t.Fatal("no whole picture")
	}
	return out
}

// tip is the only tooltip that begins with these words.
func (d drawing) tip(t testing.TB, begins string) string {
	t.Helper()
	found := ""
	for _, s := range d.tips {
		if strings.HasPrefix(s, begins) {
			if found != "" {
				t.Errorf("two tooltips begin with %q", begins)
			}
			found = s
		}
	}
	if found == "" {
		t.Errorf("no tooltip begins with %q in %q", begins, d.tips)
	}
	return found
}

func (d drawing) says(words string) bool {
	return strings.Contains(strings.Join(d.texts, " "), words)
}

func cutOff() []*run.Message {
	ms := shop()
	return ms[:len(ms)-1]
}

func TestGolden(t *testing.T) {
	for name, ms := range map[string][]*run.Message{
		"shop":      shop(),
		"cut_off":   cutOff(),
		"nothing":   {header(), ended()},
		"collapsed": cluster(90, 30, 2, 1),
		"refused":   cluster(402, 2, 0, 1),
	} {
		t.Run(name, func(t *testing.T) {
			got := written(t, ms...)
			path := filepath.Join("testdata", name+".svg")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs; got:\n%s\n(run with -update, then look at the picture)", path, got)
			}
		})
	}
}

func TestWhatThePictureSays(t *testing.T) {
	d := parsed(t, written(t, shop()...))
	for _, want := range []string{
		"Of 20 pairs, 4 are allowed, 3 are denied by policies that nothing enforces, 1 is unknown and 12 are denied.",
		"allowed, all ports (2)", "allowed, some ports (2)", "nothing enforces (3)", "unknown (1)", "denied (12)", ":443", ":8080 +1",
		"polygraph v0.7.0 · net list cluster.yaml · 2026-11-23 08:00 UTC",
	} {
		if !d.says(want) {
			t.Errorf("the picture does not say %q: %q", want, d.texts)
		}
	}
	for begins, want := range map[string]string{
		"shop/web (Deployment) → shop/api": "allowed: TCP 8080, 8443 (shop/api-from-web)",
		"shop/api (Deployment) → shop/db":  "allowed: TCP 5432 (shop/db-only-api)\nnot enforced: TCP 1-5431",
		"shop/db (StatefulSet) → shop/web": "denied",
		"shop/db (StatefulSet) → shop/db":  "itself",
		"tools/runner (Deployment)\npods":  "pods: 2\nno policy for egress",
	} {
		if begins == "tools/runner (Deployment)\npods" {
			if !slices.Contains(d.tips, "tools/runner (Deployment)\n"+want) {
				t.Errorf("no label says %q", want)
			}
		} else if got := d.tip(t, begins); !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
}

// The counts of the legend are those of an oracle that knows only the rows.
func TestCounts(t *testing.T) {
	for seed := range uint64(20) {
		ms := cluster(30, 6, 0, seed)
		worst := map[string]string{}
		for _, m := range ms {
			if m.Row != nil && m.Row.Table == "connections" {
				c := map[string]string{}
				for _, x := range m.Row.Cells {
					c[x.Name] = x.Value
				}
				worst[c["from"]+" "+c["to"]] = c["verdict"] + " " + fmt.Sprint(c["ports"] == "all")
			}
		}
		n := map[string]int{}
		for v := range maps.Values(worst) {
			n[v]++
		}
		d := parsed(t, written(t, ms...))
		for text, want := range map[string]int{
			"allowed, all ports": n["allowed true"], "allowed, some ports": n["allowed false"], "unknown": n["unknown true"],
			"NOT ENFORCED: denied by a policy that nothing enforces": n["not enforced true"], "denied": 30*29 - len(worst),
		} {
			if s := fmt.Sprintf("%s (%d)", text, want); !slices.Contains(d.texts, s) {
				t.Errorf("seed %d: no %q in %q", seed, s, d.texts[:12])
			}
		}
	}
}

// Missing evidence never turns green, and never into "denied".
func TestNothingIsKnownThatNoRowSays(t *testing.T) {
	d := parsed(t, written(t, cutOff()...))
	if !d.says("cut off") || !d.says("denied (0)") {
		t.Errorf("a run that was cut off denies: %q", d.texts)
	}
	if got := d.tip(t, "shop/db (StatefulSet) → shop/web"); !strings.Contains(got, "unknown") {
		t.Errorf("got %q", got)
	}
	for name, m := range map[string]*run.Message{
		"3 paths were not examined":       {Skip: &run.Skip{Count: 3}},
		"UNPROVEN: the CNI is not known.": {Summary: &run.Summary{Verdict: finding.Unproven, Conclusion: "the CNI is not known"}},
		"12,000 paths were not examined":  {Summary: &run.Summary{Verdict: finding.Holds, Coverage: run.Coverage{Skipped: 12_000}}},
		"UNPROVEN: evidence is missing":   {Summary: &run.Summary{Verdict: finding.Unproven}},
	} {
		if d := parsed(t, written(t, append(cutOff(), m)...)); !d.says(name) {
			t.Errorf("the picture does not say %q: %q", name, d.texts)
		}
	}
	for _, ports := range []string{"all", "TCP 80"} {
		d := parsed(t, written(t, header(), connection("a", "Pod", "b", "Pod", ports, "allowed", ""), connection("a", "Pod", "b", "Pod", "all", "unknown", ""), ended()))
		if !d.says("unknown (1)") || !d.says("allowed, all ports (0)") {
			t.Errorf("%s allowed, others unknown: %q", ports, d.texts)
		}
	}
	for _, verdict := range []string{"", "ALLOWED", "perhaps", "allowed?"} {
		d := parsed(t, written(t, header(), connection("a", "Pod", "b", "Pod", "all", verdict, ""), ended()))
		if !d.says("unknown (1)") {
			t.Errorf("verdict %q: %q", verdict, d.texts)
		}
		if !d.says("no table of endpoints") {
			t.Error("nobody hears that endpoints may be missing")
		}
	}
}

func TestCellsByName(t *testing.T) {
	ms := shop()
	want := written(t, ms...)
	for _, m := range ms {
		if m.Row != nil {
			m.Row.Cells = append([]run.Cell{{Name: "other", Value: "x"}}, m.Row.Cells...)
			slices.Reverse(m.Row.Cells)
		}
	}
	if written(t, append(ms[:1:1], append([]*run.Message{row("else", "from", "x", "to", "y")}, ms[1:]...)...)...) != want {
		t.Error("the order of cells, or an unknown cell or table, changes the picture")
	}
}

// The order of rows changes nothing but the order of the lines of a tooltip.
func TestDeterministic(t *testing.T) {
	for _, n := range []int{10, 60, 120} {
		ms := cluster(n, 6, 3, 7)
		want := written(t, ms...)
		if written(t, ms...) != want {
			t.Fatal("two pictures of one run differ")
		}
		rows := ms[1 : len(ms)-1]
		rand.New(rand.NewPCG(1, 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if written(t, ms...) != want {
			t.Errorf("%d: the order of rows changes the picture", n)
		}
	}
}

func TestEveryEndpointAppears(t *testing.T) {
	for _, n := range []int{1, 2, 5, 12, 40, 74} {
		ms := cluster(n, 7, 3, uint64(n))
		tips := map[string]int{}
		for _, s := range parsed(t, written(t, ms...)).tips {
			head, _, _ := strings.Cut(s, "\n")
			if !strings.Contains(head, "→") {
				tips[head]++
			}
		}
		for _, m := range ms {
			if m.Row != nil && m.Row.Table == "endpoints" {
				if name := m.Row.Cells[0].Value + " (" + m.Row.Cells[1].Value + ")"; tips[name] != 2 {
					t.Errorf("%d: %s is there %d times", n, name, tips[name])
				}
			}
		}
	}
}

func TestForms(t *testing.T) {
	for _, c := range []struct {
		n, per int
		says   string
		cells  int
	}{
		{80, 8, "80 workloads", 80 * 80},
		{81, 9, "Too many endpoints to draw each", 9 * 9},
		{400, 2, "Too many endpoints to draw each", 200 * 200},
		{402, 2, "Too large for a picture: 201 namespaces", 0},
	} {
		d := parsed(t, written(t, cluster(c.n, c.per, 0, 1)...))
		cells := 0
		for _, s := range d.tips {
			if strings.Contains(s, " → ") {
				cells++
			}
		}
		if !d.says(c.says) || cells != c.cells {
			t.Errorf("%d: %d cells, want %d and %q", c.n, cells, c.cells, c.says)
		}
	}
	ms := []*run.Message{header()}
	for i := range maxEndpoints + 1 {
		ms = append(ms, listed(fmt.Sprintf("a/%d", i), "Pod", "a", "", "yes"))
	}
	if d := parsed(t, written(t, append(ms, ended())...)); !d.says("more than 8,000 endpoints") {
		t.Errorf("got %q", d.texts)
	}
}

// A collapsed cell is the sum of its pairs.
func TestCollapsedSums(t *testing.T) {
	d := parsed(t, written(t, cluster(90, 30, 0, 3)...))
	sum, of := 0, 0
	cell := regexp.MustCompile(`→ [^\n]*\n([0-9,]+) of ([0-9,]+) pairs are open`)
	for _, s := range d.tips {
		if m := cell.FindStringSubmatch(s); m != nil {
			var a, b int
			_, _ = fmt.Sscan(strings.ReplaceAll(m[1], ",", ""), &a)
			_, _ = fmt.Sscan(strings.ReplaceAll(m[2], ",", ""), &b)
			sum, of = sum+a, of+b
		}
	}
	open := 0
	for _, m := range cluster(90, 30, 0, 3) {
		if m.Row != nil && m.Row.Table == "connections" && m.Row.Cells[5].Value != "unknown" {
			open++
		}
	}
	if sum != open || of != 90*89 {
		t.Errorf("%d of %d, want %d of %d", sum, of, open, 90*89)
	}
}

func TestBrief(t *testing.T) {
	for in, want := range map[string][]string{
		"":                          nil,
		"TCP 443":                   {":443"},
		"UDP 53":                    {"UDP 53"},
		"TCP 80, 443":               {":80 +1", "2 ports"},
		"TCP 80, 443; UDP 53":       {":80 +2", "3 ports"},
		"TCP 8000-8999":             {"TCP 8000-8999", "8000-8999", "range"},
		"TCP http":                  {"TCP http", "http"},
		"UDP all":                   {"UDP all", "all"},
		"TCP 80; UDP all":           {"several"},
		"TCP 80, 8000-8999":         {"several"},
		"TCP 1, ... (9 more bytes)": nil,
	} {
		if got := brief(in); !slices.Equal(got, want) {
			t.Errorf("brief(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestShortened(t *testing.T) {
	for _, s := range hostile() {
		for _, most := range []int{0, 20, 100, 210} {
			got := shortened(s, most, 12, false)
			if got != s && wide(got, 12, false) > max(most, 12) {
				t.Errorf("%q is %d wide, more than %d", got, wide(got, 12, false), most)
			}
		}
	}
	if got := shortened("payments-reconciliation-service-v2", 130, 12, false); !strings.HasPrefix(got, "payments-") || !strings.HasSuffix(got, "-v2") || !strings.Contains(got, "…") {
		t.Errorf("got %q", got)
	}
}

type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestCloseReturnsTheErrorOfTheWriter(t *testing.T) {
	if err := New(full{}).Close(); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}
