package kubeobj

import (
	"context"
	"path"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
)

// headSize is about what Detect is shown of a long file; of a shorter head it
// is known that nothing follows.
const headSize = 64 << 10

var (
	uid      = regexp.MustCompile(`(?m)^[ \t]+"?uid"?[ \t]*:|[{,]"uid":"`)
	revision = regexp.MustCompile(`(?m)^[ \t]+"?resourceVersion"?[ \t]*:[ \t]*"|[{,]"resourceVersion":"`)
)

// Detect tells Kubernetes objects by apiVersion and kind, and those of a cluster
// by uid and resourceVersion as far as the head shows them: Object.Live is what
// to trust. Text that nobody rendered yet is a Problem when there is nothing
// else in the file. Configuration of client programs, a kubeconfig above all,
// is no evidence.
func Detect(name string, head []byte) (*evidence.Kind, *evidence.Problem) {
	base := strings.ToLower(path.Base(strings.ReplaceAll(name, `\`, "/")))
	ext := path.Ext(base)
	switch ext {
	case ".yaml", ".yml", ".json", "", ".j2", ".jinja", ".jinja2", ".tpl", ".tmpl", ".gotmpl", ".erb", ".ytt", ".jsonnet", ".libsonnet":
	default:
		return nil, nil
	}
	text := string(head)
	if wide, ok := narrow(text); ok {
		if looks(wide) {
			return nil, wideText()
		}
		return nil, nil
	}
	text = strings.TrimPrefix(text, byteOrderMark)
	switch ext {
	case ".jsonnet", ".libsonnet":
		if strings.Contains(text, "apiVersion") && strings.Contains(text, "kind") {
			return nil, jsonnet().problem()
		}
		return nil, nil
	case ".yaml", ".yml", ".json", "":
	default:
		if t := templated(text); t != nil && looks(text) {
			return nil, t.problem()
		}
		return nil, nil
	}
	if base == "kustomization.yaml" || base == "kustomization.yml" || base == "kustomization" {
		return evidence.KubernetesManifest(), nil
	}
	if !looks(text) {
		return nil, nil
	}
	if len(head) < headSize {
		if kind, p := whole(name, text); kind == nil {
			return nil, p
		}
	}
	if uid.MatchString(text) && revision.MatchString(text) {
		return evidence.KubernetesLive(), nil
	}
	return evidence.KubernetesManifest(), nil
}

// whole reads a file of which all is known, when there is a doubt about it.
func whole(name, text string) (*evidence.Kind, *evidence.Problem) {
	kind := evidence.KubernetesManifest()
	if templated(text) == nil && !clientLike.MatchString(text) {
		return kind, nil
	}
	r := &reader{ctx: context.Background(), path: name, text: text, f: &File{}, tree: &tree{}}
	if err := r.all(); err != nil || len(r.f.Objects) > 0 || len(r.f.Unread) == 0 {
		return kind, nil
	}
	for i := range r.f.Unread {
		if !r.f.Unread[i].Template && !r.f.Unread[i].Client {
			return kind, nil // it says why when it is read
		}
	}
	for _, u := range r.f.Unread {
		if u.Template {
			return nil, (&template{u.Reason, u.Do}).problem()
		}
	}
	return nil, nil
}

// clientLike finds what may be configuration of a client.
var clientLike = regexp.MustCompile(`(?m)^[ \t{,]*["']?(apiVersion["']?[ \t]*:[ \t]*["']?([a-z0-9.-]*\.(io|dev|com)|builtin|openslo|skaffold)/|kind["']?[ \t]*:[ \t]*["']?Config\b)`)

func (t *template) problem() *evidence.Problem { return &evidence.Problem{Reason: t.reason, Do: t.do} }

// looks tells whether a document of a text has apiVersion and kind at its top.
// The head of a long file may end before the kind: kubectl sorts names, and
// data and items come first.
func looks(text string) bool {
	if isJSON(text) {
		if is, sure := looksJSON(text); sure {
			return is
		}
	}
	version, kind := false, false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "---") {
			version, kind = false, false
			continue
		}
		inner := strings.TrimLeft(line, " -")
		switch {
		case strings.HasPrefix(line, "- "): // objects in a list without a kind
			version = version || strings.HasPrefix(inner, "apiVersion:")
			kind = kind || strings.HasPrefix(inner, "kind:")
		case inner != line:
			// The objects of a list have theirs further in.
			kind = kind || version && strings.HasPrefix(inner, "kind:")
		case isJSON(line):
			version = version || strings.Contains(line, "apiVersion")
			kind = kind || strings.Contains(line, "kind")
		default:
			field, _, _ := strings.Cut(line, ":")
			field = strings.Trim(field, " \t\"'")
			version = version || field == "apiVersion"
			kind = kind || field == "kind"
		}
		if version && kind {
			return true
		}
	}
	return len(text) >= headSize && versioned.MatchString(text)
}

var versioned = regexp.MustCompile(`(?m)^apiVersion:[ \t]*["']?([a-z0-9.-]+/)?v[0-9]+((alpha|beta)[0-9]+)?["']?[ \t\r]*$|"apiVersion"[ \t]*:[ \t]*"([a-z0-9.-]+/)?v[0-9]+((alpha|beta)[0-9]+)?"`)

// looksJSON looks at the names at the top of a JSON text, as far as it goes;
// not sure when it is no JSON.
func looksJSON(text string) (is, sure bool) {
	dec := jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowDuplicateNames(true))
	if _, err := dec.ReadToken(); err != nil {
		return false, false
	}
	version, kind := false, false
	for {
		if dec.PeekKind() == '}' {
			return false, true
		}
		tok, err := dec.ReadToken()
		if err != nil {
			break
		}
		name := tok.String()
		switch name {
		case "apiVersion":
			version = true
		case "kind":
			kind = true
		}
		if version && kind {
			return true, true
		}
		if err := dec.SkipValue(); err != nil {
			if cut(err) {
				break
			}
			return false, false
		}
	}
	if len(text) < headSize {
		return false, false // cut by nobody here: whatever it is, it is no JSON
	}
	return version && versioned.MatchString(text), true
}

// narrow takes every other byte of a text in UTF-16: enough to recognise it.
func narrow(text string) (string, bool) {
	from := 0
	switch {
	case strings.HasPrefix(text, "\xff\xfe"):
		from = 2
	case strings.HasPrefix(text, "\xfe\xff"):
		from = 3
	default:
		return "", false
	}
	var b strings.Builder
	for i := from; i < len(text); i += 2 {
		b.WriteByte(text[i])
	}
	return b.String(), true
}
