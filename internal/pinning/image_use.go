package pinning

// ImageUse is a place in a file that names an image.
type ImageUse struct {
	// Place is what names it, in words that an edit elsewhere does not change:
	// "stage builder", "service db".
	Place string
	Text  string // the reference, with the defaults of its variables filled in
	// Written is what stands in the file.
	Written string
	// Open are the variables without a value in the file that it depends on.
	Open []string
	// Local tells that nothing is fetched: a stage of the same file, an image
	// that is built here.
	Local bool
	// Ambiguous tells that a bare name may mean something else than an image,
	// such as a build context; it says what.
	Ambiguous string
	Span
	// From are the places of the defaults that were filled in.
	From []Span
}

// Span is where something stands in a file.
type Span struct {
	Offset, End int64
	Line        int    // 1-based
	Text        string // the whole line, without its end; "" when it is longer than MaxLine
}

// MaxLine is the longest line that is kept for a patch.
const MaxLine = 400

// Judge is Image for a use.
func (u *ImageUse) Judge() Judgement {
	switch {
	case u.Local:
		return Judgement{Verdict: Local, Form: "local", Why: "it is built here"}
	case len(u.Open) > 0:
		if j := Image(u.Written); IsTemplate(u.Written) && j.Verdict != Unknown {
			return j // by what of it is literal
		}
		return Judgement{Verdict: Unknown, Form: "variable", Why: "a variable of it has no value in the file"}
	}
	j := Image(u.Text)
	if j.Verdict == Mutable && u.Ambiguous != "" {
		return Judgement{Verdict: Unknown, Form: j.Form, Why: u.Ambiguous}
	}
	return j
}
