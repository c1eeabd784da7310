#!/bin/bash
# What receiptd does under a real systemd, part by part: bash systemd.sh PART...
# It takes the machine apart in which it runs: systemd_test.go copies it into a guest. PATIENCE=N stretches the limits.
set -euo pipefail # so no grep -q behind a pipe: it ends early, and what writes into it then fails
fail() {
  echo "systemd: $*" >&2
  journalctl -u receiptd -u receiptd-hub -u mosquitto --no-pager -n 40 >&2 || true
  exit 1
}
[ -e /run/lab/agent ] || fail "this is no guest of the lab"
config=/etc/receiptd/receiptd.toml
spool=/var/spool/receiptd
unit=receiptd # which one the next three look at
prop() { systemctl show "$unit" -p "$1" --value; }
# alive: the process that runs and said that it is ready; nothing when there is none.
alive() { systemctl show "$unit" -p ActiveState -p MainPID | sort | tr '\n' ' ' | sed -n 's/^ActiveState=active MainPID=\([1-9][0-9]*\) $/\1/p'; }
now() { cut -d' ' -f1 /proc/uptime; }
since() { echo "$(now) $1" | awk '{printf "%.1f", $1 - $2}'; }
# back OLD_PID SECONDS WHAT: another process is ready within that time.
back() {
  local from most=$(($2 * ${PATIENCE:-1})) pid
  from=$(now)
  while pid=$(alive); [ -z "$pid" ] || [ "$pid" = "$1" ]; do
    [ "$(since "$from" | cut -d. -f1)" -le "$most" ] || fail "$3: not back within $most s: $(prop ActiveState)/$(prop SubState), $(prop Result)"
    sleep 0.2
  done
  echo "systemd: $3: back after $(since "$from") s"
}

# old: the package of an earlier commit, with slips that wait because there is no paper. SLIPS files lie in /root/slips.
old() {
  useradd --create-home clerk
  dpkg -i /root/old.deb >/root/old.log 2>&1 || { cat /root/old.log >&2; fail "the old package does not install"; }
  usermod -aG receiptd clerk
  cp /root/receiptd.toml "$config"
  systemctl enable --now receiptd || fail "the old one does not start"
  drop
}
# drop: an unprivileged member of the group drops what lies in /root/slips.
drop() {
  local f name
  for f in /root/slips/*.json; do
    name=$(basename "$f")
    su clerk -c "cat >$spool/incoming/.$name.tmp && mv $spool/incoming/.$name.tmp $spool/incoming/$name" <"$f" || fail "the clerk cannot drop"
  done
  for f in /root/slips/*.json; do
    name=$(basename "$f")
    for _ in $(seq 300); do [ ! -s "$spool/results/$name" ] || break; sleep 0.2; done
    su clerk -c "cat $spool/results/$name" | grep '"outcome": *"accepted"' >/dev/null || fail "$name is not accepted: $(cat "$spool/results/$name" 2>&1)"
  done
}
upgrade() {
  local pid
  pid=$(alive)
  dpkg -i --force-confold /root/new.deb >/root/new.log 2>&1 || { cat /root/new.log >&2; fail "the new package does not install"; }
  back "$pid" 45 "upgrade"
  systemctl is-enabled --quiet receiptd || fail "no longer enabled"
  su clerk -c "touch $spool/clerk" 2>/dev/null && fail "the clerk may write beside the drop folder"
  [ "$(stat -c %G /dev/usb/lp0)" = lp ] || fail "the printer belongs to $(stat -c %G /dev/usb/lp0)"
  [ -e /dev/receiptd/usb-04b8-0e15-S1 ] || fail "udev gave the printer no name: $(ls -l /dev/receiptd 2>&1)"
}
crashes() {
  local pid signal
  for signal in ABRT SEGV KILL QUIT BUS TERM; do # QUIT ends a Go program as a panic does, with status 2
    pid=$(alive)
    kill -s "$signal" "$pid"
    back "$pid" 10 "$signal"
  done
  for _ in 1 2 3 4 5 6; do # in less time than any limit forgets
    pid=$(alive)
    kill -s KILL "$pid"
    back "$pid" 10 "KILL again"
  done
}
watchdog() {
  local pid
  pid=$(alive)
  kill -s STOP "$pid"
  back "$pid" 45 STOP
  journalctl -u receiptd --no-pager | grep -i 'watchdog timeout' >/dev/null || fail "it was not the watchdog"
}
reload() {
  local pid
  pid=$(alive)
  sed -i 's/^name = "front"/&\nlabel = "Counter"/' "$config"
  systemctl reload receiptd || fail "reload"
  for _ in $(seq 100); do ! receiptd printer status --json 2>/dev/null | grep '"label": *"Counter"' >/dev/null || break; sleep 0.2; done
  receiptd printer status --json | grep '"label": *"Counter"' >/dev/null || fail "the reload changed nothing: $(receiptd printer status --json 2>&1)"
  [ "$(alive)" = "$pid" ] || fail "the reload ended it"
  cp "$config" /root/good.toml
  echo 'wrong = 1' >>"$config"
  systemctl reload receiptd || true # it may say so; it must go on
  sleep 3
  [ "$(alive)" = "$pid" ] || fail "a wrong configuration ended it"
  cp /root/good.toml "$config"
}
stays() {
  systemctl stop receiptd
  sleep 4
  [ "$(prop ActiveState)" = inactive ] || fail "after systemctl stop it is $(prop ActiveState)"
  # What only an edit mends is not tried again.
  cp "$config" /root/good.toml
  echo 'wrong = 1' >>"$config"
  systemctl start receiptd 2>/dev/null && fail "it starts with a wrong configuration"
  sleep 4
  [ "$(prop ActiveState)/$(prop ExecMainStatus)/$(prop NRestarts)" = failed/3/0 ] || fail "wrong configuration: $(prop ActiveState), status $(prop ExecMainStatus), $(prop NRestarts) restarts"
  # One that is not there is: its disk may come late.
  mkdir -p /etc/systemd/system/receiptd.service.d
  printf '[Service]\nExecStart=\nExecStart=/usr/bin/receiptd run --quiet --config /srv/late.toml\n' >/etc/systemd/system/receiptd.service.d/late.conf
  systemctl daemon-reload
  systemctl start receiptd 2>/dev/null && fail "it starts without a configuration"
  install -D -m 644 /root/good.toml /srv/late.toml
  back 0 10 "configuration that came late"
  systemctl stop receiptd
  rm -rf /etc/systemd/system/receiptd.service.d
  cp /root/good.toml "$config"
  systemctl daemon-reload
  systemctl start receiptd || fail "it does not start again"
}
# hub: a centre and Debian's mosquitto beside the shop, set up as docs/fleet.md says. What lies in /root/slips comes from the centre this time.
hub() {
  local unit=receiptd-hub pid signal f first=1
  cp "$config" /root/before-hub.toml
  cd /root
  receiptd fleet enroll broker --host 127.0.0.1 --tenant acme >/dev/null
  receiptd fleet enroll hub1 >hub1.txt
  receiptd fleet enroll shop-1 >shop-1.txt
  mkdir /etc/mosquitto/receiptd
  cp fleet-ca/broker/*.pem fleet-ca/crl.pem /etc/mosquitto/receiptd/
  chown -R mosquitto: /etc/mosquitto/receiptd
  cp fleet-ca/broker/mosquitto.conf /etc/mosquitto/conf.d/receiptd.conf
  cp fleet-ca/broker/mosquitto.acl /etc/mosquitto/conf.d/receiptd.acl
  systemctl restart mosquitto || fail "mosquitto does not start with what enroll made"
  useradd --system --home /var/lib/receiptd-hub --shell /usr/sbin/nologin receiptd-hub
  cp -r fleet-ca/hub1 /etc/receiptd/
  sed -n '/^\[hub\]/,$p' hub1.txt >/etc/receiptd/hub.toml
  chown -R root:receiptd-hub /etc/receiptd/hub.toml /etc/receiptd/hub1
  chmod 750 /etc/receiptd/hub1
  chmod 640 /etc/receiptd/hub.toml /etc/receiptd/hub1/key.pem
  receiptd hub unit >/etc/systemd/system/receiptd-hub.service
  f=$(systemd-analyze verify /etc/systemd/system/receiptd-hub.service 2>&1) || fail "the hub's unit: $f"
  [ -z "$f" ] || fail "the hub's unit: $f"
  systemctl daemon-reload
  systemctl enable --now receiptd-hub || fail "the hub does not start"
  systemd-analyze security receiptd-hub --no-pager | tail -1
  cp fleet-ca/shop-1/*.pem /etc/receiptd/
  chown receiptd: /etc/receiptd/*.pem
  sed -n '/^\[fleet\]/,$p' shop-1.txt >>"$config"
  systemctl reload receiptd || fail "reload with [fleet]"
  for _ in $(seq 300); do ! receiptd --lang en fleet status --all | grep '^ok *shop-1' >/dev/null || break; sleep 0.2; done
  receiptd --lang en fleet status --all | grep '^ok *shop-1' >/dev/null || fail "the shop does not come: $(receiptd --lang en fleet status --all)"
  for signal in KILL ABRT QUIT TERM; do
    pid=$(alive)
    kill -s "$signal" "$pid"
    back "$pid" 10 "hub, $signal"
  done
  for f in /root/slips/*.json; do
    receiptd fleet send shop-1 "$f" --wait 60s || fail "the shop does not take what the centre sends"
    if [ -n "$first" ]; then # with the broker gone, and the hub, what was taken stands
      first=
      pid=$(systemctl show mosquitto -p MainPID --value)
      kill -s KILL "$pid"
      unit=mosquitto back "$pid" 20 "mosquitto, KILL"
      pid=$(alive)
      kill -s KILL "$pid"
      back "$pid" 10 "hub, KILL"
    fi
  done
  su -s /bin/sh receiptd-hub -c 'receiptd --lang en hub check' >check || fail "hub check: $(cat check)"
  [ "$(stat -c '%U %a' /var/lib/receiptd-hub/hub.db)" = "receiptd-hub 640" ] || [ "$(stat -c '%U %a' /var/lib/receiptd-hub/hub.db)" = "receiptd-hub 600" ] ||
    fail "the hub's store: $(stat -c '%U %a' /var/lib/receiptd-hub/hub.db)"
  echo 'wrong = 1' >>/etc/receiptd/hub.toml
  systemctl restart receiptd-hub 2>/dev/null && fail "the hub starts with a wrong configuration"
  sleep 4
  [ "$(prop ActiveState)/$(prop ExecMainStatus)/$(prop NRestarts)" = failed/3/0 ] || fail "wrong hub.toml: $(prop ActiveState), status $(prop ExecMainStatus), $(prop NRestarts) restarts"
}
# nohub takes it away again.
nohub() {
  systemctl disable --now receiptd-hub mosquitto || true
  rm -rf /etc/receiptd/hub.toml /etc/receiptd/hub1 /etc/receiptd/*.pem
  cp /root/before-hub.toml "$config"
  systemctl reload receiptd || fail "reload without [fleet]"
}
# lan: another machine of the shop, in a network namespace, with a network printer and later a tablet; and the page on that network.
lan() {
  local f
  modprobe veth
  ip netns add shop
  ip link add till0 type veth peer name shop0 netns shop
  ip addr add 192.168.77.10/24 dev till0
  ip link set till0 up
  ip -n shop link set lo up
  ip -n shop link set shop0 up
  ip -n shop addr add 192.168.77.20/24 dev shop0
  systemd-run --quiet --unit=stranger -p NetworkNamespacePath=/run/netns/shop \
    receiptd virtual-printer --listen tcp://192.168.77.20:9100 --control 192.168.77.20:9101 --profile epson-lan --speed max
  printf '\n[http]\nlan = true\nlan_allow = ["setup:office tablet"]\n' >>"$config"
  umask 077
  echo 830517 >/root/pin
  receiptd supervisor set-pin --pin-file /root/pin || fail "set-pin"
  [ "$(stat -c '%U %a' /var/lib/receiptd/supervisor-pin)" = "receiptd 600" ] || fail "the PIN's file: $(stat -c '%U %a' /var/lib/receiptd/supervisor-pin)"
  systemctl restart receiptd || fail "it does not start with the page on the network"
  for _ in $(seq 300); do [ -z "$(ss -Hltn 'sport = :9443')" ] || break; sleep 0.2; done
  [ -n "$(ss -Hltn 'sport = :9443')" ] || fail "nothing listens on the network"
  [ -z "$(ss -Hltn 'sport = :9180' | grep -v '127.0.0.1:\|\[::1\]:')" ] || fail "the page without encryption is on the network"
  for f in lan-ca.pem lan-leaf.pem; do
    [ "$(stat -c '%U %a' "/var/lib/receiptd/$f")" = "receiptd 600" ] || fail "$f: $(stat -c '%U %a' "/var/lib/receiptd/$f" 2>&1)"
  done
  receiptd --lang en printer scan --network --subnet 192.168.77.0/28 >/root/scan || fail "a scan where nobody is: $(cat /root/scan)"
  receiptd --lang en printer scan --network >/root/scan || fail "the scan"
  grep -F 'tcp://192.168.77.20:9100' /root/scan >/dev/null || fail "the scan does not find the printer: $(cat /root/scan)"
}
# pause: a printer waits by command and goes on, over a restart too.
pause() {
  local status
  receiptd printer pause front --operator 01 || fail "pause"
  systemctl restart receiptd || fail "restart"
  status=$(receiptd --lang en printer status front || true) # its exit code tells of the printer
  [[ $status == *paused* ]] || fail "the pause did not survive a restart: $status"
  receiptd printer resume front --operator 01 || fail "resume"
  status=$(receiptd --lang en printer status front || true)
  [[ $status != *paused* ]] || fail "it is still paused: $status"
}
# setup: what the set-up page wrote lies in the data folder, is merged last, and is what the configuration is said to be.
setup() {
  local f=/var/lib/receiptd/setup.toml
  [ "$(stat -c '%U' "$f")" = receiptd ] || fail "the set-up page's file: $(ls -l /var/lib/receiptd)"
  grep -F 192.168.77.20 "$f" >/dev/null || fail "the printer is not in $f: $(cat "$f")"
  grep -F 192.168.77.20 "$config" >/dev/null && fail "the page wrote into $config"
  receiptd config show | grep -F 192.168.77.20 >/dev/null || fail "config show does not have it: $(receiptd config show)"
  [[ $(receiptd --lang en printer status bar || true) == *bar* ]] || fail "no printer bar: $(receiptd --lang en printer status)"
  local pid
  pid=$(alive)
  systemctl reload receiptd || fail "reload with the page on the network"
  sleep 2
  [ "$(alive)" = "$pid" ] || fail "the reload ended it"
  [[ $(receiptd --lang en printer status bar || true) == *bar* ]] || fail "the reload lost the set-up's printer"
  receiptd printer test bar || fail "no test page at the printer that was set up"
}
# folders: those that the configuration names elsewhere are made, and opened to the service; what its user cannot use is refused
# with the command. In the end a purge keeps the journal and leaves nothing else.
folders() {
  systemctl stop receiptd
  sed -i '/^\[spool\]/,/^dir/d; /^\[data\]/,/^dir/d' "$config"
  printf '[spool]\ndir = "/srv/my shop/drop"\n[data]\ndir = "/srv/journal"\n' >>"$config"
  install -d -m 700 "/srv/my shop"
  receiptd --lang en service install >/root/refused 2>&1 && fail "it installs with a folder that the service cannot enter"
  grep -qF "sudo chmod o+x '/srv/my shop'" /root/refused || fail "no command: $(cat /root/refused)"
  chmod o+x "/srv/my shop"
  receiptd --lang en service install --dry-run | grep -F 'make   /srv/journal receiptd 0750' >/dev/null || fail "the dry run does not show the folder"
  [ ! -e /srv/journal ] || fail "the dry run made a folder"
  receiptd --lang en service install || fail "service install"
  systemctl start receiptd || fail "it does not start with folders elsewhere"
  [ "$(stat -c '%U:%G %a' /srv/journal)" = "receiptd:receiptd 750" ] || fail "the data folder: $(stat -c '%U:%G %a' /srv/journal)"
  [ "$(stat -c %a "/srv/my shop/drop/incoming")" = 2770 ] || fail "the drop folder: $(stat -c %a "/srv/my shop/drop/incoming")"
  [ -s /srv/journal/journal.db ] || fail "no journal where the configuration says"
}
purge() {
  dpkg --purge receiptd >/root/purged 2>&1 || { cat /root/purged >&2; fail "the purge"; }
  grep -q 'the journal stays in /srv/journal' /root/purged || fail "the purge does not say where: $(cat /root/purged)"
  [ -s /srv/journal/journal.db ] || fail "the purge took the journal"
  [ -s /var/lib/receiptd/journal.db ] || fail "the purge took the journal of before"
  for f in /srv/journal/ballast /srv/journal/token /srv/journal/lan-ca.pem /srv/journal/lan-leaf.pem /etc/systemd/system/receiptd.service.d /etc/receiptd /var/log/receiptd "/srv/my shop/drop" \
    /usr/bin/receiptd /usr/lib/systemd/system/receiptd.service /etc/systemd/system/multi-user.target.wants/receiptd.service; do
    [ ! -e "$f" ] && [ ! -L "$f" ] || fail "the purge left $f"
  done
  ! systemctl is-active --quiet receiptd || fail "it still runs"
}
for part in "$@"; do "$part"; done
echo "systemd: $*: well"
