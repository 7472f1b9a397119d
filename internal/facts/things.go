package facts

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/tfplan"
)

// Bounds of one mark and of the tags of one object.
const (
	maxMark = 256 // bytes
	maxTags = 64
)

// things names every object of the plan and, last, the plan as a whole.
// It reads each change again, picking the few attributes that are marks.
func things(ctx context.Context, p *tfplan.Plan) (out []evidence.Thing, notes []string, err error) {
	b := &marker{plan: p, words: map[string]string{}, tags: map[string]map[string]string{}}
	picker, unread := p.Picker(marking), 0
	for i := range p.Changes {
		if i&0x3F == 0 {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
		}
		c := &p.Changes[i]
		if c.Deposed != "" || c.Action == tfplan.UnknownAction {
			continue // the old object behind an address, or nothing that we know
		}
		if len(out) == analysis.MaxThings-1 {
			notes = append(notes, fmt.Sprintf("more than %d objects: the environments of the rest are not known", analysis.MaxThings-1))
			break
		}
		d, err := picker.Pick(c)
		if err != nil {
			unread++
			d = &tfplan.Detail{Unmasked: true}
		}
		out = append(out, b.thing(c, d))
	}
	if unread > 0 {
		notes = append(notes, plural(unread, "object", "objects")+" could not be read again: their environment is not known")
	}
	return append(out, whole(p)), notes, nil
}

// marker turns details into things. Equal words and equal tags are kept once:
// a plan has few accounts and many objects.
type marker struct {
	plan  *tfplan.Plan
	words map[string]string
	tags  map[string]map[string]string
	key   []byte
}

func (b *marker) thing(c *tfplan.Change, d *tfplan.Detail) evidence.Thing {
	t := evidence.Thing{Subject: finding.Subject{Kind: "terraform-resource", Identity: c.Address}}
	typ := b.plan.Name(c.Type)
	known := d.Before
	if known == nil {
		known = d.After
	}
	arn := text(known["arn"])
	if borrowsARN(typ) {
		arn = ""
	}
	if id := text(known["id"]); id != "" && id != c.Address && !(borrowsARN(typ) && strings.HasPrefix(id, "arn:")) {
		t.Subject.Aliases = append(t.Subject.Aliases, "id:"+id)
		if arn == id {
			arn = ""
		}
	}
	if arn != "" {
		t.Subject.Aliases = append(t.Subject.Aliases, "arn:"+arn)
	}
	if d.Unmasked {
		// The plan does not say what of it is sensitive: its values may be
		// compared and not shown.
		return t
	}
	t.Marks = b.marks(typ, c.Data, known)
	return t
}

func (b *marker) marks(typ string, data bool, v map[string]any) evidence.Marks {
	m := evidence.Marks{
		Account: b.word(account(typ, data, v)), Region: b.word(region(v)),
		VPC: b.word(vpc(typ, v)), CIDRs: cidrs(typ, v),
	}
	meta := block(v["metadata"])
	if isKubernetes(typ) {
		m.Namespace = b.word(first(meta["namespace"], v["namespace"]))
		if m.Name = text(meta["name"]); strings.HasPrefix(typ, "kubernetes_namespace") {
			m.Namespace = m.Name
		}
	}
	tags := b.gather(v["tags_all"], v["tags"], v["effective_labels"], v["labels"], meta["labels"])
	if m.Name == "" {
		m.Name = first(v["name"], v["bucket"], v["identifier"], v["cluster_identifier"], v["function_name"], v["cluster_name"])
	}
	if name := tags["Name"]; name != "" && (m.Name == "" || m.Name == name) {
		m.Name = name
		delete(tags, "Name") // it would make every map of tags another one
	}
	m.Tags = b.share(tags)
	return m
}

// gather merges tags; the first place that has a key decides.
func (b *marker) gather(places ...any) map[string]string {
	out := map[string]string{}
	for _, place := range places {
		o, _ := place.(map[string]any)
		for _, k := range slices.Sorted(maps.Keys(o)) {
			s := text(o[k])
			if _, have := out[k]; have || s == "" || text(k) == "" || len(out) == maxTags {
				continue
			}
			out[b.word(k)] = b.word(s)
		}
	}
	return out
}

// share returns an equal map that was seen before, if there is one.
func (b *marker) share(tags map[string]string) map[string]string {
	if len(tags) == 0 {
		return nil
	}
	b.key = b.key[:0]
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		b.key = append(append(append(append(b.key, k...), 0), tags[k]...), 0)
	}
	if seen, ok := b.tags[string(b.key)]; ok {
		return seen
	}
	b.tags[string(b.key)] = tags
	return tags
}

func (b *marker) word(s string) string {
	if s == "" {
		return ""
	}
	if seen, ok := b.words[s]; ok {
		return seen
	}
	b.words[s] = s
	return s
}

// text is a value that may be a mark: a string of one short line. A Secret is
// no string, so it can never be one.
func text(v any) string {
	s, ok := v.(string)
	if !ok || len(s) > maxMark || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7F || r == '\uFFFD' }) {
		return ""
	}
	return s
}

func first(values ...any) string {
	for _, v := range values {
		if s := text(v); s != "" {
			return s
		}
	}
	return ""
}

// block is a nested block that comes once, or an object.
func block(v any) map[string]any {
	if list, ok := v.([]any); ok && len(list) == 1 {
		v = list[0]
	}
	o, _ := v.(map[string]any)
	return o
}
