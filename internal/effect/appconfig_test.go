package effect

import "testing"

func TestUndeployed(t *testing.T) {
	const profile = `"application_id": "app", "configuration_profile_id": "p"`
	version := editOf("aws_appconfig_hosted_configuration_version.v", "delete/create", `{`+profile+`, "version_number": 4}`, `{`+profile+`}`, `{"version_number": true}`)
	deployed := `{` + profile + `, "environment_id": "e", "configuration_version": "4"}`
	deploy := func(actions, after, unknown string) string {
		before := deployed
		if actions == "create" {
			before = "null"
		}
		return editOf("aws_appconfig_deployment.d", actions, before, after, unknown)
	}
	const follows = `{"root_module": {"resources": [
		{"address": "aws_appconfig_hosted_configuration_version.v", "mode": "managed", "type": "aws_appconfig_hosted_configuration_version", "name": "v", "expressions": {}},
		{"address": "aws_appconfig_deployment.d", "mode": "managed", "type": "aws_appconfig_deployment", "name": "d", "expressions":
			{"configuration_version": {"references": ["aws_appconfig_hosted_configuration_version.v.version_number", "aws_appconfig_hosted_configuration_version.v"]}}}]}}`
	checkData(t, Undeployed(), []dataCase{
		{name: "stays", changes: []string{version, deploy("no-op", deployed, "")}, want: []string{"aws_appconfig_deployment.d old"}},
		{
			name: "follows", changes: []string{version, deploy("delete/create", `{`+profile+`, "environment_id": "e"}`, `{"configuration_version": true}`)},
			want: []string{"aws_appconfig_deployment.d current", "aws_appconfig_hosted_configuration_version.v current"},
		},
		{
			name: "replaced for another reason", changes: []string{version, deploy("delete/create", deployed, "")},
			want: []string{"aws_appconfig_deployment.d unknown"},
		},
		{name: "nobody deploys", changes: []string{version}, want: []string{"aws_appconfig_hosted_configuration_version.v unknown"}},
		{name: "another profile", changes: []string{version, stayOf("aws_appconfig_deployment.d", `{"application_id": "app", "configuration_profile_id": "q", "configuration_version": "1"}`)}, want: []string{"aws_appconfig_hosted_configuration_version.v unknown"}},
		{name: "no new version", changes: []string{stayOf("aws_appconfig_hosted_configuration_version.v", `{`+profile+`}`), deploy("no-op", deployed, "")}},
		{
			name: "all of it is new", config: follows, changes: []string{
				editOf("aws_appconfig_hosted_configuration_version.v", "create", "null", `{}`, `{"application_id": true, "configuration_profile_id": true}`),
				deploy("create", `{}`, `{"application_id": true, "configuration_profile_id": true, "configuration_version": true}`),
			},
			want: []string{"aws_appconfig_hosted_configuration_version.v current"},
		},
		{
			name: "another environment gets it", changes: []string{
				version, stayOf("aws_appconfig_deployment.a", deployed),
				editOf("aws_appconfig_deployment.b", "create", "null", `{`+profile+`, "environment_id": "f"}`, `{"configuration_version": true}`),
			},
			want: []string{"aws_appconfig_deployment.a unknown"},
		},
		{
			name: "another deployment is made for the same environment", changes: []string{
				version, stayOf("aws_appconfig_deployment.a", deployed),
				editOf("aws_appconfig_deployment.b", "create", "null", `{`+profile+`, "environment_id": "e"}`, `{"configuration_version": true}`),
			},
			want: []string{},
		},
	})
}
