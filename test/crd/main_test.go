package crd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"polygraph/internal/crd"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
	"polygraph/test/cluster"
	"polygraph/test/cluster/binary"
)

const group = "truth.example.test"

var shared = cluster.Shared{}

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// server talks to a real API server with bodies as they are.
type server struct {
	rest      rest.Interface
	namespace string
	version   kubeschema.Version
}

// on runs a test against each version that is asked for; the newest one is shared.
func on(t *testing.T, test func(*testing.T, *server)) {
	t.Helper()
	for _, v := range cluster.Versions(t) {
		t.Run(string(v), func(t *testing.T) {
			var c *cluster.Cluster
			if v == binary.Newest {
				c = shared.Cluster(t)
			} else {
				c = cluster.Test(t, cluster.Options{Version: v})
			}
			minor, err := strconv.Atoi(strings.Split(string(v), ".")[1])
			if err != nil {
				t.Fatal(err)
			}
			config := c.AdminConfig(t)
			config.QPS = -1
			config.WarningHandlerWithContext = rest.NoWarnings{}
			test(t, &server{kubernetes.NewForConfigOrDie(config).Discovery().RESTClient(), c.Namespace(t), kubeschema.Version(minor)})
		})
	}
}

const definitionsPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

// define creates definitions, or replaces them, and waits until they are served.
func (s *server) define(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		body := toJSON(t, text)
		_, err := s.send("POST", definitionsPath, "Ignore", "", body)
		if apierrors.IsAlreadyExists(err) {
			_, err = s.replace(definitionsPath+"/"+named(body), "Ignore", "", body)
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		err = wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) {
			live, err := s.get(definitionsPath + "/" + named(body))
			return err == nil && bytes.Contains(live, []byte(`"type":"Established"`)), nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// path is where objects of a kind are.
func (s *server) path(kind, version string) string {
	plural := strings.ToLower(kind) + "s"
	if kind == "Zone" {
		return "/apis/" + group + "/" + version + "/" + plural
	}
	return "/apis/" + group + "/" + version + "/namespaces/" + s.namespace + "/" + plural
}

func (s *server) get(path string) ([]byte, error) {
	return s.rest.Get().AbsPath(path).Do(context.Background()).Raw()
}

func (s *server) send(verb, path, validation, dryRun string, body []byte) ([]byte, error) {
	r := s.rest.Verb(verb).AbsPath(path).Param("fieldValidation", validation).SetHeader("Content-Type", "application/json").Body(body)
	if dryRun != "" {
		r = r.Param("dryRun", dryRun)
	}
	result := r.Do(context.Background())
	out, _ := result.Raw()
	return out, result.Error()
}

// replace puts an object in the place of what is there.
func (s *server) replace(path, validation, dryRun string, body []byte) ([]byte, error) {
	live, err := s.get(path)
	if err != nil {
		return nil, err
	}
	var m, was map[string]any
	if err := errors.Join(json.Unmarshal(body, &m), json.Unmarshal(live, &was)); err != nil {
		return nil, err
	}
	if meta, ok := m["metadata"].(map[string]any); ok {
		meta["resourceVersion"] = was["metadata"].(map[string]any)["resourceVersion"]
	}
	if body, err = json.Marshal(m); err != nil {
		return nil, err
	}
	return s.send("PUT", path, validation, dryRun, body)
}

func toJSON(t testing.TB, text string) []byte {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return data
}

func named(body []byte) string {
	var o metav1.PartialObjectMetadata
	_ = json.Unmarshal(body, &o)
	return o.Name
}

// parse is the object of a text, as the product reads it.
func parse(t testing.TB, text string) *kubeobj.Object {
	t.Helper()
	f, problem := kubeobj.Parse("edit.yaml", []byte(text))
	if problem != nil {
		t.Fatalf("%v\n%s", problem, text)
	}
	if len(f.Objects) != 1 {
		t.Fatalf("%d objects, %+v in\n%s", len(f.Objects), f.Unread, text)
	}
	return f.Objects[0]
}

func documents(t testing.TB, name string) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for text := range strings.SplitSeq(string(data), "\n---\n") {
		if o := map[string]any{}; yaml.Unmarshal([]byte(text), &o) == nil && len(o) > 0 {
			out = append(out, text)
		}
	}
	return out
}

func (s *server) set(t testing.TB, texts ...string) *crd.Set {
	t.Helper()
	objects := make([]*kubeobj.Object, 0, len(texts))
	for _, text := range texts {
		objects = append(objects, parse(t, text))
	}
	set, problems := crd.Read(s.version, objects)
	for _, p := range problems {
		t.Fatalf("%s: %s: %s", p.Object.Identity(), p.Path, p.Rule)
	}
	return set
}

// told is the difference between what the server said and what was said of it;
// "" where there is none. Messages are those of the newest version.
func (s *server) told(err error, j crd.Judgement) string {
	if len(j.Unknown) > 0 {
		return fmt.Sprintf("unknown: %q", j.Unknown)
	}
	if (err == nil) != (len(j.Refusals) == 0) {
		return fmt.Sprintf("the server says %v, we say %v", err, lines(j.Refusals))
	}
	var status *apierrors.StatusError
	if s.version != kubeschema.Newest {
		return ""
	}
	if !errors.As(err, &status) || apierrors.IsNotFound(err) || status.ErrStatus.Details == nil || len(status.ErrStatus.Details.Causes) == 0 {
		return ""
	}
	var theirs, ours []string
	for _, c := range status.ErrStatus.Details.Causes {
		if c.Field == "patch" { // what cannot be decoded after a patch; the message is the whole object
			return ""
		}
		theirs = append(theirs, c.Field+": "+c.Message)
	}
	for _, r := range j.Refusals {
		i := slices.IndexFunc(theirs, func(said string) bool { return says(said, r.Path, r.Rule) })
		if i < 0 {
			ours = append(ours, r.Path+": "+r.Rule)
			continue
		}
		theirs = slices.Delete(theirs, i, i+1)
		for { // the server repeats itself
			i := slices.IndexFunc(theirs, func(said string) bool { return says(said, r.Path, r.Rule) })
			if i < 0 {
				break
			}
			theirs = slices.Delete(theirs, i, i+1)
		}
	}
	if len(theirs)+len(ours) > 0 {
		return fmt.Sprintf("only the server says %q, only we say %q", theirs, ours)
	}
	return ""
}

// says tells whether a cause is a refusal: the same field, kind of error and
// message; only the value, in between, is left out.
func says(cause, path, rule string) bool {
	rest, ok := strings.CutPrefix(cause, path+": ")
	kind, detail, _ := strings.Cut(rule, ": ")
	if strings.Contains(rest, "accessor error") { // which quotes the value
		return detail == "should be an integer" || detail == "should be a string"
	}
	if !ok || !strings.HasPrefix(rest, kind) {
		return false
	}
	return strings.HasSuffix(rest, detail) || strings.Contains(rest, detail)
}

func lines(refusals []crd.Refusal) []string {
	var out []string
	for _, r := range refusals {
		out = append(out, r.Path+": "+r.Rule)
	}
	return out
}

// content is an object without its metadata.
func content(t testing.TB, data []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	delete(m, "metadata")
	return m
}

// plain is a value as encoding/json reads it.
func plain(v *kubeobj.Value) any {
	switch v.Kind {
	case kubeobj.Map:
		m := map[string]any{}
		for _, item := range v.Each() {
			m[item.Name] = plain(item)
		}
		return m
	case kubeobj.List:
		l := []any{}
		for _, item := range v.Each() {
			l = append(l, plain(item))
		}
		return l
	case kubeobj.String:
		return v.Text
	case kubeobj.Null:
		return nil
	default:
		var out any
		_ = json.Unmarshal([]byte(v.Text), &out)
		return out
	}
}

func contentOf(o *kubeobj.Object) map[string]any {
	m := plain(&o.Root).(map[string]any)
	delete(m, "metadata")
	return m
}
