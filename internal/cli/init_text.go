package cli

import (
	"fmt"
	"strings"
	"time"
)

// configText is a polygraph.yaml with comments. environments are lines with that
// key and what is below it; none makes an example. Every commented line of a key
// is valid once its "# " is taken away.
func configText(environments []string, now time.Time) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("# What the owners of this repository decided. polygraph init wrote it; it is yours now.")
	say("# polygraph schema prints every key; a key that does not exist is an error.")
	say("version: 1")
	say("")
	say("# Where things live. A name in two environments is two things. Any one of these is enough")
	say("# to recognise one: accounts, vpcs, cidrs, namespaces, names, tags, paths.")
	say("# polygraph environments shows what is recognised, and why.")
	if len(environments) > 0 {
		say("# These were inferred: correct them, and add the accounts.")
		for _, line := range environments {
			say("%s", line)
		}
	} else {
		say("# Nothing that was looked at speaks of one.")
		say("# environments:")
		say(`#   prod: {accounts: ["111122223333"], names: ["*-prod-*"], paths: ["envs/prod/**"]}`)
		say(`#   dev: {tags: {environment: [dev, development]}}`)
	}
	say("")
	say("# How many days a false claim may stay before it is overdue, by severity.")
	say("# sla: {critical: 7, high: 30, medium: 90}")
	say("")
	say("# When each finding was first seen. Commit that file: it keeps the days counting.")
	say("# polygraph check --record writes it.")
	say("# ledger: polygraph.first-seen")
	say("")
	say("# What fails the gate. unproven is stricter than refuted.")
	say("# gate: {fail_on: refuted, min_severity: low}")
	say("")
	say("# Rules that weigh more or less here, or do not apply. off needs a reason.")
	say("# rules:")
	say("#   CHG001: {severity: low}")
	say("")
	say("# What is known and accepted, by whom, and until when. One that has expired or matches")
	say("# nothing is a finding. fingerprint: v1:... may stand in place of rule and subject.")
	say("# exceptions:")
	say("#   - rule: CHG002")
	say(`#     subject: "aws_s3_bucket.logs*"`)
	say("#     environment: dev")
	say("#     owner: team-data")
	say("#     reason: the logs are copies")
	say("#     expires: %s", now.AddDate(0, 0, 90).UTC().Format(time.DateOnly))
	say("")
	say("# The same in files of their own, each with version: 1 and exceptions.")
	say(`# exception_files: ["exceptions/*.yaml"]`)
	return b.String()
}
