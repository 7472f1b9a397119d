package pinning

// Verdict says whether a reference can come to mean something else.
type Verdict uint8

// The verdicts. The zero value is Unknown.
const (
	Unknown Verdict = iota // a part of it is computed
	Pinned                 // content cannot change under it
	Mutable                // its owner, or anybody who can push, can change what it means
	Local                  // it lies in the same tree: nobody fetches it
)

// Judgement is what the form of a reference tells.
type Judgement struct {
	Verdict Verdict
	Form    string // what it is: "tag", "branch", "digest", "range", "default branch"
	Why     string // one sentence, for a proof
}
