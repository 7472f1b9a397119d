// Package exceptions lets owners excuse findings in writing: which rule or
// finding, who answers for it, why, and until when.
//
// An exception is an artifact that is examined like any other. One that has
// expired excuses nothing and is a finding (EXC001); so is one that matches
// nothing although its rule looked (EXC002), and one whose fingerprint several
// findings share, which excuses none of them (EXC003).
//
// It makes no claim true: an excused finding stays in the stream, named with its
// exception. It never matches findings about exceptions, never matches a
// fingerprint by a pattern, and never takes an environment that was only
// inferred for the one that an exception names.
package exceptions
