package stateful

// reclaim is the guard of a claim: what happens to the volume is written in the volume.
func reclaim() Guard {
	return elsewhere("the PersistentVolume that is bound: persistentVolumeReclaimPolicy, where Retain keeps it")
}

func kubernetes() []Entry {
	var entries []Entry
	// The provider has each kind under two names, with the same schema.
	for _, suffix := range []string{"", "_v1"} {
		entries = append(entries,
			Entry{
				Type: "kubernetes_persistent_volume_claim" + suffix, Holds: "the claim, and the volume behind it", Class: Volume, Loss: Primary,
				Guards: []Guard{reclaim()},
				Source: kubernetesDoc + "persistent_volume_claim_v1.md@178fe3cf49c2",
				Note:   "storage classes make volumes with Delete unless they say otherwise",
			},
			Entry{
				Type: "kubernetes_persistent_volume" + suffix, Holds: "the volume", Class: Volume, Loss: Primary,
				Guards: []Guard{
					{
						Condition: Condition{Attribute: "spec.0.persistent_volume_reclaim_policy", Keeps: OneOf, Values: []string{"Retain"}, Default: "Retain", Otherwise: "Delete"},
						Effect:    Retains,
					},
					elsewhere("whether server and driver delete the storage of a volume that is deleted itself"),
				},
				Source: kubernetesSchema + "persistent-volume-v1",
			},
			Entry{
				Type: "kubernetes_stateful_set" + suffix, Holds: "the claims made from its templates, and the volumes behind them", Class: Volume, Loss: Primary,
				Guards: []Guard{
					{
						Condition: Condition{
							Attribute: "spec.0.persistent_volume_claim_retention_policy.0.when_deleted", Keeps: OneOf,
							Values: []string{"Retain"}, Default: "Retain", Otherwise: "Delete",
						},
						Effect: Retains,
					},
					reclaim(),
				},
				Source: kubernetesSchema + "stateful-set-v1",
				Note:   "without volume claim templates there is nothing to lose",
			},
			Entry{
				Type: "kubernetes_namespace" + suffix, Holds: "every object in the namespace, those made by others too", Class: Config, Loss: Primary,
				Source: kubernetesDoc + "namespace_v1.md@365fa21c4a83; " + kubernetesSchema + "namespace-v1",
				Note:   "claims go with it: their volumes follow their own reclaim policy",
			},
		)
	}
	return entries
}
