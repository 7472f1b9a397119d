// Command peer-jsontext is the floor: it reads every token of the plan and does nothing with it but
// follow the actions. No streaming reader that looks at the whole plan can be cheaper with this tokeniser.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/bench/tally"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: peer-jsontext PLAN.json")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "peer-jsontext:", err)
		os.Exit(1)
	}
}

// The actions of a change lie at /resource_changes/N/change/actions/M. Comparing the names of the four
// open containers at that depth is cheaper than building a pointer for each token.
const actionsDepth = 5

func run(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	in := jsontext.NewDecoder(file)
	counts := tally.Tally{}
	var section, name string
	var actions []string
	tokens := 0
	for {
		token, err := in.ReadToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		tokens++
		depth := in.StackDepth()
		switch {
		case depth == 1 && token.Kind() == '"':
			section = token.String()
		case depth == 4 && section == "resource_changes":
			switch token.Kind() {
			case '"':
				name = token.String()
			case ']':
				if name == "actions" {
					counts.Add(actions)
					actions = actions[:0]
				}
				name = ""
			}
		case depth == actionsDepth && name == "actions" && token.Kind() == '"' && section == "resource_changes":
			actions = append(actions, token.String())
		}
	}
	fmt.Fprintln(os.Stderr, tokens, "tokens")
	return counts.Print(os.Stdout)
}
