// Package cli is the command line: one file per command, exit codes in exit.go,
// outputs in output.go. It alone knows cobra, flags and the process around it;
// everything it needs from outside comes in through IO, so that tests run the
// whole tool in-process.
//
// What goes to stdout is data and what goes to stderr is talk. Commands parse
// and refuse; what is true is decided below, in analyzers, and how it is shown
// in the listeners of package report.
package cli
