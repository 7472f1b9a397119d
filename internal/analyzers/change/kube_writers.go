package change

import (
	"fmt"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/managers"
)

// maxOwned bounds the paths of one manager that are compared with another's.
const maxOwned = 10_000

// writers judges whether two deployers state one field of a live object.
func (k *kube) writers() {
	for _, o := range k.old.objects {
		if !o.Live {
			continue
		}
		own := managers.Read(o)
		if !own.Known {
			continue // nothing is said about who writes it
		}
		var deploy []*managers.Manager
		for i := range own.Managers {
			m := &own.Managers[i]
			if m.Writer().Class == managers.Deploys && m.Subresource == "" {
				deploy = append(deploy, m)
			}
		}
		if len(deploy) == 0 {
			continue
		}
		found := false
		for i, a := range deploy {
			for _, b := range deploy[i+1:] {
				found = k.judgeWriters(o, a, b) || found
			}
		}
		if !found && own.Complete {
			k.Hold(writersRule, o.Path, objectSubject(o), "")
		}
	}
}

// judgeWriters reports the fields that two deployers share. Two names of one
// tool are one deployer that changed its way.
func (k *kube) judgeWriters(o *kubeobj.Object, a, b *managers.Manager) bool {
	if toolOf(a) == toolOf(b) {
		return false
	}
	mine := map[string]bool{}
	for _, path := range a.Owned(maxOwned) {
		mine[path] = true
	}
	var shared []string
	for _, path := range b.Owned(maxOwned) {
		if mine[path] && !strings.HasPrefix(path, "metadata.") {
			shared = append(shared, path)
		}
	}
	if len(shared) == 0 {
		return false
	}
	what := shared[0]
	if n := len(shared) - 1; n > 0 {
		what += fmt.Sprintf(" and %d more", n)
	}
	f := finding.Finding{Subject: objectSubject(o), Discriminator: a.Name + " and " + b.Name, Verdict: finding.Refuted}
	f.Title = fmt.Sprintf("%s: %s and %s both write %s", short(o), toolOf(a), toolOf(b), what)
	for _, m := range []*managers.Manager{a, b} {
		f.Proof = append(f.Proof, finding.Statement{Text: fmt.Sprintf("%s (%s) states it%s", m.Name, m.Operation, since(m)), At: k.at(o, m.Value)})
	}
	f.Remedy.Text = "Decide which of them deploys it. The other one gives it up: take the object out of what it applies, without deleting it."
	k.Report(writersRule, f)
	return true
}

func toolOf(m *managers.Manager) string {
	if w := m.Writer(); w.Tool != "" {
		return w.Tool
	}
	return m.Name
}

func since(m *managers.Manager) string {
	if m.Time.IsZero() {
		return ""
	}
	return ", last on " + m.Time.UTC().Format("2006-01-02 15:04 MST")
}

// claimants judges whether two tools hold one object for their own.
func (k *kube) claimants() {
	for _, o := range k.after.objects {
		marks := managers.Marks(o)
		found := managers.Conflicts(marks)
		if p := k.pairOf[o]; p != nil && o == p.new && p.old.Live {
			live := managers.Marks(p.old)
			found = append(managers.Conflicts(live), managers.Compare(live, marks)...)
			marks = append(live, marks...)
		}
		sure := false
		for i := range marks {
			sure = sure || marks[i].Sure && marks[i].Tool != managers.Controlled
		}
		if len(found) == 0 {
			if sure {
				k.Hold(claimantsRule, o.Path, objectSubject(o), "")
			}
			continue
		}
		for i := range found {
			k.judgeClaimants(o, &found[i])
		}
	}
}

func (k *kube) judgeClaimants(o *kubeobj.Object, c *managers.Conflict) {
	f := finding.Finding{Subject: objectSubject(o), Discriminator: c.A.Tool.String() + " and " + c.B.Tool.String(), Verdict: finding.Refuted}
	f.Title = fmt.Sprintf("%s belongs to %s and to %s", short(o), c.A.Claim(), c.B.Claim())
	for _, m := range []*managers.Mark{&c.A, &c.B} {
		f.Proof = append(f.Proof, finding.Statement{Text: m.Path + " makes it one of " + m.Claim() + " (" + m.Source + ")", At: k.at(m.Object, m.Value)})
		// A mark stays when its tool has gone.
		at, get := k.stands(m)
		switch {
		case at != nil:
			f.Proof = append(f.Proof, finding.Statement{Text: m.Claim() + " is there", At: k.at(at, nil)})
		default:
			f.Verdict = finding.Unproven
			f.Missing = append(f.Missing, finding.Missing{Evidence: "that " + m.Claim() + " still exists: the mark would outlive it", Get: get})
		}
	}
	if f.Verdict == finding.Refuted {
		f.Missing = nil
	}
	f.Remedy.Text = "Take it out of one of them without deleting it, and then take that one's mark off."
	k.Report(claimantsRule, f)
}

// stands finds what stands behind a mark, or says how to look.
func (k *kube) stands(m *managers.Mark) (*kubeobj.Object, string) {
	group, kind, namespace, name, prefix, ok := m.Evidence()
	if !ok {
		return nil, "ask " + m.Tool.String() + " for what it manages"
	}
	for _, s := range []*side{k.old, k.new} {
		for _, o := range s.objects {
			if o.Group == group && o.Kind == kind && (namespace == "" || o.Namespace == namespace || o.Namespace == "") &&
				(prefix == "" && o.Name == name || prefix != "" && strings.HasPrefix(o.Name, prefix)) &&
				(m.Tool != managers.Helm || o.Get("metadata", "labels", "status").Str() == "deployed") { // older revisions stay
				return o, ""
			}
		}
	}
	in := " -A"
	if namespace != "" {
		in = inNamespace(namespace)
	}
	if m.Tool == managers.Helm {
		return nil, "kubectl get secrets" + in + " -l " + word("owner=helm,name="+m.Name) + " -o yaml > release.yaml"
	}
	return nil, "kubectl get " + word(strings.ToLower(kind)+"."+group) + in + " -o yaml > owner.yaml"
}
