package oracle_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"polygraph/internal/fields"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
	"polygraph/test/cluster/binary"
	"polygraph/test/oracle"
)

// defaulter is the oracle of a release.
type defaulter struct {
	*oracle.Oracle
	version kubeschema.Version
	kinds   map[string]bool // "apps/v1 Deployment"
}

func startDefaulter(t *testing.T, release binary.Version) *defaulter {
	t.Helper()
	d := &defaulter{Oracle: oracle.Start(t, release), version: minor(release), kinds: map[string]bool{}}
	all, _, err := d.Kinds()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		d.kinds[k] = true
	}
	return d
}

// eachRelease runs a test against every release that is asked for.
func eachRelease(t *testing.T, test func(t *testing.T, d *defaulter)) {
	t.Helper()
	t.Parallel()
	for _, release := range releases(t) {
		t.Run(release.Minor(), func(t *testing.T) { test(t, startDefaulter(t, release)) })
	}
}

func tree(t *testing.T, data []byte) oracle.Object {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var o oracle.Object
	if err := dec.Decode(&o); err != nil {
		t.Fatal(err)
	}
	return o
}

func encoded(t *testing.T, o oracle.Object) []byte {
	t.Helper()
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// answered is false where the oracle could not decode the question's object.
func answered(t *testing.T, err error) bool {
	t.Helper()
	if err != nil && !strings.HasPrefix(err.Error(), "the oracle: ") {
		t.Fatal(err)
	}
	return err == nil
}

// defaulted is the object as Kubernetes decodes, defaults and encodes it; false
// where it does not decode.
func (d *defaulter) defaulted(t *testing.T, object []byte) ([]byte, bool) {
	t.Helper()
	o, err := d.Default(tree(t, object))
	return encoded(t, o), answered(t, err)
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
	eachRelease(t, func(t *testing.T, d *defaulter) {
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
	eachRelease(t, func(t *testing.T, d *defaulter) {
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

// The same for made up objects of every kind, with fields that no manifest has.
func TestAnEditOfMadeUpObjects(t *testing.T) {
	eachRelease(t, func(t *testing.T, d *defaulter) {
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

// updated is what the registry stores when new replaces old, both with a
// resourceVersion; false where it refuses.
func (d *defaulter) updated(t *testing.T, old, new []byte) ([]byte, bool) {
	t.Helper()
	r, err := d.Update("", tree(t, old), tree(t, new))
	return encoded(t, r.Stored), answered(t, err) && r.Accepted
}

func (d *defaulter) created(t *testing.T, object []byte) ([]byte, bool) {
	t.Helper()
	r, err := d.Create("", tree(t, object))
	return encoded(t, r.Stored), answered(t, err) && r.Accepted
}

// revised gives an object a resourceVersion.
func revised(t *testing.T, data []byte) []byte {
	t.Helper()
	o := tree(t, data)
	if m, ok := o["metadata"].(map[string]any); ok {
		m["resourceVersion"] = "7"
	}
	return encoded(t, o)
}

// Where there is no edit an accepted update stores what was there, allocations
// and all; of a Service, whose strategy drops no field, there is one only where
// it does not.
func TestAnUpdateWithoutAnEditStoresNothingNew(t *testing.T) {
	objects := manifests(t, sharedData(t, "k8s"))
	eachRelease(t, func(t *testing.T, d *defaulter) {
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
			inside, _ := in.(map[string]any)
			// Two more that are written though Go cannot tell them from nothing: bytes,
			// and the webhook of a conversion that has an empty list.
			if prune(in) || name == "request" && in == "" || name == "webhook" && inside != nil && len(inside) == 0 {
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
