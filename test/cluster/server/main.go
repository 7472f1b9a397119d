// Command server is a Kubernetes control plane in one program: etcd, kube-apiserver,
// kube-controller-manager and kube-scheduler, each unmodified. It is the one its first argument names, or
// the one it is called as: a folder of links to it serves where tools expect the separate programs.
//
// One program is one link and shares most of its code, so it builds and starts sooner than four.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"          // --logging-format=json, as the originals have it
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // the clients' metrics, as the originals have them
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/component-base/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"

	"polygraph/test/cluster/lifeline"
)

// A shell in a hurry would see four programs here; the names are the ones of the releases.
const usage = "usage: server etcd|kube-apiserver|kube-controller-manager|kube-scheduler [FLAG...], or server versions"

func main() {
	lifeline.Hold()
	args := os.Args
	if name := filepath.Base(args[0]); !component(name) {
		args = args[1:]
	} else {
		args = append([]string{name}, args[1:]...)
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	switch args[0] {
	case "etcd":
		etcdmain.Main(args)
	case "kube-apiserver":
		run(apiserver.NewAPIServerCommand(), args)
	case "kube-controller-manager":
		run(controllermanager.NewControllerManagerCommand(), args)
	case "kube-scheduler":
		run(scheduler.NewSchedulerCommand(), args)
	case "versions":
		fmt.Println("kubernetes", version.Get().GitVersion)
		fmt.Println("etcd", moduleVersion("go.etcd.io/etcd/server/v3"))
	default:
		fmt.Fprintf(os.Stderr, "server: no program %q\n%s\n", args[0], usage)
		os.Exit(2)
	}
}

func component(name string) bool {
	switch name {
	case "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler":
		return true
	}
	return false
}

func run(command *cobra.Command, args []string) {
	command.SetArgs(args[1:])
	os.Exit(cli.Run(command))
}

func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return "unknown"
}
