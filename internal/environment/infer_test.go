package environment

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

func TestWordsAreWhole(t *testing.T) {
	for name, want := range map[string]string{
		"acme-prod-db": "prod", "prod": "prod", "/acme/staging/api": "staging", "payments.dev.internal": "dev", "PROD_DB": "prod", "app-prd": "prod",
		"product": "", "products-api": "", "developer": "", "developers-portal": "", "devops": "", "dev-ops": "", "dev-tools": "", "production-line": "",
		"quality": "", "sandboxed": "", "test-bucket": "", "live-stream": "", "stage": "", "demo-app": "",
		"pre-prod-db": "preprod", "nonprod": "nonprod", "non-prod-vpc": "nonprod", "not-prod": "", "dev-to-prod": "", "prod-dev": "", "from-prod": "",
		"": "", "---": "", "дев": "", "prodаction": "", "dev2": "", "prod\u200b": "prod",
	} {
		if got, _ := spoken(name); got != want {
			t.Errorf("%q speaks of %q, want %q", name, got, want)
		}
	}
	for value, want := range map[string]string{
		"Production": "prod", "test": "test", "live": "live", "prod-eu": "prod-eu", "Prod EU": "prod-eu", "SB": "", "": "", "product": "",
		"dev and prod": "", "true": "", strings.Repeat("prod-", 20): "",
	} {
		if got, _ := named(value); got != want {
			t.Errorf("value %q names %q, want %q", value, got, want)
		}
	}
	for p, want := range map[string]string{
		"envs/prod/plan.json": "prod", "prod/plan.json": "prod", "plan-staging.json": "staging", "environments/test/p.json": "test", "dev.json": "dev",
		"test/plan.json": "", "/dev/stdin": "", "/" + "home/dev/plan.json": "", "products/plan.json": "", "dev/prod/plan.json": "", "stage/p.json": "",
		"live/plan.json": "", "plan.json": "", "": "", "testdata/demo/plan.json": "", "envs/live/p.json": "live", "production/p.json": "prod",
	} {
		if got := pathHint(p).env; got != want {
			t.Errorf("path %q is of %q, want %q", p, got, want)
		}
	}
}

func resource(address string, m evidence.Marks) evidence.Thing {
	return evidence.Thing{Subject: finding.Subject{Kind: "terraform-resource", Identity: address}, Marks: m}
}

func plan(m evidence.Marks) evidence.Thing {
	return evidence.Thing{Subject: finding.Subject{Kind: "terraform-plan", Identity: "plan"}, Marks: m}
}

func env(v string) evidence.Marks { return evidence.Marks{Tags: tags("environment", v)} }

func TestInfer(t *testing.T) {
	const acct = "111122223333"
	for name, c := range map[string]struct {
		path       string
		things     []evidence.Thing
		whole, why string
		of         []string // of each thing
	}{
		"nothing": {path: "plan.json", things: []evidence.Thing{resource("t.a", evidence.Marks{Name: "x"})}, of: []string{""}},
		"a tag":   {path: "plan.json", things: []evidence.Thing{resource("t.a", env("Prod"))}, whole: "prod", why: "1 of 1 resource carries tag environment=Prod", of: []string{"prod"}},
		"tags that disagree": {path: "plan.json", things: []evidence.Thing{
			resource("t.a", evidence.Marks{Tags: tags("environment", "prod", "env", "dev")}),
		}, of: []string{""}},
		"the exact key counts before a longer one": {path: "p", things: []evidence.Thing{
			resource("t.a", evidence.Marks{Tags: tags("environment", "prod", "network_environment", "dev")}),
		}, whole: "prod", why: "tag environment=prod", of: []string{"prod"}},
		"two environments in one plan": {path: "p", things: []evidence.Thing{
			resource("t.a", env("prod")), resource("t.b", env("dev")), resource("t.c", evidence.Marks{}),
		}, why: "its resources are in dev, prod", of: []string{"prod", "dev", ""}},
		"too few carry it": {path: "p", things: []evidence.Thing{
			resource("t.a", env("prod")), resource("t.b", evidence.Marks{}), resource("t.c", evidence.Marks{}),
		}, of: []string{"prod", "", ""}},
		"a variable": {path: "p", things: []evidence.Thing{
			resource("t.a", evidence.Marks{}), plan(evidence.Marks{Tags: tags("var.environment", "staging")}),
		}, whole: "staging", why: "variable environment=staging", of: []string{"staging", "staging"}},
		"a variable against tags": {path: "p", things: []evidence.Thing{
			resource("t.a", env("dev")), resource("t.b", evidence.Marks{}), plan(evidence.Marks{Tags: tags("var.env", "prod")}),
		}, why: "variable env=prod says prod", of: []string{"dev", "", ""}},
		"a variable against the path": {path: "envs/dev/p.json", things: []evidence.Thing{
			plan(evidence.Marks{Tags: tags("var.env", "prod")}),
		}, why: "path dev/ (a weak hint) says dev", of: []string{""}},
		"a path alone": {path: "envs/dev/p.json", things: []evidence.Thing{resource("t.a", evidence.Marks{})}, whole: "dev", why: "a weak hint", of: []string{"dev"}},
		"default tags": {path: "p", things: []evidence.Thing{plan(env("qa"))}, whole: "qa", why: "default tag environment=qa", of: []string{"qa"}},
		"a tier of an application": {path: "p", things: []evidence.Thing{
			plan(evidence.Marks{Tags: tags("var.tier", "web", "tier", "dev")}),
		}, of: []string{""}},
		"a name alone": {path: "p", things: []evidence.Thing{resource("t.a", evidence.Marks{Name: "x-prod-y"})}, of: []string{""}},
		"names enough": {path: "p", things: []evidence.Thing{
			resource("t.a", evidence.Marks{Name: "x-prod-a"}), resource("t.b", evidence.Marks{Name: "x-prod-b"}), resource("t.c", evidence.Marks{Name: "x-prod-c"}), resource("t.d", evidence.Marks{Name: "d"}),
		}, of: []string{"prod", "prod", "prod", ""}},
		"a name beside a tag": {path: "p", things: []evidence.Thing{
			resource("t.a", env("prod")), resource("t.b", env("dev")), resource("t.c", evidence.Marks{Name: "x-prod-b"}),
		}, why: "its resources", of: []string{"prod", "dev", "prod"}},
		"a name against the plan": {path: "p", things: []evidence.Thing{
			resource("t.a", env("dev")), resource("t.b", evidence.Marks{Name: "x-dev"}), resource("t.c", evidence.Marks{Name: "copy-of-prod"}), plan(evidence.Marks{Tags: tags("var.env", "dev")}),
		}, whole: "dev", why: "variable", of: []string{"dev", "dev", ""}},
		"a for_each key": {path: "p", things: []evidence.Thing{
			resource(`module.platform["prod"].t.a`, evidence.Marks{}), resource(`module.platform["staging"].t.a["x"]`, evidence.Marks{}), resource(`t.a["test"]`, evidence.Marks{}), resource(`t.a["product"]`, evidence.Marks{}),
		}, why: "its resources", of: []string{"prod", "staging", "", ""}},
		"keys that disagree": {path: "p", things: []evidence.Thing{resource(`module.a["prod"].t.a["dev"]`, evidence.Marks{})}, of: []string{""}},
		"a key against a name": {path: "p", things: []evidence.Thing{
			resource(`t.a["prod"]`, evidence.Marks{Name: "x-dev-y"}), resource("t.b", env("dev")),
		}, why: "its resources", of: []string{"", "dev"}},
		"an account that agrees": {path: "p", things: []evidence.Thing{
			resource("t.a", evidence.Marks{Account: acct, Tags: tags("env", "prod")}), resource("t.b", evidence.Marks{Account: acct, Tags: tags("env", "prod")}), resource("t.c", evidence.Marks{Account: acct}),
		}, whole: "prod", why: "2 of 3 resources carry tag env=prod", of: []string{"prod", "prod", "prod"}},
		"an account that does not": {path: "p", things: []evidence.Thing{
			resource("t.a", evidence.Marks{Account: acct, Tags: tags("env", "prod")}), resource("t.b", evidence.Marks{Account: acct, Tags: tags("env", "dev")}), resource("t.c", evidence.Marks{Account: acct}),
		}, why: "its resources", of: []string{"prod", "dev", ""}},
		"a namespace": {path: "p", things: []evidence.Thing{
			resource("t.a", evidence.Marks{Namespace: "shop-prod"}), resource("t.b", evidence.Marks{Namespace: "test"}), resource("t.c", evidence.Marks{Namespace: "products"}),
		}, why: "its resources", of: []string{"prod", "test", ""}},
		"what is only read does not vote": {path: "p", things: []evidence.Thing{
			resource("data.t.a", env("prod")), resource("module.x.data.t.b", env("prod")), resource("t.b", evidence.Marks{}),
		}, of: []string{"prod", "prod", ""}},
	} {
		in := Infer(map[string][]evidence.Thing{c.path: c.things}, []string{c.path})
		whole, why := in.Evidence(c.path)
		if whole != c.whole || !strings.Contains(why, c.why) || (c.why == "") != (why == "") {
			t.Errorf("%s: %q by %q, want %q by %q", name, whole, why, c.whole, c.why)
		}
		for i, want := range c.of {
			if got, why := in.Thing(c.path, &c.things[i]); got != want || got != "" && why == "" {
				t.Errorf("%s: %s is in %q by %q, want %q", name, c.things[i].Subject.Identity, got, why, want)
			}
		}
	}
}

// TestInferenceIsStable: neither the order of things nor that of maps shows.
func TestInferenceIsStable(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	words := []string{"prod", "dev", "staging", "", "", "x"}
	for range 300 {
		things := map[string][]evidence.Thing{}
		for _, p := range []string{"a.json", "envs/dev/b.json", "c-prod.json"} {
			for i := range r.IntN(12) {
				w := func() string { return words[r.IntN(len(words))] }
				things[p] = append(things[p], resource(fmt.Sprintf("t.n%d[%q]", i, w()), evidence.Marks{
					Name: "n-" + w() + fmt.Sprint("-", i), Account: fmt.Sprint("11112222333", r.IntN(3)), VPC: []string{"", "vpc-1", "vpc-2"}[r.IntN(3)], Namespace: w(), Tags: tags("env", w(), "stage", w()),
				}))
			}
			things[p] = append(things[p], plan(evidence.Marks{Tags: tags("var.env", words[r.IntN(6)])}))
		}
		render := func() string {
			rows := ""
			for _, row := range Rows(nil, things, nil)[:] {
				if row.Table != "unassigned" { // it lists things in their order
					rows += show(row) + "\n"
				}
			}
			return rows + strings.Join(YAML(Infer(things, nil).Proposals()), "\n")
		}
		want := render()
		for range 3 {
			for _, list := range things {
				r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			}
			if got := render(); got != want {
				t.Fatalf("another order, another inference:\n%s\n---\n%s", want, got)
			}
		}
	}
}

// TestReasonsAreBounded: more VPCs than reasons are kept.
func TestReasonsAreBounded(t *testing.T) {
	things := map[string][]evidence.Thing{}
	for i := range 2 * (maxReasons + 10) {
		m := env("prod")
		m.VPC = fmt.Sprint("vpc-", i/2)
		things["p"] = append(things["p"], resource(fmt.Sprint("t.n", i), m))
	}
	p := Infer(things, nil).Proposals()
	if len(p) != 1 || len(p[0].Reasons) != maxReasons {
		t.Errorf("%d proposals, %d reasons", len(p), len(p[0].Reasons))
	}
}

func TestYAML(t *testing.T) {
	if got := YAML(nil); got != nil {
		t.Errorf("%q of nothing", got)
	}
	things := map[string][]evidence.Thing{"envs/dev/plan.json": {
		resource("t.a", evidence.Marks{Account: "111122223333", Tags: tags("env\"}]\n#", "x", "environment", "prod\u202e\n: [x")}),
		resource("t.b", evidence.Marks{Name: "a-qa-b"}), resource("t.c", evidence.Marks{Name: "b-qa-b"}), resource("t.d", evidence.Marks{Name: "c-qa-b"}),
	}}
	got := strings.Join(YAML(Infer(things, nil).Proposals()), "\n")
	for _, bad := range []string{"\u202e", "\n: [x"} {
		if strings.Contains(got, bad) {
			t.Errorf("foreign text %q got out:\n%s", bad, got)
		}
	}
	names := []evidence.Thing{resource("t.b", evidence.Marks{Name: "a-qa-b"}), resource("t.c", evidence.Marks{Name: "b-qa-b"}), resource("t.d", evidence.Marks{Name: "c-qa-b"})}
	weakly := YAML(Infer(map[string][]evidence.Thing{"p": names}, nil).Proposals())
	want := []string{
		"# environments:", "  # 3 of 3 resources by names (a weak hint)", "  # Only names speak of it: check the patterns before you use them.",
		"  # qa:", `  #   names: ["*-qa", "*-qa-*", "qa-*"]`,
	}
	if !reflect.DeepEqual(weakly, want) {
		t.Errorf("%s", strings.Join(weakly, "\n"))
	}
}
