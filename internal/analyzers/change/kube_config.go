package change

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/fields"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/shell"
	"polygraph/internal/workloads"
)

// configurations judges, for each edited ConfigMap and Secret, whether what runs
// sees the edit.
func (k *kube) configurations() {
	for _, p := range k.pairs {
		if p.new.Type() != "ConfigMap" && p.new.Type() != "Secret" || p.has(fields.Refused) {
			continue
		}
		keys := p.keys()
		if len(keys) == 0 && len(p.withheld) > 0 {
			k.withheld(p)
		}
		if len(keys) == 0 {
			continue
		}
		for _, w := range k.readers(p) {
			k.judgeReader(p, keys, w)
		}
	}
}

// withheld reports a Secret that is read and whose old values nobody has.
func (k *kube) withheld(p *pair) {
	readers := k.readers(p)
	if len(readers) == 0 {
		return
	}
	k.Report(configRule, finding.Finding{
		Subject: objectSubject(p.new), Verdict: finding.Unproven,
		Title:   short(p.new) + ": whether " + p.withheld[0] + " is edited is not known, and " + short(readers[0].workload.Object) + " reads it",
		Proof:   []finding.Statement{{Text: p.withheld[0] + " is withheld: a saved cluster has no values of Secrets", At: k.at(p.old, nil)}},
		Missing: []finding.Missing{{Evidence: "the values of the Secret", Get: "polygraph change --kube-context CONTEXT compares with the cluster itself, in memory"}},
	})
}

// keys are the keys of the data that are edited, with the edit.
func (p *pair) keys() map[string]int {
	out := map[string]int{}
	for i := range p.Edits {
		field, path := p.Edits[i].Field, p.Edits[i].Path
		for _, data := range [...]string{"data", "binaryData", "stringData"} {
			if field == data { // all of it came or went
				for _, v := range [...]*kubeobj.Value{p.Edits[i].Old, p.Edits[i].New} {
					for _, item := range v.Each() {
						out[item.Name] = i
					}
				}
			} else if strings.HasPrefix(field, data+".") {
				out[strings.Trim(strings.TrimPrefix(strings.TrimPrefix(path, data), "."), `["]`)] = i
			}
		}
	}
	return out
}

// reader is a workload that reads, by all its references to one object.
type reader struct {
	workload *workloads.Workload
	graph    *workloads.Graph
	reads    []*workloads.Read
	pair     *pair // nil where it stands on one side only
}

// readers are the workloads that read the object and were there before: those of
// NEW, and those of OLD about which NEW says nothing.
func (k *kube) readers(p *pair) []*reader {
	var out []*reader
	by := map[*workloads.Workload]*reader{}
	take := func(s *side, o *kubeobj.Object, mine func(*kubeobj.Object) (*pair, bool)) {
		for _, r := range s.graph.Consumers(o) {
			if r.Workload == nil {
				continue
			}
			pair, ok := mine(r.Workload.Object)
			if !ok {
				continue
			}
			if by[r.Workload] == nil {
				by[r.Workload] = &reader{workload: r.Workload, graph: s.graph, pair: pair}
				out = append(out, by[r.Workload])
			}
			by[r.Workload].reads = append(by[r.Workload].reads, r)
		}
	}
	take(k.new, p.new, func(o *kubeobj.Object) (*pair, bool) { return k.pairOf[o], k.pairOf[o] != nil })
	take(k.old, p.old, func(o *kubeobj.Object) (*pair, bool) { return nil, k.pairOf[o] == nil })
	return out
}

func (k *kube) judgeReader(p *pair, keys map[string]int, r *reader) {
	o := r.workload.Object
	if o.Kind == "CronJob" || o.Kind == "Job" || o.Kind == "ScaledJob" {
		return // each run starts its containers anew
	}
	f := finding.Finding{Subject: objectSubject(p.new), Discriminator: o.Identity(), Verdict: finding.Refuted}
	var guilty []*workloads.Read
	var deaf []string // the keys that are not seen
	for _, read := range r.reads {
		if sees := read.Sees(); sees != workloads.AtStart && sees != workloads.NotWhileRunning {
			continue
		}
		for key := range keys {
			if read.Has(key) {
				if !slices.Contains(guilty, read) {
					guilty = append(guilty, read)
				}
				if !slices.Contains(deaf, key) {
					deaf = append(deaf, key)
				}
			}
		}
	}
	if len(guilty) == 0 || r.pair != nil && r.pair.has(fields.Replaced) && !r.pair.has(fields.Refused) {
		k.Hold(configRule, p.new.Path, f.Subject, f.Discriminator)
		return
	}
	slices.Sort(deaf)
	what := deaf[0]
	if n := len(deaf) - 1; n > 0 {
		what += fmt.Sprintf(" and %d more", n)
	}
	f.Title = fmt.Sprintf("%s: %s does not see %s until it is restarted", short(p.new), short(o), what)
	e := &p.Edits[keys[deaf[0]]]
	f.Proof = []finding.Statement{{Text: e.Path + ": " + difference(e), At: k.at(p.new, e.New)}}
	if e.New == nil {
		f.Proof[0].At = k.at(p.new, k.nearest(p.new, e.Path))
	}
	for _, read := range guilty {
		f.Proof = append(f.Proof, finding.Statement{Text: k.says(read, o), At: k.at(read.Reader, read.Value)})
	}
	switch {
	case r.pair != nil && r.pair.has(fields.Refused):
		f.Proof = append(f.Proof, finding.Statement{Text: "the server refuses the edit of " + short(o) + ", so nothing is rolled out", At: k.at(r.pair.new, nil)})
	case r.pair != nil:
		f.Proof = append(f.Proof, finding.Statement{Text: "the pod template of " + short(o) + " is the same on both sides, so nothing is rolled out", At: k.at(r.pair.new, workloads.Template(r.pair.new))})
	}
	for _, mark := range r.graph.Restarters(r.workload, p.new) {
		if mark.By == workloads.Checksum {
			f.Proof = append(f.Proof, finding.Statement{Text: mark.Path + " did not change with it", At: k.at(mark.In, mark.Value)})
			continue
		}
		// Whether that controller runs is not to be seen in an annotation.
		f.Verdict = finding.Unproven
		f.Title = fmt.Sprintf("%s: whether %s restarts %s is not shown", short(p.new), mark.By, short(o))
		f.Missing = []finding.Missing{{Evidence: "that " + mark.By.String() + " runs in the cluster and watches this namespace", Get: "kubectl get deployments -A | grep -i " + strings.ToLower(mark.By.String())}}
		f.Proof = append(f.Proof, finding.Statement{Text: mark.Path + " asks for it", At: k.at(mark.In, mark.Value)})
	}
	f.Remedy = finding.Remedy{
		Text:     "Restart it in the same release, or let the template carry a checksum of the " + p.new.Kind + ".",
		Commands: []string{"kubectl rollout restart " + shell.Word(strings.ToLower(o.Kind)+"/"+o.Name) + inNamespace(p.new.Namespace)},
	}
	if e.New == nil && e.Field != "data" {
		for _, read := range guilty {
			if !read.Optional {
				f.Title = fmt.Sprintf("%s: %s is gone, and %s does not start again without it", short(p.new), what, short(o))
				f.Remedy = finding.Remedy{Text: "Keep the key until nothing names it: a container that is started without a key that is not optional stays in CreateContainerConfigError."}
			}
		}
	}
	k.Report(configRule, f)
}

func (k *kube) says(r *workloads.Read, o *kubeobj.Object) string {
	who := short(o)
	if r.Container != nil {
		who = "container " + r.Container.Name + " of " + who
	}
	text := who + " reads it as " + r.Way.String()
	if r.Way == workloads.EnvFrom {
		text = who + " reads all of it as environment variables"
	}
	if r.Variable != "" {
		text += " " + r.Variable
	}
	if r.Mount != "" {
		text += " at " + r.Mount
	}
	return text + ": seen " + r.Sees().String()
}
