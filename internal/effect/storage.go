package effect

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/tfplan"
)

// maxCited is how many of the objects that keep the old a proof names.
const maxCited = 3

// StoredBefore: the encryption of a bucket, a log group and an account default is
// that of what is stored from then on.
func StoredBefore() Case {
	return Case{
		Types: []string{"aws_s3_bucket_server_side_encryption_configuration", "aws_cloudwatch_log_group", "aws_ebs_encryption_by_default"},
		Judge: func(w *World, o *Object) []Outcome {
			switch o.TypeName() {
			case "aws_cloudwatch_log_group":
				return logKey(o)
			case "aws_ebs_encryption_by_default":
				return volumeDefault(w, o)
			}
			return bucketKey(w, o)
		},
	}
}

// bucketKey: objects keep the encryption that they were stored with.
func bucketKey(w *World, c *Object) []Outcome {
	b, ok := settingOf(w, c, "rule")
	if !ok {
		return nil
	}
	if b.fresh {
		return []Outcome{{Verdict: InEffect}}
	}
	const rule = "rule.0.apply_server_side_encryption_by_default.0."
	algorithm, key := Text(c.After(rule+"sse_algorithm")), Text(c.After(rule+"kms_master_key_id"))
	var old []Fact
	for _, o := range b.objects {
		have, is := o.Before("server_side_encryption").(string)
		keyed := Text(o.Before("kms_key_id"))
		otherKey := strings.Contains(key, ":key/") && strings.Contains(keyed, ":key/") && key != keyed
		if is && algorithm != "" && (have != algorithm || otherKey) {
			how := "is stored without encryption"
			if have != "" {
				how = "is stored with " + shown(o, have)
			}
			if have == algorithm {
				how += " and another key"
			}
			old = append(old, Fact{Text: o.Address + " " + how, Object: o, Path: "/before/server_side_encryption"})
		}
	}
	r := Remedy{Text: "Copy every object over itself after the apply: a copy is stored by the new default."}
	if name := word(c, c.After("bucket")); name != "" && word(c, algorithm) != "" {
		r.Commands = []string{fmt.Sprintf("aws s3 cp s3://%s/ s3://%s/ --recursive --sse %s", name, name, algorithm)}
		if word(c, key) != "" {
			r.Commands[0] += " --sse-kms-key-id " + key
		}
	}
	return b.answer(c, old, "objects that were stored before keep their old encryption", r)
}

// logKey: log events keep what they were stored with. No plan shows whether a
// group has some.
func logKey(o *Object) []Outcome {
	if made(o) && (Text(o.After("kms_key_id")) != "" || o.Unknown("kms_key_id")) {
		return []Outcome{{Verdict: InEffect}}
	}
	if o.Action != tfplan.Update || !o.Edited("kms_key_id") || Text(o.After("kms_key_id")) == "" && !o.Unknown("kms_key_id") {
		return nil
	}
	get := "aws logs describe-log-groups --query 'logGroups[].[logGroupName,storedBytes]'"
	if name := word(o, o.Before("name")); name != "" {
		get += " --log-group-name-prefix " + name
	}
	return []Outcome{{
		Title:   "log events that were stored before keep their old encryption, if there are any",
		Proof:   changes(o, "kms_key_id"),
		Missing: []Gap{{Evidence: "whether " + o.Address + " holds log events", Get: get}},
	}}
}

// volumeDefault: encryption by default is that of volumes that are made later.
func volumeDefault(w *World, o *Object) []Outcome {
	on, ok := o.After("enabled").(bool)
	if o.Action != tfplan.Create && !(o.Action == tfplan.Update && o.Edited("enabled")) || ok && !on {
		return nil
	}
	proof := []Fact{{Text: o.Address + " turns encryption by default on", Object: o, Path: "/after"}}
	if stated(o, "enabled") {
		proof[0].Path = "/after/enabled"
	}
	region := Text(o.After("region"))
	var old []Fact
	count := 0
	for _, v := range w.Of("aws_ebs_volume", "aws_instance") {
		path := "encrypted"
		if v.TypeName() == "aws_instance" {
			path = "root_block_device.0.encrypted"
		}
		if v.Action != tfplan.NoOp && v.Action != tfplan.Update || v.Before(path) != false {
			continue
		}
		if w.Configurations(o.Provider) > 1 || region != "" && !strings.HasPrefix(Text(v.Before("availability_zone")), region) {
			continue // of another region or account, for all that is known
		}
		if count++; count <= maxCited {
			old = append(old, Fact{Text: v.Address + " is not encrypted", Object: v, Path: "/before/" + strings.ReplaceAll(path, ".", "/")})
		}
	}
	if !o.Unknown("enabled") && count > 0 {
		return []Outcome{{
			Verdict: NotInEffect, Proof: append(proof, old...),
			Title: fmt.Sprintf("%s not encrypted and stay so: the default is for volumes that are made later", amount(count, "volume that exists is", "volumes that exist are")),
			Remedy: Remedy{
				Text: "Make an encrypted copy of each volume by a snapshot and put it in the place of the old one.",
				Commands: []string{
					"aws ec2 describe-volumes --filters Name=encrypted,Values=false --query 'Volumes[].VolumeId'",
				},
			},
		}}
	}
	return []Outcome{{
		Title: "volumes that exist stay as they are; whether some are not encrypted is not in the plan", Proof: proof,
		Missing: []Gap{{
			Evidence: "the volumes of the account and region that are not encrypted",
			Get:      "aws ec2 describe-volumes --filters Name=encrypted,Values=false --query 'Volumes[].VolumeId'",
		}},
	}}
}

// bucketSetting is a setting of a bucket that the apply makes or changes.
type bucketSetting struct {
	proof   []Fact
	fresh   bool      // the apply makes the bucket too: nothing was stored before
	open    string    // what of it is known only after apply
	objects []*Object // those of the bucket that the apply leaves as they are
}

// settingOf finds the bucket of a setting; ok is false where nothing of it
// changes.
func settingOf(w *World, c *Object, attr string) (b bucketSetting, ok bool) {
	switch {
	case made(c):
		b.proof = []Fact{{Text: c.Address + " is made", Object: c, Path: "/after/" + attr}}
		if c.Unknown(attr) {
			b.open = attr
		}
		if !stated(c, attr) {
			b.proof[0].Path = "/actions"
		}
	case c.Action == tfplan.Update && c.Edited(attr):
		known, open := edits(c, attr)
		b.proof = changes(c, slices.Concat(known, open)...)
		if len(known) == 0 {
			b.open = attr
		}
	default:
		return b, false
	}
	name := Text(c.After("bucket"))
	for _, typ := range []string{"aws_s3_bucket", "aws_s3_directory_bucket"} {
		b.fresh = b.fresh || slices.ContainsFunc(w.By(typ, "bucket", name), made) || c.Unknown("bucket") && fromNew(w, c, "bucket", typ)
	}
	for _, typ := range []string{"aws_s3_object", "aws_s3_bucket_object"} {
		for _, o := range w.By(typ, "bucket", name) {
			if o.Action == tfplan.NoOp {
				b.objects = append(b.objects, o)
			}
		}
	}
	return b, true
}

// fromNew tells whether an attribute is computed from objects of a type, all of
// which the apply makes.
func fromNew(w *World, o *Object, attr, typ string) bool {
	sources := sourcesOf(w, o, attr)
	found := false
	for _, b := range w.Of(typ) {
		for _, s := range sources {
			if s.Node == b.Node && b.Node >= 0 && w.Graph.Meant(s, b.Address) {
				if !made(b) {
					return false
				}
				found = true
			}
		}
	}
	return found
}

// answer says what the objects of the bucket prove.
func (b bucketSetting) answer(c *Object, old []Fact, title string, r Remedy) []Outcome {
	if len(old) > 0 && b.open == "" {
		return []Outcome{{
			Verdict: NotInEffect, Title: title, Remedy: r,
			Proof: append(b.proof, old[:min(len(old), maxCited)]...),
		}}
	}
	get := "aws s3api list-objects-v2 --max-items 1 --bucket BUCKET"
	if name := word(c, c.After("bucket")); name != "" {
		get = "aws s3api list-objects-v2 --max-items 1 --bucket " + name
	}
	missing := []Gap{{Evidence: "whether the bucket holds objects from before", Get: get}}
	if b.open != "" {
		missing = append(missing, gap(b.open, c))
	}
	return []Outcome{{Title: title + ", if there are any", Proof: b.proof, Missing: missing}}
}

func amount(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
