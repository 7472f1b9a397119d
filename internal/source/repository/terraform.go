package repository

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"polygraph/internal/doctor"
)

// folder is a folder with something of Terraform in it.
type folder struct {
	config
	files      int // of configuration
	tofuFiles  int // of them for OpenTofu alone
	terragrunt bool
	lock       bool
	tofuLock   bool
	plan       bool // a plan lies here
	state      bool // a state lies here
	initiated  bool
	varFiles   []string
	newest     time.Time
	newestFile string
}

func (s *survey) terraform(dir string) *folder {
	f := s.folders[dir]
	if f == nil {
		f = &folder{}
		if len(s.folders) < most {
			s.folders[dir] = f
		} else {
			s.limit("there are more than %d folders of Terraform; the rest was left out", most)
		}
	}
	return f
}

// configured takes a file that Terraform, OpenTofu or Terragrunt reads.
func (s *survey) configured(f found) {
	vars := strings.HasSuffix(f.base, ".tfvars") || strings.HasSuffix(f.base, ".tfvars.json")
	if vars {
		s.variables(f)
		return
	}
	text, info, whole := s.open(f.rel, s.limits.Bytes)
	if info == nil {
		return
	}
	if !whole {
		s.limit("%s is larger than %d KiB; only its start was looked at", s.at(f.rel), s.limits.Bytes>>10)
	}
	d := s.terraform(f.dir)
	switch {
	case f.base == ".terraform.lock.hcl":
		d.lock = true
		d.tofuLock = bytes.Contains(text, []byte(`"registry.opentofu.org/`))
		return
	case f.base == "terragrunt.hcl":
		d.terragrunt = true
		d.add(scan(text))
	case strings.HasSuffix(f.base, ".json"):
		d.files++
		d.add(scanJSON(text))
	default:
		d.files++
		d.add(scan(text))
	}
	if strings.HasSuffix(f.base, ".tofu") || strings.HasSuffix(f.base, ".tofu.json") {
		d.tofuFiles++
	}
	d.touch(info.ModTime(), s.at(f.rel))
}

// variables notes a file of variables that Terraform reads only when told to.
func (s *survey) variables(f found) {
	base := strings.TrimSuffix(f.base, ".json")
	if base == "terraform.tfvars" || strings.HasSuffix(base, ".auto.tfvars") {
		return
	}
	if d := s.terraform(f.dir); len(d.varFiles) < 100 {
		d.varFiles = append(d.varFiles, f.base)
	}
}

func (d *folder) touch(at time.Time, name string) {
	if at.After(d.newest) {
		d.newest, d.newestFile = at, name
	}
}

// classify tells root modules from those that others call.
func (s *survey) classify() {
	called := map[string]bool{}
	dirs := slices.Sorted(maps.Keys(s.folders))
	for _, dir := range dirs {
		for _, source := range s.folders[dir].calls {
			if target := path.Join(dir, source); target != dir {
				called[target] = true
			}
		}
	}
	for _, dir := range dirs {
		d := s.folders[dir]
		why := d.why(called[dir])
		switch {
		case why != "":
			s.out.Roots = append(s.out.Roots, s.asRoot(dir, d, why))
		case d.files > 0:
			s.out.Modules++
		}
	}
}

// why says what shows that a folder is planned on its own; "" when nothing
// does. A module that others call may hold providers and even a lock file, so
// these count only where nobody calls it.
func (d *folder) why(called bool) string {
	switch {
	case d.terragrunt && (d.source || d.include):
		return "terragrunt"
	case d.files == 0:
		return ""
	case d.cloud:
		return "cloud"
	case d.backend:
		return "backend"
	case d.plan:
		return "plan"
	case d.state:
		return "state"
	case d.initiated && d.lock && !called:
		return "initiated"
	case d.provider && !called:
		return "provider"
	case d.lock && !called:
		return "lock file"
	}
	return ""
}

func (s *survey) asRoot(dir string, d *folder, why string) doctor.Root {
	r := doctor.Root{Folder: s.at(dir), Tool: "terraform", Why: why, VarFiles: d.varFiles, Initiated: d.initiated}
	switch {
	case why == "terragrunt":
		r.Tool = "terragrunt"
	case d.tofuLock || d.tofuFiles == d.files && d.files > 0:
		r.Tool = "tofu"
	}
	r.Newest, r.NewestFile = s.newest(dir, map[string]bool{})
	return r
}

// newest looks at a module and at all that it calls below the folder.
func (s *survey) newest(dir string, seen map[string]bool) (time.Time, string) {
	var newest folder
	queue := []string{dir}
	for len(queue) > 0 {
		dir, queue = queue[0], queue[1:]
		d := s.folders[dir]
		if seen[dir] || d == nil {
			continue
		}
		seen[dir] = true
		newest.touch(d.newest, d.newestFile)
		for _, source := range d.calls {
			queue = append(queue, path.Join(dir, source))
		}
	}
	return newest.newest, newest.newestFile
}
