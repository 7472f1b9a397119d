// Command agree runs `polygraph net list` over a file, without and with
// witnesses, and compares its rows with those of the evaluator of pairs. It says
// that Calico enforces the policies, so that nothing is unknown for want of an
// engine.
//
//	agree POLYGRAPH FILE
//
// It prints how many rows they agree on, and fails where they do not.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"polygraph/bench/net/pairwise"
	"polygraph/bench/net/rows"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: agree POLYGRAPH FILE")
		os.Exit(2)
	}
	if err := compare(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "agree: %s: %v\n", os.Args[2], err)
		os.Exit(1)
	}
}

func compare(polygraph, name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	c, err := pairwise.Read(data)
	if err != nil {
		return err
	}
	want := c.Rows()
	plain := want.Plain()
	want.Merge()
	want.WithoutSelf() // what a workload may say to its own pods stands in neither
	for _, flags := range [][]string{nil, {"--explain"}} {
		got, err := list(polygraph, name, flags, c)
		if err != nil {
			return err
		}
		if err := rows.Difference(strings.Join(append([]string{"polygraph net list"}, flags...), " "), got, "the evaluator of pairs", &want); err != nil {
			return err
		}
	}
	fmt.Printf("%d rows are equal; counted as each IPv4 range by itself: %d\n", want.Len(), plain)
	return nil
}

// list are the rows of the program; with --explain they are cut by who decided,
// and joined again here.
func list(polygraph, name string, flags []string, c *pairwise.Cluster) (*rows.Set, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(polygraph, append(append([]string{"net", "list", "--json", "--cni", "calico"}, flags...), name)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) {
		return nil, fmt.Errorf("%w\n%s", err, stderr.String())
	}
	got, err := rows.ReadRun(&stdout, c.Families())
	if err != nil {
		return nil, err
	}
	got.WithoutSelf()
	if err := got.Join(pairwise.JoinPorts); err != nil {
		return nil, err
	}
	got.Merge()
	return got, nil
}
