#!/bin/bash
# Makes the Python modules of Verdict's protos in the folder stubs/.
#   ./generate.sh [STUBS]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
proto=$here/../../proto
stubs=${1:-$here/stubs}
mkdir -p "$stubs"
# google/rpc comes with googleapis-common-protos and is not generated again.
"${PYTHON:-python3}" -m grpc_tools.protoc -I "$proto" --python_out="$stubs" --grpc_python_out="$stubs" "$proto/verdict/v1/classifier.proto"
