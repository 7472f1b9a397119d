package action

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// command is a workflow command that the runner has carried out.
type command struct{ name, properties, data string }

// carriedOut reads a log as the runner does: "::name properties::data" at the
// begin of a line, "##[name properties]data" anywhere in it, and neither of them
// between ::stop-commands::TOKEN and ::TOKEN::.
func carriedOut(log string) (done []command, stopped bool) {
	const names = `(?i)^(stop-commands|set-output|set-env|save-state|add-path|add-mask|add-matcher|remove-matcher|debug|notice|warning|error|group|endgroup|echo)$`
	known := regexp.MustCompile(names)
	first := regexp.MustCompile(`^::([^: ]+)(?: (.*?))?::(.*)$`)
	second := regexp.MustCompile(`##\[([^\] ]+)(?: ([^\]]*))?\](.*)$`)
	decode := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%")
	token := ""
	// A lone carriage return ends a line too.
	for line := range strings.SplitSeq(strings.ReplaceAll(log, "\r", "\n"), "\n") {
		m := first.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil || !known.MatchString(m[1]) && (token == "" || m[1] != token) {
			m = second.FindStringSubmatch(line)
		}
		switch {
		case m == nil:
		case token != "":
			if m[1] == token {
				token = ""
			}
		case known.MatchString(m[1]):
			done = append(done, command{strings.ToLower(m[1]), m[2], decode.Replace(m[3])})
			if strings.EqualFold(m[1], "stop-commands") {
				token = m[3]
			}
		}
	}
	return done, token != ""
}

// onlyOurs fails unless the runner carries out nothing but the annotations of the
// action and its fences, each with a token of its own and closed.
func onlyOurs(t *testing.T, log string) {
	t.Helper()
	done, stopped := carriedOut(log)
	if stopped {
		t.Errorf("commands are still stopped at the end\n%s", log)
	}
	tokens := map[string]bool{}
	for _, c := range done {
		switch {
		case c.name == "stop-commands" && regexp.MustCompile(`^[0-9a-fA-F]{32}$`).MatchString(c.data) && !tokens[c.data]:
			tokens[c.data] = true
		case (c.name == "notice" || c.name == "error") && c.properties == "title=Polygraph" && !strings.ContainsAny(c.data, "\r\n"):
		default:
			t.Errorf("the runner carries out %q\n%s", c, log)
		}
	}
}

// fake puts a script in the place of polygraph. CHECK and COMPARE are what its
// two commands do; write writes the reports that were asked for.
func (j *job) fake(check, compare string) {
	j.binary = filepath.Join(j.temp, "fake")
	j.write(j.binary, `#!/usr/bin/env bash
printf '%s\n' "$*" >>"`+filepath.Join(j.temp, "polygraph.log")+`"
write() { local a; for a in "$@"; do case $a in jsonl=*|sarif=*|markdown=*|html=*|junit=*) echo new >"${a#*=}" ;; esac; done; }
check() { :; `+check+`
}
compare() { :; `+compare+`
}
"$1" "$@"
`)
}

func TestCarriedOut(t *testing.T) {
	log := "x\n::add-mask::a%0Ab\nsay ##[set-env name=A]b\n  ::Set-Output name=a::b\n::nothing::x\n" +
		"::stop-commands::T1\n::add-mask::c\n##[stop-commands]x\n::T2::\n::T1::\ra\r::debug::d\n::stop-commands::T3\n"
	done, stopped := carriedOut(log)
	want := []command{
		{"add-mask", "", "a\nb"},
		{"set-env", "name=A", "b"},
		{"set-output", "name=a", "b"},
		{"stop-commands", "", "T1"},
		{"debug", "", "d"},
		{"stop-commands", "", "T3"},
	}
	if !stopped || len(done) != len(want) {
		t.Fatalf("%q", done)
	}
	for i := range want {
		if done[i] != want[i] {
			t.Errorf("%q, want %q", done[i], want[i])
		}
	}
}
