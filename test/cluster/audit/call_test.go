package audit

import (
	"strings"
	"testing"
	"time"
)

const pods = `,"objectRef":{"resource":"pods","namespace":"shop","name":"web","apiVersion":"v1"}`

func TestParse(t *testing.T) {
	call, counts, err := parse([]byte(line("ResponseComplete", "patch", "kubectl/v1", "/apis/apps/v1/namespaces/shop/deployments/web/status",
		`,"objectRef":{"resource":"deployments","namespace":"shop","name":"web","apiGroup":"apps","apiVersion":"v1","subresource":"status"},"impersonatedUser":{"username":"bob","groups":["x"]}`)))
	if err != nil || !counts {
		t.Fatal(counts, err)
	}
	want := "alice (kubectl/v1) patch apps/v1 deployments/status shop/web: 200"
	if call.String() != want || call.As != "bob" || strings.Join(call.Groups, " ") != "developers" || call.ID != "1" {
		t.Errorf("got %+v, %s", call, call)
	}
	if at := time.Date(2026, 11, 23, 6, 41, 35, 77450000, time.UTC); !call.At.Equal(at) || call.Took != 2644*time.Microsecond {
		t.Errorf("at %s, took %s", call.At, call.Took)
	}
	if !call.Write() || !call.OK() {
		t.Error("it is a write, and was answered")
	}
}

// A call is counted by one of its events, whichever of them are logged.
func TestOneEventCounts(t *testing.T) {
	for name, c := range map[string]struct {
		stage, verb, more string
		want              bool
	}{
		"received":          {"RequestReceived", "get", pods, false},
		"answered":          {"ResponseComplete", "get", pods, true},
		"panicked":          {"Panic", "get", pods, true},
		"not authenticated": {"ResponseStarted", "get", pods, true},
		"watch begins":      {"ResponseStarted", "watch", pods, true},
		"watch ends":        {"ResponseComplete", "watch", pods, false},
		"watch panicked":    {"Panic", "watch", pods, false},
		"exec begins":       {"ResponseStarted", "create", strings.Replace(pods, `"apiVersion"`, `"subresource":"exec","apiVersion"`, 1), true},
		"exec ends":         {"ResponseComplete", "create", strings.Replace(pods, `"apiVersion"`, `"subresource":"exec","apiVersion"`, 1), false},
	} {
		if _, counts, err := parse([]byte(line(c.stage, c.verb, "x", "/x", c.more))); err != nil || counts != c.want {
			t.Errorf("%s: %t, %v", name, counts, err)
		}
	}
}

func TestWrites(t *testing.T) {
	for name, c := range map[string]struct {
		verb, uri, more string
		want            bool
	}{
		"create":                       {"create", "/x", pods, true},
		"update":                       {"update", "/x", pods, true},
		"patch":                        {"patch", "/x", pods, true},
		"delete":                       {"delete", "/x", pods, true},
		"deletecollection":             {"deletecollection", "/x", pods, true},
		"get":                          {"get", "/x", pods, false},
		"list":                         {"list", "/x", pods, false},
		"watch":                        {"watch", "/x", pods, false},
		"no resource":                  {"create", "/x", "", false},
		"dry run":                      {"patch", "/x?fieldManager=a&dryRun=All", pods, false},
		"name like a dry run":          {"patch", "/x?fieldManager=dryRun%3DAll", pods, true},
		"dry run of deletion":          {"delete", "/x", pods + `,"requestObject":{"kind":"DeleteOptions","dryRun":["All"]}`, false},
		"deletion with options":        {"delete", "/x", pods + `,"requestObject":{"kind":"DeleteOptions","propagationPolicy":"Background"}`, true},
		"dry run in a body of its own": {"create", "/x", pods + `,"requestObject":{"dryRun":["All"]}`, true},
		"dry run of eviction": {"create", "/x", strings.Replace(pods, `"apiVersion"`, `"subresource":"eviction","apiVersion"`, 1) +
			`,"requestObject":{"kind":"Eviction","deleteOptions":{"dryRun":["All"]}}`, false},
		"eviction":         {"create", "/x", strings.Replace(pods, `"apiVersion"`, `"subresource":"eviction","apiVersion"`, 1), true},
		"exec":             {"create", "/x", strings.Replace(pods, `"apiVersion"`, `"subresource":"exec","apiVersion"`, 1), false},
		"review of access": {"create", "/x", `,"objectRef":{"resource":"selfsubjectaccessreviews","apiGroup":"authorization.k8s.io","apiVersion":"v1"}`, false},
		"token":            {"create", "/x", `,"objectRef":{"resource":"serviceaccounts","subresource":"token","name":"a","namespace":"b","apiVersion":"v1"}`, false},
	} {
		call, _, err := parse([]byte(line("ResponseComplete", c.verb, "x", c.uri, c.more)))
		if err != nil || call.Write() != c.want {
			t.Errorf("%s: %t, %v", name, call.Write(), err)
		}
	}
}

func TestFilters(t *testing.T) {
	calls := Calls{
		{UserAgent: "kubectl/1", Verb: "get", Resource: "pods"},
		{UserAgent: "kubectl/1", Verb: "create", Resource: "pods"},
		{UserAgent: "other", Verb: "create", Resource: "pods"},
		{UserAgent: "other", Verb: "list", Resource: "pods"},
	}
	for name, c := range map[string]struct {
		calls Calls
		want  int
	}{
		"agent": {calls.Agent("kubectl"), 2}, "verbs": {calls.Verbs("get", "list"), 2}, "writes": {calls.Writes(), 2},
		"both": {calls.Agent("kubectl").Writes(), 1}, "none": {calls.Agent("nobody"), 0},
	} {
		if len(c.calls) != c.want {
			t.Errorf("%s: %d\n%s", name, len(c.calls), c.calls)
		}
	}
	counts := calls.Count(func(c Call) string { return c.Verb })
	if counts["create"] != 2 || counts["get"] != 1 || counts["list"] != 1 || len(counts) != 3 {
		t.Errorf("got %v", counts)
	}
}
