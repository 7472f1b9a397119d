package effect

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"polygraph/internal/tfplan"
)

// UserDataInPlace: scripts and cloud-init directives in user data run when an
// instance boots for the first time. Changing them in place stops and starts
// the instance, and runs nothing.
func UserDataInPlace() Case {
	return Case{Types: []string{"aws_instance"}, Judge: func(_ *World, o *Object) []Outcome {
		var edited string
		for _, p := range []string{"user_data", "user_data_base64"} {
			if o.Edited(p) && !(o.Action.Replaces() && o.Unknown(p)) {
				edited = p
				break
			}
		}
		switch {
		case edited == "" || hashOf(o, Text(o.Before(edited))):
			return nil
		case o.Action.Replaces():
			return []Outcome{{Verdict: InEffect}}
		case o.Action != tfplan.Update:
			return nil
		}
		proof := editedHow(o, edited)
		if o.Unknown(edited) {
			return []Outcome{knownLater(o, edited, "whether the new user data runs on the instance is not known until apply", proof)}
		}
		switch firstBootOnly(script(o)) {
		case Unknown:
			return []Outcome{{
				Title: "whether the instance runs its new user data at each start cannot be read off the plan", Proof: []Fact{proof},
				Missing: []Gap{{
					Evidence: "the text of `" + edited + "` of " + o.Address,
					Get:      "look for bootcmd, cloud-boothook, scripts-user with always, or <persist> in it: they run at each boot",
				}},
			}}
		case InEffect:
			return []Outcome{{Verdict: InEffect}}
		}
		return []Outcome{{
			Verdict: NotInEffect,
			Title:   "the instance keeps what its old user data set up: user data runs at the first boot only",
			Proof:   []Fact{proof, {Text: "the instance is changed in place", Object: o, Path: "/actions"}},
			Remedy: Remedy{
				Text:  "Let a change of the user data replace the instance.",
				Patch: "user_data_replace_on_change = true",
			},
		}}
	}}
}

// hashOf tells whether the state has the hash of the planned user data: older
// providers kept nothing else, and an upgrade shows the text as a change.
func hashOf(o *Object, before string) bool {
	text := script(o)
	sum := sha1.Sum([]byte(text)) // what the provider stored
	return text != "" && before == hex.EncodeToString(sum[:])
}

// script is the planned user data as text, "" when it cannot be read.
func script(o *Object) string {
	if b, err := base64.StdEncoding.DecodeString(Text(o.After("user_data_base64"))); err == nil && len(b) > 0 {
		return string(b)
	}
	text := Text(o.After("user_data"))
	if b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text)); err == nil && len(b) > 0 {
		return string(b)
	}
	return text
}

// firstBootOnly tells whether user data of a documented form runs at the first
// boot only: NotInEffect. InEffect is a form that runs at each start, Unknown
// any other, and what may do both.
func firstBootOnly(text string) Verdict {
	head := strings.ToLower(strings.TrimSpace(text))
	if strings.HasPrefix(head, "#cloud-boothook") {
		return InEffect
	}
	for _, often := range []string{"cloud-boothook", "bootcmd", "always", "<persist>", "per-boot", "manage_etc_hosts"} {
		if strings.Contains(head, often) {
			return Unknown
		}
	}
	for _, form := range []string{"#!", "#cloud-config", "content-type: multipart", "mime-version:", "<powershell>", "<script>"} {
		if strings.HasPrefix(head, form) {
			return NotInEffect
		}
	}
	return Unknown
}
