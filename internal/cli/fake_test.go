package cli

import (
	"encoding/json"
	"errors"
	"os/exec"
	"strconv"
)

// planText is a plan that deletes one bucket: with force_destroy its content is
// lost, without it is not, and when the plan does not say so nobody knows. "high"
// deletes a queue instead, which is less grave.
func planText(verdict, address string) []byte {
	kind := "aws_s3_bucket"
	before := map[string]any{"id": "logs", "bucket": "logs"}
	switch verdict {
	case "refuted":
		before["force_destroy"] = true
	case "holds":
		before["force_destroy"] = false
	case "unproven":
	case "high":
		kind = "aws_sqs_queue"
	default:
		panic("no such verdict: " + verdict)
	}
	text, err := json.Marshal(map[string]any{
		"format_version": "1.2", "terraform_version": "1.11.4",
		"configuration": map[string]any{"root_module": map[string]any{}},
		"resource_changes": []any{map[string]any{
			"address": address, "mode": "managed", "type": kind, "name": "logs",
			"provider_name": "registry.terraform.io/hashicorp/aws",
			"change": map[string]any{
				"actions": []string{"delete"}, "before": before, "after": nil,
				"after_unknown": map[string]any{}, "before_sensitive": map[string]any{}, "after_sensitive": false,
			},
		}},
	})
	if err != nil {
		panic(err)
	}
	return text
}

func exitCodeOf(err error) int {
	var e *exec.ExitError
	if errors.As(err, &e) {
		return e.ExitCode()
	}
	return -1
}

func itoa(n int) string { return strconv.Itoa(n) }
