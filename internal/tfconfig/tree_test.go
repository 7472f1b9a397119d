package tfconfig

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// tree makes a repository of n root modules with four files each, of the size
// and the kinds of blocks that real ones have: 1,000 are 4,000 files and 13 MB.
func tree(n int) map[string]string {
	out := map[string]string{}
	for d := range n {
		dir := fmt.Sprintf("team%d/%s/stack%d/", d%20, []string{"prod", "dev", "stage", "tools", "shared"}[d%5], d)
		out[dir+"versions.tf"] = fmt.Sprintf(treeVersions, d)
		var v strings.Builder
		for i := range 14 {
			fmt.Fprintf(&v, "variable \"v%d\" {\n  type        = string\n  description = \"Setting number %d of the stack, which callers may leave as it is.\"\n  default     = \"value-%d\"\n}\n\n", i, i, i)
		}
		out[dir+"variables.tf"] = v.String() + treeLocals
		ref := "v1.0.0"
		if d%3 == 0 {
			ref = "main"
		}
		main, app := fmt.Sprintf(treeMain, ref), ""
		for i := range 12 {
			main += treeBlock(d*22 + i)
			app += treeBlock(d*22 + 12 + i)
		}
		out[dir+"main.tf"], out[dir+"app.tf"] = main, app
	}
	return out
}

const treeVersions = `terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
  backend "s3" {
    bucket = "states"
    key    = "stack%d"
    region = "eu-central-1"
  }
}

provider "aws" {
  region = var.region
}
`

const treeLocals = `locals {
  prefix = "acme-${var.environment}"
  tags = {
    Owner = "team"
    Env   = var.environment
  }
}
`

const treeMain = `data "aws_ami" "linux" {
  most_recent = true
  owners      = ["amazon"]
  filter {
    name   = "name"
    values = ["al2023-ami-2023.*-x86_64"]
  }
}

module "network" {
  source = "git::https://git.example.com/net.git?ref=%s"
}

`

func treeBlock(i int) string {
	text := []string{
		`resource "aws_instance" "web_@" {
  ami           = data.aws_ami.linux.id
  instance_type = "t3.small"
  subnet_id     = module.network.subnet_ids[2]
  user_data     = <<-EOT
    #!/bin/bash
    set -euo pipefail
    yum install -y httpd amazon-cloudwatch-agent
    echo "hello from ${var.environment} @" > /var/www/html/index.html
    systemctl enable --now httpd
  EOT
  tags = merge(local.tags, { Name = "web-@-${var.environment}" })
  lifecycle {
    create_before_destroy = true
  }
}
`, `resource "aws_iam_policy" "p_@" {
  name = "${local.prefix}-policy-@"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]
      Resource = ["arn:aws:s3:::${var.bucket}/*", aws_s3_bucket.b_@.arn]
    }]
  })
}
`, `resource "aws_s3_bucket" "b_@" {
  # The objects in it are kept for as long as the team says.
  bucket        = "${local.prefix}-bucket-@"
  force_destroy = false
  tags          = local.tags
}
`, `resource "aws_ecs_task_definition" "t_@" {
  family                = "task-@"
  cpu                   = 256
  memory                = 512
  container_definitions = <<EOF
[
  {
    "name": "app",
    "image": "${var.registry}/app:v1.@.0",
    "essential": true,
    "portMappings": [{ "containerPort": 8080, "hostPort": 8080 }],
    "environment": [{ "name": "ENV", "value": "${var.environment}" }, { "name": "REGION", "value": "eu" }]
  }
]
EOF
}
`, `resource "aws_security_group" "sg_@" {
  name   = "sg-@"
  vpc_id = module.network.vpc_id
  dynamic "ingress" {
    for_each = { for p in var.ports : p.name => p if p.open }
    content {
      from_port   = ingress.value.from
      to_port     = ingress.value.to
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8", "192.168.0.0/24"]
    }
  }
}
`, `module "svc_@" {
  source  = "terraform-aws-modules/lambda/aws"
  version = "~> 7.@.0"
  name    = "svc-@"
  image   = "${var.registry}/svc:v@"
  timeout = 30
}
`,
	}[i%6]
	return strings.ReplaceAll(text, "@", fmt.Sprint(i)) + "\n"
}

// BenchmarkRead reads 400 files and reports what is kept of a byte of source.
func BenchmarkRead(b *testing.B) {
	files := tree(100)
	size := 0
	for _, text := range files {
		size += len(text)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var kept []*File
	for b.Loop() {
		kept = kept[:0]
		for name, text := range files {
			kept = append(kept, read(b, name, text))
		}
		Modules(kept)
	}
	b.StopTimer()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	runtime.KeepAlive(kept)
	kept = nil
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(int64(before.HeapAlloc)-int64(after.HeapAlloc))/float64(size), "kept/B")
}
