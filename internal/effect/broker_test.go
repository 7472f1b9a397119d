package effect

import "testing"

func TestBrokerRevision(t *testing.T) {
	msk := func(text, unknown string) string {
		return editOf("aws_msk_configuration.c", "update", `{"arn": "arn:c", "latest_revision": 3, "server_properties": "a"}`, `{"arn": "arn:c"`+text+`}`, unknown)
	}
	const edited, computed = `, "server_properties": "b"`, `{"latest_revision": true}`
	cluster := func(actions, after, unknown string) string {
		return editOf("aws_msk_cluster.a", actions, `{"configuration_info": [{"arn": "arn:c", "revision": 3}]}`, after, unknown)
	}
	stay := cluster("no-op", `{"configuration_info": [{"arn": "arn:c", "revision": 3}]}`, "")
	later := cluster("update", `{"configuration_info": [{"arn": "arn:c"}]}`, `{"configuration_info": [{"revision": true}]}`)
	const follows = `{"root_module": {"resources": [
		{"address": "aws_msk_configuration.c", "mode": "managed", "type": "aws_msk_configuration", "name": "c", "expressions": {}},
		{"address": "aws_msk_cluster.a", "mode": "managed", "type": "aws_msk_cluster", "name": "a", "expressions": {"configuration_info": [
			{"revision": {"references": ["aws_msk_configuration.c.latest_revision", "aws_msk_configuration.c"]}}]}}]}}`
	mq := editOf("aws_mq_configuration.c", "update", `{"id": "c-1", "latest_revision": 3, "data": "a"}`, `{"id": "c-1", "data": "b"}`, `{"latest_revision": true}`)
	broker := func(after string) string {
		return editOf("aws_mq_broker.a", "update", `{"configuration": [{"id": "c-1", "revision": 3}]}`, after, "")
	}
	checkData(t, BrokerRevision(), []dataCase{
		{name: "stays", changes: []string{msk(edited, computed), stay}, want: []string{"aws_msk_cluster.a old"}},
		{name: "follows", config: follows, changes: []string{msk(edited, computed), later}, want: []string{"aws_msk_cluster.a current"}},
		{name: "not known, from somewhere", changes: []string{msk(edited, computed), later}, want: []string{"aws_msk_cluster.a unknown"}},
		{name: "named by hand", changes: []string{msk(edited, computed), cluster("update", `{"configuration_info": [{"arn": "arn:c", "revision": 4}]}`, "")}, want: []string{"aws_msk_cluster.a current"}},
		{name: "text not known", changes: []string{msk("", `{"server_properties": true}`), stay}, want: []string{"aws_msk_cluster.a unknown"}},
		{name: "nothing changes", changes: []string{msk(`, "server_properties": "a", "description": "b"`, ""), stay}},
		{name: "another configuration", changes: []string{msk(edited, computed), stayOf("aws_msk_cluster.a", `{"configuration_info": [{"arn": "arn:d", "revision": 1}]}`)}},
		{name: "new cluster", changes: []string{msk(edited, computed), editOf("aws_msk_cluster.a", "create", "null", `{"configuration_info": [{"arn": "arn:c", "revision": 3}]}`, "")}},
		{name: "MQ stays", changes: []string{mq, stayOf("aws_mq_broker.a", `{"configuration": [{"id": "c-1", "revision": 3}]}`)}, want: []string{"aws_mq_broker.a old"}},
		{name: "MQ, in the window", changes: []string{mq, broker(`{"configuration": [{"id": "c-1", "revision": 4}], "apply_immediately": false}`)}, want: []string{"aws_mq_broker.a old"}},
		{name: "MQ, at once", changes: []string{mq, broker(`{"configuration": [{"id": "c-1", "revision": 4}], "apply_immediately": true}`)}, want: []string{"aws_mq_broker.a current"}},
		{name: "MQ, cut out", changes: []string{mq, broker(`{"configuration": [{"id": "c-1", "revision": 4}]}`)}, want: []string{"aws_mq_broker.a unknown"}},
		{name: "MQ, its configuration is of another root", changes: []string{broker(`{"configuration": [{"id": "c-1", "revision": 4}], "apply_immediately": false}`)}, want: []string{"aws_mq_broker.a old"}},
	})
}
