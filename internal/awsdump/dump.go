package awsdump

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
)

// Limits.
const (
	MaxSize    = 64 << 20 // bytes of one file
	MaxObjects = 100_000  // objects of one file
	maxDepth   = 64       // nesting of the JSON
)

// Object is one thing that a call described.
type Object struct {
	Type  string // "autoscaling group", "ecs service", ...
	Name  string // what people call it; unique among objects of its type and Owner
	Owner string // the name of what it belongs to: group, cluster, function
	ARN   string

	// Identity is what AWS gave it once, and By the member that says it: an id,
	// a resource id, the time of its creation. "" when the call shows none.
	Identity string
	By       string

	// Version is the version that it is of, or that it names; "" for none.
	Version string
	// Alternatives are further versions that it sends a part of its calls to; of a
	// group, the launch templates of its overrides, each with its version.
	Alternatives []string
	Digest       string // of the code, when the version has one
	Default      string // of a launch template: its default version
	Template     string // of a group or instance: the launch template's id or name
	Running      int    // tasks of a deployment
	State        string // of a deployment: PRIMARY, ACTIVE, INACTIVE; of a distribution: its status
	Waits        []Wait // what is stored and not in effect
	Lacks        string // the member that would tell, where the call was cut down

	Pointer   string // to the object
	VersionAt string // to its version, below Pointer
}

// Wait is a setting that is stored and not in effect.
type Wait struct {
	What  string // "the pending change of EngineVersion"
	At    string // JSON pointer
	Until string // "pending-reboot", "the maintenance window"
	Sure  bool   // false: it is on its way, and may be in effect by now
}

// Dump is what one file holds.
type Dump struct {
	Calls   []string // the calls that print such a document
	Objects []Object
}

// Kind is the kind of evidence this package reads.
func Kind() *evidence.Kind { return evidence.AWSDescribe() }

// shape is what one top-level member is told by: a member that stands somewhere
// below it. Names like "services" are everybody's.
type shape struct {
	call, below string
	read        func(*dump, jsontext.Value) error
}

func shapeOf(member string) (shape, bool) {
	switch member {
	case "Reservations":
		return shape{"aws ec2 describe-instances", "Instances", reservations}, true
	case "LaunchTemplates":
		return shape{"aws ec2 describe-launch-templates", "LaunchTemplateId", templates}, true
	case "AutoScalingGroups":
		return shape{"aws autoscaling describe-auto-scaling-groups", "AutoScalingGroupName", groups}, true
	case "services":
		return shape{"aws ecs describe-services", "serviceArn", services}, true
	case "tasks":
		return shape{"aws ecs describe-tasks", "taskArn", tasks}, true
	case "taskDefinition":
		return shape{"aws ecs describe-task-definition", "taskDefinitionArn", taskDefinition}, true
	case "Configuration":
		return shape{"aws lambda get-function", "FunctionArn", function}, true
	case "Versions":
		return shape{"aws lambda list-versions-by-function", "FunctionArn", functions}, true
	case "Aliases":
		return shape{"aws lambda list-aliases", "AliasArn", aliases}, true
	case "DBInstances":
		return shape{"aws rds describe-db-instances", "DBInstanceIdentifier", databases}, true
	case "DBClusters":
		return shape{"aws rds describe-db-clusters", "DBClusterIdentifier", databaseClusters}, true
	case "CacheClusters":
		return shape{"aws elasticache describe-cache-clusters", "CacheClusterId", cacheClusters}, true
	case "ReplicationGroups":
		return shape{"aws elasticache describe-replication-groups", "ReplicationGroupId", replicationGroups}, true
	case "cluster":
		return shape{"aws eks describe-cluster", "platformVersion", eksCluster}, true
	case "nodegroup":
		return shape{"aws eks describe-nodegroup", "nodegroupArn", nodeGroup}, true
	case "addon":
		return shape{"aws eks describe-addon", "addonArn", addon}, true
	case "Distribution":
		return shape{"aws cloudfront get-distribution", "DomainName", distribution}, true
	}
	return shape{}, false
}

// Detect tells whether a file that starts with head is a dump.
func Detect(_ string, head []byte) (*evidence.Kind, *evidence.Problem) {
	text := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if t := bytes.TrimLeft(text, " \t\r\n"); len(t) == 0 || t[0] != '{' {
		return nil, nil
	}
	has := func(name string) bool { return bytes.Contains(text, []byte(`"`+name+`"`)) }
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := dec.ReadToken(); err != nil {
		return nil, nil
	}
	alias := 0
	for dec.PeekKind() == '"' {
		tok, err := dec.ReadToken()
		if err != nil {
			return nil, nil
		}
		member := tok.String()
		if s, ok := shapeOf(member); ok && has(s.below) {
			return Kind(), nil
		}
		if member == "AliasArn" || member == "FunctionVersion" || member == "RevisionId" {
			alias++
		}
		if alias == 3 {
			return Kind(), nil // lambda get-alias
		}
		if dec.SkipValue() != nil {
			return nil, nil
		}
	}
	return nil, nil
}

// dump is a Dump that is being read.
type dump struct {
	Dump
	at string // pointer to the top-level member
}

var errTooMany = errors.New("too many objects")

func (d *dump) add(o Object) error {
	if len(d.Objects) == MaxObjects {
		return errTooMany
	}
	d.Objects = append(d.Objects, o)
	return nil
}

// Read reads a dump. Errors are *evidence.Problem and never quote what was read.
func Read(ctx context.Context, item *evidence.Item) (*Dump, error) {
	const again = "write it again: aws <service> describe-... --output json > FILE.json"
	if item.Blob.Size() > MaxSize {
		return nil, &evidence.Problem{Reason: fmt.Sprintf("the dump is larger than %d MiB, the most that is examined", MaxSize>>20), Do: "describe fewer objects at a time"}
	}
	text, err := io.ReadAll(io.NewSectionReader(item.Blob, 0, item.Blob.Size()))
	if err != nil {
		return nil, &evidence.Problem{Reason: "the dump cannot be read", Do: again, Err: err}
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if !json.Valid(text) || tooDeep(text) {
		return nil, &evidence.Problem{Reason: "not a valid JSON document, cut off, or nested too deep", Do: again}
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return nil, &evidence.Problem{Reason: "not the output of a describe call: it is no JSON object", Do: again}
	}
	d := &dump{}
	for _, member := range slices.Sorted(maps.Keys(members)) {
		s, ok := shapeOf(member)
		if !ok {
			continue
		}
		d.at = "/" + member
		if err := s.read(d, jsontext.Value(members[member])); err != nil {
			if errors.Is(err, errTooMany) {
				return nil, &evidence.Problem{Reason: fmt.Sprintf("the dump describes more than %d objects", MaxObjects), Do: "describe fewer at a time"}
			}
			return nil, &evidence.Problem{Reason: "the shape of " + member + " is not that of " + s.call, Do: again}
		}
		d.Calls = append(d.Calls, s.call)
	}
	if _, ok := members["AliasArn"]; ok && len(d.Calls) == 0 {
		d.at = ""
		if err := alias(d, jsontext.Value(text)); err != nil {
			return nil, &evidence.Problem{Reason: "the shape is not that of aws lambda get-alias", Do: again}
		}
		d.Calls = append(d.Calls, "aws lambda get-alias")
	}
	if len(d.Calls) == 0 {
		return nil, &evidence.Problem{Reason: "none of the describe calls that this Polygraph reads", Do: "see `polygraph change identity --help`"}
	}
	return &d.Dump, ctx.Err()
}

func tooDeep(text []byte) bool {
	depth, quoted, escaped := 0, false, false
	for _, c := range text {
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
