package net

import (
	"maps"
	"slices"

	"polygraph/internal/reach"
)

// family is what passes and what may pass, over IPv4 or IPv6.
type family struct{ passes, unknown reach.Ports }

func familiesOf(c *reach.Cell) [2]family {
	all := c.Allowed
	if !c.Open.Empty() {
		all = all.Union(c.Open)
	}
	out := [2]family{{all, c.Unknown}, {all, c.Unknown}}
	if !c.IPv4.Empty() {
		out[0].passes = all.Union(c.IPv4)
	}
	if !c.IPv6.Empty() {
		out[1].passes = all.Union(c.IPv6)
	}
	return out
}

// pairs looks at every pair between which something passes or passed.
func (d *difference) pairs() {
	ends := d.now.model.Endpoints()
	for i, s := range ends {
		cells := map[int]*reach.Cell{}
		for j, cell := range d.now.model.From(i) {
			cells[j] = cell
		}
		for _, a := range d.was[i] {
			for b := range d.old.model.From(a) {
				for _, j := range d.back[b] {
					if cells[j] == nil {
						cells[j] = &reach.Cell{}
					}
				}
			}
		}
		for _, j := range slices.Sorted(maps.Keys(cells)) {
			if i != j && (s.Workload != nil || ends[j].Workload != nil) {
				d.pair(i, j, cells[j])
			}
		}
	}
}

// step is what became of one pair over one family.
type step struct{ gained, perhaps, open, lost reach.Ports }

func (s *step) equal(o *step) bool {
	return s.gained.Equal(o.gained) && s.perhaps.Equal(o.perhaps) && s.open.Equal(o.open) && s.lost.Equal(o.lost)
}

func (d *difference) pair(i, j int, cell *reach.Cell) {
	now := familiesOf(cell)
	if len(d.was[i]) == 0 || len(d.was[j]) == 0 {
		if passes := now[0].passes.Union(now[1].passes); !passes.Empty() {
			d.c.New++
			d.row("new", i, j, passes, "")
		}
		return
	}
	var steps [2]step
	for f := range now {
		// Whatever passed between any of what these were, passed before; lost is what
		// passed between all of them.
		any, all, doubt := reach.Ports{}, reach.AllPorts(), reach.Ports{}
		for _, a := range d.was[i] {
			for _, b := range d.was[j] {
				c := d.old.model.Between(a, b)
				then := familiesOf(&c)[f]
				any, all, doubt = any.Union(then.passes), all.Intersect(then.passes), doubt.Union(then.unknown)
			}
		}
		gained := now[f].passes.Minus(all)
		steps[f] = step{gained.Minus(doubt), gained.Intersect(doubt), now[f].unknown.Minus(all).Minus(doubt), any.Minus(now[f].passes).Minus(now[f].unknown)}
	}
	if steps[0].equal(&steps[1]) {
		d.tell(i, j, &steps[0], "")
		return
	}
	d.tell(i, j, &steps[0], "IPv4")
	d.tell(i, j, &steps[1], "IPv6")
}

func (d *difference) tell(i, j int, s *step, over string) {
	put := func(change string, ports reach.Ports, count *int) {
		if ports.Empty() {
			return
		}
		*count++
		d.row(change, i, j, ports, over)
		if change != "lost" {
			d.gains[j] = append(d.gains[j], gain{i, j, ports, over, change == "unknown"})
		}
	}
	put("gained", s.gained, &d.c.Gained)
	put("unknown", s.perhaps, &d.c.Unknown)
	put("unknown", s.open, &d.c.Unknown)
	put("lost", s.lost, &d.c.Lost)
}
