// Package strictyaml reads the small YAML files that people write for
// Polygraph into Go types, with the position of everything in them, and makes
// the JSON schema of such a file from the same types.
//
// It refuses what a configuration does not need and an attacker likes: anchors,
// aliases, merge keys, tags, several documents, UTF-16, line breaks that
// editors do not count, more than 1 MiB, more than 20 levels. It refuses what
// is probably a mistake: an unknown or repeated key (with the nearest known
// one), a value of another type, a number where text is wanted. It never
// guesses and never stops at the first mistake.
//
// A type describes its file by struct tags:
//
//	yaml:"name"            the key; yaml:"name,required" one that must be there
//	doc:"..."              what the key is for; goes into the schema
//
// A scalar type implements encoding.TextUnmarshaler to check itself; a type with
// a Shape method adds keywords to its schema.
package strictyaml
