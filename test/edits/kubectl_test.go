package edits

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"polygraph/test/cluster"
)

// kubectl applies folders. It is the program that people use: the three-way merge
// of what was applied, what is live and what is wanted is its own.
type kubectl struct {
	t                       *testing.T
	program, config, folder string
}

func newKubectl(t *testing.T, c *cluster.Cluster, program string) *kubectl {
	t.Helper()
	folder := t.TempDir()
	k := &kubectl{t: t, program: program, config: filepath.Join(folder, "config"), folder: folder}
	if err := c.Kubeconfig(k.config, "admin", cluster.Administrators); err != nil {
		t.Fatal(err)
	}
	return k
}

// write puts each edit's objects into a file of the edit's name.
func (k *kubectl) write(folder string, files map[string][]*unstructured.Unstructured) string {
	k.t.Helper()
	folder = filepath.Join(k.folder, folder)
	if err := os.Mkdir(folder, 0o700); err != nil {
		k.t.Fatal(err)
	}
	for name, objects := range files {
		var text bytes.Buffer
		for i, u := range objects {
			if i > 0 {
				text.WriteString("---\n")
			}
			body, err := json.Marshal(u.Object)
			if err != nil {
				k.t.Fatal(err)
			}
			text.Write(append(body, '\n'))
		}
		if err := os.WriteFile(filepath.Join(folder, name+".yaml"), text.Bytes(), 0o600); err != nil {
			k.t.Fatal(err)
		}
	}
	return folder
}

// apply gives what was complained of, by the name of the file. A field that the
// server does not know is warned of and not refused: refusing is kubectl's doing.
func (k *kubectl) apply(folder string) map[string]string {
	k.t.Helper()
	cmd := exec.CommandContext(k.t.Context(), k.program, "apply", "-f", folder, "--kubeconfig", k.config, "--cache-dir", filepath.Join(k.folder, "cache"), "--validate=warn")
	cmd.Env = []string{"HOME=" + k.folder, "PATH=" + os.Getenv("PATH")}
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		k.t.Fatal(err)
	}
	refused := k.complaints(complaints.String())
	if err != nil && len(refused) == 0 {
		k.t.Fatalf("kubectl apply: %v\n%s", err, complaints.String())
	}
	return refused
}

var (
	began = regexp.MustCompile(`(?m)^(Error from server|error when |error: |The |Error: |[Ww]arning: )`)
	file  = regexp.MustCompile(`"[^"\n]*/(e\d+)\.yaml"`)
)

// complaints takes stderr apart: one complaint for each file.
func (k *kubectl) complaints(text string) map[string]string {
	out := map[string]string{}
	starts := began.FindAllStringIndex(text, -1)
	for i, at := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		one := text[at[0]:end]
		if strings.HasPrefix(strings.ToLower(one), "warning: ") {
			continue
		}
		names := file.FindAllStringSubmatchIndex(one, -1)
		if len(names) == 0 {
			k.t.Errorf("whose complaint is it: %s", one)
			continue
		}
		last := names[len(names)-1]
		reason := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(one[last[1]:]), ":"))
		if reason == "" {
			reason = strings.TrimSpace(one)
		}
		out[one[last[2]:last[3]]] = reason
	}
	return out
}

// into adds objects to a folder, for the product to see: kubectl does not look
// into folders below.
func (k *kubectl) into(folder string, objects []*unstructured.Unstructured) {
	k.t.Helper()
	list := &unstructured.UnstructuredList{Object: map[string]any{"apiVersion": "v1", "kind": "List"}}
	for _, u := range objects {
		list.Items = append(list.Items, *u)
	}
	text, err := json.Marshal(list)
	below := filepath.Join(folder, "world")
	if err == nil {
		err = os.Mkdir(below, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(below, "world.json"), text, 0o600)
	}
	if err != nil {
		k.t.Fatal(err)
	}
}
