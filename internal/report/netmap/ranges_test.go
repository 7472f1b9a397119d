package netmap

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
)

// FuzzSpans compares sets of ranges with asking each address.
func FuzzSpans(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		list := func() (text string, prefixes []netip.Prefix) {
			var words []string
			for range 1 + r.IntN(5) {
				p := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(r.IntN(256))}), 24+r.IntN(9))
				prefixes, words = append(prefixes, p), append(words, p.String())
			}
			return strings.Join(words, ", "), prefixes
		}
		ta, pa := list()
		tb, pb := list()
		has := func(ps []netip.Prefix, a netip.Addr) bool {
			for _, p := range ps {
				if p.Masked().Contains(a) {
					return true
				}
			}
			return false
		}
		some, within := false, true
		for i := range 256 {
			a := netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})
			if has(pa, a) {
				some = some || has(pb, a)
				within = within && has(pb, a)
			}
		}
		if s, w := meet(spans(ta), spans(tb)); s != some || w != within {
			t.Fatalf("%s and %s: %v %v, want %v %v", ta, tb, s, w, some, within)
		}
	})
}

func TestMeet(t *testing.T) {
	for _, c := range []struct {
		a, b         string
		some, within bool
	}{
		{"0.0.0.0/0", "0.0.0.0/1, 128.0.0.0/1", true, true},
		{"0.0.0.0/0, ::/0", "0.0.0.0/0", true, false},
		{"::/0", "0.0.0.0/0", false, false},
		{"0.0.0.0/0", "::/0", false, false},
		{"2001:db8::/33", "2001:db8::/32, 10.0.0.0/8", true, true},
		{"255.255.255.255/32", "0.0.0.0/0 ::/0", true, true},
		{"the internet", "0.0.0.0/0", false, false},
		{"", "0.0.0.0/0", false, false},
	} {
		if s, w := meet(spans(c.a), spans(c.b)); s != c.some || w != c.within {
			t.Errorf("%s and %s: %v %v", c.a, c.b, s, w)
		}
	}
}

// A range of which no row speaks is not denied when a row speaks of a range around
// it, or of a part of it.
func TestRangesHaveTheAnswersOfOthers(t *testing.T) {
	d := parsed(t, written(t, header(),
		listed("a/web", "Pod", "a", "egress", "yes"), listed("a/api", "Pod", "a", "egress", "yes"), listed("a/db", "Pod", "a", "egress", "yes"),
		connection("a/web", "Pod", "0.0.0.0/0, ::/0", addresses, "all", "allowed", "any"),
		connection("a/api", "Pod", "10.0.0.0/8", addresses, "all", "allowed", "ten"),
		connection("a/db", "Pod", "192.168.0.0/16", addresses, "TCP 22", "not enforced", "ssh"),
		connection("a/api", "Pod", "192.168.0.0/16", addresses, "TCP 80", "allowed", "eighty"),
		ended()))
	for begins, want := range map[string]string{
		"a/web (Pod) → 10.0.0.0/8":     "allowed on all ports, as the range",
		"a/api (Pod) → 0.0.0.0/0":      "allowed on some ports, for a part",
		"a/db (Pod) → 0.0.0.0/0":       "not enforced: a policy denies it, and nothing enforces that policy, for a part",
		"a/db (Pod) → 10.0.0.0/8":      "denied",
		"a/api (Pod) → 192.168.0.0/16": "allowed: TCP 80",
		"a/api (Pod) → 10.0.0.0/8":     "allowed: all",
	} {
		if got := d.tip(t, begins); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, tip := range d.tips {
		if strings.HasPrefix(tip, "0.0.0.0/0") && strings.Contains(tip, "→") {
			t.Errorf("what is only a destination is a source too: %q", tip)
		}
	}
}
