package wild

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/pinning"
	"polygraph/internal/run"
)

// judgement is a line of mutable.txt: a reference in a real file, what the rule
// says of it, and whether a reader of the file agreed.
type judgement struct {
	rule, where string
	line        int
	reference   string
	context     map[string]string // what else of the file decides
	verdict     string            // when it was sampled
	now         string            // and since, where the rule was mended
	right       bool
	why         string
}

// shared is the path below the shared data, "" when the file lies elsewhere.
func (j *judgement) shared() string {
	p, ok := strings.CutPrefix(j.where, "shared ")
	if !ok {
		return ""
	}
	return p
}

// judgements reads mutable.txt and what it says of itself. Anything that it
// does not understand is an error.
func judgements(t *testing.T) (out []judgement, counts []string) {
	t.Helper()
	b, err := os.ReadFile("mutable.txt")
	if err != nil {
		t.Fatal(err)
	}
	section, seen := "", map[string]bool{}
	for i, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		at := fmt.Sprintf("mutable.txt:%d", i+1)
		switch {
		case line == "", strings.HasPrefix(line, "#"):
			continue
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
			if !slices.Contains([]string{"counts", "refuted", "unproven", "held"}, section) {
				t.Fatalf("%s: section %q", at, section)
			}
			continue
		case section == "counts":
			counts = append(counts, line)
			continue
		}
		f := strings.Split(line, " | ")
		if len(f) != 7 || section == "" {
			t.Fatalf("%s: %d fields in section %q", at, len(f), section)
		}
		j := judgement{rule: f[0], where: f[1], verdict: f[4], now: f[4], right: f[5] == "right", why: f[6], context: map[string]string{}}
		if _, err := fmt.Sscanf(f[2], "%d", &j.line); err != nil || j.line < 1 || fmt.Sprint(j.line) != f[2] {
			t.Errorf("%s: line %q", at, f[2])
		}
		if now, ok := strings.CutPrefix(f[5], "wrong, now "); ok {
			j.now, f[5] = now, "wrong"
		}
		reference, context, _ := strings.Cut(f[3], " where ")
		j.reference = reference
		for _, c := range strings.Split(context, "; ") {
			if k, v, ok := strings.Cut(c, "="); ok {
				j.context[k] = v
			} else if c != "" {
				t.Errorf("%s: context %q", at, c)
			}
		}
		switch {
		case j.rule < "CHG050" || j.rule > "CHG059" || len(j.rule) != 6:
			t.Errorf("%s: rule %q", at, j.rule)
		case j.shared() == "" && !strings.HasPrefix(j.where, "stored file ") && (!strings.Contains(j.where, "@") || !strings.Contains(j.where, " ")):
			t.Errorf("%s: %q is no repository path@commit", at, j.where)
		case j.reference == "" || j.why == "":
			t.Errorf("%s: a field is empty", at)
		case j.verdict != section:
			t.Errorf("%s: %s in section %s", at, j.verdict, section)
		case !slices.Contains([]string{"refuted", "unproven", "held", "silent"}, j.now):
			t.Errorf("%s: now %q", at, j.now)
		case f[5] != "right" && f[5] != "wrong":
			t.Errorf("%s: judged %q", at, f[5])
		case seen[strings.Join(f[:4], " | ")]:
			t.Errorf("%s: listed twice", at)
		}
		seen[strings.Join(f[:4], " | ")] = true
		out = append(out, j)
	}
	return out, counts
}

// TestJudgedReferencesAddUp recounts what mutable.txt says of itself.
func TestJudgedReferencesAddUp(t *testing.T) {
	all, counts := judgements(t)
	count := func(rule, verdict string) (n, right int) {
		for _, j := range all {
			if j.verdict == verdict && (rule == "all" || j.rule == rule) {
				if n++; j.right {
					right++
				}
			}
		}
		return n, right
	}
	var want []string
	for i := range 10 {
		rule := fmt.Sprintf("CHG%03d", 50+i)
		n, right := count(rule, "refuted")
		if n < 5 {
			t.Errorf("%s: %d findings only were judged", rule, n)
		}
		want = append(want, fmt.Sprintf("%s refuted %d right %d", rule, n, right))
	}
	n, right := count("all", "refuted")
	want = append(want, fmt.Sprintf("all refuted %d right %d precision %.1f%%", n, right, 100*float64(right)/float64(n)))
	if n < 100 {
		t.Errorf("%d refuted findings were judged, and 100 are promised", n)
	}
	for _, v := range []string{"unproven", "held"} {
		n, right := count("all", v)
		want = append(want, fmt.Sprintf("all %s %d right %d", v, n, right))
	}
	if got := strings.Join(counts, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("mutable.txt says\n%s\nand its lines say\n%s", got, strings.Join(want, "\n"))
	}
}

// TestJudgedReferencesKeepTheirVerdict judges each listed reference again, in
// the smallest file that has it: whoever changes a rule so that one of them
// flips has to look at it again.
func TestJudgedReferencesKeepTheirVerdict(t *testing.T) {
	all, _ := judgements(t)
	for _, j := range all {
		files := smallest(j)
		if got := verdictOf(t, j.rule, files); got != j.now {
			t.Errorf("%s %s:%d %s: %s, listed as %s\n%s", j.rule, j.where, j.line, j.reference, got, j.now, files)
		}
		if form, ok := formOf(j); ok && len(j.context) == 0 && j.now == j.verdict {
			switch {
			case j.verdict == "refuted" && form.Verdict != pinning.Mutable,
				j.verdict == "held" && form.Verdict != pinning.Pinned && form.Form != pinning.FormTag,
				j.verdict == "unproven" && form.Verdict != pinning.Unknown:
				t.Errorf("%s %s: by its form it is %+v, and listed as %s", j.rule, j.reference, form, j.verdict)
			}
		}
	}
}

// formOf judges a reference by its form alone, where a rule does nothing else.
func formOf(j judgement) (pinning.Judgement, bool) {
	switch j.rule {
	case "CHG050", "CHG051":
		source, version, _ := strings.Cut(j.reference, " ")
		return pinning.Module(source, version), true
	case "CHG052":
		_, constraint, _ := strings.Cut(j.reference, " ")
		return pinning.Provider(constraint), true
	case "CHG055", "CHG056", "CHG057", "CHG058":
		return pinning.Image(j.reference), true
	case "CHG059":
		return pinning.Action(j.reference), true
	}
	return pinning.Judgement{}, false
}

// verdictOf runs every rule over some files and returns the one verdict of a
// rule, "silent" when it has none, or what else it said. What it says of the
// neighbours of the reference is left out.
func verdictOf(t *testing.T, rule string, files map[string]string) string {
	t.Helper()
	var in []*evidence.Item
	for _, name := range slices.Sorted(mapKeys(files)) {
		b := []byte(files[name])
		kind := (*evidence.Kind)(nil)
		for _, detect := range facts.Detectors() {
			if kind, _ = detect(name, b); kind != nil {
				break
			}
		}
		if kind == nil {
			t.Fatalf("nobody reads %s:\n%s", name, b)
		}
		in = append(in, &evidence.Item{Kind: kind, Path: name, Blob: evidence.Bytes(b)})
	}
	verdicts := map[string]int{}
	runner := analysis.Runner{Analyzers: analyzers.All(), Clock: time.Now}
	sum, err := runner.Run(context.Background(), analysis.Evidence{Items: in}, func(m *run.Message) error {
		switch {
		case m.Finding != nil && m.Finding.Rule == rule && !strings.HasSuffix(m.Finding.Subject.Identity, ".neighbour"):
			verdicts[m.Finding.Verdict.String()]++
		case m.Skip != nil:
			t.Errorf("%s was not read: %s", m.Skip.Path, m.Skip.Reason)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range sum.Rules {
		if r.Rule == rule && r.Held > 0 {
			verdicts["held"] += r.Held
		}
	}
	if len(verdicts) == 0 {
		return "silent"
	}
	if len(verdicts) != 1 {
		return fmt.Sprint(verdicts)
	}
	return slices.Collect(mapKeys(verdicts))[0]
}

// smallest is the least that has the reference and what decides about it.
func smallest(j judgement) map[string]string {
	ref, c := j.reference, j.context
	name, rest, _ := strings.Cut(ref, " ")
	dir := folder(j)
	one := func(name, format string, args ...any) map[string]string {
		return map[string]string{name: fmt.Sprintf(format, args...)}
	}
	switch j.rule {
	case "CHG050", "CHG051":
		if strings.Contains(j.where, "terragrunt.hcl@") {
			return one(dir+"/terragrunt.hcl", "terraform {\n  source = %s\n}\n", quoted(ref))
		}
		version := ""
		if rest != "" {
			version = "  version = " + quoted(rest) + "\n"
		}
		return one(dir+"/main.tf", "module \"m\" {\n  source = %s\n%s}\n", quoted(name), version)
	case "CHG052":
		files := one(dir+"/main.tf", "provider %q {\n  region = \"r\"\n}\n", name)
		if b := c["backend"]; b != "" {
			files[dir+"/main.tf"] += fmt.Sprintf("terraform {\n  backend %q {}\n}\n", b)
		}
		if rest != "" {
			files[dir+"/main.tf"] += fmt.Sprintf("terraform {\n  required_providers {\n    %s = {\n      source = \"hashicorp/%s\"\n      version = %q\n    }\n  }\n}\n", name, name, rest)
		}
		if v := c["lock"]; v != "" {
			files[dir+"/.terraform.lock.hcl"] = fmt.Sprintf("provider \"registry.terraform.io/hashicorp/%s\" {\n  version = %q\n  hashes = [\"h1:x\"]\n}\n", name, v)
		}
		return files
	case "CHG053":
		return one(dir+"/main.tf", "%s", machineImage(ref, c))
	case "CHG054":
		place, value, _ := strings.Cut(ref, " = ")
		typ, attribute, _ := strings.Cut(place, ".")
		text := fmt.Sprintf("resource %q \"r\" {\n  %s = %s\n}\n", typ, attribute, quoted(value))
		if f := c["publish"]; f != "" {
			text += fmt.Sprintf("resource \"aws_lambda_function\" %q {\n  function_name = \"f\"\n  publish = true\n}\n", f)
		}
		if v := c["alias"]; v != "" {
			text += fmt.Sprintf("resource \"aws_lambda_alias\" \"neighbour\" {\n  name = %q\n  function_version = %q\n}\n", value, v)
		}
		return one(dir+"/main.tf", "%s", text)
	case "CHG055":
		switch {
		case c["attribute"] != "":
			return one(dir+"/main.tf", "resource \"aws_ecs_task_definition\" \"t\" {\n  family = \"t\"\n  %s = %s\n}\n", c["attribute"], ref)
		case c["build"] != "":
			return one(dir+"/main.tf", "resource %q \"i\" {\n  name = %s\n  build {\n    context = \".\"\n  }\n}\n", c["build"], quoted(ref))
		}
		return one(dir+"/main.tf", "resource \"aws_ecs_task_definition\" \"t\" {\n  family = \"t\"\n  container_definitions = jsonencode([{ name = \"c\", image = %s }])\n}\n", quoted(ref))
	case "CHG056":
		args := ""
		if a := c["arg"]; a != "" {
			args = "ARG " + a + "\n"
		}
		return one("a/Dockerfile", "%sFROM %s\n", args, ref)
	case "CHG057":
		return one("a/compose.yaml", "services:\n  s:\n    image: %s\n", ref)
	case "CHG058":
		return one(".github/workflows/w.yml", "on: push\njobs:\n  j:\n    runs-on: ubuntu-24.04\n    container: %s\n    steps:\n      - run: make\n", ref)
	}
	return one(".github/workflows/w.yml", "on: push\njobs:\n  j:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: %s\n", ref)
}

// folder is where the listed file lies in its repository: rules know examples
// and modules by their folders.
func folder(j judgement) string {
	_, p, _ := strings.Cut(j.where, " ")
	p, _, _ = strings.Cut(p, "@")
	if d := path.Dir(p); d != "." {
		return d
	}
	return "root"
}

// machineImage writes a lookup of a machine image and who launches what it
// finds.
func machineImage(ref string, c map[string]string) string {
	const instance = "resource \"aws_instance\" \"i\" {\n  ami = %s\n}\n"
	parameter := func(name string) string {
		return fmt.Sprintf("data \"aws_ssm_parameter\" \"p\" {\n  name = %q\n}\n", name)
	}
	if strings.HasPrefix(ref, "/") {
		if c["user"] == "module" {
			return parameter(ref) + "module \"asg\" {\n  source = \"terraform-aws-modules/autoscaling/aws\"\n  version = \"6.5.0\"\n  image_id = data.aws_ssm_parameter.p.value\n}\n"
		}
		return parameter(ref) + fmt.Sprintf(instance, "data.aws_ssm_parameter.p.value")
	}
	_, pattern, _ := strings.Cut(ref, " ")
	filter, before := "", ""
	if pattern != "" {
		filter = "  filter {\n    name = \"name\"\n    values = [" + quoted(pattern) + "]\n  }\n"
	}
	if p := c["parameter"]; p != "" {
		before, filter = parameter(p), "  filter {\n    name = \"image-id\"\n    values = [data.aws_ssm_parameter.p.value]\n  }\n"
	}
	return before + "data \"aws_ami\" \"a\" {\n  most_recent = true\n  owners = [\"amazon\"]\n" + filter + "}\n" + fmt.Sprintf(instance, "data.aws_ami.a.id")
}

// quoted writes a string of HCL, in which ${} keeps its meaning.
func quoted(s string) string {
	if strings.HasPrefix(s, "${") && strings.HasSuffix(s, "}") && strings.Count(s, "${") == 1 {
		return strings.TrimSuffix(strings.TrimPrefix(s, "${"), "}")
	}
	return `"` + s + `"`
}

// TestJudgedReferencesOfTheSharedData finds the listed findings of the shared
// data where they are listed, and none that is not.
func TestJudgedReferencesOfTheSharedData(t *testing.T) {
	dir := data(t)
	all, _ := judgements(t)
	listed := map[string]int{}
	for _, j := range all {
		if p := j.shared(); p != "" {
			listed[fmt.Sprintf("%s %s %s:%d %s", j.rule, j.verdict, p, j.line, j.reference)]++
		}
	}
	if len(listed) == 0 {
		t.Fatal("mutable.txt lists nothing of the shared data")
	}
	var in []*evidence.Item
	for _, part := range []string{"tf", "plans"} {
		for _, i := range items(t, filepath.Join(dir, part)) {
			i.Path = part + "/" + i.Path
			in = append(in, i)
		}
	}
	runner := analysis.Runner{Analyzers: analyzers.All(), Clock: time.Now, Parallel: 2}
	_, err := runner.Run(context.Background(), analysis.Evidence{Items: in}, func(m *run.Message) error {
		f := m.Finding
		if f == nil || f.Verdict != finding.Refuted || f.Rule < "CHG050" || f.Rule > "CHG059" {
			return nil
		}
		key := fmt.Sprintf("%s refuted %s:%d %s", f.Rule, f.At().File, lineAt(t, dir, f.At()), written(f))
		if listed[key]--; listed[key] < 0 {
			t.Errorf("not judged by hand yet: %s", key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, left := range listed {
		if left > 0 {
			t.Errorf("listed, and not found any more: %s", key)
		}
	}
}

// written takes the reference out of the proof of a finding.
func written(f *finding.Finding) string {
	var texts []string
	for _, s := range f.Proof {
		texts = append(texts, s.Text)
	}
	all := strings.Join(texts, "\n")
	if _, after, ok := strings.Cut(all, "`"); ok {
		image, _, _ := strings.Cut(after, "`")
		return image
	}
	word := func(before string) string {
		_, after, _ := strings.Cut(all, before)
		text, _, _ := strings.Cut(after, "\n")
		text, _, _ = strings.Cut(text, ": ")
		return text
	}
	return strings.TrimSpace(word("the source is ") + " " + word("the version is "))
}

func lineAt(t *testing.T, dir string, at finding.Location) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(at.File)))
	if err != nil {
		t.Fatal(err)
	}
	return 1 + strings.Count(string(b[:at.Offset]), "\n")
}
