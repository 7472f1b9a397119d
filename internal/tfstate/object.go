package tfstate

import (
	"bytes"
	"encoding/json"
	"errors"
	"hash/fnv"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
)

// Limits of what is kept of one state.
const (
	// MaxObjects bounds the objects of one state.
	MaxObjects = 200_000
	// MaxKept bounds the attributes and sums that are kept of one state, in
	// bytes. A state of ten thousand objects keeps about 15 MiB.
	MaxKept = 256 << 20
	// MaxAttribute bounds one attribute that is kept; a longer one is left out.
	MaxAttribute = 16 << 10
	// MaxSums bounds the attributes of one object that have a sum of their own;
	// those beyond it share the sum of the last.
	MaxSums = 512
)

// Object is one object of a state.
type Object struct {
	Address string
	Type    string
	ID      string // attribute id, "" when the object has none or it is sensitive
	Data    bool
	Deposed bool
	// Attributes are those that say what the object is and of which version:
	// strings, json.Number, bools, lists and maps. What the state marks as
	// sensitive, in whole or in part, is an evidence.Secret.
	Attributes map[string]any
	// Sums has one entry for each attribute, in the order of the state.
	Sums []Sum
	// Tainted tells that Terraform will replace it.
	Tainted bool
	// Pointer and Offset say where it stands in the file; Depth is how many
	// steps the pointer has.
	Pointer string
	Offset  int64
	// Prefix is the step from the object to its attributes: "attributes" in a
	// state file, "values" where it was shown as JSON.
	Prefix string
}

// Sum is the name of an attribute and a hash of its value: it tells whether the
// attribute differs, and not what it is. Hash is 0 for a value that says
// nothing: null, "", [] or {}.
type Sum struct {
	Name string
	Hash uint64
}

// kept are the attributes that say what an object is, and of which version.
// None of them is a credential by its documentation; one that a state marks as
// sensitive is sealed.
func kept(name string) bool {
	switch name {
	case "id", "arn", "name", "name_prefix", "bucket", "key", "identifier", "url", "path", "self_link",
		// who made it what it is: given by the cloud, once
		"unique_id", "uid", "metadata", "resource_id", "cluster_resource_id", "dbi_resource_id", "instance_id", "key_id", "owner_id", "policy_id", "cluster_namespace_arn",
		"create_date", "created_date", "creation_date", "created_at", "create_time", "created_time", "creation_time", "creation_timestamp", "alarm_name",
		// what it is called, and to whom it belongs
		"function_name", "cluster_name", "cluster_identifier", "replication_group_id", "cluster_id", "node_group_name", "addon_name", "family",
		"cluster", "role", "user", "group", "auto_scaling_group_name", "policy_arn", "security_group_id", "security_group_rule_id", "rest_api_id", "api_id", "zone_id", "route_table_id",
		// of which version it is, or which one it names
		"version", "version_id", "qualifier", "qualified_arn", "function_version", "publish", "code_sha256", "source_code_hash", "routing_config",
		"last_modified", "stream_label",
		"launch_template", "launch_configuration", "mixed_instances_policy", "latest_version", "default_version",
		"engine_version", "engine_version_actual", "task_definition", "revision", "arn_without_revision",
		"ami", "image_id", "image_uri", "image", "release_version", "platform_version", "addon_version":
		return true
	}
	return false
}

// builder collects what is kept of one state.
type builder struct {
	names map[string]string // interned attribute names
	used  int64
	count int
	buf   []byte

	skipped int64 // bytes before the text
}

var errTooMuch = errors.New("more than is kept of a state")

// spend counts what is kept. The budget is that of the whole state.
func (b *builder) spend(n int) error {
	if b.used += int64(n); b.used > MaxKept {
		return errTooMuch
	}
	return nil
}

func (b *builder) name(raw []byte) string {
	if s, ok := b.names[string(raw)]; ok {
		return s
	}
	s := string(raw)
	b.names[s] = s
	return s
}

// attributes reads the attributes of one object.
func (b *builder) attributes(dec *jsontext.Decoder, o *Object) error {
	if dec.PeekKind() != '{' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		raw, err := dec.ReadValue()
		if err != nil {
			return err
		}
		unquoted, _ := jsontext.AppendUnquote(nil, raw)
		name := b.name(unquoted)
		v, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if err := b.attribute(o, name, v); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

func (b *builder) attribute(o *Object, name string, v jsontext.Value) error {
	if err := b.spend(24); err != nil {
		return err
	}
	h := b.hash(v)
	if len(o.Sums) == MaxSums {
		o.Sums[MaxSums-1].Hash = o.Sums[MaxSums-1].Hash*1099511628211 ^ h
	} else {
		o.Sums = append(o.Sums, Sum{name, h})
	}
	if !kept(name) || h == 0 || len(v) > MaxAttribute {
		return nil
	}
	if name == "id" {
		o.ID = text(v)
	}
	if err := b.spend(2*len(v) + 64); err != nil {
		return err
	}
	x, ok := decode(v)
	if !ok {
		return nil
	}
	if o.Attributes == nil {
		o.Attributes = map[string]any{}
	}
	if name == "metadata" {
		x = pickMetadata(x)
	}
	o.Attributes[name] = x
	return nil
}

// decode is a value with its numbers as they are written: 64-bit identifiers do
// not fit a float.
func decode(v jsontext.Value) (any, bool) {
	switch v.Kind() {
	case '"':
		return text(v), true
	case '0':
		return json.Number(v), true
	}
	dec := json.NewDecoder(bytes.NewReader(v))
	dec.UseNumber()
	var x any
	err := dec.Decode(&x)
	return x, err == nil
}

// pickMetadata keeps of the metadata of a Kubernetes object what identifies it;
// labels and annotations are not needed.
func pickMetadata(v any) any {
	list, _ := v.([]any)
	if len(list) != 1 {
		return nil
	}
	m, _ := list[0].(map[string]any)
	out := map[string]any{}
	for _, k := range []string{"uid", "name", "namespace"} {
		if s, ok := m[k].(string); ok && s != "" {
			out[k] = s
		}
	}
	return []any{out}
}

// Hash is the hash of a value, as in Sum. The order of the members of an object
// and the way in which text is escaped do not matter.
func Hash(v jsontext.Value) uint64 { return (&builder{}).hash(v) }

func (b *builder) hash(v jsontext.Value) uint64 {
	switch string(v) {
	case "null", `""`, "[]", "{}":
		return 0
	}
	f := fnv.New64a()
	if k := v.Kind(); k != '{' && k != '[' && bytes.IndexByte(v, '\\') < 0 {
		_, _ = f.Write(v) // as it would be written again
		return max(1, f.Sum64())
	}
	b.buf = append(b.buf[:0], v...)
	c := jsontext.Value(b.buf)
	// Numbers stay as they are written: as floats two 64-bit identifiers could
	// look alike.
	_ = c.Format(jsontext.AllowInvalidUTF8(true), jsontext.ReorderRawObjects(true), jsontext.CanonicalizeRawInts(false))
	if string(c) == "[]" || string(c) == "{}" {
		return 0
	}
	_, _ = f.Write(c)
	return max(1, f.Sum64())
}

// seal hides the attributes that the state marks.
func (o *Object) seal(hidden func(name string) bool) {
	for name, v := range o.Attributes {
		if hidden(name) {
			o.Attributes[name] = evidence.Seal(v)
			if name == "id" {
				o.ID = ""
			}
		}
	}
}

// hiddenPaths understands sensitive_attributes of a state file: a list of
// paths, of which the first step names the attribute. A path it does not
// understand hides everything.
func hiddenPaths(v jsontext.Value) func(string) bool {
	if v == nil || v.Kind() == 'n' {
		return func(string) bool { return false }
	}
	var paths [][]struct {
		Type  string
		Value any
	}
	all := json.Unmarshal(v, &paths) != nil
	names := map[string]bool{}
	for _, p := range paths {
		name, ok := "", false
		if len(p) > 0 {
			name, ok = p[0].Value.(string)
		}
		all = all || !ok
		names[name] = true
	}
	return func(name string) bool { return all || names[name] }
}

// hiddenValues understands sensitive_values of a state shown as JSON: the shape
// of the values, with true at what is sensitive.
func hiddenValues(v jsontext.Value) func(string) bool {
	if v == nil {
		return func(string) bool { return false }
	}
	var m map[string]any
	all := json.Unmarshal(v, &m) != nil && string(v) != "false"
	return func(name string) bool { return all || marked(m[name]) }
}

func marked(v any) bool {
	switch x := v.(type) {
	case bool:
		return x
	case []any:
		for _, y := range x {
			if marked(y) {
				return true
			}
		}
	case map[string]any:
		for _, y := range x {
			if marked(y) {
				return true
			}
		}
	case nil:
		return false
	}
	return false
}
