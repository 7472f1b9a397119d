package csv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/finding"
	"polygraph/internal/report/sanitize"
	"polygraph/internal/run"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func row(table string, namesAndValues ...string) *run.Message {
	r := &run.Row{Table: table}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		r.Cells = append(r.Cells, run.Cell{Name: namesAndValues[i], Value: namesAndValues[i+1]})
	}
	return &run.Message{Row: r}
}

func written(t testing.TB, ms ...*run.Message) string {
	t.Helper()
	var buf bytes.Buffer
	l := New(&buf)
	for _, m := range ms {
		if err := l.Hear(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s\n(run with -update, then read the file)", path, got)
	}
}

func TestGolden(t *testing.T) {
	connection := func(from, to, ports, verdict string) *run.Message {
		return row("connections", "from", from, "to", to, "ports", ports, "verdict", verdict)
	}
	one := []*run.Message{
		{Header: &run.Header{Protocol: run.Protocol, Command: "net list"}},
		connection("shop/web", "shop/api", "TCP 80, 443; UDP 53", "allowed"),
		{Progress: &run.Progress{Stage: "reading"}},
		connection("shop/api", "0.0.0.0/0, ::/0", "all", "not enforced"),
		connection("=cmd|'/c calc'!A1", `quoted "name"`, "-", "unknown"),
		{Finding: &finding.Finding{Rule: "NET001", Title: "not in a table"}},
		{Summary: &run.Summary{Conclusion: "not in a table"}},
	}
	golden(t, "one.csv", written(t, one...))
	golden(t, "two.csv", written(t, append([]*run.Message{
		row("environments", "endpoint", "shop/web", "pods", "2"),
		row("environments", "pods", "-3", "endpoint", "shop/api"),
		row("environments", "endpoint", "shop/db"),
	}, one...)...))
}

func TestWhatIsNoRowIsNotWritten(t *testing.T) {
	if got := written(t, &run.Message{Summary: &run.Summary{Refuted: 3}}, row("empty")); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestBlocks(t *testing.T) {
	for name, c := range map[string]struct {
		ms   []*run.Message
		want string
	}{
		"another table":     {[]*run.Message{row("a", "x", "1"), row("b", "x", "2")}, "x\n1\n\nx\n2\n"},
		"comes back":        {[]*run.Message{row("a", "x", "1"), row("b", "y", "2"), row("a", "x", "3")}, "x\n1\n\ny\n2\n\nx\n3\n"},
		"another order":     {[]*run.Message{row("a", "x", "1", "y", "2"), row("a", "y", "4", "x", "3")}, "x,y\n1,2\n3,4\n"},
		"a cell is lacking": {[]*run.Message{row("a", "x", "1", "y", "2"), row("a", "y", "4")}, "x,y\n1,2\n,4\n"},
		"a cell is new":     {[]*run.Message{row("a", "x", "1"), row("a", "x", "3", "y", "4")}, "x\n1\n\nx,y\n3,4\n"},
		"one name twice":    {[]*run.Message{row("a", "x", "1", "x", "2"), row("a", "x", "3", "x", "4"), row("a", "x", "5")}, "x,x\n1,2\n3,4\n\nx\n5\n"},
		"then twice":        {[]*run.Message{row("a", "x", "1"), row("a", "x", "3", "x", "4")}, "x\n1\n\nx,x\n3,4\n"},
		"one empty cell":    {[]*run.Message{row("a", "x", ""), row("a", "x", "1")}, "x\n\"\"\n1\n"},
		"an empty name":     {[]*run.Message{row("a", "", "1")}, "\"\"\n1\n"},
	} {
		if got := written(t, c.ms...); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"":                     "",
		"shop/web":             "shop/web",
		"TCP 80, 443; UDP 53":  "TCP 80, 443; UDP 53",
		"=1+2\";=1+2":          `'=1+2";'=1+2`,
		"=1+2'\" ;,=1+2":       "'=1+2'\" ;,=1+2",
		"+1":                   "+1",
		"-3.5":                 "-3.5",
		"-":                    "-",
		"-1+cmd|' /C calc'!A0": "'-1+cmd|' /C calc'!A0",
		"--5":                  "'--5",
		"-5.":                  "'-5.",
		"@SUM(1)":              "'@SUM(1)",
		"  =1":                 "'  =1",
		"＝1":                   "'＝1",
		"a; =1":                "a;' =1",
		"a;\"=1":               "a;'\"=1",
		"a-b=c":                "a-b=c",
		"'=1":                  "'=1",
		"-o jsonl":             "'-o jsonl",
	} {
		if got := harmless(in); got != want {
			t.Errorf("harmless(%q) = %q, want %q", in, got, want)
		}
	}
}

// read takes the text apart as a user would: blocks by the empty line, each
// through a reader that does not know this package.
func read(t *testing.T, text string) (blocks [][][]string) {
	t.Helper()
	for block := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n\n") {
		records, err := csv.NewReader(strings.NewReader(block)).ReadAll()
		if err != nil {
			t.Fatalf("%v in %q", err, block)
		}
		blocks = append(blocks, records)
	}
	return blocks
}

func checkRoundTrip(t *testing.T, ms []*run.Message) {
	t.Helper()
	var want [][][]string
	for i, m := range ms {
		names, values := []string{}, []string{}
		for _, c := range m.Row.Cells {
			names, values = append(names, harmless(sanitize.Text(c.Name))), append(values, harmless(sanitize.Text(c.Value)))
		}
		if n := len(want); n > 0 && sanitize.Text(ms[i-1].Row.Table) == sanitize.Text(m.Row.Table) && slices.Equal(want[n-1][0], names) {
			want[n-1] = append(want[n-1], values)
		} else {
			want = append(want, [][]string{names, values})
		}
	}
	text := written(t, ms...)
	got := read(t, text)
	if !slices.EqualFunc(got, want, func(a, b [][]string) bool { return slices.EqualFunc(a, b, slices.Equal) }) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for _, block := range got {
		for _, record := range block {
			for _, cell := range record {
				if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") || strings.Contains(cell, ";=") {
					t.Fatalf("a formula came through: %q", cell)
				}
			}
		}
	}
}

func hostile() []string {
	return []string{
		"", " ", "a,b", `a"b`, `"`, `""`, "a\nb", "a\r\nb", "\n\n", "\t=1", "=1", ";=1", "a;=1", "'", `\.`, "\xff", "\u202eevil", "#x", "ü日本",
		"=HYPERLINK(\"http://x\")", "@", "+", "-", "=", "x" + strings.Repeat(",", 300), strings.Repeat("=", 5000), "\ufeffx",
	}
}

func TestHostileCellsComeBack(t *testing.T) {
	words := hostile()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var ms []*run.Message
		for block := range 1 + r.IntN(3) {
			names := []string{"n" + words[r.IntN(len(words))], "m" + words[r.IntN(len(words))], "o"}[:1+r.IntN(3)]
			for range 1 + r.IntN(4) {
				m := row(strings.Repeat("t", block))
				for _, n := range names {
					m.Row.Cells = append(m.Row.Cells, run.Cell{Name: n, Value: words[r.IntN(len(words))]})
				}
				ms = append(ms, m)
			}
		}
		checkRoundTrip(t, ms)
	}
}

func FuzzListener(f *testing.F) {
	for _, w := range hostile() {
		f.Add(w, w, "x")
	}
	f.Fuzz(func(t *testing.T, name, a, b string) {
		checkRoundTrip(t, []*run.Message{row("t", name, a), row("t", name, b), row("u", "x"+name, a, "y", b)})
	})
}

type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestAnErrorIsReturnedOnce(t *testing.T) {
	for _, left := range []int{0, 100_000} {
		l := New(&full{left})
		errs := 0
		for range 20_000 {
			if err := l.Hear(row("t", "name", "a value that fills the buffer")); err != nil {
				errs++
			}
		}
		if err := l.Close(); err != nil {
			errs++
		}
		if errs != 1 {
			t.Errorf("%d errors", errs)
		}
	}
}

func BenchmarkRow(b *testing.B) {
	l := New(&bytes.Buffer{})
	m := row("connections", "from", "shop/web", "to", "shop/api", "ports", "TCP 80, 443; UDP 53", "verdict", "allowed")
	b.ReportAllocs()
	for b.Loop() {
		if err := l.Hear(m); err != nil {
			b.Fatal(err)
		}
	}
}
