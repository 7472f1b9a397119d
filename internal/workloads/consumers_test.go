package workloads

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"polygraph/internal/kubeobj"
)

// TestConsumersAgainstTypes makes random Deployments of the API's own types and
// asks of each ConfigMap and Secret and each key who sees an edit and how. The
// oracle goes through the types, object by object, and knows no index.
func TestConsumersAgainstTypes(t *testing.T) {
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 6))
		var sets []*apps.Deployment
		var text []byte
		for i := range 1 + random.IntN(6) {
			d := deployment(random, fmt.Sprint("d", i))
			sets = append(sets, d)
			b, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			text = append(append(text, b...), "\n---\n"...)
		}
		for _, kind := range []string{"ConfigMap", "Secret"} {
			for _, ns := range namespaces {
				for _, name := range targets {
					text = fmt.Appendf(text, "apiVersion: v1\nkind: %s\nmetadata: {name: %s, namespace: %q}\n---\n", kind, name, ns)
				}
			}
		}
		f, problem := kubeobj.Parse("side.yaml", text)
		if problem != nil || len(f.Objects) != len(sets)+2*len(namespaces)*len(targets) {
			t.Fatal(problem, len(f.Objects))
		}
		g := Build(f.Objects)
		for _, o := range f.Objects[len(sets):] {
			for _, key := range itemKeys {
				var got, want []string
				for _, r := range g.Consumers(o) {
					if r.Has(key) {
						got = append(got, describe(r))
					}
					if at := resolve(r); at != r.Value {
						t.Fatalf("seed %d: %s does not lead to the reference", seed, r.Path)
					}
				}
				for _, d := range sets {
					if d.Namespace == o.Namespace {
						want = append(want, expected(d, o.Kind, o.Name, key)...)
					}
				}
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Fatalf("seed %d: %s %s/%s key %s:\n got %q\nwant %q", seed, o.Kind, o.Namespace, o.Name, key, got, want)
				}
			}
		}
	}
}

var (
	namespaces = []string{"shop", "live"}
	targets    = []string{"a", "b"}
	itemKeys   = []string{"k", "k.conf", "dir"}
)

func describe(r *Read) string {
	c := ""
	if r.Container != nil {
		c = r.Container.Name
	}
	return strings.Join([]string{r.Reader.Name, c, fmt.Sprint(int(r.Way)), r.Variable + r.Prefix, r.Volume, r.Mount, fmt.Sprint(r.Optional)}, "|")
}

// resolve follows a path through the reader, independently of how it was made.
func resolve(r *Read) *kubeobj.Value {
	v := &r.Reader.Root
	for rest := r.Path; rest != ""; {
		if name, after, ok := strings.Cut(strings.TrimPrefix(rest, "["), "]"); ok && rest[0] == '[' {
			key, value, keyed := strings.Cut(name, "=")
			var found *kubeobj.Value
			for i, item := range v.Each() {
				if keyed && item.Get(key).Str() == value || !keyed && fmt.Sprint(i) == name {
					found = item
					break
				}
			}
			v, rest = found, strings.TrimPrefix(after, ".")
			continue
		}
		i := strings.IndexAny(rest, ".[")
		if i < 0 {
			i = len(rest)
		}
		v, rest = v.Get(rest[:i]), strings.TrimPrefix(rest[i:], ".")
	}
	return v
}

func expected(d *apps.Deployment, kind, name, key string) []string {
	var out []string
	say := func(c string, way Way, variable, volume, mount string, optional *bool) {
		out = append(out, strings.Join([]string{d.Name, c, fmt.Sprint(int(way)), variable, volume, mount, fmt.Sprint(optional != nil && *optional)}, "|"))
	}
	spec := &d.Spec.Template.Spec
	containers := slices.Concat(spec.InitContainers, spec.Containers)
	for _, c := range containers {
		for _, e := range c.Env {
			if r := e.ValueFrom.ConfigMapKeyRef; r != nil && kind == "ConfigMap" && r.Name == name && r.Key == key {
				say(c.Name, Env, e.Name, "", "", r.Optional)
			}
			if r := e.ValueFrom.SecretKeyRef; r != nil && kind == "Secret" && r.Name == name && r.Key == key {
				say(c.Name, Env, e.Name, "", "", r.Optional)
			}
		}
		for _, e := range c.EnvFrom {
			if r := e.ConfigMapRef; r != nil && kind == "ConfigMap" && r.Name == name {
				say(c.Name, EnvFrom, e.Prefix, "", "", r.Optional)
			}
			if r := e.SecretRef; r != nil && kind == "Secret" && r.Name == name {
				say(c.Name, EnvFrom, e.Prefix, "", "", r.Optional)
			}
		}
	}
	for _, v := range spec.Volumes {
		var projections []core.VolumeProjection
		switch {
		case v.ConfigMap != nil:
			projections = []core.VolumeProjection{{ConfigMap: &core.ConfigMapProjection{
				LocalObjectReference: v.ConfigMap.LocalObjectReference, Items: v.ConfigMap.Items, Optional: v.ConfigMap.Optional,
			}}}
		case v.Secret != nil:
			projections = []core.VolumeProjection{{Secret: &core.SecretProjection{
				LocalObjectReference: core.LocalObjectReference{Name: v.Secret.SecretName}, Items: v.Secret.Items, Optional: v.Secret.Optional,
			}}}
		case v.Projected != nil:
			projections = v.Projected.Sources
		}
		for _, p := range projections {
			var items []core.KeyToPath
			var optional *bool
			switch {
			case p.ConfigMap != nil && kind == "ConfigMap" && p.ConfigMap.Name == name:
				items, optional = p.ConfigMap.Items, p.ConfigMap.Optional
			case p.Secret != nil && kind == "Secret" && p.Secret.Name == name:
				items, optional = p.Secret.Items, p.Secret.Optional
			default:
				continue
			}
			// The files of the key: where it lies in the volume.
			var files []string
			if items == nil {
				files = []string{key}
			}
			for _, it := range items {
				if it.Key == key {
					files = append(files, it.Path)
				}
			}
			mounted := false
			for _, c := range containers {
				for _, m := range c.VolumeMounts {
					if m.Name != v.Name {
						continue
					}
					mounted = true
					switch {
					case m.SubPathExpr != "":
						say(c.Name, SubPath, "", v.Name, m.MountPath, optional)
					case m.SubPath != "":
						if slices.ContainsFunc(files, func(f string) bool { return f == m.SubPath || strings.HasPrefix(f, m.SubPath+"/") }) {
							say(c.Name, SubPath, "", v.Name, m.MountPath, optional)
						}
					case len(files) > 0:
						say(c.Name, Volume, "", v.Name, m.MountPath, optional)
					}
				}
			}
			if !mounted && len(files) > 0 {
				say("", Unmounted, "", v.Name, "", optional)
			}
		}
	}
	return out
}

// deployment is a random one, of names that meet often.
func deployment(random *rand.Rand, name string) *apps.Deployment {
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	maybe := func() *bool {
		return [...]*bool{nil, new(false), new(true)}[random.IntN(3)]
	}
	ref := func() core.LocalObjectReference { return core.LocalObjectReference{Name: pick(targets)} }
	items := func() (out []core.KeyToPath) {
		for range random.IntN(3) {
			out = append(out, core.KeyToPath{Key: pick(itemKeys), Path: pick([]string{"k", "dir/k", "dir/x", "k.conf"})})
		}
		return out
	}
	d := &apps.Deployment{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: pick(namespaces)}}
	spec := &d.Spec.Template.Spec
	volumes := []string{"v0", "v1", "v2", "v3"}
	for _, v := range volumes {
		volume := core.Volume{Name: v}
		switch random.IntN(4) {
		case 0:
			volume.ConfigMap = &core.ConfigMapVolumeSource{LocalObjectReference: ref(), Items: items(), Optional: maybe()}
		case 1:
			volume.Secret = &core.SecretVolumeSource{SecretName: pick(targets), Items: items(), Optional: maybe()}
		case 2:
			volume.Projected = &core.ProjectedVolumeSource{}
			for range random.IntN(3) {
				p := core.VolumeProjection{ConfigMap: &core.ConfigMapProjection{LocalObjectReference: ref(), Items: items(), Optional: maybe()}}
				if random.IntN(2) == 0 {
					p = core.VolumeProjection{Secret: &core.SecretProjection{LocalObjectReference: ref(), Items: items(), Optional: maybe()}}
				}
				volume.Projected.Sources = append(volume.Projected.Sources, p)
			}
		default:
			volume.EmptyDir = &core.EmptyDirVolumeSource{}
		}
		spec.Volumes = append(spec.Volumes, volume)
	}
	for i := range 1 + random.IntN(3) {
		c := core.Container{Name: fmt.Sprint("c", i), Image: "shop/web:1"}
		for j := range random.IntN(3) {
			e := core.EnvVar{Name: fmt.Sprint("E", j), ValueFrom: &core.EnvVarSource{}}
			if random.IntN(2) == 0 {
				e.ValueFrom.ConfigMapKeyRef = &core.ConfigMapKeySelector{LocalObjectReference: ref(), Key: pick(itemKeys), Optional: maybe()}
			} else {
				e.ValueFrom.SecretKeyRef = &core.SecretKeySelector{LocalObjectReference: ref(), Key: pick(itemKeys), Optional: maybe()}
			}
			c.Env = append(c.Env, e)
		}
		for range random.IntN(2) {
			e := core.EnvFromSource{Prefix: pick([]string{"", "P_"})}
			if random.IntN(2) == 0 {
				e.ConfigMapRef = &core.ConfigMapEnvSource{LocalObjectReference: ref(), Optional: maybe()}
			} else {
				e.SecretRef = &core.SecretEnvSource{LocalObjectReference: ref(), Optional: maybe()}
			}
			c.EnvFrom = append(c.EnvFrom, e)
		}
		for j := range random.IntN(4) {
			m := core.VolumeMount{Name: pick(volumes), MountPath: fmt.Sprint("/m", j)}
			switch random.IntN(4) {
			case 0:
				m.SubPath = pick([]string{"k", "dir", "dir/k", "none"})
			case 1:
				m.SubPathExpr = "$(POD)/k"
			}
			c.VolumeMounts = append(c.VolumeMounts, m)
		}
		if random.IntN(3) == 0 {
			spec.InitContainers = append(spec.InitContainers, c)
		} else {
			spec.Containers = append(spec.Containers, c)
		}
	}
	return d
}
