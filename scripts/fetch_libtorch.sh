#!/bin/bash
# Fetches LibTorch for a CPU into third_party/libtorch: the C++ headers and libraries out of the Python package `torch`, by version,
# with pinned SHA-256. pip downloads it, so PIP_INDEX_URL, PIP_CERT and pip's other settings choose where from.
# Does nothing when it is there already, or when VERDICT_TORCH_DIR or CMAKE_PREFIX_PATH names another LibTorch.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

version=2.15.0
# The default package's libtorch_cpu.so links its profiler against two CUDA libraries, of the minor version that the package's
# metadata asks for. They load on a machine without a GPU and find none.
requirements="\
torch==$version --hash=sha256:48c2d861134c0b5697c7602cb5ffa68f62a2989fdcd1717e593356f67996ca1e
nvidia-cuda-runtime==13.2.86 --hash=sha256:3498247680dfddce31bad102af7e3e26fc795342a3cac64722bb0fa95e7f60f0
nvidia-cuda-cupti==13.2.86 --hash=sha256:8fa29f15dd8336181f961764d9d95236fc6b931dd0c8fcf8cd70aab0c310b586"
target=$root/third_party/libtorch
marker=$target/.fetched

if torch_is_chosen; then
  step "LibTorch: using the one that VERDICT_TORCH_DIR or CMAKE_PREFIX_PATH names"
  exit 0
fi
if [ "$(cat "$marker" 2>/dev/null)" = "$requirements" ]; then
  step "LibTorch $version is in third_party/libtorch"
  exit 0
fi
[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] ||
  die "the pinned LibTorch is for Linux on x86-64; build one and set VERDICT_TORCH_DIR"
command -v unzip >/dev/null || die "unzip is missing; run scripts/setup.sh"

mkdir -p "$root/third_party"
work=$(mktemp -d "$root/third_party/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp" "$work/libtorch" "$work/libtorch/lib" "$work/libtorch/licenses"

pip=(python3 -m pip)
if ! "${pip[@]}" --version >/dev/null 2>&1; then
  python3 -m venv "$work/venv" || die "neither pip nor python3-venv is installed; run scripts/setup.sh"
  pip=("$work/venv/bin/python" -m pip)
fi
echo "$requirements" >"$work/requirements.txt"
(while sleep 5; do step "… $(du -sm "$work" | cut -f 1) of 555 MB"; done) &
ticker=$!
trap 'kill "$ticker" 2>/dev/null || true; rm -rf "$work"' EXIT
step "downloading LibTorch $version (555 MB)"
TMPDIR=$work/tmp "${pip[@]}" download --quiet --disable-pip-version-check --no-cache-dir --no-deps --require-hashes \
  --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 --abi none \
  --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 --platform manylinux2014_x86_64 \
  --dest "$work" --requirement "$work/requirements.txt"
kill "$ticker" 2>/dev/null || true

step "unpacking"
# Left out: the package's copy of protobuf's headers, which would shadow the system's, and the Python bindings'.
unzip -q "$work"/torch-*.whl 'torch/include/*' 'torch/lib/libtorch_cpu.so' 'torch/lib/libc10.so' 'torch/lib/libgomp*' \
  'torch-*.dist-info/licenses/*' -x 'torch/include/google/*' 'torch/include/pybind11/*' -d "$work"
unzip -qj "$work"/nvidia_cuda_runtime-*.whl '*/libcudart.so.*' -d "$work/libtorch/lib"
unzip -qj "$work"/nvidia_cuda_cupti-*.whl '*/libcupti.so.*' -d "$work/libtorch/lib"
unzip -qj "$work"/nvidia_cuda_runtime-*.whl '*/licenses/*' -d "$work/libtorch/licenses/cuda"
mv "$work/torch/include" "$work/libtorch/include"
mv "$work"/torch/lib/* "$work/libtorch/lib/"
mv "$work"/torch-*.dist-info/licenses "$work/libtorch/licenses/torch"

missing=$(ldd "$work/libtorch/lib/libtorch_cpu.so" | grep 'not found' || true)
[ -z "$missing" ] || die "LibTorch needs libraries that are not here:
$missing"
echo "$requirements" >"$work/libtorch/.fetched"
rm -rf "$target"
mv "$work/libtorch" "$target"
step "LibTorch $version is in third_party/libtorch ($(du -sm "$target" | cut -f 1) MB)"
