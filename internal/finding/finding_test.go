package finding

import (
	"encoding/json"
	"testing"
)

func TestZeroVerdictIsUnproven(t *testing.T) {
	var f Finding
	if f.Verdict != Unproven || f.Verdict.Label() != "UNPROVEN" {
		t.Fatalf("a finding nobody filled in reads %s", f.Verdict.Label())
	}
}

func TestWordsRoundTrip(t *testing.T) {
	for _, v := range []Verdict{Unproven, Refuted, Holds} {
		for s := Info; s <= Critical; s++ {
			in := Finding{Rule: "CHG001", Verdict: v, Severity: s}
			b, err := json.Marshal(in)
			if err != nil {
				t.Fatal(err)
			}
			var out Finding
			if err := json.Unmarshal(b, &out); err != nil {
				t.Fatal(err)
			}
			if out.Verdict != v || out.Severity != s {
				t.Errorf("%s/%s came back as %s/%s", v, s, out.Verdict, out.Severity)
			}
		}
	}
	var v Verdict
	if err := v.UnmarshalText([]byte("green")); err == nil {
		t.Error("an unknown verdict was accepted")
	}
	var s Severity
	if err := s.UnmarshalText([]byte("fatal")); err == nil {
		t.Error("an unknown severity was accepted")
	}
}

func TestFingerprintSeparatesItsParts(t *testing.T) {
	base := Fingerprint("CHG001", Subject{Kind: "k", Identity: "ab"}, "c")
	for name, other := range map[string]string{
		"shifted":       Fingerprint("CHG001", Subject{Kind: "k", Identity: "a"}, "bc"),
		"rule":          Fingerprint("CHG002", Subject{Kind: "k", Identity: "ab"}, "c"),
		"kind":          Fingerprint("CHG001", Subject{Kind: "l", Identity: "ab"}, "c"),
		"discriminator": Fingerprint("CHG001", Subject{Kind: "k", Identity: "ab"}, "d"),
	} {
		if other == base {
			t.Errorf("%s: fingerprint did not change", name)
		}
	}
	aliased := Fingerprint("CHG001", Subject{Kind: "k", Identity: "ab", Aliases: []string{"x"}}, "c")
	if aliased != base {
		t.Error("an alias changed the fingerprint")
	}
}

func TestCompareOrdersWorstFirst(t *testing.T) {
	worse := &Finding{Verdict: Refuted, Severity: Critical, Rule: "CHG009"}
	milder := &Finding{Verdict: Refuted, Severity: Low, Rule: "CHG001"}
	open := &Finding{Verdict: Unproven, Severity: Critical}
	if Compare(worse, milder) >= 0 || Compare(milder, open) >= 0 || Compare(open, open) != 0 {
		t.Error("order is not refuted before unproven, worst first")
	}
}
