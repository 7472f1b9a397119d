package change

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/pinning"
	"polygraph/internal/workloads"
)

// digests judges the form of each image that a manifest names.
func (k *kube) digests(r *references) {
	for _, im := range k.new.graph.Images() {
		use := image{
			rule: digestRule, file: im.Workload.In.Path, subject: objectSubject(im.Workload.In), discriminator: imagePlace(&im),
			verb: short(im.Workload.In) + " runs", text: im.Value.Text, at: k.at(im.Workload.In, im.Value), source: im.Path,
		}
		j := im.Form()
		if len(im.Workload.In.Placeholders) > 0 && strings.ContainsAny(im.Value.Text, "${}") {
			use.missing = finding.Missing{Evidence: "the values of the placeholders", Get: "render the manifests and check what comes out"}
		}
		if made, ok := k.rendered[im.Workload.In.Path]; ok && made.Images {
			use.missing = unrendered(made, im.Workload.In.Path)
			if j.Verdict == pinning.Mutable {
				j = pinning.Judgement{Verdict: pinning.Unknown, Why: "a Kustomization may set its images"}
			}
		}
		r.judge(use, j)
	}
}

// imagePlace is which image of a workload it is.
func imagePlace(im *workloads.Image) string {
	if im.Container == nil {
		return im.Path
	}
	return im.Container.Sort.String() + " " + im.Container.Name
}

// retagged judges whether one tag is one image: between the two sides, and among
// the pods that run.
func (k *kube) retagged() {
	for _, p := range k.pairs {
		was, is := k.old.graph.Workload(p.old), k.new.graph.Workload(p.new)
		if was == nil || is == nil || was.Owner != nil {
			continue
		}
		before := map[string]workloads.Image{}
		for _, im := range was.Images() {
			before[imagePlace(&im)] = im
		}
		for _, im := range is.Images() {
			b, ok := before[imagePlace(&im)]
			if !ok || !b.Parsed || !im.Parsed || im.Name.Tag == "" || b.Name.Tagged() != im.Name.Tagged() {
				continue
			}
			k.judgeRetagged(p, &b, &im)
		}
	}
	for _, w := range k.old.graph.Workloads() {
		k.judgeRunning(w)
	}
}

func (k *kube) judgeRetagged(p *pair, before, after *workloads.Image) {
	if before.Name.Digest == "" || after.Name.Digest == "" {
		return // the manifests do not say what the tag meant
	}
	f := finding.Finding{Subject: objectSubject(p.new), Discriminator: imagePlace(after), Verdict: finding.Refuted}
	if before.Name.Digest == after.Name.Digest {
		k.Hold(retaggedRule, p.new.Path, f.Subject, f.Discriminator)
		return
	}
	f.Title = fmt.Sprintf("%s: %s was another image before", short(p.new), after.Name.Tagged())
	f.Proof = []finding.Statement{
		{Text: after.Path + ": " + after.Name.Tagged() + " with digest " + after.Name.Digest, At: k.at(after.Workload.In, after.Value)},
		{Text: "before, the same tag with digest " + before.Name.Digest, At: k.at(before.Workload.In, before.Value)},
	}
	f.Remedy.Text = "Give the new content a tag of its own: whoever reads the tag, in a log, a dashboard or a rollback, takes the two for one."
	k.Report(retaggedRule, f)
}

// judgeRunning compares what the pods of one template run.
func (k *kube) judgeRunning(w *workloads.Workload) {
	type seen struct {
		digest string
		by     workloads.Running
	}
	found := map[string][]seen{} // by container and image as the pod's spec names it
	var order []string
	for _, r := range k.old.graph.Running(w) {
		named := specImage(r.Pod, r.Container)
		n, ok := pinning.ParseImage(named)
		digest := digestOf(r.ImageID.Str())
		if !ok || n.Digest != "" || digest == "" {
			continue
		}
		key := r.Container + "\x00" + n.Tagged()
		if found[key] == nil {
			order = append(order, key)
		}
		if !slices.ContainsFunc(found[key], func(s seen) bool { return s.digest == digest }) {
			found[key] = append(found[key], seen{digest, r})
		}
	}
	for _, key := range order {
		container, tag, _ := strings.Cut(key, "\x00")
		f := finding.Finding{Subject: objectSubject(w.Object), Discriminator: "container " + container, Verdict: finding.Refuted}
		if len(found[key]) < 2 {
			k.Hold(retaggedRule, w.Object.Path, f.Subject, f.Discriminator)
			continue
		}
		f.Title = fmt.Sprintf("%s: its pods run %d images called %s", short(w.Object), len(found[key]), tag)
		for _, s := range found[key] {
			f.Proof = append(f.Proof, finding.Statement{Text: "pod " + s.by.Pod.Object.Name + " runs " + s.digest, At: k.at(s.by.Pod.Object, s.by.ImageID)})
		}
		f.Remedy = finding.Remedy{
			Text:     "Find out which of them was tested, name it by digest, and roll it out.",
			Commands: []string{"kubectl rollout restart " + kindName(w.Object)},
		}
		k.Report(retaggedRule, f)
	}
}

// specImage is the image that a pod asks for.
func specImage(pod *workloads.Workload, container string) string {
	for _, c := range pod.Containers {
		if c.Name == container {
			return c.Image.Str()
		}
	}
	return ""
}

// digestOf is the digest in an imageID: docker-pullable://name@sha256:..., or
// name@sha256:...; an ID without a name is of the runtime's own.
func digestOf(id string) string {
	_, digest, ok := strings.Cut(id, "@")
	if !ok || !strings.HasPrefix(digest, "sha256:") {
		return ""
	}
	return digest
}
