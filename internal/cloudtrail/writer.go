package cloudtrail

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Question asks who wrote to one object.
type Question struct {
	Type        string   // Terraform's: "aws_autoscaling_group"
	ARN         string   // says service, region, account and parent; "" when unknown
	Identifiers []string // id, ARN, names
	Chosen      []string // those that people chose: others may have them, whatever they look like
	Parents     []string // what it lies in, where its ARN does not say: the cluster of a service
	Attributes  [][]string
	Values      []any     // what each attribute is now, where it is known: a number or a boolean
	Deleted     bool      // it is gone: who deleted it
	Since       time.Time // zero: no lower bound
	Until       time.Time // when the plan was made; zero: nobody can be named
}

// Write is an event that names the object.
type Write struct {
	Log   *Log
	Event *Event
	// Attributes are those, dotted, which the event names, being about the
	// object itself. Without any it only names the object.
	Attributes []string
	Deleted    bool // it deleted the object

	other []string // attributes that it set to another value than they have now
}

// Answer is who wrote to an object, newest first.
type Answer struct {
	Writes []Write
	// Terraform is the write at which the search ended: what Terraform wrote is
	// no drift, and what lies before it was settled by it.
	Terraform *Write
	Why       string // why the writer is unknown; "" when Newest names one

	lost time.Time // of the newest event that could not be read or kept
}

// Of is the newest event that wrote an attribute, or, for "", that deleted the
// object. Where that one names nobody, or wrote another value than is there now,
// it is nil: who came before did not write what is there now.
func (a *Answer) Of(attribute string) *Write {
	for i := range a.Writes {
		w := &a.Writes[i]
		if slices.Contains(w.other, attribute) {
			return nil
		}
		if attribute == "" && w.Deleted || attribute != "" && slices.Contains(w.Attributes, attribute) {
			if !w.Event.Who.Known() {
				return nil
			}
			return w
		}
	}
	return nil
}

// Newest is the newest of what Of returns.
func (a *Answer) Newest() *Write {
	for i := range a.Writes {
		w := &a.Writes[i]
		if w.Deleted && a.Of("") == w || slices.ContainsFunc(w.Attributes, func(name string) bool { return a.Of(name) == w }) {
			return w
		}
	}
	return nil
}

// Writer answers from all logs together.
func Writer(logs []*Log, q Question) Answer {
	var a Answer
	switch {
	case len(logs) == 0:
		a.Why = "no CloudTrail event was given"
		return a
	case q.Until.IsZero():
		a.Why = "the plan does not say when it was made, so no event is known to lie before it"
		return a
	}
	o := newObject(&q)
	seen := map[string]bool{}
	var all []Write
	for _, l := range logs {
		if l.lost.After(a.lost) {
			a.lost = l.lost
		}
		for _, i := range o.candidates(l) {
			e := &l.Events[i]
			if e.Time.After(q.Until) || !q.Since.IsZero() && e.Time.Before(q.Since) || e.ID != "" && seen[e.ID] {
				continue
			}
			named, about, deletes := o.in(e)
			if !named {
				continue
			}
			seen[e.ID] = true
			w := Write{Log: l, Event: e}
			if about {
				w.Attributes, w.other = attributesIn(e, &q)
				w.Deleted = q.Deleted && deletes
			}
			all = append(all, w)
		}
	}
	slices.SortStableFunc(all, func(x, y Write) int { return y.Event.Time.Compare(x.Event.Time) })
	for i := range all {
		if all[i].Event.Via == Terraform {
			a.Terraform = &all[i]
			break
		}
		w := all[i]
		if w.Event.Time.Before(a.lost) {
			w.Attributes, w.Deleted = nil, false // a newer write may be among what was not read
		}
		a.Writes = append(a.Writes, w)
	}
	if a.Newest() == nil {
		a.Why = why(&a, logs, &q)
	}
	return a
}

func why(a *Answer, logs []*Log, q *Question) string {
	var truncated, cut bool
	var first time.Time
	for _, l := range logs {
		truncated = truncated || l.Truncated
		cut = cut || l.Cut || l.Unreadable > 0
		if !l.First.IsZero() && (first.IsZero() || l.First.Before(first)) {
			first = l.First
		}
	}
	var s string
	switch {
	case len(a.Writes) > 0 && a.Writes[0].Event.Time.Before(a.lost):
		return "events before the plan name the object, and newer ones could not be read or kept"
	case len(a.Writes) > 0 && len(a.Writes[0].other) > 0:
		return "the last event before the plan that wrote the attribute set it to another value than it has now"
	case len(a.Writes) > 0 && q.Deleted:
		s = "events before the plan name the object, and none is known to delete it"
	case len(a.Writes) > 0:
		s = "events before the plan name the object, and none is known to write the attribute"
	case a.Terraform != nil:
		return fmt.Sprintf("the last event before the plan that names it is Terraform's own (%s, %s)", a.Terraform.Event.Name, a.Terraform.Event.Time.Format(time.RFC3339))
	case truncated:
		return "the lookup was cut before its last page (NextToken), and no event before the plan names the object in what there is"
	case first.IsZero():
		s = "the events that were given are none"
	default:
		s = "no event before the plan names the object; the oldest that was given is of " + first.Format(time.RFC3339)
	}
	if cut {
		s += ", and not all of them could be read"
	}
	return s
}

// attributesIn returns the attributes that a request names, and those of them
// that it set to another value than they have now.
func attributesIn(e *Event, q *Question) (wrote, other []string) {
	for i, path := range q.Attributes {
		switch {
		case len(path) == 0 || !namesAttribute(e, path):
		case i < len(q.Values) && setsAnother(e, path[len(path)-1], q.Values[i]):
			other = append(other, strings.Join(path, "."))
		default:
			wrote = append(wrote, strings.Join(path, "."))
		}
	}
	return wrote, other
}

func setsAnother(e *Event, name string, now any) bool {
	want, ok := scalarOf(now)
	if !ok {
		return false
	}
	name, another := plain(name), false
	for _, key := range []string{name, "db" + name, "cache" + name} {
		got := e.scalars[key]
		if got == want {
			return false
		}
		another = another || got != ""
	}
	return another
}

func namesAttribute(e *Event, path []string) bool {
	if path[0] == "tags" || path[0] == "tags_all" {
		return tagging(e) && (len(path) == 1 || e.tags[strings.Join(path[1:], ".")])
	}
	if isTagCall(e.Name) {
		return false
	}
	head := plain(path[0])
	ok := e.keys[head] || e.keys["db"+head] || e.keys["cache"+head] ||
		len(head) >= 6 && strings.Contains(plain(e.Name), head) // PutBucketPolicy writes the policy
	for _, name := range path[1:] {
		ok = ok && e.keys[plain(name)]
	}
	return ok
}

func tagging(e *Event) bool {
	return e.keys["tags"] || e.keys["tagset"] || e.keys["tag"] || e.keys["tagkeys"]
}

// isTagCall tells calls that write tags and nothing else: CreateTags,
// TagResource, UntagResource, AddTagsToResource. "Stage" is none.
func isTagCall(name string) bool {
	return strings.Contains(name, "Tag") || strings.HasPrefix(name, "Untag")
}
