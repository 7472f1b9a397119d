package facts

import (
	"strings"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/tfplan"
)

// SeveralAccounts is the account of a plan whose provider blocks act in more
// than one, or may: no account is called so.
const SeveralAccounts = "several accounts"

// whole is the plan itself as a thing: what its provider blocks and variables
// say about where all of it belongs. A mark is only there when every root block
// of a cloud provider says the same; the variable environment is the tag
// "var.environment".
func whole(p *tfplan.Plan) evidence.Thing {
	t := evidence.Thing{Subject: finding.Subject{Kind: "terraform-plan", Identity: "plan"}}
	var accounts, regions []string
	var tags map[string]string
	if len(p.ProviderConfigs) < tfplan.MaxProviderConfigs {
		for _, c := range p.ProviderConfigs {
			if c.Module != "" || !isCloud(p, c) {
				continue
			}
			a, sure := configAccount(c)
			if !sure {
				a = "?" // two accounts in one block: agrees with nobody
			}
			accounts = append(accounts, a)
			regions = append(regions, strings.Join(c.Values["region"], " "))
			tags = common(tags, c.Tags, len(accounts) == 1)
		}
	}
	t.Marks.Account, t.Marks.Region = unanimous(accounts), text(unanimous(regions))
	if sum := strings.Join(accounts, ""); sum != "" && (t.Marks.Account == "" || t.Marks.Account == "?") {
		t.Marks.Account = SeveralAccounts
	}
	if a := p.Variables["account_id"]; isAccount(a) && strings.Join(accounts, "") == "" {
		t.Marks.Account = a
	}
	for _, name := range []string{"environment", "env", "stage", "tier"} {
		if v := p.Variables[name]; v != "" {
			if tags == nil {
				tags = map[string]string{}
			}
			tags["var."+name] = v
		}
	}
	t.Marks.Tags = tags
	return t
}

func isCloud(p *tfplan.Plan, c tfplan.ProviderConfig) bool {
	name := p.Name(c.Name)
	name = name[strings.LastIndexByte(name, '/')+1:]
	if name == "" {
		name, _, _ = strings.Cut(c.Key, ".")
	}
	switch name {
	case "aws", "awscc", "google", "google-beta", "azurerm":
		return true
	}
	return false
}

// configAccount is the account that a provider block acts in: "" when it does
// not say, not sure when it says several.
func configAccount(c tfplan.ProviderConfig) (account string, sure bool) {
	var said []string
	said = append(said, c.Values["allowed_account_ids"]...)
	for _, arn := range c.Values["role_arn"] {
		if a := arnPart(arn, 4); a != "" {
			said = append(said, a)
		}
	}
	said = append(said, c.Values["project"]...)
	said = append(said, c.Values["subscription_id"]...)
	for _, s := range said {
		if text(s) == "" || s != said[0] {
			return "", false
		}
		account = s
	}
	return account, true
}

// unanimous is what all say, "" when they differ.
func unanimous(all []string) string {
	for _, s := range all {
		if s != all[0] {
			return ""
		}
	}
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// common keeps the tags that both have.
func common(a, b map[string]string, start bool) map[string]string {
	out := map[string]string{}
	for k, v := range b {
		if (start || a[k] == v) && text(k) != "" && text(v) != "" {
			out[k] = v
		}
	}
	return out
}
