package acme

// Root is one root module of the examples. Paths of its own are below the folder examples.
type Root struct {
	Name          string
	Configuration string // today's
	Before        string // below test/mockaws/acme: laid over it for the day before
	PlanPath      string
	StatePath     string // before the plan
	AfterPath     string // after the plan was applied; none when empty
	Lineage       string // of its state: each root has another
	Incident      func(*Story) error
}

// Roots are the root modules of the examples, in the order in which they are made. A twin is the
// same root with every remedy applied: the same release, and the same night.
func Roots() []Root {
	return []Root{
		{
			Name: "shop", Configuration: "acme/terraform", Before: "before/shop",
			PlanPath: "acme/plan.json", StatePath: "acme/terraform.tfstate",
			Lineage: "00000000-0000-4000-8000-000000000000", Incident: shopIncident,
		},
		{
			Name: "delivery", Configuration: "acme/delivery/terraform", Before: "before/delivery",
			PlanPath: "acme/delivery/plan.json", StatePath: "acme/delivery/before.tfstate", AfterPath: "acme/delivery/after.tfstate",
			Lineage: "00000000-0000-4000-8000-000000000001", Incident: deliveryIncident,
		},
		{
			Name: "edge", Configuration: "acme/edge/terraform", Before: "before/edge",
			PlanPath: "acme/edge/plan.json", StatePath: "acme/edge/terraform.tfstate",
			Lineage: "00000000-0000-4000-8000-000000000002",
		},
		{
			Name: "twin-shop", Configuration: "acme-twin/terraform", Before: "before/twin-shop",
			PlanPath: "acme-twin/plan.json", StatePath: "acme-twin/terraform.tfstate",
			Lineage: "00000000-0000-4000-8000-000000000010", Incident: twinShopIncident,
		},
		{
			Name: "twin-delivery", Configuration: "acme-twin/delivery/terraform", Before: "before/twin-delivery",
			PlanPath: "acme-twin/delivery/plan.json", StatePath: "acme-twin/delivery/before.tfstate", AfterPath: "acme-twin/delivery/after.tfstate",
			Lineage: "00000000-0000-4000-8000-000000000011", Incident: deliveryIncident,
		},
		{
			Name: "twin-edge", Configuration: "acme-twin/edge/terraform", Before: "before/twin-edge",
			PlanPath: "acme-twin/edge/plan.json", StatePath: "acme-twin/edge/terraform.tfstate",
			Lineage: "00000000-0000-4000-8000-000000000012",
		},
	}
}
