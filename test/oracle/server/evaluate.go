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
	text, err := json.Marshal(patched(r.tree, patches))
	if err != nil {
		w.failed = err
		return nil
	}
	object, err := w.kind.decode(text)
	if err != nil {
		c.Outcome, c.refusal = invalid, refusing(cause{Type: "Undecodable", Detail: err.Error()})
		return c
	}
	// Nil and empty count as one thing here, as they do in the strategies.
	if equality.Semantic.DeepEqual(object, r.object) {
		c.Outcome = noop
		return c
	}
	stored, refusal := w.kind.judge(r.object, object)
	if c.refusal = refusal; refusal != nil {
		c.Outcome = refused
		if w.wrong(r, object) {
			c.Outcome = invalid
		}
		return c
	}
	c.Outcome = inPlace
	if kept, err := w.keeps(r, object, stored, path); err != nil {
		w.failed = err
	} else if kept {
		c.Outcome = dropped
	}
	return c
}

// wrong tells whether a create would be refused too, and not for what the old object has.
func (w *walker) wrong(r *root, object runtime.Object) bool {
	if len(r.known) > 0 {
		return len(w.kind.further(object, r.known)) > 0
	}
	_, refusal := w.kind.created(object)
	return refusal != nil
}

// keeps says whether what is stored has at the path what the old object has, although the new one differs there.
func (w *walker) keeps(r *root, object, storedObject runtime.Object, path []step) (bool, error) {
	text, err := w.kind.encode(storedObject)
	if err != nil {
		return false, err
	}
	stored, err := parse(text)
	if err != nil || !sameAt(stored, r.tree, path) {
		return false, err
	}
	if text, err = w.kind.encode(object); err != nil {
		return false, err
	}
	defaulted, err := parse(text)
	return err == nil && !sameAt(defaulted, r.tree, path), err
}
