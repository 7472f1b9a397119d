package effect

import (
	"fmt"
	"strconv"
	"strings"

	"polygraph/internal/tfplan"
)

// minor is a Kubernetes version by its minor number; its patch does not count.
type minor struct{ major, minor int }

// minorOf reads the first two numbers of 1.31, v1.31.2-eksbuild.3 or 1.31.4.
func minorOf(version string) (minor, bool) {
	part := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(part) < 2 {
		return minor{}, false
	}
	a, err1 := strconv.Atoi(part[0])
	b, err2 := strconv.Atoi(part[1])
	return minor{a, b}, err1 == nil && err2 == nil
}

func (m minor) olderThan(o minor) bool {
	return m.major < o.major || m.major == o.major && m.minor < o.minor
}

// upgraded is the cluster of this name where the object is, if the plan gives it another minor
// version, and that version. Known is false when it is known only after apply.
func upgraded(w *World, o *Object, name string) (c *Object, to minor, known, ok bool) {
	if name == "" {
		return nil, minor{}, false, false
	}
	clusters := once(w, "clusters", func() map[string][]*Object {
		changed := func(c *Object) bool { return c.Action == tfplan.Update && c.Edited("version") }
		return byName(those(w.Of("aws_eks_cluster"), changed), "name")
	})
	for _, c := range near(o, clusters[name]) {
		if c.Unknown("version") {
			return c, minor{}, false, true
		}
		from, ok1 := minorOf(Text(c.Before("version")))
		to, ok2 := minorOf(Text(c.After("version")))
		if ok1 && ok2 && from.olderThan(to) {
			return c, to, true, true
		}
	}
	return nil, minor{}, false, false
}

// NodesBehind: updating the version of a cluster updates its control plane, and
// no node.
func NodesBehind() Case {
	return Case{Types: []string{"aws_eks_node_group"}, Judge: func(w *World, group *Object) []Outcome {
		if !group.Runs() {
			return nil
		}
		name := Text(group.Before("cluster_name"))
		cluster, to, known, ok := upgraded(w, group, name)
		if !ok {
			return nil
		}
		proof := editedHow(cluster, "version")
		switch {
		case !known:
			return []Outcome{knownLater(cluster, "version", "whether its nodes fall behind the cluster is not known until apply")}
		case group.Unknown("version"):
			return []Outcome{knownLater(group, "version", "the version of its nodes is not known until apply", proof)}
		}
		version := Text(group.After("version"))
		nodes, ok := minorOf(version)
		switch {
		case !ok:
			return []Outcome{notShown(group, "version", "the version of its nodes is not shown: with an image of its own it is the image that decides", proof)}
		case !nodes.olderThan(to):
			return []Outcome{{Verdict: InEffect}}
		}
		out := Outcome{
			Verdict: NotInEffect,
			Title:   fmt.Sprintf("its nodes stay on Kubernetes %s; the cluster goes to %d.%d", version, to.major, to.minor),
			Proof:   []Fact{fact(group, "version", "the node group stays on %s", version), proof},
			Remedy: Remedy{
				Text:  "Let the node group follow the cluster.",
				Patch: fmt.Sprintf("version = %s.version", local(cluster.Address)),
			},
		}
		fresh := once(w, "new node groups", func() map[string][]*Object {
			created := map[string][]*Object{}
			for _, n := range w.Of("aws_eks_node_group") {
				if cluster := Text(n.After("cluster_name")); n.Action == tfplan.Create && cluster != "" {
					created[cluster] = append(created[cluster], n)
				}
			}
			return created
		})
		for _, n := range fresh[name] {
			if v, ok := minorOf(Text(n.After("version"))); (n.Unknown("version") || ok && !v.olderThan(to)) && together(group, n) != no {
				out = doubted(out, "; "+n.Address+" is made beside it", Gap{
					Evidence: "whether the pods move to " + n.Address, Get: "kubectl get nodes -L eks.amazonaws.com/nodegroup",
				})
				break
			}
		}
		return []Outcome{out}
	}}
}

// AddonsBehind: EKS does not update an add-on when the cluster gets another
// minor version. That of kube-proxy names the minor version it is for.
func AddonsBehind() Case {
	return Case{Types: []string{"aws_eks_addon"}, Judge: func(w *World, addon *Object) []Outcome {
		if !addon.Runs() {
			return nil
		}
		cluster, to, known, ok := upgraded(w, addon, Text(addon.Before("cluster_name")))
		if !ok {
			return nil
		}
		proof := editedHow(cluster, "version")
		switch {
		case !known:
			return []Outcome{knownLater(cluster, "version", "whether the add-on fits the cluster is not known until apply")}
		case addon.Unknown("addon_version"):
			return []Outcome{{Verdict: InEffect}} // it is computed from the cluster's
		case Text(addon.After("addon_version")) == "":
			return []Outcome{notShown(addon, "addon_version", "which version the add-on has is not shown", proof)}
		}
		name, version := Text(addon.Before("addon_name")), Text(addon.After("addon_version"))
		stays := fact(addon, "addon_version", "the add-on stays at %s", version)
		if m, ok := minorOf(version); ok && name == "kube-proxy" {
			if !m.olderThan(to) {
				return []Outcome{{Verdict: InEffect}}
			}
			return []Outcome{{
				Verdict: NotInEffect, Proof: []Fact{stays, proof},
				Title: fmt.Sprintf("kube-proxy stays at %s, which is for an older Kubernetes than %d.%d", version, to.major, to.minor),
				Remedy: Remedy{
					Text: "Let the version of the add-on follow the cluster.",
					Patch: fmt.Sprintf("data \"aws_eks_addon_version\" %q {\n  addon_name         = %q\n  kubernetes_version = %s.version\n}",
						name, name, local(cluster.Address)),
				},
			}}
		}
		if addon.Edited("addon_version") {
			return []Outcome{{Verdict: InEffect}}
		}
		return []Outcome{{
			Title: fmt.Sprintf("the add-on stays at %s; whether that fits Kubernetes %d.%d is not shown", version, to.major, to.minor),
			Proof: []Fact{stays, proof},
			Missing: []Gap{{
				Evidence: fmt.Sprintf("which versions of %s fit Kubernetes %d.%d", name, to.major, to.minor),
				Get:      fmt.Sprintf("aws eks describe-addon-versions --addon-name %s --kubernetes-version %d.%d", shell(name), to.major, to.minor),
			}},
		}}
	}}
}
