#!/usr/bin/env bash
# run.sh inject|verify: runs the command on the site, with a summary on the page of the job and annotations.
set -euo pipefail
. "$ACTION_PATH/action/common.sh"

command=$1
flag "$command" "$INPUT_ENABLED" || exit 0
reports=$(mktemp -d "$RUNNER_TEMP/chathub.XXXXXX")
arguments=(--report "json=$reports/chathub.json")
if flag summary "$INPUT_SUMMARY"; then arguments+=(--report "markdown=$reports/summary"); fi
if flag annotations "$INPUT_ANNOTATIONS"; then arguments+=(--report "github=$reports/annotations"); fi

lines "$INPUT_CONFIG"
for file in ${LINES[@]+"${LINES[@]}"}; do arguments+=(--config "$file"); done
lines "$INPUT_ARGUMENTS"
arguments+=(${LINES[@]+"${LINES[@]}"})
if [ -n "$INPUT_SITE" ]; then arguments+=(-- "$INPUT_SITE"); fi

enter
# Lines of the report can have text of pages in them, which must not be a command of GitHub's.
word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
status=0
echo "::stop-commands::$word"
"$PROGRAM" "$command" "${arguments[@]}" || status=$?
printf '\n::%s::\n' "$word"

if [ -f "$reports/annotations" ]; then cat "$reports/annotations"; fi
if [ -f "$reports/summary" ]; then cat "$reports/summary" >>"$GITHUB_STEP_SUMMARY"; fi
if [ -f "$reports/chathub.json" ]; then output report "$reports/chathub.json"; fi
exit "$status"
