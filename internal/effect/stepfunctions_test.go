package effect

import (
	"fmt"
	"testing"
)

func TestVersionNamed(t *testing.T) {
	c := VersionNamed()
	const arn = "arn:aws:states:eu-west-1:1:stateMachine:m"
	machine := does("aws_sfn_state_machine.m", "update", `{"arn":"`+arn+`","definition":"a","publish":true,"state_machine_version_arn":"`+arn+`:3"}`,
		`{"arn":"`+arn+`","definition":"b","publish":true}`, `{"state_machine_version_arn":true}`)
	route := func(versions ...string) string {
		s := ""
		for i, v := range versions {
			if i > 0 {
				s += ","
			}
			s += fmt.Sprintf(`{"state_machine_version_arn":%q,"weight":50}`, v)
		}
		return `{"name":"live","routing_configuration":[` + s + `]}`
	}
	sfn := func(before, after string, unknown ...string) string {
		return does("aws_sfn_alias.live", "update", before, after, unknown...)
	}
	document := does("aws_ssm_document.d", "update", `{"name":"d","content":"a","latest_version":"2"}`, `{"name":"d","content":"b"}`, `{"latest_version":true}`)
	association := func(before, after string, unknown ...string) string {
		return does("aws_ssm_association.a", "update", `{"name":"d","document_version":`+before+`}`, `{"name":"d"`+after+`}`, unknown...)
	}
	judgeAll(t, []row{
		{"an alias stays", c, []string{machine, sfn(route(arn+":3"), route(arn+":3"))}, []string{"old: version 3"}},
		{"an alias of two", c, []string{machine, sfn(route(arn+":2", arn+":3"), route(arn+":2", arn+":3"))}, []string{"old: version 3"}},
		{"an alias follows", c, []string{machine, sfn(route(arn+":3"), `{"name":"live","routing_configuration":[{"weight":100}]}`, `{"routing_configuration":[{"state_machine_version_arn":true}]}`)}, []string{"holds"}},
		{"an alias names one to come", c, []string{machine, sfn(route(arn+":3"), route(arn+":4"))}, []string{"holds"}},
		{"an alias is cut", c, []string{machine, sfn(route(arn+":3"), `{"name":"live"}`)}, []string{"unproven: not shown"}},
		{"another state machine", c, []string{machine, sfn(route(arn+"2:3"), route(arn+"2:3"))}, nil},
		{"tags of the machine", c, []string{does("aws_sfn_state_machine.m", "update", `{"arn":"`+arn+`","tags":{}}`, `{"arn":"`+arn+`","tags":{"a":"b"}}`), sfn(route(arn+":3"), route(arn+":3"))}, nil},
		{"an association stays", c, []string{document, association(`"2"`, `,"document_version":"2"`)}, []string{"old: version 2"}},
		{"an association follows", c, []string{document, association(`"2"`, "", `{"document_version":true}`)}, []string{"holds"}},
		{"an association takes the default", c, []string{document, association(`"2"`, `,"document_version":"$DEFAULT"`)}, []string{"holds"}},
		{"an association of the default", c, []string{document, association(`"$DEFAULT"`, `,"document_version":"$DEFAULT"`)}, []string{"holds"}},
		{"an association of one to come", c, []string{document, association(`"2"`, `,"document_version":"3"`)}, []string{"holds"}},
		{"an association is cut", c, []string{document, association(`"2"`, "")}, []string{"unproven: not shown"}},
		{"another document", c, []string{document, does("aws_ssm_association.a", "update", `{"name":"e","document_version":"1"}`, `{"name":"e","document_version":"1"}`)}, nil},
		{"a new association", c, []string{document, does("aws_ssm_association.a", "create", "null", `{"name":"d","document_version":"2"}`)}, nil},
	})
}
