package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers/change"
	"polygraph/internal/awsdump"
	"polygraph/internal/evidence"
	"polygraph/internal/run"
	"polygraph/internal/source/files"
	"polygraph/internal/tfplan"
	"polygraph/internal/tfstate"
)

func (a *app) changeIdentity() *cobra.Command {
	j := &judging{app: a, look: look{command: "change identity"}}
	var noTable bool
	c := &cobra.Command{
		Use:   "identity BEFORE AFTER",
		Short: "Ask of two sides whether each name still means the same object, and what still runs the old version.",
		Long: "Each side is a Terraform state (a state file, or the JSON of `terraform show -json`), the JSON\n" +
			"of a plan, the JSON of aws describe, list or get calls, or a folder of these. A plan as BEFORE\n" +
			"is what it found, as AFTER what it leaves; one plan may be both. One side may be - for standard\n" +
			"input.\n\n" +
			"An id that the user chose proves nothing when it is the same: a bucket that was destroyed and\n" +
			"made again has it too. Such a name cannot be told, unless another attribute tells.\n\n" +
			"aws calls that are read: ec2 describe-instances, describe-launch-templates; autoscaling\n" +
			"describe-auto-scaling-groups; ecs describe-services, describe-tasks, describe-task-definition;\n" +
			"lambda get-function, get-alias, list-aliases, list-versions-by-function; rds (docdb, neptune)\n" +
			"describe-db-instances, describe-db-clusters; elasticache describe-cache-clusters,\n" +
			"describe-replication-groups; eks describe-cluster, describe-nodegroup, describe-addon;\n" +
			"cloudfront get-distribution.",
		Example: "  polygraph change identity examples/acme/delivery/before.tfstate examples/acme/delivery/after.tfstate\n" +
			"  polygraph change identity examples/acme/plan.json examples/acme/plan.json",
		Args:        arguments(2, 2, "two sides, BEFORE and AFTER"),
		Annotations: map[string]string{judges: "yes"},
		RunE: func(c *cobra.Command, args []string) error {
			if args[0] == "-" && args[1] == "-" {
				return usage("both sides are standard input", "give a file for one of them")
			}
			var err error
			if j.settings, err = a.load(""); err != nil {
				return err
			}
			if err := a.gates(c, j.settings); err != nil {
				return err
			}
			pool := files.NewPool(64)
			defer pool.Close()
			in := &sidesInput{inputs: inputs{app: a, pool: pool}, args: args}
			defer in.close()
			analyzer := change.Identity(in.sides, func(text string) {
				if !a.wantsJSON() {
					a.talk("polygraph: " + text)
				}
			})
			j.inputs, j.analyzers, j.tables, j.gather = args, []*analysis.Analyzer{analyzer}, !noTable, in.gather
			return j.judge(c.Context())
		},
	}
	a.outputFlags(c, &j.output)
	a.failOnFlag(c)
	a.severityFlags(c)
	a.configFlag(c)
	c.Flags().BoolVar(&noTable, "no-table", false, "leave the table of names out")
	return c
}

// sidesInput is what the two arguments of change identity name.
type sidesInput struct {
	inputs
	args          []string
	before, after map[string]bool // paths
}

// sides tells on which side a file stands.
func (in *sidesInput) sides(path string) (before, after bool) {
	return in.before[path], in.after[path]
}

func (in *sidesInput) gather(ctx context.Context, progress func(run.Progress)) (analysis.Evidence, error) {
	var all analysis.Evidence
	in.before, in.after = map[string]bool{}, map[string]bool{}
	for i, side := range []map[string]bool{in.before, in.after} {
		found, err := in.side(ctx, in.args[i], progress)
		if err != nil {
			return analysis.Evidence{}, err
		}
		for _, item := range found.Items {
			if in.before[item.Path] {
				found.Files-- // one that is on both sides is read once
			} else {
				all.Items = append(all.Items, item)
			}
			side[item.Path] = true
		}
		all.Skips = append(all.Skips, found.Skips...)
		all.Files += found.Files
		all.NotNeeded += found.NotNeeded
	}
	all.Skips = slices.Compact(all.Skips)
	return all, nil
}

func (in *sidesInput) side(ctx context.Context, arg string, progress func(run.Progress)) (analysis.Evidence, error) {
	detectors := []files.Detector{tfplan.Detect, tfstate.Detect, awsdump.Detect}
	var understood []string
	for _, k := range []*evidence.Kind{evidence.TerraformState(), evidence.TerraformPlan(), evidence.AWSDescribe()} {
		understood = append(understood, k.Title)
	}
	if arg != "-" {
		return files.Find(ctx, []string{arg}, detectors, files.Options{Open: in.pool, Understood: understood, Progress: progress})
	}
	f, err := files.Spool(ctx, in.app.Stdin, 0)
	if err != nil {
		return analysis.Evidence{}, err
	}
	in.stdin = f
	head, err := f.Head()
	if err != nil {
		return analysis.Evidence{}, err
	}
	kind, problem := files.Classify(stdinPath, head, detectors)
	if kind == nil && problem == nil {
		problem = &evidence.Problem{Reason: "neither a state, a plan nor describe output", Do: "understood are: " + join(understood)}
	}
	if problem != nil {
		return failedInput(stdinPath, problem), nil
	}
	return analysis.Evidence{Files: 1, Items: []*evidence.Item{{Kind: kind, Path: stdinPath, Blob: f, Named: true}}}, nil
}
