#!/bin/bash
# Lays out the root file system of an image: the programs, the shared libraries they load, and nothing else but a user, certificates
# and the licences. For Debian 12, inside a build stage.
#   scripts/image_root.sh OUT PROGRAM…
# OUT/libtorch holds LibTorch's share (large, seldom changed: a layer of its own), OUT/base the rest. Programs go to /usr/local/bin,
# LibTorch to /usr/local/lib, where a run path of $ORIGIN/../lib finds it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
[ $# -ge 2 ] || die "usage: scripts/image_root.sh OUT PROGRAM…"
out=$1
shift
base=$out/base
torch=$root/third_party/libtorch

mkdir -p "$base"/{etc/ssl/certs,usr/{local/bin,lib/x86_64-linux-gnu,lib64,share/doc/verdict},tmp} "$out/libtorch/usr/local/lib"
chmod 1777 "$base/tmp"
ln -s usr/lib "$base/lib"
ln -s usr/lib64 "$base/lib64"

install --strip "$@" "$base/usr/local/bin"
libraries=$(LD_LIBRARY_PATH=$torch/lib ldd "$@" | awk '/not found/ { print "missing:" $1 } $2 == "=>" && $3 ~ /^\// { print $3 } /^\t\/lib64/ { print $1 }' | sort -u)
! grep -q '^missing:' <<<"$libraries" || die "$libraries"
for library in $libraries; do
  case $library in
    "$torch"/*) cp --dereference --preserve=timestamps "$library" "$out/libtorch/usr/local/lib" ;;
    /lib64/*) cp --dereference --preserve=timestamps "$library" "$base/usr/lib64" ;;
    *)
      cp --dereference --preserve=timestamps "$library" "$base/usr/lib/x86_64-linux-gnu"
      package=$(dpkg --search "*/${library##*/}" "$(realpath "$library")" 2>/dev/null | awk -F : 'NR == 1 { print $1 }' || true)
      [ -z "$package" ] || install -D --mode=644 "/usr/share/doc/$package/copyright" "$base/usr/share/doc/$package/copyright"
      ;;
  esac
done

cp /etc/ssl/certs/ca-certificates.crt "$base/etc/ssl/certs/"
cp "$root/LICENSE" "$base/usr/share/doc/verdict/"
if [ -e "$out/libtorch/usr/local/lib/libtorch_cpu.so" ] && [ -d "$torch/licenses" ]; then
  mkdir -p "$out/libtorch/usr/share/doc"
  cp -r --preserve=timestamps "$torch/licenses" "$out/libtorch/usr/share/doc/libtorch"
fi
printf 'root:x:0:0:root:/:/sbin/nologin\nverdict:x:1001:1001:Verdict:/tmp:/sbin/nologin\n' >"$base/etc/passwd"
printf 'root:x:0:\nverdict:x:1001:\n' >"$base/etc/group"
printf 'hosts: files dns\n' >"$base/etc/nsswitch.conf"
# The same libraries make the same layer, whenever it is built.
find "$out/libtorch" -type d -exec touch --date=@0 {} +
du -sm "$out"/*
