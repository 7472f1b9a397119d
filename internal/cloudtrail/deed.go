package cloudtrail

import (
	"slices"
	"strings"
)

// deed takes the name of an event apart: ModifyDBInstance does "Modify" to a
// "dbinstance". Lambda's names end in the date of its API.
func deed(name string) (verb, thing string) {
	i := strings.IndexFunc(name[min(1, len(name)):], func(r rune) bool { return r >= 'A' && r <= 'Z' })
	if i < 0 {
		return name, ""
	}
	thing = plain(name[i+1:])
	if bare := strings.TrimRight(thing, "0123456789v"); len(thing)-len(bare) >= len("20150331") {
		thing = bare
	}
	return name[:i+1], strings.TrimPrefix(thing, "default")
}

// about tells whether the event is about the object and does not only refer to
// it, as RunInstances refers to a subnet, CreateVpcEndpoint to a VPC and
// AttachRolePolicy to a policy.
func (o *object) about(e *Event, m *mention) bool {
	if isTagCall(e.Name) {
		return m.noun == "" || o.isA(m.noun)
	}
	verb, thing := deed(e.Name)
	switch {
	case revokesRule(e, m), o.whole(thing, m):
		return true
	case verb == "Create":
		return m.noun != "" && thing == m.noun+"version" // CreatePolicyVersion{policyArn}
	case len(m.noun) > 2 && strings.HasPrefix(thing, m.noun):
		return true // ModifyInstanceAttribute{instanceId}
	case (m.noun == "" || o.isA(m.noun)) && slices.ContainsFunc(o.names(), func(name string) bool { return strings.HasPrefix(thing, name) }):
		return true // AuthorizeSecurityGroupIngress{groupId}
	}
	return m.top && o.isA(m.noun) && sets(verb) && o.alone(e, m)
}

// whole tells whether a thing is all of the object: a bucket, and not its policy.
func (o *object) whole(thing string, m *mention) bool {
	for _, one := range []string{thing, strings.TrimSuffix(thing, "s")} {
		if one != "" && (one == m.noun || o.isA(one)) {
			return true
		}
	}
	return false
}

// deletes tells whether the event deletes the object itself. DeleteTags,
// DeleteBucketPolicy and DeleteRetentionPolicy{logGroupName} do not.
func (o *object) deletes(e *Event, m *mention) bool {
	if isTagCall(e.Name) {
		return false
	}
	if revokesRule(e, m) {
		return true // RevokeSecurityGroupIngress{securityGroupRuleIds} deletes rules
	}
	switch verb, thing := deed(e.Name); verb {
	case "Delete", "Terminate", "Remove", "Deregister", "Release":
		return o.whole(thing, m)
	case "Schedule":
		thing, ok := strings.CutSuffix(thing, "deletion")
		return ok && o.whole(thing, m)
	}
	return false
}

func revokesRule(e *Event, m *mention) bool {
	return m.noun == "securitygrouprule" && strings.HasPrefix(e.Name, "RevokeSecurityGroup")
}

// alone tells whether the request names nothing else at its top, as in
// PutRetentionPolicy{logGroupName, retentionInDays}. The key of an object in a
// bucket is no parameter that names something, so S3 is left out.
func (o *object) alone(e *Event, m *mention) bool {
	return !strings.HasPrefix(e.Source, "s3.") && !slices.ContainsFunc(e.mentions, func(x mention) bool { return x.top && x.value != m.value })
}

func sets(verb string) bool {
	switch verb {
	case "Put", "Update", "Modify", "Set", "Change", "Enable", "Disable", "Delete", "Reset":
		return true
	}
	return false
}
