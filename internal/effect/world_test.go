package effect

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/tfplan"
)

func TestNow(t *testing.T) {
	w := worldOf(t,
		does("aws_instance.a", "update", `{"subnet_id":"s","launch_template":[{"id":"lt"}]}`, `{"subnet_id":"z"}`),
		does("aws_instance.b", "create", `null`, `{"subnet_id":"s"}`),
		keeps("aws_instance.c", `{}`),
	)
	for _, o := range w.Of("aws_instance") {
		for _, path := range []string{"subnet_id", "launch_template.0.id", "ami"} {
			if got, want := o.Now(path), Text(o.Before(path)); got != want {
				t.Errorf("%s: Now(%q) = %q, want %q", o.Address, path, got, want)
			}
		}
	}
	if got := w.Of("aws_instance")[0].Now("launch_template.0.id"); got != "lt" {
		t.Errorf("Now in a block = %q, want lt", got)
	}
}

func TestReferring(t *testing.T) {
	const configuration = `{"root_module":{"resources":[
		{"address":"aws_security_group.one","mode":"managed","type":"aws_security_group","name":"one","expressions":{}},
		{"address":"aws_security_group.many","mode":"managed","type":"aws_security_group","name":"many","expressions":{},"count_expression":{"constant_value":2}},
		{"address":"aws_security_group_rule.a","mode":"managed","type":"aws_security_group_rule","name":"a","expressions":{"security_group_id":{"references":["aws_security_group.one.id","aws_security_group.one"]}}},
		{"address":"aws_security_group_rule.b","mode":"managed","type":"aws_security_group_rule","name":"b","expressions":{"security_group_id":{"references":["aws_security_group.many[0].id","aws_security_group.many[0]","aws_security_group.many"]}}},
		{"address":"aws_security_group_rule.c","mode":"managed","type":"aws_security_group_rule","name":"c","expressions":{"security_group_id":{"references":["local.id"]}}}]}}`
	made := func(address string) string {
		return editOf(address, "create", `null`, `{}`, `{"id":true,"security_group_id":true}`)
	}
	w := dataPlan(t, configuration,
		made("aws_security_group.one"), made("aws_security_group.many[0]"), made("aws_security_group.many[1]"),
		made("aws_security_group_rule.a"), made("aws_security_group_rule.b"), made("aws_security_group_rule.c"))
	want := map[string]string{"aws_security_group.one": "aws_security_group_rule.a"}
	for _, o := range w.Of("aws_security_group") {
		var got []string
		for _, r := range o.Referring("aws_security_group_rule", "security_group_id") {
			got = append(got, r.Address)
		}
		if strings.Join(got, " ") != want[o.Address] {
			t.Errorf("%s is referred to by %q, want %q", o.Address, got, want[o.Address])
		}
	}
}

func TestOnce(t *testing.T) {
	w, asked := worldOf(t), 0
	find := func() map[string]int { asked++; return nil }
	Once(w, "test a", find)
	Once(w, "test a", find)
	if asked != 1 {
		t.Errorf("found %d times, want 1: nothing found is an answer too", asked)
	}
	if Once(w, "test b", find); asked != 2 {
		t.Error("another key has the answer of the first")
	}
}

// countingBlob counts how often text of the plan is read.
type countingBlob struct {
	evidence.Blob
	reads int
}

func (b *countingBlob) ReadAt(p []byte, off int64) (int, error) {
	b.reads++
	return b.Blob.ReadAt(p, off)
}

// shared is a plan of n groups that launch from n templates with one id.
func shared(n int) []string {
	var out []string
	for i := range n {
		out = append(out,
			does(fmt.Sprintf("aws_launch_template.t%d", i), "update", `{"id":"lt","image_id":"a","latest_version":1}`, `{"id":"lt","image_id":"b"}`, `{"latest_version":true}`),
			keeps(fmt.Sprintf("aws_autoscaling_group.g%d", i), `{"name":"g","max_size":3,"desired_capacity":3,"launch_template":[{"id":"lt","version":"1"}],"instance_refresh":[]}`))
	}
	return out
}

func TestMostOutcomes(t *testing.T) {
	w := worldOf(t, shared(MostOutcomes+20)...)
	for _, o := range w.Of("aws_autoscaling_group")[:3] {
		if got := len(PinnedTemplate().Ask(w, o)); got != MostOutcomes+1 {
			t.Errorf("%s: %d outcomes, want %d", o.Address, got, MostOutcomes+1)
		}
	}
	w = worldOf(t, shared(MostOutcomes)...)
	if got := len(PinnedTemplate().Ask(w, w.Of("aws_autoscaling_group")[0])); got != MostOutcomes {
		t.Errorf("%d outcomes, want %d", got, MostOutcomes)
	}
}

// TestReadsGrowWithThePlan counts how often values are read again where names
// are shared and the plan is larger than what is held of it.
func TestReadsGrowWithThePlan(t *testing.T) {
	pad := strings.Repeat("x", maxHeld/128)
	shapes := map[string]struct {
		c    Case
		plan func(n int) []string
	}{
		"services with targets of another cluster": {ScaledToZero(), func(n int) []string {
			var out []string
			for i := range n {
				service := `{"name":"s","cluster":"c","load_balancer":[{}],"pad":"` + pad + `","desired_count":%d}`
				out = append(out,
					does(fmt.Sprintf("aws_ecs_service.s%d", i), "update", fmt.Sprintf(service, 2), fmt.Sprintf(service, 0)),
					keeps(fmt.Sprintf("aws_appautoscaling_target.t%d", i), `{"resource_id":"service/d/s","min_capacity":1,"pad":"`+pad+`"}`))
			}
			return out
		}},
		"groups of one template": {TemplateWithoutRefresh(), func(n int) []string {
			out := shared(1)
			for i := range n {
				out = append(out, keeps(fmt.Sprintf("aws_autoscaling_group.h%d", i), `{"name":"h","max_size":3,"launch_template":[{"id":"lt","version":"$Latest"}],"instance_refresh":[],"pad":"`+pad+`"}`))
			}
			return out
		}},
		"objects and distributions of other buckets": {StaleEdge(), func(n int) []string {
			var out []string
			for i := range n {
				object := `{"key":"k","bucket":"b","etag":"%d","pad":"` + pad + `"}`
				out = append(out,
					does(fmt.Sprintf("aws_s3_object.o%d", i), "update", fmt.Sprintf(object, 1), fmt.Sprintf(object, 2)),
					keeps(fmt.Sprintf("aws_cloudfront_distribution.d%d", i), `{"id":"E","enabled":true,"origin":[{"domain_name":"z.s3.amazonaws.com","origin_id":"o"}],"pad":"`+pad+`"}`))
			}
			return out
		}},
	}
	for name, s := range shapes {
		t.Run(name, func(t *testing.T) {
			small, large := readsOf(t, s.c, s.plan(100)), readsOf(t, s.c, s.plan(200))
			if small == 0 || float64(large) > 2.5*float64(small) {
				t.Errorf("%d reads of 100, %d of 200: not linear", small, large)
			}
		})
	}
}

// readsOf asks a case about all of its subjects and counts the reads.
func readsOf(t *testing.T, c Case, changes []string) int {
	t.Helper()
	text := `{"format_version":"1.2","planned_values":{"root_module":{}},"resource_changes":[` + strings.Join(changes, ",") + `]}`
	b := &countingBlob{Blob: evidence.Bytes([]byte(text))}
	p, err := tfplan.Read(context.Background(), &evidence.Item{Kind: tfplan.Kind(), Path: "plan.json", Blob: b}, tfplan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := Over(p)
	b.reads = 0
	for _, o := range w.Of(c.Types...) {
		c.Ask(w, o)
	}
	return b.reads
}
