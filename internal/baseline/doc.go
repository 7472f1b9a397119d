// Package baseline holds a line: it compares a run with an earlier one and
// keeps the ledger of when each finding was first seen.
//
//	BASE, HEAD (replayed) ── Compare ──> the stream of HEAD, each finding with
//	its change, the findings of BASE that HEAD has no more, and a summary with
//	the difference
//
// The comparison matches evidence before findings: a finding that is gone is
// only fixed when what showed it was looked at again. Runs are replayed several
// times and never held: what is kept of a finding of BASE is what a report of
// its end needs, and of one of HEAD a few dozen bytes.
//
// The package opens no files and runs nothing. It never decides whether a claim
// is true: it takes the verdicts of the two runs as they are.
package baseline
