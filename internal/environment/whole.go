package environment

import (
	"strings"

	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/tfplan"
)

// Several stands for the account of evidence that speaks of more than one.
const Several = facts.SeveralAccounts

// Whole sums up a piece of evidence: the marks of its own thing (the plan) and,
// where that names no account, the one that every managed object with an
// account lies in.
func Whole(path string, things []evidence.Thing) Evidence {
	e := Evidence{Path: path}
	account := ""
	for i := range things {
		t := &things[i]
		switch {
		case isWhole(t):
			e.Marks = t.Marks
		case t.Marks.Account == "" || isData(t) && !strings.HasPrefix(local(t.Subject.Identity), "data.aws_caller_identity."):
		case account == "":
			account = t.Marks.Account
		case account != t.Marks.Account:
			account = Several
		}
	}
	if e.Marks.Account == "" {
		e.Marks.Account = account
	}
	return e
}

// local is an address without its modules: "data.aws_vpc.main[0]".
func local(address string) string {
	return strings.TrimPrefix(address[len(tfplan.ModuleInstance(address)):], ".")
}

// typeOf is the resource type in an address.
func typeOf(address string) string {
	typ, _, _ := strings.Cut(strings.TrimPrefix(local(address), "data."), ".")
	return typ
}
