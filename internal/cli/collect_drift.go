package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"polygraph/internal/cloudtrail"
	"polygraph/internal/report/sanitize"
	"polygraph/internal/run"
	"polygraph/internal/source/awscli"
	"polygraph/internal/tfplan"
)

const (
	// maxEvents is how many events one call asks for: two pages. The newest come
	// first, and an answer that was cut says so.
	maxEvents = "100"
	// maxCalls bounds a run of collect: a thousand calls are a quarter of an hour.
	maxCalls = 1000
)

// lookupCall is one call and the file for its answer.
type lookupCall struct {
	call awscli.Call
	file string
}

// driftLookups are the calls for all that drifted in the plans, each once, and
// how many names and objects were left out.
func (a *app) driftLookups(ctx context.Context, plans []string, o *collecting) ([]lookupCall, int, error) {
	l := &lookups{app: a, o: o, seen: map[string]bool{}}
	for _, arg := range plans {
		if err := l.plan(ctx, arg); err != nil {
			return nil, 0, err
		}
	}
	if len(l.calls) > maxCalls {
		return nil, 0, unexamined(fmt.Sprintf("this takes %d calls, and at most %d are made at once", len(l.calls), maxCalls), "give fewer plans, profiles or regions, or a trail's log file to `polygraph check`")
	}
	return l.calls, l.left, nil
}

type lookups struct {
	app   *app
	o     *collecting
	seen  map[string]bool
	calls []lookupCall
	left  int
}

// leave says what is not asked for, and why.
func (l *lookups) leave(what, why string) {
	l.left++
	l.app.talk(what + " is left out: " + why)
}

func (l *lookups) plan(ctx context.Context, arg string) error {
	in := &planInput{app: l.app, arg: arg, options: l.o.terraform}
	defer in.close()
	found, err := in.gather(ctx, func(run.Progress) {})
	if err != nil {
		return err
	}
	for _, s := range found.Skips {
		return unexamined(s.Path+": "+s.Reason, s.Do)
	}
	for _, item := range found.Items {
		p, err := tfplan.Read(ctx, item, tfplan.Options{})
		if err != nil {
			return err
		}
		for i := range p.Drift {
			l.object(p, &p.Drift[i])
		}
	}
	return nil
}

// object adds the calls for one drifted object.
func (l *lookups) object(p *tfplan.Plan, dr *tfplan.Change) {
	typ := p.Name(dr.Type)
	if dr.Data || dr.Deposed != "" || !strings.HasPrefix(typ, "aws_") {
		return
	}
	d, err := p.Detail(dr)
	if err != nil || d.Before == nil {
		l.leave(dr.Address, "the plan does not say what it was")
		return
	}
	if dr.Action != tfplan.Delete && len(tfplan.Diff(d.Before, d.After)) == 0 {
		return // moved only
	}
	if d.Unmasked {
		d.SealAll() // what may be sensitive is not sent anywhere
	}
	names := cloudtrail.ResourceNames(typ, d.Before)
	if len(names) == 0 {
		l.leave(dr.Address, "the plan does not show what it is called")
		return
	}
	regions := l.o.regions
	if len(regions) == 0 {
		region := cloudtrail.Region(d.Before)
		if region == "" {
			region = configuredRegion(p)
		}
		regions = []string{region}
	}
	profiles := l.o.profiles
	if len(profiles) == 0 {
		profiles = []string{""}
	}
	for _, profile := range profiles {
		for _, region := range regions {
			for _, name := range names {
				l.lookup(p, name, profile, region)
			}
		}
	}
}

func (l *lookups) lookup(p *tfplan.Plan, name, profile, region string) {
	options := []awscli.Option{{Name: "--lookup-attributes", Value: lookupAttribute(name)}}
	if t, err := time.Parse(time.RFC3339, p.Timestamp); err == nil {
		// What came after the plan did not cause what it shows.
		options = append(options, awscli.Option{Name: "--end-time", Value: t.UTC().Format(time.RFC3339)})
	}
	options = append(options, awscli.Option{Name: "--max-items", Value: maxEvents})
	c := awscli.Call{Service: "cloudtrail", Verb: "lookup-events", Options: options, Profile: profile, Region: region}
	if l.seen[c.String()] {
		return
	}
	l.seen[c.String()] = true
	if strings.HasPrefix(name, "-") {
		l.leave(name, "it starts with -, and could be taken for an option")
		return
	}
	if err := c.Check(); err != nil {
		l.leave(name, problemIn(err).Reason)
		return
	}
	parts := []string{fmt.Sprintf("cloudtrail-%03d", len(l.calls)+1)}
	for _, part := range []string{profile, region, name} {
		if part = fileWord(part); part != "" {
			parts = append(parts, part)
		}
	}
	l.calls = append(l.calls, lookupCall{c, strings.Join(parts, "-") + ".json"})
}

// lookupAttribute writes the attribute in the short form where the name has
// nothing that the form gives a meaning to, and as JSON otherwise.
func lookupAttribute(name string) string {
	if regexp.MustCompile(`^[A-Za-z0-9_./:+-]+$`).MatchString(name) {
		return "AttributeKey=ResourceName,AttributeValue=" + name
	}
	return `[{"AttributeKey":"ResourceName","AttributeValue":` + jsonText(name) + `}]`
}

// configuredRegion is the region of the plan's provider blocks, if they all say
// the same.
func configuredRegion(p *tfplan.Plan) string {
	region := ""
	for _, c := range p.ProviderConfigs {
		if key, _, _ := strings.Cut(c.Key, "."); key != "aws" {
			continue
		}
		r := strings.Join(c.Values["region"], " ")
		if r == "" || strings.Contains(r, " ") || region != "" && r != region {
			return ""
		}
		region = r
	}
	return region
}

// fileWord is a part of a file's name.
func fileWord(s string) string {
	s = strings.Trim(regexp.MustCompile(`[^A-Za-z0-9_]+`).ReplaceAllString(s, "-"), "-")
	return s[:min(len(s), 60)]
}

func cleanLine(s string) string { return sanitize.Block(s) }

func jsonText(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""` // no string fails
	}
	return string(b)
}
