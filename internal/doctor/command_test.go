package doctor

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"polygraph/internal/shell"
)

func TestCommands(t *testing.T) {
	prod := Root{Folder: "envs/prod", Tool: "terraform", Initiated: true}
	for name, c := range map[string]struct{ got, want string }{
		"plan": {planOf(&prod, 1)[0], "terraform -chdir=envs/prod plan -out=tfplan && terraform -chdir=envs/prod show -json tfplan > envs/prod/plan.json"},
		"here": {planOf(&Root{Folder: ".", Tool: "tofu", Initiated: true}, 1)[0], "tofu plan -out=tfplan && tofu show -json tfplan > plan.json"},
		"init": {
			planOf(&Root{Folder: ".", Tool: "terraform"}, 1)[0],
			"terraform init && terraform plan -out=tfplan && terraform show -json tfplan > plan.json",
		},
		"one file of variables": {
			planOf(&Root{Folder: "a", Tool: "terraform", Initiated: true, VarFiles: []string{"x.tfvars"}}, 1)[0],
			"terraform -chdir=a plan -var-file=x.tfvars -out=tfplan && terraform -chdir=a show -json tfplan > a/plan.json",
		},
		"terragrunt": {
			planOf(&Root{Folder: "live/eu", Tool: "terragrunt"}, 1)[0],
			"(cd live/eu && terragrunt plan -out=tfplan >&2 && terragrunt show -json tfplan) > live/eu/plan.json",
		},
		"a folder to quote": {
			planOf(&Root{Folder: "my envs/o'hare $(x)", Tool: "terraform", Initiated: true}, 1)[0],
			`terraform '-chdir=my envs/o'\''hare $(x)' plan -out=tfplan && terraform '-chdir=my envs/o'\''hare $(x)' show -json tfplan > 'my envs/o'\''hare $(x)/plan.json'`,
		},
		"binary inside":    {showOf(&prod, "envs/prod/out/tf.plan"), "terraform -chdir=envs/prod show -json out/tf.plan > envs/prod/out/tf.json"},
		"binary elsewhere": {showOf(&prod, "plans/prod.tfplan"), `terraform -chdir=envs/prod show -json "$PWD"/plans/prod.tfplan > plans/prod.json`},
		"binary absolute":  {showOf(&prod, "/plans/prod.tfplan"), `terraform -chdir=envs/prod show -json /plans/prod.tfplan > /plans/prod.json`},
		"binary of nobody": {showOf(nil, "-x"), "terraform show -json ./-x > -x.json"},
		"binary of terragrunt": {
			showOf(&Root{Folder: "a", Tool: "terragrunt"}, "a/tfplan"),
			`(cd a && terragrunt show -json "$PWD"/tfplan) > a/tfplan.json`,
		},
		"state":         {pullOf(&prod), "terraform -chdir=envs/prod state pull > envs/prod/state.json"},
		"again":         {planAgain(&prod, "plans/prod.json"), "terraform -chdir=envs/prod plan -out=tfplan && terraform -chdir=envs/prod show -json tfplan > plans/prod.json"},
		"again by name": {planAgain(&Root{Folder: "a", Tool: "tofu", Initiated: true, VarFiles: []string{"dev.tfvars", "prod.tfvars.json"}}, "a/plan-prod.json"), "tofu -chdir=a plan -var-file=prod.tfvars.json -out=tfplan && tofu -chdir=a show -json tfplan > a/plan-prod.json"},
	} {
		if c.got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, c.got, c.want)
		}
	}
	several := planOf(&Root{Folder: "a", Tool: "terraform", Initiated: true, VarFiles: []string{"dev.tfvars", "prod.tfvars.json"}}, 4)
	if len(several) != 2 || !strings.Contains(several[1], "-var-file=prod.tfvars.json -out=tfplan-prod ") || !strings.HasSuffix(several[1], "> a/plan-prod.json") {
		t.Errorf("several: %q", several)
	}
}

// TestCommandsRunAsShown: the shell that a command is pasted into must hand the
// program exactly the names of the files, and write where it says.
func TestCommandsRunAsShown(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		if os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	for _, tool := range []string{"terraform", "terragrunt"} {
		for _, name := range hostileNames() {
			t.Chdir(t.TempDir())
			if err := os.MkdirAll(name, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name+"/tfplan", []byte("binary"), 0o644); err != nil {
				t.Fatal(err)
			}
			root := Root{Folder: name, Tool: tool, Initiated: true}
			// The program is played: it shows its arguments, and where it runs.
			play := tool + `() { printf '%s|' "${PWD##*/}" "$@"; }; `
			if out, err := exec.Command(bash, "-c", play+planOf(&root, 1)[0]+"; "+showOf(&root, name+"/tfplan")).CombinedOutput(); err != nil {
				t.Fatalf("%q: %v\n%s", name, err, out)
			}
			for _, written := range []string{name + "/plan.json", name + "/tfplan.json"} {
				text, err := os.ReadFile(written)
				if err != nil {
					t.Fatalf("%s: %v", planOf(&root, 1)[0], err)
				}
				if tool == "terraform" && !strings.Contains(string(text), "|-chdir="+name+"|show|-json|tfplan|") {
					t.Errorf("%q: terraform was called with %q", name, text)
				}
				if tool == "terragrunt" && !strings.HasPrefix(string(text), name+"|show|-json|") {
					t.Errorf("%q: terragrunt was called with %q", name, text)
				}
			}
		}
	}
}

func hostileNames() []string {
	return []string{
		"plain", "two words", "o'hare", `"quoted"`, "$(touch x)", "`touch x`", "a;b", "a&&b", "-rf", "new\nline", "\x1b[2J", "\u202etxt.exe",
		"\xff\xfe", "ä ö", "*", "~", "#c", "back\\slash", "tab\t", "{a,b}", "!x", "a=b", "\x01'\\", "日本", "%s",
	}
}

func FuzzQuote(f *testing.F) {
	for _, name := range hostileNames() {
		f.Add(name)
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		f.Skip(err)
	}
	f.Fuzz(func(t *testing.T, name string) {
		q := shell.Word(name)
		if strings.ContainsFunc(q, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x202e }) {
			t.Fatalf("%q is not visible", q)
		}
		if strings.Contains(name, "\x00") || len(name) > 1000 {
			return // no file has such a name
		}
		out, err := exec.Command(bash, "-c", "printf %s "+q).CombinedOutput()
		if err != nil || string(out) != name {
			t.Fatalf("%q became %q, which is %q (%v)", name, q, out, err)
		}
	})
}
