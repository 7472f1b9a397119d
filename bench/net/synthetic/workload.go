package synthetic

import (
	"fmt"
	"strings"
)

func (g *generator) deployment(namespace string, app, i, port int) {
	name := fmt.Sprintf("app-%d-%03d", app, i)
	template := fmt.Sprintf(`metadata:
  labels:
    app: app-%d
    instance: %s
spec:
  containers:
  - name: main
    image: registry.example/%s/app-%d:1.%d
    ports:
    - name: http
      containerPort: %d
      protocol: TCP
    resources:
      requests:
        cpu: 100m
        memory: 128Mi
`, app, name, namespace, app, i, port)
	g.printf("---\napiVersion: apps/v1\nkind: Deployment\n")
	g.maker(namespace, name, "", template)
	if g.Pods == 0 {
		return
	}
	set := name + "-5d4f8c7b9"
	g.printf("---\napiVersion: apps/v1\nkind: ReplicaSet\n")
	g.maker(namespace, set, owner("Deployment", namespace, name), hashed(template))
	for range g.Pods {
		g.pod(namespace, set, template)
	}
}

// maker writes what has a template: a Deployment, or the ReplicaSet it made.
func (g *generator) maker(namespace, name, owner, template string) {
	g.printf("metadata:\n  name: %s\n  namespace: %s\n", name, namespace)
	if g.Pods > 0 {
		g.printf("  uid: %s\n  resourceVersion: \"%d\"\n", uid(namespace, name), 1000+g.pods)
	}
	g.printf("%s", owner)
	g.printf("spec:\n  replicas: %d\n  selector:\n    matchLabels:\n%s  template:\n%s",
		max(1, g.Pods), indent(labelsOf(template), 2), indent(template, 4))
}

func (g *generator) pod(namespace, set, template string) {
	g.pods++
	n := g.pods
	meta, spec, _ := strings.Cut(hashed(template), "spec:\n")
	name := fmt.Sprintf("%s-%05x", set, n)
	g.printf("---\napiVersion: v1\nkind: Pod\n%s  name: %s\n  namespace: %s\n  uid: %s\n  resourceVersion: \"%d\"\n",
		meta, name, namespace, uid(namespace, name), 1000+n)
	g.printf("%sspec:\n%s  nodeName: node-%d\nstatus:\n  phase: Running\n  podIP: 10.%d.%d.%d\n",
		owner("ReplicaSet", namespace, set), spec, n%200, n>>16&255, n>>8&255, n&255)
}

// hashed is a template with the label by which a ReplicaSet knows its pods.
func hashed(template string) string {
	return strings.Replace(template, "  labels:\n", "  labels:\n    pod-template-hash: 5d4f8c7b9\n", 1)
}

func owner(kind, namespace, name string) string {
	return fmt.Sprintf("  ownerReferences:\n  - apiVersion: apps/v1\n    kind: %s\n    name: %s\n    uid: %s\n    controller: true\n",
		kind, name, uid(namespace, name))
}

// uid looks like one and is made of the name, so that it is the same each time:
// FNV-1a.
func uid(namespace, name string) string {
	var sum uint64 = 14695981039346656037
	for _, c := range []byte(namespace + "/" + name) {
		sum = (sum ^ uint64(c)) * 1099511628211
	}
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", uint32(sum>>32), sum&0xffffffffffff)
}

// labelsOf are the lines of the labels of a template, less deep by two.
func labelsOf(template string) string {
	_, rest, _ := strings.Cut(template, "  labels:\n")
	text, _, _ := strings.Cut(rest, "spec:\n")
	return text
}

func indent(text string, by int) string {
	pad := strings.Repeat(" ", by)
	return pad + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+pad) + "\n"
}
