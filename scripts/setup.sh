#!/bin/bash
# Installs what Verdict needs on Debian 12, and fetches LibTorch and the assets of the pages /docs and /redoc. Quick when everything is there.
#   scripts/setup.sh [--tests] [--packages-only]
# Without options: what building and running takes. --tests: also what scripts/test.sh takes. --packages-only: nothing is fetched.
# Needs root or sudo only while a package is missing.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

build_packages=(
  g++ cmake ninja-build pkg-config ccache mold
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libabsl-dev
  libboost1.81-dev libboost-json1.81-dev libboost-filesystem1.81-dev
  libcli11-dev libxxhash-dev libssl-dev
)
# What the scripts themselves call: to fetch LibTorch and the assets, and to ask the running gateway.
script_packages=(ca-certificates curl git python3 python3-pip unzip)
test_packages=(libgtest-dev libgmock-dev clang-format clang-tidy clang-14 libclang-rt-14-dev python3-venv libbenchmark-dev wrk chromium fonts-dejavu-core haproxy)

packages=("${build_packages[@]}" "${script_packages[@]}")
fetch=yes
tests=no
for argument in "$@"; do
  case $argument in
    --tests) tests=yes packages+=("${test_packages[@]}") ;;
    --packages-only) fetch=no ;;
    *) die "unknown option $argument; see the head of $0" ;;
  esac
done

installed() { dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^installed //p'; }
missing() { comm -13 <(installed | sort -u) <(printf '%s\n' "${packages[@]}" | sort -u); }

mapfile -t to_install < <(missing)
if [ ${#to_install[@]} = 0 ]; then
  step "all Debian packages are installed"
else
  command -v apt-get >/dev/null || die "this script installs Debian 12's packages; elsewhere install by hand: ${to_install[*]}"
  quietly "apt-get update" as_root apt-get update
  quietly "installing ${#to_install[@]} Debian packages (and what they need)" \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${to_install[@]}"
fi

if [ "$fetch" = yes ]; then
  "$root/scripts/fetch_libtorch.sh"
  "$root/scripts/fetch_api_docs_assets.sh"
fi
if [ "$tests" = yes ]; then
  "$root/scripts/grpcurl.sh" -version
  "$root/scripts/prometheus.sh" promtool --version
  need_go # for examples/go
fi
