package cloudtrail

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"polygraph/internal/evidence"
)

// TestOnlyWritesInTheWindowName: of random events, the writer is the newest that
// is a write, succeeded, lies in the window, is about the object and names the
// attribute, with no event of Terraform on the object behind it in the window;
// told by a second, plain reading of what was generated.
func TestOnlyWritesInTheWindowName(t *testing.T) {
	named, unnamed := 0, 0
	for seed := range int64(600) {
		g := rand.New(rand.NewSource(seed))
		var events []any
		var want string
		var newest time.Time
		wall := time.Time{} // Terraform's newest write in the window
		type cand struct {
			who string
			at  time.Time
		}
		var cands []cand
		q := questions["workers"]
		if g.Intn(2) == 0 {
			q.Since = until.Add(-50 * time.Hour)
		}
		for i := range 1 + g.Intn(12) {
			at := until.Add(time.Duration(g.Intn(200)-150)*time.Hour + time.Duration(i)*time.Second)
			who := fmt.Sprintf("user%d", i)
			rec := map[string]any{
				"eventID": who, "eventTime": at.Format(time.RFC3339), "eventSource": "autoscaling.amazonaws.com", "eventName": "UpdateAutoScalingGroup",
				"userAgent": "aws-cli/2", "readOnly": false, "userIdentity": map[string]any{"type": "IAMUser", "userName": who},
			}
			params := map[string]any{"autoScalingGroupName": "acme-prod-workers", "maxSize": i}
			ok := !at.After(q.Until) && !at.Before(q.Since)
			names, attribute := true, true
			switch g.Intn(8) {
			case 0:
				rec["readOnly"], ok = true, false
			case 1:
				rec["errorCode"], ok = "AccessDenied", false
			case 2:
				params["autoScalingGroupName"], names = "another", false
			case 3:
				delete(params, "maxSize")
				attribute = false
			case 4:
				rec["userAgent"] = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4"
				if ok && at.After(wall) {
					wall = at
				}
				attribute = false
			}
			rec["requestParameters"] = params
			if ok && names && attribute {
				cands = append(cands, cand{who, at})
			}
			events = append(events, rec)
		}
		for _, c := range cands {
			if c.at.After(wall) && c.at.After(newest) {
				want, newest = c.who, c.at
			}
		}
		g.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		text, err := json.Marshal(map[string]any{"Records": events})
		if err != nil {
			t.Fatal(err)
		}
		a := Writer([]*Log{parse(t, "x.json", text)}, q)
		got := ""
		if w := a.Newest(); w != nil {
			got = w.Event.Who.Name
		}
		if got != want {
			t.Errorf("seed %d: by %q, want %q\n%s", seed, got, want, text)
		}
		if want == "" {
			unnamed++
		} else {
			named++
		}
	}
	if named < 100 || unnamed < 100 {
		t.Errorf("%d named, %d not: the test tests too little", named, unnamed)
	}
}

// many is a trail's log file of n writes.
func many(n int) []byte {
	text := []byte(`{"Records":[`)
	for i := range n {
		if i > 0 {
			text = append(text, ',')
		}
		text = fmt.Appendf(text, `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::123456789012:assumed-role/Operations/user%d","accountId":"123456789012"},"eventTime":"2025-12-%02dT02:00:00Z","eventSource":"autoscaling.amazonaws.com","eventName":"UpdateAutoScalingGroup","awsRegion":"eu-west-1","userAgent":"aws-cli/2.31.0","requestParameters":{"autoScalingGroupName":"group-%d","maxSize":%d,"vPCZoneIdentifier":"subnet-0123456789abcdef0","tags":[{"key":"Name","value":"x"}]},"responseElements":null,"eventID":"%08d","readOnly":false}`, i%100, 1+i%28, i, i, i)
	}
	return append(text, "]}"...)
}

func BenchmarkRead(b *testing.B) {
	text := many(20_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(context.Background(), &evidence.Item{Kind: Kind(), Path: "x", Blob: evidence.Bytes(text)}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriter(b *testing.B) {
	l, err := Read(context.Background(), &evidence.Item{Kind: Kind(), Path: "x", Blob: evidence.Bytes(many(20_000))})
	if err != nil {
		b.Fatal(err)
	}
	q := questions["workers"]
	q.Identifiers = []string{"group-777"}
	b.ReportAllocs()
	for b.Loop() {
		if a := Writer([]*Log{l}, q); a.Newest() == nil {
			b.Fatal(a.Why)
		}
	}
}
