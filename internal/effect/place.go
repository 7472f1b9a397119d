package effect

import (
	"strings"
)

// place is where an object lives, as far as the plan shows it.
type place struct{ region, account string }

// placeOf reads it off the ARNs that an object has, or its region as providers
// from version 6 on keep it.
func placeOf(o *Object) place {
	if o.place == nil {
		p := readPlace(o)
		o.place = &p
	}
	return *o.place
}

func readPlace(o *Object) place {
	var p place
	for _, name := range []string{"arn", "id", "function_arn", "cluster", "function_name"} {
		v := Text(o.Before(name))
		if v == "" {
			v = Text(o.After(name))
		}
		if part := strings.SplitN(v, ":", 6); len(part) == 6 && part[0] == "arn" {
			p = place{part[3], part[4]}
			break
		}
	}
	if p.region == "" {
		if p.region = Text(o.Before("region")); p.region == "" {
			p.region = Text(o.After("region"))
		}
	}
	return p
}

// together tells whether two objects live in one region and account. Names mean
// the same object only there.
func together(a, b *Object) answer {
	p, q := placeOf(a), placeOf(b)
	switch {
	case p.region != "" && q.region != "" && p.region != q.region, p.account != "" && q.account != "" && p.account != q.account:
		return no
	case p.region != "" && q.region != "" && p.account != "" && q.account != "":
		return yes
	case a.world.Configurations(a.Provider) > 1:
		return maybe
	}
	return yes
}

// near leaves out the objects that live elsewhere. Where it cannot be told of
// some, the others are preferred.
func near(o *Object, list []*Object) []*Object {
	sure := those(list, func(x *Object) bool { return together(o, x) == yes })
	if len(sure) > 0 {
		return sure
	}
	return those(list, func(x *Object) bool { return together(o, x) != no })
}
