package edits

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/cli"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// saying is what the product says of an object.
type saying struct {
	rows  []row
	found map[finding.Verdict]string // what the rule about refusals found, and its title
}

type row struct{ mechanism, field, change, because string }

// refusedRule is the rule that says whether the server accepts an edit.
const refusedRule = "CHG100"

// say runs the program and sorts what it says by objects.
func (w *world) say(old, new string) map[string]saying {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "run.jsonl")
	var out, complaints bytes.Buffer
	code := cli.Run(w.t.Context(), cli.IO{
		Args:  []string{"change", old, new, "--server-version", w.version.String(), "-o", "jsonl=" + file},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &complaints,
	})
	if code > 1 {
		w.t.Fatalf("polygraph change ended with %d: %s%s", code, out.String(), complaints.String())
	}
	f, err := os.Open(file)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	said := map[string]saying{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var m run.Message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			w.t.Fatal(err)
		}
		switch {
		case m.Row != nil && m.Row.Table == "edits":
			cells := map[string]string{}
			for _, c := range m.Row.Cells {
				cells[c.Name] = c.Value
			}
			s := said[cells["object"]]
			s.rows = append(s.rows, row{cells["mechanism"], cells["field"], cells["change"], cells["because"]})
			said[cells["object"]] = s
		case m.Finding != nil && m.Finding.Rule == refusedRule:
			s := said[m.Finding.Subject.Identity]
			if s.found == nil {
				s.found = map[finding.Verdict]string{}
			}
			s.found[m.Finding.Verdict] = m.Finding.Title
			said[m.Finding.Subject.Identity] = s
		case m.Skip != nil:
			w.t.Errorf("%s was not examined: %s", m.Skip.Path, m.Skip.Reason)
		}
	}
	if err := lines.Err(); err != nil {
		w.t.Fatal(err)
	}
	return said
}

func (s saying) has(mechanism string) bool {
	return slices.ContainsFunc(s.rows, func(r row) bool { return r.mechanism == mechanism })
}

func (s saying) all(mechanism string) bool {
	return !slices.ContainsFunc(s.rows, func(r row) bool { return r.mechanism != mechanism })
}

// word is what the rows of an object say together: a server that refuses one edit
// refuses all of them, and a replaced pod has the other edits as well.
func (s saying) word() string {
	switch {
	case s.has("refused"):
		return "refused"
	case s.has("unknown") || s.found[finding.Unproven] != "":
		return "unproven"
	case len(s.rows) == 0:
		return "nothing"
	case s.all("dropped"):
		return "dropped"
	}
	for _, word := range []string{"every pod replaced", "some pods replaced", "scaled", "containers restarted", "resized in place", "stored, not in effect", "in place"} {
		if s.has(word) {
			return word
		}
	}
	return "unproven"
}

func (s saying) String() string {
	var out []string
	for _, r := range s.rows {
		out = append(out, r.mechanism+": "+r.field+" "+r.change+" ("+r.because+")")
	}
	for verdict, title := range s.found {
		out = append(out, refusedRule+" "+verdict.String()+": "+title)
	}
	return strings.Join(out, "\n    ")
}

// agrees holds the rule about refusals against the rows: both are read.
func (s saying) agrees(t testing.TB, e *edit) {
	t.Helper()
	if (s.word() == "refused") != (s.found[finding.Refuted] != "") {
		t.Errorf("%s: the rows say %s, and %s something else\n    %s", e, s.word(), refusedRule, s)
	}
}
