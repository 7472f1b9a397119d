// Package term is what people see in a terminal: the listener that prints a
// run, the progress line, and the pages of `explain` and `rules`.
//
// The order is that of reading: what is false first, on one line that says
// which claim about which thing; then the proof with its places, then the
// remedy; the verdict of the whole run last. Symbols and words carry the
// meaning, colour only repeats it. Everything streams: a table of 42,000 rows
// is printed while it comes in. What is folded (known findings, excepted ones,
// those that lack the same evidence, what only BASE had) is held as counters and
// as lists of at most 20 lines.
//
// Unless everything is asked for, the page is bounded: 200 findings with their
// proofs, 5,000 on one line each, and the others as counts per rule. What fails
// comes first in the stream and is cut last.
//
// In a comparison every finding starts with what became of it (NEW, WORSE, LOST,
// ...), and the last line is the direction instead of the verdict.
//
// The package writes to the io.Writer it is given. It does not ask the machine
// for the terminal's width, colours or the time; package cli does and says so
// in Options. It never decides what is false.
package term
