package tfplan

import (
	"context"
	"testing"

	"polygraph/internal/evidence"
)

func TestCommandsOfAPlan(t *testing.T) {
	const text = `{"format_version":"1.2","resource_changes":[{"address":"null_resource.a","mode":"managed","type":"null_resource","name":"a","change":{"actions":["create"],"before":null,"after":{},"after_unknown":{}}},
		{"address":"null_resource.b","mode":"managed","type":"null_resource","name":"b","change":{"actions":["create"],"before":null,"after":{},"after_unknown":{}}}],
		"action_invocations":[{"address":"action.x.y"},{"address":"action.x.z"}],"deferred_action_invocations":[{"reason":"r"}],
		"configuration":{"root_module":{"resources":[
			{"address":"null_resource.a","mode":"managed","type":"null_resource","name":"a","provisioners":[{"type":"local-exec"}]},
			{"address":"null_resource.b","mode":"managed","type":"null_resource","name":"b","provisioners":[]}]}}}`
	p, err := Read(context.Background(), &evidence.Item{Kind: Kind(), Path: "plan.json", Blob: evidence.Bytes([]byte(text))}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Actions != 3 {
		t.Errorf("%d actions, want 3", p.Actions)
	}
	for i, want := range []bool{true, false} {
		if got := p.Graph.Provisioned(p.Changes[i].Node); got != want {
			t.Errorf("%s has provisioners: %v", p.Changes[i].Address, got)
		}
	}
}

// TestActionsOfAnotherShape: what is no list is passed over.
func TestActionsOfAnotherShape(t *testing.T) {
	for _, v := range []string{`null`, `{}`, `"x"`, `[]`} {
		p, err := Read(context.Background(), &evidence.Item{Kind: Kind(), Path: "plan.json", Blob: evidence.Bytes([]byte(`{"format_version":"1.2","resource_changes":[],"action_invocations":` + v + `}`))}, Options{})
		if err != nil || p.Actions != 0 {
			t.Errorf("%s: %v", v, err)
		}
	}
}
