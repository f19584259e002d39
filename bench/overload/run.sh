#!/bin/bash
# Loads Verdict and its peers with 1, 2, 5 and 10 times what each can do. Installs what is missing into build/overload-venv, then runs
# run.py with the given options (--help lists them). Needs the release build of both programs, and processors without other work.
#   bench/overload/run.sh --seconds 5 --servers http    a first look
#   bench/overload/run.sh --docs                        the table and the picture of docs/reliability.md, ten minutes
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"
venv=$root/build/overload-venv
requirements=$root/bench/overload/requirements.txt
if ! cmp --silent "$requirements" "$venv/requirements.txt"; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  quietly "installing the peers" "$venv/bin/python" -m pip install --disable-pip-version-check --progress-bar=off \
    --only-binary=:all: --requirement "$requirements"
  cp "$requirements" "$venv/requirements.txt"
fi
exec "$venv/bin/python" -B "$root/bench/overload/run.py" "$@"
