package change

import (
	"regexp"
	"slices"
	"testing"
)

// A source is a document with its address, or a file of a repository.
var (
	documentSource   = regexp.MustCompile(`\([a-z0-9.-]+\.[a-z]+/[^ ;]+[;)]`)
	repositorySource = regexp.MustCompile(`(^|\()[\w.-]+/[\w.-]+: [\w./-]+\.(md|markdown|go|yaml|json)\b`)
)

func TestEffectRulesHaveSources(t *testing.T) {
	var ids []string
	for _, r := range effectRules {
		if slices.Contains(ids, r.ID) {
			t.Errorf("%s is there twice", r.ID)
		}
		ids = append(ids, r.ID)
		if len(r.Types) == 0 || r.Judge == nil {
			t.Errorf("%s asks about nothing", r.ID)
		}
		named := false
		for _, s := range r.Sources {
			document := documentSource.MatchString(s)
			named = named || document || repositorySource.MatchString(s)
			if !document && !repositorySource.MatchString(s) {
				t.Errorf("%s: no address in %q", r.ID, s)
			}
		}
		if !named {
			t.Errorf("%s names no document", r.ID)
		}
	}
}
