#!/usr/bin/env python3
"""Drop one job for receiptd and wait for its answer.

Usage: drop.py SPOOL JOB.json [SECONDS]

Exit: 0 printed, 3 rejected, 5 not printed yet, 6 uncertain, 7 refused or conflict. Python 3.8 or newer, no packages.
"""
import json
import os
import sys
import time


def drop(spool, job_id, data):
    """Put a job into the drop folder so that receiptd never sees half a file, and a power cut loses nothing."""
    name = job_id + ".json"
    try:
        os.remove(os.path.join(spool, "results", name))  # the answer to an earlier drop of the same job
    except FileNotFoundError:
        pass
    tmp = os.path.join(spool, "incoming", "." + name + ".tmp")
    with open(tmp, "wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
    os.replace(tmp, os.path.join(spool, "incoming", name))
    if hasattr(os, "O_DIRECTORY"):  # not on Windows
        folder = os.open(os.path.join(spool, "incoming"), os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return name


def answer(spool, name, seconds):
    """Give the answer when nothing more happens by itself, or the latest one (or None) when the time is over."""
    deadline = time.monotonic() + seconds
    latest = None
    while True:
        try:
            with open(os.path.join(spool, "results", name), encoding="utf-8") as f:
                latest = json.load(f)
        except (FileNotFoundError, PermissionError):  # not there yet; on Windows, being replaced
            pass
        if latest and not any(c["state"] in ("queued", "sending", "held") for c in latest["copies"]):
            return latest
        if time.monotonic() >= deadline:
            return latest
        time.sleep(0.1)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    spool, path = sys.argv[1:3]
    seconds = float(sys.argv[3]) if len(sys.argv) == 4 else 60.0
    with open(path, "rb") as f:
        data = f.read()
    got = answer(spool, drop(spool, json.loads(data)["job_id"], data), seconds)
    if got is None:
        print("no answer yet; the job is kept. Do not send it again under another job_id.")
        return 5
    print(got["outcome"])
    for p in got["errors"] + got["warnings"]:
        print("%s %s: %s -> %s" % (p["code"], p.get("pointer", ""), p["message"]["en"], p["fix"]["en"]))
    for c in got["copies"]:
        print(c["copy"], c["state"], c.get("reason", ""))
    if got["outcome"] == "rejected":
        return 3
    if got["outcome"] in ("refused", "conflict"):
        return 7
    states = {c["state"] for c in got["copies"]}
    if "uncertain" in states:
        print("Nobody knows whether the slip came out. Look at the printer before you answer.")
        return 6
    if states & {"queued", "sending", "held"}:
        print("Not printed yet; the slip is kept and comes out by itself. Do not send it again under another job_id.")
        return 5
    return 0


if __name__ == "__main__":
    sys.exit(main())
