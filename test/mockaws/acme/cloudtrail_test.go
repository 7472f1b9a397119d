package acme

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCloudTrail holds the events of the night, which are written by hand, against the states: what
// they name exists, all of them lie before the plans, and the log group has none.
func TestCloudTrail(t *testing.T) {
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(examples, "acme", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var file struct {
		Events []struct {
			EventTime, CloudTrailEvent string
			Resources                  []struct{ ResourceName string }
		}
	}
	text := read("cloudtrail.json")
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	states := string(read("terraform.tfstate")) + string(read("delivery/before.tfstate"))
	for _, e := range file.Events {
		if e.EventTime >= "2026-01-01T00:00:00" {
			t.Errorf("an event of %s is not before the plans", e.EventTime)
		}
		var record struct {
			RequestParameters map[string]any `json:"requestParameters"`
		}
		if err := json.Unmarshal([]byte(e.CloudTrailEvent), &record); err != nil {
			t.Error(err)
		}
		for _, r := range e.Resources {
			if !strings.Contains(states, `"`+r.ResourceName+`"`) {
				t.Errorf("no state has %s", r.ResourceName)
			}
		}
	}
	for _, name := range []string{"sgr-59289d4cd10f447ca", "acme-prod-workers", "acme-prod-payments-5xx", "checkout-api", "catalog"} {
		if !strings.Contains(string(text), name) || !strings.Contains(states, `"`+name+`"`) {
			t.Errorf("%s is not both in the events and in a state", name)
		}
	}
	if strings.Contains(string(text), "/acme/prod/payments") {
		t.Error("the writer of the log group was to be unknown")
	}
}
