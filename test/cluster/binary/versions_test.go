package binary

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// parse reads the pins of a program of ours.
func parse(t *testing.T, p Program) *modfile.File {
	t.Helper()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	return parseFile(t, filepath.Join(root, filepath.FromSlash(p.Folder), p.Modfile))
}

func parseFile(t *testing.T, path string) *modfile.File {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := modfile.Parse(path, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func requirement(file *modfile.File, module string) string {
	for _, r := range file.Require {
		if r.Mod.Path == module {
			return r.Mod.Version
		}
	}
	return ""
}

// upstream is what the release itself requires and where it keeps its staging modules.
func upstream(t *testing.T, v Version) *modfile.File {
	t.Helper()
	// Its go.mod alone; the sources are not needed.
	list := exec.Command("go", "list", "-m", "-f", "{{.GoMod}}", "k8s.io/kubernetes@v"+string(v))
	list.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
	list.Dir = t.TempDir() // outside of any module
	out, err := list.Output()
	path := strings.TrimSpace(string(out))
	if err != nil || path == "" {
		missing := "the go.mod of k8s.io/kubernetes " + string(v) + " can be had neither from the module cache nor from the proxy"
		if os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	return parseFile(t, path)
}

func TestPinsAgreeWithTheVersions(t *testing.T) {
	for _, v := range Versions() {
		t.Run(string(v), func(t *testing.T) {
			pins := parse(t, Server(v))
			if got := requirement(pins, "k8s.io/kubernetes"); got != "v"+string(v) {
				t.Errorf("%s requires k8s.io/kubernetes %s", pins.Syntax.Name, got)
			}
			_, rest, _ := strings.Cut(string(v), ".")
			want := "v0." + rest
			if got := requirement(pins, "k8s.io/component-base"); got != want {
				t.Errorf("k8s.io/component-base is required at %s, want %s", got, want)
			}
			staging := 0
			for _, r := range pins.Replace {
				if !strings.HasPrefix(r.Old.Path, "k8s.io/") {
					continue
				}
				staging++
				if r.New.Path != r.Old.Path || r.New.Version != want {
					t.Errorf("%s is replaced by %s %s, want %s", r.Old.Path, r.New.Path, r.New.Version, want)
				}
			}
			if staging < 20 {
				t.Errorf("only %d staging modules are pinned", staging)
			}
		})
	}
}

func TestPinsAgreeWithTheRelease(t *testing.T) {
	for _, v := range Versions() {
		t.Run(string(v), func(t *testing.T) {
			release, pins := upstream(t, v), parse(t, Server(v))
			pinned := map[string]bool{}
			for _, r := range pins.Replace {
				pinned[r.Old.Path] = true
			}
			for _, r := range release.Replace {
				if strings.HasPrefix(r.New.Path, "./staging/") && !pinned[r.Old.Path] {
					t.Errorf("%s is a staging module of the release and not pinned", r.Old.Path)
				}
			}
			for _, module := range []string{"go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/client/v3", "go.etcd.io/etcd/api/v3"} {
				if got, want := requirement(pins, module), requirement(release, module); got != want || want == "" {
					t.Errorf("%s is pinned at %q, the release has %q", module, got, want)
				}
			}
		})
	}
}

func TestKwoksVersionIsThePinnedOne(t *testing.T) {
	if got := requirement(parse(t, Kwok()), "sigs.k8s.io/kwok"); got != "v"+Kwok().Version {
		t.Errorf("Kwok says %s, the pins say %s", Kwok().Version, got)
	}
}

func TestKubectlsVersionIsThePinnedOne(t *testing.T) {
	_, rest, _ := strings.Cut(Kubectl().Version, ".")
	for _, module := range []string{"k8s.io/kubectl", "k8s.io/component-base", "k8s.io/client-go"} {
		if got := requirement(parse(t, Kubectl()), module); got != "v0."+rest {
			t.Errorf("Kubectl says %s, the pins say %s %s", Kubectl().Version, module, got)
		}
	}
}

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]Version{
		"1.37": Newest, "v1.37": Newest, "1.37.2": Newest, "v1.33.13": Older, "1.33": Older,
		"": "", "1": "", "1.3": "", "1.37.1": "", "latest": "", "vv1.37": "",
	} {
		got, err := ParseVersion(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
}

// A release whose variables the linker does not find starts as v0.0.0.
func TestReleaseSetsVersionOfServerAndClients(t *testing.T) {
	set := strings.Join(Newest.release(), "\n")
	for _, want := range []string{`component-base/version\.gitVersion=v1\.37\.2`, `component-base/version\.gitMinor=37`, `client-go/pkg/version\.gitVersion=v1\.37\.2`} {
		if !regexp.MustCompile(want).MatchString(set) {
			t.Errorf("nothing sets %s:\n%s", want, set)
		}
	}
}
