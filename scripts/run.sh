#!/bin/bash
# From a bare Debian 12 to a running Verdict: installs what is missing, builds the release preset, starts verdict-service and
# verdict-gateway on a model directory (models/demo unless named), waits until they answer, and runs until Ctrl-C.
#   scripts/run.sh [--http HOST:PORT] [--grpc HOST:PORT] [MODEL_DIR]
# Environment: VERDICT_HTTP_LISTEN (127.0.0.1:8080), VERDICT_GRPC_LISTEN (127.0.0.1:50051), VERDICT_MODEL_DIR, and every other
# VERDICT_* option of the two programs.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

http=${VERDICT_HTTP_LISTEN:-127.0.0.1:8080}
grpc=${VERDICT_GRPC_LISTEN:-127.0.0.1:50051}
model=${VERDICT_MODEL_DIR:-$root/models/demo}
while [ $# -gt 0 ]; do
  case $1 in
    --http) http=${2:?--http needs HOST:PORT} && shift 2 ;;
    --grpc) grpc=${2:?--grpc needs HOST:PORT} && shift 2 ;;
    -h | --help) sed -n '2,6p' "$0" | cut -c 3- && exit 0 ;;
    -*) die "unknown option $1; try --help" ;;
    *) model=$1 && shift ;;
  esac
done
[ -d "$model" ] || die "the model directory $model does not exist"
model=$(cd "$model" && pwd)

# reachable ADDRESS: the address to connect to for a listening address.
reachable() { sed -e 's/^0\.0\.0\.0:/127.0.0.1:/' -e 's/^\[::\]:/[::1]:/' <<<"$1"; }
# taken ADDRESS: whether something accepts connections there.
taken() {
  local address
  address=$(reachable "$1")
  (exec 3<>"/dev/tcp/${address%:*}/${address##*:}") 2>/dev/null
}
taken "$http" && die "something listens on $http already; stop it, or choose another address with --http HOST:PORT"
taken "$grpc" && die "something listens on $grpc already; stop it, or choose another address with --grpc HOST:PORT"

# Who names a bundle here means to run it.
[ ! -e "$model/model.pt" ] || export VERDICT_ALLOW_TORCHSCRIPT=true
# LibTorch is a large download that only TorchScript bundles need.
if [ -e "$model/model.pt" ] || [ -e "$root/third_party/libtorch" ] || torch_is_chosen; then
  "$root/scripts/setup.sh"
  configure release
else
  "$root/scripts/setup.sh" --packages-only
  "$root/scripts/fetch_api_docs_assets.sh"
  configure release -DVERDICT_TORCHSCRIPT=OFF
fi
build release verdict-service verdict-gateway

logs=$root/build/run
mkdir -p "$logs"
pids=()
finish() {
  trap - EXIT
  trap '' INT TERM
  [ ${#pids[@]} = 0 ] || kill -TERM "${pids[@]}" 2>/dev/null || true
  wait
  step "stopped"
}
trap finish EXIT
trap 'exit 0' INT TERM
# start NAME ARGUMENT…: in a session of its own, so that Ctrl-C reaches this script alone; it ends with this script in any case.
start() {
  local name=$1
  shift
  step "starting verdict-$name (log: build/run/$name.log)"
  setsid setpriv --pdeathsig TERM -- "$root/build/release/bin/verdict-$name" "$@" >"$logs/$name.log" 2>&1 </dev/null &
  pids+=($!)
}
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-1000} # for bundles: docs/operations.md
start service --model-dir="$model" --grpc-listen="$grpc"
start gateway --http-listen="$http" --service-address="$(reachable "$grpc")"

url=http://$(reachable "$http")
for ((tries = 0; ; ++tries)); do
  for i in 0 1; do
    if ! kill -0 "${pids[$i]}" 2>/dev/null; then
      tail -n 20 "$logs"/*.log >&2
      die "one of the two ended before it was ready; its log is above"
    fi
  done
  [ "$(curl --silent --max-time 2 --output /dev/null --write-out '%{http_code}' "$url/ping")" = 200 ] && break
  [ $tries -lt 600 ] || { tail -n 20 "$logs"/*.log >&2 && die "$url/ping did not answer 200 within a minute or two"; }
  sleep 0.1
done

grpcurl=scripts/grpcurl.sh
command -v grpcurl >/dev/null && grpcurl=grpcurl
text="I lost my card yesterday, can I get a new one?"
cat <<READY

Verdict is ready after $((SECONDS - started_at)) s: model $model, HTTP on $http, gRPC on $grpc. Try, in another terminal:

  curl -s $url/invocations -H 'Content-Type: application/json' -d '{"text":"$text"}'

  $grpcurl -plaintext -d '{"inputs":[{"text":"$text"}],"options":{"top_k":3}}' $(reachable "$grpc") verdict.v1.Classifier/Classify

Logs: build/run/*.log. Ctrl-C ends both.
READY

# Ends when one of the two does, or with Ctrl-C.
wait -n "${pids[@]}" && status=0 || status=$?
tail -n 5 "$logs"/*.log >&2
die "one of the two ended by itself (status $status); its log is above"
