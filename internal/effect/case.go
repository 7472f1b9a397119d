package effect

// Case is one documented behaviour.
type Case struct {
	// Types are the resource types of its subjects: those that run the old
	// version, or hold it back.
	Types []string
	// Judge answers about one subject. No outcome: it is not concerned, and
	// nothing is claimed about it.
	Judge func(w *World, o *Object) []Outcome
	// ByCommand: it is customary to bring it into effect by a command after the
	// change, which the same apply may run.
	ByCommand bool
}

// MostOutcomes is how much one case says about one object. Objects that share a
// name by the thousand would otherwise make an outcome of every pair. A case
// stops behind it: one more outcome tells that there are others.
const MostOutcomes = 64

func enough(list []Outcome) bool { return len(list) > MostOutcomes }

// Verdict of an outcome.
type Verdict uint8

// The verdicts. The zero value is Unknown.
const (
	Unknown     Verdict = iota
	InEffect            // after the apply the new version runs
	NotInEffect         // after the apply the old one still runs
)

// Outcome is the answer to one claim about one subject.
type Outcome struct {
	Verdict Verdict
	// Title is one line: who runs what still, and until when.
	Title string
	// Discriminator tells several outcomes about one subject apart; a name,
	// never a value.
	Discriminator string
	Proof         []Fact
	Missing       []Gap  // for Unknown
	Remedy        Remedy // what makes it take effect
}

// Fact is a value of the plan that the outcome rests on.
type Fact struct {
	Text   string
	Object *Object
	Path   string // below the change, as a JSON pointer: "/after/instance_refresh"
	open   bool   // whether it is so is known only after apply
}

// Gap is what would have to be known.
type Gap struct{ Evidence, Get string }

// Remedy says what to do. At most one of Patch and Commands is given.
type Remedy struct {
	Text     string
	Patch    string // HCL
	Commands []string
}
