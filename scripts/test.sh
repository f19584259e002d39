#!/bin/bash
# From a bare Debian 12 to every test: installs what is missing, builds the presets dev (address and undefined-behaviour sanitizers),
# tsan (thread sanitizer, without LibTorch) and release, and runs the checks, the unit and integration tests, the tests of the Python
# tools, and the end-to-end tests of the release programs. Ends with a table and a line `N passed, N failed`.
#   scripts/test.sh [SUITE…]       suites: format layering dev tsan fuzz tidy tools e2e (all)
# The container images have a test of their own, scripts/test_images.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/results.sh"

all=(format layering dev tsan fuzz tidy tools e2e)
suites=("${@:-${all[@]}}")
[ $# -gt 0 ] || suites=("${all[@]}")
for suite in "${suites[@]}"; do
  [[ " ${all[*]} " == *" $suite "* ]] || die "unknown suite $suite; there are: ${all[*]}"
done
wanted() { [[ " ${suites[*]} " == *" $1 "* ]]; }
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-1000} # tests of bundles share the processors: docs/operations.md
jobs=${VERDICT_JOBS:-$(nproc)}

"$root/scripts/setup.sh" --tests

# build_preset PRESET [TARGET…]
build_preset() { configure "$1" && build "$@"; }
# run_ctest PRESET: one line a test; the output of those that fail.
run_ctest() {
  junit "$1 tests" "$reports/$1.xml" ctest --preset "$1" -j "$jobs" --output-junit "$reports/$1.xml"
}
run_pytest() {
  local suite=$1 folder=$2
  junit "$suite" "$reports/${suite// /-}.xml" \
    "$python" -B -m pytest --quiet --junit-xml="$reports/${suite// /-}.xml" -c "$root/tests/e2e/pytest.ini" --rootdir="$folder" "$folder"
}

cd "$root"
if wanted format; then check "format" scripts/check_format.sh || true; fi
if wanted layering; then check "layering" python3 -B tests/layering/layering_test.py || true; fi
for preset in dev tsan; do
  if wanted $preset && check "$preset build" build_preset $preset; then run_ctest $preset; fi
done
# All known inputs, and new ones for a few seconds: a minute each takes as long as all the rest. VERDICT_FUZZ_SECONDS=60 is what a
# nightly run sets.
if wanted fuzz; then
  junit "fuzz" "$reports/fuzz.xml" scripts/fuzz.sh -t "${VERDICT_FUZZ_SECONDS:-15}" -r "$reports/fuzz.xml"
fi
if wanted tidy; then
  if [ -e build/dev/compile_commands.json ] || check "dev build" build_preset dev; then
    check "tidy" scripts/check_tidy.sh -p build/dev || true
  fi
  check "the checks find what they are for" python3 -B tests/layering/style_checks_test.py || true
fi
if wanted tools || wanted e2e; then
  scripts/test_venv.sh
  python=$root/build/venv/bin/python
fi
if wanted tools; then
  # The exporter's and the trainer's own tests need torch and transformers; they run where tools/golden/README.md has been followed.
  if [ -x build/tools/bin/python ]; then
    quietly "installing pytest beside transformers" build/tools/bin/python -m pip install --disable-pip-version-check --quiet pytest
    python=$root/build/tools/bin/python
  fi
  run_pytest "tools" tools
  python=$root/build/venv/bin/python
  run_pytest "comparison with the reference" bench/reference
  run_pytest "comparison with other engines" bench/compare
  run_pytest "comparison with another gateway" bench/gateway
  run_pytest "comparison under overload" bench/overload
fi
build_release() {
  configure release -DVERDICT_BENCH=ON && build release verdict-service verdict-gateway engine_bench kernels_benchmark gateway_bench_service
}
if wanted e2e && check "release build" build_release; then
  run_pytest "end to end" tests/e2e
fi

print_results
