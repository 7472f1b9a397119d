package net

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/finding"
)

// mangled is a text with some of its lines dropped, doubled, or with another word
// in them.
func mangled(r *rand.Rand, text string) string {
	words := []string{"null", "{}", "[]", "0", "-1", "99999", "\"\"", "true", "web", "shop", "{{ .Values.a }}", "10.0.0.0/8", "{matchLabels: {app: web}}"}
	lines := strings.Split(text, "\n")
	var out []string
	for _, l := range lines {
		switch r.IntN(150) {
		case 0:
			continue
		case 1:
			out = append(out, l)
		case 2:
			if at := strings.LastIndexAny(l, ":,"); at > 0 && !strings.Contains(l, "kind:") {
				rest := strings.TrimLeft(l[at+1:], "abcdefghijklmnopqrstuvwxyz0123456789 \"-./")
				l = l[:at+1] + " " + words[r.IntN(len(words))] + rest
			}
		}
		out = append(out, l)
	}
	return strings.Join(out, "\n")
}

// byAbsence are the rules that refute because something is not there.
var byAbsence = []string{"NET003", "NET004", "NET005", "NET007", "NET009", "NET010"}

// TestHostile: whatever the objects look like, nothing breaks, no accusation is
// without proof, and beside what was not read nobody is accused for what is not
// there, nor acquitted by one question.
func TestHostile(t *testing.T) {
	small := shopFloor() + coreDNS + calicoNode + asking("api", "DATABASE_HOST", "db") + policy("api", strings.Replace(webToDB, "app: web", "app: api", 1)) + workload("agent", "hostNetwork: true, ") +
		policy("port", "podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: metrics}]}]") + policyIn("tools", "few", "podSelector: {matchLabels: {app: x}}")
	small = strings.Replace(small, policy("deny", denyIngress), "", 1)
	large := small + baselineDeny + adminDenyTools + strings.NewReplacer("no-tools", "tools", "Deny", "Allow").Replace(adminDenyTools)
	rounds := 120
	if testing.Short() {
		rounds = 30
	}
	refuted := map[string]int{}
	for n := range rounds {
		r := rand.New(rand.NewPCG(uint64(n), 7))
		scene := small
		if n%3 == 0 {
			scene = large
		}
		text, old := mangled(r, scene), mangled(r, scene)
		for _, cni := range []string{"", "none", "vpc-cni"} {
			for name, o := range map[string]Options{
				"check":   {},
				"live":    {Surveyed: true},
				"list":    {List: &Listing{Denied: true, Witnesses: true}},
				"explain": {Ask: ask("shop/web", "shop/db", "5432", n%2 == 0)},
				"compare": {Compare: &Comparison{}},
			} {
				o.CNI = cni
				where := fmt.Sprintf("round %d, %s, cni %q", n, name, cni)
				whole := judge(t, &o, map[string]string{"a.yaml": text, "old/a.yaml": old})
				var unfound *Unfound
				if whole.err != nil && !errors.As(whole.err, &unfound) {
					t.Fatalf("%s: %v\n%s", where, whole.err, text)
				}
				for _, f := range whole.findings {
					if f.Verdict == finding.Refuted {
						refuted[f.Rule]++
					}
					if f.Title == "" || f.Verdict == finding.Unproven && (len(f.Missing) == 0 || f.Missing[0].Evidence == "" || f.Missing[0].Get == "") {
						t.Errorf("%s: %+v", where, f)
					}
				}
				if cni != "" {
					continue
				}
				part := judge(t, &o, map[string]string{"a.yaml": text, "old/a.yaml": old, "b.yaml": namespace("x") + template})
				for _, f := range part.findings {
					if f.Verdict == finding.Refuted && slices.Contains(byAbsence, f.Rule) {
						t.Errorf("%s, beside a template: %s %s", where, f.Rule, f.Title)
					}
				}
				for _, rule := range []string{"NET010", "NET011", "NET012"} {
					if part.held[rule] > 0 {
						t.Errorf("%s, beside a template: %s holds", where, rule)
					}
				}
			}
		}
	}
	for _, rule := range []string{"NET002", "NET003", "NET004", "NET006", "NET009", "NET010"} {
		if refuted[rule] == 0 && !testing.Short() {
			t.Errorf("%s was never refuted: the scenes are too tame (%v)", rule, refuted)
		}
	}
	t.Log(refuted)
}
