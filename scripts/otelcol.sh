#!/bin/bash
# An OpenTelemetry Collector that writes the spans it gets to a file: the one in third_party/bin, which the first call builds from
# tests/e2e/otelcol (some minutes). Exit status 3 without a Go that is new enough, which Debian 12's is not.
#   scripts/otelcol.sh --config FILE
set -euo pipefail
. "$(dirname "$0")/lib.sh"

version=v0.161.0
binary=$root/third_party/bin/otelcol-$version
if ! [ -x "$binary" ]; then
  minor=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  if [ "${minor:-0}" -lt 25 ]; then
    echo "the OpenTelemetry Collector needs Go 1.25 or newer" >&2
    exit 3
  fi
  mkdir -p "$root/third_party/bin"
  work=$(mktemp -d "$root/third_party/.otelcol.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cp "$root/tests/e2e/otelcol/main.go" "$work/"
  cd "$work"
  quietly "preparing the collector $version" go mod init otelcol
  quietly "fetching the collector $version" go get "go.opentelemetry.io/collector/otelcol@$version" \
    "go.opentelemetry.io/collector/receiver/otlpreceiver@$version" \
    "go.opentelemetry.io/collector/service/telemetry/otelconftelemetry@$version" \
    "github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter@$version"
  quietly "resolving the collector's modules" go mod tidy
  quietly "building the collector $version" go build -buildvcs=false -o "$binary.new" .
  mv "$binary.new" "$binary"
  rm -rf "$work"
fi
exec "$binary" "$@"
