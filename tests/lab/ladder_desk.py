"""
How is a probe run many times without being loaded each time?

A process at the desk loads the probe and what it loads later, and forks for each order that comes as a line of JSON on standard input: the child is
`python -m probes ipv6` in all but the loading. The exit status goes back as a line, negative for a signal.
"""

import json
import os
import signal
import struct
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # it is run by itself, isolated
import probes.ipv6
from probes.__main__ import main as run_probe
from probes._scapy import second_reading

LONGEST_S = 90


def measured(order: dict[str, Any]) -> int:
    """One run; its exit status."""
    child = os.fork()
    if child == 0:
        sys.exit(_run(order))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _run(order: dict[str, Any]) -> int:
    """What the child does, with the streams that the order names."""
    settings = Path(order["out"] + ".settings")
    settings.write_text(json.dumps(order["settings"]))
    made = os.O_CREAT | os.O_WRONLY
    for number, (name, flags) in enumerate(
        ((str(settings), os.O_RDONLY), (order["out"], made), (order["errors"], made))
    ):
        os.dup2(os.open(name, flags), number)
    signal.alarm(LONGEST_S)  # what hangs is ended, and its status says so
    return run_probe(["ipv6", *(["--evidence", order["evidence"]] if order["evidence"] else [])])


def main() -> None:
    """Load all, then serve."""
    assert probes.ipv6.PROBE.settings
    second_reading(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 0, 0, 0))
    print("ready", flush=True)
    for line in sys.stdin:
        print(measured(json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
