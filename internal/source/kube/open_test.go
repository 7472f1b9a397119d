package kube

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polygraph/internal/evidence"
)

// config is a kubeconfig with two contexts of which good is the current one.
func config(t *testing.T, server, authority, user string) string {
	t.Helper()
	return file(t, fmt.Sprintf(`
apiVersion: v1
kind: Config
current-context: good
contexts:
- {name: good, context: {cluster: there, user: me, namespace: shop}}
- {name: other, context: {cluster: nowhere, user: me}}
- {name: nobody, context: {cluster: there, user: stranger}}
clusters:
- {name: there, cluster: {server: %q, certificate-authority-data: %q}}
users:
- {name: me, user: %s}
`, server, authority, user))
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// server answers as an API server would for its version, and 401 without the token.
func server(t *testing.T) (url, authority string) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.Header.Get("Authorization") {
		case "Bearer right":
			fmt.Fprint(w, `{"major":"1","minor":"33+","gitVersion":"v1.33.5-eks-1"}`)
		case "Bearer html":
			fmt.Fprint(w, `<html>a portal</html>`)
		case "Bearer other":
			fmt.Fprint(w, `{"hello":"world"}`)
		case "Bearer slow":
			<-r.Context().Done()
		case "Bearer poor":
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"forbidden: User \"me\" cannot get path \"/version\""}`)
		default:
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Unauthorized","code":401,"message":"Unauthorized"}`)
		}
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL, base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
}

func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plugin")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func plugin(command string) string {
	return fmt.Sprintf("{exec: {apiVersion: client.authentication.k8s.io/v1, command: %q, interactiveMode: Never, installHint: get it from example.com}}", command)
}

const credential = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}`

func TestOpen(t *testing.T) {
	url, authority := server(t)
	var said bytes.Buffer
	c, err := Open(t.Context(), Options{Env: []string{"KUBECONFIG=" + config(t, url, authority, "{token: right}")}, Stderr: &said})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	version, minor, err := c.Version(t.Context())
	if version != "v1.33.5-eks-1" || minor != 33 || err != nil {
		t.Errorf("got %s, %d, %v", version, minor, err)
	}
	host := strings.TrimPrefix(url, "https://")
	if c.Namespace != "shop" || c.User != "me" || c.Context != "good" || c.Server != host {
		t.Errorf("got %+v", c)
	}
	if want := "asking good (" + host + ") for its version\n"; said.String() != want {
		t.Errorf("said %q, want %q", said.String(), want)
	}
	other, err := Open(t.Context(), Options{Kubeconfig: config(t, url, authority, "{token: right}"), Namespace: "mine"})
	if err != nil || other.Namespace != "mine" {
		t.Errorf("%+v, %v", other, err)
	}
}

// TestPlugin: credentials come from a program, which sees the environment that was
// handed in, and is named before it runs.
func TestPlugin(t *testing.T) {
	url, authority := server(t)
	command := script(t, `printf '`+credential+`' "$GIVEN"`)
	var said bytes.Buffer
	c, err := Open(t.Context(), Options{Kubeconfig: config(t, url, authority, plugin(command)), Env: []string{"GIVEN=right"}, Stderr: &said})
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if !strings.HasPrefix(said.String(), "running: "+command+", which gives the credentials of me\n") {
		t.Errorf("said %q", said.String())
	}
}

func TestWhyACannotBeAsked(t *testing.T) {
	url, authority := server(t)
	other := base64.StdEncoding.EncodeToString([]byte("no certificate"))
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := "https://" + closed.Addr().String()
	_ = closed.Close()
	good := config(t, url, authority, "{token: right}")
	home := t.TempDir()
	for name, f := range map[string]struct {
		o    Options
		want []string
	}{
		"no file":              {Options{Env: []string{"HOME=" + home}}, []string{"there is no kubeconfig at " + home, "--kubeconfig"}},
		"no home":              {Options{}, []string{"neither $KUBECONFIG nor $HOME"}},
		"KUBECONFIG of none":   {Options{Env: []string{"KUBECONFIG=/nowhere/a:/nowhere/b", "HOME=" + home}}, []string{"there is no kubeconfig at /nowhere/a, /nowhere/b"}},
		"a flag of none":       {Options{Kubeconfig: "/nowhere/a"}, []string{"/nowhere/a cannot be read: no such file"}},
		"a folder":             {Options{Kubeconfig: home}, []string{home + " cannot be read: is a directory"}},
		"empty":                {Options{Kubeconfig: file(t, "")}, []string{"has no context"}},
		"garbage":              {Options{Kubeconfig: file(t, "users:\n- {name: a, user: {token: [SECRET]}}\n")}, []string{"is no valid kubeconfig"}},
		"half a file":          {Options{Env: []string{"KUBECONFIG=" + file(t, "users:\n\t- SECRET")}}, []string{"is no valid kubeconfig (line 2)"}},
		"unknown context":      {Options{Kubeconfig: good, Context: "godo"}, []string{`no context "godo"`, "good, nobody, other"}},
		"no current context":   {Options{Kubeconfig: file(t, "contexts:\n- {name: only, context: {cluster: a}}\n")}, []string{"has no current context", "only"}},
		"current one unknown":  {Options{Kubeconfig: file(t, "current-context: went\ncontexts:\n- {name: only, context: {cluster: a}}\n")}, []string{`the current context of the kubeconfig is "went"`, "only"}},
		"context of no one":    {Options{Kubeconfig: good, Context: "other"}, []string{`the cluster "nowhere"`}},
		"a stranger":           {Options{Kubeconfig: good, Context: "nobody"}, []string{`the user "stranger"`}},
		"no address":           {Options{Kubeconfig: config(t, "", authority, "{token: right}")}, []string{"no address of a server"}},
		"dead":                 {Options{Kubeconfig: config(t, dead, authority, "{token: right}")}, []string{"connection refused", "kubectl --context good version"}},
		"unknown host":         {Options{Kubeconfig: config(t, "https://cluster.invalid", authority, "{token: right}")}, []string{"good (cluster.invalid)"}},
		"slow":                 {Options{Kubeconfig: config(t, url, authority, "{token: slow}"), Timeout: 300 * time.Millisecond}, []string{"does not answer in time", "VPN"}},
		"wrong token":          {Options{Kubeconfig: config(t, url, authority, "{token: SECRET}")}, []string{"does not accept the credentials of me", "expired"}},
		"no credentials":       {Options{Kubeconfig: config(t, url, authority, "{}")}, []string{"does not accept the credentials"}},
		"poor":                 {Options{Kubeconfig: config(t, url, authority, "{token: poor}")}, []string{"does not let me ask for its version", "role"}},
		"another name":         {Options{Kubeconfig: config(t, strings.Replace(url, "127.0.0.1", "localhost", 1), authority, "{token: right}")}, []string{"is not valid for it"}},
		"authority is garbage": {Options{Kubeconfig: config(t, url, other, "{token: right}")}, []string{"is no certificate that can be read"}},
		"no plugin":            {Options{Kubeconfig: config(t, url, authority, plugin("/nowhere/aws"))}, []string{"the program /nowhere/aws", "get it from example.com"}},
		"a failing plugin":     {Options{Kubeconfig: config(t, url, authority, plugin(script(t, "exit 3")))}, []string{"gives the credentials of me, and failed", "exit code 3"}},
		"a babbling plugin":    {Options{Kubeconfig: config(t, url, authority, plugin(script(t, "echo SECRET")))}, []string{"gives the credentials of me, and failed"}},
		"a plugin refused":     {Options{Kubeconfig: config(t, url, authority, plugin(script(t, "printf '"+credential+"' wrong")))}, []string{"does not accept the credentials of me"}},
		"an old provider":      {Options{Kubeconfig: config(t, url, authority, "{auth-provider: {name: gcp}}")}, []string{"auth-provider that Kubernetes has removed"}},
		"a portal":             {Options{Kubeconfig: config(t, url, authority, "{token: html}")}, []string{"good ("}},
		"another API":          {Options{Kubeconfig: config(t, url, authority, "{token: other}")}, []string{"does not say which version of Kubernetes"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), f.o)
			var p *evidence.Problem
			if !errors.As(err, &p) || p.Do == "" {
				t.Fatalf("no advice in %v", err)
			}
			for _, w := range f.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in %q", w, err)
				}
			}
			if strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "\n") {
				t.Errorf("quoted, or of several lines: %q", err)
			}
		})
	}
}

func TestInterruptedOpen(t *testing.T) {
	url, authority := server(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, Options{Kubeconfig: config(t, url, authority, "{token: slow}")}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestGuard: whatever asks, only questions and dry runs go out.
func TestGuard(t *testing.T) {
	sent := 0
	g := guard{roundTrip(func(*http.Request) (*http.Response, error) { sent++; return &http.Response{}, nil })}
	for line, want := range map[string]bool{
		"GET /api/v1/pods": true,
		"HEAD /version":    true,
		"POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews":              true,
		"POST /k8s/c-1/apis/authorization.k8s.io/v1/selfsubjectaccessreviews":      true,
		"PATCH /api/v1/namespaces/a/pods/b?dryRun=All":                             true,
		"POST /api/v1/namespaces/a/pods?fieldManager=x&dryRun=All":                 true,
		"PATCH /api/v1/namespaces/a/pods/b":                                        false,
		"POST /api/v1/namespaces/a/pods":                                           false,
		"PATCH /api/v1/namespaces/a/pods/b?dryRun=":                                false,
		"PATCH /api/v1/namespaces/a/pods/b?dryRun=None":                            false,
		"PATCH /api/v1/namespaces/a/pods/b?dryRun=All&dryRun=":                     false,
		"PATCH /api/v1/namespaces/a/pods/b?fieldManager=dryRun%3DAll":              false,
		"PUT /api/v1/namespaces/a/pods/b?dryRun=All":                               false,
		"DELETE /api/v1/namespaces/a/pods/b?dryRun=All":                            false,
		"DELETE /api/v1/namespaces/a/pods":                                         false,
		"POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x":            false,
		"PATCH /apis/authorization.k8s.io/v1/selfsubjectaccessreviews":             false,
		"POST /apis/rbac.authorization.k8s.io/v1/clusterroles?x=selfsubjectaccess": false,
	} {
		method, target, _ := strings.Cut(line, " ")
		r := httptest.NewRequest(method, target, strings.NewReader("{}"))
		before := sent
		_, err := g.RoundTrip(r)
		if (err == nil) != want || (sent > before) != want {
			t.Errorf("%s: %v", line, err)
		}
	}
	upgrade := httptest.NewRequest("GET", "/api/v1/namespaces/a/pods/b/exec?command=rm", nil)
	upgrade.Header.Set("Upgrade", "SPDY/3.1")
	if _, err := g.RoundTrip(upgrade); !errors.Is(err, errWrites) {
		t.Errorf("exec went out: %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestGuardIsInPlace: a client of the Cluster that asks for a deletion gets nowhere.
func TestGuardIsInPlace(t *testing.T) {
	url, authority := server(t)
	c, err := Open(t.Context(), Options{Kubeconfig: config(t, url, authority, "{token: right}")})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.discovery.RESTClient().Delete().AbsPath("/api/v1/namespaces/shop").Do(t.Context()).Error(); !errors.Is(err, errWrites) {
		t.Errorf("a deletion: %v", err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url+"/api/v1/namespaces/shop", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.client.Do(r); !errors.Is(err, errWrites) {
		t.Errorf("an update: %v", err)
	}
}

func TestProxy(t *testing.T) {
	o := Options{Env: []string{"HTTPS_PROXY=http://proxy.example.com:3128", "no_proxy=direct.example.com"}}
	for target, want := range map[string]string{
		"https://cluster.example.com": "http://proxy.example.com:3128", "https://direct.example.com": "", "https://127.0.0.1:6443": "", "http://cluster.example.com": "",
	} {
		got, err := o.proxy()(httptest.NewRequest("GET", target, nil))
		if s := fmt.Sprint(got); err != nil || got == nil && want != "" || got != nil && s != want {
			t.Errorf("%s: %v, %v", target, got, err)
		}
	}
}

var _ evidence.Source = (*Cluster)(nil)

func encoded(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
