package effect

import (
	"fmt"
	"strings"
	"testing"
)

const taskARN = "arn:aws:ecs:eu-west-1:1:task-definition/pay"

func newRevision() string {
	return does("aws_ecs_task_definition.pay", "create+delete", `{"arn":"`+taskARN+`:7","family":"pay","revision":7,"container_definitions":"[]"}`,
		`{"family":"pay","container_definitions":"[{}]"}`, `{"arn":true,"revision":true,"id":true}`)
}

func ecsService(definition string) string {
	return keeps("aws_ecs_service.pay", fmt.Sprintf(`{"name":"pay","cluster":"c","desired_count":2,"task_definition":%q}`, definition))
}

func TestTaskDefinitionKept(t *testing.T) {
	c := TaskDefinitionKept()
	to := func(before, after, unknown string) string {
		return does("aws_ecs_service.pay", "update", `{"name":"pay","cluster":"c",`+before+`}`, `{"name":"pay","cluster":"c"`+after+`}`, unknown)
	}
	was7 := `"task_definition":"` + taskARN + `:7"`
	judgeAll(t, []row{
		{"it stays", c, []string{newRevision(), ecsService(taskARN + ":7")}, []string{"old: revision 7"}},
		{"it stays on one that somebody else deployed", c, []string{newRevision(), ecsService(taskARN + ":9")}, []string{"old: revision 9"}},
		{"by family and revision", c, []string{newRevision(), ecsService("pay:7")}, []string{"old: revision 7"}},
		{"by family", c, []string{newRevision(), ecsService("pay")}, []string{"old: old revision"}},
		{"by family, and it is deployed", c, []string{newRevision(), to(`"task_definition":"pay"`, `,"task_definition":"pay","force_new_deployment":true,"x":1`, "{}")}, []string{"holds"}},
		{"it follows", c, []string{newRevision(), to(was7, "", `{"task_definition":true}`)}, []string{"holds"}},
		{"it goes back", c, []string{newRevision(), to(was7, `,"task_definition":"pay:5"`, "{}")}, []string{"old: revision 5"}},
		{"it goes to one that is to come", c, []string{newRevision(), to(was7, `,"task_definition":"`+taskARN+`:8"`, "{}")}, []string{"holds"}},
		{"CodeDeploy", c, []string{newRevision(), to(was7+`,"deployment_controller":[{"type":"CODE_DEPLOY"}]`, `,"deployment_controller":[{"type":"CODE_DEPLOY"}]`, `{"task_definition":true}`)}, []string{"unproven: CODE_DEPLOY"}},
		{"the plan is cut", c, []string{newRevision(), to(was7, "", "{}")}, []string{"unproven: not shown"}},
		{"another family", c, []string{newRevision(), ecsService("arn:aws:ecs:eu-west-1:1:task-definition/pay-2:7")}, nil},
		{"the family in another account", c, []string{newRevision(), ecsService("arn:aws:ecs:eu-west-1:2:task-definition/pay:7")}, nil},
		{"the definition stays", c, []string{keeps("aws_ecs_task_definition.pay", `{"arn":"`+taskARN+`:7","family":"pay"}`), ecsService(taskARN + ":7")}, nil},
		{"a new service", c, []string{newRevision(), does("aws_ecs_service.pay", "create", "null", `{"task_definition":"pay:7"}`)}, nil},
	})
}

func TestSecretOfTask(t *testing.T) {
	c := SecretOfTask()
	const arn = "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf"
	definition := func(from string) string {
		text := fmt.Sprintf(`[{"secrets":[{"name":"DB","valueFrom":%q}]}]`, from)
		return keeps("aws_ecs_task_definition.pay", fmt.Sprintf(`{"arn":"`+taskARN+`:7","family":"pay","container_definitions":%q}`, text))
	}
	rotated := does("aws_secretsmanager_secret_version.db", "delete+create", `{"secret_id":"`+arn+`","arn":"`+arn+`","secret_string":"a"}`, `{"secret_id":"`+arn+`","secret_string":"b"}`, `{"arn":true,"version_id":true}`)
	parameter := does("aws_ssm_parameter.p", "update", `{"name":"/pay/mode","arn":"arn:p","value":"a"}`, `{"name":"/pay/mode","arn":"arn:p","value":"b"}`)
	added := does("aws_secretsmanager_secret_version.db", "create", "null", `{"secret_id":"`+arn+`","secret_string":"b"}`, `{"arn":true}`)
	pending := does("aws_secretsmanager_secret_version.db", "create", "null", `{"secret_id":"`+arn+`","version_stages":["AWSPENDING"]}`)
	idle := ecsService(taskARN + ":7")
	updated := func(after string) string {
		return does("aws_ecs_service.pay", "update", `{"name":"pay","cluster":"c","desired_count":2,"platform_version":"1","task_definition":"pay:7"}`,
			`{"name":"pay","cluster":"c","task_definition":"pay:7"`+after+`}`)
	}
	hidden := strings.Replace(definition(arn), `"before_sensitive":{}`, `"before_sensitive":{"container_definitions":true}`, 1)
	judgeAll(t, []row{
		{"a secret", c, []string{rotated, definition(arn), idle}, []string{"old: keep the old value"}},
		{"a key of a secret", c, []string{rotated, definition(arn + ":password::"), idle}, []string{"old: keep the old value"}},
		{"a new version", c, []string{added, definition(arn), idle}, []string{"old: keep the old value"}},
		{"a version that is not current", c, []string{pending, definition(arn), idle}, nil},
		{"a version that is pinned", c, []string{rotated, definition(arn + ":password::v1"), idle}, nil},
		{"a stage that is not current", c, []string{rotated, definition(arn + "::AWSPREVIOUS:"), idle}, nil},
		{"a parameter", c, []string{parameter, definition("/pay/mode"), idle}, []string{"old: keep the old value"}},
		{"a parameter by ARN", c, []string{parameter, definition("arn:p"), idle}, []string{"old: keep the old value"}},
		{"the service is deployed", c, []string{parameter, definition("arn:p"), updated(`,"force_new_deployment":true,"platform_version":"2"`)}, []string{"holds"}},
		{"another revision", c, []string{parameter, definition("arn:p"), does("aws_ecs_service.pay", "update", `{"desired_count":2,"task_definition":"pay:7"}`, `{}`, `{"task_definition":true}`)}, []string{"holds"}},
		{"more tasks", c, []string{parameter, definition("arn:p"), updated(`,"platform_version":"1","desired_count":5`)}, []string{"old: keep the old value"}},
		{"an update that may deploy", c, []string{parameter, definition("arn:p"), updated(`,"platform_version":"2"`)}, []string{"unproven: not shown"}},
		{"no tasks", c, []string{parameter, definition("arn:p"), keeps("aws_ecs_service.pay", `{"desired_count":0,"task_definition":"pay:7"}`)}, nil},
		{"no tasks any more", c, []string{parameter, definition("arn:p"), updated(`,"platform_version":"1","desired_count":0`)}, nil},
		{"sealed definitions", c, []string{rotated, hidden, idle}, []string{"unproven: not shown"}},
		{"another secret", c, []string{rotated, definition(arn + "2"), idle}, nil},
		{"nothing is edited", c, []string{keeps("aws_ssm_parameter.p", `{"arn":"arn:p","value":"a"}`), definition("arn:p"), idle}, nil},
	})
}
