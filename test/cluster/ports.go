package cluster

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// ports are those of one start. All are bound to loopback.
type ports struct{ etcd, peer, apiServer, controllerManager, scheduler, kwok int }

func local(port int) string { return fmt.Sprintf("https://127.0.0.1:%d", port) }

// Systems take the ports of outgoing connections from above this range. A port of theirs could be gone when
// a part that was stopped wants it back.
const lowest, beyond = 20000, 32768

// freePorts finds ports and holds all of them until the last is known, so that they differ.
func freePorts() (ports, error) {
	var p ports
	for _, port := range []*int{&p.etcd, &p.peer, &p.apiServer, &p.controllerManager, &p.scheduler, &p.kwok} {
		listener, err := listen()
		if err != nil {
			return ports{}, err
		}
		defer listener.Close()
		*port = listener.Addr().(*net.TCPAddr).Port
	}
	return p, nil
}

func listen() (net.Listener, error) {
	var last error
	for range 100 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", lowest+rand.IntN(beyond-lowest)))
		if err == nil {
			return listener, nil
		}
		last = err
	}
	return nil, fmt.Errorf("no free port on loopback: %w", last)
}
