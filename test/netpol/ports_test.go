package netpol

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// ports reads a set of ports in the form of reach.Ports ("TCP 80, 8000-8080; all
// UDP") and in that of the shared expectations ("SCTP 9003,TCP 1-79,81-65535",
// "All Connections", "No Connections").
func ports(text string) (out reach.Ports, err error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "all", "all connections":
		return reach.AllPorts(), nil
	case "none", "no connections":
		return out, nil
	}
	protocol := netpol.Protocol(netpol.Protocols)
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' }) {
		fields := strings.Fields(word)
		whole := len(fields) == 2 && fields[0] == "all"
		if whole {
			fields = fields[1:]
		}
		for p := range netpol.Protocol(netpol.Protocols) {
			if len(fields) > 0 && fields[0] == p.String() {
				protocol, fields = p, fields[1:]
				break
			}
		}
		if protocol == netpol.Protocols || whole != (len(fields) == 0) {
			return out, fmt.Errorf("no ports: %q", text)
		}
		low, high := "1", "65535"
		if !whole {
			var isRange bool
			if low, high, isRange = strings.Cut(fields[0], "-"); !isRange {
				high = low
			}
		}
		a, errA := strconv.ParseUint(low, 10, 16)
		b, errB := strconv.ParseUint(high, 10, 16)
		if errA != nil || errB != nil || a == 0 || a > b || len(fields) > 1 {
			return out, fmt.Errorf("no ports: %q", text)
		}
		out = out.Union(reach.PortsOf(protocol, uint16(a), uint16(b)))
	}
	return out, nil
}

func TestPorts(t *testing.T) {
	for text, want := range map[string]string{
		"All Connections":            "all",
		"No Connections":             "none",
		"SCTP 9003,TCP 8080,UDP 53":  "TCP 8080; UDP 53; SCTP 9003",
		"TCP 1-79,81-65535":          "TCP 1-79, 81-65535",
		"SCTP 1-65535,TCP 80":        "TCP 80; all SCTP",
		"TCP 80, 8000-8080; all UDP": "TCP 80, 8000-8080; all UDP",
		"all TCP; UDP 1; all SCTP":   "all TCP; UDP 1; all SCTP",
		"80":                         "", "TCP": "", "TCP 0": "", "TCP 9-8": "", "TCP 80 81": "", "all": "all", "all ICMP": "", "TCP 70000": "",
	} {
		p, err := ports(text)
		if (err != nil) != (want == "") || err == nil && p.String() != want {
			t.Errorf("%q is %q, %v; want %q", text, p, err, want)
		}
	}
}
