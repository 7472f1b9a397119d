// Package repository looks at a repository to find out what there is to prove
// and from where: Terraform root modules, plans and states, saved runs, CI.
//
// It executes nothing, not even git, reads no file whole that is larger than a
// bound, and never follows a link out of the folder it was given. Links to
// folders are not followed at all. Of folders above it looks for .git alone, when
// the folder is a part of a repository. Bounds that are met are named in the survey.
// Configuration is scanned for the few words that tell a root module from
// others, not parsed: the scan is linear, needs no stack, and a broken or
// hostile file costs its own bytes and nothing else.
//
// Memory is one buffer of Limits.Bytes, the names in one folder at a time on
// each level, and a small record for each thing that is listed, at most 10,000
// of each sort.
package repository
