package repository

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared is the folder of real data.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("POLYGRAPH_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared")
	}
	dir = filepath.Join(dir, "data", name)
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("POLYGRAPH_STRICT") == "1" || os.Getenv("POLYGRAPH_SHARED") != "" {
			t.Fatalf("no real data: %v", err)
		}
		t.Skipf("no real data: %v", err)
	}
	return dir
}

// TestRealConfigurations: judged by eye. A root of govwifi has a backend; the
// other folders beside it are called by one, also govwifi-frontend, which holds
// a provider. What users of a published module copy are its examples; the
// module itself and its wrappers are planned by nobody.
func TestRealConfigurations(t *testing.T) {
	t.Chdir(shared(t, "tf"))
	s := look(t, ".", Limits{})
	var got []string
	for _, r := range s.Roots {
		got = append(got, r.Folder+" "+r.Why)
		if r.Tool != "terraform" || r.NewestFile == "" {
			t.Errorf("%+v", r)
		}
	}
	var expected []string
	for _, group := range []struct{ folder, why, names string }{
		{"govwifi-terraform/govwifi", "backend", "alpaca staging tools wifi wifi-london"},
		{"terraform-aws-s3-bucket/examples", "provider", "account-public-access complete directory-bucket notification object s3-analytics s3-inventory s3-replication table-bucket vectors"},
		{"terraform-aws-vpc/examples", "provider", "block-public-access complete flow-log ipam ipv6-dualstack ipv6-only issues manage-default-vpc network-acls outpost secondary-cidr-blocks separate-route-tables simple"},
	} {
		for name := range strings.FieldsSeq(group.names) {
			expected = append(expected, group.folder+"/"+name+" "+group.why)
		}
	}
	want(t, "roots", got, expected)
	want(t, "modules", s.Modules, 42)
	want(t, "files", s.Files, 414)
	want(t, "limits", s.Limits, []string(nil))
}

// TestRealPlans: each of them is known as a plan by its content.
func TestRealPlans(t *testing.T) {
	t.Chdir(shared(t, "plans"))
	if s := look(t, ".", Limits{}); len(s.Plans) != 66 || len(s.Roots) != 0 {
		t.Errorf("%d plans and %d roots, want 66 and none", len(s.Plans), len(s.Roots))
	}
}

// TestRealManifests counts what a later capability will look at.
func TestRealManifests(t *testing.T) {
	t.Chdir(shared(t, "k8s"))
	if s := look(t, ".", Limits{}); s.Manifests == 0 || len(s.Plans)+len(s.Roots)+len(s.Runs) != 0 {
		t.Errorf("%d manifests, %d plans, %d roots", s.Manifests, len(s.Plans), len(s.Roots))
	}
}
