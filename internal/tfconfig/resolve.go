package tfconfig

import "strings"

// maxSteps bounds how many variables and locals are followed, and maxFilled what
// they fill into one template: a local of locals of locals doubles each time.
const (
	maxSteps  = 16
	maxFilled = 64 << 10
)

// Resolution is what an argument is worth in its module.
type Resolution struct {
	Value any
	Known bool
	// Text is the template with everything literal filled in, where something
	// remains: "${data.aws_x.y.z}.example.com/app:latest". It is cut as
	// Attribute.Text is, and "" where nothing is known of it.
	Text string
	// Steps are the locals and the defaults that were followed, in order.
	Steps []Step
	// Default tells that one of them is the default of a variable: a caller, a
	// variable file or the environment may say something else.
	Default bool
}

// Step is one definition on the way to a value.
type Step struct {
	Name string // "var.x", "local.y"
	Argument
}

// String returns the value when it is a string.
func (r Resolution) String() (string, bool) {
	s, ok := r.Value.(string)
	return s, ok && r.Known
}

// Resolve follows var.x with a default and local.x, also inside of a template,
// as far as they are literal in the same module. Of a list or an object it
// answers only for the whole.
func (m *Module) Resolve(a *Attribute) Resolution {
	var r Resolution
	if a == nil {
		return r
	}
	r.Value, r.Known = m.resolve(a, &r)
	if !r.Known {
		r.Value = nil
		r.Text = m.fill(a, &r, maxSteps)
	}
	return r
}

// fill writes a template with its locals and defaults filled in, as far as they
// are known.
func (m *Module) fill(a *Attribute, r *Resolution, left int) string {
	if a.Known || a.Text == "" || len(a.Text) >= maxText || left <= 0 {
		if s, ok := text(a.Value); ok && a.Known {
			return escape(s[:min(len(s), maxText)])
		}
		return a.Text
	}
	out := a.Text
	for _, name := range a.References {
		expr := "${" + name + "}"
		if to, isDefault := m.definition(name); to.Attribute != nil && strings.Contains(out, expr) {
			if s := m.fill(to.Attribute, r, left/2); s != "" {
				out = strings.ReplaceAll(out, expr, s)
				r.Default = r.Default || isDefault
			}
		}
		if len(out) >= maxText {
			return out[:maxText]
		}
	}
	return out
}

func (m *Module) resolve(a *Attribute, r *Resolution) (any, bool) {
	switch {
	case a.Known:
		return a.Value, true
	case a.Text == "" || len(a.Text) >= maxText || len(r.Steps) >= maxSteps:
		return nil, false
	}
	out := a.Text
	for _, name := range a.References {
		expr := "${" + name + "}"
		if !strings.Contains(out, expr) {
			continue
		}
		to, isDefault := m.definition(name)
		if to.Attribute == nil || len(r.Steps) >= maxSteps {
			return nil, false
		}
		r.Steps = append(r.Steps, Step{name, to})
		r.Default = r.Default || isDefault
		v, ok := m.resolve(to.Attribute, r)
		if !ok {
			return nil, false
		}
		if a.Text == expr {
			return v, true
		}
		s, ok := text(v)
		if !ok || strings.Contains(s, "${") || len(s)*strings.Count(out, expr) > maxFilled {
			return nil, false
		}
		out = strings.ReplaceAll(out, expr, s)
	}
	if strings.Contains(out, "${") || strings.Contains(out, "%{") {
		return nil, false // more than names, or literal signs
	}
	return out, true
}

// definition is where a variable's default or a local stands.
func (m *Module) definition(name string) (to Argument, isDefault bool) {
	if v, ok := strings.CutPrefix(name, "local."); ok {
		return m.Locals[v], false
	}
	v, ok := strings.CutPrefix(name, "var.")
	if !ok {
		return Argument{}, false
	}
	p, ok := m.Variables[v]
	if !ok {
		return Argument{}, false
	}
	if a, ok := p.Attribute("default"); ok && !(a.Known && a.Value == nil) {
		return Argument{a, p.File}, true
	}
	return Argument{}, false
}
