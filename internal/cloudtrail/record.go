package cloudtrail

import (
	"bytes"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// record is one event before it is summed up.
type record struct {
	id, name, source, region, account string
	agent                             string
	time                              time.Time
	who                               Principal
	console                           bool
	only                              string // readOnly: "true", "false", "" when it does not say
	failed                            bool
	whole                             bool // the record itself was there
	resources                         []mention
	request, response                 jsontext.Value
}

func isRecordField(name string) bool {
	switch name {
	case "eventID", "eventName", "eventSource", "eventTime", "awsRegion", "userAgent", "userIdentity",
		"readOnly", "errorCode", "errorMessage", "recipientAccountId", "requestParameters", "responseElements", "resources",
		"sessionCredentialFromConsole":
		return true
	}
	return false
}

func isEventField(name string) bool {
	switch name {
	case "EventId", "EventName", "EventTime", "ReadOnly", "Resources", "CloudTrailEvent":
		return true
	}
	return isRecordField(name)
}

// recordOf reads a record's members.
func recordOf(f map[string]jsontext.Value) record {
	r := record{
		id: word(textOf(f["eventID"])), name: word(textOf(f["eventName"])), source: word(textOf(f["eventSource"])),
		region: word(textOf(f["awsRegion"])), account: word(textOf(f["recipientAccountId"])), agent: clip(textOf(f["userAgent"]), 512),
		time: parseTime(f["eventTime"]), whole: true,
		console: textOf(f["sessionCredentialFromConsole"]) == "true" || string(f["sessionCredentialFromConsole"]) == "true",
		failed:  said(f["errorCode"]) || said(f["errorMessage"]) || flag(f["responseElements"], "_return", "false") || flag(f["requestParameters"], "dryRun", "true"),
		request: f["requestParameters"], response: f["responseElements"],
	}
	switch v := f["readOnly"]; v.Kind() {
	case 't', 'f', '"':
		r.only = strings.ToLower(strings.Trim(string(v), `"`))
	}
	r.who = principalOf(f["userIdentity"])
	if r.account == "" {
		r.account = r.who.Account
	}
	each(f["resources"], func(v jsontext.Value) {
		m := membersOf(v, func(name string) bool { return name == "ARN" || name == "type" })
		if arn := textOf(m["ARN"]); identifying(arn) {
			r.resources = append(r.resources, mention{value: arn, noun: nounOfType(textOf(m["type"])), top: true})
		}
	})
	return r
}

// lookedUp reads an event of lookup-events: the record is text inside of it.
func lookedUp(f map[string]jsontext.Value) record {
	inner := textOf(f["CloudTrailEvent"])
	var r record
	if strings.HasPrefix(strings.TrimSpace(inner), "{") {
		fields := membersOf(jsontext.Value(inner), isRecordField)
		r = recordOf(fields)
		r.whole = fields["eventName"] != nil && fields["userIdentity"] != nil
	}
	if r.name == "" {
		r.name = word(textOf(f["EventName"]))
	}
	if r.time.IsZero() {
		r.time = parseTime(f["EventTime"])
	}
	if r.id == "" {
		r.id = word(textOf(f["EventId"]))
	}
	if strings.EqualFold(textOf(f["ReadOnly"]), "true") {
		r.only = "true" // either may say so
	}
	each(f["Resources"], func(v jsontext.Value) {
		m := membersOf(v, func(name string) bool { return name == "ResourceName" || name == "ResourceType" })
		if name := textOf(m["ResourceName"]); identifying(name) {
			r.resources = append(r.resources, mention{value: name, noun: nounOfType(textOf(m["ResourceType"]))})
		}
	})
	return r
}

// readOnly is what the record says, or what its name says where it does not:
// records of format 1.0 had no such field.
func (r *record) readOnly() bool {
	if r.only != "" {
		return r.only != "false"
	}
	for _, verb := range []string{"Describe", "Get", "List", "Lookup", "Head", "BatchGet", "Select", "Query", "Scan", "Search", "View", "Check", "Decrypt", "Assume", "Filter", "Simulate", "Verify", "Estimate", "Preview"} {
		if strings.HasPrefix(r.name, verb) {
			return true
		}
	}
	return false
}

func (r *record) event() Event {
	e := Event{
		ID: r.id, Name: r.name, Source: r.source, Region: r.region, Account: r.account, Time: r.time,
		Who: r.who, Via: viaOf(r.agent, r.console, r.who), keys: map[string]bool{}, tags: map[string]bool{},
	}
	w := walker{e: &e}
	w.walk(r.request)
	if createsSomething(r.name) {
		w.response = true
		w.walk(r.response)
	}
	for _, m := range r.resources {
		w.mention(m)
	}
	return e
}

func createsSomething(name string) bool {
	for _, verb := range []string{"Create", "Run", "Allocate", "Authorize", "Register", "Import", "Restore"} {
		if strings.HasPrefix(name, verb) {
			return true
		}
	}
	return false
}

// flag tells whether a member of an object has a value, as a boolean or as text:
// EC2 answers {"_return": false} where it did nothing, and a dry run does nothing.
func flag(v jsontext.Value, name, want string) bool {
	if v.Kind() != '{' {
		return false
	}
	got := membersOf(v, func(n string) bool { return strings.EqualFold(n, name) })
	for _, x := range got {
		if strings.EqualFold(strings.Trim(string(x), `"`), want) {
			return true
		}
	}
	return false
}

// said tells whether a field says anything.
func said(v jsontext.Value) bool { return v != nil && v.Kind() != 'n' && string(v) != `""` }

// membersOf returns the wanted members of an object; of one that is cut or
// broken those before the break.
func membersOf(v jsontext.Value, wanted func(string) bool) map[string]jsontext.Value {
	out := map[string]jsontext.Value{}
	dec := jsontext.NewDecoder(bytes.NewBuffer(v), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if t, err := dec.ReadToken(); err != nil || t.Kind() != '{' {
		return out
	}
	for dec.PeekKind() == '"' {
		key, err := dec.ReadToken()
		if err != nil {
			return out
		}
		name := key.String()
		value, err := dec.ReadValue()
		if err != nil {
			return out
		}
		if wanted(name) {
			out[name] = value.Clone()
		}
	}
	return out
}

// each calls fn for every element of a list.
func each(v jsontext.Value, fn func(jsontext.Value)) {
	if v.Kind() != '[' {
		return
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(v), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	_, _ = dec.ReadToken()
	for i := 0; dec.PeekKind() == '{' && i < maxMentions; i++ {
		x, err := dec.ReadValue()
		if err != nil {
			return
		}
		fn(x)
	}
}

func textOf(v jsontext.Value) string {
	if v.Kind() != '"' {
		return ""
	}
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return ""
	}
	return string(b)
}

// word is a text that may be shown: one short line.
func word(s string) string {
	if strings.ContainsFunc(s, unicode.IsControl) {
		s = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return r
		}, s)
	}
	return clip(s, maxWord)
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
