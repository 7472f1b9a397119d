// Command peer-lean is the cheapest encoding/json can do: a struct of the few fields that matter, while
// the rest of the plan is skipped. It still holds the whole file.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"polygraph/bench/tally"
)

// plan keeps what a summary of the changes needs, the values of each change unparsed.
type plan struct {
	ResourceChanges []struct {
		Address string `json:"address"`
		Type    string `json:"type"`
		Change  struct {
			Actions      []string        `json:"actions"`
			Before       json.RawMessage `json:"before"`
			After        json.RawMessage `json:"after"`
			ReplacePaths [][]any         `json:"replace_paths"`
		} `json:"change"`
		ActionReason string `json:"action_reason"`
	} `json:"resource_changes"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: peer-lean PLAN.json")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "peer-lean:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var p plan
	if err := json.Unmarshal(data, &p); err != nil {
		return err
	}
	counts := tally.Tally{}
	for _, rc := range p.ResourceChanges {
		counts.Add(rc.Change.Actions)
	}
	return counts.Print(os.Stdout)
}
