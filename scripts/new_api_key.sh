#!/bin/bash
# Makes an API key: the key goes to the terminal (stderr), the line for --api-keys-file, which holds only its hash, to stdout.
#   scripts/new_api_key.sh NAME ROLES >>api-keys
# ROLES: inference, models-read, admin, metrics, docs, delegate, separated by commas, or * (quote it).
set -euo pipefail
[ $# = 2 ] || { sed -n '3,4s/^# *//p' "$0" >&2 && exit 2; }
[[ $1 =~ ^[A-Za-z0-9._@:/-]{1,128}$ ]] || { echo "error: a name has 1 to 128 letters, digits and ._@:/-" >&2 && exit 2; }
[[ ! $1 =~ ^(jwt|uri|dns|email|cn): ]] || { echo "error: names that begin with jwt:, uri:, dns:, email: or cn: are others'" >&2 && exit 2; }
[[ $2 =~ ^(\*|(inference|models-read|admin|metrics|docs|delegate)(,(inference|models-read|admin|metrics|docs|delegate))*)$ ]] || {
  echo "error: roles are inference, models-read, admin, metrics, docs and delegate, separated by commas, or *" >&2 && exit 2
}
key=$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n')
printf '%s\n' "$key" >&2
printf '%s %s sha256:%s\n' "$1" "$2" "$(printf %s "$key" | sha256sum | cut -d ' ' -f 1)"
