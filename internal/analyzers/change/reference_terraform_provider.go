package change

import (
	"path"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/pinning"
	"polygraph/internal/tfconfig"
)

const providerRequirement = "terraform-provider"

// isRoot tells whether Terraform is run in the folder of a module. A folder
// that another module calls is run with its caller, and one that a
// terragrunt.hcl names has its lock file there; one that has neither a
// backend, nor a lock file, nor a provider block of its own is meant to be
// called, by somebody who is not in the evidence. Examples and tests of a
// module are roots that nobody keeps.
func (r *configurationReferences) isRoot(m *tfconfig.Module) bool {
	switch {
	case r.surelyRoot(m):
		return true
	case r.called[m.Dir] || r.isExample(m):
		return false
	}
	return len(m.Backends) > 0 || slices.ContainsFunc(m.Providers, configures)
}

// surelyRoot tells whether a module is a root whoever else calls it.
func (r *configurationReferences) surelyRoot(m *tfconfig.Module) bool {
	return r.locks[m.Dir] != nil || len(m.Backends) > 0 && !emptyBackend(m) && !isFixture(m.Dir)
}

// isFixture tells whether a folder is one of those in which programs keep what
// they are tested with: Go leaves testdata out of its packages.
func isFixture(dir string) bool {
	for folder := range strings.SplitSeq(dir, "/") {
		switch folder {
		case "testdata", "test-fixtures", "__fixtures__", "testfiles", "integrationtest", "integrationtests":
			return true
		}
	}
	return false
}

// belowExamples tells whether a folder lies among examples, tests or
// documentation. That alone proves nothing: "test" is the name of environments
// too.
func belowExamples(dir string) bool {
	for folder := range strings.SplitSeq(dir, "/") {
		switch folder {
		case "examples", "example", "tests", "test", "fixtures", "docs", "website":
			return true
		}
	}
	return false
}

// configures tells whether a provider block configures anything. One that has
// an alias and nothing else is a proxy: up to Terraform 0.14 a module that is
// meant to be called declared so which configurations its caller has to pass.
//
// Source: Terraform, Providers Within Modules, Legacy Shared Modules with
// Provider Configurations, Proxy Configuration Blocks
// (developer.hashicorp.com/terraform/language/modules/develop/providers).
func configures(p tfconfig.Placed) bool {
	_, aliased := p.Attribute("alias")
	return !aliased || len(p.Attributes)+len(p.Blocks) > 1
}

// emptyBackend tells whether the backend says nothing: it is given on the
// command line then, or by Terragrunt, which runs the module from elsewhere and
// keeps the lock file there.
//
// Source: Terragrunt, Lock File Handling (terragrunt.gruntwork.io/docs/reference/lock-files).
func emptyBackend(m *tfconfig.Module) bool {
	for _, b := range m.Backends {
		if b.Type == "cloud" || len(b.Attributes)+len(b.Blocks) > 0 {
			return false
		}
	}
	return len(m.Backends) > 0
}

// isExample tells whether a module shows or tests how another one is used, as
// the standard structure of a module has it: it lies in a folder examples or
// tests and calls a module that does not; or it is a fixture.
func (r *configurationReferences) isExample(m *tfconfig.Module) bool {
	if isFixture(m.Dir) {
		return true
	}
	if !belowExamples(m.Dir) {
		return false
	}
	for i := range m.Calls {
		s, ok := m.Resolve(m.Calls[i].Source.Attribute).String()
		if to := m.Target(s); ok && to != "" && !belowExamples(to) {
			return true
		}
	}
	return false
}

// rootBy cites what makes a module a root.
func rootBy(m *tfconfig.Module) []finding.Statement {
	for _, list := range [][]tfconfig.Placed{m.Backends, m.Providers} {
		for _, b := range list {
			if b.Type == "provider" && !configures(b) {
				continue
			}
			name := strings.TrimSpace(b.Type + " " + b.Label(0))
			return []finding.Statement{{Text: "Terraform is run in this folder: it has a block " + name, At: configAt(b.File, b.Offset, name)}}
		}
	}
	return nil
}

// provider is a provider that a root module needs, with where that is said.
type provider struct {
	name, source, constraint string
	known                    bool
	at                       finding.Location
	said                     string
	assumed                  bool // no required_providers names it
}

func (r *configurationReferences) providers(m *tfconfig.Module) {
	if !r.isRoot(m) {
		return
	}
	for _, p := range needed(m) {
		r.provider(m, p)
	}
}

// needed are the providers that required_providers or a provider block names.
func needed(m *tfconfig.Module) []provider {
	var out []provider
	has := func(name string) bool {
		return slices.ContainsFunc(out, func(p provider) bool { return p.name == name })
	}
	for i := range m.RequiredProviders {
		q := &m.RequiredProviders[i]
		if has(q.Name) || strings.HasPrefix(q.Source, "terraform.io/builtin/") {
			continue
		}
		p := provider{q.Name, q.Source, q.Constraint, q.Known, configAt(q.File, q.Offset, "provider."+q.Name), "required_providers says " + q.Name + " " + q.Constraint, false}
		if !q.HasConstraint {
			p.said = "required_providers names " + q.Name + " without a version"
		}
		out = append(out, p)
	}
	for _, b := range m.Providers {
		name := b.Label(0)
		if name == "" || name == "terraform" || has(name) {
			continue
		}
		p := provider{name, tfconfig.ProviderSource("", name), "", true, configAt(b.File, b.Offset, "provider."+name), "provider " + name + " is configured here, and no required_providers names it", true}
		if a, ok := b.Attribute("version"); ok { // deprecated, and a constraint all the same
			s, isString := a.Value.(string)
			p.constraint, p.known, p.at.Offset = s, a.Known && isString, a.Offset
			p.said = "provider " + name + " says version " + s
		}
		out = append(out, p)
	}
	return out
}

func (r *configurationReferences) provider(m *tfconfig.Module, p provider) {
	address := "provider." + p.name
	lock := r.locks[m.Dir]
	if l, ok := lockedProvider(lock, p.source); ok && l.Version != "" {
		r.holds(providerRule, m.Dir, providerRequirement, address, lock.Path)
		return
	}
	f := finding.Finding{Proof: []finding.Statement{{Text: p.said, At: p.at}}}
	unproven := func(title, evidence, get string) {
		f.Verdict, f.Title = finding.Unproven, title
		f.Missing = []finding.Missing{{Evidence: evidence, Get: get}}
		r.report(providerRule, m.Dir, providerRequirement, address, f)
	}
	j := pinning.Provider(p.constraint)
	switch {
	case lock != nil && lock.Broken:
		unproven("the lock file cannot be read", "a lock file that parses", inFolder(m.Dir, "init")+", and commit what it writes")
	case !p.known || j.Verdict == pinning.Unknown:
		unproven("its constraint is not written out", "the version constraint of "+p.name, "write it as a literal in required_providers")
	case j.Verdict == pinning.Pinned || r.exactBelow(m, p.source, map[string]bool{}):
		r.holds(providerRule, m.Dir, providerRequirement, address, p.at.File)
	case p.assumed && r.named[m.Dir]:
		unproven("whether required_providers names it was not looked at", "the other files of the folder", "check the folder and not its files")
	case lock == nil && r.named[m.Dir]:
		unproven("whether there is a lock file was not looked at", "the "+tfconfig.LockName+" of the folder", "check the folder and not its files")
	case lock == nil && emptyBackend(m):
		if len(r.terragrunt) > 0 {
			unproven("its backend is empty: whoever runs it may keep the lock file elsewhere", "the "+tfconfig.LockName+" beside the terragrunt.hcl that names this module",
				"check the folder of the terragrunt.hcl too, or commit the lock file here")
			return
		}
		unproven("its backend is empty: whoever runs it gives the rest, and may keep the lock file elsewhere", "the "+tfconfig.LockName+" with which it is run",
			"commit the lock file here, or check the folder that has it too")
	case !r.surelyRoot(m) && path.Base(path.Dir(m.Dir)) == "modules":
		unproven("it lies among modules that others call, and nothing but a provider block says that Terraform is run here",
			"the module that calls it, or its backend and lock file", "check the folder of its caller too")
	case !r.surelyRoot(m) && belowExamples(m.Dir):
		f.Severity = finding.Low
		unproven("it lies among examples or tests, and nothing but a provider block says that Terraform is run here",
			"whether anybody keeps what it makes: a backend or a lock file", "commit the lock file here if it is run")
	default:
		f.Verdict, f.Title = finding.Refuted, "no lock file decides its version"
		f.Proof[0].Text += ": " + j.Why
		f.Proof = append(f.Proof, rootBy(m)...)
		if lock != nil {
			f.Title = "the lock file does not name it"
			f.Proof = append(f.Proof, finding.Statement{Text: tfconfig.LockName + " names other providers, and not " + p.source, At: finding.Location{File: lock.Path}})
		}
		f.Remedy = finding.Remedy{
			Text:     "Lock the versions, with the checksums of the platforms that plan and apply, and commit the lock file.",
			Commands: []string{inFolder(m.Dir, "providers lock -platform=linux_amd64 -platform=darwin_arm64")},
		}
		r.report(providerRule, m.Dir, providerRequirement, address, f)
	}
}

// lockedProvider finds a provider in a lock file. OpenTofu takes a source
// without a host for one of its own registry.
func lockedProvider(l *tfconfig.Lock, source string) (*tfconfig.Locked, bool) {
	if l == nil {
		return nil, false
	}
	if p, ok := l.Provider(source); ok {
		return p, true
	}
	if name, ok := strings.CutPrefix(source, "registry.terraform.io/"); ok {
		return l.Provider("registry.opentofu.org/" + name)
	}
	return nil, false
}

// exactBelow tells whether a module that this one calls, in the evidence, wants
// exactly one version of the provider: that decides for the root too.
func (r *configurationReferences) exactBelow(m *tfconfig.Module, source string, seen map[string]bool) bool {
	for i := range m.Calls {
		s, ok := m.Resolve(m.Calls[i].Source.Attribute).String()
		dir := m.Target(s)
		child := r.byDir[dir]
		if !ok || child == nil || seen[dir] {
			continue
		}
		seen[dir] = true
		for _, p := range needed(child) {
			if p.source == source && p.known && pinning.Provider(p.constraint).Verdict == pinning.Pinned {
				return true
			}
		}
		if r.exactBelow(child, source, seen) {
			return true
		}
	}
	return false
}
