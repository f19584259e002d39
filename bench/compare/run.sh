#!/bin/bash
# Compares Verdict with the engines that people run on a CPU, on the same texts in one run. Installs what is missing into
# build/bench-venv, then runs compare.py with the given options (--help lists them). Needs the release build of both programs.
#   bench/compare/run.sh --quick              some minutes, one model
#   bench/compare/run.sh --docs               everything (hours), and docs/performance_tables.md
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"
venv=$root/build/bench-venv
requirements=$root/bench/compare/requirements.txt
if ! cmp --silent "$requirements" "$venv/requirements.txt"; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  quietly "installing the peers" "$venv/bin/python" -m pip install --disable-pip-version-check --progress-bar=off \
    --only-binary=:all: --requirement "$requirements"
  cp "$requirements" "$venv/requirements.txt"
fi
export HF_HUB_OFFLINE=1 # every model is a local directory
exec "$venv/bin/python" -B "$root/bench/compare/compare.py" "$@"
