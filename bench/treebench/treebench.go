// Package treebench writes a repository of Terraform configuration as large ones are: many root modules that
// call shared modules, a lock file each, Dockerfiles and workflows beside them. The same options give the same
// bytes everywhere.
package treebench

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Options say how large the tree is.
type Options struct {
	Files int    // .tf files
	Seed  uint64 // which tree of that size
}

// Counts is what was written.
type Counts struct {
	Terraform, Other int
	Bytes            int64
	Calls            int // module blocks
}

// perModule is how many .tf files a folder has: main, variables, outputs, versions.
const perModule = 4

// Write writes the tree below dir.
func Write(dir string, o Options) (Counts, error) {
	w := &writer{dir: dir, rand: rand.New(rand.NewPCG(o.Seed, 1))}
	w.folders = max(2, o.Files/perModule)
	for i := range w.folders {
		if i%4 == 0 {
			w.root(i)
		} else {
			w.shared(i)
		}
		if w.err != nil {
			return w.Counts, w.err
		}
	}
	return w.Counts, nil
}

type writer struct {
	Counts
	dir     string
	folders int
	rand    *rand.Rand
	err     error
}

func (w *writer) put(name, text string) {
	if w.err != nil {
		return
	}
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if w.err = os.MkdirAll(filepath.Dir(path), 0o755); w.err != nil {
		return
	}
	w.err = os.WriteFile(path, []byte(text), 0o644)
	w.Bytes += int64(len(text))
	if strings.HasSuffix(name, ".tf") {
		w.Terraform++
	} else {
		w.Other++
	}
}

// root is a root module: a backend, providers, calls of shared modules.
func (w *writer) root(i int) {
	dir := fmt.Sprintf("live/team-%02d/service-%04d/", i%17, i)
	var main strings.Builder
	for c := range 3 + w.rand.IntN(4) {
		w.Calls++
		called := w.rand.IntN(w.folders-1) + 1
		if called%4 == 0 {
			called-- // every fourth is a root
		}
		source := fmt.Sprintf("%q", fmt.Sprintf("../../../modules/component-%04d", called))
		version := ""
		switch w.rand.IntN(6) {
		case 0:
			source, version = `"terraform-aws-modules/vpc/aws"`, "  version = \"~> 5.0\"\n"
		case 1:
			source = fmt.Sprintf("\"git::https://git.example.com/modules/component-%04d.git?ref=v1.%d.0\"", c, w.rand.IntN(9))
		}
		fmt.Fprintf(&main, "module \"part_%d\" {\n  source = %s\n%s\n  name        = \"service-%04d-%d\"\n  environment = var.environment\n  tags        = local.tags\n}\n\n", c, source, version, i, c)
	}
	main.WriteString(w.resources(16 + w.rand.IntN(8)))
	w.put(dir+"main.tf", main.String())
	w.put(dir+"variables.tf", w.variables(6))
	w.put(dir+"outputs.tf", "output \"name\" {\n  value = local.tags.Name\n}\n")
	w.put(dir+"versions.tf", fmt.Sprintf("terraform {\n  required_version = \">= 1.7\"\n\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \"~> 6.0\"\n    }\n  }\n\n  backend \"s3\" {\n    bucket       = \"acme-states\"\n    key          = \"service-%04d/terraform.tfstate\"\n    region       = \"eu-west-1\"\n    use_lockfile = true\n  }\n}\n\nprovider \"aws\" {\n  region = \"eu-west-1\"\n}\n", i))
	w.put(dir+".terraform.lock.hcl", "provider \"registry.terraform.io/hashicorp/aws\" {\n  version     = \"6.25.0\"\n  constraints = \"~> 6.0\"\n  hashes = [\n    \"h1:0000000000000000000000000000000000000000000=\",\n  ]\n}\n")
	if i%20 == 0 {
		w.put(dir+"Dockerfile", "FROM golang:1.26 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /out/service .\n\nFROM gcr.io/distroless/static\nCOPY --from=build /out/service /service\nENTRYPOINT [\"/service\"]\n")
		w.put(fmt.Sprintf(".github/workflows/service-%04d.yml", i), "name: deploy\non: push\njobs:\n  deploy:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n      - uses: hashicorp/setup-terraform@v3\n      - run: terraform apply -auto-approve\n")
	}
}

// shared is a module that others call.
func (w *writer) shared(i int) {
	dir := fmt.Sprintf("modules/component-%04d/", i)
	w.put(dir+"main.tf", w.resources(22+w.rand.IntN(12)))
	w.put(dir+"variables.tf", w.variables(10))
	w.put(dir+"outputs.tf", "output \"arn\" {\n  value = aws_sqs_queue.this_0.arn\n}\n")
	w.put(dir+"versions.tf", "terraform {\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \">= 5.0\"\n    }\n  }\n}\n")
}

func (w *writer) variables(n int) string {
	var b strings.Builder
	b.WriteString("variable \"environment\" {\n  type    = string\n  default = \"dev\"\n}\n\nlocals {\n  tags = {\n    Name        = \"service-${var.environment}\"\n    environment = var.environment\n  }\n}\n\n")
	for k := range n {
		fmt.Fprintf(&b, "variable \"setting_%d\" {\n  description = \"Setting %d of this module, as its callers give it\"\n  type        = map(object({ size = number, name = optional(string, \"x\") }))\n  default     = {}\n}\n\n", k, k)
	}
	return b.String()
}

func (w *writer) resources(n int) string {
	var b strings.Builder
	for k := range n {
		switch w.rand.IntN(5) {
		case 0:
			fmt.Fprintf(&b, "resource \"aws_sqs_queue\" \"this_%d\" {\n  name                       = \"${var.environment}-queue-%d\"\n  visibility_timeout_seconds = %d\n  redrive_policy = jsonencode({\n    deadLetterTargetArn = aws_sqs_queue.dead.arn\n    maxReceiveCount     = 5\n  })\n  tags = merge(local.tags, { part = \"%d\" })\n}\n\n", k, k, 30+k, k)
		case 1:
			fmt.Fprintf(&b, "resource \"aws_iam_role\" \"this_%d\" {\n  name = \"${var.environment}-role-%d\"\n\n  assume_role_policy = <<-EOT\n    {\n      \"Version\": \"2012-10-17\",\n      \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \"Principal\": {\"Service\": \"ecs-tasks.amazonaws.com\"}}]\n    }\n  EOT\n\n  dynamic \"inline_policy\" {\n    for_each = var.setting_1\n    content {\n      name   = inline_policy.key\n      policy = inline_policy.value.name\n    }\n  }\n}\n\n", k, k)
		case 2:
			fmt.Fprintf(&b, "resource \"aws_ecs_task_definition\" \"this_%d\" {\n  family = \"service-%d\"\n  container_definitions = jsonencode([{\n    name  = \"app\"\n    image = \"registry.example.com/acme/service-%d:1.%d.0\"\n    environment = [for k, v in var.setting_2 : { name = k, value = v.name }]\n  }])\n  lifecycle {\n    create_before_destroy = true\n  }\n}\n\n", k, k, k, w.rand.IntN(9))
		case 3:
			fmt.Fprintf(&b, "resource \"aws_security_group\" \"this_%d\" {\n  name_prefix = \"service-%d-\"\n  vpc_id      = data.aws_vpc.this.id\n\n  ingress {\n    from_port   = 443\n    to_port     = 443\n    protocol    = \"tcp\"\n    cidr_blocks = [for s in data.aws_subnet.all : s.cidr_block if s.map_public_ip_on_launch == false]\n  }\n\n  tags = local.tags\n}\n\n", k, k)
		default:
			fmt.Fprintf(&b, "resource \"aws_cloudwatch_metric_alarm\" \"this_%d\" {\n  alarm_name          = \"${var.environment}-alarm-%d\"\n  comparison_operator = \"GreaterThanThreshold\"\n  evaluation_periods  = 2\n  metric_name         = \"Errors\"\n  namespace           = \"acme/service\"\n  period              = 60\n  statistic           = \"Sum\"\n  threshold           = var.environment == \"prod\" ? 1 : 10 # louder where it counts\n  alarm_actions       = compact([try(aws_sns_topic.alarms[0].arn, null)])\n}\n\n", k, k)
		}
	}
	return b.String()
}
