package fields

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// judgedAlone judges each edit with nothing remembered of the others.
func judgedAlone(v kubeschema.Version, old, new *kubeobj.Object, edits []Edit) []Outcome {
	out := make([]Outcome, len(edits))
	for i := range edits {
		c := &change{version: v, kind: new.Type(), old: old, new: new, edits: edits}
		c.book = rulings()[c.kind]
		out[i] = c.outcome(&edits[i])
	}
	return out
}

// What is remembered from one edit to the next changes no answer: not in another
// order, and not from another rule that asked for the same map.
func TestAnswersDoNotDependOnWhatWasAskedBefore(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	entries := func(keys string) string {
		var all []string
		for k := range strings.FieldsSeq(keys) {
			if random.IntN(2) == 0 {
				all = append(all, k+": "+pick("YQ==", "Yg=="))
			}
		}
		return "{" + strings.Join(all, ", ") + "}"
	}
	object := func(kind string) string {
		meta := "metadata: {name: a, namespace: b, labels: " + entries("x y") + ", annotations: " + entries("x y") + ", finalizers: [" + pick("a/b", "c/d") + "]" +
			pick("", ", deletionTimestamp: \"2026-01-02T03:04:05Z\"") + pick("", ", uid: u, resourceVersion: \"1\"") + "}\n"
		switch kind {
		case "ConfigMap":
			return "apiVersion: v1\nkind: ConfigMap\n" + meta + "data: " + entries("a b c d") + "\nbinaryData: " + entries("a e f") + pick("", "", "\nimmutable: true")
		case "Secret":
			return "apiVersion: v1\nkind: Secret\n" + meta + "type: " + pick("Opaque", "kubernetes.io/tls", "kubernetes.io/tls", "kubernetes.io/basic-auth") +
				"\ndata: " + entries("tls.crt tls.key username password a") + "\nstringData: " + entries("tls.crt tls.key password")
		case "ReplicationController":
			return "apiVersion: v1\nkind: ReplicationController\n" + meta + "spec: {selector: " + entries("x y") + ", template: {metadata: {labels: " + entries("x y") + "}}}"
		}
		return "apiVersion: apps/v1\nkind: Deployment\n" + meta + "spec: {selector: {matchLabels: " + entries("x y") + "}, template: {metadata: {labels: " + entries("x y z") + "}, spec: {containers: [{name: c, image: " + pick("i", "j") + "}]}}}"
	}
	refused, judged := 0, 0
	for range 2000 {
		kind := pick("ConfigMap", "Secret", "ReplicationController", "Deployment")
		old, new := parseOne(t, object(kind)), parseOne(t, object(kind))
		for _, v := range []kubeschema.Version{kubeschema.Oldest, kubeschema.Newest} {
			edits := Compare(old, new, Options{Version: v, Live: old.Live}).Edits
			random.Shuffle(len(edits), func(i, j int) { edits[i], edits[j] = edits[j], edits[i] })
			want := judgedAlone(v, old, new, edits)
			if got := Judge(v, old, new, edits); !slices.Equal(got, want) {
				t.Fatalf("%+v\n%+v\n%+v", edits, got, want)
			}
			for i := range want {
				judged++
				if want[i].Mechanism == Refused {
					refused++
				}
			}
		}
	}
	if refused < judged/20 || refused > judged*19/20 {
		t.Errorf("%d of %d refused: the objects are too much alike", refused, judged)
	}
}

// What rules ask of the whole object is worked out once.
func TestTheObjectIsReadOnce(t *testing.T) {
	asked := 0
	c := &change{}
	for range 3 {
		if c.once("x", func(*change) answer { asked++; return unsure }) != unsure {
			t.Error("another answer")
		}
	}
	if c.once("y", func(*change) answer { return no }) != no || asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	old, new := manyKeys(t, 50, "1"), manyKeys(t, 50, "2")
	c = &change{version: kubeschema.Newest, kind: "ConfigMap", old: old, new: new, edits: Compare(old, new, Options{}).Edits}
	c.book = rulings()[c.kind]
	c.outcome(&c.edits[0])
	// A key that is taken out of the remembered map stays out, so the map is not made again.
	delete(c.labels("data"), "k0")
	c.outcome(&c.edits[1])
	if c.has("data", "k0") || !c.has("data", "k1") {
		t.Error("the map is made again for each edit")
	}
	if again := testing.AllocsPerRun(10, func() { c.outcome(&c.edits[2]) }); again > 50 {
		t.Errorf("an edit of 50 allocates %v times", again)
	}
}

func manyKeys(t testing.TB, n int, value string) *kubeobj.Object {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: ConfigMap\n" + written + "data:\n")
	for i := range n {
		fmt.Fprintf(&b, "  k%d: %q\n", i, value)
	}
	return parseOne(t, b.String())
}

func BenchmarkJudgeManyEdits(b *testing.B) {
	old, new := manyKeys(b, 20_000, "1"), manyKeys(b, 20_000, "2")
	edits := Compare(old, new, Options{}).Edits
	for b.Loop() {
		Judge(kubeschema.Newest, old, new, edits)
	}
}
