package conformance

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"polygraph/test/cluster"
	"polygraph/test/cluster/binary"
)

// testVersion shows that the linker's settings reached all parts. Without them a server calls itself
// v0.0.0-master and decides about features accordingly.
func testVersion(t *testing.T, s suite) {
	got, err := s.admin.Discovery().ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	if got.GitVersion != "v"+string(s.version) || got.Major+"."+got.Minor != s.version.Minor() {
		t.Errorf("the server is %s, %s.%s; want v%s", got.GitVersion, got.Major, got.Minor, s.version)
	}
	if emulated := got.EmulationMajor + "." + got.EmulationMinor; emulated != s.version.Minor() {
		t.Errorf("it emulates %s", emulated)
	}
	if pinned, running := pinnedEtcd(t, s.version), runningEtcd(t, s); pinned != running {
		t.Errorf("etcd %s runs, %s is pinned", running, pinned)
	}
}

// pinnedEtcd is what the pins of the release say.
func pinnedEtcd(t *testing.T, version binary.Version) string {
	root, err := binary.Root()
	if err != nil {
		t.Fatal(err)
	}
	program := binary.Server(version)
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(program.Folder), program.Modfile))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\s*go\.etcd\.io/etcd/server/v3 v(\S+)`).FindSubmatch(text)
	if found == nil {
		t.Fatal("no etcd is pinned in " + program.Modfile)
	}
	return string(found[1])
}

// runningEtcd is what etcd says when it starts.
func runningEtcd(t *testing.T, s suite) string {
	log, err := os.Open(s.Log(cluster.Etcd))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Version string `json:"etcd-version"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Version != "" {
			return line.Version
		}
	}
	t.Fatal("etcd's log does not tell its version")
	return ""
}

// mutatingPolicies is the minor version from which MutatingAdmissionPolicy is served by default.
const mutatingPolicies = 36

// minor is 37 for 1.37.2.
func (s suite) minor(t *testing.T) int {
	t.Helper()
	_, text, _ := strings.Cut(s.version.Minor(), ".")
	number, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// testDiscovery compares what a client sees with what doc.go says about the releases.
func testDiscovery(t *testing.T, s suite) {
	var lists []*metav1.APIResourceList
	eventually(t, "discovery of all groups, also those that other tests define", func(context.Context) (err error) {
		_, lists, err = s.admin.Discovery().ServerGroupsAndResources()
		return err
	})
	served := map[string]bool{}
	for _, list := range lists {
		for _, resource := range list.APIResources {
			served[list.GroupVersion+" "+resource.Name] = true
		}
	}
	always := []string{
		"v1 pods", "v1 pods/resize", "v1 namespaces/finalize", "apps/v1 deployments", "apps/v1 deployments/scale",
		"admissionregistration.k8s.io/v1 validatingadmissionpolicies", "networking.k8s.io/v1 ipaddresses",
		"policy/v1 poddisruptionbudgets", "flowcontrol.apiserver.k8s.io/v1 flowschemas", "apiregistration.k8s.io/v1 apiservices",
		"apiextensions.k8s.io/v1 customresourcedefinitions", "authentication.k8s.io/v1 selfsubjectreviews",
	}
	since := map[string]int{
		"resource.k8s.io/v1 resourceclaims":                         34,
		"storage.k8s.io/v1 volumeattributesclasses":                 34,
		"admissionregistration.k8s.io/v1 mutatingadmissionpolicies": mutatingPolicies,
		"certificates.k8s.io/v1 clustertrustbundles":                37,
		"storagemigration.k8s.io/v1 storageversionmigrations":       37,
	}
	for _, name := range always {
		if !served[name] {
			t.Errorf("%s is not served", name)
		}
	}
	for name, minor := range since {
		if served[name] != (s.minor(t) >= minor) {
			t.Errorf("%s: served is %t", name, served[name])
		}
	}
	// Nothing but what is stable is served unless somebody asks for it: that is the default since 1.24.
	for name := range served {
		groupVersion, _, _ := strings.Cut(name, " ")
		if strings.Contains(groupVersion, "alpha") || strings.Contains(groupVersion, "beta") {
			t.Errorf("%s is served although nobody enabled it", name)
		}
	}
	if t.Failed() {
		names := make([]string, 0, len(served))
		for name := range served {
			names = append(names, name)
		}
		slices.Sort(names)
		t.Log(strings.Join(names, "\n"))
	}
	err := s.admin.Discovery().RESTClient().Get().AbsPath("/apis/apps/v1beta1").Do(t.Context()).Error()
	refused(t, "an API that is gone", err, apierrors.IsNotFound)
	// The documents from which kubectl and everything generated takes its schemas.
	paths, err := s.admin.Discovery().OpenAPIV3().Paths()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"api/v1", "apis/apps/v1", "apis/apiextensions.k8s.io/v1"} {
		if paths[path] == nil {
			t.Errorf("no OpenAPI for %s, but for %d others", path, len(paths))
		}
	}
}
