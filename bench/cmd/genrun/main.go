// Genrun makes a saved run with many findings out of a real one: each finding
// is repeated under new names. It is the input of the figures about listeners
// and compare.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

type line map[string]json.RawMessage

func main() {
	n := flag.Int("findings", 42_000, "how many findings")
	in := flag.String("in", "", "a saved run with at least one refuted finding")
	out := flag.String("out", "", "where to write")
	flag.Parse()
	if err := generate(*in, *out, *n); err != nil {
		fmt.Fprintln(os.Stderr, "genrun:", err)
		os.Exit(1)
	}
}

func generate(in, out string, n int) error {
	f, err := os.Open(in)
	if err != nil {
		return err
	}
	defer f.Close()
	var before, findings []line
	var summary map[string]any
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 16<<20)
	for sc.Scan() {
		var l line
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			return err
		}
		switch {
		case l["finding"] != nil:
			findings = append(findings, l)
		case l["summary"] != nil:
			if err := json.Unmarshal(l["summary"], &summary); err != nil {
				return err
			}
		default:
			before = append(before, l)
		}
	}
	if err := sc.Err(); err != nil || len(findings) == 0 || summary == nil {
		return fmt.Errorf("%s has %d findings: %w", in, len(findings), err)
	}
	w, err := os.Create(out)
	if err != nil {
		return err
	}
	defer w.Close()
	b := bufio.NewWriter(w)
	enc := json.NewEncoder(b)
	for _, l := range before {
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	for i := range n {
		if err := enc.Encode(renamed(findings[i%len(findings)], i)); err != nil {
			return err
		}
	}
	summary["refuted"], summary["unproven"], summary["excepted"] = n, 0, 0
	if err := enc.Encode(map[string]any{"summary": summary}); err != nil {
		return err
	}
	return b.Flush()
}

// renamed is a finding about another object of the same name.
func renamed(l line, i int) map[string]any {
	var f map[string]any
	if err := json.Unmarshal(l["finding"], &f); err != nil {
		panic(err) // it was read from JSON
	}
	subject, _ := f["subject"].(map[string]any)
	name := fmt.Sprintf("module.copy[%d].%v", i, subject["identity"])
	sum := sha256.Sum256(fmt.Append(nil, f["rule"], name))
	subject["identity"], f["verdict"] = name, "refuted"
	f["fingerprint"] = "v1:" + hex.EncodeToString(sum[:12])
	return map[string]any{"finding": f}
}
