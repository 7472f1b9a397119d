package netpol

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"

	"polygraph/internal/kubeobj"
	"polygraph/internal/reach"
)

// TestConnectionsOfRepairedInputs: some folders have policies that a server
// refuses, because podSelector is missing, and the engine says unknown. The
// tables read it as {}: with that written down, all rows must be the same. So
// their order of rules and tiers is held too.
func TestConnectionsOfRepairedInputs(t *testing.T) {
	root := shared(t, "np-guard")
	folders, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, d := range folders {
		dir := filepath.Join(root, d.Name())
		objects, missing := repaired(t, filepath.Join(dir, "input"))
		if missing == 0 {
			continue
		}
		n++
		c := &comparison{name: d.Name(), found: differences{}}
		c.model = build(t, objects, reach.Options{Blocks: reach.BlocksMatchOutsideOnly})
		c.run(expected(t, dir))
		for _, line := range c.found.lines() {
			t.Errorf("with %d podSelectors written: %s", missing, line)
		}
	}
	t.Logf("%d folders", n)
	if n < 6 {
		t.Errorf("only %d folders were repaired", n)
	}
}

// repaired are the objects of a folder, with a podSelector wherever pods of an
// admin policy have only a namespaceSelector, and how many were missing.
func repaired(t *testing.T, dir string) (out []*kubeobj.Object, missing int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Contains(text, []byte("AdminNetworkPolicy")) {
			out = append(out, parse(t, filepath.Base(path), text)...)
			return nil
		}
		for _, doc := range bytes.Split(text, []byte("\n---")) {
			var tree any
			if err := yaml.Unmarshal(doc, &tree); err != nil {
				return err
			}
			if tree == nil {
				continue
			}
			missing += repair(tree)
			text, err := yaml.Marshal(tree)
			if err != nil {
				return err
			}
			out = append(out, parse(t, filepath.Base(path), text)...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, missing
}

func repair(v any) (missing int) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			missing += repair(item)
		}
	case map[string]any:
		if pods, ok := v["pods"].(map[string]any); ok && pods["namespaceSelector"] != nil && pods["podSelector"] == nil {
			pods["podSelector"] = map[string]any{}
			missing++
		}
		for _, item := range v {
			missing += repair(item)
		}
	}
	return missing
}
