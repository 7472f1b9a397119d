package planbench

import (
	"fmt"
	"strings"
)

const (
	provider  = "registry.terraform.io/hashicorp/aws"
	accountID = "111122223333"
)

// kind is one resource block of the configuration: a type under a name.
type kind struct {
	name, block   string
	data          bool
	schemaVersion int
	prefix        string             // of identifiers that the provider makes
	namePrefix    string             // of identifiers that are the name otherwise
	computed      map[string]unknown // what the provider tells only after create
	unsettled     map[string]unknown // what even an update leaves open
	secrets       []string
	values        func(v view) object
	// stale is the same object before somebody edited it in place.
	stale func(v view, now object) object
	// forced is the same object before an edit that cannot be made in place, and where that edit is.
	forced     func(v view, now object) object
	forcedPath []any
	// usePaths says where the identifier of each used instance goes.
	usePaths [][]any
}

// view is an instance as its kind's functions see it.
type view struct {
	*instance
	after bool // as planned: identifiers of replaced instances are not known yet
}

func (v view) id(n int) any {
	used := v.uses[n]
	if v.after && used.fate.replaces() {
		return unknownText
	}
	return used.identifier()
}

// identifier is what others refer to: made by the provider where the kind has a prefix, else the name.
func (i *instance) identifier() string {
	if i.kind.prefix != "" {
		return i.kind.prefix + hex(i.seed, 1)[:16]
	}
	return i.kind.namePrefix + i.name()
}

// name is what a person would call the object: unique, readable, without the module path.
func (i *instance) name() string {
	index := i.key.text
	if i.key.kind == countKey {
		index = fmt.Sprint("n", i.key.number)
	}
	return fmt.Sprintf("%s-%s-%s", i.team(), index, hex(i.seed, 2)[:8])
}

// cell is the top-level module instance that the instance lives under, or nil in the root module.
func (i *instance) cell() *module {
	m := i.module
	for m.depth > 1 {
		m = m.parent
	}
	if m.depth == 0 {
		return nil
	}
	return m
}

func (i *instance) team() string {
	if c := i.cell(); c != nil {
		return c.name + "-" + c.key.text
	}
	return "shared"
}

func (i *instance) region() string {
	c := i.cell()
	if c == nil {
		return regions[3]
	}
	for _, region := range regions {
		if strings.Contains(c.key.text, region) {
			return region
		}
	}
	return regions[3]
}

func (i *instance) arn(service, path string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, i.region(), accountID, path)
}

func (i *instance) vpc() string {
	seed := uint64(7)
	if c := i.cell(); c != nil {
		for _, r := range c.address {
			seed = seed*31 + uint64(r)
		}
	}
	return "vpc-0" + hex(seed, 3)[:16]
}

func (i *instance) zone() string { return i.region() + choose(i.seed+4, "a", "b", "c") }

// tags are the labels of the object; tags_all adds the provider's default tags.
func (i *instance) tags() object {
	return object{
		"Name": i.name(), "Owner": "team-" + i.team(), "CostCenter": fmt.Sprint(1000 + mix(i.seed)%900),
	}
}

func (i *instance) tagsAll() object {
	return with(i.tags(), object{
		"ManagedBy": "terraform", "Stack": "platform",
	})
}

// retagged is the commonest update of all: a label changed.
func retagged(v view, now object) object {
	changed := object{"CostCenter": fmt.Sprint(100 + mix(v.seed+8)%900), "Owner": "team-platform"}
	return with(now, object{
		"tags":     with(now["tags"].(object), changed),
		"tags_all": with(now["tags_all"].(object), changed),
	})
}

// setting makes a stale function that exchanges one attribute, or the labels for every third object.
func setting(name string, old any) func(view, object) object {
	return func(v view, now object) object {
		if mix(v.seed+9)%3 == 0 || now[name] == old {
			return retagged(v, now)
		}
		return with(now, object{name: old})
	}
}

// otherwise makes a forced function that exchanges one attribute.
func otherwise(name string, old any) func(view, object) object {
	return func(_ view, now object) object { return with(now, object{name: old}) }
}

// list is never nil: Terraform prints an absent nested block as an empty list, not as null.
func list(elements ...any) []any {
	if elements == nil {
		return []any{}
	}
	return elements
}
