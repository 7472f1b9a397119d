package edits

import "strings"

// disagreement is one that is known: of bases that begin so, of changes with this in them, where
// OLD is this.
type disagreement struct {
	base, change   string
	forms          []int // of OLD; nil is all
	word, happened string
	reason         string
}

const (
	ofManifests = 0
	ofLive      = 1
)

// known are the disagreements that are not mended, each with its reason.
var known = []disagreement{
	{
		base: "pod", forms: []int{ofLive}, word: "in place", happened: nothing,
		reason: "the admission plugin DefaultTolerationSeconds puts its tolerations back in the same request; admission is not judged",
	},
	{
		base: "horizontalpodautoscaler", change: `{"tolerance"`, word: "dropped", happened: untouched,
		reason: "not mended: up to 1.34 the tolerance is dropped, and the rest of the behavior that is new with it has defaults",
	},
	{
		base: "service-", change: "/spec/ipFamilyPolicy", forms: []int{ofManifests}, word: "in place", happened: nothing,
		reason: "it is what the server had filled in; which that is the cluster decides, and the manifest does not say",
	},
	{
		base: "serviceaccount", change: "/secrets: [{", word: "dropped", happened: untouched,
		reason: "not mended: of a secret without a name an empty item is stored",
	},
}

// known tells whether a disagreement is known, and says so.
func (w *world) known(e *edit, form int, word, happened string) bool {
	w.t.Helper()
	for _, k := range known {
		if k.of(e, form) && (k.word == "" || k.word == word) && k.happened == happened {
			w.t.Logf("known: %s, OLD is %s: we say %s, and it is: %s; %s", e, forms[form], word, happened, k.reason)
			return true
		}
	}
	return false
}

func (k *disagreement) of(e *edit, form int) bool {
	if !strings.HasPrefix(e.base, k.base) || !strings.Contains(e.change.String(), k.change) {
		return false
	}
	for _, f := range k.forms {
		if f == form {
			return true
		}
	}
	return k.forms == nil
}
