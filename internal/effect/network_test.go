package effect

import "testing"

func TestReadAtLaunch(t *testing.T) {
	subnet := func(before, after, unknown string) string {
		return editOf("aws_subnet.s", "update", `{"id": "s-1", "vpc_id": "v-1"`+before+`}`, `{"id": "s-1"`+after+`}`, unknown)
	}
	machine := func(public string) string {
		return stayOf("aws_instance.m", `{"id": "i-1", "subnet_id": "s-1"`+public+`}`)
	}
	const off, on = `, "map_public_ip_on_launch": false`, `, "map_public_ip_on_launch": true`
	const private, public = `, "associate_public_ip_address": false`, `, "associate_public_ip_address": true`
	vpc := func(after, unknown string) string {
		return editOf("aws_vpc_dhcp_options_association.a", "update", `{"vpc_id": "v-1", "dhcp_options_id": "d-1"}`, after, unknown)
	}
	inVPC := stayOf("aws_subnet.s", `{"id": "s-1", "vpc_id": "v-1"}`)
	checkData(t, ReadAtLaunch(), []dataCase{
		{name: "on, a private machine", changes: []string{subnet(off, on, ""), machine(private)}, want: []string{"aws_subnet.s old"}},
		{name: "on, a public machine", changes: []string{subnet(off, on, ""), machine(public)}, want: []string{"aws_subnet.s current"}},
		{name: "off, a public machine", changes: []string{subnet(on, off, ""), machine(public)}, want: []string{"aws_subnet.s old"}},
		{name: "on, a machine of which nothing is said", changes: []string{subnet(off, on, ""), machine("")}, want: []string{"aws_subnet.s unknown"}},
		{name: "on, no machine", changes: []string{subnet(off, on, "")}, want: []string{"aws_subnet.s unknown"}},
		{name: "not known", changes: []string{subnet(off, "", `{"map_public_ip_on_launch": true}`), machine(private)}, want: []string{"aws_subnet.s unknown"}},
		{name: "on, a replaced machine", changes: []string{subnet(off, on, ""), editOf("aws_instance.m", "delete/create", `{"subnet_id": "s-1"`+private+`}`, `{}`, "")}, want: []string{"aws_subnet.s unknown"}},
		{name: "off, an elastic address", changes: []string{subnet(on, off, ""), machine(public), stayOf("aws_eip.e", `{"instance": "i-1"}`)}, want: []string{"aws_subnet.s unknown"}},
		{name: "off, an elastic address by an association", changes: []string{subnet(on, off, ""), machine(public), stayOf("aws_eip_association.e", `{"instance_id": "i-1"}`)}, want: []string{"aws_subnet.s unknown"}},
		{name: "off, an elastic address of another machine", changes: []string{subnet(on, off, ""), machine(public), stayOf("aws_eip.e", `{"instance": "i-2"}`)}, want: []string{"aws_subnet.s old"}},
		{name: "tags", changes: []string{subnet(`, "tags": {}`, `, "tags": {"a": "b"}`, ""), machine(private)}},

		{name: "options", changes: []string{vpc(`{"vpc_id": "v-1", "dhcp_options_id": "d-2"}`, ""), inVPC, machine("")}, want: []string{"aws_vpc_dhcp_options_association.a old"}},
		{name: "options not known", changes: []string{vpc(`{"vpc_id": "v-1"}`, `{"dhcp_options_id": true}`), inVPC, machine("")}, want: []string{"aws_vpc_dhcp_options_association.a unknown"}},
		{
			name: "options replaced", changes: []string{
				vpc(`{"vpc_id": "v-1"}`, `{"dhcp_options_id": true}`), inVPC, machine(""),
				editOf("aws_vpc_dhcp_options.d", "create/delete", `{"id": "d-1"}`, `{}`, `{"id": true}`),
			},
			want: []string{"aws_vpc_dhcp_options_association.a old"},
		},
		{name: "options, no machine", changes: []string{vpc(`{"vpc_id": "v-1", "dhcp_options_id": "d-2"}`, ""), inVPC}, want: []string{"aws_vpc_dhcp_options_association.a unknown"}},
		{name: "options, another VPC", changes: []string{vpc(`{"vpc_id": "v-1", "dhcp_options_id": "d-2"}`, ""), stayOf("aws_subnet.s", `{"id": "s-1", "vpc_id": "v-2"}`), machine("")}, want: []string{"aws_vpc_dhcp_options_association.a unknown"}},
	})
}
