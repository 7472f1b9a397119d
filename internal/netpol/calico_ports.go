package netpol

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// protocolOf reads a protocol by name or number; other is true of those without
// ports that are followed here: ICMP, UDPLite, 47.
//
// Source: api/pkg/lib/numorstring/protocol.go, projectcalico/calico v3.32.
func protocolOf(v *kubeobj.Value) (p Protocol, other, ok bool) {
	if v.Kind != kubeobj.String && v.Kind != kubeobj.Number {
		return 0, false, false
	}
	switch strings.ToLower(v.Text) {
	case "tcp", "6":
		return TCP, false, true
	case "udp", "17":
		return UDP, false, true
	case "sctp", "132":
		return SCTP, false, true
	case "icmp", "icmpv6", "udplite":
		return 0, true, true
	}
	_, err := strconv.ParseUint(v.Text, 10, 8)
	return 0, true, err == nil
}

// matchPorts reads protocols and ports. Those of the destination are the ports
// of a rule, be it the pod of the policy or the peer.
func (r ruleReader) matchPorts(rule *Rule) {
	mark := len(r.local)
	ports, anyPort, unsure := r.ports()
	if len(r.local) > mark { // what is not understood may match anything
		ports, anyPort = nil, true
	}
	rule.Ports, rule.AnyPort = ports, anyPort
	rule.Unsure = append(rule.Unsure, unsure...)
}

// ports reads them; without ports and without anyPort only protocols are matched
// that have none.
func (r ruleReader) ports() (out []Port, anyPort bool, unsure []Unsure) {
	protocols := r.protocols()
	source := r.side("source")
	if source.used {
		unsure = append(unsure, Unsure{source.at, "source ports: which one a client has is decided per connection"})
	}
	to := r.side("destination")
	if (source.used || to.used) && field(r.v, "protocol") == nil {
		protocols[UDP], protocols[SCTP] = false, false // names of TCP
	}
	if !to.used {
		if protocols == [Protocols]bool{true, true, true} {
			return nil, true, unsure
		}
		for p, in := range protocols {
			if in {
				out = append(out, Port{Protocol: Protocol(p), Low: 1, High: 65535, Offset: at(r.v.Get("protocol"), r.v)})
			}
		}
		return out, false, unsure
	}
	if !protocols[to.protocol] {
		return nil, false, unsure
	}
	for _, p := range subtract(to.within, to.without) {
		out = append(out, Port{Protocol: to.protocol, Low: uint16(p.low), High: uint16(p.high), Offset: p.at})
	}
	for _, n := range to.names {
		out = append(out, Port{Protocol: to.protocol, Name: n.Text, Offset: n.Offset})
	}
	if len(to.refused) > 0 {
		unsure = append(unsure, Unsure{to.refused[0].Offset, "notPorts has a name, whose number each pod chooses"})
	} else if len(to.names) > 0 && len(to.without) > 0 {
		unsure = append(unsure, Unsure{to.names[0].Offset, "notPorts may have the number that a pod chooses for this name"})
	}
	return out, false, unsure
}

// portSide is the ports and notPorts of one side.
type portSide struct {
	used            bool
	at              uint32
	protocol        Protocol
	within, without []portRange // numbers
	names, refused  []*kubeobj.Value
}

// side reads the ports of one side. They need a protocol; names alone are names
// of TCP where none is written.
//
// Sources: validateRule, libcalico-go/lib/validator/v3; namedPortProto,
// felix/calc/rule_scanner.go, projectcalico/calico v3.32.
func (r ruleReader) side(name string) (s portSide) {
	v, path := r.v.Get(name), r.path+"."+name
	ports, _ := r.list(v, "ports", path)
	notPorts, _ := r.list(v, "notPorts", path)
	if len(ports)+len(notPorts) == 0 {
		return s
	}
	s.used = true
	s.within, s.names = r.ranges(ports, path+".ports")
	s.without, s.refused = r.ranges(notPorts, path+".notPorts")
	if s.at = at(field(v, "ports"), v); len(ports) == 0 {
		s.at = at(field(v, "notPorts"), v)
		s.within = []portRange{{low: 1, high: 65535, at: s.at}}
	}
	written := field(r.v, "protocol")
	if written == nil {
		if len(ports)+len(notPorts) > len(s.names)+len(s.refused) {
			r.broken(v, "Write protocol beside them.", path, "has numbers of ports without a protocol")
		}
		return s
	}
	p, other, ok := protocolOf(written)
	if other && ok {
		r.broken(v, "Write TCP, UDP or SCTP, or delete the ports.", path, "has ports, and the protocol "+show(written)+" has none")
	}
	s.protocol = p
	return s
}

// protocols are those that a rule is about. ICMP and others without ports leave
// none of the three.
func (r ruleReader) protocols() [Protocols]bool {
	set := [Protocols]bool{true, true, true}
	icmp := false
	if v := field(r.v, "protocol"); v != nil {
		p, other, ok := protocolOf(v)
		if !ok {
			r.broken(v, protocolForm, r.path+".protocol:", show(v)+" is no protocol")
		}
		set = [Protocols]bool{}
		set[p] = !other
		icmp = other
	}
	if v := field(r.v, "notProtocol"); v != nil {
		p, other, ok := protocolOf(v)
		if !ok {
			r.broken(v, protocolForm, r.path+".notProtocol:", show(v)+" is no protocol")
		}
		set[p] = set[p] && other
	}
	for _, name := range [...]string{"icmp", "notICMP"} {
		if v := field(r.v, name); v != nil && !icmp {
			r.broken(v, "Write protocol: ICMP beside it.", r.path+"."+name, "is for the protocols ICMP and ICMPv6")
		}
	}
	return set
}

// portRange is wider than a port on purpose: sums do not overflow.
type portRange struct {
	low, high int
	at        uint32
}

// ranges reads 80, "8000:8080" and names. The port 0 is none.
//
// Source: api/pkg/lib/numorstring/port.go, projectcalico/calico v3.32.
func (r ruleReader) ranges(list []kubeobj.Value, path string) (out []portRange, names []*kubeobj.Value) {
	for i := range list {
		v, path := &list[i], item(path, i)+":"
		low, high, isRange := strings.Cut(textOf(v), ":")
		if !isRange {
			high = low
		}
		a, err := strconv.ParseUint(low, 10, 16)
		b, err2 := strconv.ParseUint(high, 10, 16)
		switch {
		case v.Kind != kubeobj.String && v.Kind != kubeobj.Number:
			r.broken(v, portForm, path, show(v)+" is no port")
		case err == nil && err2 == nil && a <= b:
			if b > 0 {
				out = append(out, portRange{max(int(a), 1), int(b), v.Offset})
			}
		case v.Kind == kubeobj.String && !v.Placeholder() && isPortName(v.Text):
			names = append(names, v)
		default:
			r.broken(v, portForm, path, show(v)+" is no port")
		}
	}
	return out, names
}

const protocolForm = "Write TCP, UDP, SCTP, ICMP, ICMPv6, UDPLite or a number up to 255."

const portForm = `Write 80, "8000:8080" or the name of a port.`

func isPortName(text string) bool {
	digits := 0
	for i := range len(text) {
		if !isLabelByte(text[i]) || text[i] == '/' {
			return false
		}
		if text[i] >= '0' && text[i] <= '9' {
			digits++
		}
	}
	return text != "" && len(text) <= 128 && digits < len(text)
}

// subtract takes ranges out of ranges; each that is left stays where it was written.
func subtract(within, without []portRange) []portRange {
	without = slices.Clone(without)
	slices.SortFunc(without, func(a, b portRange) int { return cmp.Compare(a.low, b.low) })
	var out []portRange
	for _, p := range within {
		for _, q := range without {
			if p.low < q.low && q.low <= p.high {
				out = append(out, portRange{p.low, q.low - 1, p.at})
			}
			if q.low <= p.high {
				p.low = max(p.low, q.high+1)
			}
		}
		if p.low <= p.high {
			out = append(out, p)
		}
	}
	return out
}
