package truth

import (
	"slices"
	"strings"
	"testing"
)

// ident names something in the cloud.
type ident struct{ typ, id string }

// deed is the place of a call in the log, or -1. A refused call is none.
func (o outcome) deed(call string, of ident) int {
	for i, c := range o.calls {
		if c.Call == call && c.Type == of.typ && c.ID == of.id && c.Error == "" {
			return i
		}
	}
	return -1
}

// logged tells whether the provider of a type keeps a log of its calls.
func logged(typ string) bool { return strings.HasPrefix(typ, "aws_") }

// tableAgrees compares every row of the table of changes with what the apply did, and what the apply
// did with the rows. cloud tells what exists afterwards.
func tableAgrees(j judgement, p plan, o outcome, cloud func(typ, id string) bool) (complaints []string) {
	explained := map[ident]bool{}
	for _, r := range j.rows {
		i := slices.IndexFunc(p.Changes, func(e entry) bool { return r.address == e.Address && e.Deposed == "" })
		if i < 0 || p.Changes[i].Mode == "data" {
			continue // what is deposed or only read is looked at where a test makes it
		}
		e := p.Changes[i]
		from := e.Address
		if e.Previous != "" {
			from = e.Previous
		}
		was, is := o.before[from], o.after[e.Address]
		explained[ident{e.Type, was.id()}], explained[ident{e.Type, is.id()}] = true, true
		if c := rowAgrees(r.mechanism, e.Type, was, is, o, cloud); c != "" {
			complain(&complaints, "%s is said to be %q: %s", r.address, r.mechanism, c)
		}
		if replaced := strings.Contains(r.mechanism, "replaced"); replaced == (r.identity == "") {
			complain(&complaints, "%s is said to be %q with the new identity %q", r.address, r.mechanism, r.identity)
		}
	}
	for _, c := range o.calls {
		if c.Call != "read" && !explained[ident{c.Type, c.ID}] {
			complain(&complaints, "%s of %s %s is in no row", c.Call, c.Type, c.ID)
		}
	}
	return complaints
}

// rowAgrees says what is wrong with a mechanism, or nothing.
func rowAgrees(mechanism, typ string, was, is object, o outcome, cloud func(typ, id string) bool) string {
	if rest, ok := strings.CutPrefix(mechanism, "moved"); ok {
		if was.Values == nil || was.id() != is.id() && !strings.Contains(rest, "replaced") {
			return "it is another object than before"
		}
		mechanism = strings.TrimPrefix(rest, ", ")
	}
	if rest, ok := strings.CutPrefix(mechanism, "imported"); ok {
		if was.Values != nil || is.Values == nil || !cloud(typ, is.id()) {
			return "it is not in the state now, or was before"
		}
		was, mechanism = is, strings.TrimPrefix(rest, ", then ")
	}
	before, after := ident{typ, was.id()}, ident{typ, is.id()}
	created, updated, deleted := o.deed("create", after), o.deed("update", after), o.deed("delete", before)
	if !logged(typ) {
		return idAgrees(mechanism, was, is)
	}
	switch mechanism {
	case "":
		if created >= 0 || updated >= 0 || deleted >= 0 {
			return "something was done to it"
		}
	case "updated in place":
		if before != after || updated < 0 || created >= 0 || deleted >= 0 {
			return "it was not updated as the same object"
		}
	case "created", "created again (deleted outside)":
		if created < 0 || deleted >= 0 {
			return "no new object was made"
		}
	case "replaced, old one destroyed first":
		if deleted < 0 || created < deleted {
			return "it was not destroyed first and then created"
		}
	case "replaced, new one created first":
		if created < 0 || deleted < created {
			return "it was not created first and destroyed then"
		}
	case "destroyed":
		if is.Values != nil || deleted < 0 && o.deed("retain", before) < 0 {
			return "it was not deleted"
		}
	case "forgotten, left running":
		if is.Values != nil || deleted >= 0 || !cloud(typ, before.id) {
			return "it is still in the state, or no longer in the cloud"
		}
	default:
		return "no test knows what that looks like"
	}
	return ""
}

// idAgrees is rowAgrees for a provider without a log: the state has to tell.
func idAgrees(mechanism string, was, is object) string {
	there, same := is.Values != nil, was.id() == is.id()
	want := false
	switch mechanism {
	case "", "updated in place":
		want = there && same
	case "created":
		want = there && was.Values == nil
	case "destroyed", "forgotten, left running":
		want = !there && was.Values != nil
	case "replaced, old one destroyed first", "replaced, new one created first":
		want = there && was.Values != nil && !same
	}
	if !want {
		return "the state tells otherwise"
	}
	return ""
}

// agree fails the test for every row that was not as it was done.
func (s *scene) agree(j judgement, p plan, o outcome) {
	s.t.Helper()
	objects := func(typ, id string) bool { return s.exists("objects", typ, id) }
	if len(j.rows) == 0 {
		s.t.Error("the table is empty")
	}
	blame(s.t, tableAgrees(j, p, o, objects))
}

func blame(t *testing.T, complaints []string) {
	t.Helper()
	for _, c := range complaints {
		t.Error(c)
	}
}
