package change

import (
	"fmt"
	"strings"

	"polygraph/internal/fields"
	"polygraph/internal/finding"
)

// metadata judges whether a workload whose pods are all replaced was edited in
// more than labels and annotations.
func (k *kube) metadata() {
	for _, p := range k.pairs {
		if !p.has(fields.Replaced) && !p.has(fields.Partly) || p.has(fields.Refused) {
			continue
		}
		var labels []int
		meant := false
		for i := range p.Edits {
			if m := p.outcomes[i].Mechanism; m != fields.Replaced && m != fields.Partly {
				continue
			}
			field := p.Edits[i].Field
			at := strings.Index(field, "template.metadata.")
			if at < 0 || restarts(p.Edits[i].Path) {
				meant = true
				break
			}
			labels = append(labels, i)
		}
		f := finding.Finding{Subject: objectSubject(p.new), Verdict: finding.Refuted}
		if meant {
			k.Hold(metadataRule, p.new.Path, f.Subject, "")
			continue
		}
		which := "every pod"
		if p.has(fields.Partly) {
			which = "the pods from the partition on"
		}
		f.Title = fmt.Sprintf("%s: %s replaces %s", short(p.new), k.some(p, labels, nil), which)
		for _, i := range labels {
			f.Proof = append(f.Proof, k.statement(p, i))
		}
		f.Remedy.Text = "Put it on the metadata of the " + p.new.Kind + " itself, where it restarts nothing; or apply it together with the next edit that restarts the pods anyhow."
		k.Report(metadataRule, f)
	}
}

// restarts tells an annotation that is there to restart pods, or to configure
// what runs beside them.
func restarts(path string) bool {
	_, name, ok := strings.Cut(path, "template.metadata.annotations")
	if !ok {
		return false
	}
	name = strings.ToLower(name)
	for _, word := range []string{"restart", "checksum", "hash", "sha256", "digest", "rollme", "reload", "timestamp", "revision", "inject", "generation"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}
