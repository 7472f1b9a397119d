// Command netbench compares and measures `polygraph net list` on the synthetic
// clusters, beside the evaluator of pairs:
//
//	netbench -bin DIR -polygraph FILE [-n 3] [-sizes 100,300,1000,5000,pods]
//
// DIR has gennet, pairs and agree, built beside it. A size whose rows are not
// those of the evaluator has no figures: the command stops there.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"polygraph/bench/measurement"
)

// size is a cluster of the benchmark.
type size struct {
	name                          string
	deployments, namespaces, pods int
}

func sizes() []size {
	return []size{
		{"100", 100, 5, 0},
		{"300", 300, 10, 0},
		{"1000", 1000, 20, 0},
		{"5000", 5000, 50, 0},
		{"pods", 5000, 50, 10},
	}
}

// recorded are figures of another tool that nobody here could run: its module
// is not on the module proxy. They are quoted and no ratio is made of them.
const recorded = `
Recorded earlier (2026-11, a busy 2-core machine), not measured here: np-guard netpol-analyzer 1.4.4 on clusters of
this shape. "list" unless another command is named; CPU s are user seconds.
| workloads | policies | CPU s | RSS MB |
|---|---|---|---|
| 100 | 60 | 0.90 | 60 |
| 100, list --explain | 60 | 39.0 | 290 |
| 300 | 120 | 5.6 | 94 |
| 1000 | 240 | 54.6 | 234-240 |
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var b bench
	flag.StringVar(&b.bin, "bin", ".", "folder of gennet, pairs and agree")
	flag.StringVar(&b.polygraph, "polygraph", "", "the program (required)")
	flag.StringVar(&b.dir, "dir", ".", "folder for the clusters")
	flag.IntVar(&b.runs, "n", 3, "runs of each command")
	names := flag.String("sizes", "100,300,1000,5000,pods", "which clusters")
	flag.Parse()
	if b.polygraph == "" || flag.NArg() > 0 || b.runs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	for _, path := range []*string{&b.bin, &b.polygraph, &b.dir} {
		abs, err := filepath.Abs(*path) // a bare name would be looked for in PATH
		if err != nil {
			fmt.Fprintln(os.Stderr, "netbench:", err)
			os.Exit(1)
		}
		*path = abs
	}
	for _, name := range strings.Split(*names, ",") {
		i := slices.IndexFunc(sizes(), func(s size) bool { return s.name == name })
		if i < 0 {
			fmt.Fprintf(os.Stderr, "netbench: no size %q\n", name)
			os.Exit(2)
		}
		if err := b.run(ctx, sizes()[i]); err != nil {
			fmt.Fprintf(os.Stderr, "netbench: %s: %v\n", name, err)
			os.Exit(1)
		}
	}
	fmt.Print(recorded)
}

type bench struct {
	bin, polygraph, dir string
	runs                int
}

func (b *bench) run(ctx context.Context, s size) error {
	file := filepath.Join(b.dir, "net-"+s.name+".yaml")
	if _, err := b.output(ctx, "gennet", "-deployments", strconv.Itoa(s.deployments), "-namespaces", strconv.Itoa(s.namespaces), "-pods", strconv.Itoa(s.pods), "-out", file); err != nil {
		return err
	}
	agreed, err := b.output(ctx, "agree", b.polygraph, file)
	if err != nil {
		return err
	}
	fmt.Printf("\n%d workloads, %d namespaces, %d policies, %d live pods: %s\n", s.deployments, s.namespaces, 12*s.namespaces, s.deployments*s.pods, agreed)
	results, err := measurement.Run(ctx, [][]string{
		{filepath.Join(b.bin, "pairs"), file},
		{b.polygraph, "net", "list", "--json", "--cni", "calico", file},
		{b.polygraph, "net", "list", "--json", "--cni", "calico", "--explain", file},
	}, measurement.Settings{Runs: b.runs, Accept: []int{0, 1}, Limit: 30 * time.Minute})
	if err != nil {
		return err
	}
	return measurement.Print(os.Stdout, results)
}

// output runs a program of the folder. This process stays small: the kernel
// counts the memory of a child from the size of the one that started it.
func (b *bench) output(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(b.bin, name), args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return strings.TrimSpace(string(out)), nil
}
