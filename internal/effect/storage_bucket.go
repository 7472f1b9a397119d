package effect

import (
	"slices"
	"strings"
)

// FromThenOn: a replication rule copies, and a default retention locks, what is
// put into the bucket from then on.
func FromThenOn() Case {
	return Case{
		Types: []string{"aws_s3_bucket_replication_configuration", "aws_s3_bucket_object_lock_configuration"},
		Judge: func(w *World, c *Object) []Outcome {
			if c.TypeName() == "aws_s3_bucket_object_lock_configuration" {
				return retention(w, c)
			}
			return replication(w, c)
		},
	}
}

func retention(w *World, c *Object) []Outcome {
	b, ok := settingOf(w, c, "rule")
	if !ok || !nonEmptyList(c.After("rule.0.default_retention")) && !c.Unknown("rule") {
		return nil
	}
	if b.fresh {
		return []Outcome{{Verdict: InEffect}}
	}
	var old []Fact
	for _, o := range b.objects {
		if d, err := o.Detail(); err == nil {
			if v, said := d.Before["object_lock_mode"]; said && (v == nil || v == "") {
				old = append(old, Fact{Text: o.Address + " has no retention", Object: o, Path: "/before/object_lock_mode"})
			}
		}
	}
	r := Remedy{Text: "Set a retention on the objects that are there, one by one or by S3 Batch Operations."}
	if len(old) > 0 {
		o := old[0].Object
		bucket, key, mode := word(o, o.Before("bucket")), word(o, o.Before("key")), word(c, c.After("rule.0.default_retention.0.mode"))
		if bucket != "" && key != "" && mode != "" {
			r.Commands = []string{"aws s3api put-object-retention --bucket " + bucket + " --key " + key + " --retention Mode=" + mode + ",RetainUntilDate=$UNTIL"}
		}
	}
	return b.answer(c, old, "objects that were there before are not locked by the new default", r)
}

func replication(w *World, c *Object) []Outcome {
	b, ok := settingOf(w, c, "rule")
	if !ok {
		return nil
	}
	before := rulesOf(c.Before("rule"))
	var wider []reach
	for _, r := range rulesOf(c.After("rule")) {
		if !slices.Contains(before, r) {
			wider = append(wider, r)
		}
	}
	if len(wider) == 0 && b.open == "" {
		return nil // nothing is copied that was not before
	}
	if b.fresh {
		return []Outcome{{Verdict: InEffect}}
	}
	var old []Fact
	for _, o := range b.objects {
		if slices.ContainsFunc(wider, func(r reach) bool {
			return !r.tagged && !r.existing && r.to != "" && strings.HasPrefix(Text(o.Before("key")), r.prefix)
		}) {
			old = append(old, Fact{Text: o.Address + " is in the bucket already", Object: o, Path: "/before/key"})
		}
	}
	return b.answer(c, old, "objects that were there before are not copied by the new rule", Remedy{
		Text:     "Copy them once by S3 Batch Replication, or by hand.",
		Commands: copies(c, wider),
	})
}

// copies copies what is there to where the rules would have put it.
func copies(c *Object, rules []reach) []string {
	from := word(c, c.After("bucket"))
	var out []string
	for _, r := range rules {
		_, to, ok := strings.Cut(r.to, ":::")
		if ok && from != "" && plain.MatchString(to) && (r.prefix == "" || plain.MatchString(r.prefix)) {
			out = append(out, "aws s3 sync s3://"+from+"/"+r.prefix+" s3://"+to+"/"+r.prefix)
		}
	}
	return out
}

// reach is what a replication rule that is on copies, and where to.
type reach struct {
	to, prefix       string
	tagged, existing bool // it depends on tags; it asks for what exists too
}

func rulesOf(v any) []reach {
	list, _ := v.([]any)
	var out []reach
	for _, r := range list {
		if Text(at(r, "status")) != "Enabled" {
			continue
		}
		prefix := Text(at(r, "prefix"))
		for _, p := range []string{"filter.0.prefix", "filter.0.and.0.prefix"} {
			if s := Text(at(r, p)); s != "" {
				prefix = s
			}
		}
		tags, _ := at(r, "filter.0.and.0.tags").(map[string]any)
		out = append(out, reach{
			to: Text(at(r, "destination.0.bucket")), prefix: prefix,
			tagged:   len(tags) > 0 || nonEmptyList(at(r, "filter.0.tag")),
			existing: Text(at(r, "existing_object_replication.0.status")) == "Enabled",
		})
	}
	return out
}
