package facts

import (
	"context"

	"polygraph/internal/analysis"
	"polygraph/internal/cloudtrail"
	"polygraph/internal/evidence"
)

// CloudTrail reads CloudTrail events; its value is a *cloudtrail.Log.
func CloudTrail() *analysis.Fact { return trail }

var trail = &analysis.Fact{
	Name:  "cloudtrail",
	Kinds: []*evidence.Kind{evidence.CloudTrail()},
	Read: func(ctx context.Context, in analysis.Input) (analysis.Reading, error) {
		l, err := cloudtrail.Read(ctx, in.Item)
		if err != nil {
			return analysis.Reading{}, err
		}
		r := analysis.Reading{
			Value:  l,
			Detail: plural(l.Total, "event", "events") + ", " + plural(len(l.Events), "write", "writes"),
			Time:   l.Last,
			Names: func(yield func(string) bool) {
				for i := range l.Events {
					if !yield(l.Events[i].ID) {
						return
					}
				}
			},
		}
		if l.Truncated {
			r.Notes = append(r.Notes, "the lookup stopped before its last page: older events are missing")
		}
		if l.Cut {
			r.Notes = append(r.Notes, "more writes, or more names in one of them, than are kept: give the events of fewer objects")
		}
		if l.Unreadable > 0 {
			r.Notes = append(r.Notes, plural(l.Unreadable, "event has", "events have")+" no record or no time: they name nobody")
		}
		return r, nil
	},
}
