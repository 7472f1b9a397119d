package environment

import (
	"strings"

	"polygraph/internal/evidence"
)

// A name joins two things only as far as it is unique:
//
//	everywhere           an ARN with an account or of a global service, i-..., vpc-..., sg-... and their
//	                     like, a digest, an Azure resource ID, a Google self link with its project
//	within type, account any other id, with the region: "id:aws_db_instance@111122223333/eu-west-1:shop"
//	within type, place   a name, or an id of which the account is not known: place is the environment, or
//	                     the evidence when that is not known
//	within its evidence  a Terraform address
//
// A placeholder ("default", "-", "1", a region) names nothing.

// Address is the name under which Add knows a thing of some evidence.
func Address(path string, t *evidence.Thing) string {
	return t.Subject.Kind + ":" + path + "#" + t.Subject.Identity
}

// unique gives an alias "kind:identity" of a thing the name under which it is
// unique, or "" when it names nothing.
func unique(path string, t *evidence.Thing, alias string) string {
	kind, id, ok := strings.Cut(alias, ":")
	if !ok || placeholder(id, t.Marks.Region) {
		return ""
	}
	if kind == "arn" || strings.HasPrefix(id, "arn:") {
		if globalARN(id) {
			return "arn:" + id
		}
		kind = "id"
	}
	typ := typeOf(t.Subject.Identity)
	switch {
	case kind == "digest" && isDigest(id):
		return alias
	case (kind == "id" || kind == "eni") && globalID(id) && !facet(typ):
		return "id:" + id
	case kind == "id" && t.Marks.Account != "":
		return "id:" + typ + "@" + t.Marks.Account + "/" + t.Marks.Region + ":" + id
	}
	place := path
	if t.Subject.Environment != "" && t.Subject.Inferred == "" && kind == "name" {
		place = "environment " + t.Subject.Environment
	}
	return kind + ":" + typ + "@" + place + ":" + id
}

// placeholder tells whether an id is too common to name one thing: a pattern, or
// everybody's, such as arn:aws:iam::aws:policy/ReadOnlyAccess.
func placeholder(id, region string) bool {
	if len(id) < 3 || id == region || strings.Contains(id, "*") || strings.Contains(id, "::aws:") {
		return true
	}
	switch strings.ToLower(id) {
	case "default", "none", "null", "true", "false", "main", "n/a", "unknown", "terraform-id", "static":
		return true
	}
	return strings.Trim(id, "0123456789.-*") == "" && len(id) < 12
}

// globalARN tells whether an ARN names one thing in the world: with the number
// of an account, or of a service whose names are global.
func globalARN(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || !strings.HasPrefix(parts[1], "aws") || parts[2] == "" || parts[5] == "" {
		return false
	}
	switch {
	case accountNumber(parts[4]):
		return true
	case parts[4] != "":
		return false
	}
	return parts[2] == "s3" || parts[2] == "route53"
}

func accountNumber(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// globalID tells whether an id is one that a cloud hands out once.
func globalID(id string) bool {
	if strings.HasPrefix(id, "/subscriptions/") && strings.Count(id, "/") >= 8 {
		return true
	}
	if strings.HasPrefix(id, "projects/") && strings.Count(id, "/") >= 3 {
		return true
	}
	i := strings.LastIndexByte(id, '-')
	if i < 1 || !hexadecimal(id[i+1:]) || len(id)-i-1 != 8 && len(id)-i-1 != 17 {
		return false
	}
	switch id[:i] {
	case "i", "vpc", "subnet", "sg", "sgr", "rtb", "acl", "eni", "eipalloc", "igw", "eigw", "nat", "vgw", "cgw", "vpn",
		"tgw", "tgw-attach", "tgw-rtb", "pcx", "vpce", "vpce-svc", "vol", "snap", "ami", "lt", "dopt", "fs", "fsap", "pl", "lgw", "cr":
		return true
	}
	return false
}

// facet tells whether objects of a type may go by the id of the object that
// they are part of: the policy of an endpoint, the association of a table.
func facet(typ string) bool {
	for _, end := range []string{"_policy", "_attachment", "_association", "_tag", "_options", "_acl", "_versioning", "_configuration", "_status"} {
		if strings.HasSuffix(typ, end) {
			return true
		}
	}
	return false
}

func isDigest(id string) bool {
	_, sum, ok := strings.Cut(id, "sha256:")
	return ok && len(sum) == 64 && hexadecimal(sum)
}

func hexadecimal(s string) bool {
	return s != "" && strings.Trim(s, "0123456789abcdef") == ""
}
