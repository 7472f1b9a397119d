package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers/net"
	"polygraph/internal/enforce"
	"polygraph/internal/evidence"
	"polygraph/internal/run"
	"polygraph/internal/source/files"
	"polygraph/internal/source/kube"
	"polygraph/internal/strictyaml"
)

// networking is one run of net or of one of its commands.
type networking struct {
	judging
	cni        string
	podRanges  []string
	context    string
	live       bool
	kubeconfig string
	save       string
	asked      net.Options
	cleanup    []func() error
}

func (a *app) net() *cobra.Command {
	x := a.networking("net")
	c := &cobra.Command{
		Use:   "net [PATH...] | net --kube-context CONTEXT",
		Short: "Test network policies: who may talk to whom, why, and which policy nothing enforces.",
		Long: "Reads manifests and what kubectl get -o yaml printed: pods and their owners, Namespaces,\n" +
			"Services, NetworkPolicies, AdminNetworkPolicies, ClusterNetworkPolicies and the policies of\n" +
			"Cilium and Calico, and the objects of the engine that is to enforce them. Or asks a cluster\n" +
			"for all of that, read-only. It sends no packet: it says what the policies decide, and\n" +
			"whether anything enforces them. Without PATH it is the current folder; - is standard input.",
		Example: "  polygraph net examples/acme\n  polygraph net list examples/acme/kubernetes --cni calico\n" +
			"  polygraph net explain examples/acme --from shop/orders --to shop/orders-db --port 5432\n" +
			"  kubectl get all,namespaces,nodes,networkpolicies -A -o yaml | polygraph net -",
		Args:        arguments(0, -1, "paths"),
		Annotations: map[string]string{judges: "yes"},
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			var names []string
			for _, sub := range c.Commands() {
				names = append(names, sub.Name())
			}
			_, err := os.Lstat(args[0])
			if near := strictyaml.Nearest(args[0], names); near != "" && errors.Is(err, fs.ErrNotExist) {
				return usage(fmt.Sprintf("net has no command %q, and there is no such path", args[0]), "did you mean polygraph net "+near+"?")
			}
		}
		return x.run(c, args)
	}
	x.flags(c)
	c.AddCommand(a.netList(), a.netCompare(), a.netExplain())
	return c
}

func (a *app) networking(command string) *networking {
	return &networking{judging: judging{app: a, look: look{command: command}}}
}

// flags are those of every command of net.
func (x *networking) flags(c *cobra.Command) {
	a := x.app
	a.outputFlags(c, &x.output)
	a.failOnFlag(c)
	a.severityFlags(c)
	a.configFlag(c)
	f := c.Flags()
	f.StringVar(&x.cni, "cni", "", "the cluster's network as you know it, where the evidence does not show it: `NAME` of "+strings.Join(enforce.Known(), ", "))
	f.StringSliceVar(&x.podRanges, "pod-cidr", nil, "where pods have their addresses: `CIDR`, may be repeated")
	f.StringVar(&x.context, "kube-context", "", "ask the cluster of this `CONTEXT` of your kubeconfig; of an object that is also in a PATH, the cluster's counts")
	f.BoolVar(&x.live, "live", false, "ask the cluster of the current context of your kubeconfig")
	f.StringVar(&x.kubeconfig, "kubeconfig", "", "`FILE` with that context (default: $KUBECONFIG, ~/.kube/config)")
	f.StringVar(&x.save, "save", "", "keep what the cluster has in `FILE`, to judge it again")
	_ = c.RegisterFlagCompletionFunc("cni", cobra.FixedCompletions(enforce.Known(), cobra.ShellCompDirectiveNoFileComp))
}

func (x *networking) cluster() bool { return x.live || x.context != "" }

// prepare checks the flags, before anything is read.
func (x *networking) prepare(c *cobra.Command) (err error) {
	if x.settings, err = x.app.load(""); err != nil {
		return err
	}
	if err := x.app.gates(c, x.settings); err != nil {
		return err
	}
	if _, err := enforce.Look(nil, enforce.Options{CNI: x.cni}); err != nil {
		return usage("--cni: "+err.Error(), didYouMean(x.cni, enforce.Known(), "it knows "+strings.Join(enforce.Known(), ", ")))
	}
	x.asked.CNI = x.cni
	for _, text := range x.podRanges {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return usage(fmt.Sprintf("--pod-cidr: %q is no range of addresses", text), "write it as 10.244.0.0/16")
		}
		x.asked.PodRanges = append(x.asked.PodRanges, p.Masked())
	}
	switch {
	case x.live && x.context != "":
		return usage("--live and --kube-context both name a cluster", "leave one of them out")
	case !x.cluster() && (x.kubeconfig != "" || x.save != ""):
		return usage("--kubeconfig and --save are about a live cluster", "name it: --kube-context CONTEXT, or --live")
	}
	x.analyzers = []*analysis.Analyzer{net.At(&x.asked)}
	return nil
}

func (x *networking) run(c *cobra.Command, args []string) error {
	if err := x.prepare(c); err != nil {
		return err
	}
	defer x.close()
	return x.judgePaths(c.Context(), args)
}

// judgePaths judges what the arguments name, and the cluster.
func (x *networking) judgePaths(ctx context.Context, args []string) error {
	if len(args) == 0 && !x.cluster() {
		args = []string{"."}
	}
	if count(args, "-") > 1 {
		return usage("standard input can be read only once", "give - once")
	}
	x.inputs = args
	x.gather = x.gathering(args)
	return x.judge(ctx)
}

func (x *networking) gathering(args []string) func(context.Context, func(run.Progress)) (analysis.Evidence, error) {
	return func(ctx context.Context, progress func(run.Progress)) (analysis.Evidence, error) {
		var found analysis.Evidence
		if len(args) > 0 {
			pool := files.NewPool(64)
			in := &inputs{app: x.app, pool: pool}
			x.cleanup = append(x.cleanup, pool.Close, func() error { in.close(); return nil })
			var err error
			if found, err = in.gather("", args)(ctx, progress); err != nil {
				return found, err
			}
		}
		if !x.cluster() {
			return found, nil
		}
		item, skips, err := x.survey(ctx, progress)
		if err != nil {
			return found, err
		}
		x.asked.Surveyed = len(skips) == 0
		found.Files++
		found.Items = append(found.Items, item)
		found.Skips = append(found.Skips, skips...)
		return found, nil
	}
}

// survey asks the cluster for everything that decides who may talk to whom.
func (x *networking) survey(ctx context.Context, progress func(run.Progress)) (*evidence.Item, []run.Skip, error) {
	c, err := kube.Open(ctx, kube.Options{Context: x.context, Kubeconfig: x.kubeconfig, Env: x.app.Env, Stderr: cleanWriter{x.app}})
	if err != nil {
		return nil, nil, asUnexamined(err)
	}
	defer c.Close()
	s, err := c.Survey(ctx, progress)
	if err != nil {
		return nil, nil, asUnexamined(err)
	}
	if x.save != "" {
		if err := save(x.save, s.Save); err != nil {
			return nil, nil, err
		}
	}
	for i := range s.Skips {
		s.Skips[i].Named = true // whoever names a cluster wants all of it looked at
	}
	return s.Item(x.app.Now()), s.Skips, nil
}

func (x *networking) close() {
	for i := len(x.cleanup) - 1; i >= 0; i-- {
		_ = x.cleanup[i]() // temporary files; there is nobody to tell
	}
}

// concluding puts what was counted into the summary, and whether it leaves
// something open.
type concluding struct {
	say func() (text string, open bool)
}

// Settle says it in one line.
func (c concluding) Settle(s *analysis.Settlement) error {
	s.Conclusion, s.Open = c.say()
	return nil
}
