#!/usr/bin/env bash
# Builds one package: packaging/build.sh VERSION GOARCH deb|rpm|zip OUT_DIR    (zip: for Windows, with install.cmd)
# The same commit gives the same bytes: times come from the commit, paths are trimmed. RELEASE_KEY=FILE, an OpenPGP secret key (its
# passphrase in NFPM_PASSPHRASE), signs the package; a signature holds its own time. COMPRESSION=gzip is quicker than xz, and larger.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1 arch=$2 format=$3 out=$(realpath -m "$4")
. packaging/lib.sh
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
umask 022

if [ "$format" = zip ]; then
  dir=$stage/receiptd-$version
  mkdir -p "$dir" "$out"
  compile "$version" windows "$arch" "$dir/receiptd.exe"
  cp packaging/windows/* examples/receiptd.toml "$dir/"
  mkdir "$dir/docs"
  cp -r docs/*.md docs/cashier.html docs/pictures CHANGELOG.md README.md README.zh.md SECURITY.md LICENSE "$dir/docs/"
  cp printer/raster/unifont/OFL.txt "$dir/docs/OFL-unifont.txt"
  cp printer/font12/LICENCES.txt "$dir/docs/licences-font12.txt"
  cp -r examples "$dir/examples"
  rm -f "$dir"/examples/*.go "$dir/examples/receiptd.toml"
  find "$dir" -name '*_test.go' -delete
  go run ./packaging/sbom "$dir/receiptd.exe" "$version" >"$dir/docs/sbom.cdx.json"
  go run ./packaging/licences "$dir/receiptd.exe" >"$dir/docs/third-party-licences.txt"
  go run ./packaging/pack "$stage" "$out/receiptd-$version-windows-$arch.zip"
  small "$out/receiptd-$version-windows-$arch.zip"
  exit
fi
compile "$version" linux "$arch" "$stage/receiptd"
# Man pages and completions come from the program itself, built for this machine.
native=$stage/receiptd
if [ "$arch" != "$(go env GOHOSTARCH)" ]; then
  native=$stage/native
  CGO_ENABLED=0 go build -o "$native" ./cmd/receiptd
fi
mkdir -p "$stage/man" "$stage/completion" "$stage/doc"
"$native" --lang en man "$stage/man"
gzip -n9 "$stage"/man/*.1
"$native" --lang en completion bash >"$stage/completion/receiptd.bash"
"$native" --lang en completion zsh >"$stage/completion/_receiptd"
go run ./packaging/sbom "$stage/receiptd" "$version" >"$stage/doc/sbom.cdx.json"
go run ./packaging/licences "$stage/receiptd" | gzip -n9 >"$stage/doc/third-party-licences.txt.gz"
# The guides as they are, without the pictures of the page; jobs and clients to begin with.
cp -r docs/*.md docs/cashier.html docs/pictures CHANGELOG.md README.md README.zh.md SECURITY.md "$stage/doc/"
cp -r examples "$stage/doc/examples"
rm -f "$stage"/doc/examples/*.go "$stage/doc/examples/receiptd.toml"
find "$stage" -name '*_test.go' -delete
chmod -R u=rwX,go=rX "$stage"
find "$stage" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$out"
nfpm_arch=$arch
[ "$arch" != arm ] || nfpm_arch=arm7
sed -e "s|@STAGE@|$stage|g" -e "s|@ARCH@|$nfpm_arch|g" -e "s|@VERSION@|$version|g" packaging/nfpm.yaml >"$stage/nfpm.yaml"
if [ "$arch" != arm ]; then # a position independent program is loaded by the system's own loader
  printf 'overrides:\n  deb: {depends: [libc6]}\n  rpm: {depends: [glibc]}\n' >>"$stage/nfpm.yaml"
fi
signature=
[ -z "${RELEASE_KEY:-}" ] || signature=", signature: {key_file: \"$(realpath "$RELEASE_KEY")\"}"
printf 'deb: {compression: %s%s}\nrpm: {compression: %s%s}\n' "${COMPRESSION:-xz}" "$signature" "${COMPRESSION:-xz}" "$signature" >>"$stage/nfpm.yaml"
mkdir "$stage/made"
go tool -modfile=tools/go.mod nfpm package --config "$stage/nfpm.yaml" --packager "$format" --target "$stage/made/" >"$stage/nfpm.log" 2>&1 || {
  cat "$stage/nfpm.log" >&2
  exit 1
}
[ "${COMPRESSION:-xz}" != xz ] || small "$stage"/made/*
mv "$stage"/made/* "$out/"
