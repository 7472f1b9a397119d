// Package ruletest lets rules prove themselves from their case files.
//
// A case file is testdata/<ID>.txtar beside the analyzer: a sentence, then
// bad/... and good/... files. A guilty line ends in "# want <ID>", which is cut
// off before the file is read, so that JSON stays JSON. What is not JSON (HCL,
// YAML, a Dockerfile) is changed line by line: a cited line, and every line of
// other paragraphs. From each case four checks are made:
//
//	bad       the rule refutes exactly at the guilty lines and leaves nothing unproven
//	good      the rule holds and refutes nothing
//	mutation  deleting or replacing what the proof cites flips the verdict, at
//	          least once; changing anything unrelated never does
//	honesty   without a part of the evidence the verdict is unproven, never holds
package ruletest
