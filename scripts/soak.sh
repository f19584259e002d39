#!/bin/bash
# Runs `serve` for a while (120 minutes unless told otherwise) under good and hostile callers of every kind, samples memory,
# descriptors and threads of both processes, and fails when they grow or when a good request is not answered.
#   scripts/soak.sh [MINUTES] [--rate REQUESTS_PER_SECOND] [--model DIR] [--out FOLDER]
# Needs the release programs (scripts/run.sh builds them; VERDICT_BINARIES names others). Writes soak.csv, soak.svg, soak.md and
# soak.json into build/soak.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
minutes=120
case ${1:-} in '' | -*) ;; *) minutes=$1 && shift ;; esac
"$root/scripts/test_venv.sh"
step "soaking for $minutes minutes"
exec "$root/build/venv/bin/python" -B "$root/tests/e2e/soak.py" "$minutes" "$@"
