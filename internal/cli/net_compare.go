package cli

import (
	"context"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers/net"
	"polygraph/internal/evidence"
	"polygraph/internal/run"
)

func (a *app) netCompare() *cobra.Command {
	x := a.networking("net compare")
	revision := ""
	c := &cobra.Command{
		Use:   "compare OLD NEW | compare --git REVISION PATH | compare --kube-context CONTEXT NEW",
		Short: "Compare who may talk to whom before and after a change: exit 1 where it opens a connection.",
		Long: "OLD and NEW are files or folders with all objects of one side; with --kube-context OLD is\n" +
			"the cluster, and NEW is what is applied to it. A connection between two that were there\n" +
			"before and that passes now is gained, and fails; one that passes no more is lost, and is\n" +
			"listed. What comes with a new workload is listed as new.",
		Example:     "  polygraph net compare examples/acme/cluster.yaml examples/acme/kubernetes\n  polygraph net compare --git main examples/acme/kubernetes",
		Args:        arguments(1, 2, "OLD and NEW"),
		Annotations: map[string]string{judges: "yes"},
		RunE: func(c *cobra.Command, args []string) error {
			x.asked.Compare, x.tables = &net.Comparison{Applied: x.cluster()}, true
			if err := x.prepare(c); err != nil {
				return err
			}
			defer x.close()
			sides := &objectsInput{app: a, options: objectOptions{revision: revision}, first: args[0], allBefore: true, command: "net compare"}
			defer sides.close()
			switch {
			case x.cluster() && (revision != "" || len(args) != 1):
				return usage("OLD is the cluster, and NEW one path", "polygraph net compare --kube-context CONTEXT NEW")
			case x.cluster():
				sides.new = args
			default:
				if err := sides.sides(args); err != nil {
					return err
				}
			}
			x.inputs = args
			x.gather = func(ctx context.Context, progress func(run.Progress)) (analysis.Evidence, error) {
				found, err := sides.gather(ctx, progress)
				if err != nil || !x.cluster() {
					return found, err
				}
				item, skips, err := x.survey(ctx, progress)
				if err != nil {
					return found, err
				}
				item.Kind = evidence.KubernetesBefore()
				found.Files++
				found.Items, found.Skips = append(found.Items, item), append(found.Skips, skips...)
				return found, nil
			}
			x.extra = concluding{func() (string, bool) { return x.asked.Compare.String(), x.asked.Compare.Unknown > 0 }}
			return x.judge(c.Context())
		},
	}
	x.flags(c)
	c.Flags().StringVar(&revision, "git", "", "OLD is PATH as it was in this git `REVISION`")
	return c
}
