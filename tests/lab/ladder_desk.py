"""
How is a probe run many times without being loaded each time?

A process at the desk loads the probe and what it loads later, and forks for each folder whose name comes as a line on standard input: the child is
`python -m probes ipv6` in all but the loading, with the folder's `settings`, `lines`, `errors` and `evidence`. The exit status goes
back as a line, negative for a signal.
"""

import os
import signal
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # it is run by itself, isolated
from probes.__main__ import main as run_probe
from probes._scapy import second_reading
from probes.ipv6 import PROBE

LONGEST_S = PROBE.deadline_s
NEW = os.O_CREAT | os.O_WRONLY
STREAMS = {"settings": os.O_RDONLY, "lines": NEW, "errors": NEW}  # in the order of their numbers


def measured(place: str) -> int:
    """One run; its exit status."""
    child = os.fork()
    if child == 0:
        for number, (name, flags) in enumerate(STREAMS.items()):
            os.dup2(os.open(f"{place}/{name}", flags), number)
        signal.alarm(LONGEST_S)  # what hangs is ended, and its status says so
        sys.exit(run_probe(["ipv6", "--evidence", f"{place}/evidence"]))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Load all, then serve."""
    second_reading(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 0, 0, 0))
    print("ready", flush=True)
    for line in sys.stdin:
        print(measured(line.strip()), flush=True)


if __name__ == "__main__":
    main()
