#!/bin/sh
# Stops receiptd when it is removed, not when it is upgraded (dpkg says "upgrade", rpm says 1).
set -e
[ -z "${DPKG_ROOT:-}" ] || exit 0
case "${1:-remove}" in
remove | purge | 0)
  if [ -d /run/systemd/system ]; then
    systemctl disable --now receiptd.service || true # it may never have been started
  fi
  ;;
esac
