package main

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
)

// evaluate asks what becomes of one mutant; nil where it cannot be asked.
func (w *walker) evaluate(r *root, patches []patch, path []step) *walkCase {
	w.tried++
	c := &walkCase{Patches: patches}
	c.CreateErrors = []cause{}
	text, err := json.Marshal(patched(r.tree, patches))
	if err != nil {
		w.failed = err
		return nil
	}
	object, err := w.kind.decode(text)
	if err != nil {
		c.Outcome, c.Causes = invalid, []cause{{Type: "Undecodable", Detail: err.Error()}}
		c.CreateErrors = c.Causes
		return c
	}
	// Nil and empty count as one thing here, as they do in the strategies.
	if equality.Semantic.DeepEqual(object, r.object) {
		c.Outcome = noop
		return c
	}
	judged, err := w.kind.judge(r.object, object)
	if err != nil {
		w.failed = err
		return nil
	}
	c.Accepted, c.Causes = judged.Accepted, judged.Causes
	if !c.Accepted {
		c.Outcome = refused
		if c.CreateErrors = w.kind.further(object, r.known); len(c.CreateErrors) > 0 {
			c.Outcome = invalid
		}
		return c
	}
	c.Outcome = inPlace
	if kept, err := w.keeps(r, object, judged.Stored, path); err != nil {
		w.failed = err
	} else if kept {
		c.Outcome, c.Dropped = dropped, true
	}
	return c
}

// keeps says whether what is stored has at the path what the old object has, although the new one differs there.
func (w *walker) keeps(r *root, object runtime.Object, storedText []byte, path []step) (bool, error) {
	stored, err := parse(storedText)
	if err != nil || !sameAt(stored, r.tree, path) {
		return false, err
	}
	text, err := w.kind.encode(object)
	if err != nil {
		return false, err
	}
	defaulted, err := parse(text)
	return err == nil && !sameAt(defaulted, r.tree, path), err
}
