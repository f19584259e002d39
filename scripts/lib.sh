# Shared by the scripts in this folder; sourced, never run. Sets `root`, the repository's root.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
started_at=$SECONDS

# step MESSAGE…: says what happens now, and how long the script has been running.
step() { printf '[%4d s] %s\n' "$((SECONDS - started_at))" "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# as_root COMMAND…: runs the command as root, through sudo where needed.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "this needs root and there is no sudo: $*"
  fi
}

# quietly MESSAGE COMMAND…: announces MESSAGE, runs the command with its output kept aside, says every ten seconds that it is still
# running, and shows the output only when it fails. Returns the command's status.
quietly() {
  local message=$1 log status pid ticker
  shift
  step "$message"
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  (while sleep 10; do step "… $(tail -c 500 "$log" | tr '\r' '\n' | grep -a '[^ ]' | tail -n 1 | cut -c -110)"; done) &
  ticker=$!
  wait "$pid" && status=0 || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  [ "$status" = 0 ] || cat "$log" >&2
  rm -f "$log"
  return "$status"
}

# python_with REQUIREMENTS VENV WHAT: makes the virtual environment VENV from a file of pinned packages; quick when it is up to date.
python_with() {
  cmp --silent "$1" "$2/requirements.txt" && return 0
  rm -rf "$2"
  python3 -m venv "$2"
  quietly "installing $3" "$2/bin/python" -m pip install --disable-pip-version-check --progress-bar=off --only-binary=:all: --requirement "$1"
  cp "$1" "$2/requirements.txt"
}

# need_go: the Go on the PATH, else Debian's, which it installs.
need_go() {
  command -v go >/dev/null && return 0
  quietly "apt-get update" as_root apt-get update
  quietly "installing Go" as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends golang-go
}

# torch_is_chosen: whether the caller brings a LibTorch (VERDICT_TORCH_DIR, or a torch below CMAKE_PREFIX_PATH).
torch_is_chosen() {
  [ -n "${VERDICT_TORCH_DIR:-}" ] && return 0
  local prefix
  local IFS=':;'
  for prefix in ${CMAKE_PREFIX_PATH:-}; do
    for place in "$prefix" "$prefix/torch" "$prefix/../../.." "$prefix/.."; do
      [ -e "$place/lib/libtorch_cpu.so" ] && return 0
    done
  done
  return 1
}

# configure PRESET [OPTION…]: cmake --preset, with the LibTorch that the environment names.
configure() {
  local preset=$1
  shift
  [ -n "${VERDICT_TORCH_DIR:-}" ] && set -- "$@" "-DVERDICT_TORCH_DIR=$VERDICT_TORCH_DIR"
  [ -n "${CMAKE_PREFIX_PATH:-}" ] && set -- "$@" "-DCMAKE_PREFIX_PATH=${CMAKE_PREFIX_PATH//:/;}"
  (cd "$root" && quietly "configuring the $preset build" cmake --preset "$preset" "$@")
}

# build PRESET [TARGET…]: compiles, with ninja's own progress on the screen.
build() {
  local preset=$1
  shift
  step "building $preset${*:+: $*}"
  (cd "$root" && cmake --build --preset "$preset" -j "${VERDICT_JOBS:-$(nproc)}" ${*:+--target "$@"})
}
