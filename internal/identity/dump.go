package identity

import (
	"strings"

	"polygraph/internal/awsdump"
	"polygraph/internal/finding"
)

// Dumped is what one file of describe output holds.
type Dumped struct {
	Path string
	*awsdump.Dump
}

// FromDumps takes all dumps of a side together: one call names a group, another
// its template.
func FromDumps(dumps []Dumped) *Root {
	r := &Root{Label: "the AWS dumps", Dumps: true}
	r.Cut = finding.Missing{Evidence: "the same describe call for both sides", Get: "aws <service> describe-... --output json > FILE.json"}
	if len(dumps) == 1 {
		r.Label = dumps[0].Path
	}
	seen := map[string]int{}
	for _, d := range dumps {
		for i := range d.Objects {
			o := &d.Objects[i]
			at := finding.Location{File: d.Path, Object: title(o), Pointer: o.Pointer}
			x := Object{Name: title(o), Subject: "aws-object", Type: o.Type, At: at, dumped: o}
			if o.Identity != "" {
				k := Generated
				if strings.HasSuffix(o.By, "Time") || o.By == "createdAt" {
					k = Dated
				}
				x.Marks = []Mark{{o.By, o.Identity, k, at}}
			}
			// The same object in two dumps is one object; the later file is read last.
			if k, again := seen[x.Name]; again {
				r.Objects[k] = x
				continue
			}
			seen[x.Name] = len(r.Objects)
			r.Objects = append(r.Objects, x)
		}
	}
	return r
}

// title is what an object is called, with its owner.
func title(o *awsdump.Object) string {
	if o.Owner != "" {
		return o.Type + " " + o.Owner + "/" + o.Name
	}
	return o.Type + " " + o.Name
}
