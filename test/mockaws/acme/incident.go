package acme

import (
	"fmt"
	"slices"
)

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

// edit is an attribute of an object that somebody sets by hand.
type edit struct {
	address, attribute string
	value              any
}

// shopIncident is the night between: what people changed by hand, what they made in the console,
// and what had gathered in the buckets.
func shopIncident(s *Story) error {
	if err := s.edit(
		edit{NarrowedIngress, "cidr_ipv4", "198.51.100.0/24"}, // only the partner network gets in while the attack lasts
		edit{GrownWorkers, "max_size", 12},
		edit{KeptLogs, "retention_in_days", 365}, // legal hold
		edit{RaisedLimit, "max_capacity", 10},
		edit{ScaledService, "desired_count", 9},
	); err != nil {
		return err
	}
	if err := s.lose(DeletedAlarm); err != nil {
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

// GrownCatalog runs more tasks at night: autoscaling saw to it.
const GrownCatalog = `aws_ecs_service.catalog`

// WebGroup is a security group of which some rules are resources of their own.
const WebGroup = "aws_security_group.web"

// deliveryIncident is the same night for the delivery root and for its twin. That the group's list
// shows the rules that are resources is nobody's deed: the API has one list.
func deliveryIncident(s *Story) error {
	instances, err := Instances(s.State)
	if err != nil {
		return err
	}
	rules := slices.Clone(instances[WebGroup].list("ingress"))
	for _, address := range sortedAddresses(instances) {
		if rule := instances[address]; rule.Type == "aws_security_group_rule" {
			rules = append(rules, map[string]any{
				"cidr_blocks": rule.Attributes["cidr_blocks"], "description": "", "protocol": rule.Attributes["protocol"],
				"from_port": rule.Attributes["from_port"], "to_port": rule.Attributes["to_port"],
				"ipv6_cidr_blocks": nil, "prefix_list_ids": nil, "security_groups": nil, "self": false,
			})
		}
	}
	return s.edit(edit{GrownCatalog, "desired_count", 7}, edit{WebGroup, "ingress", rules})
}

// HeldLogs is what the twin's shop took over: somebody raised the retention by hand.
const HeldLogs = `aws_cloudwatch_log_group.orders`

func twinShopIncident(s *Story) error { return s.edit(edit{HeldLogs, "retention_in_days", 365}) }

// edit sets attributes behind terraform's back.
func (s *Story) edit(edits ...edit) error {
	for _, change := range edits {
		instance, err := s.instance(change.address)
		if err != nil {
			return err
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
	return nil
}

// lose deletes an object behind terraform's back.
func (s *Story) lose(address string) error {
	instance, err := s.instance(address)
	if err != nil {
		return err
	}
	return s.Cloud.Remove("objects", instance.Type, instance.ID)
}

func (s *Story) instance(address string) (Instance, error) {
	instances, err := Instances(s.State)
	if err != nil {
		return Instance{}, err
	}
	instance, ok := instances[address]
	if !ok {
		return Instance{}, fmt.Errorf("no %s in the state; was it renamed in examples/%s?", address, s.Configuration)
	}
	return instance, nil
}
