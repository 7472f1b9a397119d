package pinning

import (
	"slices"
	"strings"
	"testing"
)

func TestImage(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0a", 32)
	for ref, want := range map[string]struct {
		verdict Verdict
		form    string
	}{
		"alpine":                                {Mutable, FormNoTag},
		"alpine:latest":                         {Mutable, FormLatest},
		"alpine:3.20":                           {Mutable, FormTag},
		"alpine@" + digest:                      {Pinned, FormDigest},
		"alpine:latest@" + digest:               {Pinned, FormDigest},
		"localhost:5000/shop/api":               {Mutable, FormNoTag}, // a port is no tag
		"localhost:5000/shop/api:1":             {Mutable, FormTag},
		"1.dkr.ecr.eu-west-1.amazonaws.com/a:1": {Mutable, FormTag},
		digest:                                  {Pinned, FormImageID},
		strings.TrimPrefix(digest, "sha256:"):   {Pinned, FormImageID},
		"${REPO}:latest":                        {Mutable, FormLatest},
		"$REG/shop/api:1.2":                     {Mutable, FormTag},
		"${{ env.REG }}/shop/api:1.2":           {Mutable, FormTag},
		"${REG}:5000/shop/api":                  {Unknown, "template"},
		"${A}-alpine":                           {Unknown, "template"},
		"${A}:${B}":                             {Unknown, "template"},
		"${A}@${B}":                             {Pinned, FormDigest},
		"shop/api@sha256:${B}":                  {Pinned, FormDigest},
		"shop/api:${B}@x":                       {Pinned, FormDigest},
		"${A ? \"x\" : \"y\"}":                  {Unknown, "template"},
		"${f(\"a@b\")}":                         {Unknown, "template"},
		"scratch":                               {Local, "scratch"},
		"scratch:1":                             {Mutable, FormTag},
		"alpine:${TAG}":                         {Unknown, "template"},
		"alpine:$TAG":                           {Unknown, "template"},
		"{{ .Values.image }}":                   {Unknown, "template"},
		"":                                      {Unknown, ""},
		"Alpine":                                {Unknown, ""}, // capitals are refused by every client
		"alpine@sha256:12":                      {Unknown, ""},
		"alpine:":                               {Unknown, ""},
		"%BASE%":                                {Unknown, ""},
		"https://example.com/x":                 {Unknown, ""},
		"alpine:" + strings.Repeat("a", 200):    {Unknown, ""},
		"alpine latest":                         {Unknown, ""},
		"123456789012/alpine:3":                 {Mutable, FormTag},
		"gcr.io/distroless/static:nonroot":      {Mutable, FormTag},
		"alpine:" + digest[7:20] + "@" + digest: {Pinned, FormDigest},
		"registry.example.com:443/a/b/c@" + digest: {Pinned, FormDigest},
	} {
		if got := Image(ref); got.Verdict != want.verdict || got.Form != want.form || got.Why == "" {
			t.Errorf("%q: %+v, want %+v", ref, got, want)
		}
	}
}

func TestImageName(t *testing.T) {
	for ref, want := range map[string][2]string{
		"alpine":                   {"alpine", "alpine:latest"},
		"docker.io/library/alpine": {"alpine", "alpine:latest"},
		"docker.io/a/b:1":          {"a/b", "a/b:1"},
		"ghcr.io/a/b:1":            {"ghcr.io/a/b", "ghcr.io/a/b:1"},
	} {
		n, ok := ParseImage(ref)
		if !ok || n.Familiar() != want[0] || n.Tagged() != want[1] {
			t.Errorf("%s: %q %q %v", ref, n.Familiar(), n.Tagged(), ok)
		}
	}
}

func TestExpand(t *testing.T) {
	look := func(name string) (string, bool) {
		v, ok := map[string]string{"A": "x", "EMPTY": "", "_b1": "y"}[name]
		return v, ok
	}
	docker := Dialect{Escape: '\\', Unquoted: true}
	compose := Dialect{Doubled: true}
	for _, c := range []struct {
		in   string
		d    Dialect
		want string
		open []string
		odd  bool
	}{
		{"alpine:$A", docker, "alpine:x", nil, false},
		{"alpine:${A}-z", docker, "alpine:x-z", nil, false},
		{"$_b1.$A", docker, "y.x", nil, false},
		{"alpine:${NO}", docker, "alpine:", []string{"NO"}, false},
		{"alpine:${NO:-3}", docker, "alpine:3", nil, false},
		{"alpine:${NO-3}", docker, "alpine:3", nil, false},
		{"${EMPTY:-3}", docker, "3", nil, false},
		{"${EMPTY-3}", docker, "", nil, false},
		{"${A:-${NO}}", docker, "x", nil, false}, // the word is not used
		{"${NO:-${A:-q}}", docker, "x", nil, false},
		{"${NO:-${NOT}}", docker, "", []string{"NOT"}, false},
		{"${A:+w}", docker, "w", nil, false},
		{"${EMPTY:+w}", docker, "", nil, false},
		{"${NO:+w}", docker, "", []string{"NO"}, false},
		{"${NO:?must be set}", docker, "", []string{"NO"}, false},
		{"${A:?must be set}", docker, "x", nil, false},
		{`"alpine:3"`, docker, "alpine:3", nil, false},
		{`'$A'`, docker, "$A", nil, false},
		{`\$A`, docker, "$A", nil, false},
		{"$$A", compose, "$A", nil, false},
		{"alpine:${A:-3}@x", compose, "alpine:x@x", nil, false},
		{"${A#x}", docker, "", nil, true},
		{"${A", docker, "", nil, true},
		{"${", docker, "", nil, true},
		{"${A:-", docker, "", nil, true},
		{"a$", docker, "a$", nil, false},
		{strings.Repeat("${NO:-", 50) + "x" + strings.Repeat("}", 50), docker, "", nil, true},
	} {
		got := Expand(c.in, c.d, look)
		if got.Odd != c.odd || !c.odd && (got.Text != c.want || !slices.Equal(got.Open, c.open)) {
			t.Errorf("%q: %+v, want %q %v odd %v", c.in, got, c.want, c.open, c.odd)
		}
	}
}

func TestAction(t *testing.T) {
	sha := strings.Repeat("0a", 20)
	for uses, want := range map[string]struct {
		verdict Verdict
		form    string
	}{
		"actions/checkout@v4":                      {Mutable, FormTag},
		"actions/checkout@" + sha:                  {Pinned, FormSHA},
		"actions/checkout@" + strings.ToUpper(sha): {Pinned, FormSHA},
		"actions/checkout@" + sha[:7]:              {Mutable, FormShortSHA},
		"actions/checkout@1234567":                 {Mutable, FormTag}, // a build number is a tag
		"a/b/c/d@main":                             {Mutable, FormBranch},
		"a/b@refs/heads/x":                         {Mutable, FormBranch},
		"a/b@feature/x":                            {Mutable, FormTag},
		"a/b@" + sha + "0":                         {Mutable, FormTag},
		"o/r/.github/workflows/x.yml@v1":           {Mutable, FormTag},
		"./.github/actions/setup":                  {Local, "path"},
		"../actions/setup":                         {Local, "path"},
		"docker://alpine:3":                        {Mutable, FormTag},
		"docker://alpine@sha256:" + sha + sha[:24]: {Pinned, FormDigest},
		"${{ matrix.action }}":                     {Unknown, "template"},
		"actions/checkout":                         {Unknown, ""},
		"checkout@v4":                              {Unknown, ""},
		"":                                         {Unknown, "template"},
	} {
		if got := Action(uses); got.Verdict != want.verdict || got.Form != want.form || got.Why == "" {
			t.Errorf("%q: %+v, want %+v", uses, got, want)
		}
	}
}

// FuzzExpand: any text ends, within the bound, and a text without a dollar or a
// quote stays what it is.
func FuzzExpand(f *testing.F) {
	for _, s := range []string{"", "${A:-${B:-c}}", "$A$$", `"${A}'`, "${A:?x}", "\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		look := func(name string) (string, bool) { return name, len(name)%2 == 0 }
		for _, d := range []Dialect{{Escape: '\\', Unquoted: true}, {Doubled: true}} {
			e := Expand(s, d, look)
			if len(e.Text) > 2*maxExpanded+len(s) {
				t.Fatalf("%d bytes of %d", len(e.Text), len(s))
			}
			if !strings.ContainsAny(s, `$"'\`) && len(s) < maxExpanded && (e.Text != s || e.Odd) {
				t.Fatalf("%q became %q", s, e.Text)
			}
		}
		Image(s)
		Action(s)
	})
}

func TestImagesOf(t *testing.T) {
	m := func(kv ...any) map[string]any {
		out := map[string]any{}
		for i := 0; i < len(kv); i += 2 {
			out[kv[i].(string)] = kv[i+1]
		}
		return out
	}
	l := func(v ...any) []any { return v }
	for name, c := range map[string]struct {
		typ             string
		values, unknown map[string]any
		want            string
	}{
		"ecs": {
			"aws_ecs_task_definition", m("container_definitions", `[{"name":"a","image":"x:1"},{"name":"b","image":"y"},{"name":"c"}]`), nil,
			"a=x:1 /container_definitions; b=y /container_definitions",
		},
		"ecs unknown":  {"aws_ecs_task_definition", m("container_definitions", nil), m("container_definitions", true), "container=? /container_definitions"},
		"ecs not json": {"aws_ecs_task_definition", m("container_definitions", `[{`), nil, "container=broken /container_definitions"},
		"ecs empty":    {"aws_ecs_task_definition", m("container_definitions", " "), nil, ""},
		"ecs literal":  {"aws_ecs_task_definition", m("container_definitions", l(m("name", "a", "image", "x:1"))), nil, "a=x:1 /container_definitions/0/image"},
		"batch":        {"aws_batch_job_definition", m("container_properties", `{"image":"x:1"}`), nil, "container=x:1 /container_properties"},
		"zip function": {"aws_lambda_function", m("image_uri", nil), nil, ""},
		"function":     {"aws_lambda_function", m("image_uri", "x:1"), nil, "function=x:1 /image_uri"},
		"deployment": {
			"kubernetes_deployment_v1", m("spec", l(m("template", l(m("spec", l(m("container", l(m("name", "a", "image", "x:1"), m("name", "b")),
				"init_container", l(m("name", "i", "image", "z"))))))))),
			m("spec", l(m("template", l(m("spec", l(m("container", l(m(), m("image", true))))))))),
			"a=x:1 /spec/0/template/0/spec/0/container/0/image; b=? /spec/0/template/0/spec/0/container/1/image; i=z /spec/0/template/0/spec/0/init_container/0/image",
		},
		"manifest": {
			"kubernetes_manifest", m("manifest", m("spec", m("template", m("spec", m("containers", l(m("name", "a", "image", "x:1"))))))), nil,
			"a=x:1 /manifest/spec/template/spec/containers/0/image",
		},
		"same name": {
			"azurerm_container_group", m("container", l(m("name", "a", "image", "x:1"), m("name", "a", "image", "y:1"))), nil,
			"a=x:1 /container/0/image; a 2=y:1 /container/1/image",
		},
		"curated":    {"aws_codebuild_project", m("environment", l(m("image", "aws/codebuild/standard:7.0"))), nil, ""},
		"helm":       {"helm_release", m("set", l(m("name", "image.tag", "value", "1"), m("name", "web.image.tag", "value", "2"), m("name", "web.image.digest", "value", "sha256:x"), m("name", "myimage.tag", "value", "3"))), nil, "image.tag=1 /set/0/value"},
		"not listed": {"aws_sqs_queue", m("image", "x"), nil, ""},
	} {
		var got []string
		for _, f := range ImagesOf(c.typ, c.values, c.unknown) {
			v, _ := f.Value.(string)
			if f.Unknown {
				v = "?"
			}
			if f.Broken {
				v = "broken"
			}
			got = append(got, f.Container+"="+v+" "+f.Pointer)
		}
		if g := strings.Join(got, "; "); g != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, g, c.want)
		}
	}
}
