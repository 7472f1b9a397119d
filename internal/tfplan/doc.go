// Package tfplan reads a Terraform or OpenTofu plan as `show -json` prints it,
// of any size, within bounded memory.
//
//	Blob --text--> UTF-8 --cursor--> Read --> Plan{Changes, Drift, Deferred, Graph}
//	                                             |
//	                            Plan.Detail(change) re-reads one change
//
// One pass over the bytes keeps a fixed-size summary of each change (Change)
// and the reference graph of the configuration (Graph). Values are not kept:
// Detail reads a single change again, at its offset, and seals what the plan
// marks as sensitive so that it can be compared and never printed.
//
// Bounds: a single JSON value that has to be held at once (a string, an
// attribute) may be MaxValue long and a change that is read again MaxDetail; what
// is kept of all changes, names and references together may take MaxKept;
// nesting deeper than 10,000 is refused by the JSON reader. What is longer is a
// Problem that names the bound.
//
// The package judges nothing, opens nothing and runs nothing; binary plans are
// recognised (Detect) and refused with the command that converts them.
//
// Format: https://developer.hashicorp.com/terraform/internals/json-format,
// versions 0.1 to 1.x; unknown minor versions and unknown keys are accepted, an
// unknown major version is refused.
package tfplan
