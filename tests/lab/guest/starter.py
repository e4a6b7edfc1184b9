"""
How do probes start in the guest without importing everything anew?

Run inside the guest: an interpreted processor takes eight seconds to import a probe with its libraries, and a fork of who has done it none. Each
request is a line `NUMBER NAME` in a FIFO; settings come from the shared folder, and what the probe says goes there. The exit status is written
into a FIFO of that number, after the probe's process has ended.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from probes import load
from probes.__main__ import main

SHARED = Path("/run/shared")
REQUESTS = Path("/run/probes")


def serve(*names: str) -> None:
    """Import these probes, then start what is asked for."""
    for name in names:
        load(name)
    os.mkfifo(REQUESTS)
    # Opened for both directions, so that it does not end when a writer closes it.
    with os.fdopen(os.open(REQUESTS, os.O_RDWR), closefd=True) as requests:
        for line in requests:
            number, name = line.split()
            if os.fork() == 0:
                watch(number, name)


def watch(number: str, name: str) -> None:
    """Start one probe, wait for its end and tell its status."""
    child = os.fork()
    if child == 0:
        become(number, name)
    _, status = os.waitpid(child, 0)
    Path(f"{REQUESTS}.{number}").write_text(f"{os.waitstatus_to_exitcode(status)}\n", "ascii")
    os._exit(0)


def become(number: str, name: str) -> None:
    """Be the probe, as `python -m probes NAME` is."""
    new = os.O_WRONLY | os.O_CREAT
    files = (("settings", os.O_RDONLY), ("lines", new), ("trouble", new))
    for descriptor, (kind, flags) in enumerate(files):
        os.dup2(os.open(SHARED / f"{number}.{kind}", flags, 0o644), descriptor)
    sys.exit(main([name, "--evidence", str(SHARED / f"{number}.evidence")]))


if __name__ == "__main__":
    serve(*sys.argv[1:])
