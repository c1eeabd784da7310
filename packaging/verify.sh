#!/usr/bin/env bash
# Checks signatures of a release: packaging/verify.sh PUBLIC_KEY FILE...   with FILE a .deb, an .rpm or a SHA256SUMS beside its
# SHA256SUMS.asc. It needs gpg, ar (.deb) and python3 (.rpm), no keyring of the system, and fails at the first that is not right.
set -euo pipefail
key=$(realpath "$1")
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gpg --batch --quiet --dearmor <"$key" >"$work/key.gpg" 2>/dev/null || cp "$key" "$work/key.gpg"
mkdir -m 700 "$work/home"
gpg --homedir "$work/home" --batch --quiet --import "$work/key.gpg" 2>/dev/null
good() { # SIGNATURE DATA NAME
  gpg --homedir "$work/home" --batch --trust-model always --verify "$1" "$2" 2>"$work/said" || {
    cat "$work/said" >&2
    echo "verify: $3: the signature is not right" >&2
    exit 1
  }
}
for file in "$@"; do
  file=$(realpath "$file")
  rm -rf "$work/parts"
  mkdir "$work/parts"
  case $file in
  *.deb)
    (cd "$work/parts" && ar x "$file")
    [ -f "$work/parts/_gpgorigin" ] || { echo "verify: $file: not signed" >&2; exit 1; }
    cat "$work/parts/debian-binary" "$work"/parts/control.tar.* "$work"/parts/data.tar.* >"$work/data"
    good "$work/parts/_gpgorigin" "$work/data" "$file"
    ;;
  *.rpm)
    python3 - "$file" "$work" <<'PY' || exit 1
import struct, sys
data = open(sys.argv[1], "rb").read()
def header(at):  # rpm's header structure: magic, counts, entries, store
    assert data[at:at + 4] == b"\x8e\xad\xe8\x01", "no header"
    entries, size = struct.unpack(">II", data[at + 8:at + 16])
    index = {struct.unpack(">I", data[at + 16 + 16 * i:at + 20 + 16 * i])[0]: struct.unpack(">III", data[at + 20 + 16 * i:at + 32 + 16 * i]) for i in range(entries)}
    store = at + 16 + 16 * entries
    return index, store, store + size
index, store, end = header(96)  # behind the lead: signatures
main = (end + 7) // 8 * 8
if 268 not in index and 267 not in index:  # RSAHEADER, DSAHEADER
    sys.exit("verify: %s: not signed" % sys.argv[1])
_, offset, count = index.get(268) or index[267]
open(sys.argv[2] + "/signature", "wb").write(data[store + offset:store + offset + count])
fields, body, stop = header(main)
open(sys.argv[2] + "/data", "wb").write(data[main:stop])
import hashlib
_, offset, _ = fields[5092]  # PAYLOADDIGEST, SHA-256 of what follows the header
want = data[body + offset:].split(b"\0")[0].decode()
if hashlib.sha256(data[stop:]).hexdigest() != want:
    sys.exit("verify: %s: the content is not what was signed" % sys.argv[1])
PY
    good "$work/signature" "$work/data" "$file"
    ;;
  *SHA256SUMS)
    good "$file.asc" "$file" "$file"
    (cd "$(dirname "$file")" && sha256sum --quiet -c "$(basename "$file")")
    ;;
  *) echo "verify: $file: neither .deb, .rpm nor SHA256SUMS" >&2; exit 2 ;;
  esac
  echo "verify: $(basename "$file"): signed and whole"
done
