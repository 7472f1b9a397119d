package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"polygraph/test/cluster/binary"
)

const (
	// KwokAnnotation with the value KwokFake is on the nodes that kwok answers for, and on no others.
	KwokAnnotation = "kwok.x-k8s.io/node"
	// KwokFake is the value of [KwokAnnotation].
	KwokFake = "fake"
	// KwokLabel is the key of a label that the nodes of [Options] have, with the value kwok.
	KwokLabel = "type"
)

// podRange is where kwok's pods seem to be. Nothing answers there.
const podRange = "10.244.0.0/16"

// notReadyTaint is put on every new node by admission. The node lifecycle controller takes it away.
const notReadyTaint = "node.kubernetes.io/not-ready"

// prepareKwok gives kwok its program and a folder of its own, so that the one of the person who runs a test
// is neither read nor written.
func (c *Cluster) prepareKwok(ctx context.Context, p *process) error {
	program, err := binary.Kwok().Find()
	if err != nil {
		return err
	}
	folder := c.files.at("kwok")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	stages, err := exec.CommandContext(ctx, program, "stages").Output()
	if err != nil {
		return fmt.Errorf("what nodes and pods of kwok go through: %w", err)
	}
	// The name by which kwok finds its configuration in its folder.
	if err := os.WriteFile(filepath.Join(folder, "kwok.yaml"), stages, 0o600); err != nil {
		return err
	}
	p.path, p.env = program, append(p.env, "KWOK_WORKDIR="+folder)
	return nil
}

func (c *Cluster) kwokFlags() []string {
	return []string{
		"--kubeconfig=" + c.files.kubeconfig("kwok"),
		"--manage-nodes-with-annotation-selector=" + KwokAnnotation + "=" + KwokFake,
		"--cidr=" + podRange,
		// Without leases the node lifecycle controller gives the nodes up after a minute.
		"--node-lease-duration-seconds=40",
		// The API server asks here for the logs of a pod and gets kwok's own answer, that there are none; an
		// invented address would send it into a network.
		"--node-ip=127.0.0.1", fmt.Sprintf("--node-port=%d", c.ports.kwok), fmt.Sprintf("--server-address=127.0.0.1:%d", c.ports.kwok),
		"--tls-cert-file=" + c.files.certificate("server"), "--tls-private-key-file=" + c.files.key("server"),
	}
}

// createNodes declares the nodes. kwok makes them Ready.
func (c *Cluster) createNodes(ctx context.Context) error {
	if c.options.Nodes == 0 {
		return nil
	}
	client, err := c.client()
	if err != nil {
		return err
	}
	for i := range c.options.Nodes {
		// The data of an earlier cluster has them already.
		_, err := client.CoreV1().Nodes().Create(ctx, kwokNode(fmt.Sprintf("kwok-%d", i)), metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("node %d of %d: %w", i+1, c.options.Nodes, err)
		}
	}
	return nil
}

func (c *Cluster) client() (*kubernetes.Clientset, error) {
	config, err := c.User("cluster", Administrators)
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(config)
}

// kwokNode has the size of a common machine: on the one that kwok would invent, everything fits.
func kwokNode(name string) *corev1.Node {
	size := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("32Gi"),
		corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"), corev1.ResourcePods: resource.MustParse("110"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name:        name,
			Annotations: map[string]string{KwokAnnotation: KwokFake},
			Labels: map[string]string{
				corev1.LabelHostname: name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: runtime.GOARCH, KwokLabel: "kwok",
			},
		},
		Status: corev1.NodeStatus{
			Capacity: size, Allocatable: size,
			NodeInfo: corev1.NodeSystemInfo{Architecture: runtime.GOARCH, OperatingSystem: "linux"},
		},
	}
}

// nodesReady waits until pods can be scheduled to all nodes of kwok.
func (c *Cluster) nodesReady(ctx context.Context) error {
	if c.options.Nodes == 0 {
		return nil
	}
	client, err := c.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	for {
		waiting, err := c.nodesNotReady(ctx, client)
		if err == nil && waiting == "" {
			return nil
		}
		if died := c.Died(); died != nil {
			return died
		}
		select {
		case <-ctx.Done():
			if err == nil {
				err = errors.New(waiting)
			}
			return fmt.Errorf("the nodes of kwok are not ready: %w; %w; the end of kwok's log:\n%s", context.Cause(ctx), err, c.processes[Kwok].tail())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// nodesNotReady says what is waited for.
func (c *Cluster) nodesNotReady(ctx context.Context, client *kubernetes.Clientset) (string, error) {
	list, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{LabelSelector: labels.Set{KwokLabel: "kwok"}.String()})
	if err != nil {
		return "", err
	}
	for _, node := range list.Items {
		ready := slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
			return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
		})
		if !ready {
			return node.Name + " is not Ready", nil
		}
		if !slices.ContainsFunc(node.Spec.Taints, func(t corev1.Taint) bool { return t.Key == notReadyTaint }) {
			continue
		}
		if c.options.watchesNodes() {
			return node.Name + " is Ready and still has the taint " + notReadyTaint, nil
		}
		// Nobody else will, and no pod would be scheduled to it.
		patch := []byte(`[{"op": "remove", "path": "/spec/taints"}]`)
		if _, err := client.CoreV1().Nodes().Patch(ctx, node.Name, types.JSONPatchType, patch, metav1.PatchOptions{}); err != nil {
			return "", err
		}
	}
	return "", nil
}

// watchesNodes tells whether a controller keeps taints in step with the conditions of nodes.
func (o Options) watchesNodes() bool {
	return slices.ContainsFunc(o.controllers(), func(name string) bool {
		return name == "*" || name == "node-lifecycle-controller" || name == "nodelifecycle"
	})
}
