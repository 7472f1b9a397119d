package action

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// reports are the files that the step writes.
var reports = []string{"run.jsonl", "polygraph.sarif", "difference.sarif", "comment.md", "polygraph.html", "junit.xml"}

// committed puts reports into the workspace that a branch brought along, and a
// baseline.
func (j *job) committed() {
	for _, name := range reports {
		j.write(filepath.Join(j.workspace, "polygraph-report", name), "committed\n")
	}
	j.write(filepath.Join(j.workspace, "base.jsonl"), "base\n")
}

// TestARunThatDied: what the branch committed does not stand for it, and no
// status but 0, 1 and 3 is one of a run.
func TestARunThatDied(t *testing.T) {
	const noWorse = `write "$@"; echo NO WORSE`
	for name, c := range map[string]struct {
		check, compare string
		status         int
		says           string
	}{
		"check is killed":          {`kill -KILL $$`, noWorse, 3, "died with status 137"},
		"check is interrupted":     {`exit 130`, noWorse, 3, "died with status 130"},
		"check is not there":       {`exit 127`, noWorse, 3, "died with status 127"},
		"check writes nothing":     {`exit 0`, noWorse, 3, "did not write polygraph-report/run.jsonl"},
		"check writes an empty":    {`write "$@"; : >polygraph-report/run.jsonl`, noWorse, 3, "did not write polygraph-report/run.jsonl"},
		"check leaves a link":      {`write "$@"; ln -sf ../base.jsonl polygraph-report/run.jsonl`, noWorse, 3, "did not write polygraph-report/run.jsonl"},
		"check is used wrongly":    {`echo "no such flag" >&2; exit 2`, noWorse, 2, "no such flag"},
		"compare is killed":        {`write "$@"`, `write "$@"; kill -KILL $$`, 3, "died with status 137"},
		"compare writes nothing":   {`write "$@"`, `exit 0`, 3, "did not write polygraph-report/difference.sarif"},
		"compare writes no remark": {`write "$@"`, `write "$@"; rm polygraph-report/comment.md; exit 1`, 3, "did not write polygraph-report/comment.md"},
		"all is well":              {`write "$@"; exit 1`, noWorse, 0, "NO WORSE"},
		"it got worse":             {`write "$@"; exit 3`, `write "$@"; exit 1`, 1, ""},
		"nothing is proven":        {`write "$@"; exit 3`, `write "$@"; exit 3`, 3, ""},
	} {
		for _, base := range []map[string]string{{"base-run": "base.jsonl"}, {"base-ref": "main"}} {
			j := newJob(t)
			j.committed()
			j.fake(c.check, c.compare)
			status, out, printed := j.step(base)
			if status != c.status || !strings.Contains(printed, c.says) {
				t.Errorf("%s, %v: status %d\n%s", name, base, status, printed)
			}
			if got := out["status"]; got != string(rune('0'+c.status)) {
				t.Errorf("%s, %v: the output says %q", name, base, got)
			}
			if c.says == "" || c.status == 0 {
				continue
			}
			if len(out) != 1 || j.read("summary") != "" || j.read("gh.log") != "" || strings.Contains(printed, "NO WORSE") {
				t.Errorf("%s, %v: outputs %v, summary %q\n%s", name, base, out, j.read("summary"), printed)
			}
			for _, report := range reports {
				if data, err := os.ReadFile(filepath.Join(j.workspace, "polygraph-report", report)); err == nil && string(data) == "committed\n" {
					t.Errorf("%s, %v: the committed %s is still there", name, base, report)
				}
			}
		}
	}
	// Without a baseline it is one command that writes them all.
	for _, c := range []string{`kill -KILL $$`, `exit 0`, `write "$@"; rm polygraph-report/junit.xml`} {
		j := newJob(t)
		j.committed()
		j.fake(c, "")
		if status, out, printed := j.step(nil); status != 3 || out["status"] != "3" || len(out) != 1 || j.read("summary") != "" {
			t.Errorf("%s: status %d, outputs %v\n%s", c, status, out, printed)
		}
	}
}

// TestWhereReportsGo: into a folder of the workspace, by no link.
func TestWhereReportsGo(t *testing.T) {
	outside := t.TempDir()
	mine := filepath.Join(outside, "run.jsonl")
	for name, c := range map[string]struct {
		out     string
		prepare func(workspace string) error
	}{
		"a link to elsewhere":   {"", func(w string) error { return os.Symlink(outside, filepath.Join(w, "polygraph-report")) }},
		"a link in between":     {"a/b/c", func(w string) error { return linkIn(w, "a", "b", outside) }},
		"a link out of itself":  {"a/b", func(w string) error { return linkIn(w, "a", "b", "..") }},
		"a file":                {"a", func(w string) error { return os.WriteFile(filepath.Join(w, "a"), nil, 0o644) }},
		"two dots":              {"a/../../x", nil},
		"elsewhere":             {outside, nil},
		"beside the workspace":  {"WORKSPACE-2/x", nil},
		"two dots, absolute":    {"WORKSPACE/../x", nil},
		"a carriage return":     {"a\rstatus=0", nil},
		"a report is a link":    {"", func(w string) error { return linkIn(w, "polygraph-report", "run.jsonl", mine) }},
		"a dangling report":     {"", func(w string) error { return linkIn(w, "polygraph-report", "junit.xml", filepath.Join(outside, "no")) }},
		"a report is a folder":  {"", func(w string) error { return os.MkdirAll(filepath.Join(w, "polygraph-report", "comment.md"), 0o755) }},
		"a link with two slash": {"a//b/", func(w string) error { return linkIn(w, "a", "b", outside) }},
	} {
		j := newJob(t)
		j.fake(`write "$@"`, "")
		if err := os.WriteFile(mine, []byte("mine\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if c.prepare != nil {
			if err := c.prepare(j.workspace); err != nil {
				t.Fatal(err)
			}
		}
		status, out, printed := j.step(map[string]string{"out": strings.ReplaceAll(c.out, "WORKSPACE", j.workspace)})
		if status != 2 || out["status"] != "2" || len(out) != 1 || !strings.Contains(printed, "::error title=Polygraph::") || j.read("polygraph.log") != "" {
			t.Errorf("%s: status %d, outputs %v\n%s", name, status, out, printed)
		}
		if list, err := os.ReadDir(outside); err != nil || len(list) != 1 || readAll(t, mine) != "mine\n" {
			t.Fatalf("%s: elsewhere was written: %v, %v", name, list, err)
		}
	}
	for _, out := range []string{"a", "a/b c/", "./a", ".", "-x", "WORKSPACE/a", "*", "%0Aa"} {
		j := newJob(t)
		j.fake(`write "$@"`, "")
		status, got, printed := j.step(map[string]string{"out": strings.ReplaceAll(out, "WORKSPACE", j.workspace)})
		at := got["run"]
		if !filepath.IsAbs(at) {
			at = filepath.Join(j.workspace, at)
		}
		if status != 0 || readAll(t, at) != "new\n" || j.read("summary") != "new\n" {
			t.Errorf("%q: status %d, outputs %v\n%s", out, status, got, printed)
		}
	}
}

func linkIn(workspace, folder, name, target string) error {
	if err := os.MkdirAll(filepath.Join(workspace, folder), 0o755); err != nil {
		return err
	}
	return os.Symlink(target, filepath.Join(workspace, folder, name))
}

// TestABaselineThatIsAReport: the run would be compared with itself.
func TestABaselineThatIsAReport(t *testing.T) {
	for _, base := range []string{"polygraph-report/run.jsonl", "./polygraph-report//run.jsonl", "link"} {
		j := newJob(t)
		j.committed()
		if err := os.Symlink("polygraph-report/run.jsonl", filepath.Join(j.workspace, "link")); err != nil {
			t.Fatal(err)
		}
		j.fake(`write "$@"`, `write "$@"`)
		status, _, printed := j.step(map[string]string{"base-run": base})
		if status != 2 || !strings.Contains(printed, "base-run is "+base+", which this run writes") {
			t.Errorf("%s: status %d\n%s", base, status, printed)
		}
		if readAll(t, filepath.Join(j.workspace, "polygraph-report", "run.jsonl")) != "committed\n" {
			t.Errorf("%s was removed", base)
		}
	}
}
