package sarif

import (
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// lint holds a log to what the standard and GitHub say in prose and no schema
// can check.
func lint(t testing.TB, log map[string]any, ended bool) {
	t.Helper()
	runs := log["runs"].([]any)
	if len(runs) != 1 {
		t.Fatalf("%d runs", len(runs))
	}
	r := runs[0].(map[string]any)
	rules := r["tool"].(map[string]any)["driver"].(map[string]any)["rules"].([]any)
	results := r["results"].([]any)
	if len(results) > maxResults {
		t.Errorf("%d results: GitHub refuses the log", len(results))
	}
	states := 0
	for i, v := range results {
		res := v.(map[string]any)
		for _, problem := range lintResult(res, rules) {
			t.Errorf("result %d: %s", i, problem)
		}
		if _, ok := res["baselineState"]; ok {
			states++
		}
	}
	if states != 0 && states != len(results) {
		t.Errorf("%d of %d results have a baselineState (§3.27.24: all or none)", states, len(results))
	}
	for _, v := range rules {
		rule := v.(map[string]any)
		for _, key := range []string{"shortDescription", "fullDescription", "help"} {
			text := rule[key].(map[string]any)["text"].(string)
			if text == "" || key != "help" && len([]rune(text)) > 1024 {
				t.Errorf("rule %v: %s has %d characters", rule["id"], key, len(text))
			}
		}
	}
	in := r["invocations"].([]any)[0].(map[string]any)
	complete := r["properties"].(map[string]any)["complete"].(bool)
	if complete != ended || !ended && in["executionSuccessful"].(bool) {
		t.Errorf("ended %v: complete %v, executionSuccessful %v", ended, complete, in["executionSuccessful"])
	}
	if !ended && !strings.Contains(fmt.Sprint(in["toolExecutionNotifications"]), "cut-off") {
		t.Error("no notification says that the run was cut off")
	}
	walk(log, "", func(path, s string) {
		for _, c := range s {
			if c != '\n' && c != '\t' && (unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c)) {
				t.Errorf("%s has the character %q", path, c)
			}
		}
		switch {
		case strings.HasSuffix(path, ".uri"):
			u, err := url.Parse(s)
			if err != nil || strings.ContainsAny(s, " \\<>\"") || u.IsAbs() && u.Scheme != "file" && u.Scheme != "https" && u.Scheme != "http" {
				t.Errorf("%s is no place: %q (%v)", path, s, err)
			}
		case strings.Contains(path, ".properties."): // no messages
		case strings.HasSuffix(path, ".text"), strings.HasSuffix(path, ".markdown"):
			if placeholder(s) {
				t.Errorf("%s has a placeholder: %q", path, s)
			}
		}
	})
}

func lintResult(res map[string]any, rules []any) []string {
	var bad []string
	if (res["kind"] == "fail") == (res["level"] == "none") {
		bad = append(bad, fmt.Sprintf("kind %v with level %v (§3.27.10)", res["kind"], res["level"]))
	}
	if _, ok := res["suppressions"].([]any); !ok {
		bad = append(bad, "suppressions is null or missing (§3.27.23: all or none)")
	}
	if i, ok := res["ruleIndex"].(float64); ok && rules[int(i)].(map[string]any)["id"] != res["ruleId"] {
		bad = append(bad, "ruleIndex is of another rule")
	}
	places := res["locations"].([]any)
	if len(places) != 1 {
		bad = append(bad, fmt.Sprintf("%d locations", len(places)))
	}
	phys, ok := places[0].(map[string]any)["physicalLocation"].(map[string]any)
	if !ok || phys["region"].(map[string]any)["startLine"].(float64) < 1 {
		bad = append(bad, "GitHub refuses a result without an artifact and a line")
	}
	ids := map[string]int{}
	related, _ := res["relatedLocations"].([]any)
	for _, r := range related {
		ids[fmt.Sprint(r.(map[string]any)["id"])]++
	}
	// A reader may be sloppy about where the text of a link starts; where it
	// leads must be right.
	text := res["message"].(map[string]any)["text"].(string)
	for _, m := range regexp.MustCompile(`\]\(([^)]*)\)?`).FindAllStringSubmatch(text, -1) {
		if ids[m[1]] != 1 {
			bad = append(bad, fmt.Sprintf("the text links to %q: %q", m[1], text))
		}
	}
	return bad
}

// placeholder tells whether a brace is left when the doubled ones are gone.
func placeholder(s string) bool {
	s = strings.ReplaceAll(s, "{{", "")
	s = strings.ReplaceAll(s, "}}", "")
	return strings.ContainsAny(s, "{}")
}

func walk(v any, path string, see func(path, s string)) {
	switch v := v.(type) {
	case string:
		see(path, v)
	case map[string]any:
		for k, x := range v {
			walk(x, path+"."+k, see)
		}
	case []any:
		for _, x := range v {
			walk(x, path+"[]", see)
		}
	case float64, bool, nil:
	default:
		panic(reflect.TypeOf(v).String())
	}
}
