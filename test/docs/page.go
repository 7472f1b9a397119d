package docs

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/evidence"
)

// rulePage is docs/rules/<ID>.md.
func rulePage(root string, e entry, wild map[string]count) (string, error) {
	var p pageText
	p.line("# ", e.ID, ": ", e.Title)
	p.line("")
	p.line("What ", e.ID, " tests, why it matters, and how to mend it. `polygraph explain ", e.ID, "` prints the short form.")
	p.line("")
	p.line("> ", e.Claim)
	p.line("")
	p.line("Made by ", e.Claimant, ".")
	p.line("")
	p.line("| severity | judged | capability | evidence |")
	p.line("|---|---|---|---|")
	p.line("| ", e.Severity.String(), " | ", cell(orDash(e.Unit)), " | `", e.of.Name, "` | ", cell(e.needs()), " |")
	p.line("")
	p.line("## Why it matters")
	p.line("")
	p.line(e.Why)
	if err := e.example(&p, root); err != nil {
		return "", err
	}
	p.line("")
	p.line("## Fix")
	p.line("")
	p.line(e.Fix)
	if len(e.Needs) > 0 {
		p.line("")
		p.line("## Get the evidence")
		for _, k := range e.Needs {
			p.line("")
			p.line(k.Title, ":")
			p.line("")
			p.fence("sh", k.Get)
		}
	}
	if c, ok := wild[e.ID]; ok {
		p.line("")
		p.line("## On real data")
		p.line("")
		p.line(fmt.Sprintf("Of %d %s in public data: %d FALSE, %d UNPROVEN, %d TRUE. ", c.examined, orDash(e.Unit), c.refuted, c.unproven, c.held),
			"Each FALSE is defended, or their absence explained, in [test/wild/", c.file, "](../../test/wild/", c.file, ").")
	}
	if e.Discriminator != "" {
		p.line("")
		p.line("## Identity of a finding")
		p.line("")
		p.line("A fingerprint is made of the rule, the subject, its declared environment and ", e.Discriminator, ".")
	}
	if len(e.Sources) > 0 {
		p.line("")
		p.line("## Sources")
		p.line("")
		for _, s := range e.Sources {
			p.line("- ", s)
		}
	}
	p.line("")
	p.line("Made by `go test ./test/docs -update` from the rule and its case. Edits here are lost.")
	return p.String(), nil
}

// example shows the case: what is wrong, what is said about it, what is right.
func (e entry) example(p *pageText, root string) error {
	c, err := readCase(root, e.of.cases, e.ID)
	if err != nil {
		return err
	}
	text, _, err := e.printed(c.bad)
	if err != nil {
		return err
	}
	if !strings.Contains(text, "FALSE") {
		return fmt.Errorf("%s: Polygraph refutes nothing on the bad side of its case", e.ID)
	}
	p.line("")
	p.line("## Avoid")
	p.line("")
	p.line(c.sentence, " The whole case is [", c.path, "](../../", c.path, ").")
	for _, f := range c.bad {
		if len(f.guilty) == 0 && len(c.bad) > 1 {
			continue
		}
		p.line("")
		p.line("`", f.name, "`")
		p.line("")
		p.fence(language(f.name), strings.Join(excerpt(f.lines, f.guilty), "\n"))
	}
	p.line("")
	p.line("Polygraph says:")
	p.line("")
	p.fence("text", text)
	goodText, goodHeld, err := e.printed(c.good)
	if err != nil {
		return err
	}
	// A policy reports what is wrong and counts nothing that holds.
	if goodText != "" || goodHeld == 0 && !e.of.Settles {
		return fmt.Errorf("%s: the good side of its case does not hold:\n%s", e.ID, goodText)
	}
	p.line("")
	p.line("## Prefer")
	p.line("")
	if goodHeld > 0 {
		p.line("With this the claim holds (", fmt.Sprint(goodHeld), " TRUE):")
	} else {
		p.line("With this there is nothing to report:")
	}
	for _, f := range c.good {
		var old []string
		for _, b := range c.bad {
			if b.name == f.name {
				old = b.lines
			}
		}
		differs := changed(old, f.lines)
		if len(differs) == 0 && len(c.good) > 1 {
			continue // as on the bad side
		}
		p.line("")
		p.line("`", f.name, "`")
		p.line("")
		p.fence(language(f.name), strings.Join(excerpt(f.lines, differs), "\n"))
	}
	return nil
}

func (e entry) needs() string {
	var out []string
	for _, k := range e.Needs {
		out = append(out, k.Title)
	}
	for i, k := range e.Any {
		title := k.Title
		if i > 0 {
			title = "or " + title
		}
		out = append(out, title)
	}
	if len(out) == 0 {
		return "`polygraph.yaml`"
	}
	return strings.Join(out, ", ")
}

// pageText collects the lines of a Markdown page.
type pageText struct{ strings.Builder }

func (p *pageText) line(parts ...string) {
	for _, s := range parts {
		p.WriteString(s)
	}
	p.WriteByte('\n')
}

// fence writes a code block; its fence is longer than any inside.
func (p *pageText) fence(language, text string) {
	mark := "```"
	for strings.Contains(text, mark) {
		mark += "`"
	}
	p.line(mark, language)
	p.line(strings.TrimRight(text, "\n"))
	p.line(mark)
}

func language(name string) string {
	switch {
	// An excerpt has "..." in it, which JSON highlighters mark as an error.
	case strings.HasSuffix(name, ".json"):
		return "text"
	case strings.HasSuffix(name, ".yaml"), strings.HasSuffix(name, ".yml"):
		return "yaml"
	case strings.HasSuffix(name, ".tf"):
		return "hcl"
	default:
		return "text"
	}
}

// cell makes text fit into a table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// concerns tells whether a rule looks at evidence of a family.
func (e entry) concerns(family string) bool {
	return slices.ContainsFunc(slices.Concat(e.Needs, e.Any), func(k *evidence.Kind) bool { return k.Family == family })
}
