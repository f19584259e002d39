#!/bin/bash
# Lists what an image of Verdict holds, as CycloneDX 1.5 in JSON: our programs, every shared library they load with Debian's package, version
# and licence, what was compiled in from headers, the certificates and the assets of the pages. Models are not in images, and not in the list.
#   scripts/sbom.sh OUT.json [FILE…]
# FILE: programs and libraries of ours (default: build/release/bin/verdict-service and verdict-gateway). For Debian 12, where they were built.
# The same files give the same list, byte by byte.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
[ $# -ge 1 ] || die "usage: scripts/sbom.sh OUT.json [FILE…]"
out=$1
shift
[ $# -gt 0 ] || set -- "$root/build/release/bin/verdict-service" "$root/build/release/bin/verdict-gateway"
LD_LIBRARY_PATH=$root/third_party/libtorch/lib python3 -B "$root/tools/sbom.py" "$out" "$@"
