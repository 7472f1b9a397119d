package dockerfile

import (
	"bytes"
	"path"
	"strings"

	"polygraph/internal/evidence"
)

// Detect tells whether a file is a Dockerfile: by its name, and by its first
// instruction, which can only be FROM or ARG.
func Detect(name string, head []byte) (*evidence.Kind, *evidence.Problem) {
	if !named(name) || bytes.IndexByte(head, 0) >= 0 {
		return nil, nil
	}
	// Other files begin with that name too, so only the plain name is a promise.
	var broken *evidence.Problem
	if base := strings.ToLower(path.Base(strings.ReplaceAll(name, `\`, "/"))); base == "dockerfile" || base == "containerfile" {
		broken = &evidence.Problem{Reason: "it is called " + path.Base(name) + " and does not begin with FROM or ARG and an argument", Do: "mend it, or give it another name"}
	}
	in, ok := newReader(head).next()
	if !ok {
		return nil, broken
	}
	words := in.words()
	first := strings.ToUpper(in.text[words[0][0]:words[0][1]])
	if len(words) < 2 || first != "FROM" && first != "ARG" {
		return nil, broken
	}
	return evidence.Dockerfile(), nil
}

// named knows Dockerfile, Containerfile, with a suffix behind a dot, a dash or
// an underscore, and NAME.Dockerfile.
func named(name string) bool {
	base := strings.ToLower(path.Base(strings.ReplaceAll(name, `\`, "/")))
	for _, n := range []string{"dockerfile", "containerfile"} {
		if base == n || strings.HasSuffix(base, "."+n) {
			return true
		}
		if rest, ok := strings.CutPrefix(base, n); ok && rest != "" && strings.IndexByte(".-_", rest[0]) >= 0 {
			return !strings.HasSuffix(rest, "ignore")
		}
	}
	return false
}
