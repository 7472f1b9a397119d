package netmap

import (
	"os"
	"polygraph/internal/run"
	"strings"
	"testing"
)

func TestDemo(t *testing.T) {
	dir := os.Getenv("DEMO")
	if dir == "" {
		t.Skip()
	}
	c12 := cluster(12, 4, 2, 1)
	long := []*run.Message{header()}
	names := []string{"a-very-long-namespace-name-that-nobody-would-type/payments-reconciliation-service-for-the-second-region-v2", "x/<script>alert(1)</script>\u202e]]>&amp;", "x/\x1b[31mred\n\x00", "y/日本語日本語日本語日本語日本語日本語日本語日本語日本語", "z/" + strings.Repeat("é̂̃", 100), "/", "nons", "q/" + strings.Repeat("W", 5000)}
	for _, n := range names {
		long = append(long, listed(n, "Deployment", "", "ingress", "what"))
		long = append(long, connection(n, "Deployment", names[1], "Deployment", "TCP "+n, "allowed", n))
		long = append(long, connection(n, "Deployment", names[2], "Deployment", "TCP http", "allowed", n))
	}
	long = append(long, &run.Message{Skip: &run.Skip{Path: "x", Count: 3}}, &run.Message{Summary: &run.Summary{Verdict: 0, Conclusion: strings.Repeat("missing evidence & so on ", 60)}})
	cut := shop()
	cut = cut[:len(cut)-1]
	for name, ms := range map[string][]*run.Message{
		"shop": shop(), "c12": c12, "c40": cluster(40, 7, 3, 2), "c80": cluster(74, 9, 6, 3), "ns": cluster(300, 12, 5, 4), "ns150": cluster(600, 4, 5, 4),
		"groups": cluster(500, 2, 0, 5), "long": long, "cut": cut, "nothing": {header(), ended()}, "c24": cluster(24, 5, 1, 9), "ns500": cluster(500, 200, 5, 4), "one": cluster(1, 1, 0, 1),
	} {
		if err := os.WriteFile(dir+"/"+name+".svg", []byte(written(t, ms...)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
