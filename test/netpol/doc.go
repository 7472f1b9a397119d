// Package netpol holds the engine of network policies (packages netpol and
// reach) against what others say about the same clusters: truth tables of a
// simulator and lists of connections of another analyzer, both beside the
// project, and against cases of our own in testdata/cases, whose tables were
// written by hand from the specification of each API.
//
// Where the engine says something else than the others, testdata/explained.txt
// says why, with the source of the fact. A difference that is not in it fails,
// and so does one of it that has gone.
package netpol
