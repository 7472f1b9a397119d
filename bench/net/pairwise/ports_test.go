package pairwise_test

import (
	"testing"

	"polygraph/bench/net/pairwise"
)

func TestJoinPorts(t *testing.T) {
	for _, c := range [][3]string{
		{"TCP 443", "UDP 53", "TCP 443; UDP 53"},
		{"TCP 1-79", "TCP 80, 8080", "TCP 1-80, 8080"},
		{"all TCP; SCTP 1", "all UDP", "all TCP; all UDP; SCTP 1"},
		{"all TCP; all UDP; SCTP 1-9", "SCTP 10-65535", "all"},
		{"none", "TCP 9", "TCP 9"},
		{"all", "TCP 9", "all"},
	} {
		if got, err := pairwise.JoinPorts(c[0], c[1]); err != nil || got != c[2] {
			t.Errorf("%q and %q are %q, %v", c[0], c[1], got, err)
		}
	}
	for _, text := range []string{"", "unknown TCP 1", "TCP", "TCP x", "not enforced all"} {
		if got, err := pairwise.JoinPorts("TCP 1", text); err == nil {
			t.Errorf("%q is read as ports: %s", text, got)
		}
	}
}
