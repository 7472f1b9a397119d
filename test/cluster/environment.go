package cluster

import "strings"

// environment keeps of a person's settings what a program needs to run, and those of Go, which somebody who
// looks for a fault in a part may want to set. The rest could change what a part does: a proxy, a
// kubeconfig, the account of a cloud, an address of telemetry.
func environment(all []string) []string {
	var kept []string
	for _, line := range all {
		switch name, _, _ := strings.Cut(line, "="); name {
		case "PATH", "TMPDIR", "TZ", "LANG",
			"GOCOVERDIR", "GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK":
			kept = append(kept, line)
		}
	}
	return kept
}
