#!/bin/sh
# What goes and what stays when receiptd is removed. Called by dpkg with remove, purge or what an upgrade says, by rpm with 0 or
# 1, by `receiptd service uninstall --purge` with purge and the folders of the configuration.
# The journal, its backups and the slips that wait are the shop's records: they stay, also after a purge.
set -e
root="${DPKG_ROOT:-}"
act="${1:-remove}"
[ $# -eq 0 ] || shift
units="$root/etc/systemd/system"

# folders: the usual ones, those of the configuration, and those that a drop-in lets the service write.
folders() {
  {
    printf '%s\n' /var/lib/receiptd /var/spool/receiptd /var/log/receiptd "$@"
    cat "$units"/receiptd.service.d/*.conf 2>/dev/null | sed -n 's/^ReadWritePaths="\{0,1\}-\{0,1\}\(\/[^"]*\)"\{0,1\}$/\1/p' | sed 's/%%/%/g'
  } | sort -u
}

# clear_data: beside a journal, what a new installation makes anew. It fails for a folder that is no data folder.
clear_data() {
  [ -e "$1/journal.db" ] || [ -e "$1/journal.db-seal" ] || [ -e "$1/ballast" ] || return 1
  for f in ballast lock token page-key name-key tiers.json supervisor-pin devices.json lan-ca.pem lan-leaf.pem; do
    rm -f "$1/$f"
  done
}

# clear_spool: empty folders; a file in one of them is a job, an answer or what was refused. It fails for another folder.
clear_spool() {
  [ -d "$1/incoming" ] && [ -d "$1/results" ] || return 1
  rm -f "$1/.lock"
  for f in .taken incoming results rejected; do
    rmdir "$1/$f" 2>/dev/null || true
  done
}

clear_all() {
  folders "$@" | while IFS= read -r dir; do
    [ -d "$root$dir" ] || continue
    ours=$dir
    ! clear_data "$root$dir" || ours=/var/lib/receiptd
    ! clear_spool "$root$dir" || ours=/var/spool/receiptd
    case "$ours" in
    /var/log/receiptd) rm -rf "$root$dir" ;;
    /var/*/receiptd) rmdir "$root$dir" 2>/dev/null || true ;; # a drop-in by hand may name any other folder
    esac
    [ -d "$root$dir" ] || continue
    if [ -e "$root$dir/journal.db" ]; then
      echo "receiptd: the journal stays in $dir. 日志库保留在 $dir。"
    elif [ -n "$(ls -A "$root$dir")" ]; then
      echo "receiptd: files stay in $dir. 文件保留在 $dir。"
    fi
  done
  rm -f "$units/receiptd.service.d/50-folders.conf" "$units/receiptd.service.d/50-config.conf" "$units"/*.wants/receiptd.service
  rmdir "$units/receiptd.service.d" 2>/dev/null || true
  [ ! -e "$units/receiptd.service.d" ] || echo "receiptd: changes by hand stay in /etc/systemd/system/receiptd.service.d. 手工改动保留。"
}

# forget_user: the user goes when nothing belongs to it any more; as long as there are records nobody else may get its number.
forget_user() {
  if [ -d "$root/var/lib/receiptd" ] || [ -d "$root/var/spool/receiptd" ]; then
    echo "receiptd: the user receiptd stays, to whom these files belong. 用户 receiptd 保留，文件是它的。"
    return 0
  fi
  [ -z "$root" ] || return 0
  userdel receiptd 2>/dev/null || true # there may be none
  groupdel receiptd 2>/dev/null || true
}

reload() {
  [ -z "$root" ] || return 0
  [ ! -d /run/systemd/system ] || systemctl daemon-reload || true
  ! command -v udevadm >/dev/null 2>&1 || udevadm control --reload >/dev/null 2>&1 || true # no udev in a container
}

case "$act" in
remove)
  if [ -e "$root/var/lib/receiptd/journal.db" ]; then
    echo "receiptd: the journal stays in /var/lib/receiptd, files in /var/spool/receiptd. 日志库和投递文件夹保留。"
  fi
  reload
  ;;
purge)
  clear_all "$@"
  rm -f "$root/etc/receiptd/receiptd.toml"
  rmdir "$root/etc/receiptd/templates" 2>/dev/null || true
  rmdir "$root/etc/receiptd" 2>/dev/null || true
  [ ! -d "$root/etc/receiptd" ] || echo "receiptd: the shop's own files stay in /etc/receiptd. 门店自己的文件保留在 /etc/receiptd。"
  forget_user
  reload
  ;;
0) # rpm knows no purge
  clear_all
  reload
  ;;
esac
