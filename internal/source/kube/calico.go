package kube

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"polygraph/internal/evidence"
)

// tiers asks whether Calico has shown all policies. Its API server leaves out, and
// does not say so, those of tiers that the user may not get. Where the custom
// resources behind it are served they were listed too, which settles it. Where
// there are custom resources of this group alone, nothing is left out; that cannot
// be told from here, and asking for get of tiers is asking for little.
//
// Sources: projectcalico/calico apiserver/pkg/registry/projectcalico/util,
// EnsureTierSelector (no selector: the tiers that the user has permissions to see);
// docs.tigera.io/calico v3.32, "Configure RBAC for tiered policies".
func (g *gathering) tiers(ctx context.Context) error {
	if _, err := g.kinds.whichever(schema.GroupVersionKind{Group: "projectcalico.org", Version: "v3", Kind: "NetworkPolicy"}); err != nil {
		return nil
	}
	if _, err := g.kinds.whichever(schema.GroupVersionKind{Group: "crd.projectcalico.org", Version: "v1", Kind: "NetworkPolicy"}); err == nil {
		return nil
	}
	answer, err := g.cluster.canI(ctx, evidence.Request{Source: g.cluster.Name(), Object: "Tier.projectcalico.org/", Verb: CanI, Body: "get"})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var review struct{ Allowed bool }
	if err != nil || json.Unmarshal(answer, &review) != nil || !review.Allowed {
		g.skip(1, g.cluster.credentialsName()+" may not get all tiers.projectcalico.org: Calico may leave out the policies of the others",
			"ask for a role that allows get of tiers.projectcalico.org")
	}
	return nil
}
