#!/bin/bash
# Builds both container images and tests them: sizes, contents, `serve` as platforms run it, SIGTERM under load, compose. Needs a
# running Docker engine and docker compose (or docker-compose). Ends with a table and a line `N passed, N failed`.
# Environment, passed on to the builds: BASE, APT_MIRROR, PIP_INDEX_URL, PIP_EXTRA_INDEX_URL.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/results.sh"

arguments=()
for name in BASE APT_MIRROR PIP_INDEX_URL PIP_EXTRA_INDEX_URL http_proxy https_proxy no_proxy; do
  [ -z "${!name:-}" ] || arguments+=(--build-arg "$name=${!name}")
done
# The builder of every Docker version; the network of this machine, whose mirrors may be reachable from here alone.
export DOCKER_BUILDKIT=${DOCKER_BUILDKIT:-0}
build_image() { quietly "docker build -f Dockerfile.$1" docker build --network=host "${arguments[@]}" --file "Dockerfile.$1" --tag "verdict-$1:local" .; }

cd "$root"
command -v docker >/dev/null && docker info >/dev/null 2>&1 || die "no Docker engine answers"
scripts/test_venv.sh
for image in service gateway; do
  check "$image image" build_image "$image" || die "without both images there is nothing to test"
  step "$(docker image inspect --format "verdict-$image: {{.Size}} bytes" "verdict-$image:local")"
done
junit "images" "$reports/images.xml" "$root/build/venv/bin/python" -B -m pytest --quiet --junit-xml="$reports/images.xml" \
  -c tests/e2e/pytest.ini --rootdir=tests/e2e tests/e2e/images
print_results
