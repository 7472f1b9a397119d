package cloudtrail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/internal/evidence"
)

func read(t *testing.T, name string) *Log {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, name, text)
}

func parse(t *testing.T, name string, text []byte) *Log {
	t.Helper()
	l, err := Read(context.Background(), &evidence.Item{Kind: Kind(), Path: name, Blob: evidence.Bytes(text)})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var until = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// questions are about the objects of examples/acme that were changed by hand.
var questions = map[string]Question{
	"rule": {
		Type: "aws_vpc_security_group_ingress_rule", ARN: "arn:aws:ec2:eu-west-1:123456789012:security-group-rule/sgr-59289d4cd10f447ca",
		Identifiers: []string{"sgr-59289d4cd10f447ca"}, Attributes: [][]string{{"cidr_ipv4"}}, Until: until,
	},
	"workers": {
		Type: "aws_autoscaling_group", ARN: "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:700efdec:autoScalingGroupName/acme-prod-workers",
		Identifiers: []string{"acme-prod-workers"}, Attributes: [][]string{{"max_size"}}, Until: until,
	},
	"logs": {
		Type: "aws_cloudwatch_log_group", ARN: "arn:aws:logs:eu-west-1:123456789012:log-group:/acme/prod/payments",
		Identifiers: []string{"/acme/prod/payments"}, Attributes: [][]string{{"retention_in_days"}}, Until: until,
	},
	"limit": {
		Type: "aws_appautoscaling_target", ARN: "arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/e0f1",
		Identifiers: []string{"service/acme-prod/checkout-api"}, Attributes: [][]string{{"max_capacity"}}, Until: until,
	},
	"service": {
		Type: "aws_ecs_service", ARN: "arn:aws:ecs:eu-west-1:123456789012:service/acme-prod/checkout-api",
		Identifiers: []string{"checkout-api"}, Attributes: [][]string{{"desired_count"}}, Until: until,
	},
	"alarm": {
		Type: "aws_cloudwatch_metric_alarm", ARN: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:acme-prod-payments-5xx",
		Identifiers: []string{"acme-prod-payments-5xx"}, Deleted: true, Until: until,
	},
}

func TestWhoChangedAcme(t *testing.T) {
	for _, file := range []string{"lookup-events.json", "trail.json", "trail.jsonl"} {
		l := read(t, file)
		if l.Total != 9 || len(l.Events) != 7 || l.Reads != 1 || l.Failed != 1 || l.Unreadable != 0 || l.Truncated || l.Cut {
			t.Errorf("%s: %+v", file, l)
		}
		for name, want := range map[string]string{
			"rule":    "alice, console",
			"workers": "bob@example.com (SSO, OnCall), CLI",
			"logs":    "carol@example.com (SSO, Legal), console",
			"limit":   "dave (role Operations), SDK",
			"service": "the AWS service ecs.application-autoscaling.amazonaws.com, ",
			"alarm":   "erin@example.com (SSO, OnCall), console",
		} {
			a := Writer([]*Log{l}, questions[name])
			w := a.Newest()
			if w == nil {
				t.Errorf("%s: %s: %+v", file, name, a)
				continue
			}
			if got := fmt.Sprintf("%s, %s", w.Event.Who, w.Event.Via); got != want || a.Why != "" {
				t.Errorf("%s: %s: by %s, want %s (%s)", file, name, got, want, a.Why)
			}
		}
	}
}

func TestTerraformEndsTheSearch(t *testing.T) {
	l := read(t, "lookup-events.json")
	q := questions["workers"]
	if a := Writer([]*Log{l}, q); len(a.Writes) != 1 || a.Terraform == nil {
		t.Errorf("%+v", a)
	}
	q.Until = time.Date(2025, 12, 30, 2, 0, 0, 0, time.UTC) // before bob
	a := Writer([]*Log{l}, q)
	if len(a.Writes) != 0 || a.Newest() != nil || !strings.Contains(a.Why, "Terraform's own") {
		t.Errorf("%+v", a)
	}
}

func TestUnknownSaysWhy(t *testing.T) {
	l := read(t, "lookup-events.json")
	other := questions["workers"]
	other.Identifiers = []string{"acme-dev-workers"}
	undated := questions["workers"]
	undated.Until = time.Time{}
	elsewhere := questions["workers"]
	elsewhere.ARN = strings.Replace(elsewhere.ARN, "eu-west-1", "us-east-1", 1)
	attribute := questions["workers"]
	attribute.Attributes = [][]string{{"health_check_type"}}
	cut := parse(t, "cut.json", []byte(`{"Events":[],"NextToken":"x"}`))
	for name, c := range map[string]struct {
		logs []*Log
		q    Question
		want string
	}{
		"nothing given":     {nil, questions["workers"], "no CloudTrail event was given"},
		"not named":         {[]*Log{l}, other, "no event before the plan names the object; the oldest that was given is of 2025-12-20"},
		"plan without time": {[]*Log{l}, undated, "does not say when"},
		"another region":    {[]*Log{l}, elsewhere, "no event before the plan names the object"},
		"another attribute": {[]*Log{l}, attribute, "none is known to write the attribute"},
		"truncated":         {[]*Log{cut}, questions["workers"], "NextToken"},
	} {
		if a := Writer(c.logs, c.q); a.Newest() != nil || !strings.Contains(a.Why, c.want) {
			t.Errorf("%s: %q", name, a.Why)
		}
	}
}

// event makes a lookup of one event.
func event(t *testing.T, edit func(map[string]any)) *Log {
	t.Helper()
	rec := map[string]any{
		"eventVersion": "1.11", "eventTime": "2025-12-30T02:00:00Z", "eventSource": "autoscaling.amazonaws.com", "eventName": "UpdateAutoScalingGroup",
		"awsRegion": "eu-west-1", "recipientAccountId": "123456789012", "userAgent": "aws-cli/2", "readOnly": false, "eventID": "1",
		"userIdentity":      map[string]any{"type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::123456789012:user/alice"},
		"requestParameters": map[string]any{"autoScalingGroupName": "acme-prod-workers", "maxSize": 12},
	}
	edit(rec)
	text, err := json.Marshal(map[string]any{"Records": []any{rec}})
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, "one.json", text)
}

// TestNoWriter: what did not write, or not then, or not this object, names
// nobody, whatever else the event says.
func TestNoWriter(t *testing.T) {
	params := func(name, source string, p map[string]any) func(map[string]any) {
		return func(r map[string]any) { r["eventName"], r["eventSource"], r["requestParameters"] = name, source, p }
	}
	subnet := Question{
		Type: "aws_subnet", ARN: "arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-0123456789abcdef0", Identifiers: []string{"subnet-0123456789abcdef0"},
		Attributes: [][]string{{"tags", "Name"}}, Until: until,
	}
	for name, c := range map[string]struct {
		edit func(map[string]any)
		q    Question
	}{
		"read only":          {func(r map[string]any) { r["readOnly"] = true }, questions["workers"]},
		"read only as text":  {func(r map[string]any) { r["readOnly"] = "true" }, questions["workers"]},
		"failed":             {func(r map[string]any) { r["errorCode"] = "AccessDenied" }, questions["workers"]},
		"failed with a text": {func(r map[string]any) { r["errorMessage"] = "no" }, questions["workers"]},
		"after the plan":     {func(r map[string]any) { r["eventTime"] = "2026-01-01T00:00:01Z" }, questions["workers"]},
		"without a time":     {func(r map[string]any) { delete(r, "eventTime") }, questions["workers"]},
		"by name, a read":    {func(r map[string]any) { delete(r, "readOnly"); r["eventName"] = "DescribeAutoScalingGroups" }, questions["workers"]},
		"another account":    {func(r map[string]any) { r["recipientAccountId"] = "210987654321" }, questions["workers"]},
		"another service":    {func(r map[string]any) { r["eventSource"] = "ecs.amazonaws.com" }, questions["workers"]},
		"another type":       {params("CreateLaunchConfiguration", "autoscaling.amazonaws.com", map[string]any{"launchConfigurationName": "acme-prod-workers", "maxSize": 1}), questions["workers"]},
		"another cluster":    {params("UpdateService", "ecs.amazonaws.com", map[string]any{"cluster": "acme-staging", "service": "checkout-api", "desiredCount": 1}), questions["service"]},
		"another attribute":  {params("UpdateAutoScalingGroup", "autoscaling.amazonaws.com", map[string]any{"autoScalingGroupName": "acme-prod-workers", "minSize": 1}), questions["workers"]},
		"a tag of that name": {params("CreateOrUpdateTags", "autoscaling.amazonaws.com", map[string]any{"tags": []any{map[string]any{"resourceId": "acme-prod-workers", "key": "max_size", "value": "1"}}}), questions["workers"]},
		"an instance in it":  {params("RunInstances", "ec2.amazonaws.com", map[string]any{"subnetId": "subnet-0123456789abcdef0", "tagSpecificationSet": map[string]any{"items": []any{map[string]any{"tags": []any{map[string]any{"key": "Name", "value": "x"}}}}}}), subnet},
		"nobody is named":    {func(r map[string]any) { r["userIdentity"] = map[string]any{} }, questions["workers"]},
		"it is Terraform": {func(r map[string]any) {
			r["userAgent"] = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io) aws-sdk-go-v2/1.40.0"
		}, questions["workers"]},
		"deletes another":     {params("DeleteAlarms", "monitoring.amazonaws.com", map[string]any{"alarmNames": []any{"acme-dev-payments-5xx"}}), questions["alarm"]},
		"only names it":       {params("PutScalingPolicy", "autoscaling.amazonaws.com", map[string]any{"policyName": "cpu", "autoScalingGroupName": "acme-prod-workers", "maxSize": 1}), questions["workers"]},
		"a value like a name": {params("UpdateAutoScalingGroup", "autoscaling.amazonaws.com", map[string]any{"autoScalingGroupName": "x", "desc": "acme-prod-workers", "maxSize": 1}), questions["workers"]},
	} {
		a := Writer([]*Log{event(t, c.edit)}, c.q)
		if w := a.Newest(); w != nil || a.Why == "" {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if a := Writer([]*Log{event(t, func(map[string]any) {})}, questions["workers"]); a.Newest() == nil {
		t.Errorf("the test tests nothing: %+v", a)
	}
	tag := event(t, params("CreateTags", "ec2.amazonaws.com", map[string]any{
		"resourcesSet": map[string]any{"items": []any{map[string]any{"resourceId": "subnet-0123456789abcdef0"}}},
		"tagSet":       map[string]any{"items": []any{map[string]any{"key": "Name", "value": "x"}}},
	}))
	if a := Writer([]*Log{tag}, subnet); a.Newest() == nil {
		t.Errorf("a tag: %+v", a)
	}
}

func TestDeletions(t *testing.T) {
	for name, c := range map[string]struct {
		typ, id, service, event string
		params                  map[string]any
	}{
		"a rule":      {"aws_vpc_security_group_ingress_rule", "sgr-59289d4cd10f447ca", "ec2", "RevokeSecurityGroupIngress", map[string]any{"groupId": "sg-8904daaf4426b189e", "securityGroupRuleIds": map[string]any{"items": []any{map[string]any{"securityGroupRuleId": "sgr-59289d4cd10f447ca"}}}}},
		"an instance": {"aws_instance", "i-0123456789abcdef0", "ec2", "TerminateInstances", map[string]any{"instancesSet": map[string]any{"items": []any{map[string]any{"instanceId": "i-0123456789abcdef0"}}}}},
		"a bucket":    {"aws_s3_bucket", "acme-logs", "s3", "DeleteBucket", map[string]any{"bucketName": "acme-logs"}},
		"a key":       {"aws_kms_key", "21edbfdd-0000-4000-8000-21edbfddccab", "kms", "ScheduleKeyDeletion", map[string]any{"keyId": "21edbfdd-0000-4000-8000-21edbfddccab", "pendingWindowInDays": 7}},
		"a database":  {"aws_db_instance", "acme-prod", "rds", "DeleteDBInstance", map[string]any{"dBInstanceIdentifier": "acme-prod", "skipFinalSnapshot": true}},
		"a parameter": {"aws_ssm_parameter", "/acme/x", "ssm", "DeleteParameter", map[string]any{"name": "/acme/x"}},
	} {
		l := event(t, func(r map[string]any) {
			r["eventName"], r["eventSource"], r["requestParameters"] = c.event, c.service+".amazonaws.com", c.params
		})
		q := Question{Type: c.typ, ARN: "arn:aws:" + c.service + ":eu-west-1:123456789012:" + c.id, Identifiers: []string{c.id}, Deleted: true, Until: until}
		if a := Writer([]*Log{l}, q); a.Newest() == nil || !a.Newest().Deleted {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// TestAttributes: the ways in which requests name what Terraform calls by
// another spelling.
func TestAttributes(t *testing.T) {
	for name, c := range map[string]struct {
		event, params string
		path          []string
		want          bool
	}{
		"camel":           {"ModifyDBInstance", `{"allocatedStorage":1}`, []string{"allocated_storage"}, true},
		"Pascal":          {"ModifySecurityGroupRules", `{"R":{"CidrIpv4":"x"}}`, []string{"cidr_ipv4"}, true},
		"with its object": {"ModifyDBInstance", `{"dBInstanceClass":"x"}`, []string{"instance_class"}, true},
		"by its event":    {"PutBucketPolicy", `{"bucketPolicy":{}}`, []string{"policy"}, true},
		"not named":       {"ModifyDBInstance", `{"allocatedStorage":1}`, []string{"engine_version"}, false},
		"a tag":           {"TagResource", `{"tags":{"team":"a"}}`, []string{"tags", "team"}, true},
		"tags as a list":  {"AddTagsToResource", `{"tags":[{"key":"team","value":"a"}]}`, []string{"tags_all", "team"}, true},
		"taken away":      {"UntagResource", `{"tagKeys":["team"]}`, []string{"tags", "team"}, true},
		"another tag":     {"TagResource", `{"tags":{"cost":"a"}}`, []string{"tags", "team"}, false},
		"a tag's value":   {"TagResource", `{"tags":[{"key":"cost","value":"team"}]}`, []string{"tags", "team"}, false},
		"a tag, not it":   {"TagResource", `{"tags":{"timeout":"a"}}`, []string{"timeout"}, false},
		"a variable":      {"UpdateFunctionConfiguration", `{"environment":{"variables":{"timeout":"1"}}}`, []string{"timeout"}, false},
		"nested":          {"UpdateFunctionConfiguration", `{"tracingConfig":{"mode":"Active"}}`, []string{"tracing_config", "mode"}, true},
		"half of nested":  {"UpdateFunctionConfiguration", `{"tracingConfig":{}}`, []string{"tracing_config", "mode"}, false},
	} {
		e := Event{Name: c.event, keys: map[string]bool{}, tags: map[string]bool{}}
		w := walker{e: &e}
		w.walk([]byte(c.params))
		if got := namesAttribute(&e, c.path); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestSeveralWritersInOrder(t *testing.T) {
	at := func(when, who string) *Log {
		return event(t, func(r map[string]any) {
			r["eventTime"], r["eventID"] = when, who
			r["userIdentity"] = map[string]any{"type": "IAMUser", "userName": who}
		})
	}
	a := Writer([]*Log{at("2025-12-01T00:00:00Z", "first"), at("2025-12-03T00:00:00Z", "third"), at("2025-12-02T00:00:00Z", "second"), at("2025-12-02T00:00:00Z", "second")}, questions["workers"])
	var who []string
	for _, w := range a.Writes {
		who = append(who, w.Event.Who.String())
	}
	if !slices.Equal(who, []string{"third", "second", "first"}) {
		t.Errorf("%q", who)
	}
	q := questions["workers"]
	q.Since = time.Date(2025, 12, 2, 12, 0, 0, 0, time.UTC)
	if a := Writer([]*Log{at("2025-12-01T00:00:00Z", "first"), at("2025-12-03T00:00:00Z", "third")}, q); len(a.Writes) != 1 {
		t.Errorf("%+v", a)
	}
}

func TestPrincipals(t *testing.T) {
	for text, want := range map[string]string{
		`{"type":"IAMUser","userName":"Alice","arn":"arn:aws:iam::123456789012:user/Alice"}`: "Alice",
		`{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/ops/Alice"}`:                "Alice",
		`{"type":"Root","accountId":"123456789012","arn":"arn:aws:iam::123456789012:root"}`:  "the root user of 123456789012",
		`{"type":"Root"}`: "the root user",
		`{"type":"Root","accountId":"1","userName":"acme","sessionContext":{"assumedRoot":"true"}}`:                                                   "an AssumeRoot session in 1",
		`{"type":"AssumedRole","arn":"arn:aws:sts::123456789012:assumed-role/RoleToBeAssumed/MySessionName"}`:                                         "MySessionName (role RoleToBeAssumed)",
		`{"type":"AssumedRole","principalId":"AROA:s","sessionContext":{"sessionIssuer":{"userName":"R"}}}`:                                           "s (role R)",
		`{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_Access_0a1b2c3d4e5f6071/bob@example.com"}`:                     "bob@example.com (SSO, Admin_Access)",
		`{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling","invokedBy":"autoscaling.amazonaws.com"}`: "the AWS service autoscaling.amazonaws.com",
		`{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/AWSServiceRoleForECS/ecs","invokedBy":"AWS Internal"}`:                              "the AWS service AWSServiceRoleForECS",
		`{"type":"AWSAccount","principalId":"AIDA"}`:                                                                                                  "somebody whom the event does not name",
		`{"type":"AssumedRole","principalId":"AROA:GitHubActions","arn":"arn:aws:sts::1:assumed-role/deploy/GitHubActions","sessionContext":{"webIdFederationData":{"federatedProvider":"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com","attributes":{}}}}`: "GitHubActions (role deploy)",
		`{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/AWSServiceRoleForECS/ecs"}`:                                                              "the AWS service AWSServiceRoleForECS",
		`{"type":"AWSService","invokedBy":"cloudformation.amazonaws.com"}`:                                                                                 "the AWS service cloudformation.amazonaws.com",
		`{"type":"FederatedUser","arn":"arn:aws:sts::123456789012:federated-user/dora"}`:                                                                   "dora",
		`{"type":"AWSAccount","accountId":"210987654321","principalId":"AIDA"}`:                                                                            "the account 210987654321",
		`{"type":"IdentityCenterUser","accountId":"1","onBehalfOf":{"userId":"544894e8","identityStoreArn":"arn:aws:identitystore::1:identitystore/d-1"}}`: "the Identity Center user 544894e8",
		`{"type":"WebIdentityUser","userName":"repo:acme/shop:ref:refs/heads/main","principalId":"p"}`:                                                     "repo:acme/shop:ref:refs/heads/main",
		`{"type":"Unknown"}`: "somebody whom the event does not name",
		`{}`:                 "somebody whom the event does not name",
		`"text"`:             "somebody whom the event does not name",
		`{"type":"IAMUser","userName":"a\u001b[31mb\n"}`:                   "a[31mb",
		`{"type":"IAMUser","userName":"` + strings.Repeat("x", 500) + `"}`: strings.Repeat("x", maxWord),
	} {
		if got := principalOf([]byte(text)).String(); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestVia(t *testing.T) {
	for agent, want := range map[string]Via{
		"console.amazonaws.com": Console, "signin.amazonaws.com": Console, "console.ec2.amazonaws.com": Console, "[S3Console/0.4]": Console, "EC2 Spot Console": Console,
		"aws-cli/2.31.0 md/awscrt#0.27.6": CLI, "[aws-cli/1.16 Python/3.6 botocore/1.12]": CLI,
		"APN/1.0 HashiCorp/1.0 Terraform/0.15.5 (+https://www.terraform.io) terraform-provider-aws/3.75.0 aws-sdk-go/1.43.17": Terraform,
		"APN/1.0 Pulumi/1.0 PulumiAws/6.0 (+https://www.pulumi.com) terraform-provider-aws/6.0.0":                             SDK, "cloudformation.amazonaws.com": "cloudformation.amazonaws.com",
		"APN/1.0 OpenTofu/1.0 OpenTofu/1.10.0 aws-sdk-go-v2/1.40.0": Terraform,
		"Boto3/1.40.1": SDK, "aws-sdk-go/1.44": SDK, "autoscaling.amazonaws.com": "autoscaling.amazonaws.com", "": Unsaid, "Mozilla/5.0": Unsaid,
	} {
		if got := viaOf(agent, false, Principal{}); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
	if got := viaOf("Mozilla/5.0", true, Principal{}); got != Console {
		t.Errorf("%q", got)
	}
}

func TestTimes(t *testing.T) {
	want := time.Date(2018, 4, 10, 22, 33, 20, 0, time.UTC)
	for _, text := range []string{`"2018-04-10T22:33:20Z"`, `"2018-04-11T00:33:20+02:00"`, `"2018-04-11T00:33:20.000000+0200"`, `1523399600`, `1523399600.0`} {
		if got := parseTime([]byte(text)); !got.Equal(want) {
			t.Errorf("%s: %v", text, got)
		}
	}
	for _, text := range []string{`"yesterday"`, `null`, `-1`, `1e300`, `{}`} {
		if got := parseTime([]byte(text)); !got.IsZero() {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestDetect(t *testing.T) {
	for _, file := range []string{"lookup-events.json", "trail.json", "trail.jsonl"} {
		text, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if k, p := Detect(file, text); k != Kind() || p != nil {
			t.Errorf("%s: %v, %v", file, k, p)
		}
		if k, _ := Detect(file, text[:900]); k != Kind() {
			t.Errorf("the start of %s is not recognised", file)
		}
	}
	for name, text := range map[string]string{
		"RDS":                `{"Events":[{"SourceIdentifier":"db","SourceType":"db-instance","Message":"m","Date":"2025-01-01"}]}`,
		"S3 notification":    `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2025-01-01","eventName":"ObjectCreated:Put","userIdentity":{"principalId":"x"}}]}`,
		"no events":          `{"Events":[]}`,
		"a plan":             `{"format_version":"1.2","resource_changes":[]}`,
		"a list":             `[{"eventName":"x"}]`,
		"nothing":            ``,
		"an event elsewhere": `{"detail":{"eventName":"X","eventSource":"ec2.amazonaws.com","eventTime":"x"}}`,
	} {
		if k, p := Detect("x.json", []byte(text)); k != nil || p != nil {
			t.Errorf("%s: %v, %v", name, k, p)
		}
	}
	if k, _ := Detect("cloudtrail/cloudtrail-001.json", []byte(`{"Events": []}`)); k != Kind() {
		t.Error("a lookup that found nothing is not recognised")
	}
}

func TestBadFiles(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":     {"", "empty"},
		"cut":       {`{"Events":[{"EventId":"x"`, "truncated"},
		"not JSON":  {`{"Events":[{x}]}`, "not valid JSON"},
		"a list":    {`[]`, "no CloudTrail events"},
		"too large": {`{"Records":[{"x":"` + strings.Repeat("x", MaxEvent*2) + `"}]}`, "single event"},
	} {
		_, err := Read(context.Background(), &evidence.Item{Kind: Kind(), Path: "x", Blob: evidence.Bytes([]byte(c.text))})
		var p *evidence.Problem
		if !errors.As(err, &p) || !strings.Contains(p.Reason, c.want) || p.Do == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBounds: an event that names more than is kept says so, and the rest of
// the file is still read.
func TestBounds(t *testing.T) {
	many := map[string]any{"autoScalingGroupName": "acme-prod-workers", "maxSize": 1}
	ids := []any{}
	for i := range 2 * maxMentions {
		ids = append(ids, fmt.Sprintf("i-%017x", i))
		many[fmt.Sprintf("key%d", i)] = i
	}
	many["instanceIds"] = ids
	l := event(t, func(r map[string]any) { r["requestParameters"] = many })
	if e := l.Events[0]; len(e.mentions) > maxMentions || len(e.keys) > maxKeys || !e.cut || !l.Cut {
		t.Errorf("%d mentions, %d keys, cut: %t", len(e.mentions), len(e.keys), e.cut)
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range []string{"lookup-events.json", "trail.json", "trail.jsonl"} {
		text, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"NextToken":"x","Events":[{"EventTime":1,"EventName":"X","CloudTrailEvent":"{\"a\":1"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _ = Detect("x", text[:min(len(text), 64<<10)])
		l, err := Read(context.Background(), &evidence.Item{Kind: Kind(), Path: "x", Blob: evidence.Bytes(text)})
		var p *evidence.Problem
		if err != nil {
			if !errors.As(err, &p) {
				t.Fatal(err)
			}
			return
		}
		if l.Total != len(l.Events)+l.Reads+l.Failed+l.Unreadable {
			t.Errorf("%d events are not %d+%d+%d+%d", l.Total, len(l.Events), l.Reads, l.Failed, l.Unreadable)
		}
		for _, e := range l.Events {
			if e.Time.IsZero() || len(e.Name) > maxWord || len(e.Who.Name) > maxWord+64 || len(e.mentions) > maxMentions || e.Offset < 0 || e.Offset >= int64(len(text)) {
				t.Errorf("%+v", e)
			}
		}
		for _, q := range questions {
			a := Writer([]*Log{l}, q)
			for _, w := range a.Writes {
				if w.Event.Time.After(q.Until) || w.Event.Via == Terraform {
					t.Errorf("%+v", w.Event)
				}
			}
			if (a.Newest() == nil) == (a.Why == "") {
				t.Errorf("neither a writer nor a reason: %+v", a)
			}
		}
	})
}

// TestNotTheWrongPerson: events that name an object, and people who did not do
// to it what drifted.
func TestNotTheWrongPerson(t *testing.T) {
	const iam = "arn:aws:iam::123456789012:"
	policy := Question{Type: "aws_iam_policy", ARN: iam + "policy/deploy", Identifiers: []string{iam + "policy/deploy", "deploy"}, Attributes: [][]string{{"policy"}}, Until: until}
	vpc := Question{Type: "aws_vpc", ARN: "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0123456789abcdef0", Identifiers: []string{"vpc-0123456789abcdef0"}, Attributes: [][]string{{"tags", "Name"}}, Until: until}
	bucket := Question{Type: "aws_s3_bucket", ARN: "arn:aws:s3:::acme-logs", Identifiers: []string{"acme-logs"}, Attributes: [][]string{{"acl"}}, Until: until}
	dated := Question{Type: "aws_autoscaling_group", Attributes: [][]string{{"desired_count"}}, Until: until}
	dated.Name(map[string]any{"id": "web-20250101", "name": "web-20250101", "arn": "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:7f:autoScalingGroupName/web-20250101"})
	unlocated := Question{Type: "aws_autoscaling_group", Attributes: [][]string{{"max_size"}}, Until: until}
	unlocated.Name(map[string]any{"id": "web-20250101", "name": "web-20250101"})
	const name = `{"autoScalingGroupName":"acme-prod-workers","maxSize":12`
	for why, c := range map[string]struct {
		service, event, params string
		q                      Question
		more                   string
	}{
		"attached it to a role":        {"iam", "AttachRolePolicy", `{"roleName":"ci","policyArn":"` + policy.ARN + `"}`, policy, ""},
		"a user's policy of that name": {"iam", "PutUserPolicy", `{"userName":"ci","policyName":"deploy","policyDocument":"{}"}`, policy, ""},
		"put an endpoint into it":      {"ec2", "CreateVpcEndpoint", `{"vpcId":"vpc-0123456789abcdef0","tags":[{"key":"Name","value":"x"}]}`, vpc, ""},
		"an object in it":              {"s3", "PutObjectAcl", `{"bucketName":"acme-logs","key":"a","acl":""}`, bucket, ""},
		"a service of a dated name":    {"ecs", "UpdateService", `{"service":"web-20250101","desiredCount":1}`, dated, ""},
		"a dated name, anywhere":       {"autoscaling", "UpdateAutoScalingGroup", `{"autoScalingGroupName":"web-20250101","maxSize":1}`, unlocated, ""},
		"a dry run that failed":        {"autoscaling", "UpdateAutoScalingGroup", name + `}`, questions["workers"], `,"errorCode":"Client.DryRunOperation","errorMessage":"Request would have succeeded, but DryRun flag is set."`},
		"a dry run":                    {"autoscaling", "UpdateAutoScalingGroup", name + `,"dryRun":true}`, questions["workers"], ""},
		"answered with false":          {"autoscaling", "UpdateAutoScalingGroup", name + `}`, questions["workers"], `,"responseElements":{"requestId":"x","_return":false}`},
	} {
		text := `{"Records":[{"eventID":"1","eventTime":"2025-12-30T02:00:00Z","eventSource":"` + c.service + `.amazonaws.com","eventName":"` + c.event + `","awsRegion":"eu-west-1","recipientAccountId":"123456789012","userAgent":"aws-cli/2","userIdentity":{"type":"IAMUser","userName":"alice"},"requestParameters":` + c.params + c.more + `}]}`
		if c.service == "iam" {
			text = strings.Replace(text, "eu-west-1", "us-east-1", 1)
		}
		if a := Writer([]*Log{parse(t, "x.json", []byte(text))}, c.q); a.Newest() != nil || a.Why == "" {
			t.Errorf("%s: %+v", why, a)
		}
	}
}

// TestDeletedAPart: who deleted something of an object did not delete it.
func TestDeletedAPart(t *testing.T) {
	for event, c := range map[string]struct{ typ, service, id, params string }{
		"DeleteTags":                      {"aws_subnet", "ec2", "subnet-0123456789abcdef0", `{"resourcesSet":{"items":[{"resourceId":"subnet-0123456789abcdef0"}]},"tagSet":{"items":[{"key":"a"}]}}`},
		"DeleteBucketPolicy":              {"aws_s3_bucket", "s3", "acme-logs", `{"bucketName":"acme-logs","policy":""}`},
		"DeleteRetentionPolicy":           {"aws_cloudwatch_log_group", "logs", "/acme/x", `{"logGroupName":"/acme/x"}`},
		"DeleteLogStream":                 {"aws_cloudwatch_log_group", "logs", "/acme/x", `{"logGroupName":"/acme/x","logStreamName":"s"}`},
		"DeleteFunctionConcurrency":       {"aws_lambda_function", "lambda", "pay", `{"functionName":"pay"}`},
		"DeleteAlias20150331":             {"aws_lambda_function", "lambda", "pay", `{"functionName":"pay","name":"live"}`},
		"RevokeSecurityGroupIngress":      {"aws_security_group", "ec2", "sg-8904daaf4426b189e", `{"groupId":"sg-8904daaf4426b189e","ipPermissions":{}}`},
		"RemoveRoleFromInstanceProfile":   {"aws_iam_instance_profile", "iam", "ci", `{"roleName":"ci","instanceProfileName":"ci"}`},
		"DeleteRolePolicy":                {"aws_iam_role", "iam", "ci", `{"roleName":"ci","policyName":"p"}`},
		"DeletePolicyVersion":             {"aws_iam_policy", "iam", "ci", `{"policyArn":"arn:aws:iam:eu-west-1:123456789012:ci","versionId":"v1"}`},
		"DeleteRepositoryPolicy":          {"aws_ecr_repository", "ecr", "shop", `{"repositoryName":"shop"}`},
		"DeleteUserPolicy":                {"aws_iam_policy", "iam", "ci", `{"userName":"x","policyName":"ci"}`},
		"DeleteDBInstanceAutomatedBackup": {"aws_db_instance", "rds", "acme", `{"dBInstanceIdentifier":"acme"}`},
	} {
		var params map[string]any
		if err := json.Unmarshal([]byte(c.params), &params); err != nil {
			t.Fatal(err)
		}
		l := event1(t, event, c.service, params)
		arn := "arn:aws:" + c.service + ":eu-west-1:123456789012:" + c.id
		q := Question{Type: c.typ, ARN: arn, Identifiers: []string{c.id, arn}, Deleted: true, Until: until}
		if a := Writer([]*Log{l}, q); a.Newest() != nil || len(a.Writes) != 1 {
			t.Errorf("%s: %+v", event, a)
		}
	}
}

func event1(t *testing.T, name, service string, params map[string]any) *Log {
	return event(t, func(r map[string]any) {
		r["eventName"], r["eventSource"], r["requestParameters"] = name, service+".amazonaws.com", params
	})
}

// TestWholeStillNames: what is exact about deeds does not make the usual ones
// go unseen.
func TestWholeStillNames(t *testing.T) {
	for _, c := range []struct{ typ, service, id, event, params, attribute string }{
		{"aws_iam_role", "iam", "ci", "UpdateAssumeRolePolicy", `{"roleName":"ci","policyDocument":"{}"}`, "assume_role_policy"},
		{"aws_cloudwatch_metric_alarm", "monitoring", "a5xx", "PutMetricAlarm", `{"alarmName":"a5xx","metricName":"m","threshold":3}`, "threshold"},
		{"aws_security_group", "ec2", "sg-8904daaf4426b189e", "AuthorizeSecurityGroupIngress", `{"groupId":"sg-8904daaf4426b189e","ipPermissions":{}}`, "ingress"},
		{"aws_lambda_function", "lambda", "pay", "UpdateFunctionConfiguration20150331v2", `{"functionName":"pay","memorySize":1}`, "memory_size"},
		{"aws_kms_key", "kms", "21edbfdd-0000-4000-8000-21edbfddccab", "PutKeyPolicy", `{"keyId":"21edbfdd-0000-4000-8000-21edbfddccab","policy":"{}"}`, "policy"},
		{"aws_s3_bucket", "s3", "acme-logs", "PutBucketPolicy", `{"bucketName":"acme-logs"}`, "policy"},
		{"aws_iam_policy", "iam", "ci", "CreatePolicyVersion", `{"policyArn":"arn:aws:iam:eu-west-1:123456789012:ci","policyDocument":"{}"}`, "policy"},
		{"aws_iam_policy", "iam", "ci", "SetDefaultPolicyVersion", `{"policyArn":"arn:aws:iam:eu-west-1:123456789012:ci","versionId":"v2"}`, "policy"},
		{"aws_instance", "ec2", "i-0123456789abcdef0", "ModifyInstanceAttribute", `{"instanceId":"i-0123456789abcdef0","instanceType":{"value":"x"}}`, "instance_type"},
		{"aws_lb", "elasticloadbalancing", "x", "ModifyLoadBalancerAttributes", `{"loadBalancerArn":"arn:aws:elasticloadbalancing:eu-west-1:123456789012:x","idleTimeout":1}`, "idle_timeout"},
		{"aws_vpc", "ec2", "vpc-0123456789abcdef0", "ModifyVpcAttribute", `{"vpcId":"vpc-0123456789abcdef0","enableDnsSupport":{"value":false}}`, "enable_dns_support"},
	} {
		var params map[string]any
		if err := json.Unmarshal([]byte(c.params), &params); err != nil {
			t.Fatal(err)
		}
		arn := "arn:aws:" + c.service + ":eu-west-1:123456789012:" + c.id
		q := Question{Type: c.typ, ARN: arn, Identifiers: []string{c.id, arn}, Attributes: [][]string{{c.attribute}}, Until: until}
		if a := Writer([]*Log{event1(t, c.event, c.service, params)}, q); a.Newest() == nil {
			t.Errorf("%s: %+v", c.event, a)
		}
	}
}

// TestNewestIsUnknown: when the last who wrote is not named, not read or not
// kept, nobody who wrote before is named in their place.
func TestNewestIsUnknown(t *testing.T) {
	alice := event(t, func(map[string]any) {})
	nobody := event(t, func(r map[string]any) {
		r["eventID"], r["eventTime"], r["userIdentity"] = "2", "2025-12-30T03:00:00Z", map[string]any{"type": "AWSAccount"}
	})
	unread := parse(t, "x.json", []byte(`{"Events":[{"EventId":"3","EventName":"UpdateAutoScalingGroup","EventTime":"2025-12-30T03:00:00Z","ReadOnly":"false","Username":"bob"}]}`))
	before := parse(t, "x.json", []byte(`{"Events":[{"EventId":"3","EventName":"UpdateAutoScalingGroup","EventTime":"2025-12-30T01:00:00Z","ReadOnly":"false","Username":"bob"}]}`))
	for name, l := range map[string]*Log{"nobody": nobody, "unread": unread} {
		if a := Writer([]*Log{alice, l}, questions["workers"]); a.Newest() != nil || a.Why == "" || len(a.Writes) == 0 {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if a := Writer([]*Log{alice, before}, questions["workers"]); a.Newest() == nil {
		t.Errorf("an older one that was not read: %+v", a)
	}
	r := reader{log: &Log{Events: make([]Event, MaxEvents)}}
	r.add(record{time: until, name: "UpdateX", whole: true}, "", 0)
	if !r.log.Cut || !r.log.lost.Equal(until) {
		t.Errorf("what is not kept is not noted: %t, %v", r.log.Cut, r.log.lost)
	}
}
