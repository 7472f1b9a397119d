package enforce

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"polygraph/internal/kubeobj"
	"polygraph/internal/workloads"
)

func parse(t testing.TB, text string) *kubeobj.Object {
	t.Helper()
	f, problem := kubeobj.Parse("x.yaml", []byte(text))
	if problem != nil || len(f.Objects) != 1 {
		t.Fatalf("%v\n%s", problem, text)
	}
	return f.Objects[0]
}

// TestFlagAsGoReadsIt compares flagOf with the flag package on random arguments.
func TestFlagAsGoReadsIt(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	values := []string{"", "=true", "=false", "=1", "=0", "=T", "=F", "=TRUE", "=False", "=t", "=f"}
	seen := map[string]int{}
	for range 2000 {
		var args []string
		for range r.IntN(5) {
			dash := []string{"-", "--"}[r.IntN(2)]
			args = append(args, dash+[]string{"on", "other", "only"}[r.IntN(3)]+values[r.IntN(len(values))])
		}
		fs := flag.NewFlagSet("", flag.ContinueOnError)
		fs.SetOutput(io.Discard)
		on := fs.Bool("on", false, "")
		fs.Bool("other", false, "")
		fs.Bool("only", false, "")
		if err := fs.Parse(args); err != nil {
			t.Fatal(err)
		}
		text := "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec:\n  containers:\n  - name: x\n    args: [" + quoted(args) + "]\n"
		o := parse(t, text)
		c := &workloads.View(o).Containers[0]
		got := flagOf(c, o, "on", true)
		if got.isTrue() != *on {
			t.Fatalf("%q: %+v, flag says %v", args, got, *on)
		}
		seen[fmt.Sprint(got.found, *on)]++
		if got.found == set && !strings.HasPrefix(strings.TrimLeft(text[got.at:], `"`), "-") {
			t.Fatalf("%q: at %q", args, text[got.at:])
		}
	}
	if len(seen) < 3 {
		t.Errorf("%v", seen)
	}
}

func quoted(args []string) string {
	var out []string
	for _, a := range args {
		out = append(out, fmt.Sprintf("%q", a))
	}
	return strings.Join(out, ", ")
}

// TestTermsAsTheServerReadsThem compares the terms of node affinity with the
// requirements of apimachinery.
func TestTermsAsTheServerReadsThem(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	ops := map[string]selection.Operator{"In": selection.In, "NotIn": selection.NotIn, "Exists": selection.Exists, "DoesNotExist": selection.DoesNotExist}
	names := []string{"In", "NotIn", "Exists", "DoesNotExist"}
	yesses := 0
	for range 3000 {
		set := labels.Set{}
		var b strings.Builder
		b.WriteString("apiVersion: v1\nkind: Node\nmetadata:\n  name: one\n  labels:\n    z: z\n")
		for _, k := range []string{"a", "b", "c"} {
			if r.IntN(3) > 0 {
				set[k] = []string{"red", "blue"}[r.IntN(2)]
				fmt.Fprintf(&b, "    %s: %q\n", k, set[k])
			}
		}
		node := parse(t, b.String())
		want := true
		b.Reset()
		b.WriteString("apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec:\n  containers: []\n  affinity:\n    nodeAffinity:\n      requiredDuringSchedulingIgnoredDuringExecution:\n        nodeSelectorTerms:\n        - matchExpressions:\n")
		for range 1 + r.IntN(3) {
			k, op := []string{"a", "b", "c"}[r.IntN(3)], names[r.IntN(4)]
			var values []string
			if op == "In" || op == "NotIn" {
				values = []string{"red", "blue"}[:1+r.IntN(2)]
			}
			req, err := labels.NewRequirement(k, ops[op], values)
			if err != nil {
				t.Fatal(err)
			}
			want = want && req.Matches(set)
			fmt.Fprintf(&b, "          - key: %s\n            operator: %s\n            values: [%s]\n", k, op, strings.Join(values, ", "))
		}
		yes, known := fits(parse(t, b.String()).Get("spec"), node)
		if yes != want || !known {
			t.Fatalf("%v of %v, want %v\n%s", yes, set, want, b.String())
		}
		if yes {
			yesses++
		}
	}
	if yesses < 300 || yesses > 2700 {
		t.Errorf("%d of 3000 match", yesses)
	}
}

func TestVersions(t *testing.T) {
	for _, c := range []struct {
		version    string
		yes, known bool
	}{
		{"v1.20.4-eksbuild.1", true, true},
		{"1.20", true, true},
		{"v1.19.9", false, true},
		{"v2.0.0", true, true},
		{"v0.99.0", false, true},
		{"latest", false, false},
		{"", false, false},
		{"v20240813-c6f155d6", false, false},
		{"5.10.240-238.959.amzn2.x86_64", true, true},
		{"v-1.2", false, false},
		{"v1.x", false, false},
		{"sha256", false, false},
		{"+1.30", false, false},
	} {
		if yes, known := atLeast(c.version, 1, 20); yes != c.yes || known != c.known {
			t.Errorf("%q: %v %v", c.version, yes, known)
		}
	}
}
