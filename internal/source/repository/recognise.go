package repository

import (
	"bytes"
	"encoding/json"
	"path"
	"strings"

	"polygraph/internal/doctor"
	"polygraph/internal/run"
	"polygraph/internal/source/files"
	"polygraph/internal/tfplan"
	"polygraph/internal/tfstate"
)

// configuration tells whether Terraform or OpenTofu reads a file of that name.
func configuration(base string) bool {
	if strings.HasPrefix(base, ".") || strings.HasSuffix(base, "~") || strings.HasPrefix(base, "#") {
		return base == ".terraform.lock.hcl"
	}
	for _, ext := range []string{".tf", ".tofu", ".tf.json", ".tofu.json"} {
		if strings.HasSuffix(base, ext) {
			return true
		}
	}
	return base == "terragrunt.hcl" || strings.HasSuffix(base, ".tfvars") || strings.HasSuffix(base, ".tfvars.json")
}

// interest returns who looks into a file of that name; nil for nobody.
func interest(rel, base string) func(*survey, found) {
	ext := path.Ext(base)
	switch {
	case configuration(base):
		return (*survey).configured
	case rel == "polygraph.yaml" || rel == "polygraph.yml":
		return func(s *survey, f found) { s.out.Config = s.at(f.rel) }
	case base == "polygraph.first-seen":
		return func(s *survey, f found) {
			if s.out.Ledger == "" {
				s.out.Ledger = s.at(f.rel)
			}
		}
	case system(rel, base) != "":
		return (*survey).ci
	case ext == ".jsonl" || ext == ".ndjson":
		return (*survey).saved
	case base == "Dockerfile" || base == "Containerfile" || strings.HasPrefix(base, "Dockerfile.") || ext == ".Dockerfile":
		return func(s *survey, _ found) { s.out.Dockerfiles++ }
	case base == "Chart.yaml":
		return func(s *survey, f found) {
			s.out.Charts++
			if len(s.charts) < most {
				s.charts = append(s.charts, f.dir)
			}
		}
	case base == "kustomization.yaml" || base == "kustomization.yml" || base == "Kustomization":
		return func(s *survey, _ found) { s.out.Kustomizations++ }
	case ext == ".yaml" || ext == ".yml":
		return (*survey).manifest
	case ext == ".json" || ext == ".tfstate" || ext == "" || strings.Contains(base, "plan") || ext == ".out":
		return (*survey).recorded
	}
	return nil
}

// system names the CI system that reads a file.
func system(rel, base string) string {
	ext := path.Ext(base)
	yaml := ext == ".yml" || ext == ".yaml"
	switch {
	case path.Dir(rel) == ".github/workflows" && yaml:
		return "GitHub Actions"
	case rel == ".gitlab-ci.yml":
		return "GitLab CI"
	case rel == ".pre-commit-config.yaml":
		return "pre-commit"
	case rel == "atlantis.yaml":
		return "Atlantis"
	case base == "Jenkinsfile":
		return "Jenkins"
	case rel == ".circleci/config.yml":
		return "CircleCI"
	case rel == "azure-pipelines.yml":
		return "Azure Pipelines"
	case rel == "bitbucket-pipelines.yml":
		return "Bitbucket Pipelines"
	}
	return ""
}

func (s *survey) ci(f found) {
	if len(s.out.CI) == most {
		return
	}
	text, _, _ := s.open(f.rel, s.limits.Bytes)
	s.out.CI = append(s.out.CI, doctor.CI{
		System: system(f.rel, f.base), Path: s.at(f.rel), Runs: bytes.Contains(text, []byte("polygraph")),
	})
}

// recorded looks for plans and states by content, as discovery does.
func (s *survey) recorded(f found) {
	head, info, _ := s.open(f.rel, files.HeadSize)
	if len(head) == 0 {
		return
	}
	file := doctor.File{Path: s.at(f.rel), Time: info.ModTime(), Binary: tfplan.IsBinary(head)}
	if kind, _ := tfplan.Detect(f.base, head); kind != nil || file.Binary {
		if len(s.out.Plans) < most {
			s.out.Plans = append(s.out.Plans, file)
		}
		s.terraform(f.dir).plan = true
		return
	}
	if kind, _ := tfstate.Detect(f.base, head); kind != nil {
		if len(s.out.States) < most {
			s.out.States = append(s.out.States, file)
		}
		s.terraform(f.dir).state = true
	}
}

// saved looks for runs of Polygraph. Their first line has all that counts.
func (s *survey) saved(f found) {
	head, _, _ := s.open(f.rel, s.limits.Bytes)
	line, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), []byte("\n"))
	var m run.Message
	if !bytes.HasPrefix(bytes.TrimSpace(line), []byte(`{"header"`)) || json.Unmarshal(line, &m) != nil || m.Header == nil {
		return
	}
	if len(s.out.Runs) < most {
		s.out.Runs = append(s.out.Runs, doctor.Run{
			Path: s.at(f.rel), Command: m.Header.Command, Version: m.Header.Version, Started: m.Header.Started,
		})
	}
}

// manifest counts YAML that looks like a Kubernetes object. Templates of a chart
// are the chart's.
func (s *survey) manifest(f found) {
	for _, chart := range s.charts {
		if f.dir == path.Join(chart, "templates") || strings.HasPrefix(f.dir, path.Join(chart, "templates")+"/") {
			return
		}
	}
	head, _, _ := s.open(f.rel, 64<<10)
	if starts(head, "apiVersion:") && starts(head, "kind:") {
		s.out.Manifests++
	}
}

// starts tells whether a line starts with a word.
func starts(text []byte, word string) bool {
	return bytes.HasPrefix(text, []byte(word)) || bytes.Contains(text, []byte("\n"+word))
}
