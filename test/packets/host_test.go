//go:build linux

package packets

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
)

// host is a network namespace and the process that lives in it.
type host struct {
	name string
	cmd  *exec.Cmd
	ask  *json.Encoder
	hear *json.Decoder
	in   io.Closer
	said strings.Builder // stderr
	turn sync.Mutex
}

// request is what a host is asked for: one of its fields.
type request struct {
	Run     []string // a program with its arguments
	Input   string   // of the program
	Write   map[string]string
	Listen  []uint16
	Targets []target // to send packets to
	Ports   []uint16
}

// target is an address to which packets are sent, and who has to answer.
type target struct{ Name, Address string }

// reply is what comes back.
type reply struct {
	Error  string
	Output string
	Shots  []shot
}

// start makes a namespace. It is gone when its process is, and that is gone when
// this one is.
func start(name string) (*host, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	h := &host{name: name, cmd: exec.Command(self)}
	h.cmd.Env = append(os.Environ(), insideVariable+"="+name)
	h.cmd.Stderr = &h.said
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	in, err := h.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := h.cmd.Start(); err != nil {
		return nil, err
	}
	h.in, h.ask, h.hear = in, json.NewEncoder(in), json.NewDecoder(out)
	if _, err := h.do(request{Run: []string{"ip", "link", "set", "lo", "up"}}); err != nil {
		h.stop()
		return nil, err
	}
	return h, nil
}

// stop ends the process. It ends by itself when nobody asks any more.
func (h *host) stop() {
	h.in.Close()
	h.cmd.Process.Kill()
	h.cmd.Wait()
}

// do asks the process for something.
func (h *host) do(r request) (reply, error) {
	h.turn.Lock()
	defer h.turn.Unlock()
	var out reply
	err := h.ask.Encode(r)
	if err == nil {
		err = h.hear.Decode(&out)
	}
	if err == nil && out.Error != "" {
		err = errors.New(out.Error)
	}
	if err != nil {
		return out, fmt.Errorf("%s: %w %s", h.name, err, h.said.String())
	}
	return out, nil
}

// run runs a program in the namespace.
func (h *host) run(input string, program ...string) (string, error) {
	out, err := h.do(request{Run: program, Input: input})
	return out.Output, err
}
