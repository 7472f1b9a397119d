package tfconfig

import "strings"

// Lock is a dependency lock file.
type Lock struct {
	Path string // as shown to the user
	Dir  string // the folder of the root module that it belongs to

	Providers []Locked
	// Broken tells that there is a lock file that could not be read: what it
	// locks is unknown, which is not the same as nothing.
	Broken bool
}

// Locked is a provider that a lock file names.
type Locked struct {
	Source      string // in full: "registry.terraform.io/hashicorp/aws"
	Version     string
	Constraints string // those of the configuration when it was locked
	Hashes      int    // how many are there: without one, what is installed is not checked
	Offset      int64
}

// Lock reads what a lock file locks.
//
// Source: Terraform, Dependency Lock File
// (developer.hashicorp.com/terraform/language/files/dependency-lock).
func (f *File) Lock() *Lock {
	l := &Lock{Path: f.Path, Dir: f.Dir}
	for i := range f.Blocks {
		b := &f.Blocks[i]
		if b.Type != "provider" || len(b.Labels) == 0 {
			continue
		}
		p := Locked{Source: strings.ToLower(b.Labels[0]), Offset: b.Offset}
		p.Version, _, _ = b.String("version")
		p.Constraints, _, _ = b.String("constraints")
		if a, ok := b.Attribute("hashes"); ok {
			list, _ := a.Value.([]any)
			p.Hashes = len(list)
		}
		l.Providers = append(l.Providers, p)
	}
	return l
}

// Provider returns the entry of a provider.
func (l *Lock) Provider(source string) (*Locked, bool) {
	for i := range l.Providers {
		if l.Providers[i].Source == source {
			return &l.Providers[i], true
		}
	}
	return nil, false
}
