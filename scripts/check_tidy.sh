#!/bin/bash
# Checks C++ files with clang-tidy and .clang-tidy; prints what it finds and fails.
#   scripts/check_tidy.sh [-p BUILD_DIR] [FILE…]
# BUILD_DIR (build/dev) is a built tree: its compile_commands.json says how each file is compiled, and it holds the generated headers.
# Without files: every .cc file of ours that BUILD_DIR compiles, but tests.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
build=$root/build/dev
if [ "${1:-}" = -p ]; then
  build=${2:?-p needs a build directory}
  shift 2
fi
commands=$build/compile_commands.json
[ -e "$commands" ] || die "$commands does not exist; build first: cmake --preset dev && cmake --build --preset dev"
files=("$@")
[ $# -gt 0 ] || mapfile -t files < <(sed -n 's/^ *"file": "\(.*\.cc\)".*/\1/p' "$commands" |
  grep "^$root/" | grep -v -e "^$build/" -e '_test\.cc$' -e "^$root/tests/" | sort -u)
[ ${#files[@]} -gt 0 ] || die "no C++ file found"

# check_one FILE: silent when the file is fine.
check_one() {
  local output
  output=$(clang-tidy --quiet --config-file="$root/.clang-tidy" -p "$build" "$1" 2>&1) && return 0
  printf '%s\n' "$output" | grep -v 'warnings\? generated\.$'
  return 1
}
export -f check_one
export root build
step "clang-tidy over ${#files[@]} files"
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'check_one "$1"' check_one || die "clang-tidy found the above"
step "clang-tidy found nothing"
