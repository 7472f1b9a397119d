package cli

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers/change"
	"polygraph/internal/evidence"
	"polygraph/internal/report/sanitize"
	"polygraph/internal/run"
	"polygraph/internal/source/files"
	"polygraph/internal/source/terraform"
	"polygraph/internal/tfplan"
)

func (a *app) change() *cobra.Command {
	x := &changing{judging: judging{app: a, look: look{command: "change"}}}
	c := &cobra.Command{
		Use:   "change PLAN [EVIDENCE...] | change OLD NEW [EVIDENCE...]",
		Short: "Show by which mechanism each change happens, and what it really does.",
		Long: "Terraform: PLAN is the JSON of `terraform show -json`, or - for standard input. A binary plan\n" +
			"is turned into JSON by your own terraform or tofu, which is printed before it runs. EVIDENCE\n" +
			"are files or folders that say more about it: CloudTrail events name who changed by hand\n" +
			"what the plan sets back.\n\n" +
			"Kubernetes: OLD and NEW are files or folders with manifests, what kubectl get -o yaml printed,\n" +
			"or - for what helm template or kustomize build prints. Instead of OLD, --git names a revision\n" +
			"and --kube-context a cluster, which is asked and never written to. Each edited field happens\n" +
			"in place, replaces the pods, is refused, or is stored without effect; nothing is applied.",
		Example: "  polygraph change examples/acme/plan.json\n  polygraph change examples/acme/plan.json examples/acme/cloudtrail.json\n" +
			"  polygraph change --no-table - < examples/acme/plan.json\n" +
			"  polygraph change examples/acme/cluster.yaml examples/acme/kubernetes --server-version 1.33\n" +
			"  helm template shop ./chart | polygraph change --kube-context prod -",
		Args:        arguments(1, -1, "a plan, or OLD and NEW"),
		Annotations: map[string]string{judges: "yes"},
		RunE:        func(c *cobra.Command, args []string) error { return x.run(c, args) },
	}
	a.outputFlags(c, &x.output)
	a.failOnFlag(c)
	a.severityFlags(c)
	a.configFlag(c)
	c.Flags().BoolVar(&x.noTable, "no-table", false, "leave the table of changes out")
	c.Flags().StringVar(&x.terraform.Binary, "terraform", "", "`PROGRAM` that reads a binary plan (default: $"+terraform.Env+", terraform, tofu)")
	c.Flags().StringVar(&x.terraform.Dir, "chdir", "", "`FOLDER` in which that program runs, where init was run")
	x.objects.flags(c)
	c.AddCommand(a.changeIdentity(), a.changeMutable())
	return c
}

// changing is one run of change.
type changing struct {
	judging
	noTable   bool
	terraform terraform.Options
	objects   objectOptions
}

func (x *changing) run(c *cobra.Command, args []string) error {
	a := x.app
	x.terraform.Env, x.terraform.Stderr = a.Env, cleanWriter{a}
	version, err := serverVersion(x.objects.version)
	if err != nil {
		return err
	}
	if x.settings, err = a.load(""); err != nil {
		return err
	}
	if err := a.gates(c, x.settings); err != nil {
		return err
	}
	if count(args, "-") > 1 {
		return usage("standard input can be read only once", "give - once: polygraph change OLD - < NEW")
	}
	x.inputs, x.tables = args, !x.noTable
	in := &objectsInput{app: a, options: x.objects, first: args[0], judged: &change.Options{Version: version}}
	defer in.close()
	concerned, err := in.concerned(c.Context(), args)
	if err != nil {
		return err
	}
	if concerned {
		if err := in.sides(args); err != nil {
			return err
		}
		x.analyzers, x.gather = []*analysis.Analyzer{change.At(in.judged)}, in.gather
		x.sources = func() []evidence.Source { return in.sources }
		x.aside = withoutCluster
		return x.judge(c.Context())
	}
	if err := x.objects.misplaced(c); err != nil {
		return err
	}
	plan := &planInput{app: a, arg: args[0], more: args[1:], options: x.terraform, given: in.pipes[args[0]]}
	defer plan.close()
	if count(plan.more, "-") > 0 {
		return usage("only the plan can be -", "name the files of the other evidence")
	}
	if x.analyzers, err = a.choose([]string{"change"}); err != nil {
		return err
	}
	x.gather = plan.gather
	return x.judge(c.Context())
}

// withoutCluster leaves the rule about drift aside where OLD is no cluster: who
// compares two manifests does not ask what somebody did to a third thing.
func withoutCluster(found []*evidence.Item) []string {
	if slices.ContainsFunc(found, func(i *evidence.Item) bool { return i.Kind == evidence.KubernetesLive() }) {
		return nil
	}
	return []string{"CHG111"}
}

// planInput is the one plan of change, and what says more about it.
type planInput struct {
	app     *app
	arg     string
	more    []string
	options terraform.Options
	given   *files.File // when it was a pipe, and was read already
	cleanup []func() error
}

func (in *planInput) close() {
	for _, fn := range in.cleanup {
		_ = fn() // temporary files; there is nobody to tell
	}
}

func (in *planInput) gather(ctx context.Context, progress func(run.Progress)) (analysis.Evidence, error) {
	found, err := in.plan(ctx)
	if err != nil || len(in.more) == 0 {
		return found, err
	}
	pool := files.NewPool(64)
	in.cleanup = append(in.cleanup, pool.Close)
	more, err := files.Find(ctx, in.more, in.app.detectors, files.Options{Open: pool, Understood: understood(), Progress: progress})
	found.Skips = append(found.Skips, more.Skips...)
	found.Files += more.Files
	found.NotNeeded += more.NotNeeded
	for _, item := range more.Items {
		if item.Path != filepath.ToSlash(filepath.Clean(in.arg)) { // a folder may hold the plan itself
			found.Items = append(found.Items, item)
		}
	}
	return found, err
}

func (in *planInput) plan(ctx context.Context) (analysis.Evidence, error) {
	shown := filepath.ToSlash(in.arg)
	f, err := in.open(ctx)
	if in.arg == "-" {
		shown = stdinPath
	}
	if err != nil {
		if p := problemIn(err); p != nil {
			return failedInput(shown, p), nil
		}
		return analysis.Evidence{}, err
	}
	in.cleanup = append(in.cleanup, f.Close)
	head, err := f.Head()
	if err != nil {
		return analysis.Evidence{}, err
	}
	item := &evidence.Item{Kind: evidence.TerraformPlan(), Path: shown, Blob: f, Time: f.Info.ModTime(), Named: true}
	found := analysis.Evidence{Files: 1, Items: []*evidence.Item{item}}
	if tfplan.IsBinary(head) {
		blob, cleanup, err := terraform.ShowPlan(ctx, f.Path, in.options)
		if err != nil {
			return analysis.Evidence{}, err
		}
		in.cleanup = append(in.cleanup, cleanup)
		item.Blob = blob
		return found, nil
	}
	kind, problem := files.Classify(shown, head, in.app.detectors)
	switch {
	case problem != nil:
		return failedInput(shown, problem), nil
	case kind == nil:
		return failedInput(shown, &evidence.Problem{Reason: "not a Terraform plan", Do: "make one: " + evidence.TerraformPlan().Get}), nil
	case kind != evidence.TerraformPlan():
		return failedInput(shown, &evidence.Problem{
			Reason: "this is a " + kind.Title + ", not a plan", Do: evidence.TerraformPlan().Get,
		}), nil
	}
	return found, nil
}

func (in *planInput) open(ctx context.Context) (*files.File, error) {
	if in.given != nil {
		return in.given, nil
	}
	if in.arg == "-" {
		return files.Spool(ctx, in.app.Stdin, 0)
	}
	return files.Open(ctx, in.arg)
}

// cleanWriter is stderr for what comes from elsewhere.
type cleanWriter struct{ a *app }

func (w cleanWriter) Write(p []byte) (int, error) {
	if _, err := w.a.Stderr.Write([]byte(sanitize.Block(string(p)))); err != nil {
		return 0, err
	}
	return len(p), nil
}

func join(words []string) string { return strings.Join(words, ", ") }
