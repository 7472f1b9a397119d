package kubeschema

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write table.txt from the API types of each version")

// pins are the releases whose types are read, one for each minor version.
var pins = map[Version]string{
	29: "v0.29.6", 30: "v0.30.14", 31: "v0.31.14", 32: "v0.32.13", 33: "v0.33.13",
	34: "v0.34.4", 35: "v0.35.4", 36: "v0.36.3", 37: "v0.37.2",
}

// aggregators are the releases of kube-aggregator, whose one kind has not changed
// since 1.10; v0.31 of it is not in the checksum database.
var aggregators = map[Version]string{31: "v0.30.14"}

// unserved are groups that are spoken between components, or not served at all.
var unserved = []string{"admission.k8s.io", "imagepolicy.k8s.io", "apidiscovery.k8s.io"}

// TestUpdate writes the table: go test ./internal/kubeschema -run TestUpdate -update.
func TestUpdate(t *testing.T) {
	if !*update {
		t.Skip("writes the table; run with -update")
	}
	all := merged{types: map[string]map[string][]ranged{}, kinds: map[string]*sourceKind{}}
	var out bytes.Buffer
	out.WriteString("# Made by go test ./internal/kubeschema -run TestUpdate -update; the form is told in table.go.\n")
	for _, v := range slices.Sorted(maps.Keys(pins)) {
		s := readSource(t, v)
		all.add(v, s)
		fmt.Fprintf(&out, "! %d k8s.io/api %s\n", v, pins[v])
	}
	all.write(&out)
	if err := os.WriteFile("table.txt", out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sourceType is a type as one version declares it; expressions are those of the table.
type sourceType struct {
	underlying ast.Expr // of a type that is no struct
	structure  *ast.StructType
	doc        []string
	pkg        *sourcePackage
	imports    map[string]string
}

type sourcePackage struct {
	key     string // core/v1
	group   string
	types   map[string]*sourceType
	kinds   []string
	minor   map[string][2]int // of a kind: introduced, removed
	cluster map[string]bool
}

type sourceKind struct {
	group, version, kind, typ string
	namespaced                bool
	introduced, removed       int
	first, last               Version
}

type source map[string]*sourcePackage

func modules(t *testing.T, v Version) map[string]string {
	t.Helper()
	aggregator := aggregators[v]
	if aggregator == "" {
		aggregator = pins[v]
	}
	want := []string{
		"k8s.io/api@" + pins[v], "k8s.io/apimachinery@" + pins[v], "k8s.io/apiextensions-apiserver@" + pins[v],
		"k8s.io/kube-aggregator@" + aggregator,
	}
	cmd := exec.Command("go", append([]string{"mod", "download", "-json"}, want...)...)
	cmd.Dir = t.TempDir()
	data, err := cmd.Output()
	if err != nil {
		t.Fatalf("go mod download: %v\n%s", err, data)
	}
	dirs := map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(data)); dec.More(); {
		var m struct{ Path, Dir string }
		if err := dec.Decode(&m); err != nil {
			t.Fatal(err)
		}
		dirs[m.Path] = m.Dir
	}
	return dirs
}

func readSource(t *testing.T, v Version) source {
	t.Helper()
	dirs := modules(t, v)
	s := source{}
	roots, err := filepath.Glob(filepath.Join(dirs["k8s.io/api"], "*", "v*"))
	if err != nil || len(roots) < 40 {
		t.Fatal("packages of k8s.io/api", len(roots), err)
	}
	for _, dir := range roots {
		s.readPackage(t, dir, filepath.Base(filepath.Dir(dir))+"/"+filepath.Base(dir))
	}
	s.readPackage(t, filepath.Join(dirs["k8s.io/apimachinery"], "pkg/apis/meta/v1"), "meta/v1")
	s.readPackage(t, filepath.Join(dirs["k8s.io/apiextensions-apiserver"], "pkg/apis/apiextensions/v1"), "apiextensions/v1")
	s.readPackage(t, filepath.Join(dirs["k8s.io/kube-aggregator"], "pkg/apis/apiregistration/v1"), "apiregistration/v1")
	return s
}

func (s source) readPackage(t *testing.T, dir, key string) {
	t.Helper()
	p := &sourcePackage{key: key, types: map[string]*sourceType{}, minor: map[string][2]int{}, cluster: map[string]bool{}}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		p.read(f)
	}
	switch key {
	case "apiextensions/v1":
		p.group = "apiextensions.k8s.io"
	case "apiregistration/v1":
		p.group = "apiregistration.k8s.io"
	}
	s[key] = p
}

func (p *sourcePackage) read(f *ast.File) {
	imports := map[string]string{}
	for _, i := range f.Imports {
		full, _ := strconv.Unquote(i.Path.Value)
		name := path.Base(full)
		if i.Name != nil {
			name = i.Name.Name
		}
		imports[name] = full
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			p.lifecycle(d)
			if d.Name.Name == "addKnownTypes" {
				p.known(d)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					ty := &sourceType{pkg: p, imports: imports, doc: markers(d.Doc, spec.Doc)}
					if st, ok := spec.Type.(*ast.StructType); ok {
						ty.structure = st
					} else {
						ty.underlying = spec.Type
					}
					p.types[spec.Name.Name] = ty
					// Markers stand above a type behind an empty line, too.
					for _, c := range f.Comments {
						if c.End() < d.Pos() && d.Pos()-c.End() < 4000 {
							above := markers(c)
							if slices.Contains(above, "genclient:nonNamespaced") && between(f, c.End(), d.Pos()) == 0 {
								p.cluster[spec.Name.Name] = true
							}
						}
					}
					if slices.Contains(ty.doc, "genclient:nonNamespaced") {
						p.cluster[spec.Name.Name] = true
					}
				case *ast.ValueSpec:
					if len(spec.Names) == 1 && spec.Names[0].Name == "GroupName" && len(spec.Values) == 1 {
						if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
							p.group, _ = strconv.Unquote(lit.Value)
						}
					}
				}
			}
		}
	}
}

// between counts the declarations that start between two positions.
func between(f *ast.File, from, to token.Pos) int {
	n := 0
	for _, d := range f.Decls {
		if d.Pos() > from && d.Pos() < to {
			n++
		}
	}
	return n
}

// markers are the lines of comments that begin with a plus.
func markers(groups ...*ast.CommentGroup) []string {
	var out []string
	for _, g := range groups {
		if g == nil {
			continue
		}
		for _, c := range g.List {
			for line := range strings.Lines(c.Text) {
				line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "//"))
				if m, ok := strings.CutPrefix(line, "+"); ok {
					out = append(out, strings.TrimSpace(m))
				}
			}
		}
	}
	return out
}

func (p *sourcePackage) lifecycle(d *ast.FuncDecl) {
	at := map[string]int{"APILifecycleIntroduced": 0, "APILifecycleRemoved": 1}
	i, ok := at[d.Name.Name]
	if !ok || d.Recv == nil {
		return
	}
	kind := d.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name
	ret := d.Body.List[0].(*ast.ReturnStmt)
	n, _ := strconv.Atoi(ret.Results[1].(*ast.BasicLit).Value)
	m := p.minor[kind]
	m[i] = n
	p.minor[kind] = m
}

func (p *sourcePackage) known(d *ast.FuncDecl) {
	ast.Inspect(d.Body, func(n ast.Node) bool {
		if u, ok := n.(*ast.UnaryExpr); ok && u.Op == token.AND {
			if c, ok := u.X.(*ast.CompositeLit); ok {
				if id, ok := c.Type.(*ast.Ident); ok {
					p.kinds = append(p.kinds, id.Name)
				}
			}
		}
		return true
	})
}

// ranged is a field as it stands from one version to another.
type ranged struct {
	name, typ, flags, def string
	since, until          Version
}

type merged struct {
	types map[string]map[string][]ranged // type, field
	kinds map[string]*sourceKind
}

func (m *merged) add(v Version, s source) {
	seen := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(s)) {
		p := s[key]
		if slices.Contains(unserved, p.group) || key == "meta/v1" {
			continue
		}
		for _, kind := range p.kinds {
			st := p.types[kind]
			if st == nil || st.structure == nil || !hasMetadata(st) {
				continue
			}
			name := key + "." + kind
			k := m.kinds[name]
			if k == nil {
				minor := p.minor[kind]
				k = &sourceKind{
					group: p.group, version: path.Base(key), kind: kind, typ: name, namespaced: !p.cluster[kind],
					introduced: minor[0], first: v,
				}
				m.kinds[name] = k
			}
			k.last, k.removed = v, p.minor[kind][1]
			s.reach(v, name, m, seen)
		}
	}
}

func hasMetadata(st *sourceType) bool {
	for _, f := range st.structure.Fields.List {
		if sel, ok := f.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "ObjectMeta" {
			return true
		}
	}
	return false
}

// reach notes the fields of a type and of all types that it uses.
func (s source) reach(v Version, name string, m *merged, seen map[string]bool) {
	if seen[name] {
		return
	}
	seen[name] = true
	fields := m.types[name]
	if fields == nil {
		fields = map[string][]ranged{}
		m.types[name] = fields
	}
	for _, f := range s.fields(s.find(name)) {
		rows := fields[f.name]
		if n := len(rows); n > 0 && rows[n-1].typ == f.typ && rows[n-1].flags == f.flags && rows[n-1].until == v-1 {
			rows[n-1].until = v
			rows[n-1].def = cmp.Or(f.def, rows[n-1].def)
		} else {
			f.since, f.until = v, v
			rows = append(rows, f)
		}
		fields[f.name] = rows
		if i := strings.LastIndexAny(f.typ, "]}"); strings.Contains(f.typ[i+1:], "/") {
			s.reach(v, f.typ[i+1:], m, seen)
		}
	}
}

func (s source) find(name string) *sourceType {
	key, typ, _ := strings.Cut(name, ".")
	if p := s[key]; p != nil && p.types[typ] != nil {
		return p.types[typ]
	}
	panic("no type " + name)
}

// fields are the fields of a struct, those of inlined structs among them.
func (s source) fields(st *sourceType) []ranged {
	var out []ranged
	for _, f := range st.structure.Fields.List {
		if f.Tag == nil {
			continue
		}
		text, _ := strconv.Unquote(f.Tag.Value)
		tag := reflect.StructTag(text)
		name, options, _ := strings.Cut(tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		doc := markers(f.Doc)
		expr, flags := s.expression(st, f.Type)
		if name == "" {
			if strings.Contains(options, "inline") || len(f.Names) == 0 {
				out = append(out, s.fields(s.find(expr))...)
			}
			continue
		}
		if !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero") {
			flags += "r"
		}
		strategy := tag.Get("patchStrategy")
		if strings.Contains(strategy, "retainKeys") {
			flags += "k"
		}
		atomic := slices.Contains(doc, "structType=atomic") || slices.Contains(doc, "mapType=atomic")
		if strings.Contains(expr, "/") && !strings.HasPrefix(expr, "[") && !strings.HasPrefix(expr, "{") {
			atomic = atomic || slices.Contains(s.find(expr).doc, "structType=atomic")
		}
		if atomic {
			flags += "a"
		}
		if strings.HasPrefix(expr, "[]") {
			merge := patch(strategy, tag.Get("patchMergeKey"))
			apply := keys(doc)
			if !slices.ContainsFunc(doc, func(m string) bool { return strings.HasPrefix(m, "listType=") }) {
				// Without a marker server-side apply goes by kubectl's (kube-openapi,
				// pkg/schemaconv getListElementRelationship); 1.29 has few markers.
				apply = merge
			}
			if apply != merge {
				apply += "|" + merge
			}
			expr = "[" + apply + "]" + expr[2:]
		}
		out = append(out, ranged{name: name, typ: expr, flags: flags, def: defaulted(doc, flags)})
	}
	return out
}

// keys are what server-side apply merges a list by.
func keys(doc []string) string {
	var names []string
	for _, m := range doc {
		if k, ok := strings.CutPrefix(m, "listMapKey="); ok {
			names = append(names, strings.Trim(k, `"`))
		}
	}
	if slices.Contains(doc, "listType=set") {
		return "="
	}
	return strings.Join(names, ",")
}

// patch is what kubectl's strategic merge merges a list by.
func patch(strategy, key string) string {
	switch {
	case !strings.Contains(strategy, "merge"):
		return ""
	case key == "":
		return "="
	}
	return key
}

// defaulted is the declared default; of a value the empty one is none.
func defaulted(doc []string, flags string) string {
	for _, m := range doc {
		d, ok := strings.CutPrefix(m, "default=")
		if ok && !strings.HasPrefix(d, "ref(") && (strings.Contains(flags, "p") || d != `""` && d != "0") {
			return d
		}
	}
	return ""
}

// known are the types that are no structs on the wire.
var known = map[string]string{
	"k8s.io/apimachinery/pkg/api/resource.Quantity":   "Quantity",
	"k8s.io/apimachinery/pkg/util/intstr.IntOrString": "IntOrString",
	"k8s.io/apimachinery/pkg/runtime.RawExtension":    "Raw",
	"k8s.io/apimachinery/pkg/types.UID":               "string",
	"k8s.io/apimachinery/pkg/types.NodeName":          "string",
	"meta/v1.Time":                                    "Time",
	"meta/v1.MicroTime":                               "MicroTime",
	"meta/v1.Duration":                                "Duration",
	"meta/v1.FieldsV1":                                "Raw",
	"apiextensions/v1.JSON":                           "Raw",
	"apiextensions/v1.JSONSchemaPropsOrArray":         "Raw",
	"apiextensions/v1.JSONSchemaPropsOrBool":          "Raw",
	"apiextensions/v1.JSONSchemaPropsOrStringArray":   "Raw",
}

// expression writes a type as the table does; its flags are p for a pointer.
func (s source) expression(st *sourceType, e ast.Expr) (expr, flags string) {
	switch e := e.(type) {
	case *ast.StarExpr:
		expr, _ = s.expression(st, e.X)
		return expr, "p"
	case *ast.ArrayType:
		expr, _ = s.expression(st, e.Elt)
		if expr == "uint8" || expr == "byte" {
			return "Bytes", ""
		}
		return "[]" + expr, ""
	case *ast.MapType:
		expr, _ = s.expression(st, e.Value)
		return "{}" + expr, ""
	case *ast.Ident:
		if st.pkg.types[e.Name] == nil {
			return e.Name, ""
		}
		return s.named(st.pkg.key + "." + e.Name)
	case *ast.SelectorExpr:
		full := st.imports[e.X.(*ast.Ident).Name]
		if k, ok := known[full+"."+e.Sel.Name]; ok {
			return k, ""
		}
		parts := strings.Split(full, "/")
		if len(parts) < 2 {
			panic("no package " + full + " " + e.Sel.Name)
		}
		return s.named(strings.Join(parts[len(parts)-2:], "/") + "." + e.Sel.Name)
	}
	panic(fmt.Sprintf("%T in %s", e, st.pkg.key))
}

func (s source) named(name string) (string, string) {
	if k, ok := known[name]; ok {
		return k, ""
	}
	st := s.find(name)
	if st.structure != nil {
		return name, ""
	}
	return s.expression(st, st.underlying)
}

func (m *merged) write(out *bytes.Buffer) {
	for _, name := range slices.Sorted(maps.Keys(m.kinds)) {
		k := m.kinds[name]
		scope := "namespaced"
		if !k.namespaced {
			scope = "cluster"
		}
		until := int(k.last)
		if k.removed > 0 {
			until = min(until, k.removed-1)
		}
		since := k.introduced
		if since == 0 && k.first > Oldest {
			since = int(k.first)
		}
		fmt.Fprintf(out, "K %s %s %s %s %s %d %d\n", cmp.Or(k.group, "-"), k.version, k.kind, k.typ, scope, since, until)
	}
	for _, name := range slices.Sorted(maps.Keys(m.types)) {
		fmt.Fprintf(out, "T %s\n", name)
		for _, field := range slices.Sorted(maps.Keys(m.types[name])) {
			for _, r := range m.types[name][field] {
				line := r.name + "\t" + r.typ + "\t" + r.flags + "\t"
				if r.since > Oldest || r.until < Newest {
					line += fmt.Sprintf("%d-%d", r.since, r.until)
				}
				out.WriteString(strings.TrimRight(line+"\t"+r.def, "\t") + "\n")
			}
		}
	}
}
