package conformance

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"polygraph/test/cluster/pki"
)

// testAuthentication: who a certificate says one is, and that only this cluster's certificates count.
func testAuthentication(t *testing.T, s suite) {
	name, groups := whoami(t, s.user(t, "fay", "weavers", "singers"))
	if want := "singers system:authenticated weavers"; name != "fay" || groups != want {
		t.Errorf("the user is %q in %q, want fay in %q", name, groups, want)
	}

	other, err := pki.NewAuthority("another cluster")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := other.Client("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	foreign := rest.CopyConfig(s.config)
	foreign.CertData, foreign.KeyData = pair.Certificate, pair.Key
	_, err = kubernetes.NewForConfigOrDie(foreign).CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	refused(t, "an administrator of another cluster", err, apierrors.IsUnauthorized)

	anonymous := kubernetes.NewForConfigOrDie(rest.AnonymousClientConfig(s.config))
	if _, err := anonymous.Discovery().ServerVersion(); err != nil {
		t.Errorf("the version is public: %v", err)
	}
	_, err = anonymous.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	refused(t, "nobody", err, apierrors.IsForbidden, "system:anonymous")

	impersonating := rest.CopyConfig(s.config)
	impersonating.Impersonate = rest.ImpersonationConfig{UserName: "gus", Groups: []string{"bakers"}}
	if name, groups = whoami(t, kubernetes.NewForConfigOrDie(impersonating)); name != "gus" || groups != "bakers system:authenticated" {
		t.Errorf("the administrator poses as %q in %q", name, groups)
	}
	impersonating = rest.CopyConfig(s.UserConfig(t, "fay"))
	impersonating.Impersonate = rest.ImpersonationConfig{UserName: "admin", Groups: []string{"system:masters"}}
	_, err = kubernetes.NewForConfigOrDie(impersonating).CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	refused(t, "somebody who poses as an administrator", err, apierrors.IsForbidden, "cannot impersonate")
	t.Run("front proxy", func(t *testing.T) { testFrontProxy(t, s) })
}

// testFrontProxy: an aggregated API server is told who calls by the API server, whose certificate
// vouches for it. The same rule holds for the API server itself, so it shows that the flags are right.
func testFrontProxy(t *testing.T, s suite) {
	call := func(commonName string) kubernetes.Interface {
		config := s.UserConfig(t, commonName)
		config.Wrap(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				r = r.Clone(r.Context())
				r.Header.Set("X-Remote-User", "hal")
				r.Header.Set("X-Remote-Group", "pilots")
				return next.RoundTrip(r)
			})
		})
		return kubernetes.NewForConfigOrDie(config)
	}
	if name, groups := whoami(t, call("front-proxy")); name != "hal" || groups != "pilots system:authenticated" {
		t.Errorf("the proxy speaks for %q in %q", name, groups)
	}
	if name, _ := whoami(t, call("somebody")); name != "somebody" {
		t.Errorf("somebody is believed to speak for %q", name)
	}
	published, err := s.admin.CoreV1().ConfigMaps("kube-system").Get(t.Context(), "extension-apiserver-authentication", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ca := string(s.config.CAData)
	if published.Data["requestheader-client-ca-file"] != ca || published.Data["client-ca-file"] != ca || published.Data["requestheader-allowed-names"] != `["front-proxy"]` {
		t.Errorf("aggregated servers are told to trust %v", published.Data)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// whoami is the name and the sorted groups that the server sees.
func whoami(t *testing.T, client kubernetes.Interface) (name, groups string) {
	t.Helper()
	answer, err := client.AuthenticationV1().SelfSubjectReviews().Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	in := answer.Status.UserInfo.Groups
	slices.Sort(in)
	return answer.Status.UserInfo.Username, strings.Join(in, " ")
}

// testServiceAccount: the API server signs tokens and believes them, with the keys that the harness made.
func testServiceAccount(t *testing.T, s suite) {
	namespace := s.namespace(t)
	s.create(t, namespace, "{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot}}")
	accounts := s.admin.CoreV1().ServiceAccounts(namespace)
	// Of an account's token, "exp" below is only asked for; ten minutes is the least that is allowed.
	token := func(audiences ...string) *rest.Config {
		seconds := int64(600)
		made, err := accounts.CreateToken(t.Context(), "robot", &authenticationv1.TokenRequest{
			Spec: authenticationv1.TokenRequestSpec{Audiences: audiences, ExpirationSeconds: &seconds},
		}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		config := rest.AnonymousClientConfig(s.config)
		config.BearerToken = made.Status.Token
		return config
	}
	config := token()
	robot := kubernetes.NewForConfigOrDie(config)
	name, groups := whoami(t, robot)
	if want := "system:serviceaccount:" + namespace + ":robot"; name != want {
		t.Errorf("the token is of %q, want %q", name, want)
	}
	if want := "system:authenticated system:serviceaccounts system:serviceaccounts:" + namespace; groups != want {
		t.Errorf("its groups are %q, want %q", groups, want)
	}
	_, err := robot.CoreV1().ConfigMaps(namespace).List(t.Context(), metav1.ListOptions{})
	refused(t, "before a binding", err, apierrors.IsForbidden, name)
	grant(t, s, namespace, "Group", "system:serviceaccounts:"+namespace, `{apiGroups: [""], resources: [configmaps], verbs: [list]}`)
	eventually(t, "the account has the rights of its group", func(ctx context.Context) error {
		_, err := robot.CoreV1().ConfigMaps(namespace).List(ctx, metav1.ListOptions{})
		return err
	})

	_, err = kubernetes.NewForConfigOrDie(token("somebody-else")).CoreV1().ConfigMaps(namespace).List(t.Context(), metav1.ListOptions{})
	refused(t, "a token for another audience", err, apierrors.IsUnauthorized)
	forged := rest.CopyConfig(config)
	forged.BearerToken = config.BearerToken[:len(config.BearerToken)-8] + "AAAAAAAA"
	_, err = kubernetes.NewForConfigOrDie(forged).CoreV1().ConfigMaps(namespace).List(t.Context(), metav1.ListOptions{})
	refused(t, "a token with another signature", err, apierrors.IsUnauthorized)

	legacy := tokenOfSecret(t, s, namespace)
	if name, _ := whoami(t, legacy); !strings.HasSuffix(name, ":robot") {
		t.Errorf("the token of the Secret is of %q", name)
	}
	if err := accounts.Delete(t.Context(), "robot", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for what, client := range map[string]kubernetes.Interface{"a token": robot, "a token of a Secret": legacy} {
		eventually(t, what+" ends with its account", func(ctx context.Context) error {
			_, err := client.CoreV1().ConfigMaps(namespace).List(ctx, metav1.ListOptions{})
			if !apierrors.IsUnauthorized(err) {
				return errors.New("it still counts")
			}
			return nil
		})
	}
	eventually(t, "so does the Secret", func(ctx context.Context) error {
		_, err := s.admin.CoreV1().Secrets(namespace).Get(ctx, "robots", metav1.GetOptions{})
		return gone(err)
	})
}

// tokenOfSecret asks the serviceaccount-token controller for a token, the way that was the only one
// before 1.24 and is still what clients outside of the cluster use.
func tokenOfSecret(t *testing.T, s suite, namespace string) kubernetes.Interface {
	t.Helper()
	s.create(t, namespace, `
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: {name: robots, annotations: {kubernetes.io/service-account.name: robot}}`)
	config := rest.AnonymousClientConfig(s.config)
	eventually(t, "the Secret is filled", func(ctx context.Context) error {
		secret, err := s.admin.CoreV1().Secrets(namespace).Get(ctx, "robots", metav1.GetOptions{})
		if err != nil {
			return err
		}
		config.BearerToken = string(secret.Data[corev1.ServiceAccountTokenKey])
		if config.BearerToken == "" {
			return errors.New("there is no token in it")
		}
		if ca := string(secret.Data[corev1.ServiceAccountRootCAKey]); ca != string(s.config.CAData) {
			return errors.New("it holds another authority: " + ca)
		}
		return nil
	})
	return kubernetes.NewForConfigOrDie(config)
}

// gone is nil where the error is a 404.
func gone(err error) error {
	switch {
	case err == nil:
		return errors.New("it is still there")
	case !apierrors.IsNotFound(err):
		return err
	}
	return nil
}
