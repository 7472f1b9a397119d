package term

import "strings"

// terse shortens the words of our own tables where a terminal is narrow. The
// signs are those of Terraform's plans: -/+ destroys first, +/- creates first.
var terse = strings.NewReplacer(
	"replaced, old one destroyed first", "replaced (-/+)",
	"replaced, new one created first", "replaced (+/-)",
	"replaced, old one left running", "replaced, old left",
	"imported, then ", "imported, ",
	"updated in place", "updated",
	"read during apply", "read in apply",
	"created again (deleted outside)", "created again",
	"forgotten, left running", "forgotten",
	"no longer in the configuration", "not configured",
	"its arguments are not known yet", "not known yet",
	" (known after apply)", " (unknown)",
)
