#!/bin/bash
# Compares Verdict with the engines that people run on a CPU, on the same texts in one run. Installs what is missing into
# build/bench-venv, then runs compare.py with the given options (--help lists them). Needs the release build of both programs.
#   bench/compare/run.sh --quick              some minutes, one model
#   bench/compare/run.sh --docs               everything (hours), and docs/performance_tables.md
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"
venv=$root/build/bench-venv
python_with "$root/bench/compare/requirements.txt" "$venv" "the peers"
export HF_HUB_OFFLINE=1 # every model is a local directory
exec "$venv/bin/python" -B "$root/bench/compare/compare.py" "$@"
