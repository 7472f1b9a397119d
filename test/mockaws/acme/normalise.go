package acme

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

var (
	reLineage   = regexp.MustCompile(`"lineage": "[^"]*"`)
	reTimestamp = regexp.MustCompile(`"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"`)
)

// normalisePlan fixes the time, and the one list that terraform writes in the order of a Go
// map. Every other byte stays as terraform wrote it.
func normalisePlan(plan []byte) ([]byte, error) {
	var top struct {
		RelevantAttributes json.RawMessage `json:"relevant_attributes"`
	}
	if err := json.Unmarshal(plan, &top); err != nil {
		return nil, fmt.Errorf("terraform show -json: %w", err)
	}
	plan, err := sortIn(plan, top.RelevantAttributes)
	return reTimestamp.ReplaceAll(plan, []byte(`"timestamp":"2026-01-01T00:00:00Z"`)), err
}

// normaliseState fixes the lineage, the lists of sensitive paths and the list of checks, whose
// order is that of a Go map too.
func normaliseState(state []byte, lineage string) ([]byte, error) {
	var file struct {
		Resources []struct {
			Instances []struct {
				Sensitive json.RawMessage `json:"sensitive_attributes"`
			} `json:"instances"`
		} `json:"resources"`
		Checks json.RawMessage `json:"check_results"`
	}
	if err := json.Unmarshal(state, &file); err != nil {
		return nil, fmt.Errorf("terraform.tfstate: %w", err)
	}
	for _, resource := range file.Resources {
		for _, instance := range resource.Instances {
			var err error
			if state, err = sortIn(state, instance.Sensitive); err != nil {
				return nil, err
			}
		}
	}
	state, err := sortIn(state, file.Checks)
	return reLineage.ReplaceAll(state, []byte(`"lineage": "`+lineage+`"`)), err
}

// sortIn sorts the elements of every array in text that is equal to list. Separators and
// indentation stay where they are: the elements change places.
func sortIn(text, list []byte) ([]byte, error) {
	if len(list) == 0 {
		return text, nil
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(list, &elements); err != nil {
		return nil, err
	}
	ordered := slices.Clone(elements)
	slices.SortFunc(ordered, func(a, b json.RawMessage) int { return bytes.Compare(a, b) })
	var out bytes.Buffer
	rest := list
	for i, element := range elements {
		at := bytes.Index(rest, element)
		out.Write(rest[:at])
		out.Write(ordered[i])
		rest = rest[at+len(element):]
	}
	out.Write(rest)
	return bytes.ReplaceAll(text, list, out.Bytes()), nil
}
