#!/bin/bash
# Makes build/venv, the Python environment of the tests, from the pinned tests/e2e/requirements.txt. Quick when it is up to date.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with "$root/tests/e2e/requirements.txt" "$root/build/venv" "the tests' Python packages"
