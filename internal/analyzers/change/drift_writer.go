package change

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"polygraph/internal/cloudtrail"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/tfplan"
)

// maxWrites is how many events a proof lists.
const maxWrites = 8

// writer is what CloudTrail knows about who changed an object. It only ever adds
// to what is said: no verdict rests on it.
type writer struct {
	cloudtrail.Answer
	asked   []string // the attributes, dotted
	deleted bool
	abroad  bool // the object is not of AWS: CloudTrail says nothing about it
}

// writer asks who wrote these attributes of a drifted object, or, with none, who
// deleted it.
func (x *examination) writer(dr *tfplan.Change, d *tfplan.Detail, diffs []tfplan.Difference) writer {
	w := writer{deleted: diffs == nil}
	typ := x.Name(dr.Type)
	if !strings.HasPrefix(typ, "aws_") {
		w.abroad = true
		return w
	}
	q := cloudtrail.Question{Type: typ, Deleted: w.deleted}
	if t, err := time.Parse(time.RFC3339, x.Timestamp); err == nil {
		q.Until = t
	}
	for _, df := range diffs {
		w.asked = append(w.asked, df.Dotted())
		q.Attributes = append(q.Attributes, df.Path)
		q.Values = append(q.Values, scalar(df.New))
	}
	q.Name(d.Before)
	w.Answer = cloudtrail.Writer(x.trail, q)
	return w
}

// scalar is a value that requests and plans write alike, nil for others.
func scalar(v any) any {
	switch v.(type) {
	case bool, json.Number, float64, int64:
		return v
	}
	return nil
}

// names are the newest writers of the attributes, each once.
func (w *writer) names(short bool) []string {
	var out []string
	for _, attribute := range append(slices.Clone(w.asked), "") {
		e := w.Of(attribute)
		if e == nil {
			continue
		}
		name := e.Event.Who.String()
		if short {
			name = e.Event.Who.Short()
		}
		if e.Event.Via != cloudtrail.Unsaid {
			name += " (" + string(e.Event.Via) + ")"
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if len(out) > 3 {
		out = append(out[:3], "others")
	}
	return out
}

// by is the end of a title: ", by alice (console)", or nothing. Where only some
// of the attributes have a writer it says which.
func (w *writer) by() string {
	names := strings.Join(w.names(true), " and ")
	if names == "" {
		return ""
	}
	if some := w.some(); some != "" {
		return "; " + some + " by " + names
	}
	return ", by " + names
}

// some are the attributes that have a writer, when others have none.
func (w *writer) some() string {
	var known []string
	for _, attribute := range w.asked {
		if w.Of(attribute) != nil {
			known = append(known, "`"+attribute+"`")
		}
	}
	if len(known) == len(w.asked) {
		return ""
	}
	if len(known) > 3 {
		known = append(known[:3], "others")
	}
	return strings.Join(known, ", ")
}

// ask is whom to ask first.
func (w *writer) ask(did string) string {
	switch newest := w.Newest(); {
	case w.abroad:
		return "Find out who " + did + " and why."
	case newest != nil && newest.Event.Who.Service:
		return "Find out what makes " + strings.Join(w.names(true), " and ") + " write it: a policy, a schedule or another stack may own it, too."
	case newest != nil:
		return "Ask " + strings.Join(w.names(true), " and ") + " why."
	case len(w.trailOf()) > 0:
		return "Unknown writer: " + w.Why + ". Ask first: " + strings.Join(w.trailOf(), ", ") + "."
	}
	why := w.Why
	if w.none() {
		why += " (" + evidence.CloudTrail().Get + ")"
	}
	return "Unknown writer: " + why + ". Find out who " + did + " and why."
}

// none tells that no events were given.
func (w *writer) none() bool { return strings.HasPrefix(w.Why, "no CloudTrail event was given") }

// trailOf are those whose events name the object without being known to write
// what drifted.
func (w *writer) trailOf() []string {
	var out []string
	for i := range w.Writes {
		if name := w.Writes[i].Event.Who.Short(); w.Writes[i].Event.Who.Known() && !slices.Contains(out, name) && len(out) < 3 {
			out = append(out, name)
		}
	}
	return out
}

// statements cite the events, newest first.
func (w *writer) statements() []finding.Statement {
	var out []finding.Statement
	for i := range w.Writes {
		if i == maxWrites {
			out = append(out, finding.Statement{Text: fmt.Sprintf("and %d older events that name it", len(w.Writes)-i), At: eventAt(&w.Writes[i])})
			break
		}
		out = append(out, finding.Statement{Text: w.said(&w.Writes[i]), At: eventAt(&w.Writes[i])})
	}
	if t := w.Terraform; t != nil && len(w.Writes) == 0 {
		out = append(out, finding.Statement{
			Text: fmt.Sprintf("unknown writer: Terraform's own %s of %s is the last event before the plan that names it", t.Event.Name, clock(t.Event.Time)),
			At:   eventAt(t),
		})
	}
	return out
}

func (w *writer) said(e *cloudtrail.Write) string {
	who := e.Event.Who.String()
	if e.Event.Via != cloudtrail.Unsaid {
		who += ", " + string(e.Event.Via)
	}
	what := "names the object, and is not known to write " + strings.Join(w.asked, ", ")
	switch {
	case e.Deleted:
		what = "deleted the object"
	case len(e.Attributes) > 0:
		what = "wrote " + strings.Join(e.Attributes, ", ")
	case w.deleted:
		what = "names the object, and is not known to delete it"
	}
	return fmt.Sprintf("%s: %s of %s, by %s", what, e.Event.Name, clock(e.Event.Time), who)
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func eventAt(w *cloudtrail.Write) finding.Location {
	at := finding.Location{File: w.Log.File, Offset: w.Event.Offset, Object: w.Event.ID, Pointer: w.Event.Pointer}
	at.Depth = strings.Count(at.Pointer, "/")
	return at
}
