package config

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

var rules = []string{"CHG001", "CHG002", "CHG003", "CHG004", "EXC001", "EXC002", "EXC003"}

func TestParse(t *testing.T) {
	data, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse("polygraph.yaml", data, rules)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Environments) != 3 || c.Environments[1].Name != "prod" || c.File != "polygraph.yaml" || c.Ledger != "ops/first-seen" {
		t.Errorf("%+v", c)
	}
	want := Environment{
		Name: "prod", At: finding.Location{File: "polygraph.yaml", Line: 4, Column: 3},
		Accounts: []string{"011122223333"}, VPCs: []string{"vpc-0a1b"}, CIDRs: []string{"10.0.0.0/16", "2001:db8::/32"},
		Namespaces: []string{"shop-prod"}, Names: []string{"*-prod-*"}, Paths: []string{"envs/prod/**"},
		Tags: map[string][]string{"environment": {"prod", "production"}},
	}
	if got := c.Environments[1]; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if s := c.Rules["CHG001"]; s.Severity == nil || *s.Severity != finding.Low || s.Off || s.At.Line != 15 {
		t.Errorf("%+v", s)
	}
	if s := c.Rules["CHG004"]; s.Severity != nil || !s.Off || s.Reason != "nobody here changes by hand" {
		t.Errorf("%+v", s)
	}
	if !reflect.DeepEqual(c.SLA, map[finding.Severity]int{finding.Critical: 7, finding.High: 30}) || c.Gate != (Gate{"unproven", finding.Low}) {
		t.Errorf("%+v, %+v", c.SLA, c.Gate)
	}
	if len(c.Exceptions) != 2 || c.Exceptions[0].Subject != "aws_s3_bucket.logs*" || c.Exceptions[0].At.Line != 22 ||
		c.Exceptions[1].Fingerprint != "v1:0123456789abcdef01234567" || len(c.ExceptionFiles) != 1 {
		t.Errorf("%+v", c.Exceptions)
	}
}

func TestTheLeast(t *testing.T) {
	c, err := Parse("", []byte("version: 1\n"), nil)
	if err != nil || !reflect.DeepEqual(c, Default()) {
		t.Errorf("%+v, %v", c, err)
	}
	if c.Ledger != "polygraph.first-seen" || c.Gate.FailOn != "refuted" || c.Rules == nil || c.SLA == nil {
		t.Errorf("%+v", c)
	}
}

const exception = "owner: o, reason: r, expires: 2026-12-31"

func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{
			"an account that is a number", "environments: {prod: {accounts: [011122223333]}}",
			"p.yaml:2:34: an entry of `accounts` is the number 011122223333, where text is expected: put it in quotes: \"011122223333\"; as a number it loses its leading zeros",
		},
		{"no selector", "environments: {prod: {}}", "p.yaml:2:16: the environment prod has nothing to be recognised by: give it accounts"},
		{"empty lists", "environments: {prod: {accounts: []}}", "the environment prod has nothing"},
		{"a bad name", "environments: {\"a/b\": {names: [x]}}", `a key of ` + "`environments`" + `: "a/b" is no name of an environment`},
		{"a selector unknown", "environments: {prod: {vpc: [x]}}", "unknown key \"vpc\" in `prod`: did you mean vpcs?"},
		{"a tag without values", "environments: {prod: {tags: {env: []}}}", `the tag "env" has no values`},
		{"a range without length", "environments: {prod: {cidrs: [10.0.0.1]}}", `"10.0.0.1" has no length: write 10.0.0.1/32 for this one address`},
		{"a range with bits", "environments: {prod: {cidrs: [10.1.2.3/8]}}", "did you mean 10.0.0.0/8?"},
		{"no range", "environments: {prod: {cidrs: [\"10.0.0.0/33\"]}}", `"10.0.0.0/33" is no address range: write an address and a length`},
		{"ipv4 in ipv6", "environments: {prod: {cidrs: [\"::ffff:10.0.0.0/104\"]}}", "is IPv4 written as IPv6"},
		{"overlap", "environments:\n  dev: {cidrs: [10.0.0.0/8]}\n  prod: {cidrs: [192.168.0.0/16, 10.3.0.0/16]}", "p.yaml:4:34: 10.3.0.0/16 of prod overlaps 10.0.0.0/8 of dev in line 3: give each address to one environment"},
		{"overlap upwards", "environments:\n  dev: {cidrs: [\"2001:db8:1::/48\"]}\n  prod: {cidrs: [\"2001:db8::/32\"]}", "p.yaml:4:18: 2001:db8::/32 of prod overlaps 2001:db8:1::/48 of dev in line 3"},
		{"the same range", "environments:\n  dev: {cidrs: [10.0.0.0/8]}\n  prod: {cidrs: [10.0.0.0/8]}", "overlaps"},
		{"an account of two", "environments:\n  dev: {accounts: [\"1\"]}\n  prod: {accounts: [\"1\"]}", `p.yaml:4:21: the account "1" is in prod and, in line 3, in dev`},
		{"a network of two", "environments:\n  dev: {vpcs: [vpc-1]}\n  prod: {vpcs: [vpc-1]}", `the network "vpc-1" is in prod and, in line 3, in dev`},
		{"a bad glob", "environments: {prod: {names: [\"a[\"]}}", `bad glob "a[": use * for any text`},
		{"a set", "environments: {prod: {namespaces: [\"[ab]*\"]}}", "bad glob \"[ab]*\""},
		{"a glob of files", "exception_files: [\"a[\"]", "bad glob \"a[\": close the bracket"},
		{"a glob of folders", "environments: {prod: {paths: [a**/b]}}", "write ** alone between slashes"},
		{"a path out of it", "environments: {prod: {paths: [../x]}}", `"../x" is no path within this folder`},
		{"an unknown rule", "rules: {CHG01: {severity: low}}", `"CHG01" is no rule ID`},
		{"an unknown rule of the right form", "rules: {CHG007: {severity: low}}", `p.yaml:2:9: no rule is called "CHG007": did you mean CHG001?`},
		{"a severity", "rules: {CHG001: {severity: hgih}}", "`severity`: \"hgih\" is no severity: did you mean high?"},
		{"another severity", "rules: {CHG001: {severity: terrible}}", "known are info, low, medium, high, critical"},
		{"off without reason", "rules: {CHG001: {off: true}}", "p.yaml:2:17: CHG001 is off without a reason: add `reason`"},
		{"nothing set", "rules: {CHG001: {reason: x}}", "CHG001 is set to nothing"},
		{"off: no", "rules: {CHG001: {off: no}}", "where true or false is expected"},
		{"no days", "sla: {high: 0}", "p.yaml:2:13: a deadline of 0 days: write a number of days from 1"},
		{"negative days", "sla: {high: -3}", "a deadline of -3 days"},
		{"days with a unit", "sla: {high: 3d}", "`high` is the text \"3d\", where a whole number is expected"},
		{"days of no severity", "sla: {hihg: 3}", "did you mean high?"},
		{"a ledger elsewhere", "ledger: ../../etc/passwd", `"../../etc/passwd" is no path within this folder`},
		{"an absolute ledger", "ledger: /tmp/x", "is no path within this folder"},
		{"a ledger of a drive", "ledger: 'C:x'", "is no path within this folder"},
		{"fail on", "gate: {fail_on: unprovn}", "did you mean unproven?"},
		{"files elsewhere", "exception_files: [/etc/*]", "is no path within this folder"},
		{"files across folders", "exception_files: [a/**]", "** crosses no folders here"},
		{"both", "exceptions: [{rule: CHG001, fingerprint: v1:0123456789abcdef01234567, " + exception + "}]", "p.yaml:2:14: an exception with both `rule` and `fingerprint`"},
		{"neither", "exceptions: [{" + exception + "}]", "an exception with neither"},
		{"no owner", "exceptions: [{rule: CHG001, reason: r, expires: 2026-12-31}]", "has no `owner`: add it: Who answers for it"},
		{"no reason", "exceptions: [{rule: CHG001, owner: r, expires: 2026-12-31}]", "has no `reason`"},
		{"no end", "exceptions: [{rule: CHG001, owner: r, reason: x}]", "has no `expires`"},
		{"a bad end", "exceptions: [{rule: CHG001, owner: r, reason: x, expires: 31.12.2026}]", "is no date: write it as YYYY-MM-DD"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("p.yaml", []byte("version: 1\n"+c.data+"\n"), rules)
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
			var p *evidence.Problem
			if !errors.As(err, &p) {
				t.Errorf("%T", err)
			}
		})
	}
}

// TestManyRanges: nothing is compared with everything.
func TestManyRanges(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\nenvironments:\n  a: {cidrs: [10.0.0.0/8")
	for i := range 30000 {
		b.WriteString(",10." + number(i/256) + "." + number(i%256) + ".0/24")
	}
	b.WriteString("]}\n  b: {cidrs: [10.9.9.9/32]}\n")
	_, err := Parse("p.yaml", []byte(b.String()), rules)
	if err == nil || strings.Count(err.Error(), "\n") != 0 || !strings.Contains(err.Error(), "10.9.9.9/32 of b overlaps 10.0.0.0/8 of a") {
		t.Errorf("%v", err)
	}
}

func number(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return number(n/10) + number(n%10)
}

func FuzzParse(f *testing.F) {
	full, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(full)
	f.Add([]byte("version: 1\nenvironments: {a: {cidrs: [0.0.0.0/0]}, b: {cidrs: [\"::/0\"]}}\n"))
	f.Add([]byte("version: 1\nexceptions: [{}]\nsla: {low: 1}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("p.yaml", data, rules)
		if (c == nil) == (err == nil) {
			t.Fatalf("%v, %v", c, err)
		}
		if err != nil {
			return
		}
		for _, e := range c.Environments {
			if e.Name == "" || e.At.Line == 0 {
				t.Errorf("%+v", e)
			}
		}
		for id, s := range c.Rules {
			if s.Off && s.Reason == "" {
				t.Errorf("%s is off without a reason", id)
			}
		}
		for _, x := range c.Exceptions {
			if x.Owner == "" || x.Reason == "" || x.Expires.IsZero() || (x.Rule == "") == (x.Fingerprint == "") || x.At.Line == 0 {
				t.Errorf("%+v", x)
			}
		}
		if strings.Contains(c.Ledger, "..") && strings.Contains("/"+c.Ledger+"/", "/../") || strings.HasPrefix(c.Ledger, "/") {
			t.Errorf("ledger %q", c.Ledger)
		}
	})
}
