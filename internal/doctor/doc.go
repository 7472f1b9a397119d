// Package doctor says what is missing before anything can be proven: for each
// capability the evidence that was found, the evidence that is missing or
// stale, and the exact command that gets it in this repository.
//
//	survey of the repository ─┐
//	heard run of check ───────┼─ Diagnosis ──> a run: evidence, skips, rows, summary
//	analyzers and their needs ┘
//
// A diagnosis accuses nobody: findings go in and do not come out. What is not
// proven comes out as the evidence that would settle it. A Diagnosis is pure: it
// is given the survey, the messages and the time; it never looks at the machine.
package doctor
