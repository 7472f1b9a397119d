package environment

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

func set(t testing.TB, d ...Declared) *Set {
	t.Helper()
	s, err := NewSet(d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shop(t testing.TB) *Set {
	return set(t,
		Declared{
			Name: "dev", Accounts: []string{"111111111111", "333333333333"}, VPCs: []string{"vpc-d"}, Namespaces: []string{"*-dev"}, Names: []string{"*-dev-*"},
			CIDRs: []string{"10.0.0.0/8", "fd00::/8"}, Tags: map[string][]string{"environment": {"dev", "development"}}, Paths: []string{"envs/dev/**"},
		},
		Declared{
			Name: "prod", Accounts: []string{"222222222222", "333333333333"}, VPCs: []string{"vpc-p"}, Namespaces: []string{"shop-prod"}, Names: []string{"*-prod-*"},
			CIDRs: []string{"10.1.0.0/16"}, Tags: map[string][]string{"environment": {"prod"}}, Paths: []string{"envs/prod/**"},
		},
	)
}

func thing(m evidence.Marks) evidence.Thing {
	return evidence.Thing{Subject: finding.Subject{Kind: "terraform-resource", Identity: "t.n"}, Marks: m}
}

func tags(kv ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		out[kv[i]] = kv[i+1]
	}
	return out
}

func TestResolve(t *testing.T) {
	s := shop(t)
	for name, c := range map[string]struct {
		own, plan evidence.Marks
		path      string
		want, by  string
	}{
		"nothing":                     {},
		"account":                     {own: evidence.Marks{Account: "222222222222"}, want: "prod", by: "account 222222222222"},
		"account before tag":          {own: evidence.Marks{Account: "222222222222", Tags: tags("environment", "dev")}, want: "prod", by: "account"},
		"account before VPC":          {own: evidence.Marks{Account: "222222222222", VPC: "vpc-d"}, want: "prod", by: "account"},
		"VPC before namespace":        {own: evidence.Marks{VPC: "vpc-d", Namespace: "shop-prod"}, want: "dev", by: "VPC vpc-d"},
		"namespace pattern":           {own: evidence.Marks{Namespace: "shop-dev"}, want: "dev", by: "namespace shop-dev"},
		"tag in another case":         {own: evidence.Marks{Tags: tags("Environment", "PROD")}, want: "prod", by: "tag Environment=PROD"},
		"tag of another value":        {own: evidence.Marks{Tags: tags("environment", "product")}},
		"tag before address":          {own: evidence.Marks{Tags: tags("environment", "dev"), CIDRs: []string{"10.1.2.0/24"}}, want: "dev", by: "tag"},
		"narrowest range":             {own: evidence.Marks{CIDRs: []string{"10.1.2.0/24"}}, want: "prod", by: "10.1.0.0/16"},
		"wider range":                 {own: evidence.Marks{CIDRs: []string{"10.2.0.0/24"}}, want: "dev", by: "10.0.0.0/8"},
		"range around the declared":   {own: evidence.Marks{CIDRs: []string{"10.1.0.0/12"}}, want: "dev", by: "10.0.0.0/8"},
		"mapped address":              {own: evidence.Marks{CIDRs: []string{"::ffff:10.1.2.3"}}, want: "prod", by: "10.1.0.0/16"},
		"IPv6":                        {own: evidence.Marks{CIDRs: []string{"fd00::1"}}, want: "dev", by: "fd00::/8"},
		"everything is no range":      {own: evidence.Marks{CIDRs: []string{"0.0.0.0/0", "x"}}},
		"ranges of two":               {own: evidence.Marks{CIDRs: []string{"10.1.2.0/24", "10.2.0.0/24"}}, by: "nothing chooses"},
		"name":                        {own: evidence.Marks{Name: "shop-prod-db"}, want: "prod", by: "name pattern *-prod-*"},
		"name tag":                    {own: evidence.Marks{Name: "db", Tags: tags("Name", "shop-prod-db")}, want: "prod", by: "name pattern"},
		"two names":                   {own: evidence.Marks{Name: "shop-prod-dev-db"}, by: "declared in dev and prod"},
		"shared account":              {own: evidence.Marks{Account: "333333333333"}, by: "account 333333333333: declared in dev and prod"},
		"shared account, VPC chooses": {own: evidence.Marks{Account: "333333333333", VPC: "vpc-p"}, want: "prod", by: "VPC vpc-p"},
		"shared, path chooses":        {own: evidence.Marks{Account: "333333333333"}, path: "envs/dev/plan.json", want: "dev", by: "path envs/dev/**"},
		"its plan's account":          {plan: evidence.Marks{Account: "222222222222"}, want: "prod", by: "account 222222222222 of its plan"},
		"its plan's variable":         {plan: evidence.Marks{Tags: tags("var.environment", "prod")}, want: "prod", by: "variable environment=prod of its plan"},
		"tag against plan's account":  {own: evidence.Marks{Tags: tags("environment", "dev")}, plan: evidence.Marks{Account: "222222222222"}, by: "account 222222222222 of its plan says prod"},
		"account against plan's":      {own: evidence.Marks{Account: "111111111111"}, plan: evidence.Marks{Account: "222222222222"}, want: "dev", by: "account 111111111111"},
		"path":                        {path: "envs/prod/net/plan.json", want: "prod", by: "path envs/prod/**"},
		"path from elsewhere":         {path: "../repo/envs/prod/plan.json", want: "prod", by: "path"},
		"path that only looks so":     {path: "envs/production/plan.json"},
		"plan before path":            {plan: evidence.Marks{Account: "222222222222"}, path: "envs/dev/plan.json", want: "prod", by: "account"},
		"hostile":                     {own: evidence.Marks{Account: "\x1b[31m", Name: strings.Repeat("-", 5000), CIDRs: []string{"\x00", "1.2.3.4%eth0"}}, path: strings.Repeat("/", 9999)},
	} {
		got, by := s.Resolve(thing(c.own), Evidence{Path: c.path, Marks: c.plan})
		if got != c.want || !strings.Contains(by, c.by) || (c.by == "") != (by == "") {
			t.Errorf("%s: %q by %q, want %q by %q", name, got, by, c.want, c.by)
		}
	}
	var none *Set
	if name, by := none.Resolve(thing(evidence.Marks{Account: "1"}), Evidence{}); name+by != "" {
		t.Errorf("nothing declared: %q by %q", name, by)
	}
}

// TestResolveIgnoresOrder: in which order environments and selectors are
// declared decides nothing.
func TestResolveIgnoresOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) []string {
		var out []string
		for _, w := range words {
			if r.IntN(3) == 0 {
				out = append(out, w)
			}
		}
		return out
	}
	one := func(words ...string) string { return append(words, "", "")[r.IntN(len(words)+2)] }
	for range 2000 {
		var d []Declared
		for _, n := range []string{"a", "b", "c"} {
			d = append(d, Declared{
				Name: n, Accounts: pick("1", "2"), VPCs: pick("vpc-1", "vpc-2"), Names: pick("x*", "*y", "?"), Namespaces: pick("n", "m*"),
				CIDRs: pick("10.0.0.0/8", "10.1.0.0/16", "10.1.1.0/24"), Tags: map[string][]string{"env": pick("p", "q")}, Paths: pick("p/**", "**/q.json"),
			})
		}
		x := thing(evidence.Marks{Account: one("1", "2"), VPC: one("vpc-1", "vpc-2"), Name: one("xy", "x"), Namespace: one("n", "mm"), CIDRs: pick("10.1.1.0/24", "10.1.2.0/24", "10.9.0.0/16"), Tags: tags("Env", one("p", "q"))})
		e := Evidence{Path: one("p/q.json", "z/q.json", "p/x"), Marks: evidence.Marks{Account: one("1", "2")}}
		want, _ := set(t, d...).Resolve(x, e)
		for range 3 {
			r.Shuffle(len(d), func(i, j int) { d[i], d[j] = d[j], d[i] })
			for i := range d {
				slices.Reverse(d[i].CIDRs)
				slices.Reverse(d[i].Names)
			}
			if got, by := set(t, d...).Resolve(x, e); got != want {
				t.Fatalf("%+v of %+v: %q (%s), was %q", x.Marks, d, got, by, want)
			}
		}
	}
}

func TestNewSetRefuses(t *testing.T) {
	at := finding.Location{File: "polygraph.yaml", Line: 7}
	for want, d := range map[string][]Declared{
		"without a name":       {{At: at}},
		"twice":                {{Name: "a"}, {Name: "a", At: at}},
		"is no address range":  {{Name: "a", At: at, CIDRs: []string{"10.0.0/8"}}},
		`"fe80::1%eth0" is no`: {{Name: "a", At: at, CIDRs: []string{"fe80::1%eth0"}}},
		`"::ffff:0:0/90" is`:   {{Name: "a", At: at, CIDRs: []string{"::ffff:0:0/90"}}},
	} {
		if _, err := NewSet(d); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "polygraph.yaml:7: ") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestPathsAreReadFromTheDeclaration(t *testing.T) {
	for _, c := range []struct {
		pattern, config, path string
		want                  bool
	}{
		{"prod/**", "polygraph.yaml", "prod/plan.json", true},
		{"prod/**", "polygraph.yaml", "dev/prod/plan.json", false},
		{"prod/**", "repo/polygraph.yaml", "repo/prod/plan.json", true},
		{"prod/**", "repo/polygraph.yaml", "repo/dev/prod/plan.json", false},
		{"prod/**", "../polygraph.yaml", "prod/plan.json", true},
		{"prod/**", "", "/somewhere/prod/plan.json", true},
		{"/x/prod/*", "polygraph.yaml", "/x/prod/plan.json", true},
		{"*.json", "polygraph.yaml", "a/plan.json", false},
		{"**/*.json", "polygraph.yaml", "a/plan.json", true},
		{"./prod/**", "polygraph.yaml", "./prod/a/b.json", true},
	} {
		d := Declared{Name: "e", Paths: []string{c.pattern}, At: finding.Location{File: c.config}}
		if got, _ := set(t, d).Resolve(evidence.Thing{}, Evidence{Path: c.path}); (got == "e") != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// FuzzResolve: foreign marks never break anything, and what is recognised by an
// address lies in a declared range.
func FuzzResolve(f *testing.F) {
	f.Add("222222222222", "vpc-p", "shop-prod", "10.1.2.3/24", "a-prod-b", "environment", "prod", "envs/prod/x.json")
	f.Add("", "", "", "::ffff:10.0.0.1/97", "*?*", "", "", "/../..//**")
	f.Add("several accounts", "\x00", "\u202e", "10.0.0.0/33", strings.Repeat("-prod", 9), "var.environment", "dev", "")
	s := shop(f)
	f.Fuzz(func(t *testing.T, account, vpc, ns, cidr, name, key, value, path string) {
		x := thing(evidence.Marks{Account: account, VPC: vpc, Namespace: ns, CIDRs: []string{cidr}, Name: name, Tags: map[string]string{key: value}})
		env, by := s.Resolve(x, Evidence{Path: path, Marks: x.Marks})
		if env != "" && (by == "" || !slices.Contains(s.Names(), env)) {
			t.Fatalf("%q by %q", env, by)
		}
		env, by = s.Resolve(thing(evidence.Marks{CIDRs: []string{cidr}}), Evidence{})
		if env != "" {
			p, err := parseRange(cidr)
			var r netip.Prefix
			if err == nil {
				_, text, _ := strings.Cut(by, "address range ")
				r, err = netip.ParsePrefix(text)
			}
			if err != nil || !r.Contains(p.Addr()) || r.Bits() > p.Bits() {
				t.Fatalf("%q is in %q by %q (%v)", cidr, env, by, err)
			}
		}
		things := map[string][]evidence.Thing{path: {x}}
		Infer(things, nil)
		for _, l := range YAML(Infer(things, nil).Proposals()) {
			if strings.ContainsFunc(l, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Fatalf("a line of YAML with foreign text: %q", l)
			}
		}
		Rows(s, things, nil)
		_ = fmt.Sprint(x)
	})
}
