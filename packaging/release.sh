#!/usr/bin/env bash
# Makes a release: packaging/release.sh [VERSION] OUT_DIR    (VERSION: the newest that CHANGELOG.md cuts)
# Binaries for each system, .deb and .rpm, a .zip for Windows, one SBOM for each binary, licences, SHA256SUMS. Everything is then built a second time from a
# copy of the sources at another place, with an empty build cache, and compared: a difference fails. Last, RELEASE_KEY=FILE (an OpenPGP
# secret key; passphrase in NFPM_PASSPHRASE) signs packages and sums: a signature holds its own time, so it comes after the comparison.
# Known vulnerabilities are looked for first (vulncheck.sh).
# RELEASE_TARGETS and RELEASE_PACKAGES choose less, e.g. RELEASE_TARGETS=linux/amd64 RELEASE_PACKAGES=amd64/deb
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/lib.sh
[ $# -gt 1 ] || set -- "$(released)" "$1"
version=$1 out=$(realpath -m "$2")
grep -q "^## $version, " CHANGELOG.md || { echo "release: CHANGELOG.md has no section \"## $version, DATE\": cut it first" >&2; exit 1; }
packaging/vulncheck.sh
targets=${RELEASE_TARGETS:-linux/amd64 linux/arm64 linux/arm windows/amd64}
packages=${RELEASE_PACKAGES:-amd64/deb arm64/deb arm/deb amd64/rpm arm64/rpm amd64/zip}

make_all() { # OUT
  local dir=$1 target name package
  mkdir -p "$dir"
  for target in $targets; do
    name=receiptd-$version-${target/\//-}
    [ "${target%/*}" != windows ] || name+=.exe
    compile "$version" "${target%/*}" "${target#*/}" "$dir/$name"
    go run ./packaging/sbom "$dir/$name" "$version" >"$dir/$name.cdx.json"
    go run ./packaging/licences "$dir/$name" >"$dir/$name.licences.txt"
  done
  for package in $packages; do
    RELEASE_KEY='' packaging/build.sh "$version" "${package%/*}" "${package#*/}" "$dir"
  done
  sums "$dir"
}

sums() { # DIR
  (cd "$1" && find . -maxdepth 1 -type f ! -name 'SHA256SUMS*' -printf '%f\n' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
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
if [ -n "${RELEASE_KEY:-}" ]; then
  for package in $packages; do packaging/build.sh "$version" "${package%/*}" "${package#*/}" "$out"; done
  mkdir -m 700 "$again/gpg"
  gpg=(gpg --homedir "$again/gpg" --batch --quiet --yes --pinentry-mode loopback --passphrase "${NFPM_PASSPHRASE:-}")
  "${gpg[@]}" --import "$RELEASE_KEY" 2>/dev/null
  "${gpg[@]}" --armor --export >"$out/receiptd-release-key.asc"
  sums "$out"
  "${gpg[@]}" --armor --detach-sign --output "$out/SHA256SUMS.asc" "$out/SHA256SUMS"
  shopt -s nullglob
  packaging/verify.sh "$out/receiptd-release-key.asc" "$out"/*.deb "$out"/*.rpm "$out/SHA256SUMS"
  gpgconf --homedir "$again/gpg" --kill all
else
  echo "release: RELEASE_KEY is not set: nothing is signed" >&2
fi
echo "release: $(wc -l <"$out/SHA256SUMS") files in $out, the same when built twice"
