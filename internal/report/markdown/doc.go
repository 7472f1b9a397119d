// Package markdown is the listener that writes the comment for a pull or merge
// request, in the Markdown that GitHub and GitLab share.
//
// It is short and puts the difference first: the direction with its reasons, the
// evidence that was lost and how to get it back, what fails (NEW, then WORSE, then
// overdue, each with room of its own), what was lost, then what was fixed or
// excepted, and at last what is as it was. Of commands that judge no claim it shows
// the conclusion, the rows and what is missing. The first line is a hidden marker,
// so that a workflow can find its own comment and update it.
//
// A comment has a limit of 65,536 characters. What is written here stays below
// MaxBytes whatever the run holds, says what was left out and how to see it.
// What is kept of a run while it streams is a few capped lists and counters.
//
// Names come from hostile files. Text of a run is only ever written as a code
// span, as a code block, as HTML with its signs escaped, or as a sentence. In a
// sentence a word on which something would act (Markdown, or the passes of GitHub
// and GitLab that turn @name, #1 or :smile: into something else) is a code span;
// all other words stay as they are, with an escape where a sign needs one.
//
// The package reads nothing and sends nothing. It never decides what is false.
package markdown
