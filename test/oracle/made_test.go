package oracle_test

import (
	"math/rand/v2"
	"slices"
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

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
