package tfplan

import (
	"slices"
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		address, stripped, module, key string
		keys                           []string
	}{
		{"t.n", "t.n", "", "", nil},
		{"t.n[0]", "t.n", "", "[0]", []string{"[0]"}},
		{`t.n["a.b"]`, "t.n", "", `["a.b"]`, []string{`["a.b"]`}},
		{`t.n["]"]`, "t.n", "", `["]"]`, []string{`["]"]`}},
		{`t.n["[x]"]`, "t.n", "", `["[x]"]`, []string{`["[x]"]`}},
		{`t.n["a\"]b"]`, "t.n", "", `["a\"]b"]`, []string{`["a\"]b"]`}},
		{`t.n["\\"]`, "t.n", "", `["\\"]`, []string{`["\\"]`}},
		{"module.a.t.n", "module.a.t.n", "module.a", "", nil},
		{`module.a["x"].t.n[1]`, "module.a.t.n", `module.a["x"]`, "[1]", []string{`["x"]`, "[1]"}},
		{`module.a["x.t.n[3]"].t.n`, "module.a.t.n", `module.a["x.t.n[3]"]`, "", []string{`["x.t.n[3]"]`}},
		{
			`module.a["\"].module.b"].module.c[0].data.t.n["k"]`, "module.a.module.c.data.t.n", `module.a["\"].module.b"].module.c[0]`, `["k"]`,
			[]string{`["\"].module.b"]`, "[0]", `["k"]`},
		},
		{"module.module.module.module.t.n", "module.module.module.module.t.n", "module.module.module.module", "", nil},
		{"data.t.n", "data.t.n", "", "", nil},
		{"", "", "", "", nil},
		{"module.", "module.", "", "", nil},
		{"module.a", "module.a", "", "", nil},
		{`t.n["unclosed`, "t.n", "", "", nil},
	} {
		if got := StripKeys(c.address); got != c.stripped {
			t.Errorf("StripKeys(%s) = %s, want %s", c.address, got, c.stripped)
		}
		if got := ModuleInstance(c.address); got != c.module {
			t.Errorf("ModuleInstance(%s) = %s, want %s", c.address, got, c.module)
		}
		if got := InstanceKey(c.address); got != c.key {
			t.Errorf("InstanceKey(%s) = %s, want %s", c.address, got, c.key)
		}
		if got := Keys(c.address); !slices.Equal(got, c.keys) {
			t.Errorf("Keys(%s) = %q, want %q", c.address, got, c.keys)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"t.n", `module.a["x.y"].t.n[0]`, `t.n["\"]"]`, "module.", `module.a["`, "]]", `[[""]]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		stripped := StripKeys(s)
		if StripKeys(stripped) != stripped {
			t.Errorf("%q is stripped to %q and then to %q", s, stripped, StripKeys(stripped))
		}
		if m := ModuleInstance(s); !strings.HasPrefix(s, m) || m != "" && ModuleInstance(m+".t.n") != m {
			t.Errorf("%q: module %q", s, m)
		}
		if k := InstanceKey(s); !strings.HasSuffix(s, k) {
			t.Errorf("%q: key %q", s, k)
		}
		n := 0
		for _, k := range Keys(s) {
			if !strings.Contains(s, k) || k[0] != '[' || k[len(k)-1] != ']' {
				t.Errorf("%q: keys %q", s, Keys(s))
			}
			n += len(k)
		}
		if n+len(stripped) > len(s) {
			t.Errorf("%q: keys and the rest are longer than it", s)
		}
	})
}
