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
	if named == "" {
		return []binary.Version{binary.Newest}
	}
	versions, err := binary.ParseVersions(strings.Split(named, ","))
	if err != nil {
		t.Fatalf("POLYGRAPH_CLUSTER_VERSIONS: %v", err)
	}
	return versions
}
