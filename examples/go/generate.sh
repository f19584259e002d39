#!/bin/bash
# Makes the Go package verdictv1 from Verdict's protos, with the generators in the versions below. Needs go (1.19 or later) and protoc.
#   ./generate.sh
set -euo pipefail
cd "$(dirname "$0")"
proto=${PROTO:-../../proto}
tools=$PWD/.tools
GOBIN=$tools GOFLAGS=-buildvcs=false go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.33.0
GOBIN=$tools GOFLAGS=-buildvcs=false go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.3.0
# The protos name no Go packages, which are the caller's affair; google.rpc.Status comes with gRPC's own modules.
packages=Mverdict/v1/classifier.proto=verdict-example/verdictv1,Mgoogle/rpc/status.proto=google.golang.org/genproto/googleapis/rpc/status
PATH=$tools:$PATH protoc -I "$proto" \
  --go_out=. --go_opt=module=verdict-example,$packages \
  --go-grpc_out=. --go-grpc_opt=module=verdict-example,$packages \
  "$proto/verdict/v1/classifier.proto"
