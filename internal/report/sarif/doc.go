// Package sarif is the listener that writes a run as SARIF 2.1.0 (OASIS, with
// errata 01), for code scanning pages, editors and result managers.
//
// Results are written while findings come in. Kept in memory are the header, a
// bounded list of notifications and artifacts, and counts: usually less than a
// megabyte, and below 64 MB when every text in them is as long as is kept.
//
// What the words become:
//
//	refuted   kind fail, level error, warning or note by severity
//	unproven  kind open, level none (SARIF allows a level only to what failed)
//	holds     kind pass, level none
//	excepted  as its verdict, with a suppression of kind external; what got worse or
//	          was lost since BASE has none, an exception of BASE does not excuse it
//	cut off   executionSuccessful false and an error notification; so is a run
//	          that examined nothing (in a comparison: whose HEAD did) or not what
//	          the user named
//
// In a comparison every result has a baselineState:
//
//	new, unjudged  new: BASE did not have it (unjudged: it did not look)
//	worse          updated
//	same           unchanged
//	lost           updated, kind open: HEAD can no longer tell. Not absent, because
//	               a result manager closes what is absent
//	fixed, removed absent, kind informational, level none: a reader that does not
//	               know baselineState must not take them for problems of HEAD
//
// What only BASE has keeps the verdict of BASE in its properties, and its label
// says so. A rule that HEAD no longer applies has no result; a notification of
// level error tells.
//
// A log has 25,000 results at most, the first ones. The stream has what fails
// first, in a comparison NEW, then WORSE, then LOST, then what is overdue, so what
// is cut off is what matters least; a notification counts it.
//
// Commands that judge no claim (doctor, environments) have no results. Their rows
// and their conclusion are notifications: level warning for what is missing, with
// the command that gets it, note for the rest.
//
// Places. GitHub refuses a result without an artifact and wants a startLine. A
// place whose line is not known says line 1 and lineUnknown in its properties; a
// finding without any place gets the first evidence of the run and placeAssumed.
// SARIF does not allow a byteOffset beside a startLine unless both mean the same
// bytes, so offsets, and columns in bytes, are properties; there are no columns
// in regions and so no columnKind.
//
// Identity. partialFingerprints has polygraph/v1, the fingerprint, and the same
// value as primaryLocationLineHash, the only one that GitHub code scanning reads.
// It is no hash of a line and does not look like one: all findings about a plan
// of one line would otherwise be one alert. The uploader warns that it would have
// computed another value, and keeps this one.
//
// GitHub ignores kind, suppressions and baselineState: it shows excepted findings
// as open alerts and, from a comparison, also fixed ones. Upload the SARIF of
// `check`; code scanning compares by itself.
//
// This package refuses to guess: it writes no fixes, because a remedy's patch
// does not say which bytes it replaces, no security-severity outside of the
// capabilities that are about security, and no semanticVersion that is none.
package sarif
