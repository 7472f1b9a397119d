package compose

import (
	"path"
	"regexp"
	"strings"

	"polygraph/internal/evidence"
)

var (
	fileName = regexp.MustCompile(`^(docker-)?compose([._-].*)?\.ya?ml$|^docker-stack([._-].*)?\.ya?ml$|\.(docker-)?compose\.ya?ml$`)
	services = regexp.MustCompile(`(?m)^(services|"services"|'services')[ \t]*:|^\{`)
)

// Detect tells whether a file is a Compose file: by one of the names that Compose
// looks for, with a suffix or not, and by a top-level `services`. A YAML file
// of another name is none, whatever is in it. A file that only includes others
// names no image.
func Detect(name string, head []byte) (*evidence.Kind, *evidence.Problem) {
	base := strings.ToLower(path.Base(strings.ReplaceAll(name, `\`, "/")))
	if !fileName.MatchString(base) || !services.Match(head) {
		return nil, nil
	}
	return evidence.Compose(), nil
}
