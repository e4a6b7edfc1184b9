"""
How are the machines joined, addressed and shaped?

Method: text for `ip -batch`, one batch outside for the links and one inside each machine for its addresses; so the
whole network is made by a dozen short processes that run side by side. A link is a veth pair, or a cable (`cable.py`)
where its speed has to be chosen.
"""

import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.needs import PATH
from tests.lab.node import DIE_WITH_PARENT, Node, environment
from tests.lab.settings import PLAIN_LINK_MBIT_S, Settings
from tests.lab.topology import LINKS, SECOND_LINKS, Link, Machine

SMALLEST_BUCKET_BYTES = 64 * 1024
BUCKET_MS = 8
"""A smaller bucket loses tokens while the processor is away, and the rate comes out too low."""
QUEUE_MS = 50


@dataclass(frozen=True)
class Cable:
    """A running cable: its process and the names that its two taps were born with."""

    process: subprocess.Popen[bytes]
    taps: tuple[str, str]

    def unplug(self) -> None:
        """End the cable; its taps go with it."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def plug(log: Path, program: str = "cable.py", *words: str) -> Cable:
    """Start one cable, or another program beside it that carries frames, its two taps not yet moved into machines."""
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [*DIE_WITH_PARENT, sys.executable, "-I", "-S", str(Path(__file__).with_name(program)), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment(),
            start_new_session=True,
        )
    assert process.stdout is not None
    names = process.stdout.readline().decode().split()
    if len(names) != 2:
        raise RuntimeError(f"a cable did not start: {log.read_text()}")
    return Cable(process, (names[0], names[1]))


def speed_of(link: Link, settings: Settings) -> int:
    """What this link is to say of itself, in Mbit/s."""
    between_switches = settings.uplink_mbit_s
    of_kind = {"plain": PLAIN_LINK_MBIT_S, "uplink": between_switches, "second": between_switches}
    return of_kind.get(link.kind, settings.desk_mbit_s)


def is_cable(link: Link, settings: Settings) -> bool:
    """Whether this link needs a cable: a veth carries 10 Gbit/s better than a cable, and can say nothing else."""
    changes = settings.changeable and link.kind in ("uplink", "second")
    return changes or speed_of(link, settings) != PLAIN_LINK_MBIT_S


def links_of(settings: Settings) -> tuple[Link, ...]:
    """Every link of a school with these settings."""
    return (*LINKS, *SECOND_LINKS) if settings.second_links else LINKS


def lay(links: Iterable[Link], nodes: Mapping[str, Node], cables: Mapping[Link, Cable]) -> None:
    """Make every link and put both ends into their machines, already under their names there."""
    batch: list[str] = []
    for link in links:
        (a, a_port), (b, b_port) = link.ends
        if link in cables:
            one, other = cables[link].taps
            batch += [f"link set {one} netns {nodes[a].pid} name {a_port}"]
            batch += [f"link set {other} netns {nodes[b].pid} name {b_port}"]
        else:
            near, far = f"{a_port} netns {nodes[a].pid}", f"{b_port} netns {nodes[b].pid}"
            batch += [f"link add {near} type veth peer name {far}"]
    subprocess.run(
        ["ip", "-batch", "-"], input="\n".join(batch), text=True, check=True, capture_output=True, env={"PATH": PATH}
    )


def plan(machine: Machine, settings: Settings) -> str:
    """Write the `ip -batch` text that brings one machine up."""
    interfaces = [*machine.ports, *machine.addresses, *(machine.spare if settings.second_links else ())]
    lines = ["link add br0 type bridge"] if machine.ports else []
    lines += [f"link set {port} master br0" for port in machine.ports]
    lines += [f"link set {interface} up" for interface in ("lo", *interfaces)]
    lines += [
        f"addr add {address} dev {name}" for name, addresses in machine.addresses.items() for address in addresses
    ]
    return "\n".join([*lines, *ways_out(machine)]) + "\n"


def ways_out(machine: Machine) -> list[str]:
    """Write the lines that give a machine its routes, or give them back after a link was down."""
    lines = [f"route replace default via {gateway}" for gateway in machine.gateways]
    return lines + [f"route replace {to} via {gateway}" for to, gateway in machine.routes]


def shape(node: Node, interface: str, rate_bit_s: int) -> None:
    """Let an interface send at most this rate, counted with its Ethernet headers; replaces what was set before."""
    bucket = max(SMALLEST_BUCKET_BYTES, rate_bit_s * BUCKET_MS // 8000)
    rate = ["rate", f"{rate_bit_s}bit", "burst", str(bucket), "latency", f"{QUEUE_MS}ms"]
    node.run(["tc", "qdisc", "replace", "dev", interface, "root", "handle", "1:", "tbf", *rate], check=True)


def set_speed(node: Node, interface: str, mbit_s: int) -> None:
    """Let a cable's end say this speed, and carry no more."""
    node.run(["ethtool", "-s", interface, "speed", str(mbit_s), "duplex", "full"], check=True)
    shape(node, interface, mbit_s * 1_000_000)
