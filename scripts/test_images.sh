#!/bin/bash
# Builds the container images (verdict-service, verdict-torchscript, verdict-gateway) and tests them: sizes, contents, `serve` as
# platforms run it, SIGTERM under load, compose. Needs a running Docker engine and docker compose (or docker-compose). Ends with a
# table and a line `N passed, N failed`.
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
# build_image IMAGE FILE [OPTION…]
build_image() {
  local image=$1 file=$2
  shift 2
  quietly "docker build -f $file $*" docker build --network=host "${arguments[@]}" --file "$file" "$@" --tag "verdict-$image:local" .
}
# Without a target, Dockerfile.service builds the same image as with the target service.
service_is_the_default() {
  local image what='{{json .RootFS.Layers}} {{json .Config}}'
  image=$(docker build --quiet --network=host "${arguments[@]}" --file Dockerfile.service .)
  [ "$(docker image inspect --format "$what" "$image")" = "$(docker image inspect --format "$what" verdict-service:local)" ]
}

cd "$root"
command -v docker >/dev/null && docker info >/dev/null 2>&1 || die "no Docker engine answers"
scripts/test_venv.sh
check "service image" build_image service Dockerfile.service --target service &&
  check "torchscript image" build_image torchscript Dockerfile.service --target torchscript &&
  check "gateway image" build_image gateway Dockerfile.gateway || die "without all images there is nothing to test"
check "default image" service_is_the_default || true
for image in service torchscript gateway; do
  step "$(docker image inspect --format "verdict-$image: {{.Size}} bytes" "verdict-$image:local")"
done
junit "images" "$reports/images.xml" "$root/build/venv/bin/python" -B -m pytest --quiet --junit-xml="$reports/images.xml" \
  -c tests/e2e/pytest.ini --rootdir=tests/e2e tests/e2e/images
print_results
