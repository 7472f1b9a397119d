package podrunner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"runtime"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// The kubelet's defaults.
const (
	leaseSeconds = 40
	heartbeat    = leaseSeconds / 4 * time.Second
)

// newDialer is the kind that client-go makes where it is given none.
func newDialer() *net.Dialer {
	return &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
}

// register creates the Node, or takes over the one that an earlier run left.
func (r *Runner) register(ctx context.Context) error {
	version, err := r.client.Discovery().ServerVersion()
	if err != nil {
		return fmt.Errorf("podrunner: the API at its start: %w", err)
	}
	wanted := r.node(version.GitVersion)
	_, err = r.client.CoreV1().Nodes().Create(ctx, wanted, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		err = r.patchNode(ctx, wanted.Status)
	}
	if err != nil {
		return fmt.Errorf("podrunner: registering node %s: %w", r.options.Node, err)
	}
	return nil
}

func (r *Runner) node(version string) *corev1.Node {
	labels := map[string]string{
		corev1.LabelHostname: r.options.Node, corev1.LabelOSStable: runtime.GOOS, corev1.LabelArchStable: runtime.GOARCH,
	}
	maps.Copy(labels, r.options.Labels)
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: r.options.Node, Labels: labels},
		Spec:       corev1.NodeSpec{Taints: r.options.Taints},
		Status: corev1.NodeStatus{
			Capacity: r.capacity, Allocatable: r.capacity,
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: r.addresses.node.String()},
				{Type: corev1.NodeHostName, Address: r.options.Node},
			},
			Conditions: nodeConditions(true, metav1.Now()),
			NodeInfo: corev1.NodeSystemInfo{
				KubeletVersion: version, OperatingSystem: runtime.GOOS, Architecture: runtime.GOARCH,
				ContainerRuntimeVersion: "podrunner://1", OSImage: "processes of this machine",
			},
		},
	}
}

func nodeConditions(ready bool, now metav1.Time) []corev1.NodeCondition {
	all := []corev1.NodeCondition{
		{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientMemory"},
		{Type: corev1.NodeDiskPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasNoDiskPressure"},
		{Type: corev1.NodePIDPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientPID"},
		{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady", Message: "podrunner is posting ready status"},
	}
	if !ready {
		all[3] = corev1.NodeCondition{Type: corev1.NodeReady, Status: corev1.ConditionFalse, Reason: "KubeletNotReady", Message: "node is shutting down"}
	}
	for i := range all {
		all[i].LastHeartbeatTime, all[i].LastTransitionTime = now, now
	}
	return all
}

// patchNode replaces what the status names; conditions are merged by their types.
func (r *Runner) patchNode(ctx context.Context, status corev1.NodeStatus) error {
	patch, err := json.Marshal(map[string]any{"status": status})
	if err != nil {
		return err
	}
	_, err = r.client.CoreV1().Nodes().Patch(ctx, r.options.Node, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	return err
}

// beat renews the Lease, by which controllers know that the node lives, and says that it is ready again
// where one of them thought that it is not.
func (r *Runner) beat() {
	for {
		wait := heartbeat
		if err := errors.Join(r.renewLease(), r.stayReady()); err != nil && r.intake.Err() == nil {
			r.log.Error("heartbeat", "error", err)
			wait = time.Second // the namespace of the Leases comes a moment after the API
		}
		select {
		case <-r.intake.Done():
			return
		case <-time.After(wait):
		}
	}
}

func (r *Runner) renewLease() error {
	ctx, cancel := context.WithTimeout(r.intake, requestLimit)
	defer cancel()
	client := r.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	seconds, now := int32(leaseSeconds), metav1.NowMicro()
	lease, err := client.Get(ctx, r.options.Node, metav1.GetOptions{})
	if err == nil {
		lease.Spec.HolderIdentity, lease.Spec.LeaseDurationSeconds, lease.Spec.RenewTime = &r.options.Node, &seconds, &now
		_, err = client.Update(ctx, lease, metav1.UpdateOptions{})
		return err
	}
	if !apierrors.IsNotFound(err) {
		return err
	}
	node, err := r.client.CoreV1().Nodes().Get(ctx, r.options.Node, metav1.GetOptions{})
	if err != nil {
		return err
	}
	_, err = client.Create(ctx, &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{
			Name: r.options.Node, Namespace: corev1.NamespaceNodeLease,
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}},
		},
		Spec: coordinationv1.LeaseSpec{HolderIdentity: &r.options.Node, LeaseDurationSeconds: &seconds, RenewTime: &now},
	}, metav1.CreateOptions{})
	return err
}

func (r *Runner) stayReady() error {
	ctx, cancel := context.WithTimeout(r.intake, requestLimit)
	defer cancel()
	node, err := r.client.CoreV1().Nodes().Get(ctx, r.options.Node, metav1.GetOptions{})
	if err != nil {
		return err
	}
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue {
			return nil
		}
	}
	return r.patchNode(ctx, corev1.NodeStatus{Conditions: nodeConditions(true, metav1.Now())})
}
