package enforce

import (
	"slices"
	"strings"

	"polygraph/internal/workloads"
)

// fit is how well a container matches a program. A container may have any name and
// an image any path, so one of both alone proves nothing.
type fit uint8

const (
	unfit   fit = iota
	byName      // the name of the container alone
	byImage     // the image alone
	bothFit     // both
)

func fitOf(name, image bool) fit {
	switch {
	case name && image:
		return bothFit
	case name:
		return byName
	case image:
		return byImage
	}
	return unfit
}

// program is a program as its containers and its images are called.
type program struct {
	names []string // of containers
	// images are last parts of repositories: a private mirror keeps that one.
	images []string
	// shared are images that other programs have too: without the name they say
	// nothing.
	shared []string
}

func (p program) fit(c *workloads.Container) fit {
	name := slices.Contains(p.names, c.Name)
	return fitOf(name, p.image(c) || name && imaged(c, p.shared))
}

func (p program) image(c *workloads.Container) bool { return imaged(c, p.images) }

// imaged tells whether the last part of an image's repository is one of these.
// Mirrors of Rancher put the organisation into the name.
//
// Source: rancher/kontainer-driver-metadata pull 507: calico/node becomes
// rancher/mirrored-calico-node, coreos/flannel rancher/mirrored-coreos-flannel; RKE2
// has rancher/hardened-flannel.
func imaged(c *workloads.Container, names []string) bool {
	_, last, _ := image(c)
	if slices.Contains(names, last) {
		return true
	}
	rest, mirrored := strings.CutPrefix(last, "mirrored-")
	if !mirrored {
		rest, mirrored = strings.CutPrefix(last, "hardened-")
	}
	return mirrored && slices.ContainsFunc(names, func(n string) bool { return rest == n || strings.HasSuffix(rest, "-"+n) })
}

// imageIs makes a test of containers by their image.
func imageIs(names ...string) func(*workloads.Container) bool {
	return func(c *workloads.Container) bool { return imaged(c, names) }
}

// fitting is the container of an agent that fits best; nil where none does.
func (a *agent) fitting(is func(*workloads.Container) fit) (*workloads.Container, fit) {
	var best *workloads.Container
	how := unfit
	for _, want := range []fit{bothFit, byName, byImage} {
		if best = a.container(func(c *workloads.Container) bool { return is(c) == want }); best != nil {
			how = want
			break
		}
	}
	return best, how
}

// misfit is what speaks against a container that fits by half; "" where nothing
// does.
func misfit(a *agent, c *workloads.Container, how fit, title string) string {
	switch how {
	case byName:
		ref := c.Image.Str()
		if ref == "" {
			ref = "none"
		}
		return "the container " + c.Name + " of " + here(a.Object) + " has the name of " + title + ", and its image is another: " + ref
	case byImage:
		return "a container of " + here(a.Object) + " has the image of " + title + ", and is called " + c.Name
	}
	return ""
}

// doubt is why an agent is no proof that its engine runs; "" where it is one.
// Agents are DaemonSets, because only these run on each node; a Pod stands for its
// own node, while it is ready.
func (d *definition) doubt(a *agent) string {
	c, how := a.fitting(d.is)
	if why := misfit(a, c, how, d.title); why != "" {
		return why
	}
	switch a.Object.Kind {
	case "Pod":
		switch {
		case !a.live:
			return here(a.Object) + " is a Pod that is only declared, and no DaemonSet"
		case !isReady(a.Object):
			return here(a.Object) + " is not ready"
		}
	case "Deployment", "StatefulSet":
		if !d.controller {
			return here(a.Object) + " is a " + a.Object.Kind + ", and the agent of " + d.title + " a DaemonSet: on which nodes it runs is not known"
		}
	}
	return ""
}

// doubted takes back what an agent says that may be none.
func (e *engine) doubted(a *agent, why string) {
	e.is(Unknown, why, e.In, e.At)
	e.live, e.doubtful, e.Remedy = false, true, Remedy{}
	e.Missing = []Missing{{"whether " + e.Title + " runs in the cluster: its DaemonSets", dump}}
	if a.Object.Kind == "Pod" {
		e.Missing = []Missing{{"the DaemonSet of " + a.Object.Name + ", and its Pods", dumpPods}}
	}
}
