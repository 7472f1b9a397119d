package netmap

import (
	"math/rand/v2"
	"strings"
	"testing"

	"polygraph/internal/run"
)

func hostile() []string {
	return []string{
		"", " ", "/", "a/", "/b", "a/b/c", addresses, "all", "allowed", "not enforced", "unknown", "denied", "ingress, egress", "yes", "TCP 80", "TCP 80-90, x; UDP",
		"0.0.0.0/0", "10.0.0.0/8, 10.0.0.0/9", "::/0", "fe80::1%eth0/64", "1.2.3.4/33",
		"</text><script>alert(1)</script>", "]]>", "<!--", "&amp;&#0;", `" onload="alert(1)`, "</title>", "a\x00b\x1b[2J", "\xff\xed\xa0\x80",
		"\ufffe\uffff\U0010ffff", "user\u202egnp", "l\nm\r\tn", strings.Repeat("W", 5000), strings.Repeat("e\u0301", 400), strings.Repeat("日本", 300), strings.Repeat("1.0.0.0/8,", 900),
		"%s%d%!", "url(#x)", "javascript:x",
	}
}

// randomRun is a run of which any cell may be anything.
func randomRun(r *rand.Rand, words []string) []*run.Message {
	any := func() string { return words[r.IntN(len(words))] }
	one := func(usual ...string) string {
		if r.IntN(3) == 0 {
			return any()
		}
		return usual[r.IntN(len(usual))]
	}
	h := header()
	h.Header.Inputs, h.Header.Command, h.Header.Version = []string{any(), any(), any(), any(), any()}, any(), any()
	ms := []*run.Message{h}
	for range []int{0, 3, 20, 150}[r.IntN(4)] {
		if r.IntN(3) == 0 {
			ms = append(ms, listed(any()+any(), one("Pod", addresses), one("", "a"), one("ingress", "ingress, egress", ""), one("yes", "no", "unknown")))
		} else {
			ms = append(ms, connection(any(), one("Pod", addresses), any(), one("Pod", addresses), one("all", "TCP 80", "TCP 80, 443"), one("allowed", "not enforced", "unknown"), any()))
		}
	}
	if r.IntN(4) == 0 {
		ms = append(ms, &run.Message{Skip: &run.Skip{Path: any(), Count: r.IntN(9) - 4, Reason: any()}})
	}
	if r.IntN(4) > 0 {
		ms = append(ms, &run.Message{Summary: &run.Summary{Conclusion: any()}})
	}
	return ms
}

func check(t *testing.T, ms []*run.Message) {
	t.Helper()
	svg := written(t, ms...)
	d := parsed(t, svg)
	if ms[len(ms)-1].Summary == nil && !d.says("cut off") {
		t.Error("nobody sees that the run was cut off")
	}
	if written(t, ms...) != svg {
		t.Error("two pictures of one run differ")
	}
}

func TestHostileRuns(t *testing.T) {
	for seed := range uint64(60) {
		check(t, randomRun(rand.New(rand.NewPCG(seed, 3)), hostile()))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// FuzzListener puts foreign text into every cell.
func FuzzListener(f *testing.F) {
	for i, w := range hostile() {
		f.Add(uint64(i), w, "a/b", "10.0.0.0/8")
	}
	f.Fuzz(func(t *testing.T, seed uint64, a, b, c string) {
		check(t, randomRun(rand.New(rand.NewPCG(seed, 7)), []string{a, b, c, a + b, a + "/" + b, addresses}))
	})
}

// Names that are cut are still two names.
func TestLongNamesStayApart(t *testing.T) {
	long := "a/" + strings.Repeat("x", 9000)
	d := parsed(t, written(t, header(), listed(long+"1", "Pod", "a", "", "yes"), listed(long+"2", "Pod", "a", "", "yes"), ended()))
	if !d.says("2 workloads") {
		t.Errorf("got %q", d.texts)
	}
}
