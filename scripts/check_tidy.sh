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
build=$(cd "$build" && pwd)
files=("$@")
[ $# -gt 0 ] || mapfile -t files < <(sed -n 's/^ *"file": "\(.*\.cc\)".*/\1/p' "$commands" |
  grep "^$root/" | grep -v -e "^$build/" -e '_test\.cc$' -e "^$root/tests/" | sort -u)
[ ${#files[@]} -gt 0 ] || die "no C++ file found"

# The commands are GCC's: clang cannot read its precompiled headers, and may lack the headers of its sanitizers.
commands_for_clang=$(mktemp -d)
trap 'rm -rf "$commands_for_clang"' EXIT
sed -E 's/ -Winvalid-pch -include [^ ]*cmake_pch\.hxx//; s/ -fsanitize=[^ ]*//; s/ -Wno-maybe-uninitialized//' "$commands" >"$commands_for_clang/compile_commands.json"

# check_one FILE: silent when the file is fine.
check_one() {
  local output
  output=$(clang-tidy --quiet --config-file="$root/.clang-tidy" -p "$commands_for_clang" "$1" 2>&1) && return 0
  printf '%s\n' "$output" | grep -v 'warnings\? generated\.$'
  return 1
}
export -f check_one
export root commands_for_clang
step "clang-tidy over ${#files[@]} files"
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'check_one "$1"' check_one || die "clang-tidy found the above"
step "clang-tidy found nothing"
