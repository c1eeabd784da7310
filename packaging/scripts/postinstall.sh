#!/bin/sh
# Makes user and folders; an upgrade restarts a running receiptd: slips that wait stay in the journal.
set -e
root="${DPKG_ROOT:-}"
if command -v systemd-sysusers >/dev/null 2>&1; then
  systemd-sysusers ${root:+--root="$root"} receiptd.conf
fi
if command -v systemd-tmpfiles >/dev/null 2>&1; then
  systemd-tmpfiles ${root:+--root="$root"} --create receiptd.conf || true # some systems cannot set every attribute
fi
[ -z "$root" ] || exit 0
if command -v udevadm >/dev/null 2>&1; then
  udevadm control --reload >/dev/null 2>&1 || true # no udev in a container
  udevadm trigger --subsystem-match=usbmisc --subsystem-match=tty >/dev/null 2>&1 || true
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart receiptd.service
  if ! systemctl is-enabled --quiet receiptd.service 2>/dev/null; then
    echo "receiptd: next: sudo systemctl enable --now receiptd; receiptd page; open the link, then Set up"
    echo "receiptd: 下一步:sudo systemctl enable --now receiptd;receiptd page;打开链接,点“设置”"
  fi
fi
