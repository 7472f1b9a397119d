package change_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/analyzers/change"
	"polygraph/internal/finding"
)

// claiming is a StatefulSet with templates, each NAME=SIZE.
func claiming(meta string, templates ...string) string {
	text := "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop" + meta + "}\nspec:\n  serviceName: db\n  selector: {matchLabels: {app: db}}\n" +
		"  template:\n    metadata: {labels: {app: db}}\n    spec: {containers: [{name: db, image: \"db@sha256:" + digest + "\"}]}\n  volumeClaimTemplates:\n"
	for _, t := range templates {
		name, size, _ := strings.Cut(t, "=")
		text += "  - {metadata: {name: " + name + "}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: " + size + "}}}}\n"
	}
	return text
}

func ofClaim(name, size string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: %s, namespace: shop, %s}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: %s}}}\n", name, ids, size)
}

// TestClaimsOfTheirTemplate: an edit is charged to the template that it edits,
// wherever that stands in the list.
func TestClaimsOfTheirTemplate(t *testing.T) {
	both := []string{"data=10Gi", "logs=1Gi"}
	for name, c := range map[string]struct {
		new  []string
		want []string // templates
	}{
		"nothing":            {both, nil},
		"one":                {[]string{"data=20Gi", "logs=1Gi"}, []string{"data"}},
		"the other":          {[]string{"data=10Gi", "logs=2Gi"}, []string{"logs"}},
		"another order":      {[]string{"logs=1Gi", "data=10Gi"}, nil},
		"one, another order": {[]string{"logs=1Gi", "data=20Gi"}, []string{"data"}},
		"one goes":           {[]string{"logs=1Gi"}, nil},
		"one comes":          {[]string{"first=5Gi", "data=10Gi", "logs=1Gi"}, nil},
		"another name":       {[]string{"files=10Gi", "logs=1Gi"}, nil},
		"another unit":       {[]string{"data=10240Mi", "logs=1Gi"}, nil},
	} {
		for _, live := range []bool{false, true} {
			files := map[string]string{"old/a": claiming("", both...), "new/a": claiming("", c.new...)}
			if live {
				files = map[string]string{
					"new/a":  files["new/a"],
					"live/a": claiming(", "+ids, both...) + ofClaim("data-db-0", "10Gi") + ofClaim("data-db-1", "20Gi") + ofClaim("logs-db-0", "1Gi"),
				}
			}
			t.Run(fmt.Sprint(name, " live ", live), func(t *testing.T) {
				j := judgeObjects(t, change.Options{Asked: live}, nil, files)
				refusal := map[string]bool{}
				for _, f := range j.of("CHG100") {
					for _, p := range f.Proof {
						refusal[p.Text] = true
					}
				}
				var got []string
				for _, f := range j.of("CHG107") {
					got = append(got, f.Discriminator)
					if f.Verdict != finding.Refuted || !strings.Contains(f.Title, "reaches no volume") {
						t.Errorf("%s: %s", f.Verdict, f.Title)
					}
					for _, p := range f.Proof {
						if refusal[p.Text] {
							t.Errorf("CHG100 says it too: %s", p.Text)
						}
						if other := map[string]string{"data": "logs", "logs": "data"}[f.Discriminator]; strings.Contains(p.Text, other) {
							t.Errorf("of %s: %s", f.Discriminator, p.Text)
						}
					}
					for _, command := range f.Remedy.Commands {
						if !strings.Contains(command, f.Discriminator+"-db-0") {
							t.Errorf("a claim that need not grow: %s", command)
						}
					}
					if live != (len(f.Remedy.Commands) == 1) {
						t.Errorf("commands %q", f.Remedy.Commands)
					}
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("templates %q, want %q", got, c.want)
				}
			})
		}
	}
}

// TestKustomizationsInChains: what an overlay changes is changed in all that it
// reaches, and a file of that name is a Kustomization without saying so.
func TestKustomizationsInChains(t *testing.T) {
	const (
		head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
		part = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
		pins = "images: [{name: web, digest: \"sha256:" + digest + "\"}]\n"
	)
	bare := edited("@sha256:"+digest, ":1")
	for name, c := range map[string]struct {
		files map[string]string
		build string // the folder to build; "" where nothing else than the file is applied
	}{
		"three files": {map[string]string{"over/kustomization.yaml": head + "resources: [../base]\n" + pins, "base/kustomization.yaml": head + "resources: [../common/web.yaml]\n"}, "over"},
		"four files": {map[string]string{
			"over/kustomization.yaml": head + "bases: [../mid]\n" + pins, "mid/kustomization.yml": head + "resources: [../base, https://example.com/x]\n", "base/Kustomization": head + "resources: [../common]\n",
		}, "over"},
		"no kind":              {map[string]string{"over/kustomization.yaml": "resources: [../base]\n" + pins, "base/kustomization.yaml": "resources: [../common/web.yaml]\n"}, "over"},
		"by a component":       {map[string]string{"over/kustomization.yaml": head + "resources: [../common/web.yaml]\ncomponents: [../pin]\n", "pin/kustomization.yaml": part + pins}, "over"},
		"a component apart":    {map[string]string{"over/kustomization.yaml": head + "resources: [../common/web.yaml]\n", "pin/kustomization.yaml": part + pins}, ""},
		"a cycle":              {map[string]string{"over/kustomization.yaml": head + "resources: [../base]\n" + pins, "base/kustomization.yaml": head + "resources: [../over, ../common/web.yaml]\ncomponents: [../over]\n"}, "base"},
		"both change it":       {map[string]string{"a/kustomization.yaml": head + "resources: [../common/web.yaml]\n" + pins, "over/kustomization.yaml": head + "resources: [../a]\n" + pins}, "over"},
		"an overlay of others": {map[string]string{"over/kustomization.yaml": head + "resources: [../base]\n" + pins, "base/kustomization.yaml": head + "resources: [other.yaml]\n"}, ""},
		"by an address":        {map[string]string{"over/kustomization.yaml": head + "resources: [\"https://../base\"]\n" + pins, "base/kustomization.yaml": head + "resources: [../common/web.yaml]\n"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.files["common/web.yaml"] = bare
			got := judgeObjects(t, change.Options{}, nil, c.files).of("CHG110")
			switch {
			case len(got) != 1:
				t.Fatalf("%+v", got)
			case c.build == "" && got[0].Verdict != finding.Refuted, c.build != "" && got[0].Verdict != finding.Unproven:
				t.Errorf("%+v", got[0])
			case c.build != "" && !strings.Contains(got[0].Missing[0].Get, "kustomize build "+c.build+" "):
				t.Errorf("%s", got[0].Missing[0].Get)
			}
		})
	}
}
