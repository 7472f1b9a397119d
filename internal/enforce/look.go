package enforce

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// Options say what the objects do not.
type Options struct {
	// CNI is the name of the cluster's network as the user says it, one of Known; ""
	// is to look. With it, no other engine is there than those among the objects.
	CNI string
}

// Look finds the engines among the objects of one cluster, in time that grows
// with the number of objects. An unknown Options.CNI is an error.
func Look(objects []*kubeobj.Object, o Options) (*Truth, error) {
	told := alias(strings.ToLower(strings.TrimSpace(o.CNI)))
	if told != "" && !slices.Contains(Known(), told) {
		return nil, fmt.Errorf("%q is no network that is known here: use one of %s", o.CNI, strings.Join(Known(), ", "))
	}
	t := &Truth{scene: newScene(objects), told: told}
	for _, d := range definitions() {
		e := t.scene.find(d)
		if e == nil && d.name == told {
			e = t.scene.judge(d, nil, nil, nil)
		}
		if e == nil {
			continue
		}
		e.Told = d.name == told
		t.engines = append(t.engines, e)
	}
	t.closed = t.close()
	t.group()
	return t, nil
}

// judge makes an engine of an agent, or of the object by which it shows.
func (s *scene) judge(d *definition, a *agent, in *kubeobj.Object, sign *kubeobj.Value) *engine {
	e := &engine{def: d}
	e.Name, e.Title, e.In = d.name, d.title, in
	if sign != nil {
		e.At = sign.Offset
	}
	e.live = in != nil && in.Live
	if a == nil {
		d.judge(s, e, nil, nil)
		return e
	}
	c, _ := a.fitting(d.is)
	e.live = a.live
	e.In, e.At = a.Object, c.Value.Offset
	if a.windows() {
		e.windows = true
	}
	if !d.controller {
		e.agents = append(e.agents, a)
	}
	d.judge(s, e, a, c)
	e.running(a)
	if why := d.doubt(a); why != "" {
		e.doubted(a, why)
	}
	return e
}

// find is an engine with what all its agents say; nil where there are none.
func (s *scene) find(d *definition) *engine {
	var found []*agent
	if d.is != nil {
		for _, a := range s.agents {
			if _, how := a.fitting(d.is); how != unfit {
				found = append(found, a)
			}
		}
	}
	found = d.choose(found)
	if len(found) == 0 {
		return s.bySign(d)
	}
	var out *engine
	windows := false
	for _, a := range found {
		if a.windows() {
			windows = true
			continue
		}
		e := s.judge(d, a, nil, nil)
		if out == nil {
			out = e
			continue
		}
		out.merge(e)
	}
	if out == nil {
		out = s.judge(d, found[0], nil, nil)
	}
	out.windows = windows
	return out
}

// choose leaves out what others say better: the declared beside the live, what may
// be no agent beside what is one, and pods beside what makes pods.
func (d *definition) choose(all []*agent) []*agent {
	for _, better := range []func(*agent) bool{
		func(a *agent) bool { return a.live },
		func(a *agent) bool { return d.doubt(a) == "" },
		func(a *agent) bool { return a.Object.Kind != "Pod" },
	} {
		if slices.ContainsFunc(all, better) {
			all = slices.DeleteFunc(slices.Clone(all), func(a *agent) bool { return !better(a) })
		}
	}
	return all
}

// merge adds what another agent of the same engine says.
func (e *engine) merge(other *engine) {
	e.agents = append(e.agents, other.agents...)
	if e.Version != other.Version {
		e.Version = ""
	}
	if e.Mode != other.Mode {
		e.Mode = ""
	}
	if e.family != other.family {
		e.family = ""
	}
	e.nodeBlocks = e.nodeBlocks || other.nodeBlocks
	if e.On != other.On {
		why := here(e.In) + " and " + here(other.In) + " do not agree on whether " + e.Title + " is on"
		e.is(Unknown, why, other.In, other.At)
		e.Missing = append(append(e.Missing, other.Missing...), Missing{"which of them runs on which nodes", dump})
	}
	for k := range e.reads {
		if e.reads[k].Status != other.reads[k].Status {
			e.reads[k] = Ruling{Why: here(e.In) + " and " + here(other.In) + " do not agree on whether this kind is read"}
		}
	}
}

// bySign finds an engine that has no agent of its own among the objects.
func (s *scene) bySign(d *definition) *engine {
	sign := map[string]func(*kubeobj.Object) *kubeobj.Value{"eks-auto": autoSign, "calico": calicoSign, "k3s": k3sSign}[d.name]
	if sign == nil {
		return nil
	}
	var in *kubeobj.Object
	var at *kubeobj.Value
	for _, o := range s.objects {
		if v := sign(o); v != nil && (in == nil || o.Live && !in.Live) {
			in, at = o, v
		}
	}
	if in == nil {
		return nil
	}
	return s.judge(d, nil, in, at)
}

// running looks at the status of a live DaemonSet that would enforce.
//
// Source: k8s.io/api v0.37.2 apps/v1 DaemonSetStatus: desiredNumberScheduled is
// how many nodes should run it.
func (e *engine) running(a *agent) {
	if e.On == Enforced && e.def.controller {
		e.scaled(a)
	}
	if e.On != Enforced || !a.live || a.Object.Kind != "DaemonSet" {
		return
	}
	desired, ready, ok := a.counts()
	if !ok {
		return
	}
	status := a.Object.Get("status")
	switch {
	case desired == 0:
		e.is(NotEnforced, here(a.Object)+" is to run on no node: no node fits its selector", a.Object, status.Get("desiredNumberScheduled").Offset)
		e.Remedy = Remedy{Text: "See why no node fits the nodeSelector and the affinity of the DaemonSet " + a.Object.Name + "."}
	case ready == 0:
		e.is(Unknown, "none of the "+strconv.Itoa(desired)+" pods of "+here(a.Object)+" is ready", a.Object, status.Offset)
		e.Missing = append(e.Missing, Missing{"a ready pod of " + a.Object.Name, "kubectl get pods --namespace " + a.Object.Namespace + " -o wide"})
	default:
		e.Why += " (" + strconv.Itoa(ready) + " of " + strconv.Itoa(desired) + " pods ready)"
	}
}

// scaled looks at the number of pods of a controller.
//
// Source: k8s.io/api v0.37.2 apps/v1 DeploymentSpec, DeploymentStatus: replicas is 1
// where it is not written, and readyReplicas is left out where it is 0.
func (e *engine) scaled(a *agent) {
	if n, known := a.Count(); known && n == 0 {
		at := a.Object.Root.Offset
		if a.Replicas != nil {
			at = a.Replicas.Offset
		}
		e.is(NotEnforced, here(a.Object)+" has no pods: its replicas are 0", a.Object, at)
		e.Remedy = Remedy{Text: "Scale the " + a.Object.Kind + " " + a.Object.Name + " to 1 or more."}
		return
	}
	status := a.Object.Get("status")
	if a.live && a.Object.Kind != "Pod" && status != nil && textOr(status.Get("readyReplicas"), "0") == "0" {
		e.is(Unknown, "no pod of "+here(a.Object)+" is ready", a.Object, status.Offset)
		e.Missing = append(e.Missing, Missing{"a ready pod of " + a.Object.Name, "kubectl get pods --namespace " + a.Object.Namespace + " -o wide"})
	}
}

func textOr(v *kubeobj.Value, otherwise string) string {
	if !v.Is(kubeobj.Number) {
		return otherwise
	}
	return v.Text
}

// counts are how many pods of a DaemonSet there should be, and are ready; ok is
// false where the status is not there or is of another generation.
func (a *agent) counts() (desired, ready int, ok bool) {
	status := a.Object.Get("status")
	d := status.Get("desiredNumberScheduled")
	if !d.Is(kubeobj.Number) {
		return 0, 0, false
	}
	if g, seen := a.Object.Get("metadata", "generation"), status.Get("observedGeneration"); g != nil && seen != nil && g.Text != seen.Text {
		return 0, 0, false
	}
	desired, err := strconv.Atoi(d.Text)
	if err != nil {
		return 0, 0, false
	}
	if r := status.Get("numberReady"); r.Is(kubeobj.Number) {
		ready, _ = strconv.Atoi(r.Text)
	}
	return desired, ready, true
}
