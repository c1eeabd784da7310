#!/usr/bin/env bash
# Builds the .deb, installs it into a throw-away root, runs the demo there, upgrades and removes it, and looks that the journal
# stays. Needs dpkg and root (for chroot); no network.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
demo=
cleanup() {
  [ -z "$demo" ] || kill -9 "$demo" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
root=$work/root
fail() { echo "test-deb: $*" >&2; [ ! -f "$work/demo.log" ] || cat "$work/demo.log" >&2; exit 1; }

arch=$(go env GOARCH)
# The first is signed with a key that lives as long as this test.
mkdir -m 700 "$work/gpg"
gpg_() { gpg --homedir "$work/gpg" --batch --quiet --pinentry-mode loopback --passphrase '' "$@" 2>"$work/gpg.log" || { cat "$work/gpg.log" >&2; fail "gpg $*"; }; }
gpg_ --quick-generate-key 'receiptd test <test@example.invalid>' rsa3072 sign never
gpg_ --armor --export-secret-keys >"$work/secret.asc"
gpg_ --armor --export >"$work/public.asc"
gpgconf --homedir "$work/gpg" --kill all
RELEASE_KEY=$work/secret.asc packaging/build.sh 0.0.1 "$arch" deb "$work/one"
RELEASE_KEY=$work/secret.asc packaging/build.sh 0.0.1 "$arch" rpm "$work/one"
COMPRESSION=gzip packaging/build.sh 0.0.2 "$arch" deb "$work/two"
packaging/verify.sh "$work/public.asc" "$work"/one/*.deb "$work"/one/*.rpm
packaging/verify.sh "$work/public.asc" "$work"/two/*.deb 2>/dev/null && fail "an unsigned package passes for a signed one"
for file in "$work"/one/*.deb "$work"/one/*.rpm; do
  cp "$file" "$work/changed.${file##*.}"
  printf '\x42' | dd of="$work/changed.${file##*.}" bs=1 seek=$(($(stat -c %s "$file") / 2)) conv=notrunc status=none
  packaging/verify.sh "$work/public.asc" "$work/changed.${file##*.}" >/dev/null 2>&1 && fail "a changed package passes: $file"
  size=$(stat -c %s "$file")
  [ "$size" -le $((15 << 20)) ] || fail "$file has $size bytes, more than 15 MB"
done

# dpkg's database and the account files that a system has before any package comes.
mkdir -p "$root"/{etc,dev,tmp,var/lib/dpkg/{info,updates,triggers}}
touch "$root"/var/lib/dpkg/{status,available}
printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nlp:x:7:\ndialout:x:20:\n' >"$root/etc/group"
dpkg_() { dpkg --root="$root" --log=/dev/null --force-script-chrootless --force-not-root --force-depends --force-architecture "$@" >>"$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log" >&2; fail "dpkg $*"; }; }

dpkg_ --install "$work"/one/*.deb
[ "$(stat -c %a "$root/usr/bin/receiptd")" = 755 ] || fail "no program"
for f in usr/lib/systemd/system/receiptd.service usr/lib/udev/rules.d/70-receiptd.rules usr/share/man/man1/receiptd.1.gz etc/receiptd/receiptd.toml usr/share/doc/receiptd/cashier.html; do
  [ -s "$root/$f" ] || fail "no $f"
done
for f in receiptd.toml operator.md integrator.md CHANGELOG.md copyright sbom.cdx.json third-party-licences.txt.gz examples/jobs/01-sale-chip.json examples/clients/python/drop.py; do
  [ -s "$root/usr/share/doc/receiptd/$f" ] || fail "no usr/share/doc/receiptd/$f"
done
find "$root/usr" "$root/etc/receiptd" \( -perm /022 -o ! -perm -044 \) ! -type l | grep . && fail "modes"
if [ "$arch" = amd64 ] || [ "$arch" = arm64 ]; then
  [ "$(od -An -tx1 -j16 -N1 "$root/usr/bin/receiptd")" = " 03" ] || fail "the program is not position independent"
  # It is loaded by the system's loader: the one file that the root below needs beside the package.
  for loader in /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1; do
    [ ! -e "$loader" ] || install -D "$(readlink -f "$loader")" "$root$loader"
  done
fi
if command -v systemd-sysusers >/dev/null; then
  grep -q '^receiptd:' "$root/etc/passwd" || fail "no user receiptd"
  grep -q '^lp:.*receiptd' "$root/etc/group" || fail "receiptd is not in the group lp"
fi
if command -v systemd-analyze >/dev/null; then
  systemd-analyze security --offline=yes --threshold=20 "$root/usr/lib/systemd/system/receiptd.service" >/dev/null || fail "the unit is less hardened than it was (exposure above 2.0)"
fi

# The demo, from inside the root: nothing but the package is there.
run=(chroot "$root" /usr/bin/receiptd)
[ "$(id -u)" = 0 ] || run=("$root/usr/bin/receiptd")
"${run[@]}" version | grep -q 0.0.1 || fail "wrong version"
"${run[@]}" version --json | grep -q "\"built\": *\"$(date -u -d "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}" +%FT%TZ)\"" || fail "the program does not know when it was made: doctor cannot tell a wrong clock"
"${run[@]}" config show --config "$([ "$(id -u)" = 0 ] || echo "$root")/etc/receiptd/receiptd.toml" >/dev/null || fail "the packaged configuration is not good"
LANG=en "${run[@]}" --lang en run --demo >"$work/demo.log" 2>&1 &
demo=$!
for _ in $(seq 1800); do # three minutes: the machine may be busy with other tests
  [ "$(grep -c '^slip on the counter' "$work/demo.log" || true)" -lt 3 ] || break
  kill -0 "$demo" 2>/dev/null || fail "the demo ended"
  sleep 0.1
done
[ "$(grep -c '^slip on the counter' "$work/demo.log")" -ge 3 ] || fail "the demo printed nothing"
kill -INT "$demo"
wait "$demo" || fail "the demo ended with $?"
demo=

# Upgrade and removal keep records and the shop's configuration.
mkdir -p "$root/var/lib/receiptd" "$root/var/spool/receiptd/incoming"
echo records >"$root/var/lib/receiptd/journal.db"
echo '{}' >"$root/var/spool/receiptd/incoming/waits.json"
echo '# ours' >>"$root/etc/receiptd/receiptd.toml"
dpkg_ --force-confold --install "$work"/two/*.deb
"${run[@]}" version | grep -q 0.0.2 || fail "not upgraded"
grep -q '^# ours' "$root/etc/receiptd/receiptd.toml" || fail "the upgrade replaced the configuration"
# What service install and the daemon leave beside the package's own files.
mkdir -p "$root/etc/systemd/system/receiptd.service.d" "$root/etc/systemd/system/multi-user.target.wants" "$root/srv/data" "$root/var/log/receiptd"
printf '[Service]\nReadWritePaths="-/srv/data"\n' >"$root/etc/systemd/system/receiptd.service.d/50-folders.conf"
ln -s /usr/lib/systemd/system/receiptd.service "$root/etc/systemd/system/multi-user.target.wants/receiptd.service"
touch "$root"/srv/data/{journal.db,ballast} "$root"/var/lib/receiptd/{ballast,token,lock} "$root/var/log/receiptd/receiptd.log"
dpkg_ --remove receiptd
[ ! -e "$root/usr/bin/receiptd" ] || fail "not removed"
[ -e "$root/etc/systemd/system/receiptd.service.d/50-folders.conf" ] || fail "removing took the drop-in that a new installation needs"
dpkg_ --purge receiptd
for f in etc/systemd/system/receiptd.service.d etc/systemd/system/multi-user.target.wants/receiptd.service etc/receiptd srv/data/ballast var/lib/receiptd/{ballast,token,lock} var/log/receiptd; do
  [ ! -e "$root/$f" ] && [ ! -L "$root/$f" ] || fail "the purge left $f"
done
grep -q 'the journal stays in /srv/data' "$work/dpkg.log" || fail "the purge does not say where the journal is"
[ -e "$root/srv/data/journal.db" ] || fail "the purge took the journal from a folder of the shop"
grep -q records "$root/var/lib/receiptd/journal.db" || fail "the purge took the journal"
[ -e "$root/var/spool/receiptd/incoming/waits.json" ] || fail "the purge took a waiting job"
echo "test-deb: installed, printed, upgraded, removed; the journal stayed"
