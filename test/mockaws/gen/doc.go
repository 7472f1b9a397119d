// Package main, gen, writes the schema of the mock provider.
//
// No provider binary is needed: the npm package @cdktf/provider-aws is
// generated from it and keeps its attribute names, types, block nesting and what is
// required. gen fetches that package into .build, reads the types listed in types.txt out
// of the generated JavaScript and its declarations, and writes ../schema.json: facts only,
// sorted, so that a second run changes nothing.
//
//	go run ./gen            # from test/mockaws
package main
