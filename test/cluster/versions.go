package cluster

import (
	"os"
	"strings"
	"testing"

	"polygraph/test/cluster/binary"
)

// Versions are those that a test about more than one is to run on: what POLYGRAPH_CLUSTER_VERSIONS
// lists ("all", or "1.37,1.33"), else the newest alone, because each further one costs minutes to build
// and a minute to test. A version that is listed and not built is no reason to be silent: see [Test].
func Versions(t testing.TB) []binary.Version {
	t.Helper()
	named := os.Getenv("POLYGRAPH_CLUSTER_VERSIONS")
	switch named {
	case "":
		return []binary.Version{binary.Newest}
	case "all":
		return binary.Versions()
	}
	var versions []binary.Version
	for text := range strings.SplitSeq(named, ",") {
		v, err := binary.ParseVersion(strings.TrimSpace(text))
		if err != nil {
			t.Fatalf("POLYGRAPH_CLUSTER_VERSIONS: %v", err)
		}
		versions = append(versions, v)
	}
	return versions
}
