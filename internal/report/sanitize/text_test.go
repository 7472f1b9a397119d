package sanitize

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestTextMakesVisible(t *testing.T) {
	for in, want := range map[string]string{
		"aws_instance.main":                    "aws_instance.main",
		`C:\tmp\x1b "quoted" ü 日本`:             `C:\tmp\x1b "quoted" ü 日本`,
		"\x1b[2J\x1b]0;owned\x07":              `\x1b[2J\x1b]0;owned\x07`,
		"a\x00b\x7fc":                          `a\x00b\x7fc`,
		"\u009b31m":                            `\u009b31m`,
		"user\u202egnp.exe":                    `user\u202egnp.exe`,
		"\u2066x\u2069":                        `\u2066x\u2069`,
		"pay\u200bments":                       `pay\u200bments`,
		"\ufeffx\u2028y\u2029":                 `\ufeffx\u2028y\u2029`,
		"tag\U000e0041\U000e007f":              `tag\U000e0041\U000e007f`,
		"sel\ufe0f\U000e0100 fill\u3164":       `sel\ufe0f\U000e0100 fill\u3164`,
		"soft\u00adhyphen":                     `soft\u00adhyphen`,
		"bad\xff\xc3(":                         `bad\xff\xc3(`,
		"line\nfake\tcol\r":                    `line\nfake\tcol\r`,
		"real replacement character \ufffd ok": "real replacement character \ufffd ok",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestBlockKeepsLines(t *testing.T) {
	in := "lifecycle {\n\tprevent_destroy = true\r\n}\x1b[8m"
	if got, want := Block(in), "lifecycle {\n\tprevent_destroy = true\\r\n}\\x1b[8m"; got != want {
		t.Errorf("Block = %q, want %q", got, want)
	}
}

func FuzzText(f *testing.F) {
	f.Add("plain")
	f.Add("\x1b[31m\u202e\xff\n\t\r\U000e0001")
	f.Fuzz(func(t *testing.T, in string) {
		for name, fn := range map[string]func(string) string{"Text": Text, "Block": Block} {
			out := fn(in)
			if again := fn(out); again != out {
				t.Fatalf("%s is not idempotent: %q then %q", name, out, again)
			}
			if len(out) > Growth*len(in) {
				t.Fatalf("%s grew %d bytes to %d", name, len(in), len(out))
			}
			if !utf8.ValidString(out) {
				t.Fatalf("%s let invalid UTF-8 through: %q", name, out)
			}
			for _, r := range out {
				if name == "Block" && (r == '\n' || r == '\t') {
					continue
				}
				if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
					t.Fatalf("%s let %U through: %q", name, r, out)
				}
			}
			if !strings.ContainsAny(in, "\\") && out == "" && in != "" {
				t.Fatalf("%s dropped %q", name, in)
			}
		}
	})
}

func BenchmarkTextClean(b *testing.B) {
	s := `module.payments["eu-central-1"].aws_db_instance.main`
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		if Text(s) != s {
			b.Fatal("changed")
		}
	}
}
