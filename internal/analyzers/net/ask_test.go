package net

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/finding"
)

// shopFloor is a shop with a default deny, of which web may open the database.
func shopFloor() string {
	return namespace("shop") + namespace("tools") + workload("web", "") + workload("worker", "") + databaseSet + dbService + workloadIn("tools", "shell", "") +
		policy("deny", denyIngress) + policy("db", dbFromWeb)
}

func ask(from, to, port string, denied bool) *Asking {
	return &Asking{From: from, To: to, Port: port, Denied: denied}
}

// TestAsk: NET011 and NET012, one question each.
func TestAsk(t *testing.T) {
	for name, c := range map[string]struct {
		ask     *Asking
		options Options
		files   map[string]string
		verdict string
		answer  string
		hop     string // stands in a row
	}{
		"let through":                                {ask: ask("shop/web", "shop/db", "5432", false), verdict: "holds", answer: "ALLOWED.", hop: "ingress[0]"},
		"held back, and enforced":                    {ask: ask("shop/worker", "shop/db", "5432", false), options: Options{CNI: "calico"}, files: one(shopFloor() + calicoNode), verdict: "refuted", answer: "DENIED.", hop: "no rule of NetworkPolicy shop/db, NetworkPolicy shop/deny"},
		"held back, if anything enforces it":         {ask: ask("shop/worker", "shop/db", "5432", false), verdict: "unproven", answer: "DENIED, IF ANYTHING ENFORCES IT."},
		"another port":                               {ask: ask("shop/web", "shop/db", "22", true), files: one(shopFloor() + calicoNode), verdict: "holds", answer: "DENIED."},
		"claimed to be refused, and is":              {ask: ask("tools/shell", "shop/db", "5432", true), files: one(shopFloor() + calicoNode), verdict: "holds", answer: "DENIED."},
		"claimed to be refused, and is not":          {ask: ask("shop/web", "shop/db", "5432", true), verdict: "refuted", answer: "ALLOWED."},
		"refused by what nothing enforces":           {ask: ask("tools/shell", "shop/db", "5432", true), options: Options{CNI: "none"}, verdict: "refuted", answer: "DENIED BY A POLICY THAT NOTHING ENFORCES: the packet arrives.", hop: "not enforced"},
		"let through by what nothing enforces":       {ask: ask("tools/shell", "shop/db", "5432", false), options: Options{CNI: "none"}, verdict: "holds"},
		"by the Service":                             {ask: ask("shop/web", "service/shop/db", "", false), verdict: "holds", hop: "shop/web -> shop/db TCP/5432"},
		"by the name of a port":                      {ask: ask("web", "db", "postgres", false), verdict: "holds"},
		"by its kind":                                {ask: ask("deploy/shop/web", "sts/shop/db", "tcp/5432", false), verdict: "holds"},
		"from the internet":                          {ask: ask("internet", "shop/db", "5432", true), files: one(shopFloor() + calicoNode), verdict: "holds"},
		"from an address":                            {ask: ask("192.0.2.7", "shop/db", "5432", true), files: one(shopFloor() + calicoNode), verdict: "holds", hop: "192.0.2.7 -> shop/db"},
		"from a range":                               {ask: ask("192.0.2.0/24", "shop/db", "5432", true), files: one(shopFloor() + calicoNode), verdict: "holds"},
		"to an address":                              {ask: ask("shop/web", "192.0.2.7", "443", false), verdict: "holds"},
		"to itself":                                  {ask: ask("shop/db", "shop/db", "5432", false), files: one(shopFloor() + calicoNode), verdict: "holds"},
		"a template may hold it back":                {ask: ask("shop/web", "shop/db", "5432", false), files: one(shopFloor() + template), verdict: "unproven", answer: "ALLOWED, as far as could be read."},
		"a template may let it through":              {ask: ask("tools/shell", "shop/db", "5432", true), files: one(shopFloor() + calicoNode + template), verdict: "unproven"},
		"a template, and nothing enforces any of it": {ask: ask("shop/web", "shop/db", "5432", false), options: Options{CNI: "none"}, files: one(shopFloor() + template), verdict: "holds"},
		"kustomize makes something else of it": {ask: ask("shop/web", "shop/db", "5432", false), verdict: "unproven", files: map[string]string{
			"app/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\nlabels: [{pairs: {app: x}, includeSelectors: true}]\n", "app/a.yaml": shopFloor(),
		}},
		"a policy without a namespace": {ask: ask("shop/web", "shop/db", "5432", false), verdict: "unproven", files: one(shopFloor() + policyIn("", "x", "podSelector: {}, policyTypes: [Egress]"))},
		"on the network of its node":   {ask: ask("shop/agent", "shop/db", "5432", true), files: one(shopFloor() + workload("agent", "hostNetwork: true, ") + calicoNode), verdict: "unproven", hop: "node"},
	} {
		t.Run(name, func(t *testing.T) {
			o := c.options
			o.Ask = c.ask
			if c.files == nil {
				c.files = one(shopFloor())
			}
			rule, other := "NET011", "NET012"
			if c.ask.Denied {
				rule, other = other, rule
			}
			j := judge(t, &o, c.files)
			if j.err != nil {
				t.Fatal(j.err)
			}
			if got := j.verdict(rule); got != c.verdict || j.verdict(other) != "" {
				t.Errorf("%q, want %q\n%s", got, c.verdict, j.text(rule))
			}
			if c.answer != "" && c.ask.Answer != c.answer {
				t.Errorf("the answer is %q", c.ask.Answer)
			}
			if c.hop != "" && !strings.Contains(strings.Join(j.rows, "\n"), c.hop) {
				t.Errorf("no hop says %q:\n%s", c.hop, strings.Join(j.rows, "\n"))
			}
		})
	}
}

// TestAskMutated: what the proof cites decides, and nothing else does.
func TestAskMutated(t *testing.T) {
	for _, c := range []struct {
		what, old, new string
		allowed        bool
	}{
		{"as it is", "", "", true},
		{"another peer", "podSelector: {matchLabels: {app: web}}}], ports", "podSelector: {matchLabels: {app: worker}}}], ports", false},
		{"another port", "ports: [{port: 5432}]", "ports: [{port: 5433}]", false},
		{"a range of ports", "ports: [{port: 5432}]", "ports: [{port: 5000, endPort: 6000}]", true},
		{"another protocol", "ports: [{port: 5432}]", "ports: [{protocol: UDP, port: 5432}]", false},
		{"the label of the client", "labels: {app: web}", "labels: {app: wbe}", false},
		{"the label of a bystander", "labels: {app: worker}", "labels: {app: x}", true},
		{"another namespace of the policy", "{name: db, namespace: shop}\nspec: {pod", "{name: db, namespace: tools}\nspec: {pod", false},
		{"egress of the client", "spec: {" + denyIngress, "spec: {" + denyBoth, false},
		{"no policy", "kind: NetworkPolicy", "kind: ConfigMap", true},
	} {
		for _, denied := range []bool{false, true} {
			text := shopFloor() + calicoNode
			if c.old != "" && !strings.Contains(text, c.old) {
				t.Fatalf("%s: %q is not there", c.what, c.old)
			}
			o := Options{Ask: ask("shop/web", "shop/db", "5432", denied)}
			j := judge(t, &o, one(strings.ReplaceAll(text, c.old, c.new)))
			rule := map[bool]string{false: "NET011", true: "NET012"}[denied]
			want := map[bool]string{true: "holds", false: "refuted"}[c.allowed != denied]
			if got := j.verdict(rule); got != want {
				t.Errorf("%s, denied %v: %s, want %s\n%s", c.what, denied, got, want, j.text(rule))
			}
		}
	}
}

// TestUnfound: what is asked about and is not there.
func TestUnfound(t *testing.T) {
	two := shopFloor() + workloadIn("tools", "web", "")
	for name, c := range map[string]struct {
		ask  *Asking
		text string
		do   string
	}{
		"a typing error":            {ask("shop/we", "shop/db", "5432", false), `nobody is called "shop/we"`, "shop/web"},
		"nothing like it":           {ask("shop/zzz", "shop/db", "5432", false), `nobody is called "shop/zzz"`, "net list shows who is there"},
		"two letters changed":       {ask("shop/wokrer", "shop/db", "5432", false), `nobody is called "shop/wokrer"`, "near shop/wokrer: shop/worker"},
		"without its namespace":     {ask("wrker", "shop/db", "5432", false), `nobody is called "wrker"`, "near wrker: worker"},
		"several":                   {ask("web", "shop/db", "5432", false), `"web" is several workloads`, "KIND/NAMESPACE/NAME"},
		"another namespace":         {ask("tools/worker", "shop/db", "5432", false), `nobody is called "tools/worker"`, "shop/worker"},
		"no such port of a Service": {ask("shop/web", "service/shop/db", "80", false), "has no port", "5432"},
		"no such named port":        {ask("shop/web", "shop/db", "http", false), `has no port "http"`, "postgres (5432)"},
		"no port of an address":     {ask("shop/web", "192.0.2.1", "", false), "which port?", "a number"},
		"too large a port":          {ask("shop/web", "shop/db", "65536", false), `has no port "65536"`, "from 1 to 65535"},
		"port zero":                 {ask("shop/web", "shop/db", "0", false), `has no port "0"`, "from 1 to 65535"},
		"two addresses":             {ask("192.0.2.1", "192.0.2.2", "80", false), "neither end is a workload", "name one"},
	} {
		t.Run(name, func(t *testing.T) {
			j := judge(t, &Options{Ask: c.ask}, one(two))
			var u *Unfound
			if !errors.As(j.err, &u) {
				t.Fatalf("error %v", j.err)
			}
			do := u.Do
			for _, k := range u.Known { // the command line picks the nearest
				do += " near " + u.Word + ": " + k
			}
			if !strings.Contains(u.Text, c.text) || !strings.Contains(do, c.do) {
				t.Errorf("%q: %q", u.Text, u.Do)
			}
		})
	}
}

// TestAskedRules: the rules of commands are known, and check does not judge them.
func TestAskedRules(t *testing.T) {
	var ids []string
	for _, r := range Asked().Rules {
		ids = append(ids, r.ID)
		if slices.Contains(Analyzer().Rules, r) {
			t.Errorf("check judges %s too", r.ID)
		}
	}
	if !slices.Equal(ids, []string{"NET010", "NET011", "NET012"}) {
		t.Errorf("%v", ids)
	}
	for _, f := range judge(t, &Options{}, one(shopFloor())).findings {
		if slices.Contains(ids, f.Rule) {
			t.Errorf("check says %s", f.Rule)
		}
		if f.Verdict == finding.Refuted && len(f.Proof) == 0 {
			t.Errorf("%s accuses without proof", f.Rule)
		}
	}
}
