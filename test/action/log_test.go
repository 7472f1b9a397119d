package action

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestInputsInTheLog: no input that is named in an annotation ends it.
func TestInputsInTheLog(t *testing.T) {
	j := newJob(t)
	j.fake(`write "$@"`, `write "$@"`)
	for _, hostile := range []string{"x\n::add-mask::a", "x\r::add-mask::a", "x\r\n##[set-env name=A]b", "x%0A::add-mask::a", "x%250A::y", "\n::stop-commands::x"} {
		status, _, printed := j.step(map[string]string{"base-run": hostile})
		if status != 0 || !strings.Contains(printed, "::notice title=Polygraph::There is no baseline at ") {
			t.Errorf("%q: status %d\n%s", hostile, status, printed)
		}
		for _, out := range []string{"/" + hostile, "../" + hostile} {
			if status, _, printed := j.step(map[string]string{"out": out}); status != 2 || !strings.Contains(printed, "::error title=Polygraph::") {
				t.Errorf("%q: status %d\n%s", out, status, printed)
			}
		}
	}
	_, _, printed := j.step(map[string]string{"base-run": "50%\r\n25%25 a"})
	if done, _ := carriedOut(printed); done[0].data != "There is no baseline at 50%25%25 a yet: everything counts." {
		t.Errorf("the runner reads %q", done[0].data)
	}
}

// TestNamesInTheLog: what polygraph prints is no command, whichever stream it is
// on and however the run ends; afterwards commands are read again.
func TestNamesInTheLog(t *testing.T) {
	const hostile = `printf '%s\n' '::set-output name=status::0' 'a ##[stop-commands]x' '::add-mask::e' '::stop-commands::y' '::y::' '##[set-env name=PATH]x'
printf '::add-path::/tmp\n::error::b\n' >&2; printf 'no line end'; `
	for name, c := range map[string]struct {
		check, compare string
		status         int
	}{
		"0":      {`write "$@"`, `write "$@"`, 0},
		"1":      {`write "$@"; exit 1`, `write "$@"; exit 1`, 1},
		"2":      {`exit 2`, `exit 2`, 2},
		"3":      {`write "$@"; exit 3`, `write "$@"; exit 3`, 3},
		"killed": {`kill -KILL $$`, `kill -KILL $$`, 3},
	} {
		for _, base := range []map[string]string{nil, {"base-ref": "main"}, {"base-run": "base.jsonl"}} {
			j := newJob(t)
			j.committed()
			if base != nil && c.status != 2 {
				j.fake(hostile+`write "$@"`, hostile+c.compare)
			} else {
				j.fake(hostile+c.check, hostile+c.compare)
			}
			status, _, printed := j.step(base, "GH_MODE=denied") // step judges the log
			if status != c.status {
				t.Errorf("%s, %v: status %d\n%s", name, base, status, printed)
			}
			if !strings.Contains(printed, "::error::b\n") {
				t.Errorf("%s, %v: the log lost what was printed\n%s", name, base, printed)
			}
			done, _ := carriedOut(printed)
			last := done[len(done)-1]
			if c.status == 0 && !strings.Contains(last.data, "see the job summary") || name == "killed" && !strings.Contains(last.data, "died with status 137") {
				t.Errorf("%s, %v: the last annotation is %q\n%s", name, base, last, printed)
			}
		}
	}
}

// TestTheToken: from another source where there is no /dev/urandom, and without
// one nothing is run.
func TestTheToken(t *testing.T) {
	j := newJob(t)
	j.fake(`echo ::error::x; write "$@"`, "")
	j.write(filepath.Join(j.temp, "bin", "od"), "#!/bin/sh\nexit 1\n")
	uuidgen := filepath.Join(j.temp, "bin", "uuidgen")
	j.write(uuidgen, "#!/bin/sh\necho 0F8FAD5B-D9CB-469F-A165-70867728950E\n")
	if status, _, printed := j.step(map[string]string{"comment": "false"}); status != 0 || !strings.Contains(printed, "::stop-commands::0F8FAD5BD9CB469FA16570867728950E\n") {
		t.Errorf("status %d\n%s", status, printed)
	}
	if err := os.Remove(filepath.Join(j.temp, "polygraph.log")); err != nil {
		t.Fatal(err)
	}
	j.write(uuidgen, "#!/bin/sh\nexit 1\n")
	if status, _, printed := j.step(nil); status != 3 || j.read("polygraph.log") != "" || !strings.Contains(printed, "neither /dev/urandom nor uuidgen") {
		t.Errorf("status %d\n%s", status, printed)
	}
}

// TestPathsWithCRLF: of a workflow file that was written on Windows.
func TestPathsWithCRLF(t *testing.T) {
	j := newJob(t)
	j.fake(`printf '%s\n' "${@: -2}"; write "$@"`, "")
	for _, paths := range []string{"infra\r\nmore stuff\r\n", "infra\r\n\r\nmore stuff\r", "infra\nmore stuff\n"} {
		status, _, printed := j.step(map[string]string{"paths": paths})
		if status != 0 || !strings.Contains(printed, "\ninfra\nmore stuff\n") {
			t.Errorf("%q: status %d\n%q", paths, status, printed)
		}
	}
	j.fake(`printf '<%s>\n' "${@: -2}"; write "$@"`, "")
	if _, _, printed := j.step(map[string]string{"paths": "\r\n"}); !strings.Contains(printed, "<-->\n<.>\n") {
		t.Errorf("%q", printed)
	}
}

// TestAbsolutePathsOfTwoRevisions: a path that names the checkout means the same
// file at BASE.
func TestAbsolutePathsOfTwoRevisions(t *testing.T) {
	j := newJob(t)
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", j.workspace, "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...)...)
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, text)
		}
	}
	j.plan(false)
	git("init", "-q", "-b", "main")
	git("add", "infra")
	git("commit", "-q", "-m", "base")
	for _, path := range []string{"infra", filepath.Join(j.workspace, "infra"), j.workspace, filepath.Join(j.workspace, "infra", "plan.json")} {
		gate := map[string]string{"paths": path, "base-ref": "main", "out": "out"}
		j.plan(false)
		if status, _, printed := j.step(gate); status != 0 {
			t.Errorf("%s: nothing changed and it exits %d\n%s", path, status, printed)
		}
		j.plan(true)
		status, out, printed := j.step(gate)
		if status != 1 || out["status"] != "1" {
			t.Fatalf("%s: one more lie and it exits %d\n%s", path, status, printed)
		}
		if comment := readAll(t, filepath.Join(j.workspace, out["markdown"])); !strings.Contains(comment, "1 claim is newly false") {
			t.Errorf("%s: the comment:\n%s", path, comment)
		}
		j.binary = filepath.Join(j.temp, "polygraph")
	}
}

// TestOldBash: the script keeps to bash 3.2, which is what macOS has. There is no
// such bash to run it with, so what came later is looked for.
func TestOldBash(t *testing.T) {
	script := readAll(t, filepath.Join(repository(t), "deploy", "action", "polygraph.sh"))
	if found := tooNew(script); len(found) > 0 {
		t.Errorf("not in bash 3.2:\n%s", strings.Join(found, "\n"))
	}
	// The search itself has to find something.
	for _, line := range []string{
		`f "${flags[@]}"`, `f ${flags[@]}`, `f "${flags[*]}"`, `f ${a[@]+"${b[@]}"}`, `local -n a=b`, `declare -A m`, `local -gA m`, `declare -g a=1`,
		`mapfile -t a`, `readarray a`, `echo ${x^^}`, `echo ${x,}`, `echo ${x@Q}`, `a &>>b`, `a |& b`, `coproc a`, `[[ -v a ]]`, `test -v a`,
		`wait -n`, `echo ${a[-1]}`, `printf '%(%s)T'`, `echo $BASHPID`, `shopt -s lastpipe`, `exec {fd}>a`, `read -N 1 a`, `read -t 0.5 a`,
		`echo ${x: -3:-1}`, `a) b ;;&`, `a) b ;&`, `echo $EPOCHSECONDS`, `echo {01..10}`, `echo $'\u00e9'`, `x=$(case a in a) b ;; esac)`,
	} {
		if len(tooNew(line)) != 1 {
			t.Errorf("%s: found %q", line, tooNew(line))
		}
	}
	for _, line := range []string{`f ${flags[@]+"${flags[@]}"} ${#flags[@]}`, `a <<<"$b"`, `[[ $a =~ b ]]`, `a+=("$b")`, `echo "${a//\%/%25}"`, `x=${x%"$cr"}`, `a >b 2>&1 || c`, `${x##*/}`} {
		if found := tooNew(line); len(found) != 0 {
			t.Errorf("%s: found %q", line, found)
		}
	}
}

// tooNew returns the lines with something that bash 3.2 does not know, or, for
// arrays, takes for an unset variable.
func tooNew(script string) (found []string) {
	guarded := regexp.MustCompile(`\$\{(\w+)\[@\]\+"\$\{(\w+)\[@\]\}"\}`)
	late := regexp.MustCompile(strings.Join([]string{
		`\$\{\w+\[[@*]\]`, // an array that may be empty, before 4.4
		`\b(declare|local|typeset|readonly)\s+-\w*[nAgIlu]`, `\b(mapfile|readarray|coproc)\b`, `\bwait -[nfp]`,
		`\$\{\w+(\[[^]]*\])?[\^,@]`, `\$\{!\w+[@*]?\}`, `\[-\d`, `\$\{\w+:[^}]*:\s*-\d`,
		`&>>`, `\|&`, `;&`, `;;&`, `(\[\[|\[|\btest) (! )?-[vR] `, `printf.*%\(`,
		`\b(BASHPID|EPOCHSECONDS|EPOCHREALTIME|SRANDOM|BASH_XTRACEFD|BASH_ARGV0)\b`,
		`\b(globstar|lastpipe|inherit_errexit|autocd|dirspell|localvar_inherit|assoc_expand_once)\b`,
		`\{\w+\}[<>]`, `\bread\b.* -\w*[Ni]`, `\bread\b.* -t ?\d*\.`, `\{0\d+\.\.`, `\\[uU][0-9a-fA-F]{2}`, `\$\(case `,
	}, "|"))
	for line := range strings.Lines(script) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		rest := guarded.ReplaceAllStringFunc(line, func(s string) string {
			if m := guarded.FindStringSubmatch(s); m[1] != m[2] {
				return s
			}
			return ""
		})
		if late.MatchString(rest) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}
