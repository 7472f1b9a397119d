package doctor

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/evidence"
)

// ofRoots looks for the root modules without a plan, or a state, among the
// evidence.
func (d *Diagnosis) ofRoots(c *capability, k *evidence.Kind, pieces []piece, rules []string) {
	has := map[*Root]bool{}
	for i := range pieces {
		if r := d.repo.rootOf(pieces[i].path); r != nil {
			has[r] = true
		}
	}
	var without []*Root
	for _, r := range d.repo.roots {
		if !has[r] {
			without = append(without, r)
		}
	}
	state := partly
	if len(pieces) == 0 {
		state = missing
	}
	switch {
	case len(without) > 0:
		c.worsen(state, fmt.Sprintf("%s of %d of %s", short(k), len(without), plural(len(d.repo.roots), "root", "roots")))
	case len(pieces) == 0:
		c.worsen(missing, "no "+k.Title)
	}
	binaries := d.binaries(k)
	for i, r := range without {
		if i == mostLacks {
			c.lacks = append(c.lacks, lack{fmt.Sprintf("%s of %d more root modules", k.Title, len(without)-i), "polygraph doctor FOLDER, for some of them at a time", rules})
			break
		}
		c.lacks = append(c.lacks, d.without(k, r, binaries[r], rules)...)
		delete(binaries, r)
	}
	if len(pieces) > 0 {
		return
	}
	// Nothing to judge at all, and a plan that nobody can place.
	for _, b := range binaries[nil] {
		c.lacks = append(c.lacks, lack{"the binary plan " + b.Path + " as JSON", showOf(nil, b.Path), rules})
	}
	if len(c.lacks) == 0 {
		c.lacks = append(c.lacks, lack{k.Title, k.Get, rules})
	}
}

// without says how a root module gets its plan: from a binary one that is
// there and fresh, else by planning.
func (d *Diagnosis) without(k *evidence.Kind, r *Root, binary []File, rules []string) []lack {
	if k == evidence.TerraformState() {
		return []lack{{k.Title + " of " + r.title(), pullOf(r), rules}}
	}
	what := k.Title + " of " + r.title()
	for _, b := range binary {
		p := piece{path: b.Path, at: b.Time, file: b.Time, clock: fileClock}
		if d.stale(&p, r) == "" {
			return []lack{{what + ", which is there in binary", showOf(r, b.Path), rules}}
		}
	}
	const several = 4
	var out []lack
	for i, command := range planOf(r, several) {
		what := what
		if len(r.VarFiles) > 1 {
			what += " with " + r.VarFiles[i]
		}
		out = append(out, lack{what, command, rules})
	}
	return out
}

// binaries are the binary plans of each root module, newest first.
func (d *Diagnosis) binaries(k *evidence.Kind) map[*Root][]File {
	out := map[*Root][]File{}
	if k != evidence.TerraformPlan() {
		return out
	}
	for _, p := range d.repo.plans {
		if p.Binary {
			r := d.repo.rootOf(p.Path)
			out[r] = append(out[r], p)
		}
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b File) int { return b.Time.Compare(a.Time) })
	}
	return out
}

// aged looks for what is too old. Of several plans of one root module the
// newest counts: the others are its history.
func (d *Diagnosis) aged(c *capability, k *evidence.Kind, pieces []piece, rules []string) {
	type key struct{ root, path string }
	newest := map[key]*piece{}
	var order []key
	for i := range pieces {
		p := &pieces[i]
		at := key{path: p.path}
		if r := d.placed(k, p); r != nil {
			at = key{root: r.Folder}
		}
		old, again := newest[at]
		if !again {
			order = append(order, at)
		}
		if !again || p.at.After(old.at) {
			newest[at] = p
		}
	}
	n, unknown := 0, 0
	for _, at := range order {
		p := newest[at]
		r := d.placed(k, p)
		why := d.stale(p, r)
		if why == "" {
			if p.clock == fileClock && d.byGit(p.at) {
				unknown++
			}
			continue
		}
		if n++; n <= mostLacks {
			c.lacks = append(c.lacks, lack{fmt.Sprintf("a newer %s than %s: %s", short(k), p.path, why), d.again(k, p, r), rules})
		}
	}
	if n > 0 {
		c.worsen(stale, fmt.Sprintf("%d stale", n))
	}
	if unknown > 0 {
		c.said = append(c.said, fmt.Sprintf("age of %d not known: git set the file's time", unknown))
	}
}

// placed is the root module that a plan or state belongs to.
func (d *Diagnosis) placed(k *evidence.Kind, p *piece) *Root {
	if k == evidence.TerraformPlan() || k == evidence.TerraformState() {
		return d.repo.rootOf(p.path)
	}
	return nil
}

// again is the command that makes a piece of evidence anew.
func (d *Diagnosis) again(k *evidence.Kind, p *piece, r *Root) string {
	switch {
	case r == nil:
		return k.Get
	case k == evidence.TerraformState():
		return pullOf(r)
	}
	for _, b := range d.binaries(k)[r] {
		if fresh := (&piece{path: b.Path, at: b.Time, file: b.Time, clock: fileClock}); b.Time.After(p.at) && d.stale(fresh, r) == "" {
			return showOf(r, b.Path)
		}
	}
	return planAgain(r, p.path)
}

// short is the last word of a kind's name: plan, state.
func short(k *evidence.Kind) string {
	return k.Name[strings.LastIndex(k.Name, "-")+1:]
}

// title is the folder in a sentence.
func (r *Root) title() string {
	if r.Folder == "." {
		return "the current folder"
	}
	return r.Folder
}
