//go:build linux

package packets

import (
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// insideVariable makes the test binary the process of a network namespace; its
// value is the name with which the process answers.
const insideVariable = "POLYGRAPH_PACKETS_INSIDE"

func TestMain(m *testing.M) {
	if name := os.Getenv(insideVariable); name != "" {
		os.Exit(inside(name, os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// require ends a test on a machine that lacks what it needs.
func require(t *testing.T) {
	t.Helper()
	lacks := func(reason string) {
		t.Helper()
		if os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatalf("POLYGRAPH_STRICT=1 forbids to skip: %s", reason)
		}
		t.Skip(reason)
	}
	if os.Getuid() != 0 {
		lacks("network namespaces need root")
	}
	for tool, from := range map[string]string{"ip": "iproute2", "nft": "nftables"} {
		if _, err := exec.LookPath(tool); err != nil {
			lacks(tool + " is not there: install " + from)
		}
	}
	probe, err := start("probe")
	if err != nil {
		lacks("no network namespace can be made: " + err.Error())
	}
	probe.stop()
}

// number is a variable of the environment, or what holds without it.
func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		t.Fatalf("%s=%q is no number", name, text)
	}
	return n
}
