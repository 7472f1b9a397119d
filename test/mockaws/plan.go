package mockaws

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Settings come from the provider block.
type Settings struct {
	Region      string
	Account     string
	DefaultTags map[string]any
}

// plan answers like a provider built on the plugin SDK. Terraform has already merged prior
// state and configuration into proposed, so a nil there is an argument nobody set. It
// returns the planned object and the attributes that force a replacement.
func (t *Type) plan(s Settings, prior, proposed map[string]any) (map[string]any, []*tftypes.AttributePath) {
	planned := clone(proposed).(map[string]any)
	t.fill(planned, prior == nil)
	t.predict(s, planned)
	if prior == nil {
		return planned, nil
	}
	replace := t.replacements(tftypes.NewAttributePath(), prior, planned)
	if len(replace) == 0 {
		t.spread(prior, planned)
	}
	return planned, replace
}

// fill sets defaults, and what is computed becomes unknown in an object that is new.
func (b *Block) fill(planned map[string]any, isNew bool) {
	for name, a := range b.Attributes {
		if planned[name] != nil {
			if a.WriteOnly {
				planned[name] = nil // never stored: neither in the plan nor in the state
			}
			continue
		}
		switch {
		case a.Default != nil:
			planned[name] = a.Default
		case a.Computed && isNew:
			planned[name] = unknown{}
		}
	}
	for name, inner := range b.Blocks {
		elements, _ := planned[name].([]any)
		for _, element := range elements {
			if object, ok := element.(map[string]any); ok {
				// An element that survives an update carries its computed values already,
				// so a nil among them means that the element is new.
				inner.fill(object, true)
			}
		}
		if inner.Nesting == "set" && elements != nil {
			sortSet(elements)
		}
	}
}

// predict computes what the provider knows before the API does.
func (t *Type) predict(s Settings, planned map[string]any) {
	if _, unset := planned["region"].(unknown); unset && t.Attributes["region"] != nil {
		planned["region"] = s.Region
	}
	if t.Attributes["tags_all"] == nil || t.Attributes["tags"] == nil {
		return
	}
	all := map[string]any{}
	for key, value := range s.DefaultTags {
		all[key] = value
	}
	switch tags := planned["tags"].(type) {
	case unknown:
		planned["tags_all"] = unknown{}
		return
	case map[string]any:
		for key, value := range tags {
			all[key] = value
		}
	}
	if hasUnknown(all) {
		planned["tags_all"] = unknown{}
		return
	}
	planned["tags_all"] = all
}

// replacements lists the paths that differ and force a replacement. An unknown differs from
// every known value: that is how one replacement pulls the next.
func (b *Block) replacements(at *tftypes.AttributePath, prior, planned map[string]any) []*tftypes.AttributePath {
	var paths []*tftypes.AttributePath
	for _, name := range sorted(b.Attributes) {
		if b.Attributes[name].ForceNew && !equal(prior[name], planned[name]) {
			paths = append(paths, at.WithAttributeName(name))
		}
	}
	for _, name := range sorted(b.Blocks) {
		inner, step := b.Blocks[name], at.WithAttributeName(name)
		before, _ := prior[name].([]any)
		after, known := planned[name].([]any)
		if inner.Nesting != "set" && known && len(before) == len(after) {
			for i := range after {
				x, _ := before[i].(map[string]any)
				y, _ := after[i].(map[string]any)
				paths = append(paths, inner.replacements(step.WithElementKeyInt(i), x, y)...)
			}
			continue
		}
		// The elements of a set, or of lists of unequal length, have no counterpart each:
		// compare what of them forces a replacement and name the block.
		if inner.forces() && (!known || !equal(inner.forcing(before), inner.forcing(after))) {
			paths = append(paths, step)
		}
	}
	return paths
}

func (b *Block) forces() bool {
	if b.ForceNew {
		return true
	}
	for _, a := range b.Attributes {
		if a.ForceNew {
			return true
		}
	}
	for _, inner := range b.Blocks {
		if inner.forces() {
			return true
		}
	}
	return false
}

// forcing reduces elements to the attributes that force a replacement.
func (b *Block) forcing(elements []any) []any {
	out := []any{}
	for _, element := range elements {
		object, _ := element.(map[string]any)
		kept := map[string]any{}
		for name, a := range b.Attributes {
			if b.ForceNew || a.ForceNew {
				kept[name] = object[name]
			}
		}
		out = append(out, kept)
	}
	sortSet(out)
	return out
}

// spread makes unknown what an update in place changes elsewhere in the object, for example
// the version number of a launch template.
func (t *Type) spread(prior, planned map[string]any) {
	var changed []string
	for name := range planned {
		if !equal(prior[name], planned[name]) {
			changed = append(changed, name)
		}
	}
	for _, effect := range t.Facts.ChangesOnUpdate {
		touches := func(name string) bool {
			if len(effect.When) == 0 {
				return name != "tags" && name != "tags_all"
			}
			return slices.Contains(effect.When, name)
		}
		if slices.ContainsFunc(changed, touches) && effect.applies(planned) {
			planned[effect.Attribute] = unknown{}
		}
	}
}

func (e UpdateEffect) applies(planned map[string]any) bool { return has(planned, e.If) }

// has tells whether the object has all of these values.
func has(object, values map[string]any) bool {
	for name, want := range values {
		if !equal(object[name], want) {
			return false
		}
	}
	return true
}
