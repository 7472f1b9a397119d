//go:build linux

package packets

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// rules puts rules into force, and those of before out of it.
func (w *world) rules(t *testing.T, scripts map[*place]script) {
	t.Helper()
	w.zone++
	w.each(t, func(p *place) error {
		if p.outside {
			return nil
		}
		text := scripts[p].ruleset(w.zone)
		if _, err := p.host.run(text, "nft", "-f", "-"); err != nil {
			return fmt.Errorf("%w in\n%s", err, text)
		}
		return nil
	})
}

// packets sends a packet for each pair, protocol and port, and asks the kernel
// which rules decided.
func (w *world) packets(t *testing.T, scripts map[*place]script) []shot {
	t.Helper()
	sent, noted := make([][]shot, len(w.places)), make([]notes, len(w.places))
	w.each(t, func(p *place) error {
		out, err := p.host.do(request{Targets: w.targets(p), Ports: w.ports})
		sent[p.index] = out.Shots
		return err
	})
	w.each(t, func(p *place) (err error) { // when all of them have ended
		if !p.outside {
			noted[p.index], err = p.notes(scripts[p])
		}
		return err
	})
	var all []shot
	for _, p := range w.places {
		for _, s := range sent[p.index] {
			s.From = p.address(netip.MustParseAddr(s.To).Is6()).String()
			key, to := note{s.From, s.To, s.Protocol, s.Port}, w.at(s.To)
			// Hosts outside have no rules.
			out, in := line{verdict: accept}, line{verdict: accept}
			if !p.outside {
				out = noted[p.index]["output"][key]
			}
			if !to.outside {
				in = noted[to.index]["input"][key]
			}
			s.Egress, s.Ingress = out.origin, in.origin
			if ruled := fateBy(out.verdict, in.verdict); s.Fate == silent || s.Fate != ruled {
				t.Errorf("the world is broken: %s -> %s %s %d is %s %s, and by the rules [%s; %s] it is %s",
					s.From, s.To, s.Protocol, s.Port, s.Fate, s.Why, s.Egress, s.Ingress, ruled)
				s.Fate = silent
			}
			w.retries += min(s.Tries, 1)
			all = append(all, s)
		}
	}
	return all
}

// targets are the addresses to which a host sends: those of all others, but
// between two hosts outside of the cluster.
func (w *world) targets(from *place) (out []target) {
	for _, to := range w.places {
		if to == from || to.outside && from.outside {
			continue
		}
		for _, a := range to.addrs {
			out = append(out, target{Name: to.name, Address: a.String()})
		}
	}
	return out
}

// fateBy is what has to become of a packet by the rules that it met. What is not
// let out meets no rule for ingress.
func fateBy(out, in verdict) fate {
	switch {
	case out == refuse || out == accept && in == refuse:
		return refused
	case out == accept && in == accept:
		return delivered
	}
	return silent
}

// at is who has an address.
func (w *world) at(address string) *place {
	for _, p := range w.places {
		for _, a := range p.addrs {
			if a.String() == address {
				return p
			}
		}
	}
	return nil
}

// address is the one of a family.
func (p *place) address(six bool) netip.Addr {
	for _, a := range p.addrs {
		if a.Is6() == six {
			return a
		}
	}
	return netip.Addr{}
}

// note is a packet, and notes are the lines that decided about packets, by hook.
type note struct {
	from, to, protocol string
	port               uint16
}

type notes map[string]map[note]line

// notes reads what the rules of a pod noted.
func (p *place) notes(s script) (notes, error) {
	out := notes{"input": {}, "output": {}}
	text, err := p.host.run("", "nft", "-j", "-n", "list", "ruleset")
	if err != nil {
		return nil, err
	}
	var dump struct {
		Nftables []struct {
			Set *struct {
				Name string
				Elem []json.RawMessage
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &dump); err != nil {
		return nil, err
	}
	for _, entry := range dump.Nftables {
		if entry.Set == nil {
			continue
		}
		_, hook, _ := strings.Cut(entry.Set.Name, "_")
		for _, e := range entry.Set.Elem {
			var one struct{ Concat []any }
			if err := json.Unmarshal(e, &one); err != nil || len(one.Concat) != 5 {
				return nil, fmt.Errorf("%s: %v", e, err)
			}
			from, _ := one.Concat[0].(string)
			to, _ := one.Concat[1].(string)
			protocol, _ := one.Concat[2].(float64)
			port, _ := one.Concat[3].(float64)
			mark, _ := one.Concat[4].(float64)
			who := line{verdict: accept, origin: "nobody"}
			if mark > 0 {
				who = s[int(mark)-1]
			}
			key := note{from, to, map[float64]string{6: "TCP", 17: "UDP", 132: "SCTP"}[protocol], uint16(port)}
			if before, ok := out[hook][key]; ok && before != who {
				return nil, fmt.Errorf("%v was decided by %v and by %v", key, before, who)
			}
			out[hook][key] = who
		}
	}
	return out, nil
}
