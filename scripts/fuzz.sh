#!/bin/bash
# Builds the fuzz targets (clang, libFuzzer, address and undefined-behaviour sanitizers) and runs them: all inputs that are known, then
# new ones for a while. Ends with a table; fails when there is a finding. docs/fuzzing.md says what to do with one.
#   scripts/fuzz.sh [-t SECONDS] [-j JOBS] [-r REPORT] [TARGET…]
# -t: seconds of new inputs for each target (60); 0: only the known ones. -j: targets at the same time (VERDICT_JOBS, else one a
# processor). -r: a file for the results in JUnit's format. What was learnt stays in build/fuzz/corpus, findings go to build/fuzz/findings.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

seconds=60
jobs=${VERDICT_JOBS:-$(nproc)}
report=
while getopts t:j:r: option; do
  case $option in
    t) seconds=$OPTARG ;;
    j) jobs=$OPTARG ;;
    r) report=$OPTARG ;;
    *) die "see the head of $0" ;;
  esac
done
shift $((OPTIND - 1))
[[ $seconds =~ ^[0-9]+$ && $jobs =~ ^[1-9][0-9]*$ ]] || die "-t and -j take numbers"

command -v clang++-14 >/dev/null || die "clang++-14 is missing; run scripts/setup.sh --tests"
mapfile -t all < <(sed -n 's/^verdict_fuzz_target(\([a-z0-9_]*\) .*/\1/p' "$root/tests/fuzz/CMakeLists.txt")
targets=("${@:-${all[@]}}")
[ $# -gt 0 ] || targets=("${all[@]}")
for target in "${targets[@]}"; do
  [[ " ${all[*]} " == *" $target "* ]] || die "unknown target $target; there are: ${all[*]}"
done

configure fuzz
build fuzz "${targets[@]/#/fuzz_}"
work=$root/build/fuzz
export work root seconds
python3 -B "$root/tests/fuzz/seeds.py" "$work/seeds"

# What ends an input: 10 s (a few milliseconds are usual; sanitizers cost a factor of ten), 1 GiB at once, 3 GiB in all.
export limits="-timeout=10 -malloc_limit_mb=1024 -rss_limit_mb=3072 -max_len=16384 -print_final_stats=1"
export UBSAN_OPTIONS=print_stacktrace=1
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm # some targets read files

# run_target TARGET: leaves its log, and a line of the table, in build/fuzz/logs.
run_target() {
  local target=$1 status=0 found=0
  local log=$work/logs/$target.log learnt=$work/corpus/$target findings=$work/findings/$target
  mkdir -p "$learnt" "$findings"
  local known=("$learnt" "$work/seeds/$target" "$findings") how=(-runs=0)
  [ "$seconds" = 0 ] || how=("-max_total_time=$seconds")
  [ ! -d "$root/tests/fuzz/corpus/$target" ] || known+=("$root/tests/fuzz/corpus/$target")
  [ ! -e "$root/tests/fuzz/$target.dict" ] || how+=("-dict=$root/tests/fuzz/$target.dict")
  # shellcheck disable=SC2086
  "$work/bin/fuzz_$target" $limits "${how[@]}" "-artifact_prefix=$findings/" "${known[@]}" >"$log" 2>&1 || status=$?
  if [ "$status" = 0 ]; then
    find "$findings" -type f ! -name '*.smaller' -exec mv -t "$learnt" {} + # earlier ones, which are repaired
    rm -f "$findings"/*.smaller
  else
    found=$(find "$findings" -type f ! -name '*.smaller' | wc -l)
    [ "$found" != 0 ] || found=1 # it did not even begin
    minimise "$target" "$findings" >>"$log" 2>&1 || true
  fi
  awk -v target="$target" -v found="$found" '
    /stat::number_of_executed_units/ && !executed { executed = $2 }
    /stat::average_exec_per_sec/ && !rate { rate = $2 }
    / cov: / { for (i = 1; i < NF; ++i) { if ($i == "cov:") cover = $(i + 1); if ($i == "corp:") corpus = $(i + 1) } }
    END { sub("/.*", "", corpus); printf "%s\t%d\t%d\t%d\t%d\t%d\n", target, executed, rate, cover, corpus, found }' \
    "$log" >"$work/logs/$target.tsv"
  step "$target: $(cut -f 2 "$work/logs/$target.tsv") inputs$([ "$status" = 0 ] || echo ", a finding: $log")"
}

# minimise TARGET FOLDER: makes each finding that ends the program smaller, beside it.
minimise() {
  local finding
  for finding in "$2"/crash-*; do
    case $finding in *.smaller) continue ;; esac
    [ ! -e "$finding" ] || [ -e "$finding.smaller" ] ||
      "$work/bin/fuzz_$1" -minimize_crash=1 -max_total_time=30 -exact_artifact_path="$finding.smaller" "$finding"
  done
}
export -f run_target minimise step
export started_at

mkdir -p "$work/logs"
rm -f "$work"/logs/*
step "running ${#targets[@]} targets, $jobs at a time, $seconds s each"
printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "$jobs" bash -c 'run_target "$@"' run_target_of 2>&1 || true

status=0
printf '\n%-18s %12s %9s %9s %7s %9s\n' target executions exec/s coverage corpus findings
for target in "${targets[@]}"; do
  IFS=$'\t' read -r name executed rate cover corpus found <"$work/logs/$target.tsv" || { found=1 name=$target executed=0; }
  printf '%-18s %12d %9d %9d %7d %9d\n' "$name" "$executed" "${rate:-0}" "${cover:-0}" "${corpus:-0}" "$found"
  if [ "$found" != 0 ]; then
    status=1
    grep -a -m 1 -e 'does not hold' -e 'ERROR: ' -e 'runtime error' "$work/logs/$target.log" || true
  fi
done
if [ -n "$report" ]; then
  awk -F '\t' '
    BEGIN { print "<testsuite name=\"fuzz\">" }
    { printf "<testcase name=\"%s\">", $1
      if ($6) {
        log_file = FILENAME
        sub(/tsv$/, "log", log_file)
        printf "<failure><![CDATA["
        while ((getline line <log_file) > 0) if (line ~ /does not hold|ERROR: |runtime error|SUMMARY: |Base64: |artifact_prefix/ && line !~ /]]>/) print line
        printf "]]></failure>"
      }
      print "</testcase>" }
    END { print "</testsuite>" }' "$work"/logs/*.tsv >"$report"
fi
exit $status
