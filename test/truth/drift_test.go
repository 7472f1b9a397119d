package truth

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// meddling is a queue that somebody changes behind the engine's back, and what the next plan does about it.
type meddling struct {
	was, is string         // the block before and after; the edit has nothing to do with the drift
	change  map[string]any // what is done to the object, nil to delete it
	verdict string         // of CHG004, "" for held
	title   string         // part of what a finding has to say
	ends    any            // visibility_timeout_seconds in the cloud after the apply; nil where it is gone
}

// unrelated is an edit in the same block that is no answer to the drift.
const unrelated = "delay_seconds = 5\n"

func meddlings() map[string]meddling {
	longer := map[string]any{"visibility_timeout_seconds": 900}
	return map[string]meddling{
		"reverted":     {was: "visibility_timeout_seconds = 60\n", is: "visibility_timeout_seconds = 60\n", change: longer, verdict: "refuted", title: "sets back `visibility_timeout_seconds`", ends: 60.0},
		"beside":       {was: "visibility_timeout_seconds = 60\n", is: "visibility_timeout_seconds = 60\n" + unrelated, change: longer, verdict: "refuted", title: "sets back `visibility_timeout_seconds`", ends: 60.0},
		"adopted":      {was: "visibility_timeout_seconds = 60\n", is: "visibility_timeout_seconds = 900\n", change: longer, ends: 900.0},
		"adopted_more": {was: "visibility_timeout_seconds = 60\n", is: "visibility_timeout_seconds = 900\n" + unrelated, change: longer, ends: 900.0},
		"overruled":    {was: "visibility_timeout_seconds = 60\n", is: "visibility_timeout_seconds = 120\n", change: longer, ends: 120.0},
		"ignored":      {was: "visibility_timeout_seconds = 60\n", is: "visibility_timeout_seconds = 60\n" + ignore, change: longer, ends: 900.0},
		"ignored_more": {was: "visibility_timeout_seconds = 60\n", is: "visibility_timeout_seconds = 60\n" + unrelated + ignore, change: longer, ends: 900.0},
		"dropped":      {was: "visibility_timeout_seconds = 60\n", is: "", change: longer},
		"lost":         {was: "visibility_timeout_seconds = 60\n", is: "visibility_timeout_seconds = 60\n", verdict: "refuted", title: "creates it again", ends: 60.0},
		"lost_rightly": {was: "visibility_timeout_seconds = 60\n", is: ""},
	}
}

const ignore = "lifecycle {\n    ignore_changes = [visibility_timeout_seconds]\n  }\n"

func queue(name, arguments string) string {
	if arguments == "" {
		return ""
	}
	return "resource \"aws_sqs_queue\" \"" + name + "\" {\n  name = \"" + name + "\"\n  " + arguments + "}\n"
}

// driftAgrees compares what CHG004 said with what the apply did to what somebody had changed.
func driftAgrees(address, verdict string, set, want any) (complaints []string) {
	if reverted := !equal(set, want); (verdict == "refuted") != reverted {
		complain(&complaints, "%s: the verdict is %q, somebody set %v, and after the apply it is %v", address, verdict, set, want)
	}
	return complaints
}

func TestDriftComesTrue(t *testing.T) {
	t.Parallel()
	var was, is strings.Builder
	was.WriteString(useAWS)
	is.WriteString(useAWS)
	all := meddlings()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		was.WriteString(queue(name, all[name].was))
		is.WriteString(queue(name, all[name].is))
	}
	s := begin(t, files{"main.tf": was.String()}, awsMock)
	old, ids := s.state(), map[string]string{}
	for name, m := range all {
		ids[name] = old["aws_sqs_queue."+name].id()
		if m.change == nil {
			s.lose("aws_sqs_queue", ids[name])
		} else {
			s.tamper("aws_sqs_queue", ids[name], m.change)
		}
	}
	s.configure(files{"main.tf": is.String()})
	p, j := s.judged()
	o := s.succeed()
	s.agree(j, p, o)
	held := 0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		m, address := all[name], "aws_sqs_queue."+name
		verdict := j.verdict("CHG004", address)
		if verdict != m.verdict || !strings.Contains(j.finding("CHG004", address).Title, m.title) {
			t.Errorf("%s: %q (%s), want %q (%s)", name, verdict, j.finding("CHG004", address).Title, m.verdict, m.title)
		}
		if verdict == "" {
			held++
		}
		now := o.after[address]
		switch {
		case m.ends == nil:
			if now.Values != nil || s.exists("objects", "aws_sqs_queue", ids[name]) {
				t.Errorf("%s: it should be gone", name)
			}
			continue
		case m.change == nil:
			// A new object; the queue has its name as identity, so the log has to tell.
			if o.deed("create", ident{"aws_sqs_queue", now.id()}) < 0 {
				t.Errorf("%s: it was deleted and is not created again", name)
			}
		case now.id() != ids[name]:
			t.Errorf("%s: it is another object", name)
		}
		ends := s.look("aws_sqs_queue", now.id())["visibility_timeout_seconds"]
		if !equal(ends, m.ends) {
			t.Errorf("%s: the cloud has %v, want %v", name, ends, m.ends)
		}
		// A value that the author set anew is neither kept nor set back.
		if m.change != nil && name != "overruled" {
			blame(t, driftAgrees(address, verdict, m.change["visibility_timeout_seconds"], ends))
		}
	}
	if j.held["CHG004"] != held {
		t.Errorf("%d held, want %d", j.held["CHG004"], held)
	}
}

// TestLostObjectComesBackAsAnother: where identifiers are the cloud's, the new object has a new one.
func TestLostObjectComesBackAsAnother(t *testing.T) {
	t.Parallel()
	config := files{"main.tf": useAWS + `
resource "aws_security_group" "web" { name = "web" }
resource "aws_sqs_queue" "other" { name = "other" }
`}
	s := begin(t, config, awsMock)
	const address = "aws_security_group.web"
	id := s.state()[address].id()
	s.lose("aws_security_group", id)
	config["main.tf"] += unrelatedTopic
	s.configure(config)
	p, j := s.judged()
	o := s.succeed()
	s.agree(j, p, o)
	if v := j.verdict("CHG004", address); v != "refuted" {
		t.Errorf("the verdict is %q", v)
	}
	if how := j.row(address).mechanism; how != "created again (deleted outside)" {
		t.Errorf("the table calls it %q", how)
	}
	if is := o.after[address].id(); is == id || is == "" {
		t.Errorf("it was %s and is %s: no new object", id, is)
	}
}

const unrelatedTopic = "resource \"aws_sns_topic\" \"more\" { name = \"more\" }\n"

func TestHarnessObjectsToFalseDrift(t *testing.T) {
	for verdict, ends := range map[string]any{"refuted": 900.0, "": 60.0, "unproven": 60.0} {
		if len(driftAgrees("x", verdict, 900, ends)) == 0 {
			t.Errorf("%q is not objected to where the value ends as %v", verdict, ends)
		}
	}
	if c := slices.Concat(driftAgrees("x", "", 900, 900.0), driftAgrees("x", "refuted", 900, 60.0)); len(c) > 0 {
		t.Error(c)
	}
}
