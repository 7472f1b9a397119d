//go:build linux

package packets

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

var protocols = []string{"TCP", "UDP", "SCTP"}

// shot is a packet and what became of it.
type shot struct {
	From     string `json:",omitempty"` // the sender's address
	To, Name string // the address, and who has it
	Protocol string
	Port     uint16
	Fate     fate
	Tries    int    `json:",omitempty"` // beyond the first
	Why      string `json:",omitempty"` // of what is neither delivered nor refused
	// Egress and Ingress are the rules that decided; "" where the packet met none.
	Egress, Ingress string `json:",omitempty"`
}

// fate is what became of a packet.
type fate uint8

const (
	silent    fate = iota // neither an answer nor a refusal: the world is broken
	delivered             // its destination answered
	refused               // a reset or an ICMP error came back, or it was not let out
)

func (f fate) String() string { return [...]string{"silent", "delivered", "refused"}[f] }

// patience is how long the answer to a packet may take, try by try. A machine
// under load is slow, and nothing here drops packets.
var patience = []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 8 * time.Second}

// isRefusal tells the errors by which a rejected packet is known: reset, not let
// out, and administratively prohibited in IPv4 and in IPv6.
func isRefusal(err error) bool {
	for _, e := range []error{syscall.ECONNREFUSED, syscall.EPERM, syscall.EHOSTUNREACH, syscall.EACCES} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// fire sends it over TCP or UDP.
func (s *shot) fire(at netip.AddrPort) {
	for i, limit := range patience {
		s.Tries = i
		var name string
		var err error
		if s.Protocol == "TCP" {
			name, err = askTCP(at, limit)
		} else {
			name, err = askUDP(at, limit)
		}
		switch {
		case err == nil && name == s.Name:
			s.Fate = delivered
			return
		case err == nil:
			s.Why = "answered by " + name
			return
		case isRefusal(err):
			s.Fate = refused
			return
		}
		s.Why = err.Error()
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
	}
}

func askTCP(at netip.AddrPort, limit time.Duration) (string, error) {
	c, err := net.DialTimeout("tcp", at.String(), limit)
	if err != nil {
		return "", err
	}
	defer c.Close()
	c.(*net.TCPConn).SetLinger(0) // no port waits for late packets
	c.SetDeadline(time.Now().Add(limit))
	return question(c)
}

func askUDP(at netip.AddrPort, limit time.Duration) (string, error) {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(at))
	if err != nil {
		return "", err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(limit))
	return question(c)
}

func question(c io.ReadWriter) (string, error) {
	if _, err := c.Write([]byte("?")); err != nil {
		return "", err
	}
	var buffer [64]byte
	n, err := c.Read(buffer[:])
	return string(buffer[:n]), err
}
