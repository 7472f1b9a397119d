package html

import (
	"fmt"
	"math"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// meter counts what is written and keeps nothing.
type meter struct{ total, largest int }

func (m *meter) Write(p []byte) (int, error) {
	m.total += len(p)
	m.largest = max(m.largest, len(p))
	return len(p), nil
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// acme is a finding of the size that real ones have, 1.7 kB of JSON.
func acme(n int) *run.Message {
	m := refuted(n)
	f := m.Finding
	f.Subject.Identity = fmt.Sprintf(`module.payments_db["prod"].module.replica[%d].aws_db_instance.this`, n)
	for i := range 4 {
		f.Proof = append(f.Proof, finding.Statement{
			Text: "before: skip_final_snapshot = true; it would keep the data when it is false, and the old object is destroyed with the settings in the state",
			At:   finding.Location{File: "examples/acme/plan.json", Offset: int64(1000 * n), Object: f.Subject.Identity, Pointer: fmt.Sprintf("/resource_changes/%d/change/before/%d", n, i)},
		})
	}
	return m
}

const most = 25 << 20

func TestFortyTwoThousandFindingsAreBounded(t *testing.T) {
	const n = 42_000
	w := &meter{}
	before := heap()
	l := New(w)
	if err := l.Hear(header()); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := l.Hear(acme(i)); err != nil {
			t.Fatal(err)
		}
	}
	held := int64(heap()) - int64(before)
	t.Logf("%d findings: %.1f MB held before Close", n, float64(held)/1e6)
	if held > most {
		t.Errorf("%d bytes are held", held)
	}
	if err := l.Hear(summary(finding.Refuted, n, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("the page has %.1f MB", float64(w.total)/1e6)
	if w.total > most {
		t.Errorf("the page has %d bytes", w.total)
	}
	if w.largest > 1<<20 {
		t.Errorf("%d bytes were written at once", w.largest)
	}
}

func TestWhatIsCutIsSaidAndCounted(t *testing.T) {
	ms := []*run.Message{header()}
	n := mainBudget().cards + mainBudget().lines + 100
	for i := range n {
		ms = append(ms, unproven(i))
	}
	out := rendered(t, append(ms, summary(finding.Unproven, 0, n, 0))...)
	cards, lines := strings.Count(out, `<details class="f `), strings.Count(out, `<div class="f line`)
	m := regexp.MustCompile(`Not all is here.</strong> ([\d,]+) are shown in full, ([\d,]+) as one line, ([\d,]+) are only counted`).FindStringSubmatch(out)
	if m == nil {
		t.Fatal("the page does not say that it is cut")
	}
	if m[1] != words.Number(cards) || m[2] != words.Number(lines) || m[3] != words.Number(n-cards-lines) {
		t.Errorf("the page says %q; it has %d cards and %d lines of %d", m[0], cards, lines, n)
	}
	if !strings.Contains(out, `<th scope="row">CHG002</th><td class="num">`+words.Number(n-cards-lines)) {
		t.Error("the rest is not counted by rule")
	}
	if !strings.Contains(out, "polygraph render RUN.jsonl -o sarif") {
		t.Error("the page does not say how to see all")
	}
	if cards < 1000 || lines < 10_000 {
		t.Errorf("only %d cards and %d lines", cards, lines)
	}
}

// The worst run that the protocol allows: everything very long and very much.
func TestHugeMessagesAreBounded(t *testing.T) {
	long := strings.Repeat("0123456789abcdef ", 6_000)
	many := slices.Repeat([]string{long}, 100)
	w := &meter{}
	l := New(w)
	hear := func(m *run.Message) {
		t.Helper()
		if err := l.Hear(m); err != nil {
			t.Fatal(err)
		}
	}
	h := header()
	h.Header.Inputs = many
	hear(h)
	for i := range 12 {
		f := refuted(i)
		f.Finding.Title, f.Finding.Picture, f.Finding.Remedy.Patch = long, long, long
		f.Finding.Subject.Aliases = many[:60]
		hear(f)
		hear(&run.Message{Evidence: &run.Evidence{Kind: long, Path: long, Notes: many[:60]}})
		hear(&run.Message{Skip: &run.Skip{Path: long, Reason: long, Do: long, Named: true, Count: 1}})
		hear(&run.Message{Row: &run.Row{Table: long, Cells: []run.Cell{{Name: long, Value: long}}}})
	}
	for i := range 20_000 {
		hear(&run.Message{Row: &run.Row{Table: fmt.Sprint("t", i%100), Cells: []run.Cell{{Name: fmt.Sprint("c", i%1000), Value: "v"}}}})
	}
	hear(summary(finding.Refuted, 30, 0, 1))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if w.total > most {
		t.Errorf("the page has %d bytes", w.total)
	}
}

func TestTablesKeepColumnsAndSayWhatIsCut(t *testing.T) {
	ms := []*run.Message{header(), {Row: &run.Row{Table: "t", Cells: []run.Cell{{Name: "a", Value: "1"}}}}}
	ms = append(ms, &run.Message{Row: &run.Row{Table: "t", Cells: []run.Cell{{Name: "b", Value: "2"}, {Name: "a", Value: "3"}}}})
	for i := range maxRows {
		ms = append(ms, row(fmt.Sprint("x", i), "y"))
	}
	out := rendered(t, ms...)
	for _, want := range []string{
		`<tr><th scope="col">A</th><th scope="col">B</th></tr>`, `<tr><th scope="row" class="mono">1</th><td></td></tr>`,
		`<tr><th scope="row" class="mono">3</th><td>2</td></tr>`, `2 rows are not on this page`, `Changes and their mechanism <span class="n">4,998 of 5,000</span>`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

func TestSegmentsShowTheSmallOnes(t *testing.T) {
	got := segments(40_001, []cell{{"bad", 1}, {"open", 0}, {"good", 40_000}})
	if len(got) != 2 || got[0].W != "1.00%" || got[1].X != "1.00%" || got[1].W != "99.00%" {
		t.Errorf("got %v", got)
	}
	if got := segments(0, []cell{{"bad", 1}}); got != nil {
		t.Errorf("nothing drawn from nothing: %v", got)
	}
}

// WCAG 2.2, 1.4.3 and 1.4.11, computed from the variables of the style.
func TestContrast(t *testing.T) {
	vars := map[string][2]string{}
	for _, m := range regexp.MustCompile(`--([a-z]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`).FindAllStringSubmatch(style, -1) {
		vars[m[1]] = [2]string{m[2], m[3]}
	}
	least := map[string]float64{"text": 4.5, "dim": 4.5, "link": 4.5, "bad": 4.5, "open": 4.5, "good": 4.5, "edge": 3}
	for fg, want := range least {
		for _, bg := range []string{"bg", "panel", "well"} {
			if vars[fg][0] == "" || vars[bg][0] == "" {
				t.Fatalf("the style has no --%s or --%s", fg, bg)
			}
			for i, scheme := range []string{"light", "dark"} {
				if got := contrast(t, vars[fg][i], vars[bg][i]); got < want {
					t.Errorf("%s: --%s on --%s has %.2f, want %.1f", scheme, fg, bg, got, want)
				}
			}
		}
	}
	if m := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b`).FindAllString(style[strings.Index(style, "--sans"):], -1); len(m) > 4 {
		t.Errorf("colours beside the variables: %v", m)
	}
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func BenchmarkFinding(b *testing.B) {
	w := &meter{}
	l := New(w)
	if err := l.Hear(header()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := l.Hear(acme(i)); err != nil {
			b.Fatal(err)
		}
	}
}
