package pinning

import "path"

// TagSettings are what an ECR repository says about moving its tags.
//
// Source: Amazon ECR API Reference, PutImageTagMutability
// (docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html).
type TagSettings struct {
	Mutability string   // as it is written; "" is the default, MUTABLE
	Filters    []string // the tags that are excluded from that; * stands for anything
	// Open tells that the mutability or a filter is computed.
	Open bool
}

// Judge says whether a tag of the repository can be moved.
func (s TagSettings) Judge(tag string) Judgement {
	keeps := Judgement{Verdict: Pinned, Form: FormTag, Why: "the repository refuses to move a tag"}
	moves := Judgement{Verdict: Mutable, Form: FormTag, Why: "the repository lets a tag be moved"}
	excluded := false
	for _, f := range s.Filters {
		ok, err := path.Match(f, tag)
		excluded = excluded || ok && err == nil
	}
	switch {
	case s.Mutability == "IMMUTABLE":
		return keeps
	case s.Open && !excluded:
		return Judgement{Verdict: Unknown, Form: FormTag, Why: "whether the repository lets a tag be moved is computed"}
	case s.Mutability == "IMMUTABLE_WITH_EXCLUSION" && !excluded, s.Mutability == "MUTABLE_WITH_EXCLUSION" && excluded:
		return keeps
	}
	return moves
}
