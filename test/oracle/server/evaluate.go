package main

import "encoding/json"

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
	defaultedText, err := w.kind.encode(object)
	if err != nil {
		w.failed = err
		return nil
	}
	defaulted, err := parse(defaultedText)
	if err != nil {
		w.failed = err
		return nil
	}
	if same(defaulted, r.tree) {
		c.Outcome = noop
		return c
	}
	judged, err := w.kind.judge(r.object, text)
	if err != nil {
		w.failed = err
		return nil
	}
	c.Accepted, c.Causes = judged.Accepted, judged.Causes
	for _, e := range w.kind.createErrors(object) {
		if !r.known[e] {
			c.CreateErrors = append(c.CreateErrors, e)
		}
	}
	if !c.Accepted {
		c.Outcome = refused
		if len(c.CreateErrors) > 0 {
			c.Outcome = invalid
		}
		return c
	}
	stored, err := parse(judged.Stored)
	if err != nil {
		w.failed = err
		return nil
	}
	c.Outcome = inPlace
	if sameAt(stored, r.tree, path) && !sameAt(defaulted, r.tree, path) {
		c.Outcome, c.Dropped = dropped, true
	}
	return c
}
