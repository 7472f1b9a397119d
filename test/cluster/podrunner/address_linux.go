package podrunner

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// loopback adds addresses to the device lo of the present network namespace.
type loopback struct{ link netlink.Link }

func openDevice() (device, error) {
	link, err := netlink.LinkByName("lo")
	if err != nil {
		return nil, fmt.Errorf("podrunner: the loopback device: %w", err)
	}
	// In a fresh network namespace it is down, and 127.0.0.1 does not answer either.
	if link.Attrs().Flags&net.FlagUp == 0 {
		if err := netlink.LinkSetUp(link); err != nil {
			return nil, permission("bringing the loopback device up", err)
		}
	}
	return loopback{link}, nil
}

// permission names the way without root where the right is missing.
func permission(what string, err error) error {
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return fmt.Errorf("podrunner: %s needs CAP_NET_ADMIN (%w); be root, or run the command inside `unshare --user --map-root-user --net`", what, err)
	}
	return fmt.Errorf("podrunner: %s: %w", what, err)
}

func (l loopback) add(address netip.Addr) error {
	err := netlink.AddrAdd(l.link, single(address))
	if errors.Is(err, unix.EEXIST) {
		return errTaken
	}
	if err != nil {
		return permission("adding the address "+address.String()+" to the loopback device", err)
	}
	return nil
}

func (l loopback) renew(address netip.Addr) error {
	if err := netlink.AddrReplace(l.link, single(address)); err != nil {
		return permission("renewing the address "+address.String(), err)
	}
	return nil
}

func (l loopback) remove(address netip.Addr) error {
	err := netlink.AddrDel(l.link, single(address))
	if err == nil || errors.Is(err, unix.EADDRNOTAVAIL) { // its lifetime was over
		return nil
	}
	return permission("removing the address "+address.String(), err)
}

func single(address netip.Addr) *netlink.Addr {
	seconds := int(lifetime.Seconds())
	return &netlink.Addr{
		IPNet:    &net.IPNet{IP: address.AsSlice(), Mask: net.CIDRMask(32, 32)},
		ValidLft: seconds, PreferedLft: seconds,
	}
}
