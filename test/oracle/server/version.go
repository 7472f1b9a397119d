package main

import "k8s.io/component-base/version"

type versionAnswer struct {
	Version string   `json:"version"`
	Kinds   []string `json:"kinds"`
	Walked  []string `json:"walked"`
}

func (o *oracle) version() versionAnswer {
	return versionAnswer{Version: version.Get().GitVersion, Kinds: o.names, Walked: o.walked}
}
