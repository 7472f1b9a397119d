// Package environment says where things live: dev, staging, prod.
//
// Environments are declared, once, by what they are recognised by (Set), or
// inferred where they are not (Inference); an inference always says from what.
// Policy puts findings and evidence into their environments, and reports the
// fingerprints that two plans share because nothing tells them apart. Graph
// joins the names of one thing.
//
// It refuses to guess: where two environments claim one thing, where hints
// disagree, or where a word might mean something else, a thing belongs nowhere
// and the reason is kept. An inferred environment is never part of a
// fingerprint.
package environment
