package enforce

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
)

var update = flag.Bool("update", false, "rewrite testdata/wild.txt")

func shared(t *testing.T) string {
	t.Helper()
	root := os.Getenv("POLYGRAPH_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "data", "k8s")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("POLYGRAPH_SHARED") != "" || os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatalf("the shared data is not beside the project: set POLYGRAPH_SHARED: %v", err)
		}
		t.Skip("the shared data is not beside the project")
	}
	return dir
}

// sets are the objects of the shared data, by folder.
func sets(t *testing.T) map[string][]*kubeobj.Object {
	t.Helper()
	dir := shared(t)
	out := map[string][]*kubeobj.Object{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)) {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		f, problem := kubeobj.Parse(filepath.ToSlash(rel), data)
		if problem != nil {
			return nil
		}
		parts := strings.Split(filepath.ToSlash(rel), "/")
		name := parts[0]
		if name == "releases" {
			name = strings.Join(parts[:3], "/")
		}
		out[name] = append(out[name], f.Objects...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tally counts the rulings over a set: of its policies, and of its workloads. None
// of the sets was got from a cluster: without the user's word no policy is "not
// enforced", and no workload but those on the network of their node.
func tally(t *testing.T, objects []*kubeobj.Object, o Options) string {
	t.Helper()
	truth, err := Look(objects, o)
	if err != nil {
		t.Fatal(err)
	}
	var engines []string
	for _, e := range truth.Engines() {
		engines = append(engines, e.Name+" "+e.Version+" "+e.On.String())
	}
	var policies, pods [3]int
	for _, x := range objects {
		switch {
		case x.Type() == "NetworkPolicy.networking.k8s.io":
			r := truth.Policy(&netpol.Policy{Kind: netpol.Network, Object: x})
			if err := complete(r); err != nil {
				t.Error(err)
			}
			policies[r.Status]++
			if r.Status == NotEnforced && o.CNI == "" {
				t.Errorf("%s: %s", x.Identity(), r.Why)
			}
		}
	}
	for _, w := range truth.scene.graph.Workloads() {
		if w.Template == nil {
			continue
		}
		rw := reachable(t, []*kubeobj.Object{w.Object}, w.Object.Namespace+"/"+w.Object.Name)
		if rw == nil {
			continue
		}
		r := truth.Holds(&netpol.Policy{}, rw)
		if err := complete(r); err != nil {
			t.Error(err)
		}
		pods[r.Status]++
		if r.Status == NotEnforced && o.CNI == "" && !rw.Host {
			t.Errorf("%s: %s", w.Object.Identity(), r.Why)
		}
	}
	return fmt.Sprintf("engines [%s], policies %d unknown %d enforced %d not, workloads %d unknown %d enforced %d not, blocks %d",
		strings.Join(engines, "; "), policies[0], policies[1], policies[2], pods[0], pods[1], pods[2], truth.Blocks())
}

// TestWild counts the rulings over the shared data: each folder by itself, and
// beside the manifest of the VPC CNI, as it is and switched on.
func TestWild(t *testing.T) {
	all := sets(t)
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "%s: %s\n", name, tally(t, all[name], Options{}))
	}
	cni := all["aws-vpc-cni"]
	if len(cni) == 0 {
		t.Fatal("the manifest of the VPC CNI is not there")
	}
	var on []*kubeobj.Object
	for _, o := range cni {
		data, err := os.ReadFile(filepath.Join(shared(t), filepath.FromSlash(o.Path)))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("--enable-network-policy=false", "--enable-network-policy=true",
			`enable-network-policy-controller: "false"`, `enable-network-policy-controller: "true"`).Replace(string(data))
		f, _ := kubeobj.Parse(o.Path, []byte(text))
		on = append(on, f.Objects[o.Document])
	}
	for _, name := range []string{"eks-workshop", "kube-prometheus", "argo-cd"} {
		for _, c := range []struct {
			how string
			cni []*kubeobj.Object
			o   Options
		}{{"off", cni, Options{}}, {"off, as told", cni, Options{CNI: "vpc-cni"}}, {"on", on, Options{}}, {"told none", nil, Options{CNI: "none"}}, {"told calico", nil, Options{CNI: "calico"}}} {
			fmt.Fprintf(&b, "%s, %s: %s\n", name, c.how, tally(t, append(slices.Clone(c.cni), all[name]...), c.o))
		}
	}
	path := filepath.Join("testdata", "wild.txt")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("the counts differ; run with -update and look at them:\n%s", b.String())
	}
}
