#!/bin/bash
# Makes build/venv, the Python environment of the tests, from the pinned tests/e2e/requirements.txt. Quick when it is up to date.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
venv=$root/build/venv
requirements=$root/tests/e2e/requirements.txt
cmp --silent "$requirements" "$venv/requirements.txt" && exit 0
rm -rf "$venv"
python3 -m venv "$venv"
quietly "installing the tests' Python packages" "$venv/bin/python" -m pip install --disable-pip-version-check --progress-bar=off --only-binary=:all: --requirement "$requirements"
cp "$requirements" "$venv/requirements.txt"
