package change

import (
	"bytes"
	"cmp"
	"io"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/tfconfig"
)

// unread are the files that could not be read, by what they might call. A
// source stands in one line, so it can be found in a file that does not parse.
type unread struct {
	calls map[string]*tfconfig.File // the folders that local sources lead to
	// names are the words of the files whose source is computed: it ends in the
	// name of the folder that it leads to.
	names map[string]*tfconfig.File
	// above are the folders over a file that calls something and does not say what.
	above  map[string]*tfconfig.File
	beyond *tfconfig.File // one that is too long to be searched
}

// maxUnread bounds how much of a file is searched.
const maxUnread = 1 << 20

// sourceOf finds the sources of calls in HCL and in JSON: the string, or the
// expression.
var sourceOf = regexp.MustCompile(`(?m)(?:^|[\s{,])"?source"?\s*[=:][ \t]*(?:"([^"\n]*)"|([^"\s}][^\n]*))`)

func (u *unread) add(f *tfconfig.File, blob evidence.Blob) {
	if u.calls == nil {
		u.calls, u.names, u.above = map[string]*tfconfig.File{}, map[string]*tfconfig.File{}, map[string]*tfconfig.File{}
	}
	text := make([]byte, min(blob.Size(), maxUnread))
	n, err := blob.ReadAt(text, 0)
	if blob.Size() > maxUnread || err != nil && err != io.EOF {
		u.beyond = f
		return
	}
	text = text[:n]
	sources := sourceOf.FindAllSubmatch(text, -1)
	computed := false
	for _, m := range sources {
		source := strings.ReplaceAll(string(m[1]), "//", "/")
		switch {
		case len(m[2]) > 0, strings.Contains(source, "${"):
			computed = true
		case strings.HasPrefix(source, "."):
			keepFirst(u.calls, path.Join(f.Dir, strings.SplitN(source, "?", 2)[0]), f)
		}
	}
	if computed {
		for _, word := range strings.FieldsFunc(string(text), func(c rune) bool { return strings.ContainsRune("\"/?\r\n", c) }) {
			keepFirst(u.names, word, f)
		}
	}
	// A call that is cut off has no source, and what is no text may say anything.
	if len(sources) == 0 && (bytes.Contains(text, []byte("module")) || !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0) {
		for dir := f.Dir; u.above[dir] == nil; dir = path.Dir(dir) {
			u.above[dir] = f
		}
	}
}

// keepFirst keeps the first file of a key.
func keepFirst(m map[string]*tfconfig.File, key string, f *tfconfig.File) {
	if m[key] == nil {
		m[key] = f
	}
}

// caller is a file that might call the module of a folder.
func (u *unread) caller(dir string) *tfconfig.File {
	return cmp.Or(u.calls[dir], u.above[dir], u.names[path.Base(dir)], u.beyond)
}

// unreadable reports the files of a module that could not be read. Terraform
// refuses the whole folder then, and what such a file calls nobody knows.
func (r *configurationReferences) unreadable(m *tfconfig.Module) {
	for _, f := range m.Files {
		if f.Problem == nil {
			continue
		}
		r.report(moduleRefRule, m.Dir, "terraform-file", path.Base(f.Path), finding.Finding{
			Verdict: finding.Unproven, Title: "it cannot be read, and what it refers to is unknown",
			Proof:   []finding.Statement{{Text: f.Problem.Reason, At: finding.Location{File: f.Path}}},
			Missing: []finding.Missing{{Evidence: path.Base(f.Path) + " in a form that parses", Get: f.Problem.Do}},
		})
	}
}

// doubt takes an accusation back that a file which could not be read might
// clear.
func (r *configurationReferences) doubt(rule *analysis.Rule, dir string, f *finding.Finding) {
	u := r.clears(rule, dir)
	if u == nil {
		return
	}
	name := path.Base(u.Path)
	if u.Dir != dir {
		name = tail(u.Dir, 1) + "/" + name
		name = strings.TrimPrefix(name, "/")
	}
	f.Verdict, f.Severity, f.Remedy = finding.Unproven, finding.Info, finding.Remedy{}
	f.Title = name + " cannot be read, and it may decide this"
	if u.Dir != dir {
		f.Title = name + " cannot be read, and it may call this module"
	}
	f.Proof = append(f.Proof, finding.Statement{Text: name + " cannot be read: " + u.Problem.Reason, At: finding.Location{File: u.Path}})
	f.Missing = []finding.Missing{{Evidence: name + " in a form that parses", Get: u.Problem.Do}}
}

// clears is the file that could not be read and might clear an accusation. What
// a provider is required as may stand in every file of the folder, and whether
// the folder is a root in every file that might call it; an override file may
// say anything anew.
func (r *configurationReferences) clears(rule *analysis.Rule, dir string) *tfconfig.File {
	m := r.byDir[dir]
	if m == nil {
		return nil
	}
	u := m.Unread()
	switch {
	case u != nil && (rule == providerRule || u.Overrides()):
		return u
	case rule == providerRule && !r.surelyRoot(m):
		return r.unread.caller(dir)
	}
	return nil
}
