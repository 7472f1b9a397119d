package facts

import (
	"context"
	"strings"
	"testing"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/tfplan"
)

func input(text string, subscribers ...any) analysis.Input {
	return analysis.Input{Item: &evidence.Item{Path: "p", Blob: evidence.Bytes([]byte(text))}, Subscribers: subscribers}
}

// watcher counts what it is shown.
type watcher struct{ seen, raw int }

func (w *watcher) Change(_ *tfplan.Plan, c *tfplan.Change, raw tfplan.Raw) {
	w.seen++
	w.raw += len(raw.Before) + len(raw.After) + len(raw.AfterUnknown)
}

func TestPlanNotesItsLimits(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		note string // "" for a plan without limits
	}{
		"whole":         {`{"format_version":"1.2","resource_changes":[],"configuration":{}}`, ""},
		"trimmed":       {`{"resource_changes":[],"configuration":{}}`, "cut down by hand"},
		"references":    {`{"format_version":"1.2","resource_changes":[]}`, "no configuration"},
		"errored":       {`{"format_version":"1.2","resource_changes":[],"configuration":{},"errored":true}`, "planning failed"},
		"deferred":      {`{"format_version":"1.2","resource_changes":[],"configuration":{},"complete":false,"deferred_changes":[{"resource_change":{"address":"t.n"}}]}`, "1 change"},
		"incomplete":    {`{"format_version":"1.2","resource_changes":[],"configuration":{},"complete":false}`, "incomplete"},
		"failed checks": {`{"format_version":"1.2","resource_changes":[],"configuration":{},"checks":[{"status":"fail"}]}`, "1 check"},
	} {
		r, err := Plan().Read(context.Background(), input(c.text))
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(r.Notes, "; ")
		if _, ok := r.Value.(*tfplan.Plan); !ok || r.Detail == "" || !strings.Contains(notes, c.note) || (c.note == "") != (notes == "") {
			t.Errorf("%s: %q, notes %q, want %q", name, r.Detail, notes, c.note)
		}
	}
}

func TestPlanFeedsItsVisitors(t *testing.T) {
	text := `{"resource_changes":[{"address":"t.n","change":{"actions":["update"],"before":{"a":1},"after":{},"after_unknown":{"a":true}}},{"address":"t.m","change":{"actions":["no-op"]}}],"resource_drift":[{"address":"t.n"}]}`
	one, two := &watcher{}, &watcher{}
	if _, err := Plan().Read(context.Background(), input(text, one, two)); err != nil {
		t.Fatal(err)
	}
	if want := len(`{"a":1}{}{"a":true}`); *one != (watcher{2, want}) || *two != *one {
		t.Errorf("they saw %+v and %+v, want 2 changes of %d bytes", one, two, want)
	}
	if _, err := Plan().Read(context.Background(), input(text, "not a visitor")); err == nil {
		t.Error("a subscriber that understands nothing was taken")
	}
}

func TestBadEvidenceIsAProblem(t *testing.T) {
	_, err := Plan().Read(context.Background(), input("{"))
	if p, ok := err.(*evidence.Problem); !ok || p.Do == "" {
		t.Errorf("%v", err)
	}
}
