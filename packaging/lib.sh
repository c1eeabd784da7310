# Sourced by build.sh and release.sh: how a binary of a release is built, and what its version is.

: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || echo 0)}"
export SOURCE_DATE_EPOCH

# released: the newest version that CHANGELOG.md cuts, e.g. 1.0.0
released() { sed -n 's/^## \([0-9][0-9A-Za-z.+-]*\), .*/\1/p' CHANGELOG.md | head -1; }

# compile VERSION GOOS GOARCH OUT: position independent where Go can do that without C; on linux/arm it cannot.
compile() {
  local pie=()
  case $2/$3 in linux/amd64 | linux/arm64 | windows/amd64) pie=(-buildmode=pie) ;; esac
  CGO_ENABLED=0 GOOS=$2 GOARCH=$3 GOARM=7 go build -trimpath -buildvcs=false "${pie[@]}" \
    -ldflags "-s -w -buildid= -X main.release=$1 -X main.built=$SOURCE_DATE_EPOCH" -o "$4" ./cmd/receiptd
}

# small FILE: what is handed out has at most 15 MB, so that a shop on a slow line gets it.
small() {
  local bytes
  bytes=$(stat -c %s "$1")
  [ "$bytes" -le 15000000 ] || {
    echo "$1 has $bytes bytes, more than 15 MB" >&2
    return 1
  }
}
