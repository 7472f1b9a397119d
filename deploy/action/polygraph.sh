#!/usr/bin/env bash
# The step of the GitHub Action: examine, compare when there is a baseline, write
# the reports, the job summary and the comment, and exit as Polygraph does.
#
# It reads INPUT_* and GITHUB_*, and runs go, polygraph, and gh for the comment.
set -euo pipefail

stop() { # usage errors are 2, as in the program
  printf '::error title=Polygraph::%s\n' "$1" >&2
  exit 2
}

# A value of an output is one line: a newline in it could set another output.
output() {
  case $2 in *$'\n'*) stop "the path of the $1 report holds a newline" ;; esac
  printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

build() {
  if [ -n "${POLYGRAPH:-}" ]; then return; fi # a binary that is there already
  command -v go >/dev/null || stop "there is no go on this runner: put actions/setup-go before this step"
  POLYGRAPH="${RUNNER_TEMP:-/tmp}/polygraph"
  (cd "$GITHUB_ACTION_PATH" && go build -trimpath -o "$POLYGRAPH" ./cmd/polygraph)
}

arguments() {
  paths=()
  while IFS= read -r line; do
    # A path that begins with a dash is a path and no flag.
    if [ -n "$line" ]; then paths+=("$line"); fi
  done <<<"${INPUT_PATHS:-.}"
  [ ${#paths[@]} -gt 0 ] || paths=(.)

  flags=()
  [ -z "${INPUT_CONFIG:-}" ] || flags+=("--config=$INPUT_CONFIG")
  [ -z "${INPUT_MIN_SEVERITY:-}" ] || flags+=("--min-severity=$INPUT_MIN_SEVERITY")
}

examine() {
  mkdir -p "$out"
  # SARIF is that of HEAD alone: code scanning keeps its own history and would
  # show what a comparison calls absent as open. The difference is beside it.
  local saves=(-o "jsonl=$out/run.jsonl" -o "sarif=$out/polygraph.sarif")
  local reports=(-o term -o "markdown=$out/comment.md" -o "html=$out/polygraph.html" -o "junit=$out/junit.xml")
  local differences=(-o "sarif=$out/difference.sarif")
  # One input for two gates: what only one of them knows means its default in
  # the other, so that a first run without a baseline is no usage error.
  local checks=() compares=()
  case ${INPUT_FAIL_ON:-} in
    '') ;;
    refuted) checks=(--fail-on=refuted) ;;
    worse | overdue) compares=("--fail-on=$INPUT_FAIL_ON") ;;
    *) checks=("--fail-on=$INPUT_FAIL_ON") compares=("--fail-on=$INPUT_FAIL_ON") ;;
  esac
  status=0
  local saved=0
  if [ -n "${INPUT_BASE_RUN:-}" ] && [ -f "$INPUT_BASE_RUN" ]; then
    # HEAD is saved too: it is the baseline of what comes next.
    "$POLYGRAPH" check "${flags[@]}" -q "${saves[@]}" -- "${paths[@]}" >/dev/null || saved=$?
    [ "$saved" -ne 2 ] || exit 2
    "$POLYGRAPH" compare "${flags[@]}" "${compares[@]}" "${reports[@]}" "${differences[@]}" -- "$INPUT_BASE_RUN" "$out/run.jsonl" || status=$?
  elif [ -n "${INPUT_BASE_REF:-}" ]; then
    "$POLYGRAPH" check "${flags[@]}" -q "${saves[@]}" -- "${paths[@]}" >/dev/null || saved=$?
    [ "$saved" -ne 2 ] || exit 2
    "$POLYGRAPH" compare "${flags[@]}" "${compares[@]}" "${reports[@]}" "${differences[@]}" "--base-ref=$INPUT_BASE_REF" -- "${paths[@]}" || status=$?
  else
    [ -z "${INPUT_BASE_RUN:-}" ] || printf '::notice title=Polygraph::%s\n' "There is no baseline at $INPUT_BASE_RUN yet: everything counts."
    "$POLYGRAPH" check "${flags[@]}" "${checks[@]}" "${reports[@]}" "${saves[@]}" -- "${paths[@]}" || status=$?
  fi
}

# comment writes the comment or puts it in the place of the one it wrote before.
# A pull request from a fork has a token that may only read: then the job summary
# is all there is, and that is no failure.
comment() {
  [ "${INPUT_COMMENT:-true}" = true ] || return 0
  [[ "${GITHUB_REF:-}" =~ ^refs/pull/([0-9]+)/ ]] || return 0
  local number=${BASH_REMATCH[1]} mine
  command -v gh >/dev/null || { echo "::notice title=Polygraph::no comment: there is no gh on this runner"; return 0; }
  # Only what the bot wrote: anybody can start a comment with the marker.
  if ! mine=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$number/comments" \
    --jq '.[] | select(.user.type == "Bot" and (.body | startswith("<!-- polygraph -->"))) | .id'); then
    echo "::notice title=Polygraph::no comment: the token may not read comments; see the job summary"
    return 0
  fi
  mine=$(head -n 1 <<<"$mine")
  local where="repos/$GITHUB_REPOSITORY/issues/$number/comments" method=POST
  if [ -n "$mine" ]; then where="repos/$GITHUB_REPOSITORY/issues/comments/$mine" method=PATCH; fi
  gh api --silent --method "$method" "$where" -F "body=@$out/comment.md" ||
    echo "::notice title=Polygraph::no comment: the token may not write comments (a pull request from a fork); see the job summary"
}

out=${INPUT_OUT:-polygraph-report}
build
arguments
examine
if [ -s "$out/comment.md" ]; then
  [ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$out/comment.md" >>"$GITHUB_STEP_SUMMARY"
  comment
fi
output status "$status"
output run "$out/run.jsonl"
output sarif "$out/polygraph.sarif"
output html "$out/polygraph.html"
output markdown "$out/comment.md"
exit "$status"
