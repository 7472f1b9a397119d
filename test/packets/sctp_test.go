//go:build linux

package packets

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// sctpSocket sends and answers SCTP INITs without SCTP in the kernel. It gets all
// SCTP packets that the input chain let through.
type sctpSocket struct {
	fd   int
	six  bool
	lock sync.Mutex
	open map[uint16]*shot // by source port: sent, and nothing is heard yet
}

const (
	chunkInit    = 1
	chunkInitAck = 2
	firstPort    = 20000 // the source port of the first shot
)

func listenSCTP(six bool) (*sctpSocket, error) {
	family, level, option := unix.AF_INET, unix.SOL_IP, unix.IP_RECVERR
	if six {
		family, level, option = unix.AF_INET6, unix.SOL_IPV6, unix.IPV6_RECVERR
	}
	fd, err := unix.Socket(family, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_SCTP)
	if err != nil {
		return nil, fmt.Errorf("raw socket: %w", err)
	}
	if err := unix.SetsockoptInt(fd, level, option, 1); err != nil {
		return nil, err
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 16<<20); err != nil {
		return nil, err
	}
	s := &sctpSocket{fd: fd, six: six, open: map[uint16]*shot{}}
	go s.hear()
	return s, nil
}

// fire sends all of them and waits until each is answered or refused.
func (s *sctpSocket) fire(shots []*shot) error {
	s.lock.Lock()
	for i, one := range shots {
		s.open[firstPort+uint16(i)] = one
	}
	s.lock.Unlock()
	for n, limit := range patience {
		for i, one := range shots {
			if err := s.send(firstPort+uint16(i), one, n); err != nil {
				return err
			}
		}
		for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
			s.lock.Lock()
			left := len(s.open)
			s.lock.Unlock()
			if left == 0 {
				return nil
			}
		}
	}
	s.lock.Lock()
	clear(s.open)
	s.lock.Unlock()
	return nil
}

func (s *sctpSocket) send(from uint16, one *shot, try int) error {
	s.lock.Lock()
	waits := s.open[from] == one
	s.lock.Unlock()
	if !waits {
		return nil
	}
	one.Tries = try
	packet := initChunk(chunkInit, from, one.Port, 0, uint32(from)+1)
	for range 100 {
		// The error may be that of an earlier packet, which the error queue tells.
		switch err := unix.Sendto(s.fd, packet, 0, sockaddr(netip.MustParseAddr(one.To))); err {
		case nil:
			return nil
		case unix.EPERM:
			s.settle(from, netip.Addr{}, one.Port, refused)
			return nil
		case unix.EHOSTUNREACH, unix.EACCES, unix.EINTR, unix.ECONNREFUSED:
		default:
			return fmt.Errorf("SCTP to %s: %w", one.To, err)
		}
	}
	return fmt.Errorf("SCTP to %s: cannot send", one.To)
}

// settle notes what became of the packet that was sent from a port. An answer has
// to come from where the packet went.
func (s *sctpSocket) settle(from uint16, answered netip.Addr, port uint16, what fate) {
	s.lock.Lock()
	defer s.lock.Unlock()
	one := s.open[from]
	if one == nil || one.Port != port || answered.IsValid() && answered.String() != one.To {
		return
	}
	one.Fate = what
	delete(s.open, from)
}

// hear answers INITs, and takes in what comes back on our own.
func (s *sctpSocket) hear() {
	buffer, extra := make([]byte, 2048), make([]byte, 512)
	for {
		wait := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(wait, -1); err != nil && err != unix.EINTR {
			return
		}
		if wait[0].Revents&unix.POLLERR != 0 {
			n, _, _, _, err := unix.Recvmsg(s.fd, buffer, extra, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
			if err != nil { // an error without a packet: asking for it clears it
				unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR)
			} else if n >= 4 {
				s.settle(binary.BigEndian.Uint16(buffer), netip.Addr{}, binary.BigEndian.Uint16(buffer[2:]), refused)
			}
		}
		if wait[0].Revents&unix.POLLIN != 0 {
			n, from, err := unix.Recvfrom(s.fd, buffer, unix.MSG_DONTWAIT)
			if err == nil {
				s.take(buffer[:n], from)
			}
		}
	}
}

func (s *sctpSocket) take(packet []byte, from unix.Sockaddr) {
	var sender netip.Addr
	switch a := from.(type) {
	case *unix.SockaddrInet4: // a raw socket of IPv4 gets the IP header too
		sender = netip.AddrFrom4(a.Addr)
		packet = packet[int(packet[0]&15)*4:]
	case *unix.SockaddrInet6:
		sender = netip.AddrFrom16(a.Addr)
	}
	if len(packet) < 20 {
		return
	}
	source, port := binary.BigEndian.Uint16(packet), binary.BigEndian.Uint16(packet[2:])
	switch packet[12] {
	case chunkInit:
		tag := binary.BigEndian.Uint32(packet[16:])
		answer := initChunk(chunkInitAck, port, source, tag, uint32(port)+1)
		for range 100 {
			if err := unix.Sendto(s.fd, answer, 0, sockaddr(sender)); err == nil || err == unix.EPERM {
				break
			}
		}
	case chunkInitAck:
		s.settle(port, sender, source, delivered)
	}
}

// initChunk is a packet with an INIT or an INIT ACK.
//
// Source: RFC 9260, sections 3.1, 3.3.2 and 3.3.3. The checksum is CRC32c, its
// lowest byte first (appendix A); an INIT has the verification tag 0, and its
// answer the tag that the INIT chose. An INIT ACK needs a State Cookie.
func initChunk(kind byte, from, to uint16, tag, chosen uint32) []byte {
	p := make([]byte, 32, 40)
	binary.BigEndian.PutUint16(p[0:], from)
	binary.BigEndian.PutUint16(p[2:], to)
	binary.BigEndian.PutUint32(p[4:], tag)
	p[12] = kind
	binary.BigEndian.PutUint32(p[16:], chosen)
	binary.BigEndian.PutUint32(p[20:], 1<<16) // receiver window
	binary.BigEndian.PutUint16(p[24:], 1)     // streams out
	binary.BigEndian.PutUint16(p[26:], 1)     // and in
	binary.BigEndian.PutUint32(p[28:], chosen)
	if kind == chunkInitAck {
		p = append(p, 0, 7, 0, 8, 'p', 'o', 'l', 'y') // State Cookie
	}
	binary.BigEndian.PutUint16(p[14:], uint16(len(p)-12))
	binary.LittleEndian.PutUint32(p[8:], crc32.Checksum(p, crc32.MakeTable(crc32.Castagnoli)))
	return p
}

func sockaddr(a netip.Addr) unix.Sockaddr {
	if a.Is4() {
		return &unix.SockaddrInet4{Addr: a.As4()}
	}
	return &unix.SockaddrInet6{Addr: a.As16()}
}
