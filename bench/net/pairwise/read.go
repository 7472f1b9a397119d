package pairwise

import (
	"bytes"
	"fmt"
	"net/netip"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// Read decodes YAML documents of the kinds that matter here: Namespace,
// NetworkPolicy, Pod, and Deployment, StatefulSet, DaemonSet and ReplicaSet. A
// pod that one of these controls lends it its address and is none by itself.
// Any other kind is an error, because nobody should trust an evaluator that
// skips what it does not know.
func Read(data []byte) (*Cluster, error) {
	c := &Cluster{}
	made := map[string]*Workload{} // by namespace, kind and name, also of what was made
	for n, text := range bytes.Split(data, []byte("\n---\n")) {
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if err := c.document(text, made); err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
	}
	return c, nil
}

func (c *Cluster) document(text []byte, made map[string]*Workload) error {
	var head metav1.TypeMeta
	if err := yaml.Unmarshal(text, &head); err != nil {
		return err
	}
	switch head.Kind {
	case "Namespace":
		var o corev1.Namespace
		if err := yaml.Unmarshal(text, &o); err != nil {
			return err
		}
		c.AddNamespace(o.Name, o.Labels)
	case "NetworkPolicy":
		var o networkingv1.NetworkPolicy
		if err := yaml.UnmarshalStrict(text, &o); err != nil {
			return err
		}
		return c.AddPolicy(&o)
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet":
		var o appsv1.Deployment // metadata and spec.template stand at the same place in all four
		if err := yaml.Unmarshal(text, &o); err != nil {
			return err
		}
		return c.add(head.Kind, o.ObjectMeta, o.Spec.Template.ObjectMeta, o.Spec.Template.Spec, "", made)
	case "Pod":
		var o corev1.Pod
		if err := yaml.Unmarshal(text, &o); err != nil {
			return err
		}
		return c.add(head.Kind, o.ObjectMeta, o.ObjectMeta, o.Spec, o.Status.PodIP, made)
	default:
		return fmt.Errorf("kind %q is not known here", head.Kind)
	}
	return nil
}

// add adds a workload; owners stand before what they made.
func (c *Cluster) add(kind string, of, pods metav1.ObjectMeta, spec corev1.PodSpec, address string, made map[string]*Workload) error {
	if spec.HostNetwork {
		return fmt.Errorf("%s %s/%s is on the network of its node", kind, of.Namespace, of.Name)
	}
	w := &Workload{Namespace: of.Namespace, Name: of.Name, Kind: kind, Labels: pods.Labels}
	for _, container := range spec.Containers {
		w.Ports = append(w.Ports, container.Ports...)
	}
	if owner := metav1.GetControllerOfNoCopy(&of); owner != nil {
		w = made[key(of.Namespace, owner.Kind, owner.Name)]
		if w == nil {
			return fmt.Errorf("%s %s/%s: its %s %s does not stand before it", kind, of.Namespace, of.Name, owner.Kind, owner.Name)
		}
	} else {
		c.Workloads = append(c.Workloads, w)
	}
	made[key(of.Namespace, kind, of.Name)] = w
	if address != "" {
		a, err := netip.ParseAddr(address)
		if err != nil {
			return fmt.Errorf("%s %s/%s: %w", kind, of.Namespace, of.Name, err)
		}
		w.Addresses = append(w.Addresses, a)
	}
	return nil
}

func key(namespace, kind, name string) string { return namespace + "\x00" + kind + "\x00" + name }
