package tfconfig

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// Module is what lies in one folder, override files laid over the others.
type Module struct {
	Dir   string
	Files []*File

	Calls             []Call
	RequiredProviders []RequiredProvider
	RequiredVersions  []Argument
	Backends          []Placed // backend and cloud blocks
	Providers         []Placed
	Resources         []Placed
	Data              []Placed

	Locals    map[string]Argument
	Variables map[string]Placed
}

// Placed is a block and the file in which it stands.
type Placed struct {
	*Block
	File *File
}

// Address is the address of the block in its module: "aws_instance.web",
// "data.aws_ami.a", "module.m", "var.x".
func (p Placed) Address() string {
	name := strings.Join(p.Labels, ".")
	switch p.Type {
	case "resource":
		return name
	case "variable":
		return "var." + name
	}
	return p.Type + "." + name
}

// Argument is an attribute and the file in which it stands. The zero value is
// one that is not written.
type Argument struct {
	*Attribute
	File *File
}

// Call is a module block.
type Call struct {
	Placed
	Name            string
	Source, Version Argument // zero when they are not written
}

// RequiredProvider is an entry of required_providers.
type RequiredProvider struct {
	Name string // its local name
	// Source is where it comes from, in full:
	// "registry.terraform.io/hashicorp/aws". For an entry without one it is what
	// Terraform takes it for.
	Source     string
	Constraint string
	// HasConstraint tells that there is one, Known that source and constraint are literal.
	HasConstraint, Known bool

	Argument
	Offset int64 // of the constraint, or of the entry when there is none
}

// Modules groups files by their folders, in the order of the folders.
func Modules(files []*File) []*Module {
	byDir := map[string]*Module{}
	var out []*Module
	for _, f := range files {
		m := byDir[f.Dir]
		if m == nil {
			m = &Module{Dir: f.Dir, Locals: map[string]Argument{}, Variables: map[string]Placed{}}
			byDir[f.Dir] = m
			out = append(out, m)
		}
		m.Files = append(m.Files, f)
	}
	slices.SortFunc(out, func(a, b *Module) int { return cmp.Compare(a.Dir, b.Dir) })
	for _, m := range out {
		m.gather()
	}
	return out
}

// Unread is a file of the folder that could not be read, nil when there is
// none. One that is laid over others comes first: it could change all of them.
func (m *Module) Unread() *File {
	for i := len(m.Files) - 1; i >= 0; i-- {
		if m.Files[i].Problem != nil {
			return m.Files[i]
		}
	}
	return nil
}

// gather sorts the blocks of the files. Override files come last, and what they
// say is laid over the block of the same name.
//
// Source: Terraform, Override Files
// (developer.hashicorp.com/terraform/language/files/override).
func (m *Module) gather() {
	slices.SortStableFunc(m.Files, func(a, b *File) int {
		return cmp.Or(compareBool(a.Overrides(), b.Overrides()), cmp.Compare(a.Path, b.Path))
	})
	m.Files = slices.DeleteFunc(m.Files, m.shadowed)
	for _, f := range m.Files {
		over := f.Overrides()
		for i := range f.Blocks {
			b := Placed{&f.Blocks[i], f}
			switch b.Type {
			case "module":
				m.call(b, over)
			case "terraform":
				m.settings(b, over)
			case "provider":
				m.Providers = append(m.Providers, b)
			case "resource":
				m.Resources = lay(m.Resources, b, over)
			case "data":
				m.Data = lay(m.Data, b, over)
			case "variable":
				m.Variables[b.Label(0)] = b
			case "locals":
				for j := range b.Attributes {
					m.Locals[b.Attributes[j].Name] = Argument{&b.Attributes[j], f}
				}
			}
		}
	}
}

// shadowed tells whether a .tofu file of the same name takes the place of a .tf
// file: who writes both runs OpenTofu.
//
// Source: OpenTofu, Files and Directories (opentofu.org/docs/language/files).
func (m *Module) shadowed(f *File) bool {
	base, ok := strings.CutSuffix(f.Path, ".tf")
	other := base + ".tofu"
	if !ok {
		if base, ok = strings.CutSuffix(f.Path, ".tf.json"); !ok {
			return false
		}
		other = base + ".tofu.json"
	}
	return slices.ContainsFunc(m.Files, func(o *File) bool { return o != nil && o.Path == other })
}

// lay adds a block, or lays one of an override file over what it overrides. The
// merged block has the place of the first.
func lay(list []Placed, b Placed, over bool) []Placed {
	if over {
		for i := range list {
			if slices.Equal(list[i].Labels, b.Labels) {
				list[i].Block = merged(list[i].Block, b.Block)
				return list
			}
		}
	}
	return append(list, b)
}

// merged returns a with the arguments of b. The places of those are in the
// override file, so they take the place of what they replace.
func merged(a, b *Block) *Block {
	out := *a
	out.Attributes = slices.Clone(a.Attributes)
	for _, n := range b.Attributes {
		n.Offset, n.End, n.Members = a.Offset, a.End, nil
		if i := slices.IndexFunc(out.Attributes, func(x Attribute) bool { return x.Name == n.Name }); i >= 0 {
			n.Offset, n.End = out.Attributes[i].Offset, out.Attributes[i].End
			out.Attributes[i] = n
		} else {
			out.Attributes = append(out.Attributes, n)
		}
	}
	// Its nested blocks take the place of all of the same type, but those of
	// lifecycle are merged argument by argument.
	replaces := func(n Block) bool {
		return n.Type != "lifecycle" && slices.ContainsFunc(b.Blocks, func(o Block) bool { return nestedType(&o) == nestedType(&n) })
	}
	out.Blocks = slices.Concat(slices.DeleteFunc(slices.Clone(a.Blocks), replaces), placed(b.Blocks, a.Offset))
	return &out
}

// placed returns blocks of an override file with the place of what they override.
func placed(list []Block, at int64) []Block {
	out := slices.Clone(list)
	for i := range out {
		out[i].Offset, out[i].End = at, at
		out[i].Attributes = slices.Clone(out[i].Attributes)
		for j := range out[i].Attributes {
			a := &out[i].Attributes[j]
			a.Offset, a.End, a.Members = at, at, nil
		}
		out[i].Blocks = placed(out[i].Blocks, at)
	}
	return out
}

// nestedType is the type of a nested block: a dynamic block makes those of its
// label.
func nestedType(b *Block) string {
	if b.Type == "dynamic" {
		return b.Label(0)
	}
	return b.Type
}

func (m *Module) call(b Placed, over bool) {
	c := Call{Placed: b, Name: b.Label(0)}
	argument := func(name string) Argument {
		if a, ok := b.Attribute(name); ok {
			return Argument{a, b.File}
		}
		return Argument{}
	}
	c.Source, c.Version = argument("source"), argument("version")
	if over {
		for i := range m.Calls {
			if o := &m.Calls[i]; o.Name == c.Name {
				if c.Source.Attribute != nil {
					o.Source = c.Source
				}
				if c.Version.Attribute != nil {
					o.Version = c.Version
				}
				o.Block = merged(o.Block, b.Block)
				return
			}
		}
	}
	m.Calls = append(m.Calls, c)
}

func (m *Module) settings(b Placed, over bool) {
	if a, ok := b.Attribute("required_version"); ok {
		m.RequiredVersions = append(m.RequiredVersions, Argument{a, b.File})
	}
	for i := range b.Blocks {
		n := &b.Blocks[i]
		switch n.Type {
		case "backend", "cloud":
			if over {
				m.Backends = nil // one of an override file takes the place of all
			}
			m.Backends = append(m.Backends, Placed{n, b.File})
		case "required_providers":
			for j := range n.Attributes {
				p := required(&n.Attributes[j], b.File)
				if k := slices.IndexFunc(m.RequiredProviders, func(o RequiredProvider) bool { return o.Name == p.Name }); k >= 0 && over {
					m.RequiredProviders[k] = p
				} else {
					m.RequiredProviders = append(m.RequiredProviders, p)
				}
			}
		}
	}
}

// required reads aws = { source = "...", version = "..." }, or the constraint
// alone, as Terraform 0.12 had it.
func required(a *Attribute, f *File) RequiredProvider {
	p := RequiredProvider{Name: a.Name, Argument: Argument{a, f}, Offset: a.Offset, Known: true}
	switch v := a.Value.(type) {
	case string:
		p.Constraint, p.HasConstraint, p.Known = v, true, a.Known
	case map[string]any:
		source, written := v["source"]
		s, ok := source.(string)
		p.Source, p.Known = s, ok || !written
		if c, written := v["version"]; written {
			p.HasConstraint, p.Offset = true, a.At("/version")
			s, ok := c.(string)
			p.Constraint, p.Known = s, p.Known && ok
		}
	default:
		p.Known = false
	}
	p.Source = ProviderSource(p.Source, p.Name)
	return p
}

// ProviderSource writes the source of a provider in full, as lock files do. An
// entry without a source is taken for one of HashiCorp's.
//
// Source: Terraform, Provider Requirements, Source Addresses
// (developer.hashicorp.com/terraform/language/providers/requirements).
func ProviderSource(source, name string) string {
	if source == "" {
		source = name
	}
	switch parts := strings.Split(strings.ToLower(source), "/"); len(parts) {
	case 1:
		return "registry.terraform.io/hashicorp/" + parts[0]
	case 2:
		return "registry.terraform.io/" + parts[0] + "/" + parts[1]
	default:
		return strings.Join(parts, "/")
	}
}

// Target is the folder that a local source leads to, as paths are shown here,
// "" for a source that is not local.
func (m *Module) Target(source string) string {
	if source != "." && source != ".." && !strings.HasPrefix(source, "./") && !strings.HasPrefix(source, "../") {
		return ""
	}
	return path.Join(m.Dir, source)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
