package cli

import (
	"github.com/spf13/cobra"

	"polygraph/internal/analyzers/net"
)

func (a *app) netList() *cobra.Command {
	x := a.networking("net list")
	l := &net.Listing{}
	c := &cobra.Command{
		Use:   "list [PATH...]",
		Short: "List who may talk to whom, on which ports.",
		Long: "One row for each ordered pair of workloads, and of a workload and a range of addresses,\n" +
			"between which something passes. Ranges are split where a policy makes a difference, and\n" +
			"nowhere else. What a policy denies that nothing enforces is in the table as not enforced,\n" +
			"what depends on missing evidence as unknown.",
		Example: "  polygraph net list examples/acme/kubernetes --cni calico\n  polygraph net list examples/acme/kubernetes --cni calico --explain --to shop/orders-db\n" +
			"  polygraph net list examples/acme/kubernetes --cni calico -o csv=connections.csv -o svg=connections.svg",
		Args:        arguments(0, -1, "paths"),
		Annotations: map[string]string{judges: "yes"},
		RunE: func(c *cobra.Command, args []string) error {
			x.asked.List, x.tables = l, true
			if err := x.prepare(c); err != nil {
				return err
			}
			defer x.close()
			x.extra = concluding{func() (string, bool) { return l.Tally.String(), l.Tally.Open() }}
			return x.judgePaths(c.Context(), args)
		},
	}
	x.flags(c)
	f := c.Flags()
	f.BoolVar(&l.Witnesses, "explain", false, "say by which rule of which policy each port passes, with file and line")
	f.BoolVar(&l.Denied, "denied", false, "list also what is denied")
	f.StringSliceVar(&l.From, "from", nil, "only from `NAME`: shop/web, web, shop/, a pattern like */web, an address range, addresses")
	f.StringSliceVar(&l.To, "to", nil, "only to `NAME`, as --from")
	return c
}
