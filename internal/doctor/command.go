package doctor

import (
	"fmt"
	"path"
	"strings"

	"polygraph/internal/shell"
)

// planOf are the commands that plan a root module and write the plan as JSON
// beside it. With several files of variables it is one command for each, as far
// as limit goes: which of them belong together nobody here knows.
func planOf(r *Root, limit int) []string {
	if len(r.VarFiles) < 2 {
		return []string{planInto(r, first(r.VarFiles), "tfplan", path.Join(r.Folder, "plan.json"))}
	}
	var out []string
	for _, v := range r.VarFiles[:min(len(r.VarFiles), limit)] {
		name := stem(v)
		out = append(out, planInto(r, v, "tfplan-"+name, path.Join(r.Folder, "plan-"+name+".json")))
	}
	return out
}

// planAgain plans a root module for the plan that is at a path already.
func planAgain(r *Root, at string) string {
	vars := first(r.VarFiles)
	for _, v := range r.VarFiles {
		if strings.Contains(path.Base(at), stem(v)) {
			vars = v
		}
	}
	return planInto(r, vars, "tfplan", at)
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// stem is the name of a file of variables without what all of them end in.
func stem(v string) string { return strings.TrimSuffix(strings.TrimSuffix(v, ".json"), ".tfvars") }

func planInto(r *Root, vars, binary, out string) string {
	if vars != "" {
		vars = " " + shell.Word("-var-file="+vars)
	}
	if r.Tool == "terragrunt" {
		// Its options differ between versions; the folder it runs in does not.
		return fmt.Sprintf("(cd %s && terragrunt plan%s %s >&2 && terragrunt show -json %s) > %s",
			shell.Operand(r.Folder), vars, shell.Word("-out="+binary), shell.Operand(binary), shell.Word(out))
	}
	in := chdir(r)
	init := ""
	if !r.Initiated {
		init = in + " init && "
	}
	return fmt.Sprintf("%s%s plan%s %s && %s", init, in, vars, shell.Word("-out="+binary), showInto(r, binary, out))
}

// showOf is the command that turns a binary plan into JSON where it was made.
func showOf(r *Root, binary string) string {
	base := strings.TrimSuffix(binary, path.Ext(binary))
	out := base + ".json"
	if r == nil {
		return fmt.Sprintf("terraform show -json %s > %s", shell.Operand(binary), shell.Word(out))
	}
	rel, inside := below(r.Folder, binary)
	switch {
	case r.Tool == "terragrunt" && inside:
		return fmt.Sprintf("(cd %s && terragrunt show -json \"$PWD\"/%s) > %s", shell.Operand(r.Folder), shell.Word(rel), shell.Word(out))
	case r.Tool == "terragrunt":
		return fmt.Sprintf("(cd %s && terragrunt show -json %s) > %s", shell.Operand(r.Folder), absolute("$OLDPWD", binary), shell.Word(out))
	case inside:
		return showInto(r, rel, out)
	default: // -chdir moves the program and not the shell
		return fmt.Sprintf("%s show -json %s > %s", chdir(r), absolute("$PWD", binary), shell.Word(out))
	}
}

// absolute is a path that means the same in every folder.
func absolute(from, p string) string {
	if path.IsAbs(p) {
		return shell.Word(p)
	}
	return `"` + from + `"/` + shell.Word(p)
}

func showInto(r *Root, binary, out string) string {
	return fmt.Sprintf("%s show -json %s > %s", chdir(r), shell.Operand(binary), shell.Word(out))
}

// pullOf is the command that saves the state of a root module.
func pullOf(r *Root) string {
	if r.Tool == "terragrunt" {
		return fmt.Sprintf("(cd %s && terragrunt state pull > state.json)", shell.Operand(r.Folder))
	}
	return fmt.Sprintf("%s state pull > %s", chdir(r), shell.Word(path.Join(r.Folder, "state.json")))
}

func chdir(r *Root) string {
	if r.Folder == "." {
		return r.Tool
	}
	return r.Tool + " " + shell.Word("-chdir="+r.Folder)
}

// below returns what p is called in a folder.
func below(folder, p string) (string, bool) {
	if folder == "." {
		return p, !path.IsAbs(p) && p != ".." && !strings.HasPrefix(p, "../")
	}
	if rest, ok := strings.CutPrefix(p, strings.TrimSuffix(folder, "/")+"/"); ok {
		return rest, true
	}
	return "", p == folder
}
