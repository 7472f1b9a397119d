package enforce

import (
	"strings"

	"polygraph/internal/netpol"
)

// kindName is the kind of a policy for people.
func kindName(p *netpol.Policy) string {
	if p.Object != nil && p.Object.Kind != "" {
		return p.Object.Type()
	}
	names := [...]string{
		"NetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy", "ClusterNetworkPolicy",
		"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "Calico NetworkPolicy", "GlobalNetworkPolicy",
	}
	return names[min(int(p.Kind), len(names)-1)]
}

// Policy tells whether an engine of the cluster reads a kind of policy and is on.
func (t *Truth) Policy(p *netpol.Policy) Ruling {
	if r, ok := staged(p); ok {
		return r
	}
	return t.ask(func(e *engine) Ruling { return e.policy(p) }, "a "+kindName(p))
}

// staged: a staged policy is there to be looked at.
//
// Source: docs.tigera.io/calico, "StagedNetworkPolicy": "not enforced".
func staged(p *netpol.Policy) (Ruling, bool) {
	if !p.Staged {
		return Ruling{}, false
	}
	r := Ruling{
		Status: NotEnforced, Why: "it is staged: it shows what it would do, and is enforced by nobody",
		In: p.Object, Remedy: Remedy{Text: "Make it a policy of the kind without Staged."},
	}
	if p.Object != nil {
		r.At = p.Object.Root.Offset
	}
	return r, true
}

// policy is what one engine does with a policy.
func (e *engine) policy(p *netpol.Policy) Ruling {
	if p.Object != nil && p.Object.Group == awsGroup {
		return e.with(awsOwn(e, p.Object.Kind))
	}
	if int(p.Kind) >= kinds {
		return Ruling{Why: "which engine enforces this kind of policy is not known here", Missing: []Missing{{"what " + kindName(p) + " does", "ask the engine that reads it"}}}
	}
	return e.with(e.reads[p.Kind])
}

// with joins a ruling that holds where the engine is on with whether it is.
func (e *engine) with(r Ruling) Ruling {
	switch {
	case r.Status == NotEnforced:
		return e.at(r)
	case e.On == NotEnforced:
		return Ruling{Status: NotEnforced, Why: e.Why, In: e.In, At: e.At, Remedy: e.Remedy}
	case e.On == Unknown:
		return Ruling{Why: e.Why, In: e.In, At: e.At, Missing: e.Missing}
	case r.Status == Unknown:
		if len(r.Missing) == 0 {
			r.Missing = []Missing{{r.Why, dump}}
		}
		return e.at(r)
	}
	out := Ruling{Status: Enforced, Why: e.Why, In: e.In, At: e.At}
	if r.In != nil {
		out.Why = r.Why
	}
	return e.at(out)
}

func (e *engine) at(r Ruling) Ruling {
	if r.In == nil {
		r.In, r.At = e.In, e.At
	}
	return r
}

// ask puts a question to all engines: one that enforces is enough, and for
// NotEnforced all of them have to say so and no other may be there.
func (t *Truth) ask(question func(*engine) Ruling, what string) Ruling {
	var unknown, not []Ruling
	for _, e := range t.engines {
		switch r := question(e); r.Status {
		case Enforced:
			return t.contradicted(r)
		case Unknown:
			unknown = append(unknown, r)
		default:
			not = append(not, r)
		}
	}
	if len(unknown) > 0 {
		out := unknown[0]
		for _, r := range unknown[1:] {
			out.Why += "; " + r.Why
			out.Missing = append(out.Missing[:len(out.Missing):len(out.Missing)], r.Missing...)
		}
		return out
	}
	if t.closed.Status != NotEnforced {
		out := t.closed
		if len(not) > 0 {
			out.Why = reasons(not) + "; but " + out.Why
			if out.In == nil {
				out.In, out.At = not[0].In, not[0].At
			}
		}
		return out
	}
	if len(not) == 0 {
		return Ruling{
			Status: NotEnforced, Why: t.closed.Why,
			Remedy: Remedy{Text: "Install an engine that reads " + what + "."},
		}
	}
	// The engine that could be switched on is the one to name.
	out := not[0]
	for _, r := range not {
		if len(out.Remedy.Commands) == 0 && (out.Remedy.Text == "" || len(r.Remedy.Commands) > 0) {
			out = r
		}
	}
	out.Why = reasons(not) + ", and " + t.closed.Why
	if out.Remedy.Text == "" {
		out.Remedy.Text = "Say it in a kind that the engine reads, or install an engine that reads " + what + "."
	}
	return out
}

// contradicted: an engine that is on, although the user says that there is none.
func (t *Truth) contradicted(r Ruling) Ruling {
	if t.told == "none" && t.closed.Status == Unknown {
		return t.closed
	}
	return r
}

func reasons(all []Ruling) string {
	var out []string
	for _, r := range all {
		out = append(out, r.Why)
	}
	return strings.Join(out, "; ")
}
