package wild

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers"
	"polygraph/internal/evidence"
	"polygraph/internal/run"
	"polygraph/internal/tfplan"
)

// fingerprints judges one plan and returns what its findings are called, with
// their verdicts.
func fingerprints(t *testing.T, path string, data []byte) []string {
	t.Helper()
	var out []string
	runner := analysis.Runner{Analyzers: analyzers.All(), Clock: time.Now}
	item := &evidence.Item{Kind: tfplan.Kind(), Path: path, Blob: evidence.Bytes(data)}
	_, err := runner.Run(context.Background(), analysis.Evidence{Items: []*evidence.Item{item}}, func(m *run.Message) error {
		if f := m.Finding; f != nil {
			out = append(out, f.Fingerprint+" "+f.Verdict.String()+" "+f.Rule+" "+f.Subject.Identity)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// TestFingerprintsSurvive: another path, another indentation, another order of
// keys and of entries change nothing of what findings are called.
func TestFingerprintsSurvive(t *testing.T) {
	plans := map[string][]byte{}
	acme, err := os.ReadFile(filepath.Join("..", "..", "examples", "acme", "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	plans["acme"] = acme
	dir := data(t)
	for _, item := range items(t, dir) {
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(item.Path)))
		if err != nil {
			t.Fatal(err)
		}
		plans[item.Path] = b
	}
	found := 0
	for name, plan := range plans {
		want := fingerprints(t, "a/plan.json", plan)
		found += len(want)
		var doc any
		dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(plan, []byte("\xef\xbb\xbf"))))
		dec.UseNumber()
		if err := dec.Decode(&doc); err != nil {
			continue // UTF-16, or cut on purpose
		}
		for seed := range uint64(3) {
			r := rand.New(rand.NewPCG(seed, 5))
			var b bytes.Buffer
			write(&b, doc, r, 0, "", fmt.Sprint(seed))
			got := fingerprints(t, fmt.Sprintf("other/%d/x.json", seed), b.Bytes())
			if !slices.Equal(got, want) {
				t.Errorf("%s, written in another way:\n%s", name, firstDifference(strings.Join(want, "\n"), strings.Join(got, "\n")))
				break
			}
		}
	}
	if found < 40 {
		t.Fatalf("%d findings only: nothing was compared", found)
	}
}

// write writes JSON with random white space, and members and resource entries
// in another order.
func write(b *bytes.Buffer, v any, r *rand.Rand, depth int, key, salt string) {
	space := func() {
		b.WriteString([]string{"", " ", "\n" + strings.Repeat("\t", depth)}[xxhash.Sum64String(salt)%3])
	}
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		// One encoder writes equal objects equally: the order depends on the
		// names alone, in each writing another one.
		sort.Slice(keys, func(i, j int) bool { return xxhash.Sum64String(keys[i]+salt) < xxhash.Sum64String(keys[j]+salt) })
		b.WriteByte('{')
		for i, k := range keys {
			if i > 0 {
				b.WriteByte(',')
			}
			space()
			name, _ := json.Marshal(k)
			b.Write(name)
			b.WriteByte(':')
			write(b, v[k], r, depth+1, k, salt)
		}
		space()
		b.WriteByte('}')
	case []any:
		order := make([]int, len(v))
		for i := range order {
			order[i] = i
		}
		if key == "resource_changes" || key == "resource_drift" || key == "resources" {
			r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		b.WriteByte('[')
		for i, at := range order {
			if i > 0 {
				b.WriteByte(',')
			}
			space()
			write(b, v[at], r, depth+1, "", salt)
		}
		space()
		b.WriteByte(']')
	default:
		text, _ := json.Marshal(v)
		b.Write(text)
	}
}
