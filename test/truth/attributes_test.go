package truth

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// touched is an object of which somebody changed several attributes by hand.
type touched struct {
	now    string         // its address in the plan, where that is another
	change map[string]any // by hand
	blames []string       // attributes that CHG004 has to name as set back; none: held
	fresh  bool           // the plan makes another object of it
}

const touchedWas = `
resource "aws_sqs_queue" "half" {
  name          = "half"
  delay_seconds = 1
}
resource "aws_sqs_queue" "tagged" {
  name = "tagged"
  tags = { owner = "shop" }
}
resource "aws_sqs_queue" "bare" { name = "bare" }
resource "aws_sqs_queue" "own" { name = "own" }
resource "aws_sqs_queue" "keyed" {
  for_each      = toset(["a", "b"])
  name          = "keyed-${each.key}"
  delay_seconds = 1
}
resource "aws_sqs_queue" "elsewhere" {
  name          = "elsewhere"
  delay_seconds = 1
}
resource "aws_sqs_queue" "anew" {
  name          = "anew"
  delay_seconds = 1
}
`

var touchedObjects = map[string]touched{
	// One value is taken over, the other one is not.
	"aws_sqs_queue.half":   {change: map[string]any{"delay_seconds": 9, "max_message_size": 2048}, blames: []string{"max_message_size"}},
	"aws_sqs_queue.tagged": {change: map[string]any{"tags": map[string]any{"owner": "ops"}, "tags_all": map[string]any{"owner": "ops"}}, blames: []string{"tags"}},
	// Nobody wrote it down; the default of the provider sets it back all the same.
	"aws_sqs_queue.bare": {change: map[string]any{"receive_wait_time_seconds": 5}, blames: []string{"receive_wait_time_seconds"}},
	// Nobody wrote it down, and the provider leaves it to the cloud.
	"aws_sqs_queue.own":        {change: map[string]any{"kms_data_key_reuse_period_seconds": 600}},
	`aws_sqs_queue.keyed["a"]`: {change: map[string]any{"delay_seconds": 9}, blames: []string{"delay_seconds"}},
	"aws_sqs_queue.elsewhere":  {now: "aws_sqs_queue.there", change: map[string]any{"delay_seconds": 9}, blames: []string{"delay_seconds"}},
	"aws_sqs_queue.anew":       {change: map[string]any{"delay_seconds": 9}, blames: []string{"delay_seconds"}, fresh: true},
}

// TestDriftAttributeByAttribute: what a finding names is set back, and what it does not name stays.
func TestDriftAttributeByAttribute(t *testing.T) {
	t.Parallel()
	s := begin(t, files{"main.tf": touchedWas}, awsMock)
	old := s.state()
	was := map[string]map[string]any{}
	for address, o := range touchedObjects {
		was[address] = s.look("aws_sqs_queue", old[address].id())
		s.tamper("aws_sqs_queue", old[address].id(), o.change)
	}
	s.configure(files{"main.tf": strings.NewReplacer(
		"\"half\"\n  delay_seconds = 1", "\"half\"\n  delay_seconds = 9",
		`"aws_sqs_queue" "elsewhere"`, `"aws_sqs_queue" "there"`, `"anew"`+"\n", `"anew2"`+"\n",
	).Replace(touchedWas) + "moved {\n  from = aws_sqs_queue.elsewhere\n  to = aws_sqs_queue.there\n}\n"})
	p, j := s.judged()
	o := s.succeed()
	s.agree(j, p, o)
	held := 0
	for _, address := range slices.Sorted(maps.Keys(touchedObjects)) {
		c := touchedObjects[address]
		if c.now == "" {
			c.now = address
		}
		if len(c.blames) == 0 {
			held++
		}
		if got := j.verdict("CHG004", c.now); (got == "refuted") != (len(c.blames) > 0) {
			t.Errorf("%s is %q, and %q are set back", c.now, got, c.blames)
		}
		id := o.after[c.now].id()
		if fresh := id != old[address].id(); fresh != c.fresh {
			t.Errorf("%s: another object: %v", c.now, fresh)
		}
		ends, title := s.look("aws_sqs_queue", id), j.finding("CHG004", c.now).Title
		for attribute, by := range c.change {
			if attribute == "tags_all" {
				continue // follows from tags
			}
			named := strings.Contains(title, "`"+attribute)
			if named != slices.Contains(c.blames, attribute) {
				t.Errorf("%s: %s is named: %v (%s)", c.now, attribute, named, title)
			}
			blame(t, driftAgrees(c.now+" "+attribute, map[bool]string{true: "refuted"}[named], by, ends[attribute]))
			if named && !equal(ends[attribute], was[address][attribute]) {
				t.Errorf("%s: %s is %v, and was %v", c.now, attribute, ends[attribute], was[address][attribute])
			}
		}
	}
	if j.held["CHG004"] != held {
		t.Errorf("%d held, want %d", j.held["CHG004"], held)
	}
}
