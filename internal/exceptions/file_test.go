package exceptions

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseFile(t *testing.T) {
	list, err := ParseFile("e.yaml", []byte("version: 1\nexceptions:\n  - rule: CHG002\n    subject: a*\n    environment: prod\n    owner: team\n    reason: |\n      because\n    expires: \"2026-12-31\"\n"), known)
	if err != nil {
		t.Fatal(err)
	}
	e := list[0]
	if len(list) != 1 || e.Rule != "CHG002" || e.Subject != "a*" || e.Environment != "prod" || e.Owner != "team" || e.Reason != "because" ||
		e.Expires.Format("2006-01-02 15:04") != "2026-12-31 00:00" || e.At.File != "e.yaml" || e.At.Line != 3 || e.At.Column != 5 {
		t.Errorf("%+v", e)
	}
	if list, err := ParseFile("e.yaml", []byte("version: 1\nexceptions: []\n"), known); err != nil || list != nil {
		t.Errorf("%v, %v", list, err)
	}
}

func TestRefused(t *testing.T) {
	const end = "owner: o, reason: r, expires: 2026-12-31}"
	for entry, want := range map[string]string{
		"{rule: CHG002, fingerprint: v1:0123456789abcdef01234567, " + end: "3:5: an exception with both `rule` and `fingerprint`",
		"{" + end:                            "an exception with neither `rule` nor `fingerprint`",
		"{rule: CHG020, " + end:              `e.yaml:3:12: no rule is called "CHG020": did you mean CHG002?`,
		"{rule: ABC999, " + end:              "known are CHG001",
		"{rule: EXC001, " + end:              "an exception cannot excuse exceptions",
		"{rule: \"CHG*\", " + end:            `"CHG*" is no rule ID`,
		"{fingerprint: \"v1:0123*\", " + end: "a fingerprint takes no wildcards: name a rule and a subject",
		"{fingerprint: v1:0123, " + end:      "copy the whole of it",
		"{fingerprint: v1:0123456789abcdef01234567, subject: a, " + end:                          "a fingerprint names one finding and its subject already",
		"{rule: CHG002, subject: 'a\\', " + end:                                                  "nothing follows its last backslash",
		"{rule: CHG002, subject: '', " + end:                                                     "the text is empty",
		"{rule: CHG002, environment: 'p*', " + end:                                               `"p*" is no name of an environment`,
		"{rule: CHG002, until: 2026-12-31, " + end:                                               `unknown key "until"`,
		"{rule: CHG002, owner: ' ', reason: r, expires: 2026-12-31}":                             "has space around it",
		"{rule: CHG002, owner: o, reason: ' ', expires: 2026-12-31}":                             "the text is empty",
		"{rule: CHG002, owner: o, reason: r, expires: 2026-13-01}":                               "is no date",
		"{rule: CHG002, owner: o, reason: r, expires: never}":                                    "is no date",
		"{rule: CHG002, " + end + "\n  - {rule: CHG002, owner: p, reason: q, expires: 2027-1-1}": "e.yaml:4:",
		"{rule: CHG002, " + end + "\n  - {rule: CHG002, " + end:                                  "e.yaml:4:5: the same exception as in line 3",
	} {
		_, err := ParseFile("e.yaml", []byte("version: 1\nexceptions:\n  - "+entry+"\n"), known)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot  %v\nwant %s", entry, err, want)
		}
	}
	if _, err := ParseFile("e.yaml", []byte("version: 1\n"), known); err == nil || !strings.Contains(err.Error(), "has no `exceptions`") {
		t.Errorf("%v", err)
	}
}

// oracle is Match by way of a regular expression.
func oracle(g string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	escaped := false
	for _, r := range g {
		switch {
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case r == '\\':
			escaped = true
		case r == '*':
			b.WriteString(".*")
		case r == '?':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	b.WriteString(`\z`)
	return regexp.MustCompile(b.String())
}

func FuzzGlob(f *testing.F) {
	for _, seed := range [][2]string{{"a*b?c", "axxbyc"}, {`\*`, "*"}, {"**a", "ba"}, {`a["*"]`, `a["k"]`}, {"*a*b*", "xxaxb"}, {`\\`, `\`}, {"?", "é"}, {"*\\*", "a*"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, g, s string) {
		var checked Glob
		if checked.UnmarshalText([]byte(g)) != nil || !utf8.ValidString(s) || !utf8.ValidString(g) || len(g) > 200 {
			return
		}
		if got, want := checked.Match(s), oracle(g).MatchString(s); got != want {
			t.Errorf("%q on %q: %v, want %v", g, s, got, want)
		}
		if l, ok := checked.literal(); ok && checked.Match(s) != (l == s) {
			t.Errorf("%q on %q", g, s)
		}
	})
}

func FuzzParseFile(f *testing.F) {
	f.Add([]byte("version: 1\nexceptions: [{rule: CHG002, owner: o, reason: r, expires: 2026-12-31}]\n"))
	f.Add([]byte("version: 1\nexceptions:\n- fingerprint: v1:0123456789abcdef01234567\n  owner: \"\\e\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := ParseFile("e.yaml", data, known)
		if err != nil {
			return
		}
		for _, e := range list {
			by := e.By(today)
			if e.Owner == "" || e.Reason == "" || e.Expires.IsZero() || e.At.Line == 0 || strings.Contains(by, "\n") || (e.Rule == "") == (e.Fingerprint == "") {
				t.Errorf("%+v: %q", e, by)
			}
		}
	})
}
