package ruletest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"polygraph/internal/finding"
)

// checkMutation changes the evidence, one field or line at a time.
func (e *examiner) checkMutation(t *testing.T, files []file) {
	base := e.run(t, files)
	for _, f := range base.refuted {
		flips, places := 0, 0
		for i, file := range files {
			cited, others := citations(t, file, f.Proof)
			places += len(cited)
			for _, p := range cited {
				for _, data := range file.mutations(t, p) {
					if data == nil {
						t.Errorf("%s: the proof cites %s, which is not there", f.Subject.Identity, p)
						continue
					}
					if o := e.run(t, with(files, i, data)); !o.refutes(f.Fingerprint) {
						flips++
					}
				}
			}
			for _, p := range others {
				for how, data := range file.mutations(t, p) {
					if o := e.run(t, with(files, i, data)); !o.refutes(f.Fingerprint) {
						t.Errorf("%s: the verdict flips when the unrelated %s of %s is %s", f.Subject.Identity, p, file.name, how)
					}
				}
			}
		}
		switch {
		case places == 0:
			t.Errorf("%s: the proof cites no field", f.Subject.Identity)
		case flips == 0:
			t.Errorf("%s: no mutation of what the proof cites flips the verdict", f.Subject.Identity)
		}
	}
}

// citations are the fields or lines of a file that a proof cites, and those that
// have nothing to do with it.
func citations(t *testing.T, f file, proof []finding.Statement) (cited, others []string) {
	t.Helper()
	for _, s := range proof {
		if s.At.File != f.name {
			continue
		}
		switch {
		case f.text() && s.At.Pointer == "":
			cited = append(cited, lineOf(f.data, s.At.Offset))
		case !f.text() && s.At.Pointer != "":
			cited = append(cited, s.At.Pointer)
		}
	}
	slices.Sort(cited)
	cited = slices.Compact(cited)
	if f.text() {
		return cited, unrelatedLines(f.data, cited)
	}
	return cited, unrelated(t, f.data, cited)
}

// mutations returns the file without a field or line and with another value in
// it; nil where it is not there.
func (f file) mutations(t *testing.T, place string) map[string][]byte {
	t.Helper()
	if f.text() {
		return lineMutations(f.data, place)
	}
	return mutations(t, f.data, place)
}

// checkHonesty takes each part of the evidence away.
func (e *examiner) checkHonesty(t *testing.T, files []file) {
	base := e.run(t, files)
	for i, f := range files {
		gone := e.run(t, slices.Delete(slices.Clone(files), i, i+1))
		if gone.held > base.held || gone.verdict == finding.Holds && !unclaimed(files, i, base, gone) {
			t.Errorf("without %s the claim holds", f.name)
		}
		for _, part := range f.kind.Parts {
			data := mutations(t, f.data, part)["deleted"]
			if data == nil {
				continue // the case has no such part
			}
			o := e.run(t, with(files, i, data))
			for _, was := range base.refuted {
				if o.refutes(was.Fingerprint) {
					continue // it does not rest on that part
				}
				// Evidence that is refused whole, or called cut by another rule, is as
				// honest as an unproven finding.
				if len(o.unproven)+len(o.skips)+o.whole == 0 || o.verdict == finding.Holds {
					t.Errorf("without %s of %s, %s is neither refuted nor unproven", part, f.name, was.Subject.Identity)
				}
			}
			if o.held > base.held {
				t.Errorf("without %s of %s more claims hold (%d) than with it (%d)", part, f.name, o.held, base.held)
			}
		}
	}
}

// unclaimed tells that without a file nobody makes the claim any more: each
// refutation holds that file against another of its kind, as two roots are held
// against each other, and the rule says nothing about the one that is left.
func unclaimed(files []file, i int, base, gone *outcome) bool {
	if gone.held+len(gone.refuted)+len(gone.unproven) > 0 || len(base.refuted) == 0 {
		return false
	}
	for _, f := range base.refuted {
		this, another := false, false
		for _, s := range f.Proof {
			this = this || s.At.File == files[i].name
			another = another || slices.ContainsFunc(files, func(x file) bool {
				return x.name == s.At.File && x.name != files[i].name && x.kind == files[i].kind
			})
		}
		if !this || !another {
			return false
		}
	}
	return true
}

func with(files []file, i int, data []byte) []file {
	out := slices.Clone(files)
	out[i].data = data
	return out
}

// mutations returns the document without a field and with another value in it;
// nil where the field is not there.
func mutations(t *testing.T, data []byte, pointer string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{"deleted": nil, "replaced": nil}
	for how := range out {
		doc := decode(t, data)
		done := edit(doc, tokens(pointer), how)
		if !done {
			continue
		}
		b, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		out[how] = b
	}
	return out
}

func decode(t *testing.T, data []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var doc any
	if err := dec.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func tokens(pointer string) []string {
	var out []string
	for _, s := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		out = append(out, strings.ReplaceAll(strings.ReplaceAll(s, "~1", "/"), "~0", "~"))
	}
	return out
}

// edit deletes or replaces what the path leads to. A list element is replaced
// in both cases, so that the positions of the others stay.
func edit(doc any, path []string, how string) bool {
	switch d := doc.(type) {
	case map[string]any:
		v, ok := d[path[0]]
		if !ok {
			return false
		}
		if len(path) > 1 {
			return edit(v, path[1:], how)
		}
		if how == "deleted" {
			delete(d, path[0])
		} else {
			d[path[0]] = other(v)
		}
		return true
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(d) {
			return false
		}
		if len(path) > 1 {
			return edit(d[i], path[1:], how)
		}
		d[i] = other(d[i])
		return true
	}
	return false
}

func other(v any) any {
	switch x := v.(type) {
	case bool:
		return !x
	case string:
		return x + "-other"
	case json.Number:
		if n, err := x.Int64(); err == nil {
			return n + 1
		}
		return 1
	case []any:
		return []any{}
	case map[string]any:
		return map[string]any{}
	default:
		return "other"
	}
}

// unrelated lists the leaves outside of what the proof cites: other entries of
// the same sections and other sections. Within a cited entry every field may
// matter; a cited configuration makes all of it matter, because references run
// through all of it.
func unrelated(t *testing.T, data []byte, cited []string) []string {
	t.Helper()
	var roots []string
	for _, p := range cited {
		path := tokens(p)
		roots = append(roots, fmt.Sprintf("/%s/%s", path[0], at(path, 1)))
		if path[0] == "configuration" {
			roots = append(roots, "/configuration", "/relevant_attributes")
		}
	}
	// A new major version is refused whole, and a plan that calls itself failed
	// is judged as such.
	roots = append(roots, "/format_version", "/errored", "/version", "/lineage", "/serial")
	var out []string
	var walk func(v any, p string)
	walk = func(v any, p string) {
		if slices.ContainsFunc(roots, func(r string) bool { return p == r || strings.HasPrefix(p, r+"/") }) {
			return
		}
		switch x := v.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(x)) {
				walk(x[k], p+"/"+strings.ReplaceAll(strings.ReplaceAll(k, "~", "~0"), "/", "~1"))
			}
		case []any:
			for i, y := range x {
				walk(y, p+"/"+strconv.Itoa(i))
			}
		default:
			out = append(out, p)
		}
	}
	walk(decode(t, data), "")
	return out
}

func at(path []string, i int) string {
	if i < len(path) {
		return path[i]
	}
	return ""
}
