package change

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/managers"
	"polygraph/internal/shell"
)

// maxOwned bounds the paths of one manager that are compared with another's, and
// maxDeployers the managers of one object whose paths are.
const (
	maxOwned     = 10_000
	maxDeployers = 64
)

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
		tools, n := deployers(own)
		if n == 0 {
			continue
		}
		found, whole := false, true
		if len(tools) > 1 { // a tool does not write against itself
			whole = n <= maxDeployers
			for _, d := range tools {
				whole = d.read() && whole
			}
		}
		for i, a := range tools {
			for _, b := range tools[i+1:] {
				found = k.judgeWriters(o, a, b) || found
			}
		}
		switch {
		case !whole:
			k.reportCrowd(o, n)
		case !found && own.Complete:
			k.Hold(writersRule, o.Path, objectSubject(o), "")
		}
	}
}

// reportCrowd says that not all that deployers state was compared.
func (k *kube) reportCrowd(o *kubeobj.Object, n int) {
	text := fmt.Sprintf("of %d entries of deployers the first %d and the first of each tool are compared", n, maxDeployers)
	if n <= maxDeployers {
		text = fmt.Sprintf("of each entry the first %d fields are compared", maxOwned)
	}
	k.Report(writersRule, finding.Finding{
		Subject: objectSubject(o), Discriminator: "the others", Verdict: finding.Unproven,
		Title:   short(o) + ": whether each field has one writer is not known: its deployers state too much to compare",
		Proof:   []finding.Statement{{Text: text, At: k.at(o, o.Get("metadata", "managedFields"))}},
		Missing: []finding.Missing{{Evidence: "the object with the entries of those who still apply it", Get: "kubectl get " + kindName(o) + " -o yaml --show-managed-fields > live.yaml"}},
	})
}

// deployer is a tool that deploys an object. Two names of one tool are one
// deployer that changed its way.
type deployer struct {
	tool    string
	entries []*managers.Manager
	paths   []string
	states  map[string]*managers.Manager // the first entry that has a path
}

// deployers are the tools in the order of their first entries, and how many
// entries they have. Beyond maxDeployers an entry is counted only, unless it is
// the first of its tool; of known tools there are some dozens.
func deployers(own *managers.Ownership) ([]*deployer, int) {
	var tools []*deployer
	by := map[string]*deployer{}
	n := 0
	for i := range own.Managers {
		m := &own.Managers[i]
		if m.Writer().Class != managers.Deploys || m.Subresource != "" {
			continue
		}
		n++
		tool := toolOf(m)
		d := by[tool]
		if d == nil {
			d = &deployer{tool: tool}
			by[tool], tools = d, append(tools, d)
		} else if n > maxDeployers {
			continue
		}
		d.entries = append(d.entries, m)
	}
	return tools, n
}

// read reads what the entries state, each once; false where that is not all.
func (d *deployer) read() bool {
	d.states = map[string]*managers.Manager{}
	whole := true
	for _, m := range d.entries {
		paths := m.Owned(maxOwned + 1)
		if len(paths) > maxOwned {
			paths, whole = paths[:maxOwned], false
		}
		for _, path := range paths {
			if d.states[path] == nil && !strings.HasPrefix(path, "metadata.") {
				d.states[path] = m
				d.paths = append(d.paths, path)
			}
		}
	}
	return whole
}

// judgeWriters reports the fields that two deployers share.
func (k *kube) judgeWriters(o *kubeobj.Object, a, b *deployer) bool {
	what, more := "", 0
	for _, path := range b.paths {
		switch {
		case a.states[path] == nil:
		case what == "":
			what = path
		default:
			more++
		}
	}
	if what == "" {
		return false
	}
	tools := []string{a.tool, b.tool}
	slices.Sort(tools) // the order of the entries is that of who wrote last
	f := finding.Finding{Subject: objectSubject(o), Discriminator: strings.Join(tools, " and "), Verdict: finding.Refuted}
	f.Title = fmt.Sprintf("%s: %s and %s both write %s", short(o), a.tool, b.tool, what)
	if more > 0 {
		f.Title += fmt.Sprintf(" and %d more", more)
	}
	for _, m := range []*managers.Manager{a.states[what], b.states[what]} {
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
	group, kind, namespace, _, _, ok := m.Evidence()
	if !ok {
		return nil, "ask " + m.Tool.String() + " for what it manages"
	}
	if o := k.behind(m); o != nil {
		return o, ""
	}
	in := " -A"
	if namespace != "" {
		in = inNamespace(namespace)
	}
	if m.Tool == managers.Helm {
		return nil, "kubectl get secrets" + in + " -l " + shell.Word("owner=helm,name="+m.Name) + " -o yaml > release.yaml"
	}
	return nil, "kubectl get " + shell.Word(strings.ToLower(kind)+"."+group) + in + " -o yaml > owner.yaml"
}
