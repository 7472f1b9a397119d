package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/awsdump"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/tfstate"
)

func root(t *testing.T, resources ...string) *Root {
	t.Helper()
	text := `{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","resources":[` + strings.Join(resources, ",") + `]}`
	s, err := tfstate.Read(context.Background(), &evidence.Item{Path: "x", Blob: evidence.Bytes([]byte(text))})
	if err != nil {
		t.Fatal(err)
	}
	return FromState(s, "x")
}

func resource(typ, name, attributes string) string {
	return fmt.Sprintf(`{"mode":"managed","type":%q,"name":%q,"instances":[{"attributes":{%s}}]}`, typ, name, attributes)
}

// TestJudge: what proves that it is one object, what proves that it is not, and
// what proves nothing.
func TestJudge(t *testing.T) {
	const uuid1, uuid2 = "11111111-1111-4111-8111-111111111111", "22222222-1111-4111-8111-111111111111"
	for name, c := range map[string]struct {
		typ, before, after string
		want               Verdict
	}{
		"generated, same":            {"aws_instance", `"id":"i-1"`, `"id":"i-1"`, Same},
		"generated, another":         {"aws_instance", `"id":"i-1"`, `"id":"i-2"`, Different},
		"no id before":               {"aws_instance", `"ami":"a"`, `"id":"i-2"`, Unknown},
		"no id after":                {"aws_instance", `"id":"i-1"`, `"id":null`, Unknown},
		"neither":                    {"aws_instance", ``, ``, Unknown},
		"bucket of one name":         {"aws_s3_bucket", `"id":"b"`, `"id":"b"`, Unknown},
		"bucket of another name":     {"aws_s3_bucket", `"id":"b"`, `"id":"c"`, Different},
		"role made again":            {"aws_iam_role", `"id":"r","unique_id":"A"`, `"id":"r","unique_id":"B"`, Different},
		"role kept":                  {"aws_iam_role", `"id":"r","unique_id":"A"`, `"id":"r","unique_id":"A"`, Same},
		"role without unique_id":     {"aws_iam_role", `"id":"r"`, `"id":"r","unique_id":"A"`, Unknown},
		"user renamed in place":      {"aws_iam_user", `"id":"u","unique_id":"A"`, `"id":"v","unique_id":"A"`, Same},
		"user, another name only":    {"aws_iam_user", `"id":"u"`, `"id":"v"`, Unknown},
		"database, provider 4 and 5": {"aws_db_instance", `"id":"db","resource_id":"db-A"`, `"id":"db-A","resource_id":"db-A"`, Same},
		"database made again":        {"aws_db_instance", `"id":"db","resource_id":"db-A"`, `"id":"db","resource_id":"db-B"`, Different},
		"database without":           {"aws_db_instance", `"id":"db"`, `"id":"db2"`, Unknown},
		"cluster made again":         {"aws_eks_cluster", `"id":"k","created_at":"2026-01-01"`, `"id":"k","created_at":"2026-01-02"`, Different},
		"cluster kept":               {"aws_eks_cluster", `"id":"k","created_at":"2026-01-01"`, `"id":"k","created_at":"2026-01-01"`, Same},
		"two of one second":          {"aws_eks_cluster", `"id":"k","created_at":"2026-01-01"`, `"id":"m","created_at":"2026-01-01"`, Different},
		"unknown type, same":         {"x_y", `"id":"` + uuid1 + `"`, `"id":"` + uuid1 + `"`, Unknown},
		"unknown type, another UUID": {"x_y", `"id":"` + uuid1 + `"`, `"id":"` + uuid2 + `"`, Different},
		"unknown type, another name": {"x_y", `"id":"a"`, `"id":"b"`, Unknown},
		"unknown type, other form":   {"x_y", `"id":"` + uuid1 + `"`, `"id":"x-12345678"`, Unknown},
		"kubernetes, made again":     {"kubernetes_secret", `"id":"a/b","metadata":[{"uid":"1"}]`, `"id":"a/b","metadata":[{"uid":"2"}]`, Different},
		"kubernetes, same name":      {"kubernetes_secret", `"id":"a/b"`, `"id":"a/b"`, Unknown},
		"tasks, another revision":    {"aws_ecs_task_definition", `"id":"f","arn":"a:1"`, `"id":"f","arn":"a:2"`, Different},
		"association moved in place": {"aws_route_table_association", `"id":"rtbassoc-0123456789abcdef0"`, `"id":"rtbassoc-0123456789abcdef1"`, Unknown},
		"association kept":           {"aws_route_table_association", `"id":"rtbassoc-0123456789abcdef0"`, `"id":"rtbassoc-0123456789abcdef0"`, Same},
		"another association moved":  {"x_association", `"id":"aclassoc-0123456789abcdef0"`, `"id":"aclassoc-0123456789abcdef1"`, Unknown},
		"attachment, imported again": {"aws_iam_role_policy_attachment", `"id":"r-20260101","role":"r","policy_arn":"p"`, `"id":"r/p","role":"r","policy_arn":"p"`, Unknown},
		"attachment of another role": {"aws_iam_role_policy_attachment", `"id":"r-20260101","role":"r","policy_arn":"p"`, `"id":"s-20260101","role":"s","policy_arn":"p"`, Different},
		"object, provider 5 and 6":   {"aws_s3_object", `"id":"k","bucket":"b","key":"k"`, `"id":"b/k","bucket":"b","key":"k"`, Unknown},
		"object, same version":       {"aws_s3_object", `"id":"k","version_id":"v"`, `"id":"k","version_id":"v"`, Same},
		"object, other version":      {"aws_s3_object", `"id":"k","version_id":"v"`, `"id":"k","version_id":"w"`, Unknown},
		"queue, two forms of a URL":  {"aws_sqs_queue", `"id":"https://queue.amazonaws.com/1/q","arn":"a:q"`, `"id":"https://sqs.r.amazonaws.com/1/q","arn":"a:q"`, Unknown},
		"queue of another name":      {"aws_sqs_queue", `"id":"u/q","arn":"a:q"`, `"id":"u/p","arn":"a:p"`, Different},
		"function, not modified":     {"aws_lambda_function", `"id":"f","last_modified":"2026-01-01T00:00:00.123+0000"`, `"id":"f","last_modified":"2026-01-01T00:00:00.123+0000"`, Same},
		"function, modified":         {"aws_lambda_function", `"id":"f","last_modified":"2026-01-01T00:00:00.123+0000"`, `"id":"f","last_modified":"2026-02-01T00:00:00.123+0000"`, Unknown},
		"functions of one moment":    {"aws_lambda_function", `"id":"f","last_modified":"2026-01-01T00:00:00.123+0000"`, `"id":"g","last_modified":"2026-01-01T00:00:00.123+0000"`, Different},
		"table with its stream":      {"aws_dynamodb_table", `"id":"t","stream_label":"2026"`, `"id":"t","stream_label":"2026"`, Same},
		"table, another stream":      {"aws_dynamodb_table", `"id":"t","stream_label":"2026"`, `"id":"t","stream_label":"2027"`, Unknown},
		"document, another version":  {"aws_ssm_document", `"id":"d","created_date":"2026"`, `"id":"d","created_date":"2027"`, Unknown},
		"stage of another API":       {"aws_apigatewayv2_stage", `"id":"live","api_id":"a"`, `"id":"live","api_id":"b"`, Different},
		"method of the same place":   {"aws_api_gateway_method", `"id":"agm-a-b-GET"`, `"id":"agm-a-b-GET"`, Same},
		"one rule of the cloud":      {"aws_security_group_rule", `"id":"sgrule-1","security_group_rule_id":"sgr-1"`, `"id":"sgrule-2","security_group_rule_id":"sgr-1"`, Same},
		"by hash of its rules":       {"aws_security_group_rule", `"id":"sgrule-1"`, `"id":"sgrule-1"`, Unknown},
	} {
		before, after := root(t, resource(c.typ, "n", c.before)), root(t, resource(c.typ, "n", c.after))
		j := Judge(&before.Objects[0], &after.Objects[0])
		if j.Verdict != c.want || j.Verdict == Unknown && (j.Why == "" || j.Lacks == "") {
			t.Errorf("%s: %+v, want %d", name, j, c.want)
		}
		back := Judge(&after.Objects[0], &before.Objects[0])
		if back.Verdict != j.Verdict {
			t.Errorf("%s: %d one way, %d the other", name, j.Verdict, back.Verdict)
		}
	}
}

// TestOverriddenTemplates: an instance type of a mixed group may have a launch
// template of its own, and then its instances do not lag behind the group's.
func TestOverriddenTemplates(t *testing.T) {
	for version, want := range map[string]Standing{"7": Current, "6": Unclear} {
		text := `{"AutoScalingGroups": [{"AutoScalingGroupName": "web", "MixedInstancesPolicy": {"LaunchTemplate": {
			"LaunchTemplateSpecification": {"LaunchTemplateId": "lt-x86", "Version": "4"},
			"Overrides": [{"InstanceType": "c7g.large", "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-arm", "Version": "7"}}]}},
			"Instances": [{"InstanceId": "i-1", "LaunchTemplate": {"LaunchTemplateId": "lt-x86", "Version": "4"}},
				{"InstanceId": "i-2", "LaunchTemplate": {"LaunchTemplateId": "lt-arm", "Version": "` + version + `"}}]}]}`
		d, err := awsdump.Read(context.Background(), &evidence.Item{Path: "x", Blob: evidence.Bytes([]byte(text))})
		if err != nil {
			t.Fatal(err)
		}
		if got := BehindDumps(FromDumps([]Dumped{{Path: "x", Dump: d}})); len(got) != 1 || got[0].Standing != want {
			t.Errorf("%s: %+v", version, got)
		}
	}
}

// TestTaskSets: what CodeDeploy or another controller deploys stands in task sets.
func TestTaskSets(t *testing.T) {
	for service, want := range map[string]Standing{
		`"taskDefinition": "arn:x:task-definition/api:2"`:                                                  Old,
		`"taskDefinition": "arn:x:task-definition/api:2", "deploymentController": {"type": "ECS"}`:         Old,
		`"taskDefinition": "arn:x:task-definition/api:2", "deploymentController": {"type": "CODE_DEPLOY"}`: Unclear,
		`"deploymentController": {"type": "EXTERNAL"}`:                                                     Unclear,
	} {
		var dumps []Dumped
		for path, text := range map[string]string{
			"s": `{"services": [{"serviceName": "api", "clusterArn": "arn:x:cluster/shop", "deployments": [], ` + service + `}]}`,
			"t": `{"tasks": [{"taskArn": "arn:x:task/1", "clusterArn": "arn:x:cluster/shop", "group": "service:api", "lastStatus": "RUNNING", "taskDefinitionArn": "arn:x:task-definition/api:1"}]}`,
		} {
			d, err := awsdump.Read(context.Background(), &evidence.Item{Path: path, Blob: evidence.Bytes([]byte(text))})
			if err != nil {
				t.Fatal(err)
			}
			dumps = append(dumps, Dumped{Path: path, Dump: d})
		}
		if got := BehindDumps(FromDumps(dumps)); len(got) != 1 || got[0].Standing != want {
			t.Errorf("%s: %+v", service, got)
		}
	}
}

// TestDescribedElsewhere: the name of a group in one region says nothing about
// the group of that name in another.
func TestDescribedElsewhere(t *testing.T) {
	side := func(arn string) *Root {
		text := `{"AutoScalingGroups": [{"AutoScalingGroupName": "web", "AutoScalingGroupARN": "` + arn + `", "Instances": []}]}`
		d, err := awsdump.Read(context.Background(), &evidence.Item{Path: "x", Blob: evidence.Bytes([]byte(text))})
		if err != nil {
			t.Fatal(err)
		}
		return FromDumps([]Dumped{{Path: "x", Dump: d}})
	}
	one := "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:4f2b:autoScalingGroupName/web"
	for arn, want := range map[string]How{
		strings.Replace(one, "eu-west-1", "us-east-1", 1): CannotTell,
		strings.Replace(one, "1111", "4444", 1):           CannotTell,
		strings.Replace(one, "4f2b", "9999", 1):           New,
		one:                                               Kept,
	} {
		if rows := Compare(side(one), side(arn)); len(rows) != 1 || rows[0].How != want {
			t.Errorf("%s: %+v", arn, rows)
		}
	}
}

// TestRevisions: what cannot be changed gets a next revision with every edit, and
// nobody says that it is the same one.
func TestRevisions(t *testing.T) {
	for _, c := range []struct {
		typ, before, after string
		want               How
	}{
		{"aws_ecs_task_definition", `"arn":"arn:x:task-definition/api:9"`, `"arn":"arn:x:task-definition/api:8"`, Revised},
		{"aws_ecs_task_definition", `"arn":"arn:x:task-definition/api:9"`, `"arn":"arn:x:task-definition/shop:9"`, New},
		{"aws_secretsmanager_secret_version", `"id":"arn:x:secret:a-1|one"`, `"id":"arn:x:secret:a-1|two"`, Revised},
		{"aws_secretsmanager_secret_version", `"id":"arn:x:secret:a-1|one"`, `"id":"arn:x:secret:a-2|one"`, New},
		{"aws_appconfig_hosted_configuration_version", `"id":"a/b/1"`, `"id":"a/b/2"`, Revised},
		{"aws_instance", `"id":"i-1"`, `"id":"i-2"`, New},
	} {
		rows := Compare(root(t, resource(c.typ, "n", c.before)), root(t, resource(c.typ, "n", c.after)))
		if len(rows) != 1 || rows[0].How != c.want {
			t.Errorf("%s: %+v, want %d", c.typ, rows, c.want)
		}
	}
}

// TestSealedIdsTakeNoPart: a secret id neither proves nor shows.
func TestSealedIdsTakeNoPart(t *testing.T) {
	sealed := func(id string) *Root {
		return root(t, `{"mode":"managed","type":"aws_instance","name":"n","instances":[{"attributes":{"id":"`+id+`"},"sensitive_attributes":[[{"type":"get_attr","value":"id"}]]}]}`)
	}
	rows := Compare(sealed("hush-1"), sealed("hush-2"))
	if rows[0].How != CannotTell || strings.Contains(fmt.Sprintf("%+v %+v %+v", rows, rows[0].Before, rows[0].After), "hush") {
		t.Errorf("%+v", rows[0])
	}
}

// TestBehindState: one row per way of standing behind.
func TestBehindState(t *testing.T) {
	lt := func(latest, base string) string {
		return resource("aws_launch_template", "t", `"id":"lt-1","name":"web","latest_version":`+latest+`,"default_version":`+base)
	}
	asg := func(v string) string {
		return resource("aws_autoscaling_group", "g", `"name":"web","launch_template":[{"id":"lt-1","version":"`+v+`"}]`)
	}
	fn := func(v string) string {
		return resource("aws_lambda_function", "f", `"function_name":"f","version":"`+v+`"`)
	}
	alias := func(v string) string {
		return resource("aws_lambda_alias", "a", `"name":"live","function_name":"f","function_version":"`+v+`"`)
	}
	service := resource("aws_ecs_service", "s", `"name":"api","cluster":"arn:x/shop","task_definition":"arn:x:task-definition/api:6"`)
	tasks := func(v string) string {
		return resource("aws_ecs_task_definition", "t"+v, `"family":"api","revision":`+v)
	}
	cluster := resource("aws_eks_cluster", "k", `"name":"k","version":"1.33"`)
	node := func(v string) string {
		return resource("aws_eks_node_group", "n", `"cluster_name":"k","node_group_name":"n","version":"`+v+`"`)
	}
	for name, c := range map[string]struct {
		resources []string
		described Described
		want      []Standing
	}{
		"two regions": {[]string{
			resource("aws_lambda_function", "f", `"function_name":"f","version":"10","arn":"arn:aws:lambda:eu-west-1:1:function:f"`),
			resource("aws_lambda_function", "u", `"function_name":"f","version":"3","arn":"arn:aws:lambda:us-east-1:1:function:f"`),
			resource("aws_lambda_alias", "a", `"name":"live","function_name":"f","function_version":"3","arn":"arn:aws:lambda:us-east-1:1:function:f:live"`),
			resource("aws_lambda_alias", "b", `"name":"live","function_name":"f","function_version":"3"`),
			resource("aws_lambda_alias", "c", `"name":"live","function_name":"f","function_version":"3","arn":"arn:aws:lambda:ap-east-1:1:function:f:live"`),
			resource("aws_lambda_alias", "d", `"name":"live","function_name":"f","function_version":"3","arn":"arn:aws:lambda:eu-west-1:1:function:f:live"`),
		}, nil, []Standing{Current, Unclear, Unclear, Old}},
		"tasks of two regions": {[]string{
			resource("aws_ecs_task_definition", "t", `"family":"api","revision":9,"arn":"arn:aws:ecs:eu-west-1:1:task-definition/api:9"`),
			resource("aws_ecs_task_definition", "u", `"family":"api","revision":6,"arn":"arn:aws:ecs:us-east-1:1:task-definition/api:6"`),
			resource("aws_ecs_service", "s", `"name":"api","cluster":"arn:x/shop","task_definition":"arn:aws:ecs:us-east-1:1:task-definition/api:6"`),
			resource("aws_ecs_service", "v", `"name":"api","cluster":"arn:x/shop","task_definition":"api:6"`),
		}, nil, []Standing{Unclear, Unclear}},
		"clusters of two regions": {[]string{
			resource("aws_eks_cluster", "k", `"name":"k","version":"1.34","arn":"arn:aws:eks:eu-west-1:1:cluster/k"`),
			resource("aws_eks_node_group", "n", `"cluster_name":"k","node_group_name":"n","version":"1.33","arn":"arn:aws:eks:us-east-1:1:nodegroup/k/n/1"`),
		}, nil, nil},
		"alias behind":               {[]string{fn("10"), alias("9")}, nil, []Standing{Old}},
		"alias current":              {[]string{fn("10"), alias("10")}, nil, []Standing{Current}},
		"alias of what is not here":  {[]string{alias("9")}, nil, []Standing{Unclear}},
		"function not published":     {[]string{fn("$LATEST"), alias("9")}, nil, []Standing{Unclear}},
		"alias ahead":                {[]string{fn("3"), alias("9")}, nil, []Standing{Unclear}},
		"group behind":               {[]string{lt("10", "1"), asg("9")}, nil, []Standing{Old}},
		"group by default":           {[]string{lt("5", "4"), asg("$Default")}, nil, []Standing{Old}},
		"group names the latest":     {[]string{lt("5", "4"), asg("$Latest")}, nil, []Standing{Unclear}},
		"group that was described":   {[]string{lt("5", "4"), asg("5")}, Described{"autoscaling group web": true}, nil},
		"described, and behind":      {[]string{lt("5", "4"), asg("4")}, Described{"autoscaling group web": true}, []Standing{Old}},
		"group without its template": {[]string{asg("4")}, nil, []Standing{Unclear}},
		"instance":                   {[]string{lt("5", "4"), resource("aws_instance", "i", `"launch_template":[{"name":"web","version":"5"}]`)}, nil, []Standing{Current}},
		"instance by word":           {[]string{lt("5", "4"), resource("aws_instance", "i", `"launch_template":[{"name":"web","version":"$Latest"}]`)}, nil, []Standing{Unclear}},
		"instance without":           {[]string{lt("5", "4"), resource("aws_instance", "i", `"id":"i-1"`)}, nil, nil},
		"mixed instances":            {[]string{lt("5", "4"), resource("aws_autoscaling_group", "g", `"name":"m","mixed_instances_policy":[{"launch_template":[{"launch_template_specification":[{"launch_template_id":"lt-1","version":"3"}]}]}]`)}, nil, []Standing{Old}},
		"service behind":             {[]string{service, tasks("6"), tasks("11")}, nil, []Standing{Old}},
		"service that is told":       {[]string{service, tasks("6")}, nil, []Standing{Unclear}},
		"service that was described": {[]string{service, tasks("6")}, Described{"ecs service shop/api": true}, nil},
		"nodes behind":               {[]string{cluster, node("1.9")}, nil, []Standing{Old}},
		"nodes current":              {[]string{cluster, node("1.33")}, nil, []Standing{Current}},
		"nodes of another state":     {[]string{node("1.31")}, nil, nil},
	} {
		var got []Standing
		for _, l := range BehindState(root(t, c.resources...), c.described) {
			got = append(got, l.Standing)
			check(t, name, l)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// check holds what every Lag promises.
func check(t *testing.T, name string, l Lag) {
	t.Helper()
	switch {
	case l.Standing == Old && (l.Title == "" || len(l.Proof) == 0 || l.Remedy.Text == ""),
		l.Standing == Unclear && (l.Title == "" || l.Missing.Evidence == "" || l.Missing.Get == ""):
		t.Errorf("%s: %+v", name, l)
	}
	for _, p := range l.Proof {
		if p.At == (finding.Location{}) {
			t.Errorf("%s: a statement without a place: %s", name, p.Text)
		}
	}
}

func TestBehindDumps(t *testing.T) {
	const group = `{"AutoScalingGroups":[{"AutoScalingGroupName":"web","LaunchTemplate":{"LaunchTemplateId":"lt-1","Version":"%s"},"Instances":[{"InstanceId":"i-1","LaunchTemplate":{"LaunchTemplateId":"%s","Version":"%s"}}]}]}`
	const template = `{"LaunchTemplates":[{"LaunchTemplateId":"lt-1","LaunchTemplateName":"web","DefaultVersionNumber":1,"LatestVersionNumber":5}]}`
	const service = `{"services":[{"serviceArn":"a","serviceName":"api","clusterArn":"x/shop","taskDefinition":"td/api:7"%s}]}`
	const task = `{"tasks":[{"taskArn":"x/1","clusterArn":"x/shop","taskDefinitionArn":"td/api:6","group":"service:api","lastStatus":"%s"}]}`
	const versions = `{"Versions":[{"FunctionName":"f","FunctionArn":"a","Version":"$LATEST"},{"FunctionName":"f","FunctionArn":"a","Version":"10"},{"FunctionName":"f","FunctionArn":"a","Version":"9"}]}`
	const alias = `{"Aliases":[{"AliasArn":"arn:aws:lambda:r:1:function:f:live","Name":"live","FunctionVersion":"%s"%s}]}`
	const db = `{"DBInstances":[{"DBInstanceIdentifier":"d","PendingModifiedValues":%s,"DBParameterGroups":[{"DBParameterGroupName":"g","ParameterApplyStatus":"%s"}]}]}`
	f := fmt.Sprintf
	for name, c := range map[string]struct {
		dumps []string
		want  []Standing
	}{
		"group of one version":      {[]string{f(group, "5", "lt-1", "5")}, []Standing{Current}},
		"instance behind":           {[]string{f(group, "5", "lt-1", "4")}, []Standing{Old}},
		"of another template":       {[]string{f(group, "5", "lt-2", "5")}, []Standing{Old}},
		"latest, with templates":    {[]string{f(group, "$Latest", "lt-1", "5"), template}, []Standing{Current}},
		"latest, behind":            {[]string{f(group, "$Latest", "lt-1", "4"), template}, []Standing{Old}},
		"latest, without templates": {[]string{f(group, "$Latest", "lt-1", "4")}, []Standing{Unclear}},
		"without instances":         {[]string{`{"AutoScalingGroups":[{"AutoScalingGroupName":"web"}]}`}, []Standing{Unclear}},
		"deployed":                  {[]string{f(service, `,"deployments":[{"id":"1","status":"PRIMARY","taskDefinition":"td/api:7","runningCount":2}]`)}, []Standing{Current}},
		"still deploying":           {[]string{f(service, `,"deployments":[{"id":"2","status":"ACTIVE","taskDefinition":"td/api:6","runningCount":2}]`)}, []Standing{Old}},
		"no task left":              {[]string{f(service, `,"deployments":[{"id":"2","status":"ACTIVE","taskDefinition":"td/api:6","runningCount":0}]`)}, []Standing{Current}},
		"task behind":               {[]string{f(service, ""), f(task, "RUNNING")}, []Standing{Old}},
		"task that stopped":         {[]string{f(service, ""), f(task, "STOPPED")}, []Standing{Current}},
		"service alone":             {[]string{f(service, "")}, []Standing{Unclear}},
		"alias behind":              {[]string{versions, f(alias, "9", "")}, []Standing{Old}},
		"alias current":             {[]string{versions, f(alias, "10", "")}, []Standing{Current}},
		"alias, a part of it":       {[]string{versions, f(alias, "10", `,"RoutingConfig":{"AdditionalVersionWeights":{"9":0.1}}`)}, []Standing{Old}},
		"alias alone":               {[]string{f(alias, "10", "")}, []Standing{Unclear}},
		"database in effect":        {[]string{f(db, "{}", "in-sync")}, []Standing{Current}},
		"database waits":            {[]string{f(db, `{"EngineVersion":"17"}`, "in-sync")}, []Standing{Old}},
		"database to be rebooted":   {[]string{f(db, "{}", "pending-reboot")}, []Standing{Old}},
		"database being changed":    {[]string{f(db, "{}", "applying")}, []Standing{Unclear}},
		"database cut down":         {[]string{`{"DBInstances":[{"DBInstanceIdentifier":"d"}]}`}, []Standing{Unclear}},
		"distribution":              {[]string{`{"Distribution":{"Id":"E","Status":"InProgress","DomainName":"d"}}`}, []Standing{Old}},
		"distribution deployed":     {[]string{`{"Distribution":{"Id":"E","Status":"Deployed","DomainName":"d"}}`}, []Standing{Current}},
		"distribution, no status":   {[]string{`{"Distribution":{"Id":"E","DomainName":"d"}}`}, []Standing{Unclear}},
		"nodes behind": {[]string{
			`{"cluster":{"name":"k","version":"1.33","platformVersion":"e"}}`, `{"nodegroup":{"nodegroupName":"n","clusterName":"k","nodegroupArn":"a","version":"1.31"}}`,
		}, []Standing{Old}},
		"nodes alone": {[]string{`{"nodegroup":{"nodegroupName":"n","clusterName":"k","nodegroupArn":"a","version":"1.31"}}`}, []Standing{Unclear}},
	} {
		var dumps []Dumped
		for i, text := range c.dumps {
			d, err := awsdump.Read(context.Background(), &evidence.Item{Blob: evidence.Bytes([]byte(text))})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			dumps = append(dumps, Dumped{fmt.Sprint(i, ".json"), d})
		}
		var got []Standing
		for _, l := range BehindDumps(FromDumps(dumps)) {
			got = append(got, l.Standing)
			check(t, name, l)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestPair(t *testing.T) {
	a1, a2 := &Root{Label: "one/x.tfstate", Lineage: "a"}, &Root{Label: "two/y.tfstate", Lineage: "a"}
	b1, b2 := &Root{Label: "one/b.tfstate", Lineage: "b"}, &Root{Label: "two/x.tfstate", Lineage: "c"}
	pairs := Pair([]*Root{a1, b1}, []*Root{b2, a2})
	if len(pairs) != 2 || pairs[1].Before != a1 || pairs[0].Before != b1 || pairs[0].Doubt() == "" || pairs[1].Doubt() != "" {
		t.Errorf("%+v", pairs)
	}
	c := &Root{Label: "one/c.tfstate", Lineage: "d"}
	if pairs := Pair([]*Root{a1, b1, c}, []*Root{a2}); len(pairs) != 3 || pairs[0].Before != a1 || len(pairs[1].After.Objects) != 0 {
		t.Errorf("%+v", pairs)
	}
}
