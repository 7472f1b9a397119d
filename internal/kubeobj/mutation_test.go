package kubeobj

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// pieces are what invented YAML is made of.
func pieces() []string {
	return []string{
		"a", "b", "key", "yes", "no", "on", "y", "null", "~", "0", "1", "010", "0o17", "0x1F", "1_000", "-1", "+1", "1.5", ".5", "1e3", "1.", "-0", "-0.0", "08", "1:30", "2001-01-01",
		"99999999999999999999", "18446744073709551615", "0b11", "0b-1", "-0b11", ".inf", "-.inf", ".nan", "1e400", "<<", "=", "...", "-", "--", "--flag=x", "-x", "?", ":", "?x", ":x", "::", "a:b", "a#b", "#x",
		"http://x:80/y", "${X}", "$Y", "{{x}}", "{{ .Values.x }}", "@x", "`x`", "%x", "!x", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!binary", "!", "&a", "*a",
		`"`, `'`, `"x"`, `'x'`, `"x y"`, `'it''s'`, `"a\nb"`, `"\x41\u00e9\U0001F600"`, `"\/"`, `"\_"`, `"a\`, `\"`, `"\ "`, `""`, `''`,
		"|", "|-", "|+", ">", ">-", ">+", "|2", ">1-", "| #c", "|2-", ">+1", "? ", "\n? ", "\n: ", "? a\n: b: c\n  d: e\n", "? \"a b\"\n: - c\n  - d\n", "[]", "{}", "[a, b]", "{a: b}", "[a,]", "{a: [b, {c: d}]}", "[\"a\", 'b']", "[a: b]", "{a}", "{\"a\":1}", "[", "]", "{", "}", ",",
		": ", ":\n", " #c", "# c\n", "\n", "\n\n", "\n ", "\n  ", "\n    ", "\n- ", "\n  - ", "- ", "  ", " ", "\t", "\r\n", "é", "ü: x", "\u0085", "\u2028", "\ufeff", "\x00", "\x7f", "\xff", "😀",
		"a: b\n", "a:\n", "- a\n", "-\n", "  b: c\n", "  - b\n", "a: |\n  x\n", "a: >\n  x\n\n   y\n  z\n", "a: x\n  y\n\n  z\n", "a: \"x\n  y\\\n  z\"\n", "? a\n: b\n", "a: &x {b: c}\nd: *x\n<<: *x\n",
	}
}

func invent(r *rand.Rand) string {
	words := pieces()
	var b strings.Builder
	for range 1 + r.IntN(14) {
		b.WriteString(words[r.IntN(len(words))])
	}
	return b.String()
}

// mutate changes a document in a few places, as people and editors do.
func mutate(r *rand.Rand, doc string) string {
	lines := strings.SplitAfter(doc, "\n")
	words := pieces()
	for range 1 + r.IntN(3) {
		i := r.IntN(len(lines))
		switch line := lines[i]; r.IntN(9) {
		case 0:
			lines[i] = line + line
		case 1:
			lines[i] = ""
		case 2:
			lines[i] = " " + line
		case 3:
			lines[i] = strings.TrimPrefix(line, " ")
		case 4:
			j := r.IntN(len(lines))
			lines[i], lines[j] = lines[j], lines[i]
		case 5:
			at := r.IntN(len(line) + 1)
			lines[i] = line[:at] + words[r.IntN(len(words))] + line[at:]
		case 6:
			if key, _, ok := strings.Cut(line, ":"); ok {
				lines[i] = key + ": " + words[r.IntN(len(words))] + "\n"
			}
		case 7:
			if len(line) > 0 {
				at := r.IntN(len(line))
				lines[i] = line[:at] + line[at+1:]
			}
		case 8:
			at := r.IntN(len(line) + 1)
			lines[i] = line[:at] + "\n" + strings.Repeat(" ", r.IntN(8)) + line[at:]
		}
	}
	return strings.Join(lines, "")
}

func rounds(n int) int {
	if os.Getenv("POLYGRAPH_SOAK") != "" {
		return 20 * n
	}
	return n
}

// The fast reader gives up or says what yaml.v3 and kubectl say.
func TestFastReaderOnMutatedManifests(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	docs := samples()[:4]
	quick, n := 0, rounds(6000)
	for i := range n {
		if agree(t, mutate(r, docs[i%len(docs)])) {
			quick++
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d of %d by the fast reader", quick, n)
	if quick < n/8 {
		t.Error("too few of them show anything")
	}
}

func TestFastReaderOnInventedText(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 2))
	quick, n := 0, rounds(30000)
	for range n {
		if agree(t, invent(r)) {
			quick++
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d of %d by the fast reader", quick, n)
	if quick < n/50 {
		t.Error("too few of them show anything")
	}
}

// The slow reader says what kubectl says, on all that both read.
func TestSlowReaderOnInventedText(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 3))
	docs := samples()
	how := map[string]int{}
	for i := range rounds(8000) {
		doc := invent(r)
		if i%2 == 0 {
			doc = mutate(r, docs[i%len(docs)])
		}
		if strings.HasPrefix(doc, "---") || strings.Contains(doc, "\n---") {
			continue
		}
		said := agreeSlowly(t, doc)
		if how[said]++; how[said] == 1 && said != "equal" && said != "both refuse" {
			t.Logf("%s: %q", said, doc)
		}
		if t.Failed() {
			return
		}
	}
	for _, said := range slices.Sorted(func(yield func(string) bool) {
		for k := range how {
			if !yield(k) {
				return
			}
		}
	}) {
		t.Logf("%6d %s", how[said], said)
	}
}

// samples are documents with all the styles that manifests have.
func samples() []string {
	return []string{
		"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  labels: {app: web, \"tier\": 'front'}\n  annotations:\n    note: 'it''s\n      long\n\n      and folded'\n    other: \"a\\tb \\\n      c\\n\"\nspec:\n  replicas: 3\n  template:\n    spec:\n      containers:\n      - name: web\n        image: web:1.2  # pinned\n        args: [\"--a\", '--b', c, 1]\n        command:\n        - sh\n        - -c\n        - |\n          set -e\n          if true; then\n            echo \"x: y\"\n          fi\n        - >-\n          one\n          two\n\n            more\n          three\n        env:\n          - name: A\n            value: \"1\"\n          - name: B\n            value: plain text that\n              goes on\n        resources: {}\n      - name: side\n        image: side@sha256:abc\n",
		"# a comment\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: n}\ndata:\n  empty:\n  tilde: ~\n  num: 0644\n  yes-no: no\n  Corefile: |+\n    .:53 {\n    \terrors\n    }\n\n  keep: |+\n    x\n\n\n  strip: |-\n\n    x\n  moved: |2\n\n      x\n    y\n  moved2: >2-\n     x\n\n    y\n  ? long key\n  : .: {}\n    f:x: 1\n  ? \"quoted\"\n  :\n    y\n  file.txt: \"line one\\nline two\\n\"\nbinaryData: {}\n",
		"kind: List\napiVersion: v1\nitems:\n- kind: Service\n  apiVersion: v1\n  metadata:\n    name: s\n    managedFields:\n    - fieldsV1:\n        f:metadata:\n          f:labels:\n            .: {}\n            f:app: {}\n        k:{\"type\":\"Ready\"}:\n          f:status: {}\n  spec:\n    ports:\n    - port: 80\n      targetPort: http\n    -\n      port: 443\n    selector:\n\n      app: web\n\n# end\n",
		"a:\n- b:   c\n  d: e\n-   f: g\n    h: [i, -1, {j: k}]\n-\n  - l\n- m:\n  - n\n  o:\n    - p\n-\nq: -1\nr: 'it''s'\n\"s\": \"t\"\nu: http://x:80/\nv: >\n  a\n   b\n\n  c\nw: |\n\n    x\n\n",
		"a: &x\n  b: 1\n  c: [1, 2]\nd: *x\ne:\n  <<: *x\n  b: 2\nf: {<<: [*x], b: 3}\n? g\n: h\n\"i\" : j\nk: !!str 1\nl: ! 2\nm: !!binary aGk=\n",
		"a:\n- - 1\n  - 2\n-   b: c\n    d: e\n-\n  - f\n- g:\n  - h\n  i:\n    - j\nk: -1\nl: - m\n",
	}
}
