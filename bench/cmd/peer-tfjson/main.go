// Command peer-tfjson is the usual way: the whole plan into the structs of hashicorp/terraform-json.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	tfjson "github.com/hashicorp/terraform-json"

	"polygraph/bench/tally"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: peer-tfjson PLAN.json")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "peer-tfjson:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var plan tfjson.Plan
	if err := json.Unmarshal(data, &plan); err != nil {
		return err
	}
	counts := tally.Tally{}
	for _, rc := range plan.ResourceChanges {
		actions := make([]string, len(rc.Change.Actions))
		for n, action := range rc.Change.Actions {
			actions[n] = string(action)
		}
		counts.Add(actions)
	}
	return counts.Print(os.Stdout)
}
