//go:build linux

package packets

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// station is the process of one namespace, seen from inside.
type station struct {
	name string
	sctp [2]*sctpSocket // IPv4, IPv6; nil without the family
}

// inside answers requests until there are no more.
func inside(name string, in io.Reader, out io.Writer) int {
	s := &station{name: name}
	ask, tell := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var r request
		if err := ask.Decode(&r); err != nil {
			return 0
		}
		answer, err := s.serve(r)
		if err != nil {
			answer.Error = err.Error()
		}
		if tell.Encode(answer) != nil {
			return 1
		}
	}
}

func (s *station) serve(r request) (out reply, err error) {
	for path, value := range r.Write {
		if err := os.WriteFile(path, []byte(value), 0); err != nil {
			return out, err
		}
	}
	if len(r.Run) > 0 {
		cmd := exec.Command(r.Run[0], r.Run[1:]...)
		cmd.Stdin = strings.NewReader(r.Input)
		text, err := cmd.CombinedOutput()
		out.Output = string(text)
		if err != nil {
			return out, errors.New(strings.Join(r.Run, " ") + ": " + err.Error() + ": " + out.Output)
		}
	}
	if len(r.Listen) > 0 {
		if err := s.listen(r.Listen); err != nil {
			return out, err
		}
	}
	if len(r.Targets) > 0 {
		out.Shots, err = s.shoot(r.Targets, r.Ports)
	}
	return out, err
}

// listen answers on all ports of all protocols.
func (s *station) listen(ports []uint16) error {
	for _, port := range ports {
		at := netip.AddrPortFrom(netip.IPv6Unspecified(), port)
		tcp, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(at))
		if err != nil {
			return err
		}
		go func() {
			for {
				c, err := tcp.AcceptTCP()
				if err != nil {
					return
				}
				go s.answer(c)
			}
		}()
		udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
		if err != nil {
			return err
		}
		go func() {
			var buffer [64]byte
			for {
				_, from, err := udp.ReadFromUDPAddrPort(buffer[:])
				if errors.Is(err, net.ErrClosed) {
					return
				}
				if err == nil {
					udp.WriteToUDPAddrPort([]byte(s.name), from)
				}
			}
		}()
	}
	for i := range s.sctp {
		var err error
		if s.sctp[i], err = listenSCTP(i == 1); err != nil {
			return err
		}
	}
	return nil
}

// answer says who is there to whoever asks.
func (s *station) answer(c *net.TCPConn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	var question [1]byte
	if _, err := io.ReadFull(c, question[:]); err != nil {
		return
	}
	if _, err := c.Write([]byte(s.name)); err == nil {
		io.Copy(io.Discard, c) // the one who asked closes
	}
}

// shoot sends one packet, or makes one connection, for each target, protocol and
// port.
func (s *station) shoot(targets []target, ports []uint16) ([]shot, error) {
	shots := make([]shot, 0, len(targets)*len(ports)*len(protocols))
	for _, to := range targets {
		for _, protocol := range protocols {
			for _, port := range ports {
				shots = append(shots, shot{To: to.Address, Name: to.Name, Protocol: protocol, Port: port})
			}
		}
	}
	var wait sync.WaitGroup
	free := make(chan struct{}, 48)
	var raw [2][]*shot
	for i := range shots {
		one := &shots[i]
		at := netip.AddrPortFrom(netip.MustParseAddr(one.To), one.Port)
		if one.Protocol == "SCTP" {
			family := 0
			if at.Addr().Is6() {
				family = 1
			}
			raw[family] = append(raw[family], one)
			continue
		}
		free <- struct{}{}
		wait.Go(func() {
			one.fire(at)
			<-free
		})
	}
	var failed error
	for i, list := range raw {
		if len(list) > 0 && failed == nil {
			failed = s.sctp[i].fire(list)
		}
	}
	wait.Wait()
	return shots, failed
}
