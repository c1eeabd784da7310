#!/bin/sh
# Drop one job for receiptd and wait for its answer.
#
# Usage: drop.sh SPOOL JOB.json [SECONDS]
#
# Exit: 0 printed, 3 rejected, 5 not printed yet, 6 uncertain, 7 refused or conflict.
# Needs a POSIX shell and `sync FILE` (GNU coreutils 8.24 or newer).
set -eu

[ $# -ge 2 ] || { echo "usage: drop.sh SPOOL JOB.json [SECONDS]" >&2; exit 2; }
spool=$1 job=$2 seconds=${3:-60}

job_id=$(sed -n 's/.*"job_id"[[:space:]]*:[[:space:]]*"\([A-Za-z0-9._-]*\)".*/\1/p' "$job" | head -n 1)
[ -n "$job_id" ] || { echo "no job_id in $job" >&2; exit 3; }
name=$job_id.json
result=$spool/results/$name

# Written aside, synced, renamed: receiptd never sees half a file, and a power cut loses nothing.
rm -f "$result" # the answer to an earlier drop of the same job
tmp=$spool/incoming/.$name.tmp
cat "$job" > "$tmp"
sync "$tmp"
mv "$tmp" "$spool/incoming/$name"
sync "$spool/incoming"

# Waits until no copy is queued, sending or held, or the time is over.
tries=$((seconds * 10))
while :; do
  if [ -f "$result" ] && ! grep -Eq '"state": *"(queued|sending|held)"' "$result"; then break; fi
  [ "$tries" -gt 0 ] || break
  tries=$((tries - 1))
  sleep 0.1
done

if [ ! -f "$result" ]; then
  echo "no answer yet; the job is kept. Do not send it again under another job_id."
  exit 5
fi
answer=$(cat "$result")
outcome=$(printf '%s\n' "$answer" | sed -n 's/.*"outcome": *"\([a-z]*\)".*/\1/p' | head -n 1)
echo "$outcome"
printf '%s\n' "$answer" | grep -Eo '"(code|copy|state|reason)": *"[^"]*"' || true
case $outcome in
  rejected) exit 3 ;;
  refused | conflict) exit 7 ;;
esac
case $answer in
  *'"state": "uncertain"'* | *'"state":"uncertain"'*)
    echo "Nobody knows whether the slip came out. Look at the printer before you answer."
    exit 6
    ;;
esac
if printf '%s\n' "$answer" | grep -Eq '"state": *"(queued|sending|held)"'; then
  echo "Not printed yet; the slip is kept and comes out by itself. Do not send it again under another job_id."
  exit 5
fi
