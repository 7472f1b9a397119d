package netpol

import "strings"

// The labels that Calico itself gives to endpoints.
//
// Sources: api/pkg/apis/projectcalico/v3/constants.go and
// libcalico-go/lib/backend/k8s/conversion, projectcalico/calico v3.32;
// docs.tigera.io/calico/latest/network-policy/get-started/calico-policy/calico-labels.
const (
	labelNamespace    = "projectcalico.org/namespace"
	labelAccount      = "projectcalico.org/serviceaccount"
	labelOrchestrator = "projectcalico.org/orchestrator"
	labelName         = "projectcalico.org/name" // of a namespace and of an account
	labelCreatedBy    = "projectcalico.org/created-by"
	namespacePrefix   = "pcns." // before the labels of the namespace
	accountPrefix     = "pcsa." // before those of the account
)

// labelTerm is a term of a selector. Endpoints carry the labels of their
// namespace and of their account under prefixes, and both names as labels.
func labelTerm(scope selectorScope, op Op, key string, values ...string) Expr {
	switch scope {
	case overNamespaces:
		key = namespacePrefix + key
	case overAccounts:
		key = accountPrefix + key
	}
	e := Expr{Op: op, On: PodLabel, Key: key, Values: values}
	if rest, ok := strings.CutPrefix(key, namespacePrefix); ok {
		e.On, e.Key = NamespaceLabel, rest
		if rest == labelName {
			e.On, e.Key = Namespace, ""
		}
	} else if rest, ok := strings.CutPrefix(key, accountPrefix); ok {
		e.On, e.Key = AccountLabel, rest
		if rest == labelName {
			e.On, e.Key = Account, ""
		}
	} else if key == labelNamespace {
		e.On, e.Key = Namespace, ""
	} else if key == labelAccount {
		e.On, e.Key = Account, ""
	}
	return e
}

// negate is the opposite, by the opposite operation where there is one.
func negate(e Expr) Expr {
	switch e.Op {
	case All:
		return Expr{Op: None}
	case None:
		return Expr{}
	case In:
		e.Op = NotIn
	case NotIn:
		e.Op = In
	case Exists:
		e.Op = NotExists
	case NotExists:
		e.Op = Exists
	case Not:
		return e.Terms[0]
	default:
		return Expr{Op: Not, Terms: []Expr{e}}
	}
	return e
}

// either is the disjunction.
func either(terms ...Expr) Expr {
	out := Expr{Op: Or}
	for _, t := range terms {
		switch t.Op {
		case None:
		case All:
			return t
		default:
			out.Terms = append(out.Terms, t)
		}
	}
	switch len(out.Terms) {
	case 0:
		return Expr{Op: None}
	case 1:
		return out.Terms[0]
	}
	return out
}

// rewrite replaces the terms of an expression and folds what is then certain.
func rewrite(e Expr, term func(Expr) Expr) Expr {
	switch e.Op {
	case All, None:
		return e
	case Not:
		return negate(rewrite(e.Terms[0], term))
	case And, Or:
		terms := make([]Expr, len(e.Terms))
		for i := range e.Terms {
			terms[i] = rewrite(e.Terms[i], term)
		}
		if e.Op == And {
			return all(terms...)
		}
		return either(terms...)
	}
	return term(e)
}

// certain is All or None.
func certain(yes bool) Expr {
	if yes {
		return Expr{}
	}
	return Expr{Op: None}
}

// forPods is what an expression says about pods: they have a namespace, an
// account, and come from Kubernetes.
func forPods(e Expr) Expr {
	return rewrite(e, func(t Expr) Expr {
		switch {
		case (t.On == Namespace || t.On == Account) && (t.Op == Exists || t.Op == NotExists):
			return certain(t.Op == Exists)
		case t.On == PodLabel && t.Key == labelOrchestrator:
			return certain(t.Holds("k8s", true))
		}
		return t
	})
}

// forHosts is what it says about the host endpoints that Calico makes of nodes
// when it is told to: they have the labels of the node, and no namespace.
//
// Source: kube-controllers/pkg/controllers/node, projectcalico/calico v3.32.
func forHosts(e Expr) Expr {
	return rewrite(e, func(t Expr) Expr {
		if t.On != PodLabel || t.Key == labelOrchestrator {
			return certain(t.Holds("", false))
		}
		if t.Key == labelCreatedBy {
			return certain(t.Holds("calico-kube-controllers", true))
		}
		t.On = NodeLabel
		return t
	})
}
