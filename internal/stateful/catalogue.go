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
