package owners

import (
	"context"
	"fmt"
	"testing"
	"time"

	"polygraph/internal/evidence"
	"polygraph/internal/tfconfig"
)

func TestHeld(t *testing.T) {
	long := "sg-0a1b2c3d4e5f60718"
	one := func(lineage, typ, address, id, arn string) Root {
		return Root{Lineage: lineage, Objects: []Object{{Type: typ, Address: address, ID: id, ARN: arn}}}
	}
	bucket := Object{Type: "aws_s3_bucket", Address: "aws_s3_bucket.this", ID: "acme", ARN: "arn:aws:s3:::acme"}
	for name, c := range map[string]struct {
		roots          []Root
		twice, unclear bool
		claims         int
	}{
		"one root alone claims nothing": {[]Root{one("a", "aws_security_group", "x", long, "")}, false, false, 0},
		"two serials of one lineage":    {[]Root{one("a", "aws_security_group", "x", long, ""), one("a", "aws_security_group", "y", long, "")}, false, false, 0},
		"a state and its plan":          {[]Root{one("a", "aws_security_group", "x", long, ""), one("", "aws_security_group", "x", long, "")}, false, false, 0},
		"two lineages":                  {[]Root{one("a", "aws_security_group", "x", long, ""), one("b", "aws_security_group", "x", long, "")}, true, false, 1},
		"two plans":                     {[]Root{one("", "aws_security_group", "x", long, ""), one("", "aws_security_group", "y", long, "")}, false, true, 1},
		"short ids are not unique":      {[]Root{one("a", "aws_vpc", "x", "vpc-1a2b3c4d", ""), one("b", "aws_vpc", "y", "vpc-1a2b3c4d", "")}, false, true, 1},
		"names in two accounts": {[]Root{
			one("a", "aws_iam_role", "x", "admin", "arn:aws:iam::111122223333:role/admin"), one("b", "aws_iam_role", "y", "admin", "arn:aws:iam::444455556666:role/admin"),
		}, false, false, 2},
		"one ARN": {[]Root{
			one("a", "aws_iam_role", "x", "admin", "arn:aws:iam::111122223333:role/admin"), one("b", "aws_iam_role", "y", "admin", "arn:aws:iam::111122223333:role/admin"),
		}, true, false, 1},
		"not in a cloud":            {[]Root{one("a", "random_id", "x", "abc", ""), one("b", "random_id", "y", "abc", "")}, false, false, 0},
		"both sides of a peering":   {[]Root{one("a", "aws_vpc_peering_connection_options", "x", "pcx-0a1b2c3d4e5f60718", ""), one("b", "aws_vpc_peering_connection_options", "y", "pcx-0a1b2c3d4e5f60718", "")}, false, false, 0},
		"another type with that id": {[]Root{one("a", "aws_s3_bucket", "x", "b", ""), one("b", "aws_s3_bucket_policy", "y", "b", "")}, false, false, 2},
		"one object of several at one address, a state and another root's plan": {[]Root{
			{Lineage: "a", Objects: []Object{bucket, {Type: "aws_vpc", Address: "x", ID: long}, {Type: "aws_vpc", Address: "y", ID: "vpc-1"}}},
			{Objects: []Object{bucket, {Type: "aws_vpc", Address: "x", ID: "vpc-2"}, {Type: "aws_vpc", Address: "y", ID: "vpc-3"}}},
		}, false, true, 5},
		"a plan does not join two lineages": {[]Root{
			{Lineage: "a", Objects: []Object{bucket}}, {Lineage: "b", Objects: []Object{bucket}}, {Objects: []Object{bucket}},
		}, true, false, 1},
		"a plan with targets belongs to its state": {[]Root{
			{Lineage: "a", Objects: []Object{bucket, {Type: "aws_vpc", Address: "x", ID: long}, {Type: "aws_vpc", Address: "y", ID: "vpc-1"}}}, {Objects: []Object{bucket}},
		}, false, false, 0},
		"names without ARNs in two accounts": {[]Root{
			{Lineage: "a", Objects: []Object{{Type: "aws_iam_role_policy", Address: "p", ID: "r:p"}, {Type: "aws_iam_role", Address: "r", ID: "r", ARN: "arn:aws:iam::111122223333:role/r"}}},
			{Lineage: "b", Objects: []Object{{Type: "aws_iam_role_policy", Address: "p", ID: "r:p"}, {Type: "aws_iam_role", Address: "r", ID: "r", ARN: "arn:aws:iam::444455556666:role/r"}}},
		}, false, false, 4},
		"an event target shows the ARN of what it calls": {[]Root{
			one("a", "aws_cloudwatch_event_target", "x", "daily-bus", "arn:aws:events:eu-west-1:111122223333:event-bus/central"),
			one("b", "aws_cloudwatch_event_target", "x", "daily-bus", "arn:aws:events:eu-west-1:111122223333:event-bus/central"),
		}, false, true, 1},
	} {
		got := Held(c.roots)
		twice, unclear := false, false
		for _, g := range got {
			twice, unclear = twice || g.Twice, unclear || g.Unclear
		}
		if twice != c.twice || unclear != c.unclear || len(got) != c.claims {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What shows the ARN of another object has a name of its own.
func TestHeldTellsApart(t *testing.T) {
	arn := "arn:aws:sns:r:111122223333:t"
	objects := []Object{{Type: "aws_sns_topic_policy", Address: "p", ID: arn}, {Type: "aws_sns_topic", Address: "t", ID: arn, ARN: arn}}
	got := Held([]Root{{Lineage: "a", Objects: objects}, {Lineage: "b", Objects: objects}})
	if len(got) != 2 || got[0].Identity != "aws_sns_topic_policy "+arn || got[1].Identity != arn || !got[0].Twice || !got[1].Twice {
		t.Errorf("%+v", got)
	}
}

// A hostile state has very many objects of one id, each with its own ARN.
func TestHeldManyOfOneID(t *testing.T) {
	a, b := Root{Lineage: "a"}, Root{Lineage: "b"}
	for i := range 50_000 {
		o := Object{Type: "aws_sqs_queue", Address: "q", ID: "q", ARN: fmt.Sprintf("arn:aws:sqs:r:%012d:q", i)}
		a.Objects, b.Objects = append(a.Objects, o), append(b.Objects, o)
	}
	start := time.Now()
	if got := Held([]Root{a, b}); len(got) != 50_000 || !got[0].Twice {
		t.Error(len(got))
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Error(d)
	}
}

func TestBackend(t *testing.T) {
	for text, want := range map[string]Lock{
		`backend "s3" {}`: LockUnknown,
		`backend "s3" {
  bucket = "b"
}`: LockUnknown,
		`backend "s3" {
  bucket = "b"
  key = "k"
}`: LocksNot,
		`backend "s3" {
  bucket = "b"
  key = "k"
  use_lockfile = false
}`: LocksNot,
		`backend "s3" {
  bucket = "b"
  key = "k"
  use_lockfile = true
}`: Locks,
		`backend "s3" {
  bucket = "b"
  key = "k"
  use_lockfile = var.lock
}`: LockUnknown,
		`backend "s3" {
  bucket = "b"
  key = "k"
  dynamodb_table = "locks"
}`: Locks,
		`backend "s3" { dynamodb_table = "locks" }`: Locks,
		`backend "s3" {
  bucket = "b"
  key = "k"
  dynamodb_table = ""
}`: LocksNot,
		`backend "gcs" { bucket = "b" }`:  Locks,
		`backend "azurerm" {}`:            Locks,
		`backend "local" {}`:              Locks,
		`backend "consul" { path = "p" }`: Locks,
		`backend "consul" {
  path = "p"
  lock = false
}`: LocksNot,
		`backend "http" {}`: LockUnknown,
		`backend "http" {
  address = "https://example.com"
}`: LockUnknown,
		`backend "http" { lock_address = "https://example.com" }`: Locks,
		`backend "oss" { bucket = "b" }`:                          LocksNot,
		`backend "oss" {
  bucket = "b"
  tablestore_table = "t"
}`: Locks,
		`backend "own" {}`: LockUnknown,
		`cloud {}`:         Locks,
		`remote_state {
  backend = "s3"
  config = {
    bucket = "b"
    key = "${path_relative_to_include()}/t"
  }
}`: LocksNot,
		`remote_state {
  backend = "s3"
  config = {
    bucket = "b"
    key = "k"
    dynamodb_table = "locks-${local.account}"
  }
}`: Locks,
		`remote_state {
  backend = local.kind
  config = {}
}`: LockUnknown,
	} {
		b := block(t, text)
		got, ok := BackendOf(b)
		if !ok || got.Lock != want || (got.Lock == LockUnknown) != (got.Why != "" && got.Lock != LocksNot) {
			t.Errorf("%s\n%+v, want %v", text, got, want)
		}
	}
}

func block(t *testing.T, text string) *tfconfig.Block {
	t.Helper()
	name := "main.tf"
	f, err := tfconfig.Read(context.Background(), &evidence.Item{Kind: evidence.TerraformConfiguration(), Path: name, Blob: evidence.Bytes([]byte(text + "\n"))})
	if err != nil {
		t.Fatal(text, err)
	}
	return &f.Blocks[0]
}

func TestClash(t *testing.T) {
	for name, c := range map[string]struct {
		a, b         Made
		clash, clear bool
	}{
		"everywhere":            {Made{Scope: Everywhere}, Made{Scope: Everywhere}, true, true},
		"two partitions":        {Made{Scope: Everywhere, Region: "cn-north-1"}, Made{Scope: Everywhere, Region: "eu-west-1"}, false, true},
		"one partition":         {Made{Scope: Everywhere, Region: "us-east-1"}, Made{Scope: Everywhere, Region: "eu-west-1"}, true, true},
		"China, and where":      {Made{Scope: Everywhere, Region: "cn-north-1"}, Made{Scope: Everywhere}, false, false},
		"Europe, and not shown": {Made{Scope: Everywhere, Region: "eu-west-1"}, Made{Scope: Everywhere}, true, true},
		"nothing is shown":      {Made{Scope: Region}, Made{Scope: Region}, false, false},
		"regions differ":        {Made{Scope: Region, Region: "a"}, Made{Scope: Region, Region: "b"}, false, true},
		"accounts differ":       {Made{Scope: Account, Account: "1"}, Made{Scope: Account, Account: "2"}, false, true},
		"one region":            {Made{Scope: Region, Region: "a"}, Made{Scope: Region, Region: "a"}, false, false},
		"one place":             {Made{Scope: Region, Region: "a", Account: "1"}, Made{Scope: Region, Region: "a", Account: "1"}, true, true},
		"one account":           {Made{Scope: Account, Account: "1", Region: "a"}, Made{Scope: Account, Account: "1", Region: "b"}, true, true},
	} {
		if clash, clear := c.a.Clash(&c.b); clash != c.clash || clear != c.clear {
			t.Errorf("%s: %v, %v", name, clash, clear)
		}
	}
	for _, typ := range NamedTypes() {
		if n, ok := NameOf(typ); !ok || n.Source == "" || n.Attribute == "" {
			t.Errorf("%s: %+v", typ, n)
		}
	}
}
