#!/bin/bash
# Checks C++ files with clang-tidy and .clang-tidy; prints what it finds and fails.
#   scripts/check_tidy.sh [-p BUILD_DIR] [FILE…]
# BUILD_DIR (build/dev) is a built tree: its compile_commands.json says how each file is compiled, and it holds the generated headers.
# Without files: every .cc file of ours that BUILD_DIR compiles, but tests. Files that were found clean before, in any checkout, are
# not looked at again until something that they include changes (tidy_keys.py): VERDICT_TIDY_CACHE (~/.cache/verdict-tidy; empty: none).
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

cache=${VERDICT_TIDY_CACHE-${XDG_CACHE_HOME:-$HOME/.cache}/verdict-tidy}
if [ -n "$cache" ]; then
  mkdir -p "$cache"
  find "$cache" -type f -mtime +30 -delete
fi

# check_one KEY FILE: silent when the file is fine.
check_one() {
  local output
  if output=$(clang-tidy --quiet --config-file="$root/.clang-tidy" -p "$commands_for_clang" "$2" 2>&1); then
    [ -z "$cache" ] || [ "$1" = - ] || : >"$cache/$1"
    return 0
  fi
  printf '%s\n' "$output" | grep -v 'warnings\? generated\.$'
  return 1
}
export -f check_one
export root cache commands_for_clang

version=$(clang-tidy --version | tr -d '\n')
mapfile -t keyed < <(python3 -B "$root/scripts/tidy_keys.py" "$root" "$build" "$root/.clang-tidy" "$version" "${files[@]}")
unknown=()
for line in "${keyed[@]}"; do
  IFS=$'\t' read -r key file <<<"$line"
  if [ -n "$cache" ] && [ -e "$cache/$key" ]; then
    touch "$cache/$key"
  else
    unknown+=("$key" "$file")
  fi
done
step "clang-tidy over ${#files[@]} files, $((${#unknown[@]} / 2)) of them new or changed"
[ ${#unknown[@]} = 0 ] ||
  printf '%s\0' "${unknown[@]}" | xargs -0 -n 2 -P "$(nproc)" bash -c 'check_one "$@"' check_one || die "clang-tidy found the above"
step "clang-tidy found nothing"
