#!/bin/bash
# Lays out the root file system of an image: programs and libraries of ours, the shared libraries they load, and nothing else but a user,
# certificates and the licences. For Debian 12, inside a build stage.
#   scripts/image_root.sh [--above ROOT] OUT FILE…
# OUT/libtorch holds LibTorch's share (large, seldom changed: a layer of its own), OUT/verdict the rest. Programs go to /usr/local/bin;
# libraries of ours (*.so) to /usr/local/lib, and LibTorch beside them, where a run path of $ORIGIN finds it.
# --above: for layers above an image whose root file system is ROOT; files that are there are left out here.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
above=
[ "${1:-}" != --above ] || { above=$2 && shift 2; }
[ $# -ge 2 ] || die "usage: scripts/image_root.sh [--above ROOT] OUT FILE…"
out=$1
shift
rest=$out/verdict
torch=$root/third_party/libtorch

mkdir -p "$rest"/{etc/ssl/certs,usr/{local/{bin,lib},lib/x86_64-linux-gnu,lib64,share/doc/verdict},tmp} "$out/libtorch/usr/local/lib"
chmod 1777 "$rest/tmp"
ln -s usr/lib "$rest/lib"
ln -s usr/lib64 "$rest/lib64"

installed=()
for file; do
  case $file in
    *.so) install --strip --mode=644 "$file" "$rest/usr/local/lib" && installed+=("$rest/usr/local/lib/${file##*/}") ;;
    *) install --strip "$file" "$rest/usr/local/bin" && installed+=("$rest/usr/local/bin/${file##*/}") ;;
  esac
done
libraries=$(LD_LIBRARY_PATH=$torch/lib ldd "$@" | awk '/not found/ { print "missing:" $1 } $2 == "=>" && $3 ~ /^\// { print $3 } /^\t\/lib64/ { print $1 }' | sort -u)
! grep -q '^missing:' <<<"$libraries" || die "$libraries"
for library in $libraries; do
  case $library in
    "$torch"/*) cp --dereference --preserve=timestamps "$library" "$out/libtorch/usr/local/lib" ;;
    /lib64/*) cp --dereference --preserve=timestamps "$library" "$rest/usr/lib64" ;;
    *)
      cp --dereference --preserve=timestamps "$library" "$rest/usr/lib/x86_64-linux-gnu"
      package=$(dpkg --search "*/${library##*/}" "$(realpath "$library")" 2>/dev/null | awk -F : 'NR == 1 { print $1 }' || true)
      [ -z "$package" ] || install -D --mode=644 "/usr/share/doc/$package/copyright" "$rest/usr/share/doc/$package/copyright"
      ;;
  esac
done

cp /etc/ssl/certs/ca-certificates.crt "$rest/etc/ssl/certs/"
cp "$root/LICENSE" "$rest/usr/share/doc/verdict/"
# Built into the gateway: the pages /docs and /redoc.
for file; do
  [ "${file##*/}" != verdict-gateway ] || cp --recursive --preserve=timestamps "$root/third_party/api_docs/licenses" "$rest/usr/share/doc/verdict/api_docs"
done
# The packages' licences name these instead of repeating them.
grep -rhoE '/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]' "$rest/usr/share/doc" | sort -u | while read -r licence; do
  [ ! -f "$licence" ] || install -D --mode=644 "$licence" "$rest$licence"
done
if [ -e "$out/libtorch/usr/local/lib/libtorch_cpu.so" ] && [ -d "$torch/licenses" ]; then
  mkdir -p "$out/libtorch/usr/share/doc"
  cp -r --preserve=timestamps "$torch/licenses" "$out/libtorch/usr/share/doc/libtorch"
fi
printf 'root:x:0:0:root:/:/sbin/nologin\nverdict:x:1001:1001:Verdict:/tmp:/sbin/nologin\n' >"$rest/etc/passwd"
printf 'root:x:0:\nverdict:x:1001:\n' >"$rest/etc/group"
printf 'hosts: files dns\n' >"$rest/etc/nsswitch.conf"
"$root/scripts/sbom.sh" "$rest/usr/share/doc/verdict/sbom${above:+-libtorch}.cdx.json" "${installed[@]}"
if [ -n "$above" ]; then
  (cd "$rest" && find . ! -type d) | while read -r file; do
    [ ! -e "$above/$file" ] || rm "$rest/$file"
  done
  find "$rest" -depth -mindepth 1 -type d -empty -delete
fi
# The same libraries make the same layer, whenever it is built.
find "$out/libtorch" -type d -exec touch --date=@0 {} +
du -sm "$out"/*
