#!/usr/bin/env bash
# Builds one package: packaging/build.sh VERSION GOARCH deb|rpm OUT_DIR
# The same commit gives the same bytes: times come from the commit, paths are trimmed.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1 arch=$2 format=$3 out=$(realpath -m "$4")

: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || echo 0)}"
export SOURCE_DATE_EPOCH
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
umask 022

flags=(-trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.release=$version -X main.built=$SOURCE_DATE_EPOCH")
CGO_ENABLED=0 GOOS=linux GOARCH=$arch GOARM=7 go build "${flags[@]}" -o "$stage/receiptd" ./cmd/receiptd
# Man pages and completions come from the program itself, built for this machine.
go build "${flags[@]}" -o "$stage/native" ./cmd/receiptd
mkdir -p "$stage/man" "$stage/completion"
"$stage/native" --lang en man "$stage/man"
gzip -n9 "$stage"/man/*.1
"$stage/native" --lang en completion bash >"$stage/completion/receiptd.bash"
"$stage/native" --lang en completion zsh >"$stage/completion/_receiptd"
find "$stage" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$out"
nfpm_arch=$arch
[ "$arch" != arm ] || nfpm_arch=arm7
sed -e "s|@STAGE@|$stage|g" -e "s|@ARCH@|$nfpm_arch|g" -e "s|@VERSION@|$version|g" packaging/nfpm.yaml >"$stage/nfpm.yaml"
go tool -modfile=tools/go.mod nfpm package --config "$stage/nfpm.yaml" --packager "$format" --target "$out/" >"$stage/nfpm.log" 2>&1 || {
  cat "$stage/nfpm.log" >&2
  exit 1
}
