package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// statusOfJudging is the EXIT STATUS of commands that judge.
const statusOfJudging = `  0    no claim was refuted
  1    a claim was refuted (with --fail-on unproven: or not proven)
  2    the command line is wrong
  3    something that was named could not be examined, nothing was examined,
       or nothing that was examined could be proven
  130  interrupted`

const statusOfComparing = `  0    it got no worse
  1    it got worse (with --fail-on unproven or overdue: that too)
  2    the command line is wrong
  3    a side is no whole run, something that was named could not be examined,
       or BASE did not look at what HEAD judges
  130  interrupted`

const statusOfDiagnosing = `  0    all evidence is there, and fresh
  2    the command line is wrong
  3    evidence is missing or stale, or something is unproven
  130  interrupted`

const statusOfTelling = `  0  done
  2  the command line is wrong
  3  it could not be written`

const statusOfAnswering = `  0  answered
  2  the command line is wrong
  3  nothing is documented about it, or the plan could not be read`

const statusOfCollecting = `  0    every call was answered
  2    the command line is wrong
  3    a call failed, or a plan could not be read; what was collected is kept
  130  interrupted`

// judges marks a command whose exit code is a verdict, ofRuns one whose verdict is
// about two runs.
const (
	judges = "judges"
	ofRuns = "of runs"
)

// help prints what a command is, without templates: they would cost start-up
// time and pull reflection into the binary.
func (a *app) help(c *cobra.Command, _ []string) {
	w := c.OutOrStdout()
	fmt.Fprintln(w, c.Short)
	if c.Long != "" {
		fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(c.Long))
	}
	use := c.UseLine()
	if !c.HasParent() {
		use = "polygraph COMMAND [flags]"
	}
	section(w, "USAGE", "  "+use)
	if c.HasSubCommands() {
		subs := c.Commands()
		if !c.HasParent() {
			subs = a.commands // in the order of their use
		}
		var list strings.Builder
		for _, sub := range subs {
			if !sub.Hidden {
				fmt.Fprintf(&list, "  %-12s %s\n", sub.Name(), sub.Short)
			}
		}
		section(w, "COMMANDS", list.String())
	}
	section(w, "EXAMPLES", c.Example)
	flags := c.NonInheritedFlags()
	c.InheritedFlags().VisitAll(flags.AddFlag)
	section(w, "FLAGS", flags.FlagUsages())
	status := statusOfTelling
	switch {
	case c.Name() == "mutable":
		status = statusOfAnswering
	case c.Name() == "aws":
		status = statusOfCollecting
	case c.Name() == "compare" && c.Annotations[ofRuns] != "":
		status = statusOfComparing
	case c.Name() == "doctor":
		status = statusOfDiagnosing
	case c.Annotations[judges] != "" || !c.HasParent():
		status = statusOfJudging
	}
	section(w, "EXIT STATUS", status)
}

func section(w io.Writer, title, text string) {
	if strings.TrimSpace(text) != "" {
		fmt.Fprintf(w, "\n%s\n%s\n", title, strings.TrimRight(text, "\n "))
	}
}
