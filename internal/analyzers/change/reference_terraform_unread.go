package change

import (
	"bytes"
	"cmp"
	"io"
	"path"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/tfconfig"
)

// unread are the files that could not be read, by what they might call: a local
// source ends in the name of the folder that it leads to, or leads upwards.
type unread struct {
	names  map[string]*tfconfig.File // what stands between the slashes and quotes of a file
	above  map[string]*tfconfig.File // the folders above a file, and its own
	beyond *tfconfig.File            // one that is too long to be searched
}

// maxUnread bounds how much of a file is searched.
const maxUnread = 1 << 20

func (u *unread) add(f *tfconfig.File, blob evidence.Blob) {
	if u.names == nil {
		u.names, u.above = map[string]*tfconfig.File{}, map[string]*tfconfig.File{}
	}
	for dir := f.Dir; u.above[dir] == nil; dir = path.Dir(dir) {
		u.above[dir] = f
	}
	text := make([]byte, min(blob.Size(), maxUnread))
	n, err := blob.ReadAt(text, 0)
	if blob.Size() > maxUnread || err != nil && err != io.EOF {
		u.beyond = f
		return
	}
	if !bytes.Contains(text[:n], []byte("source")) {
		return
	}
	for _, word := range strings.FieldsFunc(string(text[:n]), func(c rune) bool { return strings.ContainsRune("\"/?\r\n", c) }) {
		if u.names[word] == nil {
			u.names[word] = f
		}
	}
}

// caller is a file that might call the module of a folder.
func (u *unread) caller(dir string) *tfconfig.File {
	return cmp.Or(u.above[dir], u.names[path.Base(dir)], u.beyond)
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
	f.Verdict, f.Severity, f.Remedy = finding.Unproven, finding.Info, finding.Remedy{}
	f.Title = name + " cannot be read, and it may decide this"
	if u.Dir != dir {
		f.Title = name + " of another folder cannot be read, and it may call this module"
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
