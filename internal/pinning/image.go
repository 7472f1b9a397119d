package pinning

import (
	"strings"

	"github.com/distribution/reference"
)

// ImageName is a container image reference taken apart.
type ImageName struct {
	Repository string // as Docker completes it: "docker.io/library/alpine"
	Tag        string // "" when none is written
	Digest     string // "sha256:..."
}

// Familiar is the name as people write it, without tag and digest: "alpine".
func (n ImageName) Familiar() string {
	short := strings.TrimPrefix(n.Repository, "docker.io/")
	return strings.TrimPrefix(short, "library/")
}

// Tagged is the name with the tag that is pulled: "alpine:latest".
func (n ImageName) Tagged() string {
	if n.Tag == "" {
		return n.Familiar() + ":latest"
	}
	return n.Familiar() + ":" + n.Tag
}

// ParseImage takes a reference apart by the grammar of the distribution
// specification. It is false for what is no reference, a template included.
func ParseImage(ref string) (ImageName, bool) {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return ImageName{}, false
	}
	n := ImageName{Repository: named.Name()}
	if t, ok := named.(reference.Tagged); ok {
		n.Tag = t.Tag()
	}
	if d, ok := named.(reference.Digested); ok {
		n.Digest = d.Digest().String()
	}
	return n, true
}

// The forms of an image reference.
const (
	FormDigest  = "digest"
	FormImageID = "image ID"
	FormNoTag   = "no tag"
	FormLatest  = "latest"
	FormTag     = "tag"
)

// Image judges the form of a container image reference.
//
// A tag is a name in a registry that whoever may push can move; no tag means
// the tag latest. A digest is computed from the content, and a tag beside it is
// ignored. The empty image scratch is fetched from nowhere.
func Image(ref string) Judgement {
	switch {
	case strings.TrimSpace(ref) == "":
		return Judgement{Verdict: Unknown, Why: "the reference is empty"}
	case ref == "scratch":
		return Judgement{Verdict: Local, Form: "scratch", Why: "scratch is the empty image: nothing is fetched"}
	case IsTemplate(ref):
		if j, ok := templateForm(ref); ok {
			return j
		}
		return Judgement{Verdict: Unknown, Form: "template", Why: "a part of the reference is filled in later"}
	case isImageID(ref):
		return Judgement{Verdict: Pinned, Form: FormImageID, Why: "an image ID is the digest of the image's configuration"}
	}
	n, ok := ParseImage(ref)
	switch {
	case !ok:
		return Judgement{Verdict: Unknown, Why: "this is no image reference"}
	case n.Digest != "":
		return Judgement{Verdict: Pinned, Form: FormDigest, Why: "a digest is computed from the content"}
	case n.Tag == "":
		return Judgement{Verdict: Mutable, Form: FormNoTag, Why: "no tag means `latest`, which is moved with every release"}
	case n.Tag == "latest":
		return Judgement{Verdict: Mutable, Form: FormLatest, Why: "`latest` is moved with every release"}
	}
	return Judgement{Verdict: Mutable, Form: FormTag, Why: "a tag is a name in the registry, and whoever may push can move it"}
}

// IsTemplate tells that a part of a text stands for something else: ${x}, $x,
// {{ x }}, $(x), %{ if }, <%= x %>.
func IsTemplate(s string) bool {
	for _, mark := range []string{"$", "{{", "%{", "<%", "{%"} {
		if strings.Contains(s, mark) {
			return true
		}
	}
	return false
}

// isImageID tells whether this is the full ID of an image that lies on the
// machine: 64 hexadecimal digits, with or without sha256: in front.
func isImageID(s string) bool {
	return isHex(strings.TrimPrefix(s, "sha256:"), 64)
}

func isHex(s string, n int) bool {
	if len(s) != n {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == ""
}
