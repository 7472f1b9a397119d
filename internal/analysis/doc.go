// Package analysis is the contract between evidence and verdicts.
//
//	evidence.Item --Fact.Read--> value ─┐
//	                                    ├─ Pass ─ Analyzer.Run ─> findings, rows, holds
//	recorded answers, clock, results ───┘
//
// A Rule is a value: the claim, who makes it, why it matters, how to fix it.
// An Analyzer groups the rules of one capability. What several analyzers need
// from a piece of evidence is read once, by a Fact, which feeds the subscribers
// of all of them in the same pass over the bytes. The Runner drives this and
// emits package run's messages in an order that does not depend on what ran in
// parallel.
//
// Analyzers see a Pass and never the machine: no files, no network, no clock of
// their own.
package analysis
