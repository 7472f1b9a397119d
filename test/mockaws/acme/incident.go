package acme

import "fmt"

// The addresses at which people meddled; the tests and the README speak of the same ones.
const (
	// Reverted: the plan silently sets these back.
	NarrowedIngress = `module.platform["prod"].aws_vpc_security_group_ingress_rule.https`
	GrownWorkers    = `module.platform["prod"].aws_autoscaling_group.workers`
	KeptLogs        = `module.payments["prod"].aws_cloudwatch_log_group.this`
	// Adopted: the configuration says the same by now.
	RaisedLimit = `module.checkout_api["prod"].aws_appautoscaling_target.this`
	// Ignored: ignore_changes covers it.
	ScaledService = `module.checkout_api["prod"].aws_ecs_service.this`
	// Lost: deleted out of band.
	DeletedAlarm = `module.payments["prod"].aws_cloudwatch_metric_alarm.errors`
)

// incident is the night between: what people changed by hand, what they made in the console,
// and what had gathered in the buckets.
func (s *Shop) incident() error {
	instances, err := Instances(s.State)
	if err != nil {
		return err
	}
	for _, change := range []struct {
		address, attribute string
		value              any
	}{
		{NarrowedIngress, "cidr_ipv4", "198.51.100.0/24"}, // only the partner network gets in while the attack lasts
		{GrownWorkers, "max_size", 12},
		{KeptLogs, "retention_in_days", 365}, // legal hold
		{RaisedLimit, "max_capacity", 10},
		{ScaledService, "desired_count", 9},
	} {
		instance, ok := instances[change.address]
		if !ok {
			return fmt.Errorf("no %s in the state; was it renamed in examples/acme?", change.address)
		}
		object, err := s.Cloud.Get("objects", instance.Type, instance.ID)
		if err != nil {
			return err
		}
		if object == nil {
			return fmt.Errorf("%s is in the state and not in the cloud", change.address)
		}
		object[change.attribute] = change.value
		if err := s.Cloud.Put("objects", instance.Type, instance.ID, object); err != nil {
			return err
		}
	}
	alarm := instances[DeletedAlarm]
	if err := s.Cloud.Remove("objects", alarm.Type, alarm.ID); err != nil {
		return err
	}
	for bucket, items := range map[string]int{"acme-legacy-invoices": 48213, "acme-build-artifacts": 1370} {
		if err := s.Cloud.Put("contents", "aws_s3_bucket", bucket, map[string]any{"items": items}); err != nil {
			return err
		}
	}
	const firewall = "aws-waf-logs-acme-prod"
	return s.Cloud.Put("objects", "aws_cloudwatch_log_group", firewall, map[string]any{
		"id": firewall, "name": firewall, "name_prefix": "",
		"arn":             "arn:aws:logs:eu-west-1:123456789012:log-group:" + firewall,
		"log_group_class": "STANDARD", "region": "eu-west-1", "retention_in_days": 0,
		"tags": map[string]any{}, "tags_all": map[string]any{},
	})
}
