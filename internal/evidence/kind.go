package evidence

// Nature tells the thing itself from a picture of it. Compare treats them
// differently: removing a manifest removes its findings, removing a log hides
// them.
type Nature string

// The two natures.
const (
	Declaration Nature = "declaration" // the thing itself: configuration, manifest, policy
	Observation Nature = "observation" // a picture of it: plan, state, dump, log, bill
)

// Kind is one sort of evidence.
type Kind struct {
	Name   string // "terraform-plan": the name in the stream and in `doctor`
	Title  string // for people: "Terraform plan (JSON)"
	Nature Nature
	Get    string // how a user gets it: a command or one sentence
	// Family groups the kinds that speak of the same world: a plan is missed
	// where its configuration is, and not beside a lone Dockerfile.
	Family string
	// Parts are the sections of a structured document that can go missing on
	// their own, as JSON pointers. The honesty check removes each in turn.
	Parts []string
}

func (k *Kind) String() string { return k.Name }
