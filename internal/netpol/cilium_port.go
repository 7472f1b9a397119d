package netpol

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// serviceName is what is a name of a port and no number, and has at most 15
// characters: cilium v1.20.2 pkg/iana/svcname.go.
var serviceName = regexp.MustCompile(`^([a-zA-Z0-9]-?)*[a-zA-Z](-?[a-zA-Z0-9])*$`)

// portless are protocols without ports: they are none of TCP, UDP and SCTP.
var portless = []string{"VRRP", "IGMP", "GRE", "IPIP", "IPV6", "ESP", "AH"}

// ciliumPort reads an item of ports: a port of ANY protocol is three.
//
// Source: PortProtocol of cilium v1.20.2 pkg/policy/api/l4.go and its sanitize in
// rule_validation.go; the CRD has port as a string. Port 0 is all ports:
// createL4Filter, pkg/policy/l4.go.
func (r *reading) ciliumPort(v *kubeobj.Value, path string) []Port {
	if !r.fields(v, path, "port", "endPort", "protocol") {
		return nil
	}
	protocol := "ANY"
	if f := field(v, "protocol"); f != nil {
		if !r.is(f, kubeobj.String, path+".protocol") {
			return nil
		}
		switch protocol = f.Text; {
		case slices.Contains(portless, protocol):
			return nil
		case protocol != "ANY" && protocol != "TCP" && protocol != "UDP" && protocol != "SCTP":
			r.refuse(f.Offset, "Write TCP, UDP, SCTP or ANY.", "%s.protocol: %s is none that Cilium knows", path, short(protocol))
			return nil
		}
	}
	port := field(v, "port")
	if port == nil {
		r.refuse(v.Offset, `Write port: "0" for all ports.`, "%s has no port", path)
		return nil
	}
	if port.Is(kubeobj.Number) {
		r.refuse(port.Offset, "Put the number in quotes.", "%s.port is a number, and the definition asks for a string", path)
		return nil
	}
	if !r.is(port, kubeobj.String, path+".port") {
		return nil
	}
	p, ok := r.ciliumRange(v, port, path)
	if !ok {
		return nil
	}
	p.Offset = v.Offset
	if protocol == "ANY" && p.Name != "" {
		p.AnyProtocol = true
		return []Port{p}
	}
	var out []Port
	for q := TCP; q < Protocols; q++ {
		if p.Protocol = q; protocol == "ANY" || protocol == q.String() {
			out = append(out, p)
		}
	}
	return out
}

// ciliumRange reads port and endPort.
func (r *reading) ciliumRange(v, port *kubeobj.Value, path string) (p Port, ok bool) {
	end := 0
	f := field(v, "endPort")
	if f != nil {
		if end, ok = r.number(f, path+".endPort", 0, 65535); !ok {
			return p, false
		}
	}
	if len(port.Text) <= 15 && serviceName.MatchString(port.Text) {
		if end > 0 {
			r.unknown(f.Offset, "Write numbers for a range.", "%s has endPort and the name of a port", path)
			return p, false
		}
		p.Name = strings.ToLower(port.Text)
		return p, true
	}
	n, err := strconv.ParseUint(port.Text, 0, 16)
	if err != nil {
		r.refuse(port.Offset, "Write a number up to 65535, or a name of at most 15 letters, digits and dashes.", "%s.port: %s is no port", path, short(port.Text))
		return p, false
	}
	low, high := int(n), max(int(n), end)
	if end > 0 && end < low || end > 0 && low == 0 {
		r.unknown(f.Offset, "Write the greater number as endPort.", "%s: endPort %d makes no range with port %d", path, end, low)
		return p, false
	}
	if low == 0 {
		low, high = 1, 65535
	}
	p.Low, p.High = uint16(low), uint16(high)
	return p, true
}
