package change

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// referenceRun runs the analyzer over files and returns what the rules about
// images and actions say: one line per finding, and how often each rule holds.
func referenceRun(t *testing.T, files map[string]string) (lines []string, found map[string]finding.Finding, held map[string]int) {
	t.Helper()
	var in analysis.Evidence
	for name, text := range files {
		var kind *evidence.Kind
		for _, d := range facts.Detectors() {
			if kind, _ = d(name, []byte(text)); kind != nil {
				break
			}
		}
		if kind == nil {
			t.Fatalf("%s is no evidence", name)
		}
		in.Items = append(in.Items, &evidence.Item{Kind: kind, Path: name, Blob: evidence.Bytes([]byte(text))})
	}
	found, held = map[string]finding.Finding{}, map[string]int{}
	mine := func(id string) bool { return id >= "CHG054" && id <= "CHG059" }
	r := analysis.Runner{Analyzers: []*analysis.Analyzer{Analyzer()}, Clock: func() time.Time { return time.Unix(1_700_000_000, 0) }}
	sum, err := r.Run(context.Background(), in, func(m *run.Message) error {
		if m.Skip != nil {
			t.Errorf("not examined: %s: %s", m.Skip.Path, m.Skip.Reason)
		}
		if f := m.Finding; f != nil && mine(f.Rule) {
			line := strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", f.Rule, f.Verdict, f.Severity, f.Subject.Identity, f.Discriminator))
			lines = append(lines, line)
			if _, twice := found[f.Fingerprint]; twice {
				t.Errorf("two findings have the fingerprint of %s", line)
			}
			found[f.Fingerprint] = *f
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range sum.Rules {
		if mine(c.Rule) && c.Held > 0 {
			held[c.Rule] = c.Held
		}
	}
	slices.Sort(lines)
	return lines, found, held
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const someDigest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

const someSHA = "0123456789abcdef0123456789abcdef01234567"

// planOf is a plan with these entries.
func planOf(entries ...string) string {
	return `{"format_version":"1.2","planned_values":{"root_module":{}},"configuration":{"root_module":{}},"resource_changes":[` + strings.Join(entries, ",") + `]}`
}

func entry(address, action, after, unknown string) string {
	typ, name, _ := strings.Cut(address[strings.LastIndex(address, "module.")+1:], ".")
	if i := strings.LastIndex(address, "."); i >= 0 {
		name = address[i+1:]
		typ = address[:i]
		typ = typ[strings.LastIndex(typ, ".")+1:]
	}
	before := after
	switch action {
	case "create":
		before = "null"
	case "delete":
		after = "null"
	}
	return fmt.Sprintf(`{"address":%q,"mode":"managed","type":%q,"name":%q,"change":{"actions":[%q],"before":%s,"after":%s,"after_unknown":%s,"before_sensitive":{},"after_sensitive":{}}}`,
		address, typ, name, action, before, after, unknown)
}

// TestBuiltHere: what a Compose file builds, and the contexts that it gives a
// build, are not fetched, whichever file names them.
func TestBuiltHere(t *testing.T) {
	lines, _, held := referenceRun(t, map[string]string{
		"shop/compose.yaml":          "services:\n  api:\n    build:\n      context: .\n      additional_contexts: {base: ./base, tools: 'docker-image://golang:1'}\n    image: shop/api:dev\n  web: {image: 'shop/web:dev'}\n  db: {image: 'postgres:16'}\n",
		"shop/compose.override.yaml": "services:\n  web: {build: ./web}\n",
		"other/compose.yaml":         "services:\n  web: {image: 'shop/web:dev'}\n  api: {image: 'shop/api:dev'}\n",
		"shop/Dockerfile":            "FROM base\nCOPY --from=tools /a /a\nCOPY --from=assets /a /a\nCOPY --from=busybox:1 /a /a\n",
		"shop/Dockerfile.dev":        "FROM shop/api:dev\n",
	})
	expect(t, lines,
		"CHG056 refuted medium shop/Dockerfile final stage copies from busybox",
		"CHG056 unproven medium shop/Dockerfile final stage copies from assets",
		"CHG057 refuted medium other/compose.yaml service web", // another folder: another project
		"CHG057 refuted medium shop/compose.yaml service api context tools",
		"CHG057 refuted medium shop/compose.yaml service db",
	)
	if len(held) != 0 {
		t.Errorf("%v hold", held)
	}
}

// TestUnknownIsUnproven: a variable without a value accuses nobody, unless what
// is literal is enough.
func TestUnknownIsUnproven(t *testing.T) {
	lines, _, held := referenceRun(t, map[string]string{
		"a/Dockerfile":             "ARG V\nARG R\nFROM golang:$V AS a\nFROM $R/shop/api:1.2 AS b\nFROM $R@$V AS c\nFROM {{ base }} AS d\n",
		"a/compose.yaml":           "services:\n  a: {image: 'x:$TAG'}\n  b: {image: '$R/x:latest'}\n  c: {image: 'redis:${TAG:-1}'}\n",
		".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    container: ${{ matrix.image }}\n    steps:\n      - uses: nonsense\n",
	})
	expect(t, lines,
		"CHG056 refuted medium a/Dockerfile stage b",
		"CHG056 unproven medium a/Dockerfile stage a",
		"CHG056 unproven medium a/Dockerfile stage d",
		"CHG057 refuted high a/compose.yaml service b",
		"CHG057 refuted medium a/compose.yaml service c",
		"CHG057 unproven medium a/compose.yaml service a",
		"CHG058 unproven medium workflows/ci.yml job a container",
		"CHG059 unproven high workflows/ci.yml uses nonsense unread",
	)
	if held["CHG056"] != 1 {
		t.Errorf("%v hold", held)
	}
}

// TestNoOfficialImage: an image without an owner that Docker Hub does not have
// is built by somebody, on the machine.
func TestNoOfficialImage(t *testing.T) {
	lines, found, _ := referenceRun(t, map[string]string{
		"a/Dockerfile":   "FROM base AS build\nFROM alpine\n",
		"a/compose.yaml": "services:\n  own: {image: 'pubsub-emulator'}\n  db: {image: 'mariadb'}\n  far: {image: 'shop/pubsub-emulator'}\n",
	})
	expect(t, lines,
		"CHG056 refuted high a/Dockerfile final stage",
		"CHG056 unproven medium a/Dockerfile stage build",
		"CHG057 refuted high a/compose.yaml service db",
		"CHG057 refuted high a/compose.yaml service far",
		"CHG057 unproven medium a/compose.yaml service own",
	)
	for _, f := range found {
		if f.Verdict == finding.Unproven && !strings.Contains(f.Title, "official image") {
			t.Errorf("%s", f.Title)
		}
	}
}

// TestIdentity: the folder and the name of a file tell it, as many folders as
// are needed, and no line.
func TestIdentity(t *testing.T) {
	text := "FROM alpine:1 AS x\nFROM busybox:1\n"
	lines, found, _ := referenceRun(t, map[string]string{"r/one/docker/Dockerfile": text, "r/two/docker/Dockerfile": text, "r/three/Dockerfile": text})
	expect(t, lines,
		"CHG056 refuted medium one/docker/Dockerfile stage x", "CHG056 refuted medium one/docker/Dockerfile final stage",
		"CHG056 refuted medium two/docker/Dockerfile stage x", "CHG056 refuted medium two/docker/Dockerfile final stage",
		"CHG056 refuted medium three/Dockerfile stage x", "CHG056 refuted medium three/Dockerfile final stage",
	)
	_, moved, _ := referenceRun(t, map[string]string{"/src/shop/three/Dockerfile": "# a comment\n\n" + strings.Replace(text, ":1", ":2", 1)})
	for print := range moved {
		if _, ok := found[print]; !ok {
			t.Errorf("%s has a fingerprint of its own after a move and an edit elsewhere", moved[print].Subject.Identity)
		}
	}
}

// TestActions: one finding per file and action, first-party tags are less
// severe, and what lies in the repository is no reference.
func TestActions(t *testing.T) {
	lines, found, held := referenceRun(t, map[string]string{
		".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n      - uses: shop/scan@v1\n      - uses: shop/pinned@" + someSHA +
			" # v3\n      - uses: ./x\n      - uses: actions/cache@main\n      - uses: shop/short@0123abc\n  b:\n    steps:\n      - uses: actions/checkout@v3\n",
		"action.yml": "runs:\n  using: composite\n  steps:\n    - uses: shop/pinned/sub@v3\n    - uses: actions/checkout@" + someSHA + " # v4\n",
	})
	expect(t, lines,
		"CHG059 refuted high action.yml uses shop/pinned/sub",
		"CHG059 refuted high workflows/ci.yml uses actions/cache",
		"CHG059 refuted high workflows/ci.yml uses shop/scan",
		"CHG059 refuted high workflows/ci.yml uses shop/short",
		"CHG059 refuted medium workflows/ci.yml uses actions/checkout",
	)
	if held["CHG059"] != 2 {
		t.Errorf("%v hold", held)
	}
	for _, f := range found {
		switch {
		case strings.HasSuffix(f.Subject.Identity, "actions/checkout"):
			want := "--- a/.github/workflows/ci.yml\n+++ b/.github/workflows/ci.yml\n@@ -5 +5 @@\n-      - uses: actions/checkout@v4\n+      - uses: actions/checkout@" + someSHA + " # v4\n"
			if f.Remedy.Patch != want || len(f.Proof) != 2 {
				t.Errorf("%d statements, patch\n%s", len(f.Proof), f.Remedy.Patch)
			}
		case strings.HasSuffix(f.Subject.Identity, "pinned/sub"):
			if !strings.Contains(f.Remedy.Patch, "+    - uses: shop/pinned/sub@"+someSHA+" # v3\n") {
				t.Errorf("patch\n%s", f.Remedy.Patch)
			}
		case strings.HasSuffix(f.Subject.Identity, "shop/scan"):
			if want := "git ls-remote https://github.com/shop/scan 'refs/heads/v1' 'refs/tags/v1' 'refs/tags/v1^{}'"; len(f.Remedy.Commands) != 1 || f.Remedy.Commands[0] != want {
				t.Errorf("%v", f.Remedy.Commands)
			}
		}
	}
}

// TestDigestOfElsewhere: a digest that another file has for the same tag makes
// the remedy a patch; two that differ make none.
func TestDigestOfElsewhere(t *testing.T) {
	files := map[string]string{
		"a/Dockerfile":   "FROM alpine:3 AS x\n",
		"a/compose.yaml": "services:\n  a: {image: 'docker.io/library/alpine:3@" + someDigest + "'}\n",
	}
	_, found, _ := referenceRun(t, files)
	for _, f := range found {
		if !strings.Contains(f.Remedy.Patch, "-FROM alpine:3 AS x\n+FROM alpine:3@"+someDigest+" AS x\n") {
			t.Errorf("%+v", f.Remedy)
		}
	}
	files["b/Dockerfile"] = "FROM alpine:3@sha256:" + strings.Repeat("f", 64) + "\n"
	_, found, _ = referenceRun(t, files)
	for _, f := range found {
		if f.Remedy.Patch != "" || len(f.Remedy.Commands) != 1 {
			t.Errorf("%+v", f.Remedy)
		}
	}
}

// TestPlanImages: what a plan keeps and makes is judged, what it destroys is not;
// a repository that refuses to move tags makes a tag good.
func TestPlanImages(t *testing.T) {
	lines, found, held := referenceRun(t, map[string]string{"plan.json": planOf(
		entry("aws_ecs_task_definition.a", "create", `{"container_definitions":"[{\"name\":\"web\",\"image\":\"x:1\"},{\"name\":\"log\",\"image\":\"y@`+someDigest+`\"}]"}`, `{}`),
		entry("aws_ecs_task_definition.b", "create", `{}`, `{"container_definitions":true}`),
		entry("aws_ecs_task_definition.c", "delete", `{"container_definitions":"[{\"name\":\"web\",\"image\":\"x:1\"}]"}`, `{}`),
		entry("aws_lambda_function.a", "update", `{"image_uri":"1.dkr.ecr.eu-central-1.amazonaws.com/a:1"}`, `{}`),
		entry("aws_lambda_function.b", "update", `{"image_uri":"1.dkr.ecr.eu-central-1.amazonaws.com/b:latest"}`, `{}`),
		entry("aws_ecr_repository.a", "no-op", `{"repository_url":"1.dkr.ecr.eu-central-1.amazonaws.com/a","image_tag_mutability":"IMMUTABLE"}`, `{}`),
		entry("aws_lambda_function.c", "update", `{"image_uri":"1.dkr.ecr.eu-central-1.amazonaws.com/c:1.2"}`, `{}`),
		entry("aws_lambda_function.d", "update", `{"image_uri":"1.dkr.ecr.eu-central-1.amazonaws.com/c:latest"}`, `{}`),
		entry("aws_lambda_function.e", "update", `{"image_uri":"1.dkr.ecr.eu-central-1.amazonaws.com/e:1.2"}`, `{}`),
		entry("aws_ecr_repository.c", "no-op", `{"repository_url":"1.dkr.ecr.eu-central-1.amazonaws.com/c","image_tag_mutability":"IMMUTABLE_WITH_EXCLUSION","image_tag_mutability_exclusion_filter":[{"filter":"lat*","filter_type":"WILDCARD"}]}`, `{}`),
		entry("aws_ecr_repository.e", "update", `{"repository_url":"1.dkr.ecr.eu-central-1.amazonaws.com/e"}`, `{"image_tag_mutability":true}`),
		entry("aws_ecr_repository.b", "no-op", `{"repository_url":"1.dkr.ecr.eu-central-1.amazonaws.com/b","image_tag_mutability":"MUTABLE"}`, `{}`),
		entry("module.m.docker_image.own", "create", `{"name":"own:1","build":[{"context":"."}]}`, `{}`),
		entry("module.m.docker_container.own", "create", `{"image":"own:1"}`, `{}`),
		entry("helm_release.h", "no-op", `{"set":[{"name":"image.tag","value":"1.2"}]}`, `{}`),
	)})
	expect(t, lines,
		"CHG055 refuted high aws_lambda_function.b function",
		"CHG055 refuted high aws_lambda_function.d function",
		"CHG055 refuted medium aws_ecs_task_definition.a web",
		"CHG055 refuted medium helm_release.h image.tag",
		"CHG055 unproven medium aws_ecs_task_definition.b container",
		"CHG055 unproven medium aws_lambda_function.e function",
	)
	if held["CHG055"] != 3 {
		t.Errorf("%v hold", held)
	}
	_ = found
}

// TestPlanCounts: where a plan has the value of what the configuration leaves to
// a variable, the plan decides; the same reference is accused once.
func TestPlanCounts(t *testing.T) {
	config := "resource \"aws_lambda_function\" \"a\" {\n  image_uri = var.image\n}\n\nresource \"aws_lambda_function\" \"b\" {\n  image_uri = \"x/b:1\"\n}\n\nvariable \"image\" {\n  default = \"x/a:1\"\n}\n"
	lines, _, _ := referenceRun(t, map[string]string{"r/main.tf": config})
	expect(t, lines,
		"CHG055 refuted medium r:aws_lambda_function.b function",
		"CHG055 unproven medium r:aws_lambda_function.a function", // a caller may say something else
	)
	lines, _, held := referenceRun(t, map[string]string{"r/main.tf": config, "plan.json": planOf(
		entry("aws_lambda_function.a", "no-op", `{"image_uri":"x/a@`+someDigest+`"}`, `{}`),
		entry("aws_lambda_function.b", "no-op", `{"image_uri":"x/b:1"}`, `{}`),
	)})
	expect(t, lines, "CHG055 refuted medium aws_lambda_function.b function")
	if held["CHG055"] != 1 {
		t.Errorf("%v hold", held)
	}
}

// TestLatest: an ARN without a qualifier is how functions are called; only what
// says $LATEST is accused.
func TestLatest(t *testing.T) {
	arn := "arn:aws:lambda:eu-central-1:111111111111:function:orders"
	lines, _, held := referenceRun(t, map[string]string{"plan.json": planOf(
		entry("aws_lambda_event_source_mapping.plain", "no-op", `{"function_name":"`+arn+`"}`, `{}`),
		entry("aws_lambda_event_source_mapping.name", "no-op", `{"function_name":"orders"}`, `{}`),
		entry("aws_lambda_event_source_mapping.latest", "no-op", `{"function_name":"`+arn+`:$LATEST"}`, `{}`),
		entry("aws_lambda_event_source_mapping.alias", "no-op", `{"function_name":"orders:live"}`, `{}`),
		entry("aws_lambda_permission.latest", "no-op", `{"function_name":"orders","qualifier":"$LATEST"}`, `{}`),
		entry("aws_lambda_permission.none", "no-op", `{"function_name":"orders","qualifier":""}`, `{}`),
		entry("aws_api_gateway_integration.latest", "no-op", `{"uri":"arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/`+arn+`:$LATEST/invocations"}`, `{}`),
		entry("aws_api_gateway_integration.plain", "no-op", `{"uri":"arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/`+arn+`/invocations"}`, `{}`),
		entry("aws_api_gateway_integration.http", "no-op", `{"uri":"https://example.com:8443/x"}`, `{}`),
		entry("aws_cloudwatch_event_target.queue", "no-op", `{"arn":"arn:aws:sqs:eu-central-1:111111111111:orders"}`, `{}`),
		entry("aws_sns_topic_subscription.mail", "no-op", `{"endpoint":"a@example.com"}`, `{}`),
		entry("aws_lambda_alias.number", "no-op", `{"function_name":"orders","function_version":"7"}`, `{}`),
		entry("aws_lambda_alias.new", "update", `{"function_name":"orders"}`, `{"function_version":true}`),
		entry("aws_lambda_alias.strange", "update", `{"function_name":"elsewhere"}`, `{"function_version":true}`),
		entry("aws_lambda_function.orders", "update", `{"function_name":"orders","publish":true}`, `{"version":true}`),
	)})
	expect(t, lines,
		"CHG054 refuted high aws_api_gateway_integration.latest uri",
		"CHG054 refuted high aws_lambda_event_source_mapping.latest function_name",
		"CHG054 refuted high aws_lambda_permission.latest qualifier",
		"CHG054 unproven high aws_lambda_alias.strange function_version",
	)
	if held["CHG054"] != 3 {
		t.Errorf("%v hold", held)
	}
}

// TestDefinitionsInText: container definitions in a here-document are read as
// far as they are JSON; what is computed around the images does not matter.
func TestDefinitionsInText(t *testing.T) {
	lines, found, held := referenceRun(t, map[string]string{"r/main.tf": `locals {
  tag   = "7"
  image = "${var.registry}/x/far:latest"
  far   = local.image
}

resource "aws_ecr_repository" "fixed" {
  image_tag_mutability = "IMMUTABLE"
}

resource "aws_ecs_task_definition" "shop" {
  container_definitions = <<EOF
[
  {"name": "web", "image": "${aws_ecr_repository.web.repository_url}:latest", "memory": 12,
   "environment": [{"name": "STAGE", "value": "${var.stage}"}]},
  {"name": "log", "image": "x/log:${local.tag}"},
  {"name": "fixed", "image": "${aws_ecr_repository.fixed.repository_url}:7"},
  {"name": "far", "image": "${local.far}"},
  {"name": "given", "image": "${var.image}"}
]
EOF
}

resource "aws_ecs_task_definition" "file" {
  container_definitions = file("x.json")
}

resource "aws_ecs_task_definition" "loop" {
  container_definitions = <<EOF
[%{ for n in var.names }{"name": "a", "image": "b"}%{ endfor }]
EOF
}
`})
	expect(t, lines,
		"CHG055 refuted high r:aws_ecs_task_definition.shop web",
		"CHG055 refuted high r:aws_ecs_task_definition.shop far",
		"CHG055 refuted medium r:aws_ecs_task_definition.shop log",
		"CHG055 unproven medium r:aws_ecs_task_definition.shop given",
		"CHG055 unproven medium r:aws_ecs_task_definition.file container",
		"CHG055 unproven medium r:aws_ecs_task_definition.loop container",
	)
	if held["CHG055"] != 1 {
		t.Errorf("%v hold", held)
	}
	for _, f := range found {
		if strings.ContainsAny(f.Title, "\n") {
			t.Errorf("title of two lines: %q", f.Title)
		}
	}
}

// TestRepositoriesThatKeepTags: a tag that its repository does not let move is
// as good as a digest, and where the repository cannot be read nobody knows.
func TestRepositoriesThatKeepTags(t *testing.T) {
	files := map[string]string{"r/main.tf": `variable "moves" {
  default = "MUTABLE"
}
resource "aws_ecr_repository" "most" {
  count                = 1
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"
  image_tag_mutability_exclusion_filter {
    filter      = "dev*"
    filter_type = "WILDCARD"
  }
}
resource "aws_ecr_repository" "given" {
  image_tag_mutability = var.moves
}
resource "aws_lambda_function" "kept" {
  image_uri = "${aws_ecr_repository.most[0].repository_url}:v1.2.3"
}
resource "aws_lambda_function" "moved" {
  image_uri = "${aws_ecr_repository.most[0].repository_url}:dev-1"
}
resource "aws_lambda_function" "given" {
  image_uri = "${aws_ecr_repository.given.repository_url}:v1.2.3"
}
resource "aws_lambda_function" "far" {
  image_uri = "${aws_ecr_repository.far.repository_url}:v1.2.3"
}
`}
	far := "CHG055 refuted medium r:aws_lambda_function.far function"
	for range 2 {
		lines, _, held := referenceRun(t, files)
		expect(t, slices.DeleteFunc(lines, func(s string) bool { return strings.HasSuffix(s, ".tf") }),
			"CHG055 refuted medium r:aws_lambda_function.moved function",
			"CHG055 unproven medium r:aws_lambda_function.given function",
			far,
		)
		if held["CHG055"] != 1 {
			t.Errorf("%v hold", held)
		}
		files["r/ecr.tf"] = "resource \"aws_ecr_repository\" \"far\" {"
		far = "CHG055 unproven medium r:aws_lambda_function.far function"
	}
}

// TestWorkflowsThatRefuseASHA: the remedy breaks no release.
func TestWorkflowsThatRefuseASHA(t *testing.T) {
	_, found, _ := referenceRun(t, map[string]string{".github/workflows/r.yml": `on: push
jobs:
  a:
    uses: slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml@v2.1.0
  b:
    uses: slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml@` + someSHA + ` # v2.1.0
`})
	if len(found) != 1 {
		t.Errorf("%+v", found)
	}
	for _, f := range found {
		if f.Remedy.Patch != "" || len(f.Remedy.Commands) > 0 || !strings.Contains(f.Remedy.Text, "version tag") {
			t.Errorf("%+v", f.Remedy)
		}
	}
}

// TestLatestIsNotCalled: what calls nothing promises no version.
func TestLatestIsNotCalled(t *testing.T) {
	lines, _, _ := referenceRun(t, map[string]string{"r/main.tf": `resource "aws_lambda_function_event_invoke_config" "c" {
  function_name = "f"
  qualifier     = "$LATEST"
}
`})
	expect(t, lines)
}

// TestUnmaskedImage: a plan that does not say what of it is sensitive is judged,
// and its values are not shown.
func TestUnmaskedImage(t *testing.T) {
	plan := strings.ReplaceAll(planOf(entry("aws_lambda_function.a", "no-op", `{"image_uri":"hush/hush:1"}`, `{}`)), `,"before_sensitive":{},"after_sensitive":{}`, "")
	lines, found, _ := referenceRun(t, map[string]string{"plan.json": plan})
	expect(t, lines, "CHG055 refuted medium aws_lambda_function.a function")
	for _, f := range found {
		if s := fmt.Sprintf("%+v", f); strings.Contains(s, "hush") {
			t.Errorf("shown: %s", s)
		}
	}
	sealed := strings.ReplaceAll(planOf(entry("aws_lambda_function.a", "no-op", `{"image_uri":"hush/hush:1"}`, `{}`)), `"after_sensitive":{}`, `"after_sensitive":{"image_uri":true}`)
	lines, found, _ = referenceRun(t, map[string]string{"plan.json": sealed})
	expect(t, lines, "CHG055 unproven medium aws_lambda_function.a function")
	for _, f := range found {
		if s := fmt.Sprintf("%+v", f); strings.Contains(s, "hush") {
			t.Errorf("shown: %s", s)
		}
	}
}

// TestIgnoredValues: what ignore_changes leaves to others decides at creation
// only.
func TestIgnoredValues(t *testing.T) {
	lifecycle := func(what string) string { return "  lifecycle {\n    ignore_changes = " + what + "\n  }\n}\n" }
	alias := "resource \"aws_lambda_alias\" \"a\" {\n  name = \"live\"\n  function_name = \"f\"\n  function_version = \"$LATEST\"\n"
	fn := "resource \"aws_lambda_function\" \"f\" {\n  image_uri = \"x/f:latest\"\n"
	run := "resource \"google_cloud_run_service\" \"r\" {\n  template {\n    spec {\n      containers {\n        image = \"gcr.io/x/r:1\"\n      }\n    }\n  }\n"
	task := "resource \"aws_ecs_task_definition\" \"t\" {\n  container_definitions = jsonencode([{ name = \"c\", image = \"x/%s\" }])\n"
	lines, _, held := referenceRun(t, map[string]string{
		"r/main.tf": alias + lifecycle("[function_version]") +
			fn + lifecycle("[image_uri]") +
			run + lifecycle("[template[0].spec[0].containers[0].image]") +
			fmt.Sprintf(task, "t:1") + lifecycle("all"),
		"s/main.tf": alias + lifecycle("[description]") + fn + lifecycle("[timeout]") +
			fmt.Sprintf(task, "t@"+someDigest) + lifecycle("all"),
	})
	expect(t, lines,
		"CHG054 refuted high s:aws_lambda_alias.a function_version",
		"CHG054 unproven low r:aws_lambda_alias.a function_version",
		"CHG055 refuted high s:aws_lambda_function.f function",
		"CHG055 unproven medium r:aws_ecs_task_definition.t c",
		"CHG055 unproven medium r:aws_lambda_function.f function",
		"CHG055 unproven medium r:google_cloud_run_service.r container",
	)
	if len(held) != 0 {
		t.Errorf("%v hold", held)
	}
}

// TestAliasOfLatest: who names an alias of $LATEST calls $LATEST, and the alias
// is accused.
func TestAliasOfLatest(t *testing.T) {
	permission := "resource \"aws_lambda_permission\" \"p\" {\n  function_name = \"f\"\n  qualifier = \"prod\"\n}\nresource \"aws_lambda_event_source_mapping\" \"m\" {\n  function_name = \"f:prod\"\n}\n"
	alias := "resource \"aws_lambda_alias\" \"a\" {\n  name = \"prod\"\n  function_name = \"f\"\n  function_version = %q\n}\n"
	lines, _, held := referenceRun(t, map[string]string{"r/main.tf": permission + fmt.Sprintf(alias, "$LATEST")})
	expect(t, lines, "CHG054 refuted high r:aws_lambda_alias.a function_version")
	if held["CHG054"] != 0 {
		t.Errorf("%v hold", held)
	}
	if _, _, held = referenceRun(t, map[string]string{"r/main.tf": permission + fmt.Sprintf(alias, "7")}); held["CHG054"] != 3 {
		t.Errorf("%v hold", held)
	}
	lines, _, held = referenceRun(t, map[string]string{"plan.json": planOf(
		entry("aws_lambda_permission.p", "no-op", `{"function_name":"f","qualifier":"prod"}`, `{}`),
		entry("aws_lambda_alias.a", "no-op", `{"function_name":"f","name":"prod","function_version":"$LATEST"}`, `{}`),
	)})
	expect(t, lines, "CHG054 refuted high aws_lambda_alias.a function_version")
	if held["CHG054"] != 0 {
		t.Errorf("%v hold", held)
	}
}

// TestBuiltByTheBlock: an image with a build block is made here, whatever its
// name comes to.
func TestBuiltByTheBlock(t *testing.T) {
	lines, _, _ := referenceRun(t, map[string]string{"r/main.tf": `variable "n" {}
resource "docker_image" "i" {
  name = var.n
  build {
    context = "."
  }
}
resource "docker_container" "c" {
  image = var.n
}
`})
	expect(t, lines)
	lines, _, _ = referenceRun(t, map[string]string{"plan.json": planOf(entry("docker_image.i", "create", `{"build":[{"context":"."}]}`, `{"name":true}`))})
	expect(t, lines)
}

// TestImagesInHereDocuments: an image is cited where it stands, and definitions
// that do not parse are not passed over.
func TestImagesInHereDocuments(t *testing.T) {
	text := `variable "v" {}
resource "aws_ecs_task_definition" "t" {
  container_definitions = <<-EOF
    [
      {"name": "a", "image": "x/same:1", "environment": [{"name": "i", "value": "x/same:1"}]},
      {"name": "b",
       "image" : "x/same:1"},
      {"name": "c", "image": "x/${var.v}/c:2"}
    ]
  EOF
}
resource "aws_ecs_task_definition" "u" {
  container_definitions = <<EOF
[{"name": "d", "image": "x/d:3"}]
EOF
}
resource "aws_ecs_task_definition" "broken" {
  container_definitions = <<EOF
[{"name": "d", "image": "x/d:3",}]
EOF
}
`
	lines, found, _ := referenceRun(t, map[string]string{"r/main.tf": text})
	expect(t, lines,
		"CHG055 refuted medium r:aws_ecs_task_definition.t a",
		"CHG055 refuted medium r:aws_ecs_task_definition.t b",
		"CHG055 refuted medium r:aws_ecs_task_definition.t c",
		"CHG055 refuted medium r:aws_ecs_task_definition.u d",
		"CHG055 unproven medium r:aws_ecs_task_definition.broken container",
	)
	at := map[string]int{"a": 5, "b": 7, "c": 8, "d": 14, "container": 18}
	for _, f := range found {
		if line := 1 + strings.Count(text[:f.At().Offset], "\n"); line != at[f.Discriminator] {
			t.Errorf("%s is cited at line %d", f.Discriminator, line)
		}
	}
}

// TestImagesOfModules: what a call hands to a module under a well-known name is
// an image where it is written as one.
func TestImagesOfModules(t *testing.T) {
	lines, _, held := referenceRun(t, map[string]string{"r/main.tf": `variable "v" {}
module "ecs" {
  source = "terraform-aws-modules/ecs/aws//modules/service"
  container_definitions = {
    app = { image = "public.ecr.aws/acme/app:latest", cpu = 1 }
    log = { image = "acme/log@` + someDigest + `" }
    own = { image = var.v }
    raw = { image = "acme/raw" }
  }
}
module "lambda" {
  source    = "terraform-aws-modules/lambda/aws"
  image_uri = "1.dkr.ecr.eu-central-1.amazonaws.com/f:1"
}
module "machines" {
  source = "acme/vm/google"
  image  = "debian-cloud/debian-11"
  other  = "nginx:1"
}
module "names" {
  source          = "acme/x/aws"
  image           = "ubuntu"
  container_image = "Some Words"
  docker_image    = "app"
}
module "system" {
  source = "acme/lxd/aws"
  image  = "ubuntu:22.04"
}
`})
	expect(t, lines,
		"CHG055 refuted high r:module.ecs container_definitions.app.image",
		"CHG055 refuted high r:module.ecs container_definitions.raw.image",
		"CHG055 refuted medium r:module.lambda image_uri",
	)
	if held["CHG055"] != 1 {
		t.Errorf("%v hold", held)
	}
}

// TestMatrix: the values of a matrix that are written out are judged.
func TestMatrix(t *testing.T) {
	lines, found, held := referenceRun(t, map[string]string{".github/workflows/w.yml": `on: push
jobs:
  j:
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        pg: [15, "16@` + someDigest + `"]
        include:
          - pg: 3.10
          - other: x
    services:
      db:
        image: postgres:${{ matrix.pg }}
  k:
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        pg: ${{ fromJSON(inputs.versions) }}
    container: postgres:${{ matrix.pg }}
  l:
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        pg: [15, 16]
        exclude: [{pg: 15}]
    container: postgres:${{ matrix.pg }}
  m:
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        db: [{image: 'mysql:8'}, {image: ""}]
    container: ${{ matrix.db.image }}
`})
	expect(t, lines,
		"CHG058 refuted medium workflows/w.yml job j service db",
		"CHG058 refuted medium workflows/w.yml job j service db 3",
		"CHG058 refuted medium workflows/w.yml job m container",
		"CHG058 unproven medium workflows/w.yml job k container",
		"CHG058 unproven medium workflows/w.yml job l container",
	)
	if held["CHG058"] != 1 {
		t.Errorf("%v hold", held)
	}
	titles := ""
	for _, f := range found {
		titles += f.Title + "\n"
	}
	for _, image := range []string{"`postgres:15`", "`postgres:3.1`", "`mysql:8`"} {
		if !strings.Contains(titles, image) {
			t.Errorf("%s is not named: %s", image, titles)
		}
	}
}
