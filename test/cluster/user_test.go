package cluster

import (
	"context"
	"crypto/x509"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"polygraph/test/cluster/binary"
	"polygraph/test/cluster/pki"
)

func whoAmI(ctx context.Context, client kubernetes.Interface) (authenticationv1.UserInfo, error) {
	review, err := client.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return authenticationv1.UserInfo{}, err
	}
	return review.Status.UserInfo, nil
}

func TestTheServerKnowsUsersAndTheirGroups(t *testing.T) {
	t.Parallel()
	c := shared.Cluster(t)
	for _, u := range []struct {
		name   string
		groups []string
	}{
		{"alice", []string{"developers", "on call, at night"}},
		{"bob@example.test", nil},
		{"system:node:one", []string{"system:nodes"}},
		{"admin", []string{Administrators}},
	} {
		is, err := whoAmI(t.Context(), kubernetes.NewForConfigOrDie(c.UserConfig(t, u.name, u.groups...)))
		want := slices.Sorted(slices.Values(append(u.groups, "system:authenticated")))
		if err != nil || is.Username != u.name || !slices.Equal(slices.Sorted(slices.Values(is.Groups)), want) {
			t.Errorf("%s of %v is seen as %s of %v, %v", u.name, u.groups, is.Username, is.Groups, err)
		}
	}
}

// The node authorizer knows a kubelet by its name and lets it see its own.
func TestANodeSeesWhatIsItsOwn(t *testing.T) {
	t.Parallel()
	c := shared.Cluster(t)
	admin := adminOf(t, c)
	for _, name := range []string{"mine", "other"} {
		_, err := admin.CoreV1().Nodes().Create(t.Context(), &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = admin.CoreV1().Nodes().Delete(context.Background(), name, metav1.DeleteOptions{}) })
	}
	node := kubernetes.NewForConfigOrDie(c.UserConfig(t, "system:node:mine", "system:nodes"))
	if _, err := node.CoreV1().Nodes().Get(t.Context(), "mine", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := node.CoreV1().Secrets("default").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("it lists secrets: %v", err)
	}
	patch := []byte(`{"metadata":{"labels":{"a":"b"}}}`)
	if _, err := node.CoreV1().Nodes().Patch(t.Context(), "other", "application/merge-patch+json", patch, metav1.PatchOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("it patches another: %v", err)
	}
}

// Another cluster's administrator is nobody here, and another cluster's server is not trusted.
func TestAnotherAuthority(t *testing.T) {
	t.Parallel()
	c := shared.Cluster(t)
	other, err := pki.NewAuthority("another")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := other.Client("admin", Administrators)
	if err != nil {
		t.Fatal(err)
	}
	stranger := c.AdminConfig(t)
	stranger.CertData, stranger.KeyData = pair.Certificate, pair.Key
	if _, err := whoAmI(t.Context(), kubernetes.NewForConfigOrDie(stranger)); !apierrors.IsUnauthorized(err) {
		t.Errorf("an administrator of another cluster: %v", err)
	}
	mistrustful := c.AdminConfig(t)
	mistrustful.CAData = other.Certificate
	var unknown x509.UnknownAuthorityError
	if _, err := whoAmI(t.Context(), kubernetes.NewForConfigOrDie(mistrustful)); !errors.As(err, &unknown) {
		t.Errorf("a server of an unknown authority: %v", err)
	}
}

func TestKubeconfig(t *testing.T) {
	t.Parallel()
	c := shared.Cluster(t)
	path := filepath.Join(t.TempDir(), "config")
	if err := c.Kubeconfig(path, "carol", "view of all"); err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	if is, err := whoAmI(t.Context(), kubernetes.NewForConfigOrDie(config)); err != nil || is.Username != "carol" || !slices.Contains(is.Groups, "view of all") {
		t.Errorf("seen as %v, %v", is, err)
	}
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		kubectl, err = binary.Kubectl().Find()
		started(t, err)
	}
	out, err := exec.Command(kubectl, "--kubeconfig="+path, "auth", "whoami", "--output=name", "--output=jsonpath={.status.userInfo.username}").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "carol") {
		t.Errorf("kubectl says %s, %v", out, err)
	}
}
