package kubeschema

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
)

func field(t *testing.T, typ *Type, path string, v Version) *Field {
	t.Helper()
	var f *Field
	for name := range strings.SplitSeq(path, ".") {
		for typ.Elem != nil {
			typ = typ.Elem
		}
		var ok bool
		if f, ok = typ.Field(name, v); !ok {
			return nil
		}
		typ = f.Type
	}
	return f
}

func lookup(t *testing.T, group, version, kind string) *Type {
	t.Helper()
	typ, ok := Lookup(group, version, kind)
	if !ok {
		t.Fatal("no ", group, version, kind)
	}
	return typ
}

func TestFieldsOfVersions(t *testing.T) {
	pod := lookup(t, "", "v1", "Pod")
	for _, c := range []struct {
		path         string
		since, until Version
	}{
		{"spec.containers.image", 29, 37},
		{"spec.hostnameOverride", 34, 37},
		{"spec.resources", 32, 37},
		{"spec.workloadRef", 35, 35},
		{"spec.volumes.image", 31, 37},
		{"spec.Containers", 0, -1},
		{"spec.nosuch", 0, -1},
	} {
		for v := Oldest; v <= Newest; v++ {
			if got, want := field(t, pod, c.path, v) != nil, c.since <= v && v <= c.until; got != want {
				t.Errorf("%s in %s: %v", c.path, v, got)
			}
		}
	}
}

func TestKeysOfLists(t *testing.T) {
	pod, service := lookup(t, "", "v1", "Pod"), lookup(t, "", "v1", "Service")
	for _, v := range []Version{29, 30, 37} {
		for _, c := range []struct {
			typ         *Type
			path        string
			keys, merge string
		}{
			{pod, "spec.containers", "name", "name"},
			{pod, "spec.containers.ports", "containerPort,protocol", "containerPort"},
			{pod, "spec.containers.args", "", ""},
			{pod, "spec.containers.volumeMounts", "mountPath", "mountPath"},
			{pod, "spec.tolerations", "", ""},
			{pod, "metadata.ownerReferences", "uid", "uid"},
			{service, "spec.ports", "port,protocol", "port"},
		} {
			f := field(t, c.typ, c.path, v)
			if got := strings.Join(f.Type.Keys, ","); got != c.keys || f.Type.MergeKey != c.merge || f.Type.Set {
				t.Errorf("%s in %s: keys %q, merge %q", c.path, v, got, f.Type.MergeKey)
			}
		}
		if f := field(t, pod, "metadata.finalizers", v); !f.Type.Set || f.Type.MergeKey != "=" {
			t.Errorf("finalizers are a set: %+v", f.Type)
		}
		if !field(t, pod, "spec.volumes", v).RetainKeys || !field(t, pod, "spec.nodeSelector", v).Atomic {
			t.Error("retainKeys, atomic")
		}
	}
}

func TestServed(t *testing.T) {
	for _, c := range []struct {
		group, version, kind string
		since, until         Version
	}{
		{"apps", "v1", "Deployment", 0, Newest},
		{"flowcontrol.apiserver.k8s.io", "v1beta3", "FlowSchema", 26, 31},
		{"autoscaling", "v2beta2", "HorizontalPodAutoscaler", 12, 25},
		{"policy", "v1beta1", "PodDisruptionBudget", 5, 24},
		{"extensions", "v1beta1", "Ingress", 1, 21},
		{"batch", "v1beta1", "CronJob", 8, 24},
		{"resource.k8s.io", "v1", "ResourceClaim", 34, Newest},
		{"apiextensions.k8s.io", "v1", "CustomResourceDefinition", 0, Newest},
	} {
		since, until, known := Served(c.group, c.version, c.kind)
		if !known || since != c.since || until != c.until {
			t.Errorf("%s/%s %s: %d to %d, %v", c.group, c.version, c.kind, since, until, known)
		}
	}
	if _, _, known := Served("example.com", "v1", "Widget"); known {
		t.Error("Widget is known")
	}
	for _, c := range []struct {
		group, kind       string
		namespaced, known bool
	}{
		{"", "Pod", true, true},
		{"", "Namespace", false, true},
		{"", "Node", false, true},
		{"", "PersistentVolume", false, true},
		{"", "PersistentVolumeClaim", true, true},
		{"rbac.authorization.k8s.io", "ClusterRole", false, true},
		{"apiregistration.k8s.io", "APIService", false, true},
		{"certificates.k8s.io", "CertificateSigningRequest", false, true},
		{"storage.k8s.io", "CSIStorageCapacity", true, true},
		{"example.com", "Widget", false, false},
	} {
		if namespaced, known := Namespaced(c.group, c.kind); namespaced != c.namespaced || known != c.known {
			t.Errorf("%s %s: %v, %v", c.group, c.kind, namespaced, known)
		}
	}
	for v := Oldest; v <= Newest; v++ {
		if n := len(Kinds(v)); n < 75 {
			t.Errorf("%s serves %d kinds", v, n)
		}
	}
}

func TestEveryLineIsRead(t *testing.T) {
	kinds, types, fields := 0, 0, 0
	for line := range strings.Lines(tableText) {
		switch {
		case strings.HasPrefix(line, "K "):
			kinds++
		case strings.HasPrefix(line, "T "):
			types++
		case strings.HasPrefix(line, "!"), strings.HasPrefix(line, "#"):
		default:
			fields++
		}
	}
	s := parse(tableText)
	read := 0
	for name, typ := range s.types {
		read += len(typ.Fields)
		if len(typ.Fields) == 0 && !strings.Contains(name, "Dummy") {
			t.Log("no fields in ", name)
		}
		if !slices.IsSortedFunc(typ.Fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) }) {
			t.Error(name, " is not in order")
		}
	}
	if len(s.order) != kinds || len(s.types) != types || read != fields || kinds < 190 || types < 1100 {
		t.Errorf("%d of %d kinds, %d of %d types, %d of %d fields", len(s.order), kinds, len(s.types), types, read, fields)
	}
}

// The table of the newest version is what Go's reflection finds in the types
// that client-go registers: it reads tags, where the generator reads source.
func TestNewestIsWhatReflectionFinds(t *testing.T) {
	c := comparer{t: t, seen: map[string]bool{}}
	kinds := 0
	for gvk, rt := range scheme.Scheme.AllKnownTypes() {
		if gvk.Version == runtime.APIVersionInternal {
			continue
		}
		if meta, ok := rt.FieldByName("ObjectMeta"); !ok || meta.Type != reflect.TypeFor[metav1.ObjectMeta]() {
			continue
		}
		typ, ok := Lookup(gvk.Group, gvk.Version, gvk.Kind)
		if !ok {
			if !slices.Contains(unserved, gvk.Group) {
				t.Error("not in the table: ", gvk)
			}
			continue
		}
		kinds++
		c.same(gvk.Kind, rt, typ)
	}
	t.Logf("%d kinds, %d types", kinds, len(c.seen))
	if kinds < 100 || len(c.seen) < 500 {
		t.Errorf("only %d kinds, %d types", kinds, len(c.seen))
	}
}

type comparer struct {
	t    *testing.T
	seen map[string]bool
}

func (c *comparer) same(at string, rt reflect.Type, typ *Type) {
	for rt.Kind() == reflect.Pointer {
		rt = rt.Elem()
	}
	leaf := map[string]Shape{
		"resource.Quantity": Quantity, "intstr.IntOrString": IntOrString, "v1.Time": Time, "v1.MicroTime": MicroTime,
		"v1.Duration": Duration, "runtime.RawExtension": Raw, "v1.FieldsV1": Raw,
	}
	want, special := leaf[rt.String()]
	switch {
	case special:
	case rt.Kind() == reflect.Struct:
		want = Struct
	case rt.Kind() == reflect.Map:
		want = Map
	case rt.Kind() == reflect.Slice && rt.Elem().Kind() == reflect.Uint8:
		want = Bytes
	case rt.Kind() == reflect.Slice:
		want = List
	default:
		want = Scalar
		if typ.Basic != rt.Kind().String() {
			c.t.Errorf("%s is %s, in the table %s", at, rt.Kind(), typ.Basic)
		}
	}
	if want != typ.Shape {
		c.t.Errorf("%s has shape %d, in the table %d", at, want, typ.Shape)
		return
	}
	switch want {
	case Map, List:
		c.same(at, rt.Elem(), typ.Elem)
	case Struct:
		if c.seen[typ.Name] {
			return
		}
		c.seen[typ.Name] = true
		found := c.fields(at, rt, typ)
		for i := range typ.Fields {
			if f := &typ.Fields[i]; f.Until == Newest && !slices.Contains(found, f.Name) {
				c.t.Errorf("%s.%s is in the table only", at, f.Name)
			}
		}
	}
}

func (c *comparer) fields(at string, rt reflect.Type, typ *Type) []string {
	var names []string
	for sf := range rt.Fields() {
		name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if name == "" && sf.Anonymous {
			names = append(names, c.fields(at, sf.Type, typ)...)
			continue
		}
		names = append(names, name)
		f, ok := typ.Field(name, Newest)
		if !ok {
			c.t.Errorf("%s.%s is not in the table", at, name)
			continue
		}
		if required := !strings.Contains(options, "omit"); required != f.Required {
			c.t.Errorf("%s.%s required %v", at, name, required)
		}
		if pointer := sf.Type.Kind() == reflect.Pointer; pointer != f.Pointer {
			c.t.Errorf("%s.%s pointer %v", at, name, pointer)
		}
		if key := sf.Tag.Get("patchMergeKey"); key != "" && key != f.Type.MergeKey {
			c.t.Errorf("%s.%s merges by %s, in the table %q", at, name, key, f.Type.MergeKey)
		}
		c.same(at+"."+name, sf.Type, f.Type)
	}
	return names
}

func BenchmarkLookup(b *testing.B) {
	Lookup("apps", "v1", "Deployment")
	for b.Loop() {
		Lookup("apps", "v1", "Deployment")
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		parse(tableText)
	}
}
