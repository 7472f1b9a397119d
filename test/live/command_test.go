package live

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polygraph/internal/cli"
	"polygraph/test/cluster"
)

// command runs polygraph as a person would, from an empty folder.
func (w *world) command(code int, args ...string) (stdout, stderr string) {
	w.t.Helper()
	var out, complaints bytes.Buffer
	got := cli.Run(w.t.Context(), cli.IO{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &complaints, Env: []string{"HOME=" + w.t.TempDir()}})
	if got != code {
		w.t.Fatalf("polygraph %s ended with %d, want %d:\n%s%s", strings.Join(args, " "), got, code, out.String(), complaints.String())
	}
	return out.String(), complaints.String()
}

// has asks for lines that begin so, the columns of a table apart by any space.
func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	folded := "\n" + strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' }), " ")
	for _, line := range lines {
		if !strings.Contains(folded, line) {
			t.Errorf("%q is not said in\n%s", line, text)
		}
	}
}

const shop = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: REPLICAS
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web@sha256:0123456789012345678901234567890123456789012345678901234567890123", envFrom: [{secretRef: {name: s}}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: quota-note}
data: {a: NOTE}
---
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData: {password: PASSWORD}
`

func shopOf(replicas, note, password string) string {
	return strings.NewReplacer("REPLICAS", replicas, "NOTE", note, "PASSWORD", password).Replace(shop)
}

// TestTheCommandAgainstACluster: what it says of each object, what it saves, and
// that nothing is written.
func TestTheCommandAgainstACluster(t *testing.T) {
	w := newWorld(t)
	for _, document := range strings.Split(shopOf("2", "one", "hunter2"), "---\n") {
		w.make(object(t, "%s", document))
	}
	dir := t.TempDir()
	manifest := filepath.Join(dir, "new.yaml")
	more := "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\n---\napiVersion: a.example.com/v1\nkind: Gadget\nmetadata: {name: g}\n"
	if err := os.WriteFile(manifest, []byte(shopOf("3", "two", "hunter3")+more), 0o600); err != nil {
		t.Fatal(err)
	}
	config, saved := w.kubeconfig("admin", cluster.Administrators), filepath.Join(dir, "live.json")
	mark := w.Audit().Mark()
	out, _ := w.command(1, "change", "--kubeconfig", config, "--live", "-n", w.namespace, manifest, "--save", saved, "-v")
	has(t, out,
		"Deployment.apps/web scaled spec.replicas 2 -> 3",
		"ConfigMap/quota-note in place data.a one -> two",
		"Secret/s in place data.password (sensitive)",
		"\nConfigMap/made created",
		"Gadget.a.example.com/g unknown",
	)
	if strings.Contains(out, "hunter") || strings.Contains(out, "aHVudGVy") {
		t.Errorf("a value of a Secret is printed:\n%s", out)
	}
	calls, err := w.Audit().Since(mark)
	if err != nil {
		t.Fatal(err)
	}
	dryRuns := 0
	for _, call := range calls.Agent("polygraph") {
		if call.DryRun {
			dryRuns++
		}
	}
	if writes := calls.Agent("polygraph").Writes(); dryRuns == 0 || len(writes) > 0 {
		t.Errorf("%d dry runs; it wrote %v", dryRuns, writes)
	}

	// The saved file takes the cluster's place: it has no values of Secrets, and says what was not shown.
	text, err := os.ReadFile(saved)
	if err != nil || strings.Contains(string(text), "hunter") || strings.Contains(string(text), "aHVudGVy") {
		t.Fatalf("%v: a value of a Secret is saved", err)
	}
	out, _ = w.command(0, "change", saved, manifest)
	has(t, out,
		"Deployment.apps/web scaled spec.replicas 2 -> 3",
		"Secret/s unknown data.password (sensitive)",
		"Gadget.a.example.com/g unknown",
		"the cluster did not show it",
	)
}

// TestTheCommandAsksTheServer: quota is nothing that a manifest shows.
func TestTheCommandAsksTheServer(t *testing.T) {
	w := newWorld(t)
	w.make(object(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: bound}, immutable: true, data: {a: one}}"))
	manifest := filepath.Join(t.TempDir(), "new.yaml")
	if err := os.WriteFile(manifest, []byte("{apiVersion: v1, kind: ConfigMap, metadata: {name: bound}, immutable: true, data: {a: two}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := w.kubeconfig("admin", cluster.Administrators)
	out, _ := w.command(1, "change", "--kubeconfig", config, "--live", "-n", w.namespace, manifest)
	has(t, out, "FALSE CHG100", "a dry run at", "field is immutable when `immutable` is set")
	out, _ = w.command(1, "change", "--kubeconfig", config, "--live", "-n", w.namespace, manifest, "--no-dry-run")
	has(t, out, "FALSE CHG100", "field is immutable when `immutable` is set")
	if strings.Contains(out, "a dry run at") {
		t.Error("it asked all the same")
	}

	// Who may read and not write gets our own judgement.
	w.allow("reader", []string{"get", "list"}, []string{""}, []string{"configmaps"})
	out, _ = w.command(1, "change", "--kubeconfig", w.kubeconfig("reader"), "--live", "-n", w.namespace, manifest)
	has(t, out, "FALSE CHG100", "field is immutable when `immutable` is set")
	// Who may not even read learns that, and no verdict.
	out, complaints := w.command(3, "change", "--kubeconfig", w.kubeconfig("stranger"), "--live", "-n", w.namespace, manifest)
	has(t, out+complaints, "SKIPPED", "configmaps")
	// A context that is not there, a file that is none.
	_, complaints = w.command(3, "change", "--kubeconfig", config, "--kube-context", "elsewhere", manifest)
	has(t, complaints, "elsewhere")
	_, complaints = w.command(3, "change", "--kubeconfig", manifest+".gone", "--live", manifest)
	has(t, complaints, "new.yaml.gone")
}
