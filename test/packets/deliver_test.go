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
	sent, noted := map[*place][]shot{}, map[*place]notes{}
	got := make([][]shot, len(w.places))
	index := map[*place]int{}
	for i, p := range w.places {
		index[p] = i
	}
	w.each(t, func(p *place) error {
		var targets []target
		for _, to := range w.places {
			if to == p || to.outside && p.outside {
				continue
			}
			for _, a := range to.addrs {
				targets = append(targets, target{Name: to.name, Address: a.String()})
			}
		}
		out, err := p.host.do(request{Targets: targets, Ports: w.ports})
		got[index[p]] = out.Shots
		return err
	})
	said := make([]notes, len(w.places))
	w.each(t, func(p *place) (err error) {
		if !p.outside {
			said[index[p]], err = p.notes(scripts[p])
		}
		return err
	})
	at := map[string]notes{}
	for i, p := range w.places {
		sent[p], noted[p] = got[i], said[i]
		for _, a := range p.addrs {
			at[a.String()] = said[i]
		}
	}
	var all []shot
	for _, p := range w.places {
		for _, s := range sent[p] {
			s.From = p.address(netip.MustParseAddr(s.To).Is6()).String()
			key := note{s.From, s.To, s.Protocol, s.Port}
			s.Egress, s.Ingress = noted[p]["output"][key], at[s.To]["input"][key]
			if s.Fate == silent {
				t.Errorf("zone %d: %s -> %s %s %d, decided by [%s; %s]: neither an answer nor a refusal: %s", w.zone, s.From, s.To, s.Protocol, s.Port, s.Egress, s.Ingress, s.Why)
			}
			all = append(all, s)
		}
	}
	return all
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

// note is a packet, and notes are the rules that decided about packets, by hook.
type note struct {
	from, to, protocol string
	port               uint16
}

type notes map[string]map[note]string

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
			who := "nobody"
			if mark > 0 {
				who = s[int(mark)-1].origin
			}
			key := note{from, to, map[float64]string{6: "TCP", 17: "UDP", 132: "SCTP"}[protocol], uint16(port)}
			if before, ok := out[hook][key]; ok && before != who {
				return nil, fmt.Errorf("%v was decided by %s and by %s", key, before, who)
			}
			out[hook][key] = who
		}
	}
	return out, nil
}
