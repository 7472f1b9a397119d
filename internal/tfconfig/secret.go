package tfconfig

import (
	"strings"

	"polygraph/internal/evidence"
)

// secretName tells whether what bears the name is nobody's business. A name
// that ends in what a secret is known by (its ARN, its path) is not.
func secretName(name string) bool {
	n := strings.ToLower(name)
	hit := false
	for _, w := range []string{"password", "passwd", "passphrase", "secret", "token", "private_key", "privatekey", "api_key", "apikey", "access_key", "credential"} {
		if strings.Contains(n, w) {
			hit = true
			break
		}
	}
	if !hit {
		return false
	}
	for _, end := range []string{"_arn", "_arns", "_id", "_ids", "_name", "_names", "_version", "_path", "_length", "_endpoint", "_type", "_enabled", "_policy", "_ttl", "_days"} {
		if strings.HasSuffix(n, end) && n != "access_key_id" {
			return false
		}
	}
	return true
}

// seal hides the strings and numbers in a value. A truth value and what refers
// to something else give nothing away; of a template the text goes.
func seal(v any) any {
	switch v := v.(type) {
	case nil, bool, evidence.Secret:
		return v
	case Part:
		v.Text = ""
		return v
	case []any:
		for i := range v {
			v[i] = seal(v[i])
		}
		return v
	case map[string]any:
		for k := range v {
			v[k] = seal(v[k])
		}
		return v
	default:
		return evidence.Seal(v)
	}
}

// sealNamed hides the value of {name = "DB_PASSWORD", value = "..."}, as
// container definitions have it.
func sealNamed(object map[string]any) {
	name, ok := object["name"].(string)
	v, has := object["value"]
	if ok && has && secretName(name) {
		object["value"] = seal(v)
	}
}
