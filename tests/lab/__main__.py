"""
What does the virtual school look like from inside?

`python -m tests.lab` (as root) starts one, prints its machines and how to get a shell on them, and keeps it until
Ctrl-C.
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from tests.lab.needs import PACKAGES, missing
from tests.lab.school import VirtualSchool
from tests.lab.settings import PLAIN_LINK_MBIT_S, Settings, bit_s
from tests.lab.topology import MACHINES


def parser() -> argparse.ArgumentParser:
    """Build the command line: one option per setting of a school."""
    options = argparse.ArgumentParser(prog="python -m tests.lab", description="Keep a virtual school standing.")
    options.add_argument("--egress", type=bit_s, default=bit_s("1 Gbit/s"), help="such as '600 Mbit/s'")
    options.add_argument("--no-ra", action="store_true", help="no router advertisements, so no IPv6 for stations")
    options.add_argument("--no-metro", action="store_true", help="the metropolitan network's service refuses")
    options.add_argument("--desk", type=int, default=1000, metavar="MBIT_S", help="speed of the desk links")
    options.add_argument(
        "--uplink", type=int, default=PLAIN_LINK_MBIT_S, metavar="MBIT_S", help="speed between switches"
    )
    options.add_argument("--community", default=Settings.community, help="SNMP v2c community of the switches")
    return options


def settings_of(chosen: argparse.Namespace) -> Settings:
    """Turn the command line into settings."""
    return Settings(
        egress_bit_s=chosen.egress,
        ra=not chosen.no_ra,
        metro=not chosen.no_metro,
        desk_mbit_s=chosen.desk,
        uplink_mbit_s=chosen.uplink,
        community=chosen.community,
    )


def describe(school: VirtualSchool) -> str:
    """Write the machines with their addresses, the services with their times, and how to get a shell."""
    machines = [f"  {name:6} {node.pid:7}  {addresses(school, name)}" for name, node in school.nodes.items()]
    services = [f"  {service:15} {seconds:5.2f} s" for service, seconds in sorted(school.answered_s.items())]
    shell = "nsenter -t PID --net --mount --uts --pid --root -- bash"
    return "\n".join(
        [
            f"built in {school.built_s:.2f} s; machine, pid, addresses:",
            *machines,
            "answered after:",
            *services,
            f"folder: {school.directory}",
            f"a shell on a machine: {shell}",
            "",
        ]
    )


def addresses(school: VirtualSchool, name: str) -> str:
    """List the addresses that a machine has now, those that it made up itself (SLAAC) included."""
    shown = school.node(name).run(["ip", "-brief", "address", "show", "scope", "global"], check=True).stdout
    found = [word for line in shown.splitlines() for word in line.split()[2:] if "/" in word]
    return " ".join(found) or str(MACHINES[name].addresses)


def stay(settings: Settings) -> None:
    """Keep a school standing until a signal comes."""
    with tempfile.TemporaryDirectory(prefix="school-") as folder, VirtualSchool(Path(folder), settings) as school:
        school.ready()
        sys.stdout.write(describe(school) + "Ctrl-C stops it.\n")
        sys.stdout.flush()
        signal.pause()


def main() -> int:
    """Exit status: 0 after Ctrl-C or SIGTERM, 1 if no school can run here."""
    chosen = settings_of(parser().parse_args())
    if absent := missing():
        sys.stderr.write("no virtual school can run here:\n" + "".join(f"  {thing}\n" for thing in absent))
        sys.stderr.write(f"on Debian: apt-get install --no-install-recommends {' '.join(PACKAGES)}\n")
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        stay(chosen)
    except KeyboardInterrupt:
        sys.stdout.write("stopped\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
