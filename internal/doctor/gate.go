package doctor

import (
	"fmt"
	"path"
	"time"

	"polygraph/internal/shell"
)

// Gate is what is known of the files that the owners decide with.
type Gate struct {
	// Config and Ledger are the files that check applies from here; "" when it
	// applies none.
	Config, Ledger string
	// OtherConfigs and OtherLedgers lie below the current folder, or elsewhere:
	// check looks in the current folder and above it and does not apply them.
	OtherConfigs, OtherLedgers []string
	// Exceptions have an end.
	Exceptions []Exception
}

// Exception is one that will end, or has.
type Exception struct {
	What    string // the rule or fingerprint, and the subject
	Owner   string
	Expires time.Time // midnight UTC of its last day
	At      string    // "polygraph.yaml:12"
}

// Soon is how far ahead the end of an exception is announced.
const Soon = 14 * 24 * time.Hour

// gate emits the second table: what the gate on direction rests on. It is
// advice: nothing of it makes a claim unproven. Cells are short, so that the
// commands survive a narrow terminal.
func (d *Diagnosis) gate() error {
	where := ""
	if len(d.o.Surveys) > 0 && d.o.Surveys[0].Folder != "." {
		where = " " + shell.Operand(d.o.Surveys[0].Folder)
	}
	rows := append(d.config(), d.base(where))
	rows = append(rows, d.ledger(where)...)
	rows = append(rows, d.exceptions()...)
	for _, s := range d.o.Surveys {
		for _, text := range s.Limits {
			rows = append(rows, gateRow{"not surveyed", text, ""})
		}
	}
	for _, r := range rows {
		if err := d.row("gate", "gate", r.part, "found", r.found, "get", r.get); err != nil {
			return err
		}
	}
	return nil
}

type gateRow struct{ part, found, get string }

// mostOthers bounds how many files are named that check does not apply.
const mostOthers = 5

// config says which polygraph.yaml check applies from here, and which not.
func (d *Diagnosis) config() []gateRow {
	row := gateRow{part: "polygraph.yaml", found: d.o.Gate.Config}
	switch others := d.o.Gate.OtherConfigs; {
	case row.found == "" && len(others) == 0:
		row.found, row.get = "missing: nothing declared", "polygraph init"
	case row.found == "":
		row.found = "none here or above"
	}
	return append([]gateRow{row}, notApplied(row.part, d.o.Gate.OtherConfigs, func(f string) string {
		return "polygraph check " + shell.Operand(path.Dir(f)) + " --config " + shell.Operand(f)
	})...)
}

func notApplied(part string, files []string, get func(string) string) []gateRow {
	var out []gateRow
	for i, f := range files {
		if i == mostOthers {
			return append(out, gateRow{part, fmt.Sprintf("%d more, not applied from here", len(files)-i), ""})
		}
		out = append(out, gateRow{part, f + ", not applied from here", get(f)})
	}
	return out
}

// base looks for the newest run to compare with.
func (d *Diagnosis) base(where string) gateRow {
	var newest *Run
	for _, s := range d.o.Surveys {
		for i := range s.Runs {
			if r := &s.Runs[i]; r.Command == "check" && (newest == nil || r.Started.After(newest.Started)) {
				newest = r
			}
		}
	}
	switch {
	case newest == nil:
		return gateRow{"BASE", "missing: no saved run", "polygraph check" + where + " -o jsonl=base.jsonl"}
	case newest.Started.After(d.o.Now.Add(wrongness)):
		return gateRow{"BASE", newest.Path + ", from the future: a wrong clock", "polygraph check" + where + " -o " + shell.Word("jsonl="+newest.Path)}
	}
	if where == "" {
		where = " ."
	}
	return gateRow{"BASE", fmt.Sprintf("%s, %s old", newest.Path, age(d.o.Now.Sub(newest.Started))), "polygraph compare " + shell.Operand(newest.Path) + where}
}

func (d *Diagnosis) ledger(where string) []gateRow {
	row := gateRow{part: "ledger", found: d.o.Gate.Ledger}
	if row.found == "" {
		row.found, row.get = "missing: no deadline runs", "polygraph check"+where+" --record"
	}
	return append([]gateRow{row}, notApplied(row.part, d.o.Gate.OtherLedgers, func(string) string { return "" })...)
}

// mostEnds bounds how many exceptions are listed.
const mostEnds = 20

func (d *Diagnosis) exceptions() []gateRow {
	var out []gateRow
	n := 0
	for _, e := range d.o.Gate.Exceptions {
		left := e.Expires.AddDate(0, 0, 1).Sub(d.o.Now)
		if left > Soon {
			continue
		}
		if n++; n > mostEnds {
			continue
		}
		word := "ends "
		if left < 0 {
			word = "ended "
		}
		out = append(out, gateRow{"exception", word + e.Expires.Format(time.DateOnly) + ": " + e.What + ", " + e.Owner, e.At})
	}
	if n > mostEnds {
		out = append(out, gateRow{"exception", fmt.Sprintf("%d more that ended or end soon", n-mostEnds), ""})
	}
	return out
}
