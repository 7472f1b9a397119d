package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"polygraph/internal/evidence"
)

// indexPage is docs/rules/README.md.
func indexPage() string {
	var p pageText
	p.line("# The rules")
	p.line("")
	p.line("Every claim that Polygraph tests, with an example, what it prints and the fix on the page of each rule.")
	p.line("")
	p.line("| rule | severity | what is wrong when it is false | the claim |")
	p.line("|---|---|---|---|")
	for _, e := range entries() {
		p.line("| [", e.ID, "](", e.ID, ".md) | ", e.Severity.String(), " | ", cell(e.Title), " | ", cell(e.Claim), " |")
	}
	p.line("")
	p.line("IDs are never reused. Made by `go test ./test/docs -update`; edits here are lost.")
	return p.String()
}

// readmeTable is what stands between the markers of README.md. commands gives
// the command of a capability, "polygraph change PLAN".
func readmeTable(commands map[string]string) string {
	var p pageText
	p.line("| signal that lies | rule | evidence | command |")
	p.line("|---|---|---|---|")
	for _, e := range entries() {
		command := commands[e.of.Name]
		if command == "" {
			command = "polygraph check"
		}
		if e.of.Name == "identity" {
			command = "polygraph change identity BEFORE AFTER"
		}
		if before, after, two := strings.Cut(command, " | "); two { // of a plan, of two sides
			switch {
			case e.of.Name != "change":
				command = before
			case e.concerns(evidence.KubernetesManifest().Family):
				command = "polygraph change " + strings.TrimPrefix(after, "change ")
			case len(e.Needs) == 0:
				command = "polygraph check"
			default:
				command = before
			}
		}
		switch e.ID { // which only these commands judge
		case "NET010":
			command = "polygraph net compare OLD NEW"
		case "NET011":
			command = "polygraph net explain"
		case "NET012":
			command = "polygraph net explain --expect denied"
		}
		p.line("| \"", cell(strings.TrimSuffix(e.Claim, ".")), "\" ([", cell(e.Title), "](docs/rules/", e.ID, ".md)) | ",
			e.ID, " | ", cell(e.needs()), " | `", command, "` |")
	}
	return p.String()
}

// between replaces what stands between two comment markers on lines of their own.
func between(text, name, replacement string) (string, error) {
	begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->"
	_, rest, ok := strings.Cut(text, begin)
	if !ok || strings.Count(text, begin) > 1 {
		return "", fmt.Errorf("the page needs one line %q", strings.TrimSpace(begin))
	}
	if _, after, ok := strings.Cut(rest, end); ok {
		return text[:len(text)-len(rest)] + replacement + end + after, nil
	}
	return "", fmt.Errorf("the page needs a line %q after %q", end, strings.TrimSpace(begin))
}

// count is how a rule fared on the real data.
type count struct {
	examined, refuted, unproven, held int
	file                              string // in test/wild, with the defences
}

// wildCounts reads the sections [counts] of test/wild/verdicts.txt and
// kubernetes.txt, which have different rules.
func wildCounts(root string) (map[string]count, error) {
	out := map[string]count{}
	for _, name := range []string{"verdicts.txt", "kubernetes.txt"} {
		b, err := os.ReadFile(filepath.Join(root, "test", "wild", name))
		if err != nil {
			return nil, err
		}
		section := ""
		for line := range strings.SplitSeq(string(b), "\n") {
			if strings.HasPrefix(line, "[") {
				section = line
				continue
			}
			id := ""
			c := count{file: name}
			if section == "[counts]" {
				if n, _ := fmt.Sscanf(line, "%s examined %d refuted %d unproven %d held %d", &id, &c.examined, &c.refuted, &c.unproven, &c.held); n == 5 {
					out[id] = c
				}
			}
		}
	}
	return out, nil
}
