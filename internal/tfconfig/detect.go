package tfconfig

import (
	"path"
	"strings"

	"polygraph/internal/evidence"
)

// LockName is the name of a dependency lock file.
const LockName = ".terraform.lock.hcl"

// Detect tells configuration by its file name, as Terraform and OpenTofu do:
// they read every file of a folder with one of four suffixes but hidden files
// and what editors leave behind. Variable files (.tfvars) and tests
// (.tftest.hcl) are not configuration; override files are.
//
// Sources: hashicorp/terraform internal/configs/parser_config_dir.go (fileExt,
// IsIgnoredFile); opentofu/opentofu internal/configs/parser_config_dir.go.
func Detect(name string, _ []byte) (*evidence.Kind, *evidence.Problem) {
	base := path.Base(name)
	switch {
	case base == LockName:
		return evidence.TerraformLock(), nil
	case base == "terragrunt.hcl":
		return evidence.Terragrunt(), nil
	case ignored(base), suffix(base) == "":
		return nil, nil
	}
	return evidence.TerraformConfiguration(), nil
}

func ignored(base string) bool {
	return strings.HasPrefix(base, ".") || strings.HasSuffix(base, "~") ||
		strings.HasPrefix(base, "#") && strings.HasSuffix(base, "#")
}

// suffix is what makes a file configuration, "" when nothing does.
func suffix(base string) string {
	for _, s := range []string{".tf.json", ".tofu.json", ".tf", ".tofu"} {
		if strings.HasSuffix(base, s) {
			return s
		}
	}
	return ""
}

// Overrides tells whether what the file says is laid over what others say.
func (f *File) Overrides() bool {
	base := path.Base(f.Path)
	base = strings.TrimSuffix(base, suffix(base))
	return base == "override" || strings.HasSuffix(base, "_override")
}
