package change

import (
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/finding"
)

// driftPlan has one drifted object and what the plan does to it. Empty parts
// are left out.
func driftPlan(drift, change, expressions string) []byte {
	entry := func(body string) string {
		if body == "" {
			return ""
		}
		extra := ""
		if prev, rest, ok := strings.Cut(body, "|"); ok {
			extra, body = fmt.Sprintf(`"previous_address":%q,`, prev), rest
		}
		return `{"address":"t.n","mode":"managed","type":"t","name":"n",` + extra + `"change":` + body + `}`
	}
	conf := `,"configuration":{"root_module":{"resources":[{"mode":"managed","type":"t","name":"n","expressions":{` + expressions + `}}]}}`
	return []byte(`{"format_version":"1.2","planned_values":{"root_module":{}},"resource_changes":[` + entry(change) + `],"resource_drift":[` + entry(drift) + `]` + conf + `}`)
}

func update(before, after, unknown string) string {
	return `{"actions":["update"],"before":` + before + `,"after":` + after + `,"after_unknown":` + unknown + `,"before_sensitive":{},"after_sensitive":{}}`
}

func TestDrift(t *testing.T) {
	for name, c := range map[string]struct {
		drift, change, expressions string
		verdict                    finding.Verdict
		title, proof               string
	}{
		"set back": {
			update(`{"a":1,"b":1}`, `{"a":2,"b":1}`, `{}`), update(`{"a":2,"b":1}`, `{"a":1,"b":1}`, `{}`), "",
			finding.Refuted, "it sets back `a`", "a from 1 to 2",
		},
		"nested": {
			update(`{"m":{"x":{"y":1},"z":1}}`, `{"m":{"x":{"y":2},"z":1}}`, `{}`), update(`{"m":{"x":{"y":2},"z":1}}`, `{"m":{"x":{"y":1},"z":5}}`, `{}`), "",
			finding.Refuted, "it sets back `m.x.y`", "m.x.y from 1 to 2",
		},
		"a list": {
			update(`{"l":[1,2]}`, `{"l":[1,2,3]}`, `{}`), update(`{"l":[1,2,3]}`, `{"l":[1,2]}`, `{}`), "",
			finding.Refuted, "it sets back `l`", "l from [1,2] to [1,2,3]",
		},
		"added by hand and taken away": {
			update(`{"tags":{}}`, `{"tags":{"by":"hand"}}`, `{}`), update(`{"tags":{"by":"hand"}}`, `{"tags":{}}`, `{}`), "",
			finding.Refuted, "it sets back `tags.by`", `tags.by from null to "hand"`,
		},
		"one of two": {
			update(`{"a":1,"b":1}`, `{"a":2,"b":2}`, `{}`), update(`{"a":2,"b":2}`, `{"a":1,"b":2}`, `{}`), "",
			finding.Refuted, "it sets back `a`", "a from",
		},
		"by a replacement": {
			update(`{"a":1}`, `{"a":2}`, `{}`), strings.Replace(update(`{"a":2}`, `{"a":1}`, `{"id":true}`), `"update"`, `"delete","create"`, 1), "",
			finding.Refuted, "it sets back `a`", "a from",
		},
		"moved as well": {
			"t.old|" + update(`{"a":1}`, `{"a":2}`, `{}`), "t.old|" + update(`{"a":2}`, `{"a":1}`, `{}`), "",
			finding.Refuted, "it sets back `a`", "a from",
		},
		"deleted and created again": {
			`{"actions":["delete"],"before":{"a":1},"after":null}`, `{"actions":["create"],"before":null,"after":{"a":1},"after_unknown":{"id":true}}`, "",
			finding.Refuted, "deleted outside", "deleted since",
		},
		"deleted and given up": {`{"actions":["delete"],"before":{"a":1},"after":null}`, "", "", finding.Holds, "", ""},
		"adopted":              {update(`{"a":1}`, `{"a":2}`, `{}`), `{"actions":["no-op"],"before":{"a":2},"after":{"a":2}}`, "", finding.Holds, "", ""},
		"ignored":              {update(`{"a":1,"b":1}`, `{"a":2,"b":1}`, `{}`), update(`{"a":2,"b":1}`, `{"a":2,"b":7}`, `{}`), "", finding.Holds, "", ""},
		"a third value":        {update(`{"a":1}`, `{"a":2}`, `{}`), update(`{"a":2}`, `{"a":3}`, `{}`), "", finding.Holds, "", ""},
		"destroyed":            {update(`{"a":1}`, `{"a":2}`, `{}`), `{"actions":["delete"],"before":{"a":2},"after":null}`, "", finding.Holds, "", ""},
		"forgotten":            {update(`{"a":1}`, `{"a":2}`, `{}`), `{"actions":["forget"],"before":{"a":2},"after":null}`, "", finding.Holds, "", ""},
		"not in the plan":      {update(`{"a":1}`, `{"a":2}`, `{}`), "", "", finding.Holds, "", ""},
		"null and empty":       {update(`{"a":null}`, `{"a":""}`, `{}`), update(`{"a":""}`, `{"a":null}`, `{}`), "", finding.Holds, "", ""},
		"1 and 1.0":            {update(`{"a":1}`, `{"a":1.0}`, `{}`), update(`{"a":1.0}`, `{"a":1}`, `{}`), "", finding.Holds, "", ""},
		"unknown and configured": {
			update(`{"a":1}`, `{"a":2}`, `{}`), update(`{"a":2}`, `{}`, `{"a":true}`), `"a":{"references":["t.m.id","t.m"]}`,
			finding.Unproven, "whether it sets back `a`", "not known",
		},
		"unknown and the provider's": {update(`{"a":1}`, `{"a":2}`, `{}`), update(`{"a":2}`, `{}`, `{"a":true}`), "", finding.Holds, "", ""},
		"unknown far down": {
			update(`{"l":[{"k":1}]}`, `{"l":[{"k":2}]}`, `{}`),
			update(`{"l":[{"k":2}]}`, `{"l":[{}]}`, `{"l":[{"`+strings.Repeat("long", 40)+`":false,"k":true}]}`), `"l":[{"k":{"references":["t.m.id","t.m"]}}]`,
			finding.Unproven, "whether it sets back `l`", "not known",
		},
		"a key called true is not unknown": {
			update(`{"m":{"l":[1]}}`, `{"m":{"l":[2]}}`, `{}`), update(`{"m":{"l":[2]}}`, `{"m":{"l":[1]}}`, `{"m":{"l":[{"true":false}]}}`), "",
			finding.Refuted, "it sets back `m.l`", "m.l from",
		},
	} {
		_, all := messages(t, driftPlan(c.drift, c.change, c.expressions))
		var found []finding.Finding
		for _, f := range all {
			if f.Rule == "CHG004" {
				found = append(found, f)
			}
		}
		if c.verdict == finding.Holds {
			if len(found) != 0 {
				t.Errorf("%s: %+v", name, found)
			}
			continue
		}
		if len(found) != 1 || found[0].Verdict != c.verdict || !strings.Contains(found[0].Title, c.title) || !strings.Contains(found[0].Proof[0].Text, c.proof) {
			t.Errorf("%s: %+v, want %s: %s", name, found, c.verdict, c.title)
		}
	}
}

// TestRefreshOnly: without resource_changes nothing can be said, and nothing is.
func TestRefreshOnly(t *testing.T) {
	_, found := messages(t, []byte(`{"format_version":"1.2","planned_values":{"root_module":{"resources":[{}]}},"resource_drift":[{"address":"t.n","type":"t","name":"n","change":`+update(`{"a":1}`, `{"a":2}`, `{}`)+`}]}`))
	said := map[string]int{}
	for _, f := range found {
		said[f.Rule]++
	}
	for _, r := range coreRules {
		if said[r.ID] != 1 {
			t.Errorf("%s says %d things, want one: %+v", r.ID, said[r.ID], found)
		}
	}
	for _, f := range found {
		if f.Verdict != finding.Unproven {
			t.Errorf("%+v", f)
		}
	}
}

// TestPatchesAreWholeOrAbsent: a value is spelled out in HCL as it is, or not.
func TestPatchesAreWholeOrAbsent(t *testing.T) {
	for value, want := range map[string]string{
		`"plain"`:                            `a = "plain"`,
		`"${x} %{y}"`:                        `a = "$${x} %%{y}"`,
		`"a\"b\\c\nd\te"`:                    `a = "a\"b\\c\nd\te"`,
		`"\u0007\u200b"`:                     `a = "\u0007\u200b"`,
		`"äöü😀"`:                             `a = "äöü😀"`,
		`7`:                                  `a = 7`,
		`true`:                               `a = true`,
		`"` + strings.Repeat("x", 300) + `"`: `a = "` + strings.Repeat("x", 300) + `"`,
		`"` + strings.Repeat("x", 500) + `"`: `ignore_changes = [a]`,
		`[1]`:                                `ignore_changes = [a]`,
	} {
		_, found := messages(t, driftPlan(update(`{"a":"was"}`, `{"a":`+value+`}`, `{}`), update(`{"a":`+value+`}`, `{"a":"was"}`, `{}`), ""))
		if len(found) != 1 || !strings.Contains(found[0].Remedy.Patch, want) {
			t.Errorf("%s: %+v\nwant %s", value, found, want)
		}
	}
}
