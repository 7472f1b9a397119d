package acme

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// providerVersion is the version under which terraform finds the mock.
const providerVersion = "6.25.0"

// ErrNoEngine says that neither terraform nor tofu is installed.
var ErrNoEngine = errors.New("no terraform: set TERRAFORM, or put terraform or tofu on PATH")

// Engine runs terraform or tofu in one directory, with the mock as its only provider.
type Engine struct {
	Binary string
	Dir    string   // the configuration
	Env    []string // what the engine sees, and nothing of the user's own settings
}

// FindEngine returns the path of terraform or tofu.
func FindEngine() (string, error) {
	if path := os.Getenv("TERRAFORM"); path != "" {
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoEngine
}

// Provider is the mock as an engine finds it, built once for all roots.
type Provider struct{ binary, config string }

// NewProvider builds the provider of the Go module in module and installs it below work.
func NewProvider(module, work string) (*Provider, error) {
	binary, err := FindEngine()
	if err != nil {
		return nil, err
	}
	mirror := filepath.Join(work, "mirror")
	plugin := pluginPath(mirror, "registry.terraform.io")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", plugin, "./cmd/terraform-provider-aws")
	build.Dir = module
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the mock provider in %s: %w\n%s", module, err, out)
	}
	// OpenTofu looks for the same source under its own host, and follows no symbolic link there.
	tofu := pluginPath(mirror, "registry.opentofu.org")
	if err := os.MkdirAll(filepath.Dir(tofu), 0o755); err != nil {
		return nil, err
	}
	if err := os.Link(plugin, tofu); err != nil {
		return nil, err
	}
	config := filepath.Join(work, "cli.tfrc")
	text := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	return &Provider{binary: binary, config: config}, os.WriteFile(config, []byte(text), 0o644)
}

// Engine returns an engine whose configuration and cloud lie below work.
func (p *Provider) Engine(work string) (*Engine, error) {
	e := &Engine{Binary: p.binary, Dir: filepath.Join(work, "configuration")}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "MOCKAWS_") {
			e.Env = append(e.Env, variable)
		}
	}
	cloud := filepath.Join(work, "cloud")
	e.Env = append(e.Env, "TF_CLI_CONFIG_FILE="+p.config, "TF_IN_AUTOMATION=1", "MOCKAWS_CLOUD="+cloud)
	return e, errors.Join(os.MkdirAll(cloud, 0o755), os.MkdirAll(e.Dir, 0o755))
}

func pluginPath(mirror, host string) string {
	return filepath.Join(mirror, host, "hashicorp", "aws", providerVersion, runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-aws_v"+providerVersion)
}

// Run returns what the engine wrote to stdout.
func (e *Engine) Run(args ...string) ([]byte, error) {
	cmd := exec.Command(e.Binary, args...)
	cmd.Dir, cmd.Env = e.Dir, e.Env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s%s", filepath.Base(e.Binary), strings.Join(args, " "), err, stdout.Bytes(), stderr.Bytes())
	}
	return stdout.Bytes(), nil
}
