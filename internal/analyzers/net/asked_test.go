package net

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"polygraph/internal/finding"
)

// TestCasesOfCommands: the cases of the rules that only commands judge. What
// belongs to the question is not evidence of it: without a policy the answer is
// another one, so the checks of ruletest are made by hand in ask_test.go and
// compare_test.go.
func TestCasesOfCommands(t *testing.T) {
	for file, o := range map[string]Options{
		"NET010": {Compare: &Comparison{}},
		"NET011": {Ask: &Asking{From: "shop/web", To: "shop/db", Port: "5432"}},
		"NET012": {Ask: &Asking{From: "shop/resizer", To: "shop/db", Port: "5432", Denied: true}},
	} {
		a, err := txtar.ParseFile("testdata/asked/" + file + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		for _, side := range []string{"bad", "good"} {
			o.CNI = "calico"
			files := map[string]string{}
			want := ""
			for _, f := range a.Files {
				name, ok := strings.CutPrefix(f.Name, side+"/")
				if !ok {
					continue
				}
				text := string(f.Data)
				if i := strings.Index(text, " # want "+file); i >= 0 {
					want = fmt.Sprintf("%s:%d", name, strings.Count(text[:i], "\n")+1)
				}
				files[name] = strings.ReplaceAll(text, " # want "+file, "")
			}
			j := judge(t, &o, files)
			if j.err != nil {
				t.Fatal(j.err)
			}
			got := ""
			for _, f := range j.of(file) {
				if f.Verdict == finding.Refuted {
					at := f.At()
					got = fmt.Sprintf("%s:%d", at.File, strings.Count(files[at.File][:at.Offset], "\n")+1)
				}
			}
			if side == "good" && j.verdict(file) != "holds" || got != want {
				t.Errorf("%s, %s: %s at %q, want %q\n%s", file, side, j.verdict(file), got, want, j.text(file))
			}
		}
	}
}
