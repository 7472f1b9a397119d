package workloads

import (
	"polygraph/internal/kubeobj"
)

// refer files the references to Secrets of what is no workload.
//
// Sources: k8s.io/api v0.37.2 core/v1 ServiceAccount, networking/v1 IngressTLS;
// Gateway API v1.3 reference, ListenerTLSConfig.certificateRefs.
func (g *Graph) refer(o *kubeobj.Object) {
	secret := func(way Way, path, name string) {
		each(&o.Root, path, "", func(v, _ *kubeobj.Value, at string) {
			n := v.Get(name)
			if n.Str() == "" || v.Get("kind").Str() != "" && v.Get("kind").Str() != "Secret" || v.Get("group").Str() != "" {
				return
			}
			k := Key{"", "Secret", o.Namespace, n.Text}
			if ns := v.Get("namespace").Str(); ns != "" {
				k.Namespace = ns
			}
			g.read(&Read{Way: way, All: true, Target: k, Reader: o, Value: n, Path: at + "." + name})
		})
	}
	switch k := KeyOf(o); k.Group + "/" + k.Kind {
	case "/ServiceAccount":
		secret(Pull, "imagePullSecrets[]", "name")
		secret(Account, "secrets[]", "name")
	case "networking.k8s.io/Ingress":
		secret(Certificate, "spec.tls[]", "secretName")
	case "gateway.networking.k8s.io/Gateway":
		secret(Certificate, "spec.listeners[].tls.certificateRefs[]", "name")
	}
}
