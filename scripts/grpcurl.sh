#!/bin/bash
# grpcurl: the one on the PATH, else the one in third_party/bin, which the first call builds (installing Debian's Go for it).
#   scripts/grpcurl.sh -plaintext 127.0.0.1:50051 list
set -euo pipefail
. "$(dirname "$0")/lib.sh"

version=v1.9.1 # the newest that Debian 12's Go builds
binary=$(command -v grpcurl || echo "$root/third_party/bin/grpcurl")
if ! [ -x "$binary" ]; then
  need_go
  mkdir -p "$root/third_party"
  work=$(mktemp -d "$root/third_party/.grpcurl.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  quietly "building grpcurl $version" env GOPATH="$work/path" GOCACHE="$work/cache" GOBIN="$work" GOFLAGS="-modcacherw -buildvcs=false" \
    go install "github.com/fullstorydev/grpcurl/cmd/grpcurl@$version"
  mkdir -p "$(dirname "$binary")"
  mv "$work/grpcurl" "$binary"
  rm -rf "$work"
fi
exec "$binary" "$@"
