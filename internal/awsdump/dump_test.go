package awsdump

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/evidence"
)

func read(data string) (*Dump, error) {
	return Read(context.Background(), &evidence.Item{Kind: Kind(), Path: "x.json", Blob: evidence.Bytes([]byte(data))})
}

// The dumps have the shapes of the API references; of each one that is read
// there is one here.
const (
	asg = `{"AutoScalingGroups":[{"AutoScalingGroupName":"web","AutoScalingGroupARN":"arn:aws:autoscaling:r:1:autoScalingGroup:u-1:autoScalingGroupName/web",
 "LaunchTemplate":{"LaunchTemplateId":"lt-0123456789abcdef0","LaunchTemplateName":"web","Version":"5"},"CreatedTime":"2026-01-02T03:04:05+00:00",
 "Instances":[{"InstanceId":"i-1","LaunchTemplate":{"LaunchTemplateId":"lt-0123456789abcdef0","Version":"4"}},{"InstanceId":"i-2","LaunchConfigurationName":"old"}]},
 {"AutoScalingGroupName":"mix","MixedInstancesPolicy":{"LaunchTemplate":{"LaunchTemplateSpecification":{"LaunchTemplateName":"web","Version":"$Latest"}}},"Instances":[]}]}`
	instances = `{"Reservations":[{"Groups":[],"Instances":[{"InstanceId":"i-1","ImageId":"ami-1","Tags":[{"Key":"aws:autoscaling:groupName","Value":"web"}]}]}]}`
	lts       = `{"LaunchTemplates":[{"LaunchTemplateId":"lt-0123456789abcdef0","LaunchTemplateName":"web","DefaultVersionNumber":1,"LatestVersionNumber":5}]}`
	ecs       = `{"failures":[],"services":[{"serviceArn":"arn:aws:ecs:r:1:service/shop/api","serviceName":"api","clusterArn":"arn:aws:ecs:r:1:cluster/shop","taskDefinition":"arn:aws:ecs:r:1:task-definition/api:7","createdAt":1700000000.5,
 "deployments":[{"id":"ecs-svc/1","status":"PRIMARY","taskDefinition":"arn:aws:ecs:r:1:task-definition/api:7","runningCount":1},{"id":"ecs-svc/2","status":"ACTIVE","taskDefinition":"arn:aws:ecs:r:1:task-definition/api:6","runningCount":2}]}]}`
	ecsTasks = `{"tasks":[{"taskArn":"arn:aws:ecs:r:1:task/shop/abc","clusterArn":"arn:aws:ecs:r:1:cluster/shop","taskDefinitionArn":"arn:aws:ecs:r:1:task-definition/api:6","group":"service:api","lastStatus":"RUNNING"}]}`
	taskDef  = `{"taskDefinition":{"taskDefinitionArn":"arn:aws:ecs:r:1:task-definition/api:7","family":"api","revision":7},"tags":[]}`
	lambda   = `{"Configuration":{"FunctionName":"f","FunctionArn":"arn:aws:lambda:r:1:function:f","Version":"$LATEST","CodeSha256":"x","Environment":{"Variables":{"P":"SECRET"}}},"Code":{}}`
	versions = `{"Versions":[{"FunctionName":"f","FunctionArn":"arn:aws:lambda:r:1:function:f:3","Version":"3"},{"FunctionName":"f","FunctionArn":"arn:aws:lambda:r:1:function:f:4","Version":"4"}]}`
	aliasDoc = `{"AliasArn":"arn:aws:lambda:r:1:function:f:live","Name":"live","FunctionVersion":"3","Description":"","RevisionId":"x","RoutingConfig":{"AdditionalVersionWeights":{"2":0.1}}}`
	rds      = `{"DBInstances":[{"DBInstanceIdentifier":"db","DBInstanceArn":"arn:aws:rds:r:1:db:db","DbiResourceId":"db-ABC","EngineVersion":"16.4",
 "PendingModifiedValues":{"MasterUserPassword":"SECRET","EngineVersion":"17.1","ProcessorFeatures":[]},"DBParameterGroups":[{"DBParameterGroupName":"g","ParameterApplyStatus":"pending-reboot"}]}]}`
	rdsCluster = `{"DBClusters":[{"DBClusterIdentifier":"c","DBClusterArn":"arn:aws:rds:r:1:cluster:c","DbClusterResourceId":"cluster-ABC","EngineVersion":"16.4","DBClusterMembers":[{"DBInstanceIdentifier":"a","DBClusterParameterGroupStatus":"applying"}]}]}`
	cache      = `{"CacheClusters":[{"CacheClusterId":"c-001","CacheClusterCreateTime":"2026-01-01T00:00:00Z","EngineVersion":"7.1.0","PendingModifiedValues":{"NumCacheNodes":2},"CacheParameterGroup":{"CacheParameterGroupName":"g","ParameterApplyStatus":"in-sync","CacheNodeIdsToReboot":[]}}]}`
	repl       = `{"ReplicationGroups":[{"ReplicationGroupId":"r","ARN":"arn:aws:elasticache:r:1:replicationgroup:r","PendingModifiedValues":{}}]}`
	eks        = `{"cluster":{"name":"k","arn":"arn:aws:eks:r:1:cluster/k","createdAt":"2026-01-01T00:00:00Z","version":"1.33","platformVersion":"eks.1"}}`
	node       = `{"nodegroup":{"nodegroupName":"n","nodegroupArn":"arn:aws:eks:r:1:nodegroup/k/n/u","clusterName":"k","version":"1.31"}}`
	addOn      = `{"addon":{"addonName":"coredns","addonArn":"arn:aws:eks:r:1:addon/k/coredns/u","clusterName":"k","addonVersion":"v1.11.1-eksbuild.4"}}`
	cdn        = `{"ETag":"E","Distribution":{"Id":"E1","ARN":"arn:aws:cloudfront::1:distribution/E1","Status":"InProgress","DomainName":"d.cloudfront.net"}}`
)

func all() map[string]string {
	return map[string]string{
		"asg": asg, "instances": instances, "lts": lts, "ecs": ecs, "tasks": ecsTasks, "taskdef": taskDef, "lambda": lambda, "versions": versions,
		"alias": aliasDoc, "aliases": `{"Aliases":[` + aliasDoc + `]}`, "rds": rds, "cluster": rdsCluster, "cache": cache, "replication": repl, "eks": eks,
		"node": node, "addon": addOn, "cdn": cdn,
	}
}

func TestRead(t *testing.T) {
	for name, want := range map[string][]string{
		"asg": {
			"autoscaling group web 5 arn:aws:autoscaling:r:1:autoScalingGroup:u-1:autoScalingGroupName/web", "instance of a group web/i-1 4 i-1",
			"instance of a group web/i-2 old i-2", "autoscaling group mix $Latest ",
		},
		"instances":   {"instance web/i-1 ami-1 i-1"},
		"lts":         {"launch template web 5 lt-0123456789abcdef0"},
		"ecs":         {"ecs service shop/api arn:aws:ecs:r:1:task-definition/api:7 1700000000.5", "ecs deployment shop/api/ecs-svc/1 arn:aws:ecs:r:1:task-definition/api:7 ecs-svc/1", "ecs deployment shop/api/ecs-svc/2 arn:aws:ecs:r:1:task-definition/api:6 ecs-svc/2"},
		"tasks":       {"ecs task shop/api/abc arn:aws:ecs:r:1:task-definition/api:6 arn:aws:ecs:r:1:task/shop/abc"},
		"taskdef":     {"ecs task definition api 7 arn:aws:ecs:r:1:task-definition/api:7"},
		"lambda":      {"lambda version f/$LATEST $LATEST "},
		"versions":    {"lambda version f/3 3 ", "lambda version f/4 4 "},
		"alias":       {"lambda alias f/live 3 "},
		"aliases":     {"lambda alias f/live 3 "},
		"rds":         {"db instance db 16.4 db-ABC waits:the pending change of EngineVersion,the pending change of MasterUserPassword,the parameters of g"},
		"cluster":     {"db cluster c 16.4 cluster-ABC waits:the parameters of the cluster on a?"},
		"cache":       {"cache cluster c-001 7.1.0 2026-01-01T00:00:00Z waits:the pending change of NumCacheNodes"},
		"replication": {"replication group r  "},
		"eks":         {"eks cluster k 1.33 2026-01-01T00:00:00Z"},
		"node":        {"eks node group k/n 1.31 arn:aws:eks:r:1:nodegroup/k/n/u"},
		"addon":       {"eks add-on k/coredns v1.11.1-eksbuild.4 arn:aws:eks:r:1:addon/k/coredns/u"},
		"cdn":         {"cloudfront distribution E1  E1 waits:the last change of its configuration"},
	} {
		text := all()[name]
		if k, p := Detect(name+".json", []byte(text)); k != Kind() || p != nil {
			t.Errorf("%s is not recognised: %v, %v", name, k, p)
		}
		d, err := read(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, o := range d.Objects {
			owner := o.Owner
			if owner != "" {
				owner += "/"
			}
			line := fmt.Sprintf("%s %s%s %s %s", o.Type, owner, o.Name, o.Version, o.Identity)
			var waits []string
			for _, w := range o.Waits {
				if s := w.What; w.Sure {
					waits = append(waits, s)
				} else {
					waits = append(waits, s+"?")
				}
			}
			if len(waits) > 0 {
				line += " waits:" + strings.Join(waits, ",")
			}
			got = append(got, line)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want)
		}
		if strings.Contains(fmt.Sprintf("%#v", d), "SECRET") {
			t.Errorf("%s: a value was kept", name)
		}
	}
}

// TestNotRecognised: words that are everybody's are no dumps.
func TestNotRecognised(t *testing.T) {
	for name, text := range map[string]string{
		"compose":     `{"services":{"api":{"image":"x"}}}`,
		"tasks.json":  `{"version":"2.0.0","tasks":[{"label":"build"}]}`,
		"a state":     `{"version":4,"lineage":"x","serial":1,"resources":[]}`,
		"aliases":     `{"Aliases":["a"]}`,
		"a list":      `[{"DBInstances":[]}]`,
		"nested":      `{"x":{"DBInstances":[{"DBInstanceIdentifier":"a"}]}}`,
		"empty":       ``,
		"not JSON":    `DBInstances`,
		"cut in half": `{"DBInst`,
		"kubeconfig":  `{"cluster":{"server":"https://x"}}`,
	} {
		if k, _ := Detect(name, []byte(text)); k != nil {
			t.Errorf("%s is taken for a dump", name)
		}
	}
}

func TestBadDumps(t *testing.T) {
	for name, c := range map[string]struct{ data, reason string }{
		"cut":         {rds[:len(rds)-9], "cut off"},
		"two":         {rds + rds, "not a valid JSON"},
		"a list":      {"[]", "no JSON object"},
		"other shape": {`{"DBInstances":{"DBInstanceIdentifier":"SECRET"}}`, "the shape of DBInstances"},
		"text as int": {`{"LaunchTemplates":[{"LaunchTemplateId":"a","LatestVersionNumber":"SECRET"}]}`, "the shape of LaunchTemplates"},
		"none":        {`{"Buckets":[]}`, "none of the describe calls"},
		"deep":        {`{"DBInstances":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "too deep"},
		"too many":    {`{"tasks":[` + strings.Repeat(`{},`, MaxObjects) + `{"taskArn":"x"}]}`, "more than"},
	} {
		d, err := read(c.data)
		var p *evidence.Problem
		if d != nil || !errors.As(err, &p) || !strings.Contains(p.Reason, c.reason) || p.Do == "" || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v, %v, want %q", name, d, err, c.reason)
		}
	}
	if _, err := Read(context.Background(), &evidence.Item{Blob: tooLarge{evidence.Bytes(nil)}}); err == nil || !strings.Contains(err.Error(), "larger than 64 MiB") {
		t.Error(err)
	}
}

type tooLarge struct{ evidence.Blob }

func (tooLarge) Size() int64 { return MaxSize + 1 }

// TestWhatWasCutDownSaysSo: a dump made with --query proves nothing by what it
// lacks.
func TestWhatWasCutDownSaysSo(t *testing.T) {
	for _, text := range []string{
		`{"DBInstances":[{"DBInstanceIdentifier":"db"}]}`, `{"DBInstances":[{"DBInstanceIdentifier":"db","PendingModifiedValues":{}}]}`,
		`{"DBClusters":[{"DBClusterIdentifier":"c"}]}`, `{"CacheClusters":[{"CacheClusterId":"c"}]}`, `{"ReplicationGroups":[{"ReplicationGroupId":"r"}]}`,
		`{"AutoScalingGroups":[{"AutoScalingGroupName":"g"}]}`,
	} {
		if d, err := read(text); err != nil || d.Objects[0].Lacks == "" {
			t.Errorf("%s: %+v, %v", text, d, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range all() {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		Detect("x.json", data)
		d, err := read(string(data))
		var p *evidence.Problem
		if err != nil && (!errors.As(err, &p) || p.Reason == "" || p.Do == "") || (d == nil) != (err != nil) {
			t.Fatalf("%v, %v", d, err)
		}
	})
}
