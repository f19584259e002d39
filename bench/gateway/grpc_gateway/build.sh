#!/bin/bash
# Builds the grpc-gateway of verdict.v1.Classifier: stubs from proto/ by the pinned plugins, then the program.
#   bench/gateway/grpc_gateway/build.sh OUT        OUT/grpc_gateway; OUT also holds what was generated. Needs Go 1.25 and protoc.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
cp "$here"/{go.mod,go.sum,main.go} "$out"
cd "$out"
export GOBIN=$out/bin GOFLAGS=-buildvcs=false
go install tool
module=$(go list -m)
classifier="Mverdict/v1/classifier.proto=$module/gen/verdict/v1;verdict"
status=Mgoogle/rpc/status.proto=google.golang.org/genproto/googleapis/rpc/status
outputs=()
for plugin in go go-grpc grpc-gateway; do
  outputs+=(--plugin="$out/bin/protoc-gen-$plugin" "--${plugin}_out=$out"
    "--${plugin}_opt=module=$module" "--${plugin}_opt=$classifier" "--${plugin}_opt=$status")
done
protoc -I "$root/proto" "${outputs[@]}" --grpc-gateway_opt="grpc_api_configuration=$here/mapping.yaml" verdict/v1/classifier.proto
go build -trimpath -ldflags=-s -o "$out/grpc_gateway" .
