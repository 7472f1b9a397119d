package stateful

import (
	"cmp"
	"slices"
	"strings"
)

// catalogue is written once, here, and never again: a plan can have tens of thousands of changes, each
// of which asks for its type.
var catalogue = sorted(slices.Concat(
	awsDatabases(), awsStorage(), awsCopies(), awsStreams(), awsSecrets(), awsServices(),
	google(), azurerm(), kubernetes(),
))

func sorted(entries []Entry) []Entry {
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Type, b.Type) })
	return entries
}

// Lookup finds the entry of a resource type. The result is the caller's own.
func Lookup(typ string) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(catalogue, typ, func(e Entry, t string) int { return strings.Compare(e.Type, t) })
	if !ok {
		return Entry{}, false
	}
	return catalogue[i].clone(), true
}

// All returns every entry, sorted by type. The result is the caller's own.
func All() []Entry {
	out := make([]Entry, len(catalogue))
	for i, e := range catalogue {
		out[i] = e.clone()
	}
	return out
}

// Covers tells whether the catalogue was made with the provider of a type in
// view: then a type that is not in it was left out because it holds no data (or
// for a reason in the package comment). The providers after kubernetes keep
// values in the state or run something once; nothing of theirs is destroyed.
func Covers(typ string) bool {
	provider, _, _ := strings.Cut(typ, "_")
	switch provider {
	case "aws", "google", "azurerm", "kubernetes",
		"terraform", "null", "time", "random", "tls", "external", "http", "template", "cloudinit", "archive", "local", "helm":
		return true
	}
	return false
}
