package cloudtrail

import (
	"slices"
	"strings"
)

// Name fills in by which names events may know the object. The values are those
// that Terraform has of it; what is sensitive is no string and names nothing.
func (q *Question) Name(values map[string]any) {
	text := func(name string) string {
		s, _ := values[name].(string)
		return s
	}
	q.ARN = text("arn")
	noun := q.Type[strings.LastIndexByte(q.Type, '_')+1:]
	for _, name := range []string{"name", "identifier", "cluster_identifier", "cluster_id", "replication_group_id", noun, noun + "_name"} {
		if s := text(name); s != "" {
			q.Chosen = append(q.Chosen, s)
		}
	}
	for _, name := range []string{"id", "name", "identifier", noun + "_name", "url", "arn"} {
		if s := text(name); identifying(s) && !slices.Contains(q.Identifiers, s) {
			q.Identifiers = append(q.Identifiers, s)
		}
	}
	// Where a name is unique only within something else, events must name that, too.
	for _, name := range []string{"cluster", "cluster_name", "function_name", "table_name", "rest_api_id", "api_id", "event_bus_name"} {
		s := text(name)
		if s == "" || s == "default" || slices.Contains(q.Identifiers, s) {
			continue
		}
		q.Parents = append(q.Parents, s)
		if strings.HasPrefix(s, "arn:") {
			q.Parents = append(q.Parents, last(s))
		}
	}
}

// ResourceNames are what to look up in CloudTrail to find the events of an
// object: lookup-events knows an event by the resources that it lists, and for a
// rule of a security group that is the group.
func ResourceNames(typ string, values map[string]any) []string {
	q := Question{Type: typ}
	q.Name(values)
	out := q.Identifiers
	if strings.HasSuffix(typ, "_rule") {
		if s, _ := values["security_group_id"].(string); identifying(s) {
			out = append(out, s)
		}
	}
	return out
}

// Region is where the events of an object are, as its ARN and attributes say; ""
// when they do not. IAM, CloudFront and Route 53 log in us-east-1 (AWS CloudTrail
// User Guide, "Viewing recent management events with the AWS CLI").
func Region(values map[string]any) string {
	arn, _ := values["arn"].(string)
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		if parts[3] != "" {
			return parts[3]
		}
		switch parts[2] {
		case "iam", "cloudfront", "route53":
			if parts[1] == "aws" {
				return "us-east-1"
			}
		}
	}
	region, _ := values["region"].(string)
	return region
}
