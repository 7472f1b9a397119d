package netpol

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// thing is what selectors of the tests look at.
type thing map[Attribute]map[string]string

func (t thing) Attribute(on Attribute, key string) (string, bool) {
	v, ok := t[on][key]
	return v, ok
}

func pod(namespace, account string, labels ...string) thing {
	t := thing{PodLabel: {}, Namespace: {"": namespace}, Account: {"": account}, NamespaceLabel: {}, AccountLabel: {}}
	for i := 0; i < len(labels); i += 2 {
		on, key := PodLabel, labels[i]
		if rest, ok := strings.CutPrefix(key, "ns:"); ok {
			on, key = NamespaceLabel, rest
		} else if rest, ok := strings.CutPrefix(key, "sa:"); ok {
			on, key = AccountLabel, rest
		}
		t[on][key] = labels[i+1]
	}
	return t
}

// Meanings from docs.tigera.io/calico/latest/reference/resources/networkpolicy and
// from what the tokenizer of v3.32 accepts.
func TestSelectorMeaning(t *testing.T) {
	web := pod("shop", "runner", "app", "web", "tier", "front-end", "empty", "", "ns:team", "red", "sa:kind", "robot")
	for _, c := range []struct {
		text  string
		scope selectorScope
		want  bool
	}{
		{"", overEndpoints, true},
		{" \t", overEndpoints, true},
		{"all()", overEndpoints, true},
		{"all( )", overEndpoints, true},
		{"!all()", overEndpoints, false},
		{`app == "web"`, overEndpoints, true},
		{`app=='web'`, overEndpoints, true},
		{`app != 'web'`, overEndpoints, false},
		{`missing != 'web'`, overEndpoints, true},
		{`missing == ''`, overEndpoints, false},
		{`empty == ''`, overEndpoints, true},
		{`app in {"web", 'db'}`, overEndpoints, true},
		{`app in{'db',}`, overEndpoints, false},
		{`app in {}`, overEndpoints, false},
		{`app not in {}`, overEndpoints, true},
		{`app notin {"web"}`, overEndpoints, false},
		{`app not   in {"web"}`, overEndpoints, false},
		{`missing not in {"web"}`, overEndpoints, true},
		{`tier contains "t-e"`, overEndpoints, true},
		{`missing contains ""`, overEndpoints, false},
		{`tier starts with "front"`, overEndpoints, true},
		{`tier startswith"end"`, overEndpoints, false},
		{`tier ends  with "end"`, overEndpoints, true},
		{`has(app)`, overEndpoints, true},
		{`has( app )`, overEndpoints, true},
		{`!has(missing)`, overEndpoints, true},
		{`!!has(missing)`, overEndpoints, false},
		{`! ! !has(missing)`, overEndpoints, true},
		// && binds tighter than ||, and ! tighter than both.
		{`has(app) || has(missing) && has(missing)`, overEndpoints, true},
		{`(has(app) || has(missing)) && has(missing)`, overEndpoints, false},
		{`!has(app) || has(tier)`, overEndpoints, true},
		{`!(has(app) || has(tier))`, overEndpoints, false},
		{`has == "x"`, overEndpoints, false}, // a label may have the name of a word
		{`in in {"a"} || not not in {"a"}`, overEndpoints, true},
		{`projectcalico.org/namespace == "shop"`, overEndpoints, true},
		{`projectcalico.org/serviceaccount in {"runner"}`, overEndpoints, true},
		{`projectcalico.org/orchestrator == 'k8s'`, overEndpoints, true},
		{`has(projectcalico.org/namespace)`, overEndpoints, true},
		{`pcns.team == "red"`, overEndpoints, true},
		{`pcns.projectcalico.org/name == "shop"`, overEndpoints, true},
		{`pcsa.kind == "robot" && pcsa.projectcalico.org/name == "runner"`, overEndpoints, true},
		{`team == "red"`, overEndpoints, false},
		{`team == "red"`, overNamespaces, true},
		{`projectcalico.org/name == "shop"`, overNamespaces, true},
		{`projectcalico.org/name starts with "sh"`, overNamespaces, true},
		{`app == "web"`, overNamespaces, false},
		{`all()`, overNamespaces, true},
		{`!all()`, overNamespaces, false},
		{`global()`, overNamespaces, false},
		{`kind == "robot"`, overAccounts, true},
		{`projectcalico.org/name == "runner"`, overAccounts, true},
	} {
		e, err := parseSelector(c.text, c.scope)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if e = forPods(e); e.Match(web) != c.want {
			t.Errorf("%s in scope %d is %v", c.text, c.scope, !c.want)
		}
	}
}

// Every pod has a namespace and an account, whether they are known or not.
func TestSelectorOfPods(t *testing.T) {
	for text, want := range map[string]Op{"has(projectcalico.org/serviceaccount)": All, "!has(pcns.projectcalico.org/name)": None, "has(app)": Exists} {
		if e, err := parseSelector(text, overEndpoints); err != nil || forPods(e).Op != want {
			t.Errorf("%s: %v, %v", text, forPods(e), err)
		}
	}
}

func TestSelectorErrors(t *testing.T) {
	for _, c := range []struct {
		text  string
		scope selectorScope
		at    int
	}{
		{`app`, overEndpoints, 3},
		{`app = "web"`, overEndpoints, 4},
		{`app == web`, overEndpoints, 7},
		{`app == "web`, overEndpoints, 7},
		{`app == "web" &`, overEndpoints, 13},
		{`app == "web" &&`, overEndpoints, 15},
		{`app == "web" has(x)`, overEndpoints, 13},
		{`app == "web"` + "\n", overEndpoints, 12}, // what > of YAML leaves
		{`app in "web"`, overEndpoints, 7},
		{`app in {"web" "db"}`, overEndpoints, 14},
		{`app in {,}`, overEndpoints, 8},
		{`app not {"web"}`, overEndpoints, 8},
		{`app starts "web"`, overEndpoints, 11},
		{`app ~= "web"`, overEndpoints, 4},
		{`has()`, overEndpoints, 4},
		{`has(app`, overEndpoints, 7},
		{`has (app)`, overEndpoints, 4},
		{`all`, overEndpoints, 3},
		{`(has(a)`, overEndpoints, 7},
		{`has(a))`, overEndpoints, 6},
		{`()`, overEndpoints, 1},
		{`global()`, overEndpoints, 0},
		{`has(a) && global()`, overEndpoints, 10},
		{`has(a) || global()`, overNamespaces, 0},
		{`!global()`, overNamespaces, 0},
		{`global()`, overAccounts, 0},
		{`é == "x"`, overEndpoints, 0},
		{strings.Repeat("(", maxSelectorDepth+1) + "has(a)" + strings.Repeat(")", maxSelectorDepth+1), overEndpoints, maxSelectorDepth},
	} {
		_, err := parseSelector(c.text, c.scope)
		if err == nil {
			t.Errorf("%q is a selector", c.text)
		} else if err.at != c.at {
			t.Errorf("%q: the error is at %d, not at %d: %s", c.text, err.at, c.at, err.text)
		}
	}
	deep := strings.Repeat("(", maxSelectorDepth) + "has(a)" + strings.Repeat(")", maxSelectorDepth)
	if _, err := parseSelector(deep, overEndpoints); err != nil {
		t.Error(err)
	}
}

// tree is a selector by itself: it is printed in one of many styles, and
// evaluated without the parser and without Expr.
type tree struct {
	op     string // &&, ||, !, has, all, ==, !=, in, not in, contains, starts with, ends with
	key    string
	values []string
	terms  []*tree
}

func randomTree(r *rand.Rand, depth int) *tree {
	keys := []string{"a", "b", "has", "in", "x.y/z-1", "all"}
	values := []string{"", "v", "w", "vw", `a"b`, "it's", "not in", "é"}
	if depth > 0 && r.IntN(3) > 0 {
		switch r.IntN(3) {
		case 0:
			return &tree{op: "!", terms: []*tree{randomTree(r, depth-1)}}
		case 1:
			return &tree{op: "&&", terms: randomTrees(r, depth-1)}
		}
		return &tree{op: "||", terms: randomTrees(r, depth-1)}
	}
	t := &tree{key: keys[r.IntN(len(keys))]}
	t.op = []string{"has", "all", "==", "!=", "in", "not in", "contains", "starts with", "ends with"}[r.IntN(9)]
	for range r.IntN(4) + 1 {
		t.values = append(t.values, values[r.IntN(len(values))])
	}
	return t
}

func randomTrees(r *rand.Rand, depth int) (out []*tree) {
	for range r.IntN(3) + 2 {
		out = append(out, randomTree(r, depth))
	}
	return out
}

func (t *tree) eval(labels map[string]string) bool {
	v, ok := labels[t.key]
	switch t.op {
	case "&&":
		for _, u := range t.terms {
			if !u.eval(labels) {
				return false
			}
		}
		return true
	case "||":
		for _, u := range t.terms {
			if u.eval(labels) {
				return true
			}
		}
		return false
	case "!":
		return !t.terms[0].eval(labels)
	case "all":
		return true
	case "has":
		return ok
	case "==":
		return ok && v == t.values[0]
	case "!=":
		return !ok || v != t.values[0]
	case "contains":
		return ok && strings.Contains(v, t.values[0])
	case "starts with":
		return ok && strings.HasPrefix(v, t.values[0])
	case "ends with":
		return ok && strings.HasSuffix(v, t.values[0])
	}
	among := false
	for _, w := range t.values {
		among = among || v == w
	}
	return ok && among == (t.op == "in") || !ok && t.op == "not in"
}

// print writes a tree: blanks where they may be, either quote, parentheses where
// they must be and sometimes where they need not.
func (t *tree) print(r *rand.Rand, around int) string {
	blank := func() string { return []string{"", " ", "\t ", "  "}[r.IntN(4)] }
	quoted := func(v string) string {
		if strings.Contains(v, `"`) || !strings.Contains(v, "'") && r.IntN(2) == 0 {
			return "'" + v + "'"
		}
		return `"` + v + `"`
	}
	var out string
	binds := 3
	switch t.op {
	case "&&", "||":
		binds = 1
		if t.op == "&&" {
			binds = 2
		}
		var parts []string
		for _, u := range t.terms {
			parts = append(parts, u.print(r, binds+1))
		}
		out = parts[0]
		for _, p := range parts[1:] {
			out += blank() + t.op + blank() + p
		}
	case "!":
		out = "!" + blank() + t.terms[0].print(r, 3)
	case "all":
		out = "all(" + blank() + ")"
	case "has":
		out = "has(" + blank() + t.key + blank() + ")"
	case "in", "not in":
		op := t.op
		if op == "not in" {
			op = "not" + blank() + "in"
		}
		var values []string
		for _, v := range t.values {
			values = append(values, quoted(v)+blank())
		}
		last := []string{"", ","}[r.IntN(2)]
		out = t.key + " " + op + blank() + "{" + blank() + strings.Join(values, ","+blank()) + last + blank() + "}"
	case "==", "!=":
		out = t.key + blank() + t.op + blank() + quoted(t.values[0])
	default:
		op := strings.Replace(t.op, " ", blank(), 1)
		out = t.key + " " + op + blank() + quoted(t.values[0])
	}
	if binds < around || r.IntN(6) == 0 {
		return "(" + blank() + out + blank() + ")"
	}
	return out
}

// printExpr writes an expression over labels of pods as a selector.
func printExpr(e *Expr) string {
	quoted := func(v string) string {
		if strings.Contains(v, `"`) {
			return "'" + v + "'"
		}
		return `"` + v + `"`
	}
	switch e.Op {
	case All:
		return "all()"
	case None:
		return "!all()"
	case Not:
		return "!" + printExpr(&e.Terms[0])
	case And, Or:
		var parts []string
		for i := range e.Terms {
			parts = append(parts, printExpr(&e.Terms[i]))
		}
		return "(" + strings.Join(parts, map[Op]string{And: " && ", Or: " || "}[e.Op]) + ")"
	case Exists:
		return "has(" + e.Key + ")"
	case NotExists:
		return "!has(" + e.Key + ")"
	case In, NotIn:
		var values []string
		for _, v := range e.Values {
			values = append(values, quoted(v))
		}
		return e.Key + map[Op]string{In: " in", NotIn: " not in"}[e.Op] + " {" + strings.Join(values, ", ") + "}"
	}
	return e.Key + map[Op]string{Contains: " contains ", HasPrefix: " starts with ", HasSuffix: " ends with "}[e.Op] + quoted(e.Values[0])
}

func randomLabels(r *rand.Rand) map[string]string {
	labels := map[string]string{}
	for _, k := range []string{"a", "b", "has", "in", "x.y/z-1", "all"} {
		if r.IntN(3) > 0 {
			labels[k] = []string{"", "v", "w", "vw", `a"b`, "it's", "not in", "é"}[r.IntN(8)]
		}
	}
	return labels
}

func TestSelectorAgainstTrees(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	trues, total := 0, 0
	for range 20000 {
		want := randomTree(r, r.IntN(5))
		text := want.print(r, 0)
		e, err := parseSelector(text, overEndpoints)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		again, err := parseSelector(printExpr(&e), overEndpoints)
		if err != nil {
			t.Fatalf("%s as %s: %v", text, printExpr(&e), err)
		}
		if fmt.Sprint(again) != fmt.Sprint(e) {
			t.Fatalf("%s\nread %v\nread again %v", text, e, again)
		}
		pods := forPods(e)
		for range 10 {
			labels := randomLabels(r)
			of := thing{PodLabel: labels}
			if e.Match(of) != want.eval(labels) || pods.Match(of) != want.eval(labels) {
				t.Fatalf("%s of %v is %v", text, labels, want.eval(labels))
			}
			if total++; want.eval(labels) {
				trues++
			}
		}
	}
	if trues < total/5 || trues > total*4/5 {
		t.Errorf("%d of %d are true: the trees say too little", trues, total)
	}
}

func FuzzSelector(f *testing.F) {
	for _, s := range []string{"", `a == "b"`, `!has(a) && (b in {'c', "d"} || all())`, "global()", "((((", `a not in {`, "a starts with 'x'", "!!!!"} {
		f.Add(s, uint8(0))
	}
	f.Fuzz(func(t *testing.T, text string, scope uint8) {
		e, err := parseSelector(text, selectorScope(scope%3))
		if err != nil {
			if err.at < 0 || err.at > len(text) || err.text == "" {
				t.Fatalf("error at %d of %d: %s", err.at, len(text), err.text)
			}
			return
		}
		some := pod("ns", "sa", "a", "b")
		whole := forPods(e)
		if e.Match(some) != whole.Match(some) && !strings.Contains(text, "orchestrator") {
			t.Fatal("a pod is matched by the one and not by the other")
		}
		hosts := forHosts(e)
		hosts.Match(some)
		if scope%3 != 0 {
			return
		}
		if strings.Contains(text, "pcns.") || strings.Contains(text, "pcsa.") || strings.Contains(text, "projectcalico.org/") {
			return
		}
		if again, err := parseSelector(printExpr(&e), overEndpoints); err != nil || fmt.Sprint(again) != fmt.Sprint(e) {
			t.Fatalf("%v is not %v: %v", again, e, err)
		}
	})
}
