#!/usr/bin/env bash
# The step of the GitHub Action: examine, compare when there is a baseline, write
# the reports, the job summary and the comment, and exit as Polygraph does.
#
# It reads INPUT_* and GITHUB_*, and runs go, polygraph, and gh for the comment.
#
# The bash of macOS is 3.2. To a bash before 4.4 an empty array is an unset
# variable, so every array is expanded as ${a[@]+"${a[@]}"}.
set -euo pipefail

# One stream: of two the runner reads the lines in no fixed order, and a line of
# the second could slip out of the fence that is put around it in the first.
exec 2>&1

cr=$'\r' lf=$'\n'

# tell prints an annotation. Its text may hold an input: a line break in it would
# begin another workflow command, and %0A is one once the runner has decoded it.
tell() { # error|notice TEXT
  local text=$2
  text=${text//$cr/}
  text=${text//$lf/}
  printf '::%s title=Polygraph::%s\n' "$1" "${text//\%/%25}"
}

# leave ends the step: 2 for wrong usage, as in the program, and 3 for what could
# not be examined.
leave() { # STATUS [TEXT]
  [ -z "${2:-}" ] || tell error "$2"
  output status "$1"
  exit "$1"
}

output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

# token prints 128 bits that nobody can guess.
token() {
  local hex
  hex=$(od -An -N16 -tx1 /dev/urandom | tr -cd '0-9a-f') || hex=
  [ ${#hex} -eq 32 ] || hex=$(uuidgen | tr -cd '0-9A-Fa-f') || hex=
  printf '%s' "$hex"
}

# fenced runs a command that prints names out of files of anybody: the runner
# takes no line of it as a workflow command until it reads the token again. The
# closing line comes whatever the status is. No trap prints it after a signal,
# when the command may still be printing; the fence ends with the step anyway.
fenced() { # COMMAND [ARGUMENT...]
  local fence was=0
  fence=$(token)
  [ ${#fence} -eq 32 ] || leave 3 "there is neither /dev/urandom nor uuidgen: the log cannot be kept safe"
  printf '::stop-commands::%s\n' "$fence"
  "$@" || was=$?
  printf '\n::%s::\n' "$fence" # the output may end within a line
  return "$was"
}

silent() { "$@" >/dev/null; }

build() {
  if [ -n "${POLYGRAPH:-}" ]; then return; fi # a binary that is there already
  command -v go >/dev/null || leave 2 "there is no go on this runner: put actions/setup-go before this step"
  POLYGRAPH="${RUNNER_TEMP:-/tmp}/polygraph"
  (cd "$GITHUB_ACTION_PATH" && go build -trimpath -o "$POLYGRAPH" ./cmd/polygraph) || leave 3 "polygraph could not be built"
}

arguments() {
  paths=()
  local line
  while IFS= read -r line; do
    line=${line%"$cr"} # a workflow file with CRLF
    # A path that begins with a dash is a path and no flag.
    if [ -n "$line" ]; then paths+=("$line"); fi
  done <<<"${INPUT_PATHS:-.}"
  [ ${#paths[@]} -gt 0 ] || paths=(.)

  flags=()
  [ -z "${INPUT_CONFIG:-}" ] || flags+=("--config=$INPUT_CONFIG")
  [ -z "${INPUT_MIN_SEVERITY:-}" ] || flags+=("--min-severity=$INPUT_MIN_SEVERITY")
}

# folder makes the folder for the reports. The checkout may be that of a stranger:
# a link in the way would have the reports written, and files removed, elsewhere.
folder() {
  out=${INPUT_OUT:-polygraph-report}
  case $out in
    *"$cr"* | *"$lf"*) leave 2 "out holds a newline" ;; # which could set another output
    -*) out=./$out ;;
  esac
  local asked=${GITHUB_WORKSPACE:-$PWD} workspace at=. rest=$out/
  workspace=$(cd -- "$asked" && pwd -P) || leave 2 "there is no workspace at $asked"
  case $rest in
    "$asked"/*) at=$workspace rest=${rest#"$asked"/} ;;
    "$workspace"/*) at=$workspace rest=${rest#"$workspace"/} ;;
    /*) leave 2 "out is $out: name a folder in the workspace" ;;
  esac
  while [ -n "$rest" ]; do
    at=$at/${rest%%/*} rest=${rest#*/}
    case $at in */..) leave 2 "out is $out: name a folder in the workspace, without .." ;; esac
    [ ! -L "$at" ] || leave 2 "out is $out, and $at is a symbolic link: name another folder"
  done
  mkdir -p -- "$out" || leave 2 "out is $out, and no folder can be made there"
  case $(cd -- "$at" && pwd -P)/ in
    "$workspace"/*) ;;
    *) leave 2 "out is $out: name a folder in the workspace" ;;
  esac
}

# clear_reports removes what is going to be written. A report that the branch
# brought along, or an earlier run left, would stand for a run that died.
clear_reports() {
  local name old=()
  for name in run.jsonl polygraph.sarif difference.sarif comment.md polygraph.html junit.xml; do
    [ ! -L "$out/$name" ] || leave 2 "$out/$name is a symbolic link: remove it, or name another folder in out"
    [ ! -d "$out/$name" ] || leave 2 "$out/$name is a folder: remove it, or name another folder in out"
    if [ "${INPUT_BASE_RUN:-}" = "$out/$name" ] || [ "${INPUT_BASE_RUN:-}" -ef "$out/$name" ]; then
      leave 2 "base-run is $INPUT_BASE_RUN, which this run writes: keep the baseline in another folder"
    fi
    old+=("$out/$name")
  done
  rm -f -- ${old[@]+"${old[@]}"} || leave 2 "the reports of before cannot be removed from $out"
}

# settled stops the step unless Polygraph ended as it documents and wrote its
# reports. They are of this run, because none was there before.
settled() { # STATUS NAME...
  local was=$1 name
  shift
  case $was in
    0 | 1 | 3) ;;
    2) leave 2 ;; # it has said what is wrong
    *) leave 3 "polygraph died with status $was: nothing is proven" ;;
  esac
  for name in "$@"; do
    if [ -L "$out/$name" ] || [ ! -f "$out/$name" ] || [ ! -s "$out/$name" ]; then
      leave 3 "polygraph ended with status $was and did not write $out/$name: nothing is proven"
    fi
  done
}

examine() {
  # SARIF is that of HEAD alone: code scanning keeps its own history and would
  # show what a comparison calls absent as open. The difference is beside it.
  local saves=(-o "jsonl=$out/run.jsonl" -o "sarif=$out/polygraph.sarif")
  local reports=(-o term -o "markdown=$out/comment.md" -o "html=$out/polygraph.html" -o "junit=$out/junit.xml")
  local saved=(run.jsonl polygraph.sarif) reported=(comment.md polygraph.html junit.xml)
  # One input for two gates: what only one of them knows means its default in
  # the other, so that a first run without a baseline is no usage error.
  local checks=() compares=()
  case ${INPUT_FAIL_ON:-} in
    '') ;;
    refuted) checks=(--fail-on=refuted) ;;
    worse | overdue) compares=("--fail-on=$INPUT_FAIL_ON") ;;
    *) checks=("--fail-on=$INPUT_FAIL_ON") compares=("--fail-on=$INPUT_FAIL_ON") ;;
  esac

  local compared=()
  if [ -n "${INPUT_BASE_RUN:-}" ] && [ -f "$INPUT_BASE_RUN" ]; then
    compared=(-- "$INPUT_BASE_RUN" "$out/run.jsonl")
  elif [ -n "${INPUT_BASE_REF:-}" ]; then
    compared=("--base-ref=$INPUT_BASE_REF" -- ${paths[@]+"${paths[@]}"})
  fi
  status=0
  if [ ${#compared[@]} -eq 0 ]; then
    [ -z "${INPUT_BASE_RUN:-}" ] || tell notice "There is no baseline at $INPUT_BASE_RUN yet: everything counts."
    fenced "$POLYGRAPH" check ${flags[@]+"${flags[@]}"} ${checks[@]+"${checks[@]}"} ${reports[@]+"${reports[@]}"} \
      ${saves[@]+"${saves[@]}"} -- ${paths[@]+"${paths[@]}"} || status=$?
    settled "$status" ${saved[@]+"${saved[@]}"} ${reported[@]+"${reported[@]}"}
    return
  fi
  # HEAD is saved too: it is the baseline of what comes next.
  fenced silent "$POLYGRAPH" check ${flags[@]+"${flags[@]}"} -q ${saves[@]+"${saves[@]}"} -- ${paths[@]+"${paths[@]}"} || status=$?
  settled "$status" ${saved[@]+"${saved[@]}"}
  status=0
  fenced "$POLYGRAPH" compare ${flags[@]+"${flags[@]}"} ${compares[@]+"${compares[@]}"} ${reports[@]+"${reports[@]}"} \
    -o "sarif=$out/difference.sarif" ${compared[@]+"${compared[@]}"} || status=$?
  settled "$status" difference.sarif ${reported[@]+"${reported[@]}"}
}

# comment writes the comment or puts it in the place of the one it wrote before.
# A pull request from a fork has a token that may only read: then the job summary
# is all there is, and that is no failure.
comment() {
  [ "${INPUT_COMMENT:-true}" = true ] || return 0
  [[ "${GITHUB_REF:-}" =~ ^refs/pull/([0-9]+)/ ]] || return 0
  local number=${BASH_REMATCH[1]} mine=
  command -v gh >/dev/null || { tell notice "no comment: there is no gh on this runner"; return 0; }
  if ! fenced own_comments "$number"; then
    tell notice "no comment: the token may not read comments; see the job summary"
    return 0
  fi
  mine=$(head -n 1 <<<"$mine")
  local where="repos/$GITHUB_REPOSITORY/issues/$number/comments" method=POST
  if [ -n "$mine" ]; then where="repos/$GITHUB_REPOSITORY/issues/comments/$mine" method=PATCH; fi
  fenced gh api --silent --method "$method" "$where" -F "body=@$out/comment.md" ||
    tell notice "no comment: the token may not write comments (a pull request from a fork); see the job summary"
}

# own_comments sets mine, a variable of comment, to the ids of what the bot wrote:
# anybody can start a comment with the marker.
own_comments() {
  mine=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$1/comments" \
    --jq '.[] | select(.user.type == "Bot" and (.body | startswith("<!-- polygraph -->"))) | .id')
}

folder
clear_reports
arguments
build
examine
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat -- "$out/comment.md" >>"$GITHUB_STEP_SUMMARY"
comment
output status "$status"
output run "$out/run.jsonl"
output sarif "$out/polygraph.sarif"
output html "$out/polygraph.html"
output markdown "$out/comment.md"
exit "$status"
