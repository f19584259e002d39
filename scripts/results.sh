# Counts of test suites; sourced after lib.sh. VERDICT_RESULTS names the file they gather in, so that several scripts can share one.
results=${VERDICT_RESULTS:-$root/build/test-results/results.tsv}
reports=$(dirname "$results")
mkdir -p "$reports"
failures=$results.failures # a line each: suite, test, how it failed
[ -n "${VERDICT_RESULTS:-}" ] || rm -f "$results" "$failures"
touch "$results" "$failures"

# record SUITE PASSED FAILED SKIPPED SECONDS
record() {
  printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>"$results"
  step "$1: $2 passed, $3 failed$([ "$4" = 0 ] || echo ", $4 skipped")"
}

# check SUITE COMMAND…: a suite of one test, which the command's status decides. Returns whether it passed.
check() {
  local suite=$1 begin=$SECONDS
  shift
  step "$suite"
  if "$@"; then
    record "$suite" 1 0 0 $((SECONDS - begin))
  else
    record "$suite" 0 1 0 $((SECONDS - begin))
    return 1
  fi
}

# junit SUITE REPORT COMMAND…: a suite whose command writes REPORT in JUnit's format. Without a report, or with a bad exit status that
# no failed test explains, it counts as one more failure.
junit() {
  local suite=$1 report=$2 begin=$SECONDS status=0 counts
  shift 2
  rm -f "$report"
  step "$suite"
  "$@" || status=$?
  counts=$(python3 - "$report" "$status" "$suite" "$failures" <<'PYTHON'
import sys, xml.etree.ElementTree as xml
report, status, suite = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def failure(case):
    return next((found for tag in ("failure", "error") if (found := case.find(tag)) is not None), None)
def why_of(case):  # of a test that CTest ran, only its output tells
    said = failure(case).get("message") or failure(case).text or ""
    output = case.findtext("system-out") or ""
    return said if said not in ("", "Failed") else output[output.rfind("\n", 0, max(output.find(": Failure\n"), 0)) + 1:]
try:
    cases = list(xml.parse(report).getroot().iter("testcase"))
except (OSError, xml.ParseError):
    cases = []
broken = [case for case in cases if failure(case) is not None]
failed = len(broken)
with open(sys.argv[4], "a", encoding="utf-8") as file:
    for case in broken:
        why = " ".join(why_of(case).split())
        file.write(f"{suite}: {case.get('classname') or ''} {case.get('name')}: {why[:600]}\n")
skipped = sum(case.find("skipped") is not None or case.get("status") in ("notrun", "disabled") for case in cases)
passed = len(cases) - failed - skipped
if failed == 0 and (status != 0 or passed == 0):
    failed = 1
print(passed, failed, skipped)
PYTHON
  )
  # shellcheck disable=SC2086
  record "$suite" $counts $((SECONDS - begin))
}

# A script that ends before it has printed its results counts as a failure, and prints them all the same.
results_printed=no
on_exit() {
  local status=$?
  trap - EXIT
  [ "$results_printed" = yes ] || { record "${0##*/} stopped early" 0 1 0 $SECONDS && print_results || true; }
  exit "$status"
}
trap on_exit EXIT

# print_results: a table of the suites, a line for each failed test and, alone on the last line, the sum. Returns whether all passed.
print_results() {
  results_printed=yes
  awk -F '\t' -v failures="$failures" '
    BEGIN { printf "\n%-28s %7s %7s %8s %8s\n", "suite", "passed", "failed", "skipped", "seconds" }
    { printf "%-28s %7d %7d %8d %8d\n", $1, $2, $3, $4, $5; passed += $2; failed += $3 }
    END { while ((getline line <failures) > 0) print (listed++ ? "" : "\n") line
          printf "\n%d passed, %d failed\n", passed, failed; exit failed > 0 || passed == 0 }' "$results"
}
