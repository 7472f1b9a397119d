package strictyaml

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

type sample struct {
	Version Located[Version] `yaml:"version,required" doc:"The version."`
	Names   []Line           `yaml:"names" doc:"Names."`
	Many    Map[Line, *part] `yaml:"many" doc:"Parts."`
	Until   Date             `yaml:"until" doc:"A day."`
	Off     bool             `yaml:"off" doc:"A switch."`
	Said    Text             `yaml:"said" doc:"Some words."`
}

type part struct {
	Size int              `yaml:"size,required" doc:"How big."`
	At   finding.Location `yaml:"-"`
}

func read(data string) (sample, error) {
	var s sample
	d, ok := Read("f.yaml", []byte(data), &s)
	if ok {
		d.CheckVersion(s.Version)
	}
	return s, d.Err()
}

func TestRead(t *testing.T) {
	for name, data := range map[string]string{
		"plain": "version: 1\nnames: [a, \"2\"]\nmany:\n  \u00e9: {size: 3}\nuntil: 2026-12-31\noff: true\nsaid: |\n  two\n  lines\n",
		"crlf":  "\ufeffversion: 1\r\nnames: [a, '2']\r\nmany:\r\n  \u00e9: {size: 3}\r\nuntil: \"2026-12-31\"\r\noff: true\r\nsaid: |\r\n  two\r\n  lines\r\n",
	} {
		s, err := read(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(s.Names) != 2 || s.Names[1] != "2" || s.Until.Format("20060102") != "20261231" || !s.Off || s.Said != "two\nlines\n" {
			t.Errorf("%s: %+v", name, s)
		}
		e := s.Many[0]
		if e.Key != "\u00e9" || e.Value.Size != 3 || e.At != (finding.Location{File: "f.yaml", Line: 4, Column: 3}) || e.Value.At.Column != 7 {
			t.Errorf("%s: columns are in bytes: %+v, %+v", name, e, e.Value.At)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"empty", "", "f.yaml:1: the file is empty: begin with `version: 1`"},
		{"only a comment", "# nothing\n", "f.yaml:1: the file is empty"},
		{"null", "---\n", "f.yaml:2:1: the file is nothing"},
		{"a list", "- 1\n", "f.yaml:1:1: the file is a list, where a mapping (key: value) is expected"},
		{"no version", "names: []\n", "f.yaml:1:1: the file has no `version`: add it: The version."},
		{"version 2", "version: 2\n", "f.yaml:1:10: this Polygraph reads version 1 of this file and not version 2: write `version: 1`, or use a newer Polygraph"},
		{"version as text", "version: \"1\"\n", `f.yaml:1:10: ` + "`version`" + ` is the text "1", where a whole number is expected`},
		{"version as hex", "version: 0x1\n", "f.yaml:1:10: `version` is the number 0x1, where a whole number"},
		{"version 1.0", "version: 1.0\n", "the number 1.0, where a whole number"},
		{"version too long", "version: 99999999999999999999\n", "where a whole number is expected"},
		{"unknown key", "version: 1\nnaems: [a]\n", `f.yaml:2:1: unknown key "naems" in the file: did you mean names?`},
		{"unknown and far", "version: 1\nzzzzzzzz: 1\n", "known are version, names, many, until, off, said"},
		{"unknown in an entry", "version: 1\nmany: {a: {sise: 1}}\n", "f.yaml:2:12: unknown key \"sise\" in `a`: did you mean size?"},
		{"twice", "version: 1\noff: true\noff: false\n", `f.yaml:3:1: the key "off" of the file is there twice, first in line 2: keep one of them`},
		{"twice in a map", "version: 1\nmany: {a: {size: 1}, a: {size: 2}}\n", `f.yaml:2:22: the key "a" of ` + "`many`" + ` is there twice`},
		{"a number for text", "version: 1\nnames: [012]\n", "f.yaml:2:9: an entry of `names` is the number 012, where text is expected: put it in quotes: \"012\"; as a number it loses its leading zeros"},
		{"a boolean for text", "version: 1\nnames: [true]\n", "the boolean true, where text is expected: put it in quotes"},
		{"a date for text", "version: 1\nnames: [2026-01-01]\n", "the date 2026-01-01, where text is expected"},
		{"text for a list", "version: 1\nnames: a\n", "`names` is the text \"a\", where a list is expected: put it in brackets: [a]"},
		{"a mapping for text", "version: 1\nsaid: {a: b}\n", "`said` is a mapping, where text is expected"},
		{"nothing", "version: 1\nnames:\n", "`names` is nothing, where a list is expected: give it a value or remove the key"},
		{"nothing for text", "version: 1\nsaid: ~\n", "`said` is nothing, where text is expected"},
		{"yes", "version: 1\noff: yes\n", "`off` is the text \"yes\", where true or false is expected"},
		{"True", "version: 1\noff: True\n", "where true or false is expected: write true or false"},
		{"a number as key", "version: 1\nmany: {1: {size: 1}}\n", "a key of `many` is the number 1: a key is text: put it in quotes"},
		{"a list as key", "version: 1\nmany: {[a]: {size: 1}}\n", "a key of `many` is a list"},
		{"a bad date", "version: 1\nuntil: 2026-02-30\n", "`until`: \"2026-02-30\" is no date: write it as YYYY-MM-DD"},
		{"a short date", "version: 1\nuntil: 2026-1-1\n", "is no date"},
		{"a time", "version: 1\nuntil: 2026-01-01T00:00:00Z\n", "is no date"},
		{"a year", "version: 1\nuntil: 2026\n", "`until` is the number 2026, where a date (YYYY-MM-DD) is expected"},
		{"empty text", "version: 1\nsaid: ' '\n", "`said`: the text is empty"},
		{"an escape", "version: 1\nnames: [\"a\\eb\"]\n", `has the invisible character '\x1b'`},
		{"bidi", "version: 1\nnames: [\"a\u202eb\"]\n", `has the invisible character '\u202e'`},
		{"space around", "version: 1\nnames: [\" a\"]\n", "has space around it"},
		{"anchor", "version: 1\nnames: &n [a]\n", "f.yaml:2:8: an anchor (&n) is not allowed"},
		{"alias", "version: 1\nnames: &n [a]\nmany: *n\n", "an anchor (&n) is not allowed"},
		{"merge", "version: 1\nmany: {a: {<<: {size: 1}}}\n", "f.yaml:2:12: a merge key (<<) is not allowed"},
		{"tag", "version: 1\nsaid: !!str 12\n", "f.yaml:2:7: a tag (!!str) is not allowed"},
		{"own tag", "version: 1\nsaid: !run x\n", "a tag (!run) is not allowed"},
		{"two documents", "version: 1\n---\nversion: 1\n", "a second YAML document"},
		{"two documents, one empty", "version: 1\n---\n", "a second YAML document"},
		{"utf-16", "\xff\xfev\x00e\x00", "the file is UTF-16 or UTF-32, or no text at all: save it as UTF-8"},
		{"utf-16 without a mark", "v\x00e\x00r\x00", "the file is UTF-16"},
		{"latin-1", "version: 1\nsaid: caf\xe9\n", "f.yaml:2:10: the text is not UTF-8"},
		{"a line separator", "version: 1 # a\u2028\nx: 1\n", "a line break that editors do not count ('\\u2028')"},
		{"an old line end", "version: 1\rsaid: x\n", "a line break that editors do not count"},
		{"a control character", "version: 1\nsaid: a\x07b\n", "this is no YAML (control characters are not allowed)"},
		{"no yaml", "version: 1\nsaid: [a\nnames: b\n", "f.yaml:2: this is no YAML"},
		{"a bad indent", "version: 1\nmany:\n   a: 1\n  b: 2\n", "f.yaml:4: this is no YAML"},
		{"a colon", "version: 1\nsaid: a: b\n", "f.yaml:2: this is no YAML"},
		{"a tab", "version: 1\nmany:\n\ta: 1\n", "f.yaml:3: this is no YAML"},
		{"deep", "version: 1\nmany: " + strings.Repeat("[", 30) + strings.Repeat("]", 30) + "\n", "nested more than 20 levels deep"},
		{"very deep", "version: 1\nmany: " + strings.Repeat("[", 50000), "this is no YAML"},
		{"long", "version: 1\n#" + strings.Repeat("x", MaxBytes), "the most is 1048576: split it"},
		{"hostile", "version: 1\n\"a\\e]0;x\\a`|<script>\": 1\n", `unknown key "a\x1b]0;x\a` + "`|<script>\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(c.data)
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
			var p *evidence.Problem
			if !errors.As(err, &p) || p.Reason == "" {
				t.Errorf("%T is no evidence.Problem", err)
			}
		})
	}
}

func TestBomb(t *testing.T) {
	bomb := "version: 1\na: &a [x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'z'; c++ {
		p := string(c - 1)
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+p+",", 8) + "]\n"
	}
	if _, err := read(bomb); err == nil || !strings.Contains(err.Error(), "an anchor (&a)") {
		t.Errorf("%v", err)
	}
	if _, err := read("version: &v [*v]\n"); err == nil {
		t.Error("an anchor within itself was accepted")
	}
}

// TestInOrder: ten of many, from the top.
func TestInOrder(t *testing.T) {
	data := "version: 1\nmany:\n  a: {}\n"
	for range 14 {
		data += "  x" + strings.Repeat("y", strings.Count(data, "\n")) + ": {sise: 1, size: z}\n"
	}
	_, err := read(data + "off: 3\n")
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 11 || !strings.HasPrefix(lines[0], "f.yaml:3:6: ") || !strings.HasPrefix(lines[1], "f.yaml:4:") || lines[10] != "and 20 more" {
		t.Errorf("%d lines:\n%s", len(lines), err)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"version: 1\nnames: [a]\nmany: {a: {size: 3}}\nuntil: 2026-12-31\n", "a: &a [*a]\n", "? [a]\n: b\n", "---\n---\n",
		"version: !!int \"1\"\n", "\ufeff%YAML 1.1\n---\nversion: 1\n...\n", "many:\n  - \"\\x00\"\n", "<<: {a: b}\n", "- - - -\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s sample
		d, ok := Read("f.yaml", data, &s)
		err := d.Err()
		if !ok && err == nil {
			t.Fatal("refused without a word")
		}
		var all Problems
		if err != nil && !errors.As(err, &all) {
			t.Fatalf("%T", err)
		}
		lines := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
		for _, p := range all {
			if p.At.Line > len(lines) || p.At.Line < 0 || p.At.Line > 0 && p.At.Column > len(lines[p.At.Line-1])+1 || p.Reason == "" {
				t.Errorf("%v is not in the file", p)
			}
			if strings.ContainsAny(p.Error(), "\x1b\u202e\x07\n") {
				t.Errorf("%q would fool a terminal", p.Error())
			}
		}
	})
}

// TestColumns compares with the plain way to count.
func TestColumns(t *testing.T) {
	names := strings.Repeat("\u00e9\u20ac, ", 300)
	s, err := read("version: 1\nnames: [" + names + "x, " + strings.Repeat("y,", 500) + "]\nmany: {" + strings.Repeat("\u00e9", 300) + ": {size: 1}}\n")
	if err != nil {
		t.Fatal(err)
	}
	if at := s.Many[0].Value.At; at.Column != len("many: {")+600+len(": ")+1 {
		t.Errorf("%+v", at)
	}
	_, err = read("version: 1\nnames: [" + names + "7]\n")
	if want := "f.yaml:2:" + strconv.Itoa(len("names: [")+len(names)+1) + ": "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestOneLongLine is over in a moment; counting from the start of the line for
// every value of it took minutes.
func TestOneLongLine(t *testing.T) {
	_, err := read("version: 1\nnames: [\u00e9" + strings.Repeat(",1", MaxBytes/2-20) + "]\n")
	if err == nil || !strings.Contains(err.Error(), "and many more") {
		t.Errorf("%v", err)
	}
}
