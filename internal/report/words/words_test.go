package words

import (
	"testing"
	"unicode/utf8"

	"polygraph/internal/finding"
)

func TestCalled(t *testing.T) {
	for want, s := range map[string]finding.Subject{
		"a.b":                  {Identity: "a.b", Inferred: "a tag"},
		"a.b (prod)":           {Identity: "a.b", Environment: "prod"},
		"a.b (prod, inferred)": {Identity: "a.b", Environment: "prod", Inferred: "a tag"},
		"(unnamed)":            {},
	} {
		if got := Called(s); got != want {
			t.Errorf("%+v is called %q, want %q", s, got, want)
		}
	}
}

func TestProtocolWordsAreNotForPeople(t *testing.T) {
	for in, want := range map[string]string{"refuted": "FALSE", "unproven": "UNPROVEN", "holds": "TRUE", "": "", "odd": "odd"} {
		if got := Verdict(in); got != want {
			t.Errorf("Verdict(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"worse": "WORSE", "same": "NO WORSE", "better": "NO WORSE", "unproven": "UNPROVEN", "": "UNPROVEN", "fine": "UNPROVEN"} {
		if got := Direction(in); got != want {
			t.Errorf("Direction(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestOnlyWhatIsGoneIsGone(t *testing.T) {
	for s := finding.Unjudged; s <= finding.Removed; s++ {
		want := s == finding.Lost || s == finding.Fixed || s == finding.Removed
		if got := Gone(&finding.Change{Status: s}); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
	if Gone(nil) {
		t.Error("a finding of a check is gone")
	}
}

func FuzzCut(f *testing.F) {
	f.Add("üüü", 3)
	f.Add("", 0)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n < 0 || !utf8.ValidString(s) {
			return
		}
		if got := Cut(s, n); !utf8.ValidString(got) || len(got) > n+40 || len(s) <= n && got != s {
			t.Errorf("Cut(%q, %d) = %q", s, n, got)
		}
	})
}

func TestFirst(t *testing.T) {
	if First("", "a", "b") != "a" || First() != "" {
		t.Error("not the first")
	}
}

func TestAnswers(t *testing.T) {
	if !Answers("doctor", "") || !Answers("environments", "") || !Answers("other", "so it is") || Answers("check", "") {
		t.Error("which commands judge no claim is not known")
	}
}

func TestSome(t *testing.T) {
	for want, names := range map[string][]string{
		"":                      {},
		"A, B, C":               {"A", "B", "C"},
		"A, B and 3 more rules": {"A", "B", "C", "D", "E"},
	} {
		if got := Some(names, 2, "rules"); got != want {
			t.Errorf("%q of %v, want %q", got, names, want)
		}
	}
}
