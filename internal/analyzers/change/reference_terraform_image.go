package change

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/tfconfig"
	"polygraph/internal/tfplan"
)

const configurationBlock = "terraform-block"

// maxUsers bounds the users of one lookup that a proof cites.
const maxUsers = 8

// images judges the lookups of machine images in one module: data sources by
// who uses them, and references that EC2 resolves itself.
func (r *configurationReferences) images(m *tfconfig.Module) {
	for _, d := range m.Data {
		switch d.Label(0) {
		case "aws_ami":
			r.lookup(m, d, newestImage(m, d))
		case "aws_ssm_parameter":
			r.lookup(m, d, movedParameter(m, d))
		}
	}
	for _, b := range m.Resources {
		eachArgument(b.Block, func(top string, a *tfconfig.Attribute) {
			s, ok := m.Resolve(a).String()
			name, isParameter := strings.CutPrefix(s, "resolve:ssm:")
			if !ok || !isParameter || !imageArgument(a.Name) || !publicAlias(name) {
				return
			}
			if _, ignored := b.Ignores(top); ignored {
				r.holds(machineImageRule, m.Dir, configurationBlock, b.Address(), b.File.Path)
				return
			}
			r.report(machineImageRule, m.Dir, configurationBlock, b.Address(), finding.Finding{
				Verdict: finding.Refuted, Title: "it launches whatever the public parameter says at that moment",
				Proof:  []finding.Statement{{Text: a.Name + " is resolved from " + name + " at each launch, and AWS moves that parameter to each new image", At: configAt(b.File, a.Offset, b.Address())}},
				Remedy: finding.Remedy{Text: "Write the image ID in its place. This is the one of now:", Commands: []string{parameterCommand(name)}},
			})
		})
	}
}

// moving is what a lookup says about itself.
type moving struct {
	concerned bool
	fixed     bool             // it can find one image only
	why       string           // it finds another one as soon as there is one
	at        finding.Location // of that
	missing   string           // what would have to be known to tell
	now       []string         // commands that print what it finds now
}

// newestImage reads a data "aws_ami".
func newestImage(m *tfconfig.Module, d tfconfig.Placed) moving {
	by, byID := filterByID(m, d)
	if by.why != "" {
		return by
	}
	a, ok := d.Attribute("most_recent")
	if !ok || a.Known && a.Value != true && a.Value != "true" {
		return moving{} // it finds one image, or fails
	}
	if byID && by.fixed {
		return by
	}
	out := moving{concerned: true, at: configAt(d.File, a.Offset, d.Address()), now: []string{inFolder(m.Dir, "state show "+shellWord(d.Address()))}}
	out.why = "most_recent takes the newest of the images that the filters find"
	if v := m.Resolve(a); !v.Known || v.Default {
		out.missing = "the value of most_recent"
		return out
	}
	if byID {
		out.missing = "the image ID that the filter looks for, which is computed"
		return out
	}
	for _, f := range d.Nested("filter") {
		name, _, _ := f.String("name")
		values, ok := f.Attribute("values")
		if !ok || name != "name" {
			continue
		}
		pattern, known := oneValue(m, values)
		switch {
		case !known:
			out.missing = "the name that the filter looks for, which is computed"
		case pattern != "" && !strings.ContainsAny(pattern, "*?"):
			out.fixed = true // an exact name
		default:
			out.missing = "" // a pattern, whatever the other filters say
			return out
		}
	}
	if out.missing == "" && !out.fixed && len(d.Nested("dynamic")) > 0 {
		out.missing = "the filters, which are computed"
	}
	return out
}

// oneValue is the only value of a list: "" when there are several, and not known
// when it is computed or the default of a variable.
func oneValue(m *tfconfig.Module, a *tfconfig.Attribute) (string, bool) {
	list, ok := a.Value.([]any)
	if !ok {
		res := m.Resolve(a)
		list, ok = res.Value.([]any)
		if !ok || res.Default {
			return "", false
		}
	}
	if len(list) != 1 {
		for _, v := range list {
			if s, ok := v.(string); ok && strings.ContainsAny(s, "*?") {
				return "*", true
			}
		}
		return "", !slices.ContainsFunc(list, func(v any) bool { _, part := v.(tfconfig.Part); return part })
	}
	switch v := list[0].(type) {
	case string:
		return v, true
	case tfconfig.Part:
		// A pattern whose asterisk is written out is one whatever is filled in.
		if literal := regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(v.Text, ""); strings.Contains(literal, "*") {
			return "*", true
		}
		res := m.Resolve(&tfconfig.Attribute{References: v.References, Text: v.Text})
		s, ok := res.String()
		return s, ok && !res.Default
	}
	return "", false
}

// imageArgument names the arguments that take the ID of a machine image.
func imageArgument(name string) bool {
	switch name {
	case "ami", "ami_id", "image_id", "image_id_override":
		return true
	}
	return false
}

// eachArgument shows every argument of a block and of what is in it, with the
// name by which lifecycle.ignore_changes would know it.
func eachArgument(b *tfconfig.Block, see func(top string, a *tfconfig.Attribute)) {
	var walk func(b *tfconfig.Block, top string)
	walk = func(b *tfconfig.Block, top string) {
		for i := range b.Attributes {
			t := top
			if t == "" {
				t = b.Attributes[i].Name
			}
			see(t, &b.Attributes[i])
		}
		for i := range b.Blocks {
			n := &b.Blocks[i]
			t := top
			if t == "" {
				t = n.Type
				if n.Type == "dynamic" {
					t = n.Label(0)
				}
			}
			if n.Type != "lifecycle" {
				walk(n, t)
			}
		}
	}
	walk(b, "")
}

// lookup judges a data source by its users.
func (r *configurationReferences) lookup(m *tfconfig.Module, d tfconfig.Placed, mv moving) {
	if !mv.concerned {
		return
	}
	all := r.users(m, d)
	if len(all) == 0 {
		return
	}
	f := finding.Finding{Proof: []finding.Statement{{Text: mv.why, At: mv.at}}}
	missing, get := mv.missing, "write it out as a literal"
	moved := 0
	for _, u := range all {
		if u.ignored {
			continue
		}
		if u.missing != "" {
			if missing == "" {
				missing, get = u.missing, u.get
			}
			continue
		}
		if moved++; moved <= maxUsers {
			f.Proof = append(f.Proof, finding.Statement{Text: u.text, At: u.at})
			for _, s := range u.steps {
				f.Proof = append(f.Proof, finding.Statement{Text: s.Name + " hands it on", At: configAt(s.File, s.Offset, s.Name)})
			}
		}
	}
	switch {
	case mv.fixed, moved == 0 && missing == "":
		r.holds(machineImageRule, m.Dir, configurationBlock, d.Address(), d.File.Path)
	case moved == 0, mv.missing != "":
		f.Verdict, f.Title = finding.Unproven, "whether another image is launched when one is published cannot be told"
		f.Missing = []finding.Missing{{Evidence: missing, Get: get}}
		r.report(machineImageRule, m.Dir, configurationBlock, d.Address(), f)
	default:
		f.Verdict = finding.Refuted
		f.Title = "what it finds changes when an image is published, and " + all[0].address + " follows"
		for _, u := range all {
			if !u.ignored && u.missing == "" {
				f.Title = "what it finds changes when an image is published, and " + u.address + " follows"
				break
			}
		}
		if moved > 1 {
			f.Title += fmt.Sprintf(" (and %d more)", moved-1)
		}
		f.Remedy = finding.Remedy{Text: "Write the ID of the image in place of the lookup. This is the one of now:", Commands: mv.now}
		if len(mv.now) == 0 {
			f.Remedy.Text = "Write the ID of the image in place of the lookup."
		}
		if id := r.planned(all); id != "" {
			f.Remedy.Text = "Write the ID of the image in place of the lookup. The plan runs " + id + "."
		}
		r.report(machineImageRule, m.Dir, configurationBlock, d.Address(), f)
	}
}

// planned is the image that a plan has for one of the users, "" when none has
// or plans differ.
func (r *configurationReferences) planned(all []user) string {
	found := ""
	for _, p := range r.plans {
		for i := range p.Value.Changes {
			c := &p.Value.Changes[i]
			if !slices.ContainsFunc(all, func(u user) bool { return u.address == c.Address }) || c.Action == tfplan.UnknownAction {
				continue
			}
			d, err := p.Value.Detail(c)
			if err != nil {
				continue
			}
			for _, name := range []string{"ami", "image_id"} {
				id, _ := d.After[name].(string)
				if !strings.HasPrefix(id, "ami-") {
					continue
				}
				if found != "" && found != id {
					return ""
				}
				found = id
			}
		}
	}
	return found
}
