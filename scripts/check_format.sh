#!/bin/bash
# Checks that C++ files are formatted as .clang-format says, with Debian 12's clang-format; names each difference and fails.
#   scripts/check_format.sh [FILE…]        without files: all that git tracks. To repair: clang-format -i FILE…
set -euo pipefail
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || mapfile -t files < <(cd "$root" && git ls-files '*.h' '*.cc' | while read -r file; do [ ! -e "$file" ] || echo "$root/$file"; done)
[ $# = 0 ] || files=("$@")
[ ${#files[@]} -gt 0 ] || die "no C++ file found"
printf '%s\0' "${files[@]}" | xargs -0 -n 8 -P "$(nproc)" clang-format --style="file:$root/.clang-format" --dry-run -Werror
step "${#files[@]} files are formatted as .clang-format says"
