#!/bin/bash
# Compares verdict-gateway with grpc-gateway over the same service. Builds grpc-gateway and installs what is missing into
# build/gateway-venv, then runs run.py with the given options (--help lists them). Needs wrk, protoc, Go 1.25, two cores without
# other work, and the release build of verdict-gateway and gateway_bench_service (-DVERDICT_BENCH=ON).
#   bench/gateway/run.sh --rounds 1 --seconds 2    a first look, two minutes
#   bench/gateway/run.sh --docs                    docs/gateway_performance.md and its picture, ten minutes
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"
venv=$root/build/gateway-venv
python_with "$root/bench/gateway/requirements.txt" "$venv" "what the tables take"
quietly "building grpc-gateway" "$root/bench/gateway/grpc_gateway/build.sh" "$root/build/bench/grpc_gateway"
exec "$venv/bin/python" -B "$root/bench/gateway/run.py" "$@"
