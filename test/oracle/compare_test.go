package oracle_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"polygraph/internal/fields"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// defaulter asks an oracle, one question a line.
type defaulter struct {
	in      io.Writer
	out     *bufio.Reader
	version kubeschema.Version
	kinds   map[string]bool // "apps/v1 Deployment"
}

// defaulters starts the oracles that POLYGRAPH_ORACLE names (a pattern), or those
// that are built.
func defaulters(t *testing.T) []*defaulter {
	t.Helper()
	pattern := os.Getenv("POLYGRAPH_ORACLE")
	if pattern == "" {
		pattern = filepath.Join("..", "..", ".build", "oracle", "*")
	}
	programs, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	var all []*defaulter
	for _, p := range programs {
		cmd := exec.Command(p)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { in.Close(); cmd.Wait() })
		d := &defaulter{in: in, out: bufio.NewReaderSize(out, 1<<20), kinds: map[string]bool{}}
		var v struct {
			Version string
			Kinds   []string
		}
		if err := json.Unmarshal(d.ask(t, []byte(`{"op":"version"}`)), &v); err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(v.Version, ".")
		minor, err := strconv.Atoi(parts[1])
		if err != nil {
			t.Fatal(v.Version)
		}
		d.version = kubeschema.Version(minor)
		for _, k := range v.Kinds {
			d.kinds[k] = true
		}
		all = append(all, d)
	}
	if len(all) == 0 {
		if os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatal("no oracle is built: make oracle")
		}
		t.Skip("no oracle is built: make oracle")
	}
	return all
}

func (d *defaulter) ask(t *testing.T, question []byte) []byte {
	t.Helper()
	if _, err := d.in.Write(append(question, '\n')); err != nil {
		t.Fatal(err)
	}
	line, err := d.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// defaulted is the object as Kubernetes decodes, defaults and encodes it; false
// where it does not decode.
func (d *defaulter) defaulted(t *testing.T, object []byte) ([]byte, bool) {
	t.Helper()
	var a struct {
		Object json.RawMessage
		Error  string
	}
	if err := json.Unmarshal(d.ask(t, fmt.Appendf(nil, `{"op":"default","object":%s}`, object)), &a); err != nil {
		t.Fatal(err)
	}
	return a.Object, a.Error == ""
}

func sharedData(t *testing.T, elem ...string) string {
	t.Helper()
	root, isSet := os.LookupEnv("POLYGRAPH_SHARED")
	if !isSet {
		root = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(append([]string{root, "data"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		if isSet || os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatal(err)
		}
		t.Skip("shared data is not beside the module; set POLYGRAPH_SHARED: ", err)
	}
	return path
}

// manifests are the objects of all files below a folder, each only once.
func manifests(t *testing.T, dir string) []*kubeobj.Object {
	t.Helper()
	var all []*kubeobj.Object
	seen := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, problem := kubeobj.Parse(path, data)
		if problem != nil {
			return nil
		}
		for _, o := range f.Objects {
			if text := string(jsonOf(&o.Root)); !seen[text] {
				seen[text] = true
				all = append(all, o)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// jsonOf writes a value as kubectl sends it.
func jsonOf(v *kubeobj.Value) []byte {
	var b bytes.Buffer
	writeJSON(&b, v)
	return b.Bytes()
}

func writeJSON(b *bytes.Buffer, v *kubeobj.Value) {
	switch v.Kind {
	case kubeobj.Map:
		b.WriteByte('{')
		for i := range v.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			name, _ := json.Marshal(v.Items[i].Name)
			b.Write(append(name, ':'))
			writeJSON(b, &v.Items[i])
		}
		b.WriteByte('}')
	case kubeobj.List:
		b.WriteByte('[')
		for i := range v.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, &v.Items[i])
		}
		b.WriteByte(']')
	case kubeobj.String:
		text, _ := json.Marshal(v.Text)
		b.Write(text)
	case kubeobj.Number:
		if n, err := strconv.ParseInt(v.Text, 0, 64); err == nil {
			b.WriteString(strconv.FormatInt(n, 10))
			return
		}
		x, _ := strconv.ParseFloat(v.Text, 64)
		n, _ := json.Marshal(x)
		b.Write(n)
	case kubeobj.Bool:
		b.WriteString(strings.ToLower(v.Text))
	default:
		b.WriteString("null")
	}
}

func readObject(t *testing.T, data []byte) *kubeobj.Object {
	t.Helper()
	f, problem := kubeobj.Parse("object.json", data)
	if problem != nil || len(f.Objects) != 1 {
		t.Fatalf("%v: %s", problem, data)
	}
	return f.Objects[0]
}

func apiVersion(o *kubeobj.Object) string {
	if o.Group == "" {
		return o.Version
	}
	return o.Group + "/" + o.Version
}

func lines(c fields.Comparison) string {
	var b strings.Builder
	for i := range c.Edits {
		e := &c.Edits[i]
		fmt.Fprintf(&b, "  %s old %v %q new %v %q unknown %v %s\n", e.Path, jsonText(e.Old), e.OldDefault, jsonText(e.New), e.NewDefault, e.Unknown, e.Mistyped)
	}
	return b.String()
}

func jsonText(v *kubeobj.Value) string {
	if v == nil {
		return "-"
	}
	return string(jsonOf(v))
}

// What Kubernetes stores of an object is no edit of it, in either direction: all
// defaults are known.
func TestWhatKubernetesFillsInIsNoEdit(t *testing.T) {
	objects := manifests(t, sharedData(t, "k8s"))
	for _, d := range defaulters(t) {
		t.Run(d.version.String(), func(t *testing.T) {
			asked, kinds := 0, map[string]bool{}
			for _, o := range objects {
				if !d.kinds[apiVersion(o)+" "+o.Kind] {
					continue
				}
				filled, ok := d.defaulted(t, jsonOf(&o.Root))
				if !ok {
					continue
				}
				asked++
				kinds[o.Kind] = true
				live := readObject(t, filled)
				there := fields.Compare(o, live, fields.Options{Version: d.version})
				back := fields.Compare(live, o, fields.Options{Version: d.version})
				// What the server does not know is an edit: it is dropped.
				for _, c := range []*fields.Comparison{&there, &back} {
					c.Edits = slices.DeleteFunc(c.Edits, func(e fields.Edit) bool { return e.Unknown })
				}
				if len(there.Edits)+len(back.Edits) > 0 {
					t.Errorf("%s %s:\n%s back:\n%s", o.Path, o.Identity(), lines(there), lines(back))
				}
			}
			t.Logf("%d objects of %d kinds", asked, len(kinds))
			if asked < 500 || len(kinds) < 15 {
				t.Errorf("only %d objects of %d kinds", asked, len(kinds))
			}
		})
	}
}

// mutate changes one thing of a tree in place, as a person may: something goes,
// is emptied, changes, is doubled, or changes places.
func mutate(r *rand.Rand, root *kubeobj.Value) {
	var places []*kubeobj.Value
	var walk func(v *kubeobj.Value, top, identity bool)
	walk = func(v *kubeobj.Value, top, identity bool) {
		for i := range v.Items {
			in := &v.Items[i]
			if top && (in.Name == "apiVersion" || in.Name == "kind" || in.Name == "status") || in.Name == "deprecated.daemonset.template.generation" {
				continue
			}
			if in.Name != "name" && in.Name != "metadata" || !identity {
				places = append(places, in)
			}
			walk(in, false, top && in.Name == "metadata")
		}
		if len(v.Items) > 0 && !identity {
			places = append(places, v)
		}
	}
	walk(root, true, true)
	if len(places) == 0 {
		return
	}
	v := places[r.IntN(len(places))]
	name := v.Name
	switch {
	case len(v.Items) > 0 && r.IntN(3) == 0:
		i := r.IntN(len(v.Items))
		v.Items = slices.Delete(slices.Clone(v.Items), i, i+1)
	case len(v.Items) > 1 && r.IntN(3) == 0:
		i, j := r.IntN(len(v.Items)), r.IntN(len(v.Items))
		v.Items = slices.Clone(v.Items)
		v.Items[i], v.Items[j] = v.Items[j], v.Items[i]
	case v.Kind == kubeobj.Map || v.Kind == kubeobj.List:
		if r.IntN(2) == 0 {
			v.Items = nil
		} else {
			*v = kubeobj.Value{Kind: kubeobj.Null}
		}
	case v.Kind == kubeobj.Bool:
		v.Text = map[string]string{"true": "false"}[v.Text]
		if v.Text == "" {
			v.Text = "true"
		}
	case v.Kind == kubeobj.Number:
		v.Text = []string{"0", "1", "10", strings.TrimSuffix(v.Text, ".0") + ".0", "5"}[r.IntN(5)]
	case v.Kind == kubeobj.String:
		v.Text = []string{"", v.Text + "x", v.Text, "1000m", "1"}[r.IntN(5)]
	}
	v.Name = name
}

func cloneValue(v kubeobj.Value) kubeobj.Value {
	v.Items = slices.Clone(v.Items)
	for i := range v.Items {
		v.Items[i] = cloneValue(v.Items[i])
	}
	return v
}

// pair asks what becomes of an object and of the same with changes, and holds
// Compare against it: an edit if and only if something else is stored.
func (d *defaulter) pair(t *testing.T, r *rand.Rand, o *kubeobj.Object) (asked, otherwise bool) {
	t.Helper()
	was, ok := d.defaulted(t, jsonOf(&o.Root))
	if !ok {
		return false, false
	}
	// Half of them start from what is stored, which has all defaults.
	old := o
	if r.IntN(2) == 0 {
		old = readObject(t, was)
		if was, ok = d.defaulted(t, was); !ok {
			return false, false
		}
	}
	changed := *old
	changed.Root = cloneValue(old.Root)
	for range 1 + r.IntN(3) {
		mutate(r, &changed.Root)
	}
	data := jsonOf(&changed.Root)
	now, ok := d.defaulted(t, data)
	c := fields.Compare(old, &changed, fields.Options{Version: d.version})
	if !ok {
		if !slices.ContainsFunc(c.Edits, func(e fields.Edit) bool { return e.Mistyped != "" }) {
			t.Errorf("%s: does not decode, and no edit says so\n%s%s", o.Identity(), lines(c), data)
		}
		return false, false
	}
	c.Edits = slices.DeleteFunc(c.Edits, func(e fields.Edit) bool { return e.Unknown })
	edited, otherwise := len(c.Edits) > 0, !sameStored(t, was, now)
	if edited != otherwise {
		t.Errorf("%s: edited %v, stored otherwise %v\n%s was %s\n sent %s\n now %s", o.Identity(), edited, otherwise, lines(c), was, data, now)
	}
	return true, otherwise
}

// There is an edit if and only if Kubernetes stores something else.
func TestAnEditIsWhatKubernetesStoresOtherwise(t *testing.T) {
	objects := manifests(t, sharedData(t, "k8s"))
	for _, d := range defaulters(t) {
		t.Run(d.version.String(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(d.version), 6))
			asked, differ := 0, 0
			byKind := map[string]int{}
			for range 20 {
				for _, o := range objects {
					// The allocations of a Service are kept by its store, not by defaults.
					if !d.kinds[apiVersion(o)+" "+o.Kind] || o.Kind == "Service" || byKind[o.Kind] > 1500 || len(jsonOf(&o.Root)) > 40000 {
						continue
					}
					byKind[o.Kind]++
					if ok, otherwise := d.pair(t, r, o); ok {
						asked++
						if otherwise {
							differ++
						}
					}
				}
			}
			t.Logf("%d pairs, %d stored otherwise", asked, differ)
			if asked < 5000 || differ < asked/4 {
				t.Errorf("too few: %d pairs, %d stored otherwise", asked, differ)
			}
		})
	}
}

// The same for made up objects of every kind, with fields that no manifest has.
func TestAnEditOfMadeUpObjects(t *testing.T) {
	for _, d := range defaulters(t) {
		t.Run(d.version.String(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(d.version), 7))
			asked, differ, kinds := 0, 0, 0
			for _, k := range slices.Sorted(maps.Keys(d.kinds)) {
				av, kind, _ := strings.Cut(k, " ")
				group, version, ok := strings.Cut(av, "/")
				if !ok {
					group, version = "", av
				}
				typ, ok := kubeschema.Lookup(group, version, kind)
				if !ok || kind == "Service" {
					continue
				}
				kinds++
				for range 150 {
					m := maker{r: r, version: d.version}
					o := &kubeobj.Object{Group: group, Version: version, Kind: kind, Name: "made", Root: m.value(typ, 0)}
					if o.Root.Kind != kubeobj.Map {
						continue
					}
					o.Root.Items = slices.DeleteFunc(o.Root.Items, func(v kubeobj.Value) bool {
						return v.Name == "apiVersion" || v.Name == "kind" || v.Name == "status" || v.Name == "metadata"
					})
					o.Root.Items = append(o.Root.Items, stringValue("apiVersion", av), stringValue("kind", kind),
						kubeobj.Value{Name: "metadata", Kind: kubeobj.Map, Items: []kubeobj.Value{stringValue("name", "made")}})
					if ok, otherwise := d.pair(t, r, o); ok {
						asked++
						if otherwise {
							differ++
						}
					}
				}
			}
			t.Logf("%d pairs of %d kinds, %d stored otherwise", asked, kinds, differ)
			if asked < 5000 || kinds < 30 || differ < asked/4 {
				t.Errorf("too few: %d pairs of %d kinds, %d stored otherwise", asked, kinds, differ)
			}
		})
	}
}

// updated is what the registry stores when new replaces old, both with a
// resourceVersion; false where it refuses.
func (d *defaulter) updated(t *testing.T, old, new []byte) ([]byte, bool) {
	t.Helper()
	var a struct {
		Accepted bool
		Stored   json.RawMessage
		Error    string
	}
	if err := json.Unmarshal(d.ask(t, fmt.Appendf(nil, `{"op":"update","old":%s,"new":%s}`, old, new)), &a); err != nil {
		t.Fatal(err)
	}
	return a.Stored, a.Accepted && a.Error == ""
}

func (d *defaulter) created(t *testing.T, object []byte) ([]byte, bool) {
	t.Helper()
	var a struct {
		Accepted bool
		Stored   json.RawMessage
		Error    string
	}
	if err := json.Unmarshal(d.ask(t, fmt.Appendf(nil, `{"op":"create","object":%s}`, object)), &a); err != nil {
		t.Fatal(err)
	}
	return a.Stored, a.Accepted && a.Error == ""
}

// revised gives an object a resourceVersion.
func revised(t *testing.T, data []byte) []byte {
	t.Helper()
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	m, ok := tree["metadata"].(map[string]any)
	if !ok {
		return data
	}
	m["resourceVersion"] = "7"
	out, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Where there is no edit an accepted update stores what was there, allocations
// and all; of a Service, whose strategy drops no field, there is one only where
// it does not.
func TestAnUpdateWithoutAnEditStoresNothingNew(t *testing.T) {
	objects := manifests(t, sharedData(t, "k8s"))
	for _, d := range defaulters(t) {
		t.Run(d.version.String(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(d.version), 8))
			asked, same, services := 0, 0, 0
			for range 12 {
				for _, o := range objects {
					if !d.kinds[apiVersion(o)+" "+o.Kind] || len(jsonOf(&o.Root)) > 20000 {
						continue
					}
					was, ok := d.created(t, jsonOf(&o.Root))
					if !ok {
						continue
					}
					was = revised(t, was)
					old := readObject(t, was)
					from := old
					if r.IntN(2) == 0 {
						from = o // as written: without what the server allocated
					}
					changed := *from
					changed.Root = cloneValue(from.Root)
					if r.IntN(3) > 0 {
						mutate(r, &changed.Root)
					}
					now, ok := d.updated(t, was, revised(t, jsonOf(&changed.Root)))
					if !ok {
						continue
					}
					asked++
					c := fields.Compare(old, &changed, fields.Options{Version: d.version})
					c.Edits = slices.DeleteFunc(c.Edits, func(e fields.Edit) bool { return e.Unknown })
					edited, otherwise := len(c.Edits) > 0, !sameStored(t, was, now)
					if !otherwise {
						same++
					}
					if o.Kind == "Service" {
						services++
					}
					if otherwise && !edited || edited && !otherwise && o.Kind == "Service" {
						t.Errorf("%s: edited %v, stored otherwise %v\n%s was %s\n sent %s\n now %s", o.Identity(), edited, otherwise, lines(c), was, jsonOf(&changed.Root), now)
					}
				}
			}
			t.Logf("%d accepted updates, %d stored the same, %d of Services", asked, same, services)
			if asked < 2000 || same < 300 || services < 300 {
				t.Errorf("too few")
			}
		})
	}
}

// maker makes values that decode.
type maker struct {
	r       *rand.Rand
	version kubeschema.Version
}

func stringValue(name, text string) kubeobj.Value {
	return kubeobj.Value{Name: name, Kind: kubeobj.String, Text: text}
}

// words are values on which defaults depend, among others.
var words = strings.Fields(`a b latest nginx nginx:1.27 nginx:latest example.com:5000/app Upper:1 nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000
	TCP UDP RollingUpdate Recreate OnDelete ClusterIP NodePort LoadBalancer ExternalName None ClientIP Local Cluster Container Pod User Group
	ServiceAccount ExactCount All Ingress Egress Always Never Indexed NonIndexed Retain Delete Exempt Limited Queue Webhook Namespaced Opaque`)

func (m maker) pick(texts ...string) string { return texts[m.r.IntN(len(texts))] }

func (m maker) value(t *kubeschema.Type, depth int) kubeobj.Value {
	text := func(s string) kubeobj.Value { return kubeobj.Value{Kind: kubeobj.String, Text: s} }
	digits := func(s string) kubeobj.Value { return kubeobj.Value{Kind: kubeobj.Number, Text: s} }
	switch t.Shape {
	case kubeschema.Struct:
		v := kubeobj.Value{Kind: kubeobj.Map}
		for i := range t.Fields {
			f := &t.Fields[i]
			// The deeper, the fewer: the number of fields below stays small.
			if f.Since > m.version || f.Until < m.version || m.r.IntN(8) < min(depth, 7) && f.Name != "spec" && f.Name != "template" && f.Name != "containers" {
				continue
			}
			if f.Type.Shape != kubeschema.Scalar && depth > 7 || m.r.IntN(4) == 0 {
				continue
			}
			in := m.value(f.Type, depth+1)
			in.Name = f.Name
			v.Items = append(v.Items, in)
		}
		return v
	case kubeschema.Map:
		v := kubeobj.Value{Kind: kubeobj.Map}
		for _, name := range []string{"cpu", "memory", "b"}[:m.r.IntN(4)] {
			in := m.value(t.Elem, depth+1)
			in.Name = name
			if in.Kind != kubeobj.List || len(in.Items) > 0 { // sameStored cannot tell an entry of nothing from none
				v.Items = append(v.Items, in)
			}
		}
		return v
	case kubeschema.List:
		v := kubeobj.Value{Kind: kubeobj.List}
		for range m.r.IntN(3) {
			v.Items = append(v.Items, m.value(t.Elem, depth+1))
		}
		return v
	case kubeschema.Quantity:
		return text(m.pick("1", "1000m", "1Gi", "1024Mi", "0", "100u", "1.5", "1e3", "0.5Ki"))
	case kubeschema.IntOrString:
		if m.r.IntN(2) == 0 {
			return text(m.pick("25%", "http", "80", ""))
		}
		return digits(m.pick("0", "80", "1"))
	case kubeschema.Time:
		return text(m.pick("2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00"))
	case kubeschema.MicroTime:
		return text(m.pick("2026-01-02T03:04:05.000000Z", "2026-01-02T04:04:05.000001+01:00"))
	case kubeschema.Duration:
		return text(m.pick("1h0m0s", "60m", "5s"))
	case kubeschema.Bytes:
		return text(m.pick("", "YQ==", "YWI="))
	case kubeschema.Raw:
		return kubeobj.Value{Kind: kubeobj.Map, Items: []kubeobj.Value{stringValue("type", m.pick("string", "object"))}}
	}
	switch t.Basic {
	case "bool":
		return kubeobj.Value{Kind: kubeobj.Bool, Text: m.pick("true", "false")}
	case "string":
		return text(m.pick(words...))
	}
	return digits(m.pick("0", "1", "80", "-1", "10"))
}

// sameStored compares two encodings less what is not compared.
func sameStored(t *testing.T, a, b []byte) bool {
	t.Helper()
	var trees [2]map[string]any
	for i, data := range [][]byte{a, b} {
		if err := json.Unmarshal(data, &trees[i]); err != nil {
			t.Fatal(err)
		}
		delete(trees[i], "status")
		if m, ok := trees[i]["metadata"].(map[string]any); ok {
			for _, name := range []string{"name", "namespace", "generateName", "creationTimestamp", "uid", "resourceVersion", "generation"} {
				delete(m, name)
			}
		}
		prune(trees[i])
	}
	x, _ := json.Marshal(trees[0])
	y, _ := json.Marshal(trees[1])
	return bytes.Equal(x, y)
}

// prune leaves out empty lists and maps whose absence Kubernetes cannot tell:
// those that its encoder writes for want of omitempty.
func prune(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for name, in := range v {
			if prune(in) {
				delete(v, name)
			}
		}
	case []any:
		for _, in := range v {
			prune(in)
		}
		return len(v) == 0
	case nil:
		return true
	}
	return false
}
