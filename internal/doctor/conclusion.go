package doctor

import "polygraph/internal/run"

// conclusion says in a sentence how it stands with all capabilities.
func conclusion(all []*capability, c run.Coverage) string {
	n, lacking, aged := 0, false, false
	for _, x := range all {
		if x.lacking || x.aged {
			n++
		}
		lacking, aged = lacking || x.lacking, aged || x.aged
	}
	var text string
	switch {
	case n == 0 && c.Evidence == 0:
		text = "Nothing was examined, so nothing is known"
	case n == 0:
		text = "All evidence is there and fresh"
	case !aged:
		text = plural(n, "capability lacks evidence", "capabilities lack evidence")
	case !lacking:
		text = plural(n, "capability has stale evidence", "capabilities have stale evidence")
	case n == 1:
		text = "1 capability lacks evidence and has stale evidence"
	default:
		text = plural(n, "", "capabilities lack evidence or have stale evidence")
	}
	if c.Skipped > 0 {
		join := "; "
		if n == 0 && c.Evidence > 0 {
			join = ", but "
		}
		text += join + plural(c.Skipped, "path was not examined", "paths were not examined")
	}
	return text + "."
}
