package kube

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fakeServer answers for discovery, lists and gets as an API server does.
type fakeServer struct {
	kinds  []surveyed
	refuse map[string]int // RESOURCE.GROUP, or configmaps/NAME: with which code
	silent string         // a GROUP/VERSION whose API service does not answer
	expire int            // how many pages after the first are not there any more
	review string         // the status of an access review

	mu      sync.Mutex
	objects map[string][]string // by RESOURCE.GROUP of any version, as JSON
	asked   []string
}

func newFakeServer(kinds ...surveyed) *fakeServer {
	var config surveyed
	config.Version, config.Kind = "v1", "ConfigMap"
	return &fakeServer{kinds: append(kinds, config), refuse: map[string]int{}, objects: map[string][]string{}}
}

func builtInKinds() []surveyed {
	return slices.DeleteFunc(surveyedKinds(), func(s surveyed) bool { return !s.builtIn })
}

func surveyedKind(t *testing.T, kind string) surveyed {
	t.Helper()
	all := surveyedKinds()
	i := slices.IndexFunc(all, func(s surveyed) bool { return s.Kind == kind })
	return all[i]
}

func plural(kind string) string {
	name := strings.ToLower(kind)
	switch {
	case strings.HasSuffix(name, "y"):
		return strings.TrimSuffix(name, "y") + "ies"
	case strings.HasSuffix(name, "s"):
		return name + "es"
	}
	return name + "s"
}

func clusterWide(kind string) bool {
	return slices.Contains([]string{"Namespace", "Node", "Tier", "IPPool"}, kind) || strings.Contains(kind, "Cluster") || strings.Contains(kind, "Global")
}

func resource(s surveyed) string { return strings.TrimSuffix(plural(s.Kind)+"."+s.Group, ".") }

// fill makes so many objects of a kind.
func (f *fakeServer) fill(s surveyed, n int) {
	for i := range n {
		namespace := ""
		if !clusterWide(s.Kind) {
			namespace = fmt.Sprintf(`"namespace":"n%d",`, i%3)
		}
		// Items of a list often have neither kind nor apiVersion.
		f.add(resource(s), fmt.Sprintf(`{"metadata":{"name":"o%d",%s"uid":"%s-%d","resourceVersion":"1"}}`, i, namespace, resource(s), i))
	}
}

func (f *fakeServer) put(resource, namespace, name string) {
	f.add(resource, fmt.Sprintf(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":%q,"namespace":%q,"uid":%[1]q,"resourceVersion":"1"}}`, name, namespace))
}

func (f *fakeServer) add(resource, object string) {
	f.objects[resource] = append(f.objects[resource], object)
}

func (f *fakeServer) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

func (f *fakeServer) open(t *testing.T) *Cluster {
	t.Helper()
	s := httptest.NewUnstartedServer(f)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	authority := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	c, err := Open(t.Context(), Options{Kubeconfig: config(t, s.URL, authority, "{token: right}"), QPS: 2000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, accessReviews) {
		fmt.Fprintf(w, `{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","status":%s}`, f.review)
		return
	}
	f.asked = append(f.asked, r.Method+" "+r.URL.RequestURI())
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case r.URL.Path == "/version":
		fmt.Fprint(w, `{"major":"1","minor":"37","gitVersion":"v1.37.2"}`)
		return
	case r.URL.Path == "/api":
		fmt.Fprint(w, `{"kind":"APIVersions","versions":["v1"]}`)
		return
	case r.URL.Path == "/apis":
		f.groups(w)
		return
	case path[0] == "api" && len(path) == 2, len(path) == 3 && path[0] == "apis":
		f.resources(w, strings.Join(path[1:], "/"))
		return
	}
	group, rest := "", path[2:]
	if path[0] == "apis" {
		group, rest = path[1], path[3:]
	}
	if len(rest) == 4 && rest[0] == "namespaces" {
		f.get(w, rest[1], rest[2], rest[3])
		return
	}
	f.list(w, r, strings.TrimSuffix(rest[0]+"."+group, "."))
}

func (f *fakeServer) groups(w io.Writer) {
	versions := map[string][]string{}
	var order, groups []string
	for _, k := range f.kinds {
		if v := fmt.Sprintf(`{"groupVersion":%q,"version":%q}`, k.GroupVersion().String(), k.Version); k.Group != "" && !slices.Contains(versions[k.Group], v) {
			if versions[k.Group] == nil {
				order = append(order, k.Group)
			}
			versions[k.Group] = append(versions[k.Group], v)
		}
	}
	for _, name := range order {
		groups = append(groups, fmt.Sprintf(`{"name":%q,"versions":[%s],"preferredVersion":%s}`, name, strings.Join(versions[name], ","), versions[name][0]))
	}
	fmt.Fprintf(w, `{"kind":"APIGroupList","apiVersion":"v1","groups":[%s]}`, strings.Join(groups, ","))
}

func (f *fakeServer) resources(w http.ResponseWriter, groupVersion string) {
	if groupVersion == f.silent {
		failed(w, http.StatusServiceUnavailable, "the server is currently unable to handle the request", "")
		return
	}
	var all []string
	for _, k := range f.kinds {
		if k.GroupVersion().String() == groupVersion {
			all = append(all, fmt.Sprintf(`{"name":%q,"kind":%q,"namespaced":%t,"verbs":["get","list"]}`, plural(k.Kind), k.Kind, !clusterWide(k.Kind)))
		}
	}
	if groupVersion == "projectcalico.org/v3" || groupVersion == "v1" { // a subresource
		all = append(all, `{"name":"pods/status","kind":"Pod","namespaced":true,"verbs":["get"]}`)
	}
	fmt.Fprintf(w, `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":%q,"resources":[%s]}`, groupVersion, strings.Join(all, ","))
}

func (f *fakeServer) list(w http.ResponseWriter, r *http.Request, resource string) {
	if code := f.refuse[resource]; code != 0 {
		failed(w, code, "no", "")
		return
	}
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	from, _ := strconv.Atoi(r.URL.Query().Get("continue"))
	if from > 0 && f.expire > 0 {
		f.expire--
		failed(w, http.StatusGone, "the provided continue parameter is too old", "")
		return
	}
	all := f.objects[resource]
	to, more := len(all), ""
	if limit > 0 && from+limit < to {
		to = from + limit
		more = fmt.Sprintf(`"continue":"%d","remainingItemCount":%d`, to, len(all)-to)
	}
	fmt.Fprintf(w, `{"kind":"List","apiVersion":"v1","metadata":{%s},"items":[%s]}`, more, strings.Join(all[from:to], ","))
}

func (f *fakeServer) get(w http.ResponseWriter, namespace, resource, name string) {
	if code := f.refuse[resource+"/"+name]; code != 0 {
		failed(w, code, "no", name)
		return
	}
	for _, o := range f.objects[resource] {
		if strings.Contains(o, fmt.Sprintf(`"name":%q,"namespace":%q`, name, namespace)) {
			fmt.Fprint(w, o)
			return
		}
	}
	failed(w, http.StatusNotFound, "not found", name)
}

func failed(w http.ResponseWriter, code int, message, name string) {
	w.WriteHeader(code)
	reasons := map[int]string{403: "Forbidden", 401: "Unauthorized", 404: "NotFound", 410: "Expired", 500: "InternalError", 503: "ServiceUnavailable"}
	details := map[string]string{}
	if name != "" {
		details["name"] = name
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message, "reason": reasons[code], "details": details})
}
