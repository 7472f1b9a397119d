package change

import "polygraph/internal/tfplan"

// remnant is what the destroy of an object will meet, and where the plan says so.
type remnant struct {
	before map[string]any
	entry  *tfplan.Change
	side   string // "before" or "after" of that entry
}

// place is an object in the plan: more than one can stand at an address.
type place struct{ address, deposed string }

// drifted maps the objects that the refresh saw changed to what it saw.
func (x *examination) drifted() map[place]*tfplan.Change {
	out := make(map[place]*tfplan.Change, len(x.Drift))
	for i := range x.Drift {
		if dr := &x.Drift[i]; !dr.Data {
			out[place{dr.Address, dr.Deposed}] = dr
		}
	}
	return out
}

// refreshed tells what a destroy will meet. Where no block is left, Terraform plans the destroy with the
// values of the last apply, and what the refresh saw stands among the drift only: a protection that
// somebody switched on or off by hand is not in `before`.
func (x *examination) refreshed(c *tfplan.Change, d *tfplan.Detail, dr *tfplan.Change) (remnant, error) {
	r := remnant{d.Before, c, "before"}
	if dr == nil || c.Action != tfplan.Delete || d.Before == nil {
		return r, nil
	}
	seen, err := x.Detail(dr)
	if err != nil || seen.After == nil {
		return r, err
	}
	// A value that one of the two entries hides is not shown from the other.
	seen.SealLike(d)
	return remnant{seen.After, dr, "after"}, nil
}
