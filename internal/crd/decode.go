package crd

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"polygraph/internal/kubeobj"
)

const (
	// maxBytes is the body that an API server reads at most (k8s.io/apiserver,
	// server.Config.MaxRequestBodyBytes).
	maxBytes = 3 << 20
	// maxDepth is far above what is written, and far below what a stack holds.
	maxDepth = 200
)

var (
	errSize   = errors.New("it is larger than 3 MiB, which is more than an API server reads")
	errDepth  = errors.New("it is nested more than 200 levels deep")
	errNumber = errors.New("it has a number that JSON cannot write")
)

// decoder turns values into what the server's packages work on: maps, slices,
// strings, bool, int64, float64.
type decoder struct{ bytes int }

// object is the whole of an object.
func object(o *kubeobj.Object) (map[string]any, error) {
	d := &decoder{}
	v, err := d.value(&o.Root, 0)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("it is no object")
	}
	return m, nil
}

func (d *decoder) value(v *kubeobj.Value, depth int) (any, error) {
	if d.bytes += len(v.Name) + len(v.Text) + 2; d.bytes > maxBytes {
		return nil, errSize
	}
	if depth > maxDepth {
		return nil, errDepth
	}
	switch v.Kind {
	case kubeobj.Bool:
		return v.Text == "true", nil
	case kubeobj.Number:
		return number(v.Text)
	case kubeobj.String:
		return v.Text, nil
	case kubeobj.Map:
		m := make(map[string]any, len(v.Items))
		for i := range v.Items {
			item, err := d.value(&v.Items[i], depth+1)
			if err != nil {
				return nil, err
			}
			m[v.Items[i].Name] = item
		}
		return m, nil
	case kubeobj.List:
		l := make([]any, len(v.Items))
		for i := range v.Items {
			item, err := d.value(&v.Items[i], depth+1)
			if err != nil {
				return nil, err
			}
			l[i] = item
		}
		return l, nil
	default:
		return nil, nil
	}
}

// number is a number as it arrives: kubectl writes it as JSON, 1e3 and 1.0
// without a fraction, and the server reads what has none as an integer.
func number(text string) (any, error) {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, errNumber
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		return int64(f), nil
	}
	return f, nil
}

// encode is the way back. What was written keeps its offset and order; what was
// filled in stands behind it, at the offset of what is around it.
func encode(name string, v any, written *kubeobj.Value, around uint32) kubeobj.Value {
	out := kubeobj.Value{Name: name, Offset: around}
	if written != nil {
		out.Offset = written.Offset
	}
	switch v := v.(type) {
	case nil:
		out.Kind = kubeobj.Null
	case bool:
		out.Kind, out.Text = kubeobj.Bool, strconv.FormatBool(v)
	case int64:
		out.Kind, out.Text = kubeobj.Number, strconv.FormatInt(v, 10)
	case float64:
		out.Kind, out.Text = kubeobj.Number, strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		out.Kind, out.Text = kubeobj.String, v
	case []any:
		out.Kind = kubeobj.List
		for i, item := range v {
			var w *kubeobj.Value
			if written.Is(kubeobj.List) && i < len(written.Items) {
				w = &written.Items[i]
			}
			out.Items = append(out.Items, encode("", item, w, out.Offset))
		}
	case map[string]any:
		out.Kind = kubeobj.Map
		out.Items = make([]kubeobj.Value, 0, len(v))
		seen := make(map[string]bool, len(v))
		if written.Is(kubeobj.Map) {
			for i := range written.Items {
				w := &written.Items[i]
				if item, ok := v[w.Name]; ok && !seen[w.Name] {
					seen[w.Name] = true
					out.Items = append(out.Items, encode(w.Name, item, w, out.Offset))
				}
			}
		}
		var filled []string
		for key := range v {
			if !seen[key] {
				filled = append(filled, key)
			}
		}
		slices.Sort(filled)
		for _, key := range filled {
			out.Items = append(out.Items, encode(key, v[key], nil, out.Offset))
		}
	}
	return out
}
