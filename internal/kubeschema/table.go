package kubeschema

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The table is made by `go test ./internal/kubeschema -run TestUpdate -update`
// from the source of the API types of each version. Its lines:
//
//	! MINOR MODULE VERSION
//	K GROUP|- VERSION KIND TYPE namespaced|cluster SINCE UNTIL
//	T TYPE
//	NAME TYPE FLAGS SINCE-UNTIL DEFAULT     separated by tabs; a field of the type above
//
// A TYPE is a name (core/v1.PodSpec), a Go scalar, a shape (Quantity, Raw), {}TYPE
// for a map and [KEYS|MERGE]TYPE for a list: the keys of server-side apply and
// the one of kubectl's strategic merge, where that is another; = is a set. FLAGS
// are p pointer, r required, a atomic, k retainKeys. No range is all versions.
//
//go:embed table.txt
var tableText string

type schema struct {
	types map[string]*Type
	kinds map[kindKey]*Kind
	scope map[[2]string]bool // group, kind: namespaced
	order []Kind
}

type kindKey struct{ group, version, kind string }

var loaded = sync.OnceValue(func() *schema { return parse(tableText) })

// parse reads the table, which is our own: a line that is none is left out, and
// the tests count them.
func parse(text string) *schema {
	s := &schema{types: map[string]*Type{}, kinds: map[kindKey]*Kind{}, scope: map[[2]string]bool{}}
	exprs := map[string]*Type{}
	var cur *Type
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "K "):
			if k, ok := s.kind(strings.Fields(line[2:])); ok {
				s.order = append(s.order, k)
			}
		case strings.HasPrefix(line, "T "):
			cur = s.structure(line[2:])
		case strings.HasPrefix(line, "!"), strings.HasPrefix(line, "#"), cur == nil:
		default:
			s.field(cur, line, exprs)
		}
	}
	for i := range s.order {
		k := &s.order[i]
		s.kinds[kindKey{k.Group, k.Version, k.Kind}] = k
		s.scope[[2]string{k.Group, k.Kind}] = k.Namespaced
	}
	return s
}

func (s *schema) kind(f []string) (Kind, bool) {
	if len(f) != 7 {
		return Kind{}, false
	}
	since, err := strconv.Atoi(f[5])
	if err != nil {
		return Kind{}, false
	}
	until, err := strconv.Atoi(f[6])
	if err != nil {
		return Kind{}, false
	}
	if f[0] == "-" {
		f[0] = ""
	}
	return Kind{
		Group: f[0], Version: f[1], Kind: f[2], Type: s.structure(f[3]), Namespaced: f[4] == "namespaced",
		Since: Version(since), Until: Version(until),
	}, true
}

// structure is the struct of a name; its fields come when its own lines do.
func (s *schema) structure(name string) *Type {
	t := s.types[name]
	if t == nil {
		t = &Type{Name: name, Shape: Struct}
		s.types[name] = t
	}
	return t
}

func (s *schema) field(of *Type, line string, exprs map[string]*Type) {
	name, rest, ok := strings.Cut(line, "\t")
	expr, rest, _ := strings.Cut(rest, "\t")
	flags, rest, _ := strings.Cut(rest, "\t")
	versions, def, _ := strings.Cut(rest, "\t")
	if !ok {
		return
	}
	f := Field{
		Name: name, Type: s.expression(expr, exprs), Since: Oldest, Until: Newest, Default: def,
		Pointer: strings.Contains(flags, "p"), Required: strings.Contains(flags, "r"),
		Atomic: strings.Contains(flags, "a"), RetainKeys: strings.Contains(flags, "k"),
	}
	if since, until, ok := strings.Cut(versions, "-"); ok {
		a, _ := strconv.Atoi(since)
		b, _ := strconv.Atoi(until)
		f.Since, f.Until = Version(a), Version(b)
	}
	if def != "" {
		of.Defaulted = append(of.Defaulted, len(of.Fields))
	}
	of.Fields = append(of.Fields, f)
}

func (s *schema) expression(expr string, exprs map[string]*Type) *Type {
	if t := exprs[expr]; t != nil {
		return t
	}
	var t *Type
	switch {
	case strings.HasPrefix(expr, "{}"):
		t = &Type{Shape: Map, Elem: s.expression(expr[2:], exprs)}
	case strings.HasPrefix(expr, "["):
		keys, elem, _ := strings.Cut(expr[1:], "]")
		apply, merge, other := strings.Cut(keys, "|")
		if !other {
			merge = apply
		}
		t = &Type{Shape: List, Elem: s.expression(elem, exprs)}
		switch {
		case apply == "=":
			t.Set = true
		case apply != "":
			t.Keys = strings.Split(apply, ",")
		}
		t.MergeKey = merge
	case strings.Contains(expr, "/"):
		return s.structure(expr)
	default:
		t = leaf(expr)
	}
	exprs[expr] = t
	return t
}

func leaf(name string) *Type {
	shapes := []string{"Quantity", "IntOrString", "Time", "MicroTime", "Duration", "Bytes", "Raw"}
	if i := slices.Index(shapes, name); i >= 0 {
		return &Type{Shape: Quantity + Shape(i)}
	}
	return &Type{Shape: Scalar, Basic: name}
}
