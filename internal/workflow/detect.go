package workflow

import (
	"path"
	"regexp"
	"strings"

	"polygraph/internal/evidence"
)

var (
	jobs = regexp.MustCompile(`(?m)^(jobs|"jobs"|'jobs')[ \t]*:|^\{`)
	// An action may begin with long inputs and outputs: of a head that ends
	// before `runs`, they are enough.
	runs = regexp.MustCompile(`(?m)^(runs|inputs|outputs|"runs"|'runs')[ \t]*:|^\{`)
	on   = regexp.MustCompile(`(?m)^(on|"on"|'on'|true)[ \t]*:`)
)

// Detect tells whether a file is a workflow or an action.
func Detect(name string, head []byte) (*evidence.Kind, *evidence.Problem) {
	clean := path.Clean(strings.ReplaceAll(name, `\`, "/"))
	base := strings.ToLower(path.Base(clean))
	if !strings.HasSuffix(base, ".yml") && !strings.HasSuffix(base, ".yaml") {
		return nil, nil
	}
	dir := path.Dir(clean)
	inWorkflows := dir == ".github/workflows" || strings.HasSuffix(dir, "/.github/workflows")
	// A path may begin inside of the folder: polygraph check .github.
	inWorkflows = inWorkflows || dir == "workflows" && on.Match(head)
	switch {
	case inWorkflows && jobs.Match(head), inWorkflows && on.Match(head):
		return evidence.Workflow(), nil
	case (dir == ".github/workflows" || strings.HasSuffix(dir, "/.github/workflows")) && len(head) > 0:
		return nil, &evidence.Problem{
			Reason: "it lies among the workflows and is none: neither jobs nor on",
			Do:     "mend it, or move it out of .github/workflows",
		}
	case (base == "action.yml" || base == "action.yaml") && runs.Match(head):
		return evidence.Workflow(), nil
	}
	return nil, nil
}
