package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"polygraph/internal/analyzers/net"
)

func (a *app) netExplain() *cobra.Command {
	x := a.networking("net explain")
	q := &net.Asking{}
	expect := ""
	c := &cobra.Command{
		Use:   "explain [PATH...] --from SRC --to DST --port PORT",
		Short: "Say what becomes of one connection, and which rule of which policy decides.",
		Long: "SRC and DST are NAMESPACE/NAME of a workload (KIND/NAMESPACE/NAME where two have the name),\n" +
			"an address, a range, or internet; DST may be service/NAMESPACE/NAME, and PORT is a port of\n" +
			"the Service then. PORT is a number, udp/53, or the name of a container port.\n\n" +
			"Exit 0 when it is allowed, 1 when it is denied; with --expect denied the other way round,\n" +
			"for a pipeline that proves that the database stays shut. 3 when that is not known.",
		Example: "  polygraph net explain examples/acme --from shop/orders --to service/shop/orders-db --port 5432\n" +
			"  polygraph net explain examples/acme/kubernetes --from internet --to shop/orders --port 8080 --expect denied --cni calico",
		Args:        arguments(0, -1, "paths"),
		Annotations: map[string]string{judges: "yes"},
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case q.From == "" || q.To == "":
				return usage("net explain needs both ends of a connection", "polygraph net explain PATH --from shop/web --to shop/db --port 5432")
			case expect != "allowed" && expect != "denied":
				return usage(fmt.Sprintf("--expect does not know %q", expect), didYouMean(expect, []string{"allowed", "denied"}, "it is allowed or denied"))
			}
			q.Denied = expect == "denied"
			x.asked.Ask, x.tables = q, true
			if err := x.prepare(c); err != nil {
				return err
			}
			defer x.close()
			x.extra = concluding{func() (string, bool) { return q.Answer, false }}
			return x.judgePaths(c.Context(), args)
		},
	}
	x.flags(c)
	f := c.Flags()
	f.StringVar(&q.From, "from", "", "`SRC`: who opens the connection")
	f.StringVar(&q.To, "to", "", "`DST`: to whom")
	f.StringVar(&q.Port, "port", "", "`PORT` of the destination; not needed where it has only one")
	f.StringVar(&expect, "expect", "allowed", "what you claim: `WHAT` is allowed or denied")
	_ = c.RegisterFlagCompletionFunc("expect", cobra.FixedCompletions([]string{"allowed", "denied"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}
