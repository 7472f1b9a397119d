package effect

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/tfplan"
)

// Says tells whether the planned values show what stands at path, be it null or
// empty. Plans that were cut down leave attributes out; what they leave out is
// not known to be absent.
func (o *Object) Says(path string) bool {
	d, err := o.Detail()
	if err != nil || d.After == nil {
		return false
	}
	parent, name := "", path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		parent, name = path[:i], path[i+1:]
	}
	var v any = d.After
	if parent != "" {
		v = at(d.After, parent)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return false
	}
	_, ok = m[name]
	return ok
}

// Stays tells whether the value at path is known, is there and is what it was
// before.
func (o *Object) Stays(path string) bool {
	return o.Says(path) && !o.Unknown(path) && tfplan.Equal(o.Before(path), o.After(path))
}

// Where is the pointer below the change that shows the value at path best: the
// planned one, that it is not known, or the one it had.
func (o *Object) Where(path string) string {
	p := "/" + strings.ReplaceAll(tfplan.EscapePointer(path), ".", "/")
	d, err := o.Detail()
	switch {
	case err != nil:
		return ""
	case at(d.After, path) != nil:
		return "/after" + p
	case o.Says(path) && !o.Unknown(path):
		return "/after" + p
	case at(d.AfterUnknown, path) != nil:
		return "/after_unknown" + p
	case at(d.Before, path) != nil:
		return "/before" + p
	case strings.Contains(path, "."):
		return o.Where(path[:strings.LastIndexByte(path, '.')])
	}
	return ""
}

// fact is a statement about what the plan says at a path of an object.
func fact(o *Object, path, format string, args ...any) Fact {
	return Fact{Text: fmt.Sprintf(format, args...), Object: o, Path: o.Where(path)}
}

// was is a statement about a value that an object has now.
func was(o *Object, path, format string, args ...any) Fact {
	return Fact{
		Text: fmt.Sprintf(format, args...), Object: o,
		Path: "/before/" + strings.ReplaceAll(tfplan.EscapePointer(path), ".", "/"),
	}
}

// editedHow says what the plan does to an attribute, for a proof.
func editedHow(o *Object, path string) Fact {
	return fact(o, path, "%s changes `%s`", o.Address, path)
}

// notShown is the outcome when a plan leaves out what decides.
func notShown(o *Object, path, title string, proof ...Fact) Outcome {
	return Outcome{
		Title: title, Proof: proof,
		Missing: []Gap{{
			Evidence: fmt.Sprintf("`%s` of %s", path, o.Address),
			Get:      "terraform plan -out=tfplan && terraform show -json tfplan > plan.json",
		}},
	}
}

// knownLater is the outcome when what decides is known only after apply.
func knownLater(o *Object, path, title string, proof ...Fact) Outcome {
	return Outcome{
		Title: title, Proof: append(proof, fact(o, path, "`%s` of %s is known only after apply", path, o.Address)),
		Missing: []Gap{{
			Evidence: fmt.Sprintf("`%s` of %s", path, o.Address),
			Get:      "apply first what it is computed from, and plan again",
		}},
	}
}

// elements are the elements of a list, none for anything else.
func elements(v any) []any {
	l, _ := v.([]any)
	return l
}

// words are the strings in a list, sorted.
func words(v any) []string {
	var out []string
	for _, e := range elements(v) {
		if s := Text(e); s != "" {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

func isTrue(v any) bool {
	b, _ := v.(bool)
	return b
}

// digits tells whether s is a number written with digits only.
func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// shell quotes a word for a POSIX shell where it needs that.
func shell(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@=+,"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// local is an address as expressions of its own module write it.
func local(address string) string {
	for strings.HasPrefix(address, "module.") {
		rest := address[len("module."):]
		depth, quoted, end := 0, false, -1
		for i := 0; i < len(rest) && end < 0; i++ {
			switch c := rest[i]; {
			case quoted && c == '\\':
				i++
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == '[':
				depth++
			case c == ']':
				depth--
			case c == '.' && depth == 0:
				end = i
			}
		}
		if end < 0 {
			return address
		}
		address = rest[end+1:]
	}
	return address
}

// listed joins a few names and says how many more there are.
func listed(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// Once keeps what a case of another package works out about the plan as a whole.
// The key begins with the name of that package.
func Once[T any](w *World, key string, find func() T) T { return once(w, key, find) }

// once keeps what a case works out about the plan as a whole, so that it is not
// worked out again for each of its subjects.
func once[T any](w *World, key string, find func() T) T {
	if v, ok := w.memo[key].(T); ok {
		return v
	}
	if w.memo == nil {
		w.memo = map[string]any{}
	}
	v := find()
	w.memo[key] = v
	return v
}

// byName files objects under the values that they have now at some paths.
func byName(objects []*Object, paths ...string) map[string][]*Object {
	out := map[string][]*Object{}
	for _, o := range objects {
		var told []string
		for _, p := range paths {
			if v := Text(o.Before(p)); v != "" && !slices.Contains(told, v) {
				told = append(told, v)
				out[v] = append(out[v], o)
			}
		}
	}
	return out
}

// those filters objects.
func those(objects []*Object, is func(*Object) bool) []*Object {
	var out []*Object
	for _, o := range objects {
		if is(o) {
			out = append(out, o)
		}
	}
	return out
}
