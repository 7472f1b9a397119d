package truth

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"polygraph/internal/finding"
)

// renaming is a configuration that somebody put elsewhere. moves are the old addresses and the new ones.
type renaming struct {
	name    string
	was, is files
	moves   map[string]string
	doubt   bool // the plan alone does not prove it
	needs   []provider
}

var mocked = []provider{awsMock}

// in wraps a body into a module call with a file of its own.
func in(module, more, body string) files {
	return files{
		"main.tf":           fmt.Sprintf("module %q {\n  source = \"./%s\"\n%s}\n", module, module, more),
		module + "/main.tf": body,
	}
}

func root(body string) files { return files{"main.tf": body} }

// data is a block of terraform_data.
func data(name, rest string) string {
	return fmt.Sprintf("resource \"terraform_data\" %q {\n%s}\n", name, rest)
}

const (
	eachAB = "  for_each = toset([\"a\", \"b\"])\n"
	keyed  = "  input = each.key\n  triggers_replace = [each.key]\n"
	one    = "  input = \"one\"\n"
	net    = "resource \"aws_vpc\" \"VPC\" {\n  cidr_block = \"10.0.0.0/16\"\n}\nresource \"aws_subnet\" \"SUB\" {\n  vpc_id = aws_vpc.VPC.id\n  cidr_block = \"10.0.1.0/24\"\n}\n" +
		"resource \"aws_security_group\" \"GRP\" {\n  name = \"web\"\n  description = \"in ${aws_subnet.SUB.id}\"\n  vpc_id = aws_vpc.VPC.id\n}\n"
)

func called(text string, names ...string) string { return strings.NewReplacer(names...).Replace(text) }

func pairs(list ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(list); i += 2 {
		m[list[i]] = list[i+1]
	}
	return m
}

var renamings = []renaming{
	{name: "into a module", was: root(data("x", one)), is: in("m", "", data("x", one)), moves: pairs("terraform_data.x", "module.m.terraform_data.x")},
	{name: "out of a module", was: in("m", "", data("x", one)), is: root(data("x", one)), moves: pairs("module.m.terraform_data.x", "terraform_data.x")},
	{name: "module renamed", was: in("m", "", data("x", one)), is: in("n", "", data("x", one)), moves: pairs("module.m.terraform_data.x", "module.n.terraform_data.x")},
	{
		name: "into a module with keys", was: root(data("x", eachAB+keyed)), is: in("m", "", data("x", eachAB+keyed)),
		moves: pairs(`terraform_data.x["a"]`, `module.m.terraform_data.x["a"]`, `terraform_data.x["b"]`, `module.m.terraform_data.x["b"]`),
	},
	{
		name: "keys go to the module", was: root(data("x", eachAB+keyed)),
		is:    in("m", eachAB+"  v = each.key\n", "variable \"v\" {}\n"+data("x", strings.ReplaceAll(keyed, "each.key", "var.v"))),
		moves: pairs(`terraform_data.x["a"]`, `module.m["a"].terraform_data.x`, `terraform_data.x["b"]`, `module.m["b"].terraform_data.x`),
	},
	{
		name: "other keys", doubt: true, was: root(data("x", "  for_each = { old = \"one\", stays = \"two\" }\n  input = each.value\n")),
		is:    root(data("x", "  for_each = { new = \"one\", stays = \"two\" }\n  input = each.value\n")),
		moves: pairs(`terraform_data.x["old"]`, `terraform_data.x["new"]`),
	},
	{
		name: "count becomes for_each", doubt: true, was: root(data("x", "  count = 2\n  input = [\"a\", \"b\"][count.index]\n")), is: root(data("x", eachAB+"  input = each.key\n")),
		moves: pairs("terraform_data.x[0]", `terraform_data.x["a"]`, "terraform_data.x[1]", `terraform_data.x["b"]`),
	},
	{
		name: "two modules deep", was: root(data("x", one)),
		is: files{
			"main.tf": "module \"m\" {\n  source = \"./m\"\n}\n", "m/main.tf": "module \"n\" {\n  source = \"./n\"\n}\n", "m/n/main.tf": data("x", one),
		},
		moves: pairs("terraform_data.x", "module.m.module.n.terraform_data.x"),
	},
	{
		name: "twins that refer to each other", was: root(data("x", one) + data("y", "  input = terraform_data.x.id\n")),
		is:    in("m", "", data("x", one)+data("y", "  input = terraform_data.x.id\n  triggers_replace = [\"y\"]\n")),
		moves: pairs("terraform_data.x", "module.m.terraform_data.x"), // y has another argument: no twin
	},
	{
		name: "a chain into a module", was: root(data("x", one) + data("y", one+"  triggers_replace = [terraform_data.x.id]\n")),
		is:    in("m", "", data("x", one)+data("y", one+"  triggers_replace = [terraform_data.x.id]\n")),
		moves: pairs("terraform_data.x", "module.m.terraform_data.x", "terraform_data.y", "module.m.terraform_data.y"),
	},
	// Nothing names a terraform_data but its address: a rename is only likely to be one.
	{name: "renamed, nameless", was: root(data("x", one)), is: root(data("z", one)), moves: pairs("terraform_data.x", "terraform_data.z"), doubt: true},
	{
		name: "renamed and named", doubt: true, needs: mocked, was: root(called(net, "VPC", "a", "SUB", "b", "GRP", "c")), is: root(called(net, "VPC", "a2", "SUB", "b2", "GRP", "c2")),
		moves: pairs("aws_vpc.a", "aws_vpc.a2", "aws_subnet.b", "aws_subnet.b2", "aws_security_group.c", "aws_security_group.c2"),
	},
	{
		name: "a network into a module", needs: mocked, was: root(net), is: in("net", "", net),
		moves: pairs("aws_vpc.VPC", "module.net.aws_vpc.VPC", "aws_subnet.SUB", "module.net.aws_subnet.SUB", "aws_security_group.GRP", "module.net.aws_security_group.GRP"),
	},
	{
		name: "a database renamed", needs: mocked,
		was: root(ward{name: "old", typ: "aws_db_instance"}.block(called(plain+last, "NAME", `"orders"`))),
		is:  root(ward{name: "new", typ: "aws_db_instance"}.block(called(plain+last, "NAME", `"orders"`))), moves: pairs("aws_db_instance.old", "aws_db_instance.new"),
	},
}

// blocks are what the findings of CHG003 want added, by the old address.
func blocks(j judgement) map[string]string {
	out := map[string]string{}
	for _, f := range j.of("CHG003", finding.Refuted) {
		out[f.Subject.Identity] = f.Remedy.Patch
	}
	for _, f := range j.of("CHG003", finding.Unproven) {
		out[f.Subject.Identity] = f.Remedy.Patch
	}
	return out
}

// twinsAgree compares the accusations with what the apply of the accused plan did: the old object is gone
// and another one is there in its place.
func twinsAgree(moves map[string]string, accused map[string]string, o outcome) (complaints []string) {
	for _, old := range slices.Sorted(maps.Keys(moves)) {
		if accused[old] == "" {
			complain(&complaints, "%s comes back as %s, and nobody says so", old, moves[old])
		}
		was, is := o.before[old], o.after[moves[old]]
		if was.id() == is.id() || o.after[old].Values != nil || is.Values == nil {
			complain(&complaints, "%s did not come back as another object", old)
		}
	}
	for _, old := range slices.Sorted(maps.Keys(accused)) {
		if moves[old] == "" {
			complain(&complaints, "%s is accused and has no twin", old)
		}
	}
	return complaints
}

// stay compares a plan with the remedies with what its apply did: every object kept its identity.
func stay(moves map[string]string, p plan, o outcome) (complaints []string) {
	for _, old := range slices.Sorted(maps.Keys(moves)) {
		now := moves[old]
		if does := p.busy()[now]; strings.Contains(does, "create") || p.busy()[old] != "" {
			complain(&complaints, "%s: %s, with its remedy in place", now, does)
		}
		if was, is := o.before[old], o.after[now]; was.id() == "" || was.id() != is.id() {
			complain(&complaints, "%s is %q and was %q", now, is.id(), was.id())
		}
	}
	return complaints
}
