package cloudtrail

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
)

// Detect tells whether a file that starts with head holds CloudTrail events.
// Other services have Events and Records too (RDS, and notifications of S3 and
// SNS), so the first event must look like one. A lookup that found nothing is
// known by its file's name.
func Detect(name string, head []byte) (*evidence.Kind, *evidence.Problem) {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) == 0 || text[0] != '{' {
		return nil, nil
	}
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	seen := map[string]string{}
	list := scan(dec, seen)
	switch {
	case list == "":
	case dec.PeekKind() == '{':
		seen = map[string]string{}
		scan(dec, seen)
	case dec.PeekKind() == ']' && list == "Events" && strings.Contains(strings.ToLower(name), "cloudtrail"):
		return Kind(), nil
	default:
		return nil, nil
	}
	if looksLikeEvent(seen, list) {
		return Kind(), nil
	}
	return nil, nil
}

// scan reads an object's members as far as the head goes: the texts, and the
// names of the others. It stops inside of Events or Records and names them.
func scan(dec *jsontext.Decoder, seen map[string]string) (list string) {
	if t, err := dec.ReadToken(); err != nil || t.Kind() != '{' {
		return ""
	}
	for {
		key, err := dec.ReadToken()
		if err != nil || key.Kind() != '"' {
			return ""
		}
		name := key.String()
		seen[name] = ""
		switch dec.PeekKind() {
		case '[':
			if name == "Events" || name == "Records" {
				_, _ = dec.ReadToken()
				return name
			}
		case '"':
			v, err := dec.ReadToken()
			if err != nil {
				return ""
			}
			seen[name] = v.String()
			continue
		}
		if dec.SkipValue() != nil {
			return ""
		}
	}
}

// looksLikeEvent judges the members of an event of a lookup, or of a record.
func looksLikeEvent(seen map[string]string, list string) bool {
	has := func(name string) bool { _, ok := seen[name]; return ok }
	if list == "Events" {
		return has("CloudTrailEvent") || has("EventId") && has("EventName")
	}
	source := strings.TrimSuffix(seen["eventSource"], ".cn")
	return has("eventName") && strings.HasSuffix(source, ".amazonaws.com") && (has("userIdentity") || has("eventTime"))
}
