package engine

import (
	"os"
	"strings"
)

// environment is that of the test without anything that steers Terraform from outside: a developer's
// TF_VAR_region or TF_LOG must not change what a test proves.
func environment(config string) []string {
	var kept []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "TF_") && !strings.HasPrefix(pair, "TOFU_") {
			kept = append(kept, pair)
		}
	}
	return append(kept, "TF_CLI_CONFIG_FILE="+config, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
}
