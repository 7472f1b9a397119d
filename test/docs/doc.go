// Package docs keeps the documentation true.
//
// The pages of docs/rules, the rule table of README.md and the tables at the
// end of docs/articles are made from the rules, their case files and the names
// of tests; `go test ./test/docs -update` writes them and the tests compare
// them. Every ```console block of README.md, docs/guide and docs/articles is
// run with the program built from this tree, without the network, and its exit
// code and output are compared with the page.
//
// It refuses pages of rules that are gone, steps without a command, tests that
// are named and do not exist, and commands that print something else than the
// page says.
package docs
