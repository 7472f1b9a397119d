package truth

import (
	"maps"
	"slices"
	"strings"

	"polygraph/internal/finding"
)

// tally counts how the charges of CHG001 fared.
type tally struct {
	drawn    int // blamed, and gone without the edit
	softened int // blamed for the replacement, and only updated without the edit
	shared   int // said to have several causes
	open     int // not blamed, gone without the edit, and said to be unproven
	missed   int // not blamed, gone without the edit, and nothing said: always a complaint
	false    int // blamed, and still there without the edit: always a complaint
}

func (t *tally) add(o tally) {
	t.drawn += o.drawn
	t.softened += o.softened
	t.shared += o.shared
	t.open += o.open
	t.missed += o.missed
	t.false += o.false
}

// counterfactual compares the charges against the blocks of one edit with the plan of the same
// configuration without that edit. edited are the blocks of all edits of the scene.
//
// A charge may also be brought against a change that is unproven itself: what it is computed from is not in
// the evidence, but what follows from it is. Then both have to come and go together. So they have where the
// nearest cause follows from a new object: the object is the edit, and it is nothing that changes.
func counterfactual(j judgement, with, without plan, undone, edited []string) (n tally, complaints []string) {
	there, still := with.busy(), without.busy()
	adds := slices.Contains(slices.Collect(maps.Values(there)), "create")
	unproven := map[string]bool{}
	for _, f := range j.of("CHG001", finding.Unproven) {
		unproven[f.Subject.Identity] = true
	}
	listed, open := map[string]bool{}, map[string]bool{}
	for _, c := range charges(j) {
		for _, d := range c.drawn {
			// Whoever it stands with, it is said that there are or may be others.
			open[d.address] = open[d.address] || d.shared
		}
		isUnproven := func(r string) bool { return unproven[r] }
		gone := func(r string) bool { return still[r] == "" }
		switch {
		case slices.Contains(undone, block(c.identity)):
			for _, d := range c.drawn {
				listed[d.address] = true
				n.weigh(d, c, there, still, &complaints)
			}
		case slices.Contains(edited, block(c.identity)):
			// Edited, and replaced for another reason that is unproven: then so is what follows.
			for _, d := range c.drawn {
				open[d.address] = open[d.address] || slices.ContainsFunc(c.roots, isUnproven)
			}
		case !adds && !slices.ContainsFunc(c.roots, isUnproven):
			n.false++
			complain(&complaints, "%s is made a cause, and nobody edited it", c.identity)
		case !slices.ContainsFunc(c.roots, func(r string) bool { return !gone(r) }):
			for _, d := range c.drawn {
				open[d.address] = true
				n.weigh(d, c, there, still, &complaints)
			}
		}
	}
	for _, address := range slices.Sorted(maps.Keys(there)) {
		switch does := there[address]; {
		case listed[address], slices.Contains(undone, block(address)):
		case does == "create", does == "delete": // somebody wrote or deleted it: an edit of its own
		case still[address] != "", open[address]:
		case unproven[address]:
			n.open++
		default:
			n.missed++
			complain(&complaints, "%s (%s) is gone without the edit of %v, and no verdict says so", address, does, undone)
		}
	}
	return n, complaints
}

func (n *tally) weigh(d drawing, c charge, there, still map[string]string, complaints *[]string) {
	did, does := there[d.address], still[d.address]
	switch {
	case isData(d.address):
		// What is read is not changed; it stands in the proof as a link of the chain.
	case did == "":
		n.false++
		complain(complaints, "%s is blamed on %s and is not in the plan at all", d.address, c.identity)
	case d.shared:
		n.shared++
	case does == "":
		n.drawn++
	case replaces(did) && !replaces(does):
		n.softened++
	case !slices.ContainsFunc(c.roots, func(r string) bool { return still[r] != there[r] }):
		// The cause is as it was: what was taken back is another edit of it.
	default:
		n.false++
		complain(complaints, "%s (%s) is blamed on %s and is still there without that edit (%s)", d.address, did, c.identity, does)
	}
}

func replaces(does string) bool {
	return strings.Contains(does, "create") && strings.Contains(does, "+")
}

// came tells whether what a charge foretold really came: a new object, or another value. A value that was
// computed again and came out the same is vain: the plan did foretell an update, and it was one for nothing.
func came(cs []charge, o outcome) (n, vain int, complaints []string) {
	for _, c := range cs {
		for _, d := range c.drawn {
			was, is := o.before[d.address], o.after[d.address]
			switch {
			case isData(d.address):
				continue
			case was.Values == nil || is.Values == nil:
				complain(&complaints, "%s is blamed on %s, and the state has it no more", d.address, c.identity)
			case was.id() == is.id() && (d.attribute == "" || equal(was.Values[d.attribute], is.Values[d.attribute])):
				vain++
			default:
				n++
			}
		}
	}
	return n, vain, complaints
}

func isData(address string) bool {
	return strings.HasPrefix(address, "data.") || strings.Contains(address, ".data.")
}
