package engine

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"testing"
)

// Provider is a plugin that a workspace may use, as required_providers names it.
type Provider struct {
	Source  string // "hashicorp/time"
	Version string // "0.14.2"
	Binary  string // path of the plugin
}

// Plugin builds a provider from a nested module.
func Plugin(t testing.TB, source, version string, b Build) Provider {
	t.Helper()
	return Provider{Source: source, Version: version, Binary: b.Run(t)}
}

// Time is the real provider of time_static, time_sleep and time_rotating: small, offline, and its
// resources are replaced when their triggers change.
func Time(t testing.TB) Provider {
	t.Helper()
	return Plugin(t, "hashicorp/time", "0.14.2", Build{
		Module: "test/providertime", Package: "github.com/hashicorp/terraform-provider-time", Binary: "terraform-provider-time",
	})
}

// A source address without a host means another registry to each engine. The mirror answers for both.
var hosts = []string{"registry.terraform.io", "registry.opentofu.org"}

// install puts the provider into a filesystem mirror in the unpacked layout.
func (p Provider) install(mirror string) error {
	name := fmt.Sprintf("terraform-provider-%s_v%s", path.Base(p.Source), p.Version)
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	for _, host := range hosts {
		folder := filepath.Join(mirror, host, filepath.FromSlash(p.Source), p.Version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		if err := os.Symlink(p.Binary, filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}
