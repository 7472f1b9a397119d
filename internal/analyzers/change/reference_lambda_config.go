package change

import (
	"slices"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/tfconfig"
)

// latest judges CHG054 on the resources of a module.
func (c *configured) latest() {
	c.aliases = c.latestAliases()
	for i := range c.module.Resources {
		p := &c.module.Resources[i]
		typ := p.Label(0)
		places := latestPlaces(typ)
		if len(places) == 0 {
			continue
		}
		if _, planned := c.planned[p.Address()]; planned {
			continue // judged by what the plan makes of it
		}
		t := newTree(p.Block)
		for _, place := range places {
			for i, l := range leaves(t.values, nil, place.path, "") {
				c.caller(p, t, typ, place, l, place.path[len(place.path)-1]+ordinal(i))
			}
		}
	}
}

func (c *configured) caller(p *tfconfig.Placed, t *blockTree, typ string, place latestPlace, l leaf, which string) {
	a, offset := t.at(l.pointer)
	if a == nil {
		return
	}
	s, at := c.subject(p), finding.Location{File: p.File.Path, Offset: offset, Object: p.Address()}
	text, literal := l.value.(string)
	if part, ok := l.value.(tfconfig.Part); ok {
		text = part.Text
		res := c.module.Resolve(&tfconfig.Attribute{Name: a.Name, References: part.References, Text: part.Text})
		if v, known := res.String(); known && !res.Default {
			text, literal = v, true
		}
	}
	q := qualifier(text, place.bare)
	ignored := ignoresPath(p.Block, l.pointer)
	switch {
	case q == "$LATEST" && ignored != nil:
		c.Report(latestRule, finding.Finding{
			Subject: s, Discriminator: which, Verdict: finding.Unproven, Severity: finding.Low, Title: "it begins with $LATEST, and something else sets the version later",
			Proof: []finding.Statement{
				{Text: p.Address() + " names " + shown(text) + " when it is made", At: at},
				{Text: "ignore_changes leaves the version to somebody else from then on", At: finding.Location{File: p.File.Path, Offset: ignored.Offset, Object: p.Address()}},
			},
			Missing: []finding.Missing{{Evidence: "the version that " + p.Address() + " names now", Get: evidence.TerraformPlan().Get}},
		})
	case q == "$LATEST":
		f := latestFinding(s, which, typ)
		f.Proof = []finding.Statement{{Text: p.Address() + " names " + shown(text), At: at}}
		c.Report(latestRule, f)
	case ignored != nil: // what it names now is decided elsewhere
	case q != "" && typ != "aws_lambda_alias" && c.aliases[q]:
		// The alias is accused, and this names what it names.
	case literal && q != "", !literal && c.published(text):
		c.Hold(latestRule, p.File.Path, s, which)
	case !literal && typ == "aws_lambda_alias":
		c.Report(latestRule, finding.Finding{
			Subject: s, Discriminator: which, Verdict: finding.Unproven, Title: "which version it names comes from elsewhere",
			Proof:   []finding.Statement{{Text: p.Address() + " computes its version", At: at}},
			Missing: []finding.Missing{{Evidence: "the version that " + p.Address() + " names", Get: evidence.TerraformPlan().Get}},
		})
	}
}

// latestAliases are the names of the aliases of the module that name $LATEST:
// who names one calls $LATEST.
func (c *configured) latestAliases() map[string]bool {
	out := map[string]bool{}
	for _, p := range c.module.Resources {
		if p.Label(0) != "aws_lambda_alias" {
			continue
		}
		own := func(argument string) string {
			a, _ := p.Attribute(argument)
			s, _ := c.module.Resolve(a).String()
			return s
		}
		if own("function_version") == "$LATEST" {
			out[own("name")] = true
		}
	}
	return out
}

// published tells whether a template is the version of a function of the module
// that publishes one with every change.
func (c *configured) published(text string) bool {
	m := versionOf.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	return slices.ContainsFunc(c.module.Resources, func(p tfconfig.Placed) bool {
		a, ok := p.Attribute("publish")
		return p.Address() == m[1] && ok && a.Known && a.Value == true
	})
}
