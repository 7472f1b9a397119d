package tfplan

import (
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// ProviderConfig is what one provider block says, in constants, about where it
// acts. Only the arguments that tell this are read: others of the same block
// are credentials.
type ProviderConfig struct {
	Key    string // "aws", "aws.east", "module.db:aws"
	Module string // module_address, "" for the root
	Name   Sym    // full name of the provider
	// Values are the constants of region, project, subscription_id,
	// allowed_account_ids and, as role_arn, of assume_role.
	Values map[string][]string
	Tags   map[string]string // default_tags or default_labels
}

// Bounds of what is kept of provider blocks. MaxProviderConfigs are kept; a plan
// that has more says nothing certain about where it acts.
const (
	MaxProviderConfigs = 256
	maxConstants       = 64
	maxConstant        = 256 // bytes
)

// ambientVariable tells which root variables are read: their values say where a
// plan belongs. Any other may be a secret.
func ambientVariable(name string) bool {
	switch name {
	case "environment", "env", "stage", "tier", "account_id":
		return true
	}
	return false
}

// plainWord tells whether a variable's value is a short plain word.
func plainWord(s string) bool {
	if s == "" || len(s) > 32 {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

// timestamp reads when the plan was made. Other writers put other things there,
// which is no reason to refuse a plan.
func (r *reader) timestamp() (err error) {
	if r.kind() != '"' {
		return r.skip()
	}
	r.Timestamp, err = r.constant()
	return err
}

// variables reads the values of ambient variables; open drops those that the
// configuration does not declare or calls sensitive.
func (r *reader) variables() error {
	if r.kind() != '{' {
		return r.skip()
	}
	return r.object(func(name []byte) error {
		key := string(name)
		if !ambientVariable(key) || r.kind() != '{' {
			return r.skip()
		}
		return r.object(func(name []byte) error {
			if k := r.kind(); string(name) != "value" || k != '"' && k != '0' {
				return r.skip()
			}
			v, err := r.constant()
			if err == nil && plainWord(v) {
				r.words[key] = v
			}
			return err
		})
	})
}

// declarations notes which ambient variables the root module declares, and
// whether as sensitive.
func (r *reader) declarations() error {
	if r.kind() != '{' {
		return r.skip()
	}
	return r.object(func(name []byte) error {
		key := string(name)
		if !ambientVariable(key) || r.kind() != '{' {
			return r.skip()
		}
		r.open[key] = true
		return r.object(func(name []byte) error {
			if string(name) == "sensitive" && r.kind() != 'f' {
				r.open[key] = false
			}
			return r.skip()
		})
	})
}

// settleVariables keeps what is known not to be sensitive.
func (r *reader) settleVariables() {
	maps.DeleteFunc(r.words, func(name, _ string) bool { return !r.open[name] })
	r.Variables = r.words
}

// constant reads a string or a number; "" for a value that is too long or is
// neither.
func (r *reader) constant() (string, error) {
	v, err := r.value()
	if err != nil || len(v) > maxConstant {
		return "", err
	}
	switch v.Kind() {
	case '"':
		b, _ := jsontext.AppendUnquote(nil, v)
		r.sym.kept += int64(len(b)) + nameCost
		return string(b), nil
	case '0':
		return string(v), nil
	}
	return "", nil
}

// whereabouts reads the expressions of a provider block.
func (r *reader) whereabouts(c *ProviderConfig) error {
	if r.kind() != '{' {
		return r.skip()
	}
	return r.object(func(name []byte) error {
		switch key := string(name); key {
		case "region", "project", "subscription_id", "allowed_account_ids":
			return r.constantValue(func() error { return r.constants(c, key) })
		case "default_labels":
			return r.constantValue(func() error { return r.tags(c) })
		case "assume_role":
			return r.blocks("role_arn", func() error { return r.constants(c, "role_arn") })
		case "default_tags":
			return r.blocks("tags", func() error { return r.tags(c) })
		}
		return r.skip()
	})
}

// constantValue calls read for the constant of an expression.
func (r *reader) constantValue(read func() error) error {
	if r.kind() != '{' {
		return r.skip()
	}
	return r.object(func(name []byte) error {
		if string(name) == "constant_value" {
			return read()
		}
		return r.skip()
	})
}

// blocks calls read for the constant of one argument of nested blocks.
func (r *reader) blocks(argument string, read func() error) error {
	if r.kind() != '[' {
		return r.skip()
	}
	return r.array(func(int) error {
		if r.kind() != '{' {
			return r.skip()
		}
		return r.object(func(name []byte) error {
			if string(name) == argument {
				return r.constantValue(read)
			}
			return r.skip()
		})
	})
}

func (r *reader) constants(c *ProviderConfig, key string) error {
	one := func(int) error {
		if k := r.kind(); k != '"' && k != '0' {
			return r.skip()
		}
		v, err := r.constant()
		if err == nil && v != "" && len(c.Values[key]) < maxConstants && !slices.Contains(c.Values[key], v) {
			if c.Values == nil {
				c.Values = map[string][]string{}
			}
			c.Values[key] = append(c.Values[key], v)
		}
		return err
	}
	if r.kind() == '[' {
		return r.array(one)
	}
	return one(0)
}

func (r *reader) tags(c *ProviderConfig) error {
	if r.kind() != '{' {
		return r.skip()
	}
	return r.object(func(name []byte) error {
		if len(name) > maxConstant || len(c.Tags) == maxConstants || r.kind() != '"' {
			return r.skip()
		}
		key := string(name)
		v, err := r.constant()
		if err == nil {
			if c.Tags == nil {
				c.Tags = map[string]string{}
			}
			c.Tags[key] = v
		}
		return err
	})
}
