#!/bin/sh
# The journal and the slips that wait are the shop's records: they stay, also after a purge.
set -e
root="${DPKG_ROOT:-}"
case "${1:-remove}" in
remove | purge | 0)
  if [ -z "$root" ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
  fi
  if [ -e "$root/var/lib/receiptd/journal.db" ]; then
    echo "receiptd: the journal stays in /var/lib/receiptd, files in /var/spool/receiptd. 日志库和投递文件夹保留。"
  fi
  ;;
esac
