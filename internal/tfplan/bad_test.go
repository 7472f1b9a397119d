package tfplan

import (
	"encoding/binary"
	"errors"
	"math/rand"
	"regexp"
	"strings"
	"testing"

	"polygraph/internal/evidence"
)

// refusal reads bad bytes and returns the problem; anything else fails.
func refusal(t *testing.T, name string, data []byte) *evidence.Problem {
	t.Helper()
	p, err := readPlan(t, data)
	var problem *evidence.Problem
	if err == nil || p != nil || !errors.As(err, &problem) || error(problem) != err {
		t.Fatalf("%s: plan %v, error %#v: want a problem", name, p != nil, err)
	}
	if problem.Reason == "" || problem.Do == "" {
		t.Errorf("%s: it must say what is wrong and what to do: %+v", name, problem)
	}
	if strings.Contains(problem.Reason, "jsontext") || strings.Contains(problem.Reason, "Go ") {
		t.Errorf("%s: the text is for programmers: %s", name, problem.Reason)
	}
	return problem
}

func TestBadPlans(t *testing.T) {
	change := func(text string) string { return `{"format_version":"1.2","resource_changes":[` + text + `]}` }
	for name, c := range map[string]struct{ data, reason string }{
		"empty":                  {"", "empty"},
		"bom alone":              {"\xef\xbb\xbf", "truncated"},
		"whitespace":             {" \n\t ", "truncated"},
		"a string":               {`"plan"`, "is a string"},
		"an array":               {`[]`, "is an array"},
		"null":                   {`null`, "null"},
		"binary zip":             {"PK\x03\x04" + strings.Repeat("\x00", 26) + "tfplan", "byte 0"},
		"nul bytes":              {strings.Repeat("\x00", 100), "byte 0"},
		"nul inside":             {"{\x00}", "byte 1"},
		"not a plan":             {`{"format_version":"1.2","values":{}}`, "none of resource_changes"},
		"other major":            {`{"format_version":"2.0","resource_changes":[]}`, `"2.0"`},
		"other major, late":      {`{"resource_changes":[],"format_version":"2.0"}`, `"2.0"`},
		"major of two digits":    {`{"format_version":"10.0","resource_changes":[]}`, `"10.0"`},
		"format is a number":     {`{"format_version":1.2,"resource_changes":[]}`, "/format_version is a number, want a string"},
		"changes are a string":   {`{"resource_changes":"x"}`, "/resource_changes is a string, want an array"},
		"changes are an object":  {`{"resource_changes":{}}`, "/resource_changes is an object, want an array"},
		"drift is a number":      {`{"resource_drift":1}`, "/resource_drift is a number, want an array"},
		"an entry is a string":   {change(`"x"`), "/resource_changes/0 is a string, want an object"},
		"change is an array":     {change(`{"change":[]}`), "/resource_changes/0/change is an array, want an object"},
		"address is a number":    {change(`{"address":1}`), "/resource_changes/0/address is a number, want a string"},
		"type is a boolean":      {change(`{"type":true}`), "/resource_changes/0/type is a boolean, want a string"},
		"mode is an object":      {change(`{"mode":{}}`), "/resource_changes/0/mode is an object"},
		"actions are a string":   {change(`{"change":{"actions":"update"}}`), "/resource_changes/0/change/actions is a string, want an array"},
		"an action is a number":  {change(`{"change":{"actions":[1]}}`), "/resource_changes/0/change/actions/0 is a number"},
		"paths are a string":     {change(`{"change":{"replace_paths":"a"}}`), "replace_paths is a string"},
		"the third is a string":  {change(`{},{},"x"`), "/resource_changes/2 is a string, want an object"},
		"a path is a string":     {change(`{"change":{"replace_paths":["a"]}}`), "replace_paths/0 is a string, want an array"},
		"errored is a string":    {`{"errored":"yes","resource_changes":[]}`, "/errored is a string, want a boolean"},
		"configuration is text":  {`{"configuration":"x"}`, "/configuration is a string"},
		"resources are text":     {`{"configuration":{"root_module":{"resources":"x"}}}`, "/resources is a string"},
		"expressions are a list": {`{"configuration":{"root_module":{"resources":[{"expressions":[]}]}}}`, "/expressions is an array"},
		"relevant is a number":   {`{"relevant_attributes":7}`, "/relevant_attributes is a number"},
		"checks are a boolean":   {`{"checks":false}`, "/checks is a boolean"},
		"twice at the top":       {`{"resource_changes":[],"resource_changes":[]}`, "twice"},
		"twice in a change":      {change(`{"change":{"actions":["no-op"],"actions":["delete"]}}`), "twice"},
		"twice by escape":        {change(`{"change":{"actions":["no-op"],"\u0061ctions":["delete"]}}`), "twice"},
		"twice in a value":       {change(`{"change":{"actions":["update"],"before":{"a":1,"a":2}}}`), "twice"},
		"twice in a skipped one": {`{"resource_changes":[],"prior_state":{"a":{"b":{"c":{"d":{"e":1,"e":1}}}}}}`, "twice"},
		"two documents":          {`{"resource_changes":[]}{"resource_changes":[]}`, "more JSON after the plan"},
		"text behind":            {`{"resource_changes":[]} x`, "not valid JSON"},
		"trailing comma":         {`{"resource_changes":[],}`, "not valid JSON"},
		"single quotes":          {`{'resource_changes':[]}`, "not valid JSON"},
		"nested too deep":        {`{"resource_changes":` + strings.Repeat("[", 20_000), "/resource_changes/0 is an array"},
		"skipped, too deep":      {`{"variables":` + strings.Repeat("[", 1_000_000), "too deep"},
		"references too deep":    {`{"configuration":{"root_module":{"outputs":{"a":` + strings.Repeat(`{"b":`, 1_000_000), "too deep"},
		"modules too deep":       {`{"configuration":{"root_module":` + strings.Repeat(`{"module_calls":{"m":{"module":`, 300_000), ""},
	} {
		p := refusal(t, name, []byte(c.data))
		if !strings.Contains(p.Reason, c.reason) {
			t.Errorf("%s: %q does not say %q", name, p.Reason, c.reason)
		}
		if len(p.Reason) > 300 {
			t.Errorf("%s: the reason is %d bytes long", name, len(p.Reason))
		}
	}
}

func TestGoodPlansOfOtherVersions(t *testing.T) {
	for name, data := range map[string]string{
		"newer minor, unknown keys": `{"format_version":"1.99","new":{"x":[1]},"resource_changes":[{"address":"t.n","type":"t","name":"n","new":1,"change":{"actions":["create"],"newer":{}}}],"configuration":{"new":{},"root_module":{"new":[]}}}`,
		"old":                       `{"format_version":"0.1","planned_values":{}}`,
		"trimmed":                   `{"resource_changes":[]}`,
		"null sections":             `{"format_version":null,"resource_changes":null,"configuration":null,"resource_drift":null,"relevant_attributes":null,"checks":null,"planned_values":null,"errored":null,"deferred_changes":null}`,
		"newline behind":            "{\"resource_changes\":[]}\r\n\r\n",
		"latin-1 in a value":        "{\"terraform_version\":\"\xe4\",\"resource_changes\":[{\"address\":\"t.n[\\\"\xe4\\\"]\",\"change\":{\"actions\":[\"update\"],\"before\":{\"\xe4\":\"\xfc\"},\"after\":{}}}]}",
	} {
		p, err := readPlan(t, []byte(data))
		if err != nil || p == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// smallPlan has every section in it.
const smallPlan = `{"format_version":"1.2","terraform_version":"1.11.4","errored":false,"variables":{"a":{"value":"x"}},
"planned_values":{"root_module":{"resources":[{"address":"t.n","values":{"a":"ä"}}]}},
"resource_drift":[{"address":"t.n","type":"t","name":"n","change":{"actions":["update"],"before":{"a":1},"after":{"a":2}}}],
"resource_changes":[{"address":"module.m[\"k\"].t.n","module_address":"module.m[\"k\"]","mode":"managed","type":"t","name":"n","index":0,"provider_name":"p",
"change":{"actions":["delete","create"],"before":{"a":1.5e3,"s":"\u00e4"},"after":{"a":null},"after_unknown":{"id":true},"before_sensitive":{"s":true},"after_sensitive":false,"replace_paths":[["a"]]},"action_reason":"x"}],
"relevant_attributes":[{"resource":"t.n","attribute":["a",0]}],"checks":[{"status":"pass"}],
"configuration":{"root_module":{"outputs":{"o":{"expression":{"references":["t.n.id","t.n"]}}},"resources":[{"mode":"managed","type":"t","name":"n","expressions":{"a":{"references":["var.x"]}},"count_expression":{"constant_value":2}}],
"module_calls":{"m":{"expressions":{"x":{"references":["local.y"]}},"module":{}}}}}}`

func TestTruncatedAtEveryByte(t *testing.T) {
	if _, err := readPlan(t, []byte(smallPlan)); err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile(`empty|byte \d+`)
	for name, data := range map[string][]byte{"utf8": []byte(smallPlan), "utf16": utf16Of(smallPlan, binary.BigEndian)} {
		for n := range data {
			if n == len(data)-1 && name == "utf16" {
				continue // half of the last character: what is there is whole
			}
			p := refusal(t, name, data[:n])
			if !place.MatchString(p.Reason) || n > 3 && name == "utf8" && !strings.Contains(p.Reason, "truncated") {
				t.Errorf("%s cut at %d: %s", name, n, p.Reason)
			}
		}
	}
}

// TestDamagedPlans flips bytes: the plan is refused or read, never a panic, and
// a problem never quotes a value.
func TestDamagedPlans(t *testing.T) {
	r := rand.New(rand.NewSource(4))
	base := []byte(strings.ReplaceAll(smallPlan, `1.5e3`, `{"CANARYKEY":"CANARY","CANARYKEY2":["CANARY"]}`))
	read := 0
	for range 20_000 {
		data := append([]byte(nil), base...)
		for range 1 + r.Intn(3) {
			data[r.Intn(len(data))] = "{}[]\",:\\0tn \x00\xff"[r.Intn(14)]
		}
		p, err := readPlan(t, data)
		if err == nil {
			read++
			for i := range p.Changes {
				_, _ = p.Detail(&p.Changes[i])
			}
			continue
		}
		if strings.Contains(err.Error(), "CANARY") {
			t.Fatalf("quotes a value: %v", err)
		}
	}
	if read == 0 || read > 15_000 {
		t.Errorf("%d of 20000 damaged plans were read", read)
	}
	for range 2000 {
		noise := make([]byte, r.Intn(300))
		r.Read(noise)
		refusal(t, "noise", noise)
	}
}

func TestDuplicateNamesDoNotQuoteTheirValue(t *testing.T) {
	for _, change := range []string{
		`"before":{"m":{"CANARY":1,"CANARY":2}}`, `"before":{"m":{"CANARY":{"x":tru}}}`, `"after":{"m":["\xCANARY"]}`, `"before":{"m":{"CANARY":01}}`,
	} {
		p := refusal(t, change, []byte(`{"resource_changes":[{"address":"t.n","change":{"actions":["update"],`+change+`}}]}`))
		if strings.Contains(p.Error(), "CANARY") || !strings.Contains(p.Reason, "/resource_changes/0/change") {
			t.Errorf("%s: %s", change, p.Reason)
		}
	}
}
