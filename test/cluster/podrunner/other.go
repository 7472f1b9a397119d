//go:build !linux

package podrunner

import (
	"errors"
	"os/exec"
)

var errSystem = errors.New("podrunner: pods need Linux: their addresses are added to its loopback device; in a virtual machine or a container with CAP_NET_ADMIN it works")

func openDevice() (device, error) { return nil, errSystem }

type spawner struct{}

func newSpawner() *spawner { return &spawner{} }

func (*spawner) close() {}

func (*spawner) start(*exec.Cmd) (*process, error) { return nil, errSystem }

type process struct {
	done         chan struct{}
	code, signal int32
}

func (*process) kill() {}

func (*process) stop(string) error { return errSystem }
