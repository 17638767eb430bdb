#!/usr/bin/env bash
# Writes deploy/.env with fresh secrets for docker compose. Needs openssl. Never overwrites: the old file is what
# opens the stored keys, so keep it, and a copy of it apart from the database's backups.
#   deploy/make-env.sh https://switchyard.example.com https://gateway.example.com
set -euo pipefail
umask 077

if [ $# -ne 2 ]; then
  echo "usage: deploy/make-env.sh <address of the dashboard> <address of the gateway>" >&2
  exit 2
fi
file="$(cd "$(dirname "$0")" && pwd)/.env"
if [ -e "$file" ]; then
  echo "$file exists; it is not overwritten." >&2
  exit 1
fi

# Without the characters that a connection address would have to escape.
password() { openssl rand -base64 48 | tr -d '\n=+/' | cut -c1-43; }
one_line() { base64 | tr -d '\n'; }

key="$(openssl genpkey -algorithm ed25519)"
internal_key="$(openssl genpkey -algorithm ed25519)"
cat >"$file.new" <<EOF
WEB_URL=$1
GATEWAY_URL=$2
POSTGRES_PASSWORD=$(password)
POSTGRES_OWNER_PASSWORD=$(password)
POSTGRES_APP_PASSWORD=$(password)
REDIS_PASSWORD=$(password)
SWITCHYARD_SECRET=$(password)
SWITCHYARD_KEK=$(openssl rand -base64 32)
SWITCHYARD_SIGNING_KEY=$(printf '%s\n' "$key" | one_line)
SWITCHYARD_PUBLIC_KEYS=$(printf '%s\n' "$key" | openssl pkey -pubout -outform DER | one_line)
SWITCHYARD_INTERNAL_KEY=$(printf '%s\n' "$internal_key" | one_line)
SWITCHYARD_INTERNAL_PUBLIC_KEYS=$(printf '%s\n' "$internal_key" | openssl pkey -pubout -outform DER | one_line)
SWITCHYARD_GATEWAY_TOKEN=$(password)
EOF
mv "$file.new" "$file"
echo "Wrote $file. Next: docker compose --env-file deploy/.env up -d --build"
