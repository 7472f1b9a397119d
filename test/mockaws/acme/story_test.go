package acme

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// plan is the part of the plan that the story is told in.
type plan struct {
	Changes []struct {
		Address  string `json:"address"`
		Previous string `json:"previous_address"`
		Type     string `json:"type"`
		Change   struct {
			Actions   []string       `json:"actions"`
			Before    map[string]any `json:"before"`
			After     map[string]any `json:"after"`
			Unknown   map[string]any `json:"after_unknown"`
			Importing map[string]any `json:"importing"`
		} `json:"change"`
		Reason string `json:"action_reason"`
	} `json:"resource_changes"`
	Drift []struct {
		Address string `json:"address"`
	} `json:"resource_drift"`
	Checks []struct {
		Status string `json:"status"`
	} `json:"checks"`
}

// The actions of a change, as a plan lists them.
const (
	remove  = "delete"
	create  = "create"
	update  = "update"
	replace = "delete create"
	swap    = "create delete"
	keep    = "no-op"
	read    = "read"
	forget  = "forget"
)

// testStory says what a reader of the examples is promised.
func testStory(t *testing.T, s *Story) {
	var p plan
	if err := json.Unmarshal(s.Plan, &p); err != nil {
		t.Fatal(err)
	}
	tell, ok := map[string]func(*testing.T, *Story, *plan){
		"shop": shopStory, "delivery": deliveryStory, "edge": edgeStory,
		"twin-shop": twinShopStory, "twin-delivery": twinDeliveryStory, "twin-edge": twinEdgeStory,
	}[s.Name]
	if !ok {
		t.Fatalf("nobody tells the story of %s", s.Name)
	}
	tell(t, s, &p)
}

// happens holds actions against those of the plan.
func (p *plan) happens(t *testing.T, story map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, c := range p.Changes {
		got[c.Address] = strings.Join(c.Change.Actions, " ")
	}
	for address, want := range story {
		if got[address] != want {
			t.Errorf("%s: %q, the story says %q", address, got[address], want)
		}
	}
}

// drifted holds the drift against the story.
func (p *plan) drifted(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, d := range p.Drift {
		got = append(got, d.Address)
	}
	for _, address := range want {
		if !slices.Contains(got, address) {
			t.Errorf("%s is not in resource_drift, which names %q", address, got)
		}
	}
}

func shopStory(t *testing.T, s *Story, p *plan) {
	changes := map[string]int{}
	for i, c := range p.Changes {
		changes[c.Address] = i
	}
	p.happens(t, map[string]string{
		// The root of the cascade and what it pulls.
		`module.platform["prod"].aws_kms_key.data`:                             replace,
		`module.platform["prod"].aws_kms_alias.data`:                           update,
		`module.payments_db["prod"].aws_db_instance.this`:                      replace,
		`module.payments_db["prod"].aws_secretsmanager_secret_version.master`:  replace,
		`module.checkout_cache["prod"].aws_elasticache_replication_group.this`: replace,
		`module.payments["prod"].aws_ecs_task_definition.this`:                 replace,
		`module.payments["prod"].aws_ecs_service.this`:                         update,
		`module.payments["prod"].data.aws_iam_policy_document.task`:            read,
		`module.checkout_api["prod"].aws_ecs_task_definition.this`:             replace,
		`module.checkout_api["prod"].data.aws_iam_policy_document.task`:        read,
		ScaledService: update,
		// The same edit leaves the other environments alone.
		`module.platform["staging"].aws_kms_key.data`: keep,
		`module.platform["dev"].aws_kms_key.data`:     keep,
		// Data loss without and with a guard.
		`aws_s3_bucket.legacy_invoices`:            remove,
		`aws_secretsmanager_secret.legacy_gateway`: remove,
		// Twins.
		`aws_sqs_queue.orders_dead`:                          remove,
		`module.messaging.aws_sqs_queue.orders_dead`:         create,
		`aws_sqs_queue.orders`:                               remove,
		`module.messaging.aws_sqs_queue.orders`:              create,
		`aws_sns_topic.order_events`:                         remove,
		`module.messaging.aws_sns_topic.order_events`:        create,
		`aws_sns_topic_subscription.orders`:                  remove,
		`module.messaging.aws_sns_topic_subscription.orders`: create,
		`aws_efs_file_system.audit`:                          remove,
		`module.messaging.aws_efs_file_system.audit`:         create,
		// Properly moved.
		`module.artifacts.aws_s3_bucket.this`:            keep,
		`module.artifacts.aws_s3_bucket_versioning.this`: keep,
		// Drift: reverted, adopted, made again.
		NarrowedIngress: update,
		GrownWorkers:    update,
		KeptLogs:        update,
		RaisedLimit:     keep,
		DeletedAlarm:    create,
		// And the rest of what a plan can say.
		`aws_cloudwatch_log_group.firewall`:                       update,
		`aws_ecr_repository.toolbox`:                              forget,
		`module.checkout_api["staging"].aws_lb_target_group.this`: swap,
	})

	at := func(address string) int { return changes[address] }
	database := p.Changes[at(`module.payments_db["prod"].aws_db_instance.this`)].Change
	if database.Before["skip_final_snapshot"] != true || database.After["skip_final_snapshot"] != false {
		t.Error("the trap: the state skips the final snapshot, the configuration does not")
	}
	if p.Changes[at(`aws_cloudwatch_log_group.firewall`)].Change.Importing == nil {
		t.Error("the firewall's log group is not imported")
	}
	if got := p.Changes[at(`module.artifacts.aws_s3_bucket.this`)].Previous; got != "aws_s3_bucket.artifacts" {
		t.Errorf("the artifacts moved from %q", got)
	}
	if after := p.Changes[at(ScaledService)].Change.After["desired_count"]; after != 9.0 {
		t.Errorf("ignore_changes keeps desired_count at 9, not %v", after)
	}

	p.drifted(t, NarrowedIngress, GrownWorkers, KeptLogs, RaisedLimit, DeletedAlarm)
	var statuses []string
	for _, c := range p.Checks {
		statuses = append(statuses, c.Status)
	}
	if !slices.Contains(statuses, "pass") || !slices.Contains(statuses, "unknown") {
		t.Errorf("checks: %q", statuses)
	}
	if strings.Count(string(s.Plan), `"acme-example-not-a-secret"`) == 0 {
		t.Error("the plan holds no sensitive value to redact")
	}
}
