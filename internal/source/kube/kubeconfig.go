package kube

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	_ "k8s.io/client-go/plugin/pkg/client/auth/oidc" // the one auth-provider that client-go still has
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// load turns the kubeconfig into a client configuration. It asks nobody.
func (o Options) load() (*rest.Config, *Cluster, error) {
	paths := o.paths()
	rules := &clientcmd.ClientConfigLoadingRules{ExplicitPath: o.Kubeconfig, Precedence: paths, Warner: func(error) {}}
	all, err := rules.Load()
	if err != nil {
		return nil, nil, unreadable(err, cmp.Or(o.Kubeconfig, strings.Join(paths, string(filepath.ListSeparator))))
	}
	if len(all.Contexts) == 0 {
		return nil, nil, o.none(paths)
	}
	name := cmp.Or(o.Context, all.CurrentContext)
	chosen := all.Contexts[name]
	if chosen == nil {
		return nil, nil, unknownContext(name, o.Context == "", all)
	}
	c := &Cluster{
		Context: name, User: chosen.AuthInfo, Namespace: cmp.Or(o.Namespace, chosen.Namespace, "default"),
		warnings: newWarnings(), dry: map[string]error{},
	}
	cluster := all.Clusters[chosen.Cluster]
	switch {
	case cluster == nil:
		return nil, nil, problem(nil, "name another context, or mend the kubeconfig: kubectl config view",
			"context %s is of the cluster %q, which the kubeconfig does not have", name, chosen.Cluster)
	case chosen.AuthInfo != "" && all.AuthInfos[chosen.AuthInfo] == nil:
		return nil, nil, problem(nil, "name another context, or mend the kubeconfig: kubectl config view",
			"context %s is of the user %q, whom the kubeconfig does not have", name, chosen.AuthInfo)
	}
	c.Server = host(cluster.Server)
	config, err := clientcmd.NewNonInteractiveClientConfig(*all, name, &clientcmd.ConfigOverrides{}, rules).ClientConfig()
	if err != nil {
		return nil, nil, c.unusable(err)
	}
	return config, c, c.credentials(config, o)
}

// credentials looks for the program that gives them before anybody waits for it.
func (c *Cluster) credentials(config *rest.Config, o Options) error {
	plugin := config.ExecProvider
	if plugin == nil {
		return nil
	}
	c.plugin = plugin.Command
	if _, err := exec.LookPath(plugin.Command); err != nil {
		return problem(err, cmp.Or(strings.TrimSpace(plugin.InstallHint), "install it, or name another --kube-context"),
			"the credentials of context %s come from the program %s, which is not on the PATH", c.Context, plugin.Command)
	}
	// client-go gives the plugin the environment of the process and this after it.
	own := plugin.Env
	plugin.Env = nil
	for _, e := range o.Env {
		if name, value, ok := strings.Cut(e, "="); ok && name != "" {
			plugin.Env = append(plugin.Env, api.ExecEnvVar{Name: name, Value: value})
		}
	}
	plugin.Env = append(plugin.Env, own...)
	return nil
}

// paths are where kubeconfigs are looked for, by the rules of kubectl: all files
// that KUBECONFIG lists, or the one in the home folder.
func (o Options) paths() []string {
	if listed := o.env("KUBECONFIG"); listed != "" {
		var out []string
		for _, p := range filepath.SplitList(listed) {
			if p != "" && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
		return out
	}
	home := cmp.Or(o.env("HOME"), o.env("USERPROFILE"))
	if home == "" {
		return nil
	}
	return []string{filepath.Join(home, ".kube", "config")}
}

// none is for a kubeconfig without any context: most often there is no file.
func (o Options) none(paths []string) error {
	const do = "name one with --kubeconfig or $KUBECONFIG; or save what the cluster has where it can be reached, " +
		"with kubectl get --show-managed-fields -o yaml, and compare with the file"
	if o.Kubeconfig != "" {
		return problem(nil, do, "the kubeconfig %s has no context", o.Kubeconfig)
	}
	if len(paths) == 0 {
		return problem(nil, do, "there is no kubeconfig: neither $KUBECONFIG nor $HOME is set")
	}
	there := slices.DeleteFunc(slices.Clone(paths), func(p string) bool {
		_, err := os.Stat(p)
		return err != nil
	})
	if len(there) == 0 {
		return problem(fs.ErrNotExist, do, "there is no kubeconfig at %s", strings.Join(paths, ", "))
	}
	return problem(nil, do, "the kubeconfig %s has no context", strings.Join(there, ", "))
}

func unknownContext(name string, current bool, all *api.Config) error {
	var names []string
	for n := range all.Contexts {
		names = append(names, n)
	}
	slices.Sort(names)
	const most = 20
	list := strings.Join(names[:min(len(names), most)], ", ")
	if len(names) > most {
		list += fmt.Sprintf(" and %d more", len(names)-most)
	}
	do := "name one of these with --kube-context: " + list
	switch {
	case name == "":
		return problem(nil, do, "the kubeconfig has no current context")
	case current:
		return problem(nil, do, "the current context of the kubeconfig is %q, which it does not have", name)
	}
	return problem(nil, do, "the kubeconfig has no context %q", name)
}

// unreadable never quotes the file, which holds keys and tokens: parsers do.
func unreadable(err error, paths string) error {
	var path *fs.PathError
	where := regexp.MustCompile(`line \d+`).FindString(err.Error())
	if where != "" {
		where = " (" + where + ")"
	}
	const do = "name another with --kubeconfig or $KUBECONFIG"
	if errors.As(err, &path) {
		return problem(err, do, "the kubeconfig %s cannot be read: %v", path.Path, path.Err)
	}
	if file := regexp.MustCompile(`error loading config file "([^"\n]+)"`).FindStringSubmatch(err.Error()); file != nil {
		paths = file[1]
	}
	// client-go wraps the errors of reading as texts.
	if why := regexp.MustCompile(`: (is a directory|permission denied)\b`).FindStringSubmatch(err.Error()); why != nil {
		return problem(err, do, "the kubeconfig %s cannot be read: %s", paths, why[1])
	}
	return problem(nil, "check it: kubectl config view", "%s is no valid kubeconfig%s", paths, where)
}

// host is what of an address may be shown: no user, no path.
func host(server string) string {
	if u, err := url.Parse(server); err == nil && u.Host != "" {
		return u.Host
	}
	return "the address in the kubeconfig"
}
