package awsdump

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The shapes are those of the API references of the services; members that are
// not needed are not named.

type templateRef struct {
	LaunchTemplateID   string `json:"LaunchTemplateId"`
	LaunchTemplateName string
	Version            string
}

func (r *templateRef) name() string {
	if r.LaunchTemplateID != "" {
		return r.LaunchTemplateID
	}
	return r.LaunchTemplateName
}

// groups reads describe-auto-scaling-groups (Amazon EC2 Auto Scaling API
// Reference, AutoScalingGroup and Instance).
func groups(d *dump, v jsontext.Value) error {
	var list []struct {
		AutoScalingGroupName, AutoScalingGroupARN, LaunchConfigurationName string
		CreatedTime                                                        jsonTime
		LaunchTemplate                                                     *templateRef
		MixedInstancesPolicy                                               *struct {
			LaunchTemplate struct {
				LaunchTemplateSpecification *templateRef
				Overrides                   []struct{ LaunchTemplateSpecification *templateRef }
			}
		}
		Instances []struct {
			InstanceID              string `json:"InstanceId"`
			LaunchConfigurationName string
			LaunchTemplate          *templateRef
		}
	}
	if err := json.Unmarshal(v, &list); err != nil {
		return err
	}
	for i, g := range list {
		at := fmt.Sprintf("%s/%d", d.at, i)
		o := Object{Type: "autoscaling group", Name: g.AutoScalingGroupName, ARN: g.AutoScalingGroupARN, Pointer: at}
		if o.Identity, o.By = g.AutoScalingGroupARN, "AutoScalingGroupARN"; o.Identity == "" {
			o.Identity, o.By = string(g.CreatedTime), "CreatedTime"
		}
		switch {
		case g.LaunchTemplate != nil:
			o.Template, o.Version, o.VersionAt = g.LaunchTemplate.name(), g.LaunchTemplate.Version, "/LaunchTemplate/Version"
		case g.MixedInstancesPolicy != nil && g.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification != nil:
			t := g.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification
			o.Template, o.Version, o.VersionAt = t.name(), t.Version, "/MixedInstancesPolicy/LaunchTemplate/LaunchTemplateSpecification/Version"
			for _, other := range g.MixedInstancesPolicy.LaunchTemplate.Overrides {
				if t := other.LaunchTemplateSpecification; t != nil {
					o.Alternatives = append(o.Alternatives, t.name()+" "+t.Version)
				}
			}
		case g.LaunchConfigurationName != "":
			o.Template, o.Version, o.VersionAt = "launch configuration", g.LaunchConfigurationName, "/LaunchConfigurationName"
		}
		if g.Instances == nil {
			o.Lacks = "Instances"
		}
		if err := d.add(o); err != nil {
			return err
		}
		for k, in := range g.Instances {
			o := Object{
				Type: "instance of a group", Name: in.InstanceID, Owner: g.AutoScalingGroupName,
				Identity: in.InstanceID, By: "InstanceId", Pointer: fmt.Sprintf("%s/Instances/%d", at, k),
			}
			switch {
			case in.LaunchTemplate != nil:
				o.Template, o.Version, o.VersionAt = in.LaunchTemplate.name(), in.LaunchTemplate.Version, "/LaunchTemplate/Version"
			case in.LaunchConfigurationName != "":
				o.Template, o.Version, o.VersionAt = "launch configuration", in.LaunchConfigurationName, "/LaunchConfigurationName"
			}
			if err := d.add(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// jsonTime is a time as text or as a number of seconds.
type jsonTime string

// UnmarshalJSON takes both.
func (t *jsonTime) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = jsonTime(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*t = jsonTime(n)
	return nil
}

// reservations reads describe-instances.
func reservations(d *dump, v jsontext.Value) error {
	var list []struct {
		Instances []struct {
			InstanceID string `json:"InstanceId"`
			ImageID    string `json:"ImageId"`
			Tags       []struct{ Key, Value string }
		}
	}
	if err := json.Unmarshal(v, &list); err != nil {
		return err
	}
	for i, r := range list {
		for k, in := range r.Instances {
			o := Object{
				Type: "instance", Name: in.InstanceID, Identity: in.InstanceID, By: "InstanceId",
				Version: in.ImageID, VersionAt: "/ImageId", Pointer: fmt.Sprintf("%s/%d/Instances/%d", d.at, i, k),
			}
			for _, t := range in.Tags {
				if t.Key == "aws:autoscaling:groupName" {
					o.Owner = t.Value
				}
			}
			if err := d.add(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// templates reads describe-launch-templates.
func templates(d *dump, v jsontext.Value) error {
	var list []struct {
		LaunchTemplateID     string `json:"LaunchTemplateId"`
		LaunchTemplateName   string
		DefaultVersionNumber int64
		LatestVersionNumber  int64
	}
	if err := json.Unmarshal(v, &list); err != nil {
		return err
	}
	for i, t := range list {
		o := Object{
			Type: "launch template", Name: t.LaunchTemplateName, Identity: t.LaunchTemplateID, By: "LaunchTemplateId",
			Version: strconv.FormatInt(t.LatestVersionNumber, 10), Default: strconv.FormatInt(t.DefaultVersionNumber, 10),
			Pointer: fmt.Sprintf("%s/%d", d.at, i), VersionAt: "/LatestVersionNumber",
		}
		if err := d.add(o); err != nil {
			return err
		}
	}
	return nil
}

// services reads describe-services (Amazon ECS API Reference, Service and
// Deployment: PRIMARY is the most recent, ACTIVE still has running tasks).
func services(d *dump, v jsontext.Value) error {
	var list []struct {
		ServiceArn, ServiceName, ClusterArn, TaskDefinition string
		CreatedAt                                           jsonTime
		DeploymentController                                struct{ Type string }
		Deployments                                         []struct {
			ID, Status, TaskDefinition string
			RunningCount               int
		}
	}
	if err := json.Unmarshal(v, &list); err != nil {
		return err
	}
	for i, s := range list {
		at := fmt.Sprintf("%s/%d", d.at, i)
		cluster := last(s.ClusterArn)
		o := Object{
			Type: "ecs service", Name: s.ServiceName, Owner: cluster, ARN: s.ServiceArn, Identity: string(s.CreatedAt), By: "createdAt",
			Version: s.TaskDefinition, VersionAt: "/taskDefinition", Pointer: at,
		}
		switch {
		case s.TaskDefinition == "" || s.DeploymentController.Type == "CODE_DEPLOY" || s.DeploymentController.Type == "EXTERNAL":
			o.Lacks = "taskSets" // what it should run stands in them
		case s.Deployments == nil:
			o.Lacks = "deployments"
		}
		if err := d.add(o); err != nil {
			return err
		}
		for k, p := range s.Deployments {
			o := Object{
				Type: "ecs deployment", Name: p.ID, Owner: cluster + "/" + s.ServiceName, Version: p.TaskDefinition, State: p.Status,
				Running: p.RunningCount, Identity: p.ID, By: "id", Pointer: fmt.Sprintf("%s/deployments/%d", at, k), VersionAt: "/taskDefinition",
			}
			if err := d.add(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// tasks reads describe-tasks: the group of a service's task is "service:NAME".
func tasks(d *dump, v jsontext.Value) error {
	var list []struct{ TaskArn, ClusterArn, TaskDefinitionArn, Group, LastStatus string }
	if err := json.Unmarshal(v, &list); err != nil {
		return err
	}
	for i, t := range list {
		o := Object{
			Type: "ecs task", Name: last(t.TaskArn), ARN: t.TaskArn, Identity: t.TaskArn, By: "taskArn", Version: t.TaskDefinitionArn,
			State: t.LastStatus, Pointer: fmt.Sprintf("%s/%d", d.at, i), VersionAt: "/taskDefinitionArn",
		}
		if s, ok := strings.CutPrefix(t.Group, "service:"); ok {
			o.Owner = last(t.ClusterArn) + "/" + s
		}
		if err := d.add(o); err != nil {
			return err
		}
	}
	return nil
}

// taskDefinition reads describe-task-definition.
func taskDefinition(d *dump, v jsontext.Value) error {
	var t struct {
		TaskDefinitionArn, Family string
		Revision                  int64
	}
	if err := json.Unmarshal(v, &t); err != nil {
		return err
	}
	return d.add(Object{
		Type: "ecs task definition", Name: t.Family, ARN: t.TaskDefinitionArn, Identity: t.TaskDefinitionArn, By: "taskDefinitionArn",
		Version: strconv.FormatInt(t.Revision, 10), Pointer: d.at, VersionAt: "/revision",
	})
}

// last is the last part of an ARN.
func last(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

type lambdaVersion struct{ FunctionName, FunctionArn, Version, CodeSha256 string }

func (f *lambdaVersion) object(at string) Object {
	return Object{
		Type: "lambda version", Name: f.Version, Owner: f.FunctionName, ARN: f.FunctionArn, Version: f.Version, Digest: f.CodeSha256,
		Pointer: at, VersionAt: "/Version",
	}
}

func function(d *dump, v jsontext.Value) error {
	var f lambdaVersion
	if err := json.Unmarshal(v, &f); err != nil {
		return err
	}
	return d.add(f.object(d.at))
}

func functions(d *dump, v jsontext.Value) error {
	var list []lambdaVersion
	if err := json.Unmarshal(v, &list); err != nil {
		return err
	}
	for i := range list {
		if err := d.add(list[i].object(fmt.Sprintf("%s/%d", d.at, i))); err != nil {
			return err
		}
	}
	return nil
}

type lambdaAlias struct {
	AliasArn, Name, FunctionVersion string
	RoutingConfig                   *struct{ AdditionalVersionWeights map[string]float64 }
}

func (a *lambdaAlias) object(at string) Object {
	// arn:aws:lambda:region:account:function:NAME:ALIAS
	parts := strings.Split(a.AliasArn, ":")
	o := Object{
		Type: "lambda alias", Name: a.Name, ARN: a.AliasArn, Version: a.FunctionVersion, Pointer: at, VersionAt: "/FunctionVersion",
	}
	if len(parts) == 8 {
		o.Owner = parts[6]
	}
	if a.RoutingConfig != nil {
		for v := range a.RoutingConfig.AdditionalVersionWeights {
			o.Alternatives = append(o.Alternatives, v)
		}
	}
	return o
}

func alias(d *dump, v jsontext.Value) error {
	var a lambdaAlias
	if err := json.Unmarshal(v, &a); err != nil {
		return err
	}
	return d.add(a.object(d.at))
}

func aliases(d *dump, v jsontext.Value) error {
	var list []lambdaAlias
	if err := json.Unmarshal(v, &list); err != nil {
		return err
	}
	for i := range list {
		if err := d.add(list[i].object(fmt.Sprintf("%s/%d", d.at, i))); err != nil {
			return err
		}
	}
	return nil
}
