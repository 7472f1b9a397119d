package cluster

import (
	"context"
	"os"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// patience is for a busy machine.
const patience = 2 * time.Minute

// volumes of the claims, which a storage driver would have made.
var volumes = map[string]string{"catalog-images": "5Gi", "data-search-0": "10Gi", "data-search-1": "10Gi", "data-orders-db-0": "50Gi"}

// stage brings a cluster to where it is before today's release.
func (s *shop) stage() {
	s.Helper()
	s.run("apply", "-f", s.file("setup"), "-f", "tools/argocd.yaml", "-f", "tools/policies.yaml", "-f", "tools/system.yaml", "-f", "tools/network-"+s.name+".yaml")
	s.run("label", "node", "kwok-0", "eks.amazonaws.com/nodegroup=shop")
	s.eventually("the namespace has its account", func(ctx context.Context) error {
		_, err := s.CoreV1().ServiceAccounts("shop").Get(ctx, "default", metav1.GetOptions{})
		return err
	})
	for _, version := range []string{"pricing.acme.example.com/v1", "argoproj.io/v1alpha1", "policy.networking.k8s.io/v1alpha2"} {
		s.eventually(version+" is served", func(context.Context) error {
			_, err := s.Discovery().ServerResourcesForGroupVersion(version)
			return err
		})
	}
	for claim, size := range volumes {
		s.provide(claim, size)
	}
	s.deploy()
	s.settled()
	s.byHand()
	s.settled()
	s.pulled()
}

// deploy is how the house brings its manifests in: the pipeline by kubectl apply, the catalog as Helm does, the
// orders as Argo CD does, by the names that those two write under.
func (s *shop) deploy() {
	s.Helper()
	pipeline := []string{"apply", "-f", "tools/application.yaml"}
	for _, name := range []string{
		"access", "config", "search", "cart", "checkout-api", "payments", "returns", "webhooks", "storefront", "media", "log-agent", "jobs", "pricing",
		"orders-db", "monitoring", "network", "guardrails",
	} {
		pipeline = append(pipeline, "-f", s.file(name))
	}
	s.run(pipeline...)
	s.run("create", "--field-manager=helm", "-f", s.file("catalog"), "-f", "tools/helm.yaml")
	s.run("annotate", "--field-manager=helm", "deployment/catalog", "service/catalog", "persistentvolumeclaim/catalog-images",
		"meta.helm.sh/release-name=catalog", "meta.helm.sh/release-namespace=shop")
	if s.name == "acme" {
		// Somebody gave it to Argo CD as well, to see it on the dashboard.
		s.run("annotate", "--field-manager=argocd-controller", "deployment/catalog", "argocd.argoproj.io/tracking-id=shop:apps/Deployment:shop/catalog")
	}
	if s.name == "acme" {
		// The pipeline still has the orders, which Argo CD took over in summer.
		s.run("apply", "--server-side", "-f", s.file("orders"))
	}
	s.run("apply", "--server-side", "--force-conflicts", "--field-manager=argocd-controller", "-f", s.file("orders"))
}

// byHand is the night between.
func (s *shop) byHand() {
	s.Helper()
	// The payments were killed for their memory, and waited for connections.
	s.edit("deployment/payments", "/limits:/,/requests:/s/512Mi/1Gi/")
	s.run("set", "env", "deployment/payments", "POOL_SIZE=20")
	if s.name == "acme" {
		// Somebody looked into a fault, and went home.
		s.run("rollout", "pause", "deployment/returns")
		return
	}
	// The disks of the search were full. Each claim grows, then the set is made anew around its pods.
	for _, claim := range []string{"data-search-0", "data-search-1"} {
		s.run("patch", "persistentvolumeclaim", claim, "--field-manager=kubectl-edit", "-p", `{"spec":{"resources":{"requests":{"storage":"20Gi"}}}}`)
	}
	s.grown("data-search-0", "data-search-1")
	s.run("delete", "statefulset", "search", "--cascade=orphan")
	text, err := os.ReadFile(s.file("search"))
	if err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(s.file("search"), []byte(strings.ReplaceAll(string(text), "storage: 10Gi", "storage: 20Gi")), 0o600); err != nil {
		s.Fatal(err)
	}
	s.run("apply", "-f", s.file("search"))
}

// edit is kubectl edit by somebody whose editor is sed.
func (s *shop) edit(object, script string) {
	s.Helper()
	if _, complaint, err := s.try([]string{"KUBE_EDITOR=sed -i '" + script + "'"}, "edit", object); err != nil {
		s.Fatalf("kubectl edit %s: %v\n%s", object, err, complaint)
	}
}

// provide makes the volume of a claim.
func (s *shop) provide(claim, size string) {
	s.Helper()
	_, err := s.CoreV1().PersistentVolumes().Create(s.Context(), &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: "shop-" + claim},
		Spec: corev1.PersistentVolumeSpec{
			Capacity: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}, AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			StorageClassName: "fast", PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimRetain,
			ClaimRef:               &corev1.ObjectReference{APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: "shop", Name: claim},
			PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{Driver: "ebs.csi.aws.com", VolumeHandle: "vol-" + claim}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		s.Fatal(err)
	}
}

// grown does for claims what the storage driver and the kubelet would: the volume is as large as was asked.
func (s *shop) grown(claims ...string) {
	s.Helper()
	for _, name := range claims {
		claim, err := s.CoreV1().PersistentVolumeClaims("shop").Get(s.Context(), name, metav1.GetOptions{})
		if err != nil {
			s.Fatal(err)
		}
		claim.Status.Capacity = claim.Spec.Resources.Requests
		if _, err := s.CoreV1().PersistentVolumeClaims("shop").UpdateStatus(s.Context(), claim, metav1.UpdateOptions{FieldManager: "kubelet"}); err != nil {
			s.Fatal(err)
		}
	}
}

// pulled does what the kubelet would: it tells which images run in the pods of the media. The tag stable was
// moved between the start of one of them and that of the other.
func (s *shop) pulled() {
	s.Helper()
	moved := []string{
		"sha256:0d1f7a5c2f8f3f4a6a0f9c2be07c9e8b5f6c1a64d2a8930bd66c7a0b4d5e3f21",
		"sha256:c2b91e64d8a7053f9fd2e40b6a1c7d8853e0fb29a46dd17c9be3805fa2716de4",
	}
	pods, err := s.CoreV1().Pods("shop").List(s.Context(), metav1.ListOptions{LabelSelector: "app=media"})
	if err != nil || len(pods.Items) != len(moved) {
		s.Fatalf("%d pods of the media: %v", len(pods.Items), err)
	}
	for i, pod := range pods.Items {
		c := &pod.Status.ContainerStatuses[0]
		name, digest, ok := strings.Cut(c.Image, "@")
		if !ok {
			digest = moved[i]
		}
		c.ImageID = name[:strings.LastIndexByte(name, ':')] + "@" + digest
		if _, err := s.CoreV1().Pods("shop").UpdateStatus(s.Context(), &pod, metav1.UpdateOptions{FieldManager: "kubelet"}); err != nil {
			s.Fatal(err)
		}
	}
}

// eventually waits until something is no error any more.
func (s *shop) eventually(what string, ask func(ctx context.Context) error) {
	s.Helper()
	var last error
	err := wait.PollUntilContextTimeout(s.Context(), 50*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		last = ask(ctx)
		return last == nil, nil
	})
	if err != nil {
		s.Fatalf("%s: %v; last: %v", what, err, last)
	}
}
