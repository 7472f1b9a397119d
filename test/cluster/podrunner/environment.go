package podrunner

import (
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
)

// sources are where the environment of a container gets the contents of other objects from.
type sources struct {
	configMap func(name string) (*corev1.ConfigMap, error)
	secret    func(name string) (*corev1.Secret, error)
}

// placement is what a container can be told of where it runs.
type placement struct {
	podIP, hostIP string
	allocatable   corev1.ResourceList
}

// environment resolves the variables of a container: those of envFrom, over them those of env in their
// order, each of which can refer to earlier ones.
func environment(pod *corev1.Pod, container *corev1.Container, from sources, at placement) (map[string]string, error) {
	variables, size := map[string]string{}, 0
	set := func(name, value string) error {
		if size += len(name) + len(value); size > maxTexts {
			return fmt.Errorf("environment variable %s: with it there are more than %d bytes, which no process can be given", name, maxTexts)
		}
		variables[name] = value
		return nil
	}
	for _, whole := range container.EnvFrom {
		if err := importAll(set, whole, from); err != nil {
			return nil, err
		}
	}
	for _, variable := range container.Env {
		if variable.Value != "" || variable.ValueFrom == nil {
			value, err := expand(variable.Value, lookup(variables))
			if err != nil {
				return nil, fmt.Errorf("environment variable %s: %w", variable.Name, err)
			}
			if err := set(variable.Name, value); err != nil {
				return nil, err
			}
			continue
		}
		value, found, err := resolve(pod, container, variable.ValueFrom, from, at)
		if err != nil {
			return nil, fmt.Errorf("environment variable %s: %w", variable.Name, err)
		}
		if !found {
			continue
		}
		if err := set(variable.Name, value); err != nil {
			return nil, err
		}
	}
	for name, value := range variables {
		if strings.ContainsRune(name+value, 0) {
			return nil, fmt.Errorf("environment variable %q: it holds a NUL byte, which no process can be given", name)
		}
	}
	return variables, nil
}

// importAll adds all keys of a ConfigMap or Secret. One that is optional may be missing.
func importAll(set func(name, value string) error, whole corev1.EnvFromSource, from sources) error {
	switch {
	case whole.ConfigMapRef != nil:
		object, err := from.configMap(whole.ConfigMapRef.Name)
		if err != nil {
			return unlessOptional(err, whole.ConfigMapRef.Optional)
		}
		for key, value := range object.Data {
			if err := set(whole.Prefix+key, value); err != nil {
				return err
			}
		}
	case whole.SecretRef != nil:
		object, err := from.secret(whole.SecretRef.Name)
		if err != nil {
			return unlessOptional(err, whole.SecretRef.Optional)
		}
		for key, value := range object.Data {
			if err := set(whole.Prefix+key, string(value)); err != nil {
				return err
			}
		}
	}
	return nil
}

func unlessOptional(err error, optional *bool) error {
	if optional != nil && *optional && apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// resolve is the value of a variable that comes from elsewhere; found is false where it is optional and
// not there.
func resolve(pod *corev1.Pod, container *corev1.Container, source *corev1.EnvVarSource, from sources, at placement) (value string, found bool, err error) {
	switch {
	case source.FieldRef != nil:
		value, err = field(pod, source.FieldRef.FieldPath, at)
		return value, err == nil, err
	case source.ResourceFieldRef != nil:
		value, err = resourceField(pod, container, source.ResourceFieldRef, at.allocatable)
		return value, err == nil, err
	case source.ConfigMapKeyRef != nil:
		ref := source.ConfigMapKeyRef
		object, err := from.configMap(ref.Name)
		if err != nil {
			return "", false, unlessOptional(err, ref.Optional)
		}
		value, found = object.Data[ref.Key]
		return value, found, missingKey(found, ref.Optional, ref.Key, "ConfigMap", pod.Namespace, ref.Name)
	case source.SecretKeyRef != nil:
		ref := source.SecretKeyRef
		object, err := from.secret(ref.Name)
		if err != nil {
			return "", false, unlessOptional(err, ref.Optional)
		}
		bytes, found := object.Data[ref.Key]
		return string(bytes), found, missingKey(found, ref.Optional, ref.Key, "Secret", pod.Namespace, ref.Name)
	default:
		return "", false, fmt.Errorf("its source is none of fieldRef, resourceFieldRef, configMapKeyRef and secretKeyRef")
	}
}

func missingKey(found bool, optional *bool, key, kind, namespace, name string) error {
	if found || optional != nil && *optional {
		return nil
	}
	return fmt.Errorf("no key %s in %s %s/%s", key, kind, namespace, name)
}

// field is a field of the pod, by the paths that the API server lets through.
func field(pod *corev1.Pod, path string, at placement) (string, error) {
	if base, key, ok := strings.Cut(strings.TrimSuffix(path, "']"), "['"); ok {
		switch base {
		case "metadata.labels":
			return pod.Labels[key], nil
		case "metadata.annotations":
			return pod.Annotations[key], nil
		}
	}
	switch path {
	case "metadata.name":
		return pod.Name, nil
	case "metadata.namespace":
		return pod.Namespace, nil
	case "metadata.uid":
		return string(pod.UID), nil
	case "spec.nodeName":
		return pod.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return pod.Spec.ServiceAccountName, nil
	case "status.podIP", "status.podIPs":
		return at.podIP, nil
	case "status.hostIP", "status.hostIPs":
		return at.hostIP, nil
	}
	return "", fmt.Errorf("fieldRef %s is not known here", path)
}

// resourceField is a request or limit in units of the divisor, rounded up. A limit that is not set is
// what the node has.
func resourceField(pod *corev1.Pod, container *corev1.Container, ref *corev1.ResourceFieldSelector, allocatable corev1.ResourceList) (string, error) {
	if ref.ContainerName != "" && ref.ContainerName != container.Name {
		for _, all := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
			for i := range all {
				if all[i].Name == ref.ContainerName {
					container = &all[i]
				}
			}
		}
	}
	side, name, _ := strings.Cut(ref.Resource, ".")
	var quantity resource.Quantity
	switch side {
	case "requests":
		quantity = container.Resources.Requests[corev1.ResourceName(name)]
	case "limits":
		var set bool
		if quantity, set = container.Resources.Limits[corev1.ResourceName(name)]; !set {
			quantity = allocatable[corev1.ResourceName(name)]
		}
	default:
		return "", fmt.Errorf("resourceFieldRef %s is neither of requests nor of limits", ref.Resource)
	}
	divisor := ref.Divisor
	if divisor.IsZero() {
		divisor = resource.MustParse("1")
	}
	amount, unit := quantity.Value(), divisor.Value()
	if name == string(corev1.ResourceCPU) {
		amount, unit = quantity.MilliValue(), divisor.MilliValue()
	}
	return strconv.FormatInt((amount+unit-1)/unit, 10), nil
}
