package facts

import (
	"net/netip"
	"strings"
)

// marking tells which attributes are read to recognise an environment.
func marking(name []byte) bool {
	switch string(name) {
	case "id", "arn", "name", "bucket", "identifier", "cluster_identifier", "function_name", "cluster_name",
		"tags", "tags_all", "labels", "effective_labels", "metadata", "namespace",
		"region", "location", "availability_zone", "owner_id", "account_id", "project", "vpc_id", "vpc_config",
		"cidr_block", "ipv6_cidr_block", "address_space", "address_prefixes", "ip_cidr_range", "private_ip":
		return true
	}
	return false
}

// borrowsARN names the types whose `arn` is that of another object: an argument
// (a test holds the list against the provider's schema), or the parent's.
func borrowsARN(typ string) bool {
	switch typ {
	case "aws_cloudwatch_event_target", "aws_lakeformation_resource", "aws_notifications_channel_association",
		"aws_sns_topic_data_protection_policy", "aws_sns_topic_policy", // arguments
		"aws_oam_sink_policy", "aws_secretsmanager_secret_policy", "aws_secretsmanager_secret_rotation",
		"aws_secretsmanager_secret_version": // the parent's
		return true
	}
	return false
}

// account is the AWS account, Google project or Azure subscription that an
// object says it lies in. The `account_id` of most resources is somebody
// else's, a member's or a peer's.
func account(typ string, data bool, v map[string]any) string {
	switch {
	case strings.HasPrefix(typ, "aws_"):
		if !borrowsARN(typ) {
			if a := arnPart(text(v["arn"]), 4); isAccount(a) {
				return a
			}
		}
		if a := text(v["owner_id"]); isAccount(a) {
			return a
		}
		if a := text(v["account_id"]); data && typ == "aws_caller_identity" && isAccount(a) {
			return a
		}
	case strings.HasPrefix(typ, "google_"):
		return text(v["project"])
	case strings.HasPrefix(typ, "azurerm_"):
		if parts := strings.Split(text(v["id"]), "/"); len(parts) > 2 && parts[1] == "subscriptions" {
			return parts[2]
		}
	}
	return ""
}

// isAccount tells whether this is the number of an AWS account.
func isAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// arnPart is a part of an ARN, by its place: 3 is the region, 4 the account.
func arnPart(arn string, i int) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return ""
	}
	return parts[i]
}

func region(v map[string]any) string {
	if r := first(v["region"], arnPart(text(v["arn"]), 3), v["location"]); r != "" {
		return r
	}
	zone := text(v["availability_zone"])
	if n := len(zone); n > 1 && zone[n-1] >= 'a' && zone[n-1] <= 'z' && zone[n-2] >= '0' && zone[n-2] <= '9' {
		return zone[:n-1] // eu-west-1a
	}
	return ""
}

func vpc(typ string, v map[string]any) string {
	id := first(v["vpc_id"], block(v["vpc_config"])["vpc_id"])
	if typ == "aws_vpc" || typ == "aws_default_vpc" {
		id = text(v["id"])
	}
	if !strings.HasPrefix(id, "vpc-") {
		return ""
	}
	return id
}

// cidrs are the address ranges that an object has itself. Those in rules and
// routes are of the other side.
func cidrs(typ string, v map[string]any) []string {
	var from []any
	switch typ {
	case "aws_vpc", "aws_default_vpc", "aws_subnet", "aws_default_subnet":
		from = []any{v["cidr_block"], v["ipv6_cidr_block"]}
	case "azurerm_virtual_network", "azurerm_subnet":
		for _, list := range []any{v["address_space"], v["address_prefixes"]} {
			if l, ok := list.([]any); ok {
				from = append(from, l[:min(len(l), 16)]...)
			}
		}
	case "google_compute_subnetwork":
		from = []any{v["ip_cidr_range"]}
	case "aws_instance", "aws_network_interface":
		from = []any{v["private_ip"]}
	}
	var out []string
	for _, f := range from {
		s := text(f)
		if p, err := netip.ParsePrefix(s); err == nil && p.Bits() > 0 {
			out = append(out, p.Masked().String())
		} else if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
			out = append(out, netip.PrefixFrom(a, a.BitLen()).String())
		}
	}
	return out
}

func isKubernetes(typ string) bool {
	return strings.HasPrefix(typ, "kubernetes_") || typ == "helm_release"
}
