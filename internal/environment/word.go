package environment

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// word is the environment that a word names on its own. Words are compared as a
// whole: "product" and "developer" name none.
func word(s string) (env string, ok bool) {
	switch strings.ToLower(s) {
	case "dev", "develop", "development":
		return "dev", true
	case "test", "testing", "tst":
		return "test", true
	case "qa":
		return "qa", true
	case "uat":
		return "uat", true
	case "stage", "staging", "stg":
		return "staging", true
	case "preprod", "pre-prod", "preproduction", "pre-production":
		return "preprod", true
	case "nonprod", "non-prod", "nonproduction", "non-production":
		return "nonprod", true
	case "prod", "production", "prd":
		return "prod", true
	case "live":
		return "live", true
	case "sandbox", "sbx":
		return "sandbox", true
	case "demo":
		return "demo", true
	}
	return "", false
}

// ordinary tells whether a word names an environment only where an environment
// is asked for: elsewhere a test is a test and a stage one of many.
func ordinary(s string) bool {
	switch strings.ToLower(s) {
	case "test", "testing", "tst", "stage", "live", "demo", "develop", "development", "production":
		return true
	}
	return false
}

// tokens splits a name where it is not letters and digits.
func tokens(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), between)
}

func between(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// spoken is the one environment that the tokens of a name speak of: none when
// there are two, or when the word beside it changes what it means.
func spoken(name string) (env string, ok bool) {
	any := false
	for t := range strings.FieldsFuncSeq(name, between) { // most names say nothing
		_, is := word(t)
		any = any || is || strings.EqualFold(t, "pre") || strings.EqualFold(t, "non")
	}
	if !any {
		return "", false
	}
	list := tokens(name)
	for i := 0; i < len(list); i++ {
		e, is := word(list[i])
		if !is && i+1 < len(list) { // "pre-prod" is one word
			if e, is = word(list[i] + "-" + list[i+1]); is {
				i++
			}
		}
		if !is || ordinary(list[i]) && e != "preprod" && e != "nonprod" {
			continue
		}
		before, after := "", ""
		if i > 0 {
			before = list[i-1]
		}
		if i+1 < len(list) {
			after = list[i+1]
		}
		if before == "not" || before == "no" || before == "to" || before == "from" || tool(after) {
			return "", false
		}
		if env != "" && env != e {
			return "", false
		}
		env = e
	}
	return env, env != ""
}

// tool tells whether a word turns an environment before it into a trade:
// dev-ops, dev-tools, qa-team.
func tool(after string) bool {
	switch after {
	case "ops", "tool", "tools", "tooling", "kit", "team", "teams", "portal", "rel", "container", "containers", "to", "and", "or":
		return true
	}
	return false
}

// named is the environment that a value names which was written to name one:
// a tag or a variable. Any of our words counts, and so does a longer value with
// exactly one of them, as its own environment: "prod-eu" is not "prod-us".
func named(value string) (env string, ok bool) {
	if e, is := word(value); is {
		return e, true
	}
	if len(value) > 32 {
		return "", false
	}
	if _, is := spoken(value); !is {
		return "", false
	}
	return strings.Join(tokens(value), "-"), true
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
