package reach

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"polygraph/internal/kubeobj"
)

// name makes the endpoints: units of one owner that nothing tells apart are one.
func (m *Model) name(of []int32) {
	type owner struct {
		object *kubeobj.Object
		a, b   int32
	}
	x := m.matcher
	classes := make([][]int32, len(x.units))
	for i, f := range x.faces {
		classes[f.unit] = append(classes[f.unit], of[i])
	}
	seen := map[owner]*Endpoint{}
	byEndpoint := map[*Endpoint][]int32{}
	siblings := map[*kubeobj.Object][]*Endpoint{}
	for i, u := range x.units {
		c := classes[i]
		k := owner{u.workload.Object, c[0], c[len(c)-1]}
		if e, ok := seen[k]; ok {
			e.Workload.Addresses = append(e.Workload.Addresses, u.workload.Addresses...)
			e.Workload.Pods += u.workload.Pods
			for key, v := range e.Workload.Labels {
				if u.workload.Labels[key] != v {
					delete(e.Workload.Labels, key)
				}
			}
			continue
		}
		e := &Endpoint{Workload: u.workload}
		seen[k] = e
		byEndpoint[e] = c
		m.endpoints = append(m.endpoints, e)
		siblings[u.workload.Object] = append(siblings[u.workload.Object], e)
	}
	for _, same := range siblings {
		if len(same) > 1 {
			nameVariants(same)
		}
	}
	slices.SortStableFunc(m.endpoints, func(a, b *Endpoint) int {
		v, w := a.Workload, b.Workload
		return cmp.Or(cmp.Compare(v.Namespace, w.Namespace), cmp.Compare(v.Name, w.Name), cmp.Compare(v.Kind, w.Kind), cmp.Compare(v.Variant, w.Variant))
	})
	outside := map[int32]*Endpoint{}
	for c := range x.space.ranges {
		k := of[x.outside(c)]
		if e, ok := outside[k]; ok {
			e.Ranges = append(e.Ranges, x.space.prefixes(c)...)
			continue
		}
		e := &Endpoint{Ranges: x.space.prefixes(c)}
		outside[k] = e
		byEndpoint[e] = []int32{k}
		m.endpoints = append(m.endpoints, e)
	}
	m.members = make([][]int32, len(m.classes))
	for i, e := range m.endpoints {
		e.Index = i
		m.faces = append(m.faces, byEndpoint[e])
		if c := byEndpoint[e]; len(c) == 1 {
			m.members[c[0]] = append(m.members[c[0]], int32(i))
		} else {
			m.twofold = append(m.twofold, int32(i))
		}
		slices.SortFunc(e.Ranges, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
		if e.Workload == nil {
			m.classes[m.faces[i][0]].family = familyOf(e.Ranges)
		}
		if w := e.Workload; w != nil {
			w.Index = i
			slices.SortFunc(w.Addresses, netip.Addr.Compare)
			for _, a := range w.Addresses {
				if !w.Host {
					m.places[a] = i
				}
			}
		}
	}
}

// nameVariants names the workloads of one owner by the labels in which they differ.
func nameVariants(same []*Endpoint) {
	for n, e := range same {
		var differ []string
		for k, v := range e.Workload.Labels {
			if slices.ContainsFunc(same, func(o *Endpoint) bool { return o.Workload.Labels[k] != v }) {
				differ = append(differ, k+"="+v)
			}
		}
		slices.Sort(differ)
		if e.Workload.Variant = strings.Join(differ, ","); e.Workload.Variant == "" {
			e.Workload.Variant = fmt.Sprint(n + 1)
		}
	}
}

func familyOf(ranges []netip.Prefix) family {
	switch four := slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Addr().Is4() }); {
	case !four:
		return v6
	case slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Addr().Is6() }):
		return anyFamily
	}
	return v4
}
