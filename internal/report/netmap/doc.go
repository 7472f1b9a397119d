// Package netmap is the listener that draws who may talk to whom, as one SVG
// picture, from the rows of "polygraph net list".
//
// It is an adjacency matrix, because a graph of a real cluster is a hairball: a
// line for each source, a column for each destination, grouped by namespace, and
// addresses outside of the cluster last.
//
//	table "endpoints"    endpoint, kind, namespace, isolated, enforced
//	table "connections"  from, from kind, to, to kind, ports, verdict, why
//
// Cells are found by their names; others are ignored. A pair of which no row says
// anything is denied, but only when the run came to its end: in a run that was cut
// off it is unknown, and the picture says so. So is a verdict that is not known
// here. Paths that were not examined, and a run that is UNPROVEN, are said in the
// picture too. A pair with several answers, each for other ports, shows the worst
// one (not enforced, unknown, allowed) and a corner for the next; all of them are
// in its tooltip. Ranges of addresses may overlap: a range has the answers of those
// that it lies in, and where they cover only a part of it the picture says that.
//
//	up to 80 on a side   each endpoint
//	more                 each namespace: how many of the pairs are open
//	over 200 namespaces, the reason, in the picture, and nothing else
//	over 8,000 endpoints
//
// Open is what is allowed or not enforced. Nothing is taken to be open or denied
// that no row says.
//
// What is kept of a run is one byte for each pair of endpoints, 64 MB at most, the
// endpoints themselves, and the texts of up to 4 rows a pair while there are at
// most 160 endpoints, 800 bytes a row. Names longer than 2,000 bytes are cut and
// told apart by a hash.
//
// The picture is SVG 1.1 with presentation attributes only: no scripts, no styles,
// no links, no fonts of its own. Its background is light everywhere. Nothing is
// told by colour alone, and the colours are of the palette of Okabe and Ito, which
// people see apart whatever their eyes (https://jfly.uni-koeln.de/color/). The same
// run gives the same bytes.
package netmap
