package effect

import (
	"fmt"
	"testing"
)

func upgrade(before, after string, unknown ...string) string {
	a := `{"name":"c"}`
	if after != "" {
		a = fmt.Sprintf(`{"name":"c","version":%q}`, after)
	}
	return does("aws_eks_cluster.c", "update", fmt.Sprintf(`{"name":"c","version":%q}`, before), a, unknown...)
}

func TestNodesBehind(t *testing.T) {
	c := NodesBehind()
	nodes := func(before, after, unknown string) string {
		return does("aws_eks_node_group.n", "update", `{"cluster_name":"c","version":"`+before+`"}`, `{"cluster_name":"c"`+after+`}`, unknown)
	}
	judgeAll(t, []row{
		{"they stay", c, []string{upgrade("1.31", "1.32"), keeps("aws_eks_node_group.n", `{"cluster_name":"c","version":"1.31"}`)}, []string{"old: 1.31; the cluster goes to 1.32"}},
		{"numbers, not letters", c, []string{upgrade("1.9", "1.10"), keeps("aws_eks_node_group.n", `{"cluster_name":"c","version":"1.9"}`)}, []string{"old: 1.9"}},
		{"they follow", c, []string{upgrade("1.31", "1.32"), nodes("1.31", `,"version":"1.32"`, "{}")}, []string{"holds"}},
		{"they were ahead", c, []string{upgrade("1.30", "1.31"), keeps("aws_eks_node_group.n", `{"cluster_name":"c","version":"1.31"}`)}, []string{"holds"}},
		{"known later", c, []string{upgrade("1.31", "1.32"), nodes("1.31", "", `{"version":true}`)}, []string{"unproven: not known until apply"}},
		{"the cluster's is known later", c, []string{upgrade("1.31", "", `{"version":true}`), keeps("aws_eks_node_group.n", `{"cluster_name":"c","version":"1.31"}`)}, []string{"unproven: not known until apply"}},
		{"an image of their own", c, []string{upgrade("1.31", "1.32"), keeps("aws_eks_node_group.n", `{"cluster_name":"c","version":null}`)}, []string{"unproven: image"}},
		{"new nodes beside them", c, []string{upgrade("1.31", "1.32"), keeps("aws_eks_node_group.n", `{"cluster_name":"c","version":"1.31"}`), does("aws_eks_node_group.green", "create", "null", `{"cluster_name":"c","version":"1.32"}`)}, []string{"unproven: aws_eks_node_group.green is made beside it"}},
		{"new nodes of the old version beside them", c, []string{upgrade("1.31", "1.32"), keeps("aws_eks_node_group.n", `{"cluster_name":"c","version":"1.31"}`), does("aws_eks_node_group.green", "create", "null", `{"cluster_name":"c","version":"1.31"}`)}, []string{"old: 1.31"}},
		{"new nodes of another cluster", c, []string{upgrade("1.31", "1.32"), keeps("aws_eks_node_group.n", `{"cluster_name":"c","version":"1.31"}`), does("aws_eks_node_group.green", "create", "null", `{"cluster_name":"d","version":"1.32"}`)}, []string{"old: 1.31"}},
		{"a patch", c, []string{upgrade("1.31.1", "1.31.2"), keeps("aws_eks_node_group.n", `{"cluster_name":"c","version":"1.31"}`)}, nil},
		{"another cluster", c, []string{upgrade("1.31", "1.32"), keeps("aws_eks_node_group.n", `{"cluster_name":"d","version":"1.31"}`)}, nil},
		{"replaced nodes", c, []string{upgrade("1.31", "1.32"), does("aws_eks_node_group.n", "create+delete", `{"cluster_name":"c","version":"1.31"}`, `{"cluster_name":"c"}`, `{"version":true}`)}, nil},
	})
}

func TestAddonsBehind(t *testing.T) {
	c := AddonsBehind()
	addon := func(name, before, after, unknown string) string {
		return does("aws_eks_addon.a", "update", `{"cluster_name":"c","addon_name":"`+name+`","addon_version":"`+before+`"}`, `{"cluster_name":"c","addon_name":"`+name+`"`+after+`}`, unknown)
	}
	judgeAll(t, []row{
		{"kube-proxy stays", c, []string{upgrade("1.31", "1.32"), addon("kube-proxy", "v1.31.2-eksbuild.3", `,"addon_version":"v1.31.2-eksbuild.3"`, "{}")}, []string{"old: kube-proxy stays"}},
		{"kube-proxy follows", c, []string{upgrade("1.31", "1.32"), addon("kube-proxy", "v1.31.2-eksbuild.3", `,"addon_version":"v1.32.0-eksbuild.2"`, "{}")}, []string{"holds"}},
		{"kube-proxy follows, not far enough", c, []string{upgrade("1.31", "1.32"), addon("kube-proxy", "v1.30.0-eksbuild.1", `,"addon_version":"v1.31.0-eksbuild.2"`, "{}")}, []string{"old: kube-proxy"}},
		{"another stays", c, []string{upgrade("1.31", "1.32"), addon("vpc-cni", "v1.18.0-eksbuild.1", `,"addon_version":"v1.18.0-eksbuild.1"`, "{}")}, []string{"unproven: whether that fits"}},
		{"another follows", c, []string{upgrade("1.31", "1.32"), addon("vpc-cni", "v1.18.0-eksbuild.1", `,"addon_version":"v1.19.0-eksbuild.1"`, "{}")}, []string{"holds"}},
		{"computed", c, []string{upgrade("1.31", "1.32"), addon("vpc-cni", "v1.18.0-eksbuild.1", "", `{"addon_version":true}`)}, []string{"holds"}},
		{"no version", c, []string{upgrade("1.31", "1.32"), keeps("aws_eks_addon.a", `{"cluster_name":"c","addon_name":"vpc-cni","addon_version":null}`)}, []string{"unproven: not shown"}},
		{"the plan is cut", c, []string{upgrade("1.31", "1.32"), addon("vpc-cni", "v1.18.0-eksbuild.1", "", "{}")}, []string{"unproven: not shown"}},
		{"the cluster's is known later", c, []string{upgrade("1.31", "", `{"version":true}`), addon("kube-proxy", "v1.31.2-eksbuild.3", `,"addon_version":"v1.31.2-eksbuild.3"`, "{}")}, []string{"unproven: not known until apply"}},
		{"no upgrade", c, []string{keeps("aws_eks_cluster.c", `{"name":"c","version":"1.31"}`), addon("kube-proxy", "v1.30.0-eksbuild.1", `,"addon_version":"v1.30.0-eksbuild.1"`, "{}")}, nil},
	})
}

func TestMinorOf(t *testing.T) {
	for text, want := range map[string]minor{"1.31": {1, 31}, "v1.31.2-eksbuild.3": {1, 31}, "1.9.1": {1, 9}} {
		if got, ok := minorOf(text); !ok || got != want {
			t.Errorf("minorOf(%s) = %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "1", "one.two", "v", "latest"} {
		if _, ok := minorOf(text); ok {
			t.Errorf("minorOf(%s) is a version", text)
		}
	}
}
