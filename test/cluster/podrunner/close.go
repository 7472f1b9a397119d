package podrunner

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// farewell bounds what is still said to the API at Close.
const farewell = 5 * time.Second

// shut ends everything that runs here, once. With the power lost nobody is told.
func (r *Runner) shut(powerLost bool) error {
	if r.ended {
		return nil
	}
	r.ended = true
	if powerLost {
		r.cutOff()
	}
	r.stopIntake()
	r.mu.Lock() // nobody is let in between
	r.end()
	r.mu.Unlock()
	if !powerLost {
		late := time.AfterFunc(farewell, r.cutOff)
		defer late.Stop()
	}
	r.living.Wait()
	r.loops.Wait()
	for _, factory := range r.factories {
		factory.Shutdown()
	}
	if r.events != nil {
		r.events.Shutdown()
	}
	r.spawner.close()
	if r.addresses != nil {
		return r.addresses.close()
	}
	return nil
}

// Close ends all processes at once, tells the API that the pods were terminated, and removes addresses,
// the temporary folder and the Node. What the API does not answer within seconds is left as it is.
func (r *Runner) Close() error {
	r.ending.Lock()
	defer r.ending.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	powerLost := r.ended
	all := []error{r.shut(false)}
	if r.registered && !r.options.KeepNode {
		all = append(all, r.unregister(powerLost))
	}
	r.cutOff()
	for _, client := range r.transport {
		utilnet.CloseIdleConnectionsFor(client.Transport)
	}
	if r.logFile != nil {
		all = append(all, r.logFile.Close())
	}
	if r.temporary {
		all = append(all, os.RemoveAll(r.folder))
	}
	return errors.Join(all...)
}

// PowerOff ends the node as one that loses its power: the processes are gone, their addresses do not
// answer, and the API is told nothing: its controllers have to find out. Close removes the rest.
func (r *Runner) PowerOff() error {
	r.ending.Lock()
	defer r.ending.Unlock()
	return r.shut(true)
}

// unregister removes the Node, or says that it is not ready where a kubelet's identity is all there is.
func (r *Runner) unregister(powerLost bool) error {
	// After a loss of power the old connection to the API is cut for good.
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	client := r.client
	if r.admin != nil {
		client = r.admin
	}
	err := client.CoreV1().Nodes().Delete(ctx, r.options.Node, metav1.DeleteOptions{})
	switch {
	case err == nil || apierrors.IsNotFound(err):
		return nil
	case apierrors.IsForbidden(err) && powerLost:
		return nil
	case apierrors.IsForbidden(err):
		err = r.patchNode(ctx, corev1.NodeStatus{Conditions: nodeConditions(false, metav1.Now())})
	}
	if err == nil || unreachable(err) {
		return nil // a cluster that is gone has no Node either
	}
	return fmt.Errorf("podrunner: removing node %s: %w", r.options.Node, err)
}

// unreachable tells that nobody answered.
func unreachable(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded)
}
