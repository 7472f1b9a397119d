package wild

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/kubeobj"
	"polygraph/internal/source/files"
)

const objectCounts = "objects.txt"

// manifestSet is what one folder of manifests holds.
type manifestSet struct {
	files, other, objects, placeholders int
	kinds                               map[string]int
	unread, problems                    []string
}

// TestObjectsOfRealManifests holds what is read of the manifests beside the
// project, and what is not and why, against objects.txt.
func TestObjectsOfRealManifests(t *testing.T) {
	root := filepath.Join(data(t), "k8s")
	if _, err := os.Stat(root); err != nil {
		t.Fatal(err) // the data is there, without them
	}
	sets := map[string]*manifestSet{}
	err := filepath.WalkDir(root, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		parts := strings.Split(rel, "/")
		set := parts[0]
		if set == "releases" && len(parts) > 2 {
			set += "/" + parts[1]
		}
		s := sets[set]
		if s == nil {
			s = &manifestSet{kinds: map[string]int{}}
			sets[set] = s
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		kind, p := files.Classify(rel, b[:min(len(b), files.HeadSize)], facts.Detectors())
		if p != nil {
			s.problems = append(s.problems, rel+": "+p.Reason)
			return nil
		}
		if kind != evidence.KubernetesManifest() && kind != evidence.KubernetesLive() {
			s.other++
			return nil
		}
		s.files++
		f, p := kubeobj.Parse(rel, b)
		if p != nil {
			s.problems = append(s.problems, rel+": "+p.Reason)
			return nil
		}
		s.objects += len(f.Objects)
		for _, o := range f.Objects {
			s.kinds[o.Type()]++
			if len(o.Placeholders) > 0 {
				s.placeholders++
			}
		}
		for _, u := range f.Unread {
			s.unread = append(s.unread, fmt.Sprintf("%s:%d: %s", rel, u.Line, u.Reason))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# What is read of the Kubernetes manifests beside the project.\n# Rewrite with: go test ./test/wild -run Objects -update\n")
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		s := sets[name]
		fmt.Fprintf(&b, "\n[%s]\nfiles %d, other files %d, objects %d, with placeholders %d, not read %d, problems %d\n", name, s.files, s.other, s.objects, s.placeholders, len(s.unread), len(s.problems))
		for _, k := range slices.Sorted(maps.Keys(s.kinds)) {
			fmt.Fprintf(&b, "%5d %s\n", s.kinds[k], k)
		}
		for _, line := range append(s.unread, s.problems...) {
			b.WriteString("not read: " + line + "\n")
		}
	}
	if *update {
		if err := os.WriteFile(objectCounts, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	old, err := os.ReadFile(objectCounts)
	if err != nil {
		t.Fatal(err)
	}
	if string(old) != b.String() {
		t.Errorf("other objects than before; read the difference after: go test ./test/wild -run Objects -update\n%s", firstDifference(string(old), b.String()))
	}
}
