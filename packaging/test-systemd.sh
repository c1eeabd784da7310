#!/usr/bin/env bash
# Runs the packaged unit under a real systemd and ends the daemon in every way that a till has seen: it must be back within
# 10 seconds (45 when it hangs, for the watchdog must notice first), however often. A wrong configuration and a stop stay.
# Needs root, Debian's systemd and a kernel with namespaces and overlayfs; touches nothing outside a mount namespace of its own.
# Not in the gate: it takes some two minutes.  [PARTS='crashes folders'] packaging/test-systemd.sh [PROGRAM]
set -euo pipefail
cd "$(dirname "$0")/.."
repo=$PWD work=$(mktemp -d) init=
cleanup() {
  [ -z "$init" ] || kill -9 "$init" 2>/dev/null || true # the first process of its namespace: everything in it ends
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
fail() {
  echo "test-systemd: $*" >&2
  [ -z "$init" ] || in_guest journalctl -u receiptd --no-pager -n 40 >&2 || true
  exit 1
}
[ "$(id -u)" = 0 ] || fail "needs root"

mkdir "$work/share" "$work/overlay"
if [ $# -gt 0 ]; then cp "$1" "$work/share/receiptd"; else CGO_ENABLED=0 go build -o "$work/share/receiptd" ./cmd/receiptd; fi

# The guest is this system's files under an overlay in memory, without its services and its networks.
cat >"$work/start" <<'GUEST'
set -e
work=$1 repo=$2
mount --make-rprivate /
mount -t tmpfs tmpfs "$work/overlay"
mkdir "$work/overlay/"{up,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/overlay/up,workdir=$work/overlay/work" "$work/overlay/root"
r=$work/overlay/root
mount -t proc proc "$r/proc"
mount -t sysfs -o ro sysfs "$r/sys"
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 cgroup2 "$r/sys/fs/cgroup"
else
  mount -t tmpfs tmpfs "$r/sys/fs/cgroup"
  mkdir "$r/sys/fs/cgroup/"{systemd,unified}
  mount -t cgroup -o none,name=systemd cgroup "$r/sys/fs/cgroup/systemd"
  mount -t cgroup2 cgroup2 "$r/sys/fs/cgroup/unified" || true
fi
for d in run tmp dev; do mount -t tmpfs tmpfs "$r/$d"; done
for d in null zero full random urandom tty; do touch "$r/dev/$d"; mount --bind "/dev/$d" "$r/dev/$d"; done
mkdir "$r/dev/pts" "$r/dev/shm"
mount -t devpts devpts -o newinstance,ptmxmode=0666 "$r/dev/pts"
ln -s pts/ptmx "$r/dev/ptmx"
install -m 755 "$work/share/receiptd" "$r/usr/bin/receiptd"
install -D -m 644 "$repo/packaging/linux/receiptd.service" "$r/usr/lib/systemd/system/receiptd.service"
install -D -m 644 "$repo/packaging/linux/sysusers.conf" "$r/usr/lib/sysusers.d/receiptd.conf"
install -D -m 644 "$repo/packaging/linux/tmpfiles.conf" "$r/usr/lib/tmpfiles.d/receiptd.conf"
install -m 755 "$repo/packaging/scripts/postremove.sh" "$r/mnt/postremove.sh"
install -D -m 644 "$work/receiptd.toml" "$r/etc/receiptd/receiptd.toml"
chroot "$r" systemd-sysusers receiptd.conf
chroot "$r" systemd-tmpfiles --create receiptd.conf || true
ip link set lo up 2>/dev/null || true
# Nothing but the journal, the message bus and receiptd runs there.
mkdir -p "$r/etc/systemd/system"
printf '[Unit]\nDescription=the guest\nRequires=sysinit.target dbus.service\nAfter=sysinit.target\n' >"$r/etc/systemd/system/guest.target"
printf '%s' 00000000000000000000000000000001 >"$r/etc/machine-id"
exec env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$r" /lib/systemd/systemd --system --unit=guest.target --show-status=no
GUEST
cat >"$work/receiptd.toml" <<'CONF'
[http]
listen = "127.0.0.1:9180"
[[printer]]
name = "front"
device = "tcp://127.0.0.1:9"
profile = "generic-80"
CONF
unshare --mount --pid --cgroup --uts --ipc --net --fork bash "$work/start" "$work" "$repo" >"$work/guest.log" 2>&1 &
for _ in $(seq 100); do init=$(pgrep -P $! || true); [ -z "$init" ] || break; sleep 0.1; done
[ -n "$init" ] || { cat "$work/guest.log" >&2; fail "the guest does not start"; }
in_guest() { nsenter --target "$init" --mount --pid --cgroup --uts --ipc --net --root --wd=/ "$@"; }
for _ in $(seq 300); do [ "$(in_guest systemctl is-active sysinit.target 2>/dev/null)" != active ] || break; sleep 0.2; done
[ "$(in_guest systemctl is-active sysinit.target)" = active ] || { cat "$work/guest.log" >&2; fail "the guest does not come up"; }

in_guest cp /etc/receiptd/receiptd.toml /tmp/good.toml
prop() { in_guest systemctl show receiptd -p "$1" --value; }
# alive: the process that runs and said that it is ready; nothing when there is none.
alive() { in_guest systemctl show receiptd -p ActiveState -p MainPID | sort | tr '\n' ' ' | sed -n 's/^ActiveState=active MainPID=\([1-9][0-9]*\) $/\1/p'; }
# back OLD_PID SECONDS WHAT: another process answers as ready within that time.
back() {
  local from=$SECONDS now
  while now=$(alive); [ -z "$now" ] || [ "$now" = "$1" ]; do
    [ $((SECONDS - from)) -le "$2" ] || fail "$3: not back within $2 s: $(prop ActiveState)/$(prop SubState), $(prop Result)"
    sleep 0.2
  done
  echo "test-systemd: $3: back after $((SECONDS - from)) s"
}
crashes() {
  in_guest systemctl start receiptd || fail "it does not start"
  for round in 1 2; do
    for signal in ABRT SEGV KILL QUIT TERM HUP BUS; do
      pid=$(alive)
      in_guest kill -s "$signal" "$pid"
      if [ "$signal" = HUP ]; then # the one that it lives through: it reads its configuration
        sleep 1
        [ "$(alive)" = "$pid" ] || fail "HUP ended it"
        continue
      fi
      back "$pid" 10 "$signal, round $round"
    done
  done
  pid=$(alive)
  in_guest kill -s STOP "$pid"
  back "$pid" 45 "STOP"

  # Many times in a row, in less time than any limit forgets.
  for _ in $(seq 8); do pid=$(alive); in_guest kill -s KILL "$pid"; back "$pid" 10 "KILL again"; done

  # A stop is a stop, and what only an edit mends is not tried again.
  in_guest systemctl stop receiptd
  sleep 4
  [ "$(prop ActiveState)" = inactive ] || fail "after systemctl stop it is $(prop ActiveState)"
  in_guest sh -c 'echo "wrong = 1" >>/etc/receiptd/receiptd.toml'
  in_guest systemctl start receiptd 2>/dev/null && fail "it starts with a wrong configuration"
  sleep 4
  [ "$(prop ActiveState)/$(prop ExecMainStatus)/$(prop NRestarts)" = failed/3/0 ] || fail "wrong configuration: $(prop ActiveState), status $(prop ExecMainStatus), $(prop NRestarts) restarts"
  # One that is not there is: its disk may come late.
  in_guest mkdir -p /etc/systemd/system/receiptd.service.d
  in_guest sh -c 'printf "[Service]\nExecStart=\nExecStart=/usr/bin/receiptd run --quiet --config /srv/late.toml\n" >/etc/systemd/system/receiptd.service.d/late.conf'
  in_guest systemctl daemon-reload
  in_guest systemctl start receiptd 2>/dev/null && fail "it starts without a configuration"
  in_guest install -D -m 644 /tmp/good.toml /srv/late.toml
  back 0 10 "configuration that came late"
}

folders() {
  # Folders that the configuration names elsewhere: service install makes them, the unit lets the service write there, and it
  # prints from there; one that the service's user cannot use is refused with the command. In the end a purge keeps the journal.
  in_guest systemctl stop receiptd
  in_guest rm -rf /etc/systemd/system/receiptd.service.d
  in_guest cp /tmp/good.toml /etc/receiptd/receiptd.toml
  in_guest sh -c 'printf "[spool]\ndir = \"/srv/my shop/drop\"\n[data]\ndir = \"/srv/journal\"\n" >>/etc/receiptd/receiptd.toml'
  in_guest install -d -m 700 "/srv/my shop"
  in_guest receiptd --lang en service install >"$work/refused" 2>&1 && fail "it installs with a folder that the service cannot enter"
  grep -qF "sudo chmod o+x '/srv/my shop'" "$work/refused" || fail "no command: $(cat "$work/refused")"
  in_guest chmod o+x "/srv/my shop"
  in_guest receiptd --lang en service install --dry-run | grep -qF 'make   /srv/journal receiptd 0750' || fail "the dry run does not show the folder"
  in_guest test ! -e /srv/journal || fail "the dry run made a folder"
  in_guest receiptd --lang en service install || fail "service install"
  in_guest systemctl start receiptd || fail "it does not start with folders elsewhere"
  [ "$(in_guest stat -c '%U:%G %a' /srv/journal)" = "receiptd:receiptd 750" ] || fail "the data folder: $(in_guest stat -c '%U:%G %a' /srv/journal)"
  [ "$(in_guest stat -c '%a' "/srv/my shop/drop/incoming")" = 2770 ] || fail "the drop folder: $(in_guest stat -c '%a' "/srv/my shop/drop/incoming")"
  in_guest test -s /srv/journal/journal.db || fail "no journal where the configuration says"
  in_guest systemctl stop receiptd
  in_guest sh /mnt/postremove.sh purge >"$work/purged" 2>&1 || fail "the purge: $(cat "$work/purged")"
  grep -q 'the journal stays in /srv/journal' "$work/purged" || fail "the purge does not say where: $(cat "$work/purged")"
  in_guest test -s /srv/journal/journal.db || fail "the purge took the journal"
  for f in /srv/journal/ballast /srv/journal/token /etc/systemd/system/receiptd.service.d /etc/receiptd/receiptd.toml /var/log/receiptd "/srv/my shop/drop"; do
    in_guest test ! -e "$f" || fail "the purge left $f"
  done
}

for part in ${PARTS:-crashes folders}; do "$part"; done
echo "test-systemd: all well"
