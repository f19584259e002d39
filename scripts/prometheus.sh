#!/bin/bash
# A Prometheus, or promtool, for the tests and for looking at metrics by hand: Debian's, taken out of its package into third_party/bin by
# the first call. The package is not installed, because that would start a service on this machine.
#   scripts/prometheus.sh prometheus|promtool [ARGUMENT…]
set -euo pipefail
. "$(dirname "$0")/lib.sh"

program=${1:-}
case $program in
  prometheus | promtool) shift ;;
  *) die "name a program: prometheus or promtool; see the head of $0" ;;
esac

binary=$root/third_party/bin/$program
if ! [ -x "$binary" ]; then
  mkdir -p "$root/third_party/bin"
  work=$(mktemp -d "$root/third_party/.prometheus.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  chmod 755 "$work" # for apt's own user
  cd "$work"
  [ -n "$(apt-cache madison prometheus 2>/dev/null)" ] || quietly "apt-get update" as_root apt-get update
  quietly "fetching Prometheus" apt-get download prometheus
  dpkg-deb --extract prometheus_*.deb unpacked
  mv unpacked/usr/bin/promtool unpacked/usr/bin/prometheus "$root/third_party/bin/"
  cd "$root"
  rm -rf "$work"
fi
exec "$binary" "$@"
