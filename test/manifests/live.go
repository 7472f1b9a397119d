package manifests

import "fmt"

// live adds to an object what a cluster adds.
func (s *service) live(v fields, i int) fields {
	out := make(fields, 0, len(v)+1)
	for _, f := range v {
		if f.name == "metadata" {
			meta := append(fields{}, f.value.(fields)...)
			f.value = append(meta,
				field{"creationTimestamp", "2026-01-02T03:04:05Z"}, field{"generation", 1 + s.rand.IntN(9)},
				field{"managedFields", []any{s.managed("helm", "Apply", v), s.managed("kube-controller-manager", "Update", v[len(v)-1:])}},
				field{"resourceVersion", fmt.Sprint(100000 + i)}, field{"uid", fmt.Sprintf("%08x-0000-4000-8000-%012x", s.rand.Uint32(), i)})
		}
		out = append(out, f)
	}
	return append(out, field{"status", fields{
		{"observedGeneration", 1},
		{"conditions", []any{fields{
			{"lastTransitionTime", "2026-01-02T03:04:05Z"},
			{"message", "it is available: as many as were asked for"},
			{"reason", "MinimumReplicasAvailable"},
			{"status", "True"},
			{"type", "Available"},
		}}},
	}})
}

func (s *service) managed(manager, operation string, v fields) fields {
	return fields{
		{"apiVersion", "v1"},
		{"fieldsType", "FieldsV1"},
		{"fieldsV1", owned(v)},
		{"manager", manager},
		{"operation", operation},
		{"time", "2026-01-02T03:04:05Z"},
	}
}

func owned(v any) fields {
	out := fields{{".", fields{}}}
	switch v := v.(type) {
	case fields:
		for _, f := range v {
			out = append(out, field{"f:" + f.name, owned(f.value)})
		}
	case []any:
		for _, item := range v {
			if f, ok := item.(fields); ok && len(f) > 0 && f[0].name == "name" {
				out = append(out, field{fmt.Sprintf(`k:{"name":%q}`, f[0].value), owned(f)})
			}
		}
	default:
		return fields{}
	}
	return out
}
