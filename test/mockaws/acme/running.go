package acme

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The mock has no machines. These are the answers that two describe calls give when a group does
// what its documentation says: an instance runs what it was launched with.

type templateSpec struct {
	LaunchTemplateID   string `json:"LaunchTemplateId"`
	LaunchTemplateName string
	Version            string
}

type machine struct {
	InstanceID              string `json:"InstanceId"`
	AvailabilityZone        string
	LifecycleState          string
	HealthStatus            string
	LaunchConfigurationName string        `json:",omitempty"`
	LaunchTemplate          *templateSpec `json:",omitempty"`
	ProtectedFromScaleIn    bool
}

type group struct {
	AutoScalingGroupName    string
	AutoScalingGroupARN     string
	LaunchConfigurationName string        `json:",omitempty"`
	LaunchTemplate          *templateSpec `json:",omitempty"`
	MinSize, MaxSize        int
	DesiredCapacity         int
	DefaultCooldown         int
	AvailabilityZones       []string
	HealthCheckType         string
	HealthCheckGracePeriod  int
	Instances               []machine
	CreatedTime             string
	SuspendedProcesses      []map[string]string
	VPCZoneIdentifier       string
	NewInstancesProtected   bool `json:"NewInstancesProtectedFromScaleIn"`
}

type template struct {
	LaunchTemplateID     string `json:"LaunchTemplateId"`
	LaunchTemplateName   string
	CreateTime           string
	DefaultVersionNumber int
	LatestVersionNumber  int
}

// running answers describe-auto-scaling-groups and describe-launch-templates for the time after
// the plan was applied, by file name.
func running(before, after []byte) (map[string][]byte, error) {
	was, err := Instances(before)
	if err != nil {
		return nil, err
	}
	is, err := Instances(after)
	if err != nil {
		return nil, err
	}
	var groups struct{ AutoScalingGroups []group }
	var templates struct{ LaunchTemplates []template }
	for _, address := range sortedAddresses(is) {
		switch o := is[address]; o.Type {
		case "aws_autoscaling_group":
			groups.AutoScalingGroups = append(groups.AutoScalingGroups, groupAfter(was[address], o, was, is))
		case "aws_launch_template":
			templates.LaunchTemplates = append(templates.LaunchTemplates, template{
				LaunchTemplateID: o.ID, LaunchTemplateName: o.text("name"), CreateTime: made,
				DefaultVersionNumber: o.number("default_version"), LatestVersionNumber: o.number("latest_version"),
			})
		}
	}
	out := map[string][]byte{}
	for name, v := range map[string]any{"groups.json": groups, "templates.json": templates} {
		data, err := json.MarshalIndent(v, "", "    ")
		if err != nil {
			return nil, err
		}
		out[name] = append(data, '\n')
	}
	return out, nil
}

const made = "2025-11-03T09:00:00+00:00"

// groupAfter is a group after the apply. What ran goes on, with what it was launched from, unless
// the apply started an instance refresh; what is launched now takes what the group names now.
func groupAfter(was, is Instance, before, after map[string]Instance) group {
	g := group{
		AutoScalingGroupName: is.text("name"), AutoScalingGroupARN: is.text("arn"),
		LaunchConfigurationName: is.text("launch_configuration"),
		MinSize:                 is.number("min_size"), MaxSize: is.number("max_size"), DesiredCapacity: is.number("desired_capacity"),
		DefaultCooldown: 300, AvailabilityZones: []string{"eu-west-1a"}, HealthCheckType: "EC2", HealthCheckGracePeriod: 300,
		Instances: []machine{}, CreatedTime: made, SuspendedProcesses: []map[string]string{},
	}
	var subnets []string
	for _, s := range is.list("vpc_zone_identifier") {
		subnets = append(subnets, fmt.Sprint(s))
	}
	g.VPCZoneIdentifier = strings.Join(subnets, ",")
	for _, p := range is.list("suspended_processes") {
		g.SuspendedProcesses = append(g.SuspendedProcesses, map[string]string{"ProcessName": fmt.Sprint(p), "SuspensionReason": "User suspended at 2025-11-17T07:12:44Z"})
	}
	then, now := launchSpec(was, before), launchSpec(is, after)
	if len(is.list("launch_template")) > 0 {
		named := *now
		named.Version = is.text("launch_template.0.version")
		g.LaunchTemplate = &named
	}
	refreshed := len(is.list("instance_refresh")) > 0 && was.text("launch_template.0.version") != is.text("launch_template.0.version")
	suspended := slices.Contains(is.list("suspended_processes"), any("Launch"))
	for i := range g.DesiredCapacity {
		m := machine{
			InstanceID:       fmt.Sprintf("i-%.17x", sha256.Sum256(fmt.Appendf(nil, "%s/%d", g.AutoScalingGroupName, i))),
			AvailabilityZone: "eu-west-1a", LifecycleState: "InService", HealthStatus: "Healthy",
		}
		old := i < was.number("desired_capacity")
		switch {
		case !old && suspended:
			continue
		case old && !refreshed:
			m.LaunchTemplate, m.LaunchConfigurationName = then, was.text("launch_configuration")
		default:
			m.LaunchTemplate, m.LaunchConfigurationName = now, is.text("launch_configuration")
		}
		g.Instances = append(g.Instances, m)
	}
	return g
}

// launchSpec is what a group launches from, with the version as a number.
func launchSpec(g Instance, all map[string]Instance) *templateSpec {
	id := g.text("launch_template.0.id")
	for _, t := range all {
		if t.Type != "aws_launch_template" || t.ID != id {
			continue
		}
		version := g.text("launch_template.0.version")
		switch version {
		case "$Latest":
			version = strconv.Itoa(t.number("latest_version"))
		case "$Default":
			version = strconv.Itoa(t.number("default_version"))
		}
		return &templateSpec{LaunchTemplateID: id, LaunchTemplateName: t.text("name"), Version: version}
	}
	return nil
}

func (i Instance) text(path string) string {
	s, _ := i.at(path).(string)
	return s
}

func (i Instance) number(path string) int {
	f, _ := i.at(path).(float64)
	return int(f)
}

func (i Instance) list(path string) []any {
	l, _ := i.at(path).([]any)
	return l
}

func sortedAddresses(m map[string]Instance) []string {
	var out []string
	for address := range m {
		out = append(out, address)
	}
	slices.Sort(out)
	return out
}
