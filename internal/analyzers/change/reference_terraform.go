package change

import (
	"path"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/tfconfig"
	"polygraph/internal/tfplan"
)

// terraformReferences judges what configuration refers to and does not hold
// itself: modules, providers, machine images.
func terraformReferences(pass *analysis.Pass) {
	r := gatherConfiguration(pass)
	if r == nil {
		return
	}
	for _, m := range r.modules {
		r.unreadable(m)
		for i := range m.Calls {
			r.call(m, &m.Calls[i])
		}
		r.providers(m)
		r.images(m)
	}
	for _, m := range r.terragrunt {
		r.unreadable(m)
		r.terragruntSource(m)
	}
	r.settle()
}

// configurationReferences is the configuration under examination.
type configurationReferences struct {
	*analysis.Pass
	modules    []*tfconfig.Module
	terragrunt []*tfconfig.Module // one for each terragrunt.hcl
	byDir      map[string]*tfconfig.Module
	called     map[string]bool // folders that a module or a terragrunt.hcl of the evidence calls
	locks      map[string]*tfconfig.Lock
	// named are folders of which the user named files: what else lies there
	// was not looked at.
	named   map[string]bool
	unread  unread
	plans   []analysis.Result[*tfplan.Plan]
	pending []configVerdict
}

func gatherConfiguration(pass *analysis.Pass) *configurationReferences {
	r := &configurationReferences{
		Pass: pass, byDir: map[string]*tfconfig.Module{}, called: map[string]bool{},
		locks: map[string]*tfconfig.Lock{}, named: map[string]bool{},
	}
	var files []*tfconfig.File
	for _, f := range analysis.Values[*tfconfig.File](pass, facts.Configuration()) {
		if f.Item.Named {
			r.named[f.Value.Dir] = true
		}
		if f.Value.Problem != nil {
			r.unread.add(f.Value, f.Item.Blob)
		}
		if f.Item.Kind == evidence.Terragrunt() {
			r.terragrunt = append(r.terragrunt, tfconfig.Modules([]*tfconfig.File{f.Value})...)
			continue
		}
		files = append(files, f.Value)
	}
	if len(files)+len(r.terragrunt) == 0 {
		return nil
	}
	for _, l := range analysis.Values[*tfconfig.Lock](pass, facts.Lock()) {
		r.locks[l.Value.Dir] = l.Value
	}
	for _, m := range r.terragrunt {
		for _, b := range m.Files[0].Blocks {
			if a, ok := b.Attribute("source"); ok && b.Type == "terraform" {
				s, _ := m.Resolve(a).String()
				r.called[m.Target(strings.ReplaceAll(s, "//", "/"))] = true
			}
		}
	}
	r.plans = analysis.Values[*tfplan.Plan](pass, facts.Plan())
	r.modules = tfconfig.Modules(files)
	for _, m := range r.modules {
		r.byDir[m.Dir] = m
		for i := range m.Calls {
			if s, ok := m.Resolve(m.Calls[i].Source.Attribute).String(); ok && m.Target(s) != "" {
				r.called[m.Target(s)] = true
			}
		}
	}
	return r
}

// configVerdict is a verdict that waits for the name of its subject.
type configVerdict struct {
	rule    *analysis.Rule
	dir     string // the folder of the module in which the subject stands
	address string // and its address there
	finding finding.Finding
	path    string // of a claim that holds: the evidence for it
}

// holds notes that a claim holds.
func (r *configurationReferences) holds(rule *analysis.Rule, dir, kind, address, path string) {
	r.pending = append(r.pending, configVerdict{rule, dir, address, finding.Finding{Subject: finding.Subject{Kind: kind}, Verdict: finding.Holds}, path})
}

// report notes a finding whose subject has its kind only.
func (r *configurationReferences) report(rule *analysis.Rule, dir, kind, address string, f finding.Finding) {
	f.Subject.Kind = kind
	if f.Verdict == finding.Refuted {
		r.doubt(rule, dir, &f)
	}
	r.pending = append(r.pending, configVerdict{rule, dir, address, f, ""})
}

// settle names the subjects and hands the verdicts on.
//
// Configuration has no name of its own: module.vpc stands in many folders. A
// subject is called by its address and the name of the folder that it stands
// in, "prod:module.vpc", and not by the path, which is another one in another
// checkout. Where two folders of one name have the same address, as many
// folders above them are named as tell them apart: "eu/prod:module.vpc". The
// folder in which Polygraph was started has no name.
func (r *configurationReferences) settle() {
	type group struct{ kind, base, address string }
	dirs := map[group]map[string]bool{}
	of := func(j *configVerdict) group { return group{j.finding.Subject.Kind, tail(j.dir, 1), j.address} }
	for i := range r.pending {
		g := of(&r.pending[i])
		if dirs[g] == nil {
			dirs[g] = map[string]bool{}
		}
		dirs[g][r.pending[i].dir] = true
	}
	for i := range r.pending {
		j := &r.pending[i]
		name := tail(j.dir, depthThatTells(j.dir, dirs[of(j)]))
		j.finding.Subject.Identity = j.address
		if name != "" {
			j.finding.Subject.Identity = name + ":" + j.address
		}
		if j.finding.Verdict == finding.Holds {
			r.Hold(j.rule, j.path, j.finding.Subject, "")
			continue
		}
		r.Report(j.rule, j.finding)
	}
}

// depthThatTells is how many folders from the end tell a folder from the others.
func depthThatTells(dir string, others map[string]bool) int {
	for n := 1; ; n++ {
		same := 0
		for o := range others {
			if tail(o, n) == tail(dir, n) {
				same++
			}
		}
		if same <= 1 || n > strings.Count(dir, "/") {
			return n
		}
	}
}

// tail is the last n folders of a path.
func tail(dir string, n int) string {
	dir = strings.Trim(path.Clean(dir), "/")
	if dir == "." {
		return ""
	}
	parts := strings.Split(dir, "/")
	return strings.Join(parts[max(0, len(parts)-n):], "/")
}

// configAt locates an argument or a block of the configuration.
func configAt(f *tfconfig.File, offset int64, object string) finding.Location {
	return finding.Location{File: f.Path, Offset: offset, Object: object}
}

// inFolder is a command that Terraform runs in the folder of a module.
func inFolder(dir, command string) string {
	if dir == "." {
		return "terraform " + command
	}
	return "terraform -chdir=" + shellWord(dir) + " " + command
}

// shellWord quotes a word for a POSIX shell where that is needed.
func shellWord(s string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("/._-:@+", c)
	}
	if s != "" && strings.IndexFunc(s, func(c rune) bool { return !plain(c) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
