// Package junit is the listener that writes a run as JUnit XML, the form of test
// results that CI systems read.
//
//	testsuites          the run
//	  testsuite         "polygraph": whether the run is whole, what was not examined;
//	                    the answers of commands that judge no claim (doctor)
//	  testsuite         a rule; package is its analyzer
//	    testcase        a finding; classname "change.CHG002", name is the subject
//	    testcase        "examined and TRUE": passes when the claim held for something
//
// A failed test is a reason for the gate to fail, nothing else is:
//
//	check                                compare
//	refuted         failure              worse (also lost, overdue)   failure
//	unproven        skipped              unjudged: BASE did not look  error
//	excepted        skipped              refuted or unproven as in BASE, unproven and new,
//	holds           passed               excepted, removed            skipped
//	                                     fixed                        passed
//
// What was false in BASE and still is does not pass: it is skipped, because a
// green mark beside a lie would be one. Errors say that the run cannot be relied
// on: it was cut off, examined nothing, or not what the user named. Rules that
// judged nothing are skipped. --min-severity is not known here: the exit status
// is the gate, this is its report.
//
// One lie is one failure, lost evidence is one of its own. "nothing got worse"
// fails only for what no other case shows, such as a rule that was not applied;
// beside other failures it is skipped, because it would not be true. An exception
// of BASE does not excuse what got worse.
//
// Counts come before the cases in JUnit, so cases are kept until the end: the
// first 25,000 with names and messages, and 8 MB of bodies; findings come worst
// first. That is 90 MB at most, when every name is as long as is allowed, and
// about 20 MB in practice. What is left out is counted and said.
//
// Elements and attributes are those of the schema of the Jenkins xUnit plugin
// (junit-10.xsd), the strictest that is in use; it knows no file and no line on a
// testcase, so places are in the text. Characters that XML 1.0 cannot have become
// visible text.
package junit
