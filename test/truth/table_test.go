package truth

import (
	"strings"
	"testing"
)

const rows = `
variable "release" { default = "1" }
resource "aws_sqs_queue" "updated" {
  name          = "updated"
  delay_seconds = 1
}
resource "aws_sqs_queue" "moved" { name = "moved" }
resource "aws_sqs_queue" "moved_too" { name = "moved_too" }
resource "aws_sqs_queue" "dropped" { name = "dropped" }
resource "aws_sqs_queue" "forgotten" { name = "forgotten" }
resource "aws_sqs_queue" "lost" { name = "lost" }
resource "aws_sqs_queue" "same" { name = "same" }
resource "aws_security_group" "first" { description = "one" }
resource "aws_security_group" "then" {
  description = "one"
  lifecycle {
    create_before_destroy = true
  }
}
resource "aws_security_group" "moved_group" { description = "one" }
data "aws_iam_policy_document" "p" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_security_group.first.id]
  }
}
resource "aws_sqs_queue" "reader" {
  name   = "reader"
  policy = data.aws_iam_policy_document.p.json
}
`

// adopted queues exist before the engine knows them.
const adopted = `
import {
  to = aws_sqs_queue.imported
  id = "https://sqs.eu-west-1.amazonaws.com/123456789012/imported"
}
resource "aws_sqs_queue" "imported" { name = "imported" }
import {
  to = aws_sqs_queue.corrected
  id = "https://sqs.eu-west-1.amazonaws.com/123456789012/corrected"
}
resource "aws_sqs_queue" "corrected" {
  name          = "corrected"
  delay_seconds = 9
}
resource "aws_sqs_queue" "created" { name = "created" }
moved {
  from = aws_sqs_queue.moved
  to   = aws_sqs_queue.here
}
moved {
  from = aws_sqs_queue.moved_too
  to   = aws_sqs_queue.here_too
}
moved {
  from = aws_security_group.moved_group
  to   = aws_security_group.here_group
}
removed {
  from = aws_sqs_queue.forgotten
  lifecycle {
    destroy = false
  }
}
`

// mechanisms are all that one plan can hold together.
var mechanisms = map[string]string{
	"aws_sqs_queue.updated":          "updated in place",
	"aws_sqs_queue.here":             "moved",
	"aws_sqs_queue.here_too":         "moved, updated in place",
	"aws_sqs_queue.dropped":          "destroyed",
	"aws_sqs_queue.forgotten":        "forgotten, left running",
	"aws_sqs_queue.lost":             "created again (deleted outside)",
	"aws_sqs_queue.same":             "", // nothing is done, so there is no row
	"aws_security_group.first":       "replaced, old one destroyed first",
	"aws_security_group.then":        "replaced, new one created first",
	"aws_security_group.here_group":  "moved, replaced, old one destroyed first",
	"data.aws_iam_policy_document.p": "read during apply",
	"aws_sqs_queue.reader":           "updated in place",
	"aws_sqs_queue.imported":         "imported",
	"aws_sqs_queue.corrected":        "imported, then updated in place",
	"aws_sqs_queue.created":          "created",
}

// TestTableComesTrue makes one plan of every mechanism and compares each row with what the apply did.
func TestTableComesTrue(t *testing.T) {
	t.Parallel()
	outside := "resource \"aws_sqs_queue\" \"imported\" { name = \"imported\" }\nresource \"aws_sqs_queue\" \"corrected\" { name = \"corrected\" }\n"
	// The cloud gets the two as a real one would write them, and the state does not keep them.
	s := begin(t, files{"main.tf": rows + outside}, awsMock)
	for _, address := range []string{"aws_sqs_queue.imported", "aws_sqs_queue.corrected"} {
		if _, stderr, code, err := s.Run("state", "rm", address); code != 0 || err != nil {
			t.Fatal(stderr, err)
		}
	}
	s.lose("aws_sqs_queue", s.state()["aws_sqs_queue.lost"].id())
	next := adopted + rows
	for _, gone := range []string{"dropped", "forgotten"} {
		next = strings.Replace(next, "resource \"aws_sqs_queue\" \""+gone+"\" { name = \""+gone+"\" }\n", "", 1)
	}
	next = strings.NewReplacer(
		"delay_seconds = 1\n", "delay_seconds = 2\n",
		`"aws_sqs_queue" "moved" {`, `"aws_sqs_queue" "here" {`,
		`"aws_sqs_queue" "moved_too" { name = "moved_too" }`, "\"aws_sqs_queue\" \"here_too\" {\n  name          = \"moved_too\"\n  delay_seconds = 7\n}",
		`"aws_security_group" "moved_group"`, `"aws_security_group" "here_group"`,
		`description = "one"`, `description = "two"`,
	).Replace(next)
	s.configure(files{"main.tf": next})
	p, j := s.judged()
	for address, want := range mechanisms {
		if got := j.row(address).mechanism; got != want {
			t.Errorf("%s is said to be %q, want %q", address, got, want)
		}
	}
	if len(j.rows) != len(mechanisms)-1 {
		t.Errorf("%d rows, want %d: %v", len(j.rows), len(mechanisms)-1, j.rows)
	}
	o := s.succeed()
	s.agree(j, p, o)
	// Only a read during the apply can know the identifier that was made in it.
	policy, _ := o.after["aws_sqs_queue.reader"].Values["policy"].(string)
	if id := o.after["aws_security_group.first"].id(); id == "" || !strings.Contains(policy, id) {
		t.Errorf("the policy does not name %s, so it was not read during the apply: %s", id, policy)
	}
	if j.row("aws_sqs_queue.here").because != "was aws_sqs_queue.moved" {
		t.Errorf("moved because %q", j.row("aws_sqs_queue.here").because)
	}
	if _, j = s.judged(); len(j.rows) != 0 {
		t.Errorf("everything is applied, and the table still has %v", j.rows)
	}
}
