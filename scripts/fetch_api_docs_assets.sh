#!/bin/bash
# Fetches what the pages /docs and /redoc are made of into third_party/api_docs: Swagger UI and Redoc out of the Python package
# `drf-spectacular-sidecar`, by version, with pinned SHA-256, compressed as the gateway serves them, and their licences. pip downloads
# it, so PIP_INDEX_URL, PIP_CERT and pip's other settings choose where from. Does nothing when they are there already.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

swagger_ui=5.33.1
redoc=2.5.4
requirement="drf-spectacular-sidecar==2026.10.1 --hash=sha256:fe1d005d8ac9b5d0472f2fe5deeb2e7d6dcffaa24118044f22578b4b8c4b31f2"
target=$root/third_party/api_docs
what="Swagger UI $swagger_ui and Redoc $redoc"

if [ "$(cat "$target/.fetched" 2>/dev/null)" = "$requirement" ]; then
  step "$what are in third_party/api_docs"
  exit 0
fi
command -v unzip >/dev/null || die "unzip is missing; run scripts/setup.sh"

mkdir -p "$root/third_party"
work=$(mktemp -d "$root/third_party/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
pip=(python3 -m pip)
if ! "${pip[@]}" --version >/dev/null 2>&1; then
  python3 -m venv "$work/venv" || die "neither pip nor python3-venv is installed; run scripts/setup.sh"
  pip=("$work/venv/bin/python" -m pip)
fi
echo "$requirement" >"$work/requirements.txt"
quietly "downloading $what (2.7 MB)" "${pip[@]}" download --disable-pip-version-check --no-cache-dir --no-deps --require-hashes \
  --only-binary=:all: --dest "$work" --requirement "$work/requirements.txt"

package=drf_spectacular_sidecar/static/drf_spectacular_sidecar
unzip -q "$work"/drf_spectacular_sidecar-*.whl "$package/swagger-ui-dist/*" "$package/redoc/*" -d "$work"
assets=$work/assets
mkdir -p "$assets/licenses"
for file in swagger-ui-dist/swagger-ui-bundle.js swagger-ui-dist/swagger-ui.css redoc/bundles/redoc.standalone.js; do
  # Out go the map for debuggers that the last line names, and a logo that would come from its maker's server: neither is served.
  sed -E -e '${ s@^//# sourceMappingURL=.*@@; s@/\*# sourceMappingURL=[^*]*\*/$@@ }' -e 's@"https://cdn\.redoc\.ly/[^"]*"@"data:,"@g' "$work/$package/$file" | gzip -9 --no-name >"$assets/${file##*/}.gz"
done
cp "$work/$package/swagger-ui-dist/LICENSE" "$assets/licenses/swagger-ui.txt"
cp "$work/$package/redoc/LICENSE" "$assets/licenses/redoc.txt"
cp "$work/$package/redoc/bundles/redoc.standalone.js.LICENSE.txt" "$assets/licenses/redoc-third-party.txt"
grep -qF "\"$swagger_ui\"" "$work/$package/swagger-ui-dist/swagger-ui-bundle.js" || die "the package does not have Swagger UI $swagger_ui"
grep -qF "Version: \"$redoc\"" "$assets/licenses/redoc-third-party.txt" || die "the package does not have Redoc $redoc"

! zcat "$assets"/*.gz | grep -q '//cdn\.' || die "the package loads something from elsewhere"
echo "$requirement" >"$assets/.fetched"
rm -rf "$target"
mv "$assets" "$target"
step "$what are in third_party/api_docs ($(du -sk "$target" | cut -f 1) KB)"
