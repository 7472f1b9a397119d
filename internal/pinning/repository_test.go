package pinning

import "testing"

func TestTagSettings(t *testing.T) {
	for name, c := range map[string]struct {
		settings TagSettings
		tag      string
		want     Verdict
	}{
		"nothing is said":                    {TagSettings{}, "v1", Mutable},
		"mutable":                            {TagSettings{Mutability: "MUTABLE"}, "v1", Mutable},
		"immutable":                          {TagSettings{Mutability: "IMMUTABLE"}, "v1", Pinned},
		"immutable, and something is open":   {TagSettings{Mutability: "IMMUTABLE", Open: true}, "v1", Pinned},
		"immutable but for others":           {TagSettings{Mutability: "IMMUTABLE_WITH_EXCLUSION", Filters: []string{"latest*", "dev"}}, "v1.2", Pinned},
		"immutable but for this":             {TagSettings{Mutability: "IMMUTABLE_WITH_EXCLUSION", Filters: []string{"dev", "*-snap*"}}, "v1.2-snapshot", Mutable},
		"immutable but for a computed name":  {TagSettings{Mutability: "IMMUTABLE_WITH_EXCLUSION", Open: true}, "v1", Unknown},
		"a filter is the whole tag":          {TagSettings{Mutability: "IMMUTABLE_WITH_EXCLUSION", Filters: []string{"v1"}}, "v1.2", Pinned},
		"mutable but for this":               {TagSettings{Mutability: "MUTABLE_WITH_EXCLUSION", Filters: []string{"v*"}}, "v1.2", Pinned},
		"mutable but for others":             {TagSettings{Mutability: "MUTABLE_WITH_EXCLUSION", Filters: []string{"v*"}}, "latest", Mutable},
		"computed":                           {TagSettings{Open: true}, "v1", Unknown},
		"this is excluded, and more is open": {TagSettings{Mutability: "MUTABLE_WITH_EXCLUSION", Filters: []string{"v*"}, Open: true}, "v1", Pinned},
	} {
		if got := c.settings.Judge(c.tag); got.Verdict != c.want || got.Why == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
