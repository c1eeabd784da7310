#!/usr/bin/env bash
# Makes a release: packaging/release.sh VERSION OUT_DIR
# Binaries for each system, .deb and .rpm, one SBOM for each binary, SHA256SUMS. Everything is then built a second time from a
# copy of the sources at another place, with an empty build cache, and compared: a difference fails.
# RELEASE_TARGETS and RELEASE_PACKAGES choose less, e.g. RELEASE_TARGETS=linux/amd64 RELEASE_PACKAGES=amd64/deb
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1 out=$(realpath -m "$2")
targets=${RELEASE_TARGETS:-linux/amd64 linux/arm64 linux/arm windows/amd64}
packages=${RELEASE_PACKAGES:-amd64/deb arm64/deb arm/deb amd64/rpm arm64/rpm}
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH

make_all() { # OUT
  local dir=$1 target name package
  mkdir -p "$dir"
  for target in $targets; do
    name=receiptd-$version-${target/\//-}
    [ "${target%/*}" != windows ] || name+=.exe
    CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} GOARM=7 go build -trimpath -buildvcs=false \
      -ldflags "-s -w -buildid= -X main.release=$version -X main.built=$SOURCE_DATE_EPOCH" -o "$dir/$name" ./cmd/receiptd
    go run ./packaging/sbom "$dir/$name" "$version" >"$dir/$name.cdx.json"
  done
  for package in $packages; do
    packaging/build.sh "$version" "${package%/*}" "${package#*/}" "$dir"
  done
  (cd "$dir" && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%f\n' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
}

rm -rf "$out"
make_all "$out"

again=$(mktemp -d)
trap 'chmod -R u+w "$again"; rm -rf "$again"' EXIT
git ls-files -z | tar -c --null -T - | tar -x -C "$again" --one-top-level=src
(cd "$again/src" && GOCACHE=$again/cache make_all "$again/out")
if ! diff "$out/SHA256SUMS" "$again/out/SHA256SUMS"; then
  echo "release: the second build differs" >&2
  exit 1
fi
echo "release: $(wc -l <"$out/SHA256SUMS") files in $out, the same when built twice"
