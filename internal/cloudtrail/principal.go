package cloudtrail

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Principal is who made a request.
type Principal struct {
	Name    string // "alice", "alice@example.com", "ci-4711", "ecs.application-autoscaling.amazonaws.com"
	Role    string // the role whose session it was
	SSO     string // the permission set of IAM Identity Center
	Service bool   // an AWS service did it
	Root    bool
	Account string
}

// rolePrefix is how IAM Identity Center names the roles of permission sets:
// AWSReservedSSO_<permission set>_<16 hex digits>.
const rolePrefix = "AWSReservedSSO_"

// servicePrefix is how AWS names service-linked roles.
const servicePrefix = "AWSServiceRoleFor"

// String is the principal for people.
func (p Principal) String() string {
	switch {
	case p.Root && p.Name != "":
		return p.Name
	case p.Root:
		return strings.TrimSuffix("the root user of "+p.Account, " of ")
	case p.Service:
		return "the AWS service " + p.Name
	case p.Name == "":
		return "somebody whom the event does not name"
	case p.SSO != "":
		return p.Name + " (SSO, " + p.SSO + ")"
	case p.Role != "":
		return p.Name + " (role " + p.Role + ")"
	}
	return p.Name
}

// Short is the name alone.
func (p Principal) Short() string {
	if p.Root || p.Service || p.Name == "" || p.Role != "" && p.SSO == "" {
		return p.String()
	}
	return p.Name
}

// Known tells whether the event names anybody.
func (p Principal) Known() bool { return p.Root || p.Name != "" }

func principalOf(v jsontext.Value) Principal {
	f := membersOf(v, func(string) bool { return true })
	get := func(name string) string { return word(textOf(f[name])) }
	p := Principal{Account: get("accountId")}
	arn := get("arn")
	invoked := get("invokedBy")
	if invoked == "AWS Internal" {
		invoked = "" // it does not say which service
	}
	switch get("type") {
	case "Root":
		p.Root = true
		if flag(f["sessionContext"], "assumedRoot", "true") { // somebody of the management account
			p.Name = strings.TrimSuffix("an AssumeRoot session in "+p.Account, " in ")
		}
	case "IAMUser":
		p.Name = get("userName")
		if p.Name == "" {
			p.Name = last(arn)
		}
	case "AssumedRole":
		p.Role, p.Name = session(arn, "assumed-role/")
		if p.Role == "" {
			p.Role = issuer(f["sessionContext"])
		}
		if p.Name == "" {
			_, p.Name, _ = strings.Cut(get("principalId"), ":")
		}
		if set, ok := strings.CutPrefix(p.Role, rolePrefix); ok {
			if i := strings.LastIndexByte(set, '_'); i > 0 {
				set = set[:i]
			}
			p.SSO = set
		}
		if strings.HasPrefix(p.Role, servicePrefix) {
			p.Service = true
			if p.Name = invoked; p.Name == "" {
				p.Name = p.Role
			}
		}
	case "FederatedUser":
		p.Name = last(arn)
		p.Role = ""
	case "AWSService":
		p.Service, p.Name = true, invoked
		if p.Name == "" {
			p.Name = "that the event does not name"
		}
	case "AWSAccount":
		if p.Account != "" {
			p.Name = "the account " + p.Account
		}
	case "IdentityCenterUser":
		on := membersOf(f["onBehalfOf"], func(name string) bool { return name == "userId" })
		if id := word(textOf(on["userId"])); id != "" {
			p.Name = "the Identity Center user " + id
		}
	default: // SAMLUser, WebIdentityUser, Role, Directory, Unknown and what comes
		if p.Name = get("userName"); p.Name == "" {
			p.Name = last(arn)
		}
		if p.Name == "" {
			p.Name = get("principalId")
		}
	}
	return p
}

// session splits arn:aws:sts::123456789012:assumed-role/ROLE/SESSION.
func session(arn, kind string) (role, name string) {
	_, rest, ok := strings.Cut(arn, ":"+kind)
	if !ok {
		return "", ""
	}
	role, name, _ = strings.Cut(rest, "/")
	return role, name
}

func issuer(v jsontext.Value) string {
	c := membersOf(v, func(name string) bool { return name == "sessionIssuer" })
	i := membersOf(c["sessionIssuer"], func(name string) bool { return name == "userName" })
	return word(textOf(i["userName"]))
}

func last(arn string) string {
	if i := strings.LastIndexAny(arn, "/:"); i >= 0 {
		return arn[i+1:]
	}
	return arn
}
