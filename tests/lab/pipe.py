"""
How does a test get a way out of a school whose rate it knows?

    with Pipe(directory, Shape(down_bit_s=600_000_000, one_way_us=10_000)) as pipe:
        pipe.node("agent").run(["ping", "-c1", pipe.server(4)])

*Method*: the machines of `pipe_plan.py` are joined and shaped as a `Shape` says. The truth is the shaper's: `tbf` counts Ethernet frames
without their check sequence, so a line of rate R with an MTU of 1500 carries R x 1500/1514 at the IP layer, and a policer (an nft rule)
counts IP packets. The kernel carries super-packets of 64 KiB through all this, headers counted for each segment; the counters of a port
count one header a super-packet, so who compares counters asks for `per_packet`.

It does not prove: anything about a physical port. All machines share the processors of this one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from evidence.layers import L2_HEADER
from tests.lab import pipe_plan as plan
from tests.lab.node import Node, Process
from tests.lab.pipe_plan import Direction
from tests.lab.settings import PLAIN_LINK_MBIT_S, Settings
from tests.lab.topology import SYSCTLS, Link, Machine
from tests.lab.wiring import Cable, lay, plug, set_speed, shape
from tests.lab.wiring import plan as addressing

HERE = Path(__file__).parent
TAP_QUEUE = "10000"
UNBOUND = 0
"""A rate that nothing shapes."""


@dataclass(frozen=True, slots=True)
class Shape:
    """
    What a way out is like: bit/s as the shaper counts, microseconds, octets.

    `policed` has the line's rate kept by dropping at once what is above, not by a queue. `port_bit_s` shapes each agent's own port,
    `port_mbit_s` is what it says of itself and carries (a cable where that is not a veth's 10 Gbit/s). `server_bit_s` shapes the measurement
    server's own port. `neighbour` adds a second machine behind the line, `second` another server. `windows` are the octets that a
    connection may keep on its way at `agent` or `server`: (machine, of received, of sent).
    """

    down_bit_s: int = 1_000_000_000
    up_bit_s: int = 1_000_000_000
    one_way_us: int = 0
    mtu: int = 1500
    policed: bool = False
    per_packet: bool = False
    agents: int = 1
    port_bit_s: int = UNBOUND
    port_mbit_s: int = PLAIN_LINK_MBIT_S
    server_bit_s: int = UNBOUND
    neighbour: bool = False
    second: bool = False
    windows: tuple[tuple[str, int, int], ...] = ()

    def line_bit_s(self, direction: Direction) -> int:
        """The rate of the line in one direction."""
        return self.down_bit_s if direction == "down" else self.up_bit_s

    def ip_bit_s(self, direction: Direction) -> int:
        """The line's true rate at the IP layer, full packets."""
        line = self.line_bit_s(direction)
        return line if self.policed else line * self.mtu // (self.mtu + L2_HEADER)


class Pipe:
    """Agents, the school's router, the provider's, and a server; see the module."""

    def __init__(self, directory: Path, shape: Shape | None = None) -> None:
        self.directory = directory.resolve()
        self.shape = shape or Shape()
        self.nodes: dict[str, Node] = {}
        self._undo = ExitStack()
        self._loads = 0

    def __enter__(self) -> Self:
        self.directory.mkdir(parents=True, exist_ok=True)
        inside = plan.inside(self.shape.agents, self.shape.neighbour)
        machines = plan.machines(inside, self.shape.second)
        with self._undo:
            self._make(machines)
            self._join(machines, inside)
            self._shape(inside)
            self._undo = self._undo.pop_all()  # nothing failed: what was made stays until the pipe is left
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def node(self, name: str) -> Node:
        """A machine: `agent` (or `agent1` and on), `router`, `isp`, `server`, `neighbour`, `second`."""
        return self.nodes[name]

    @property
    def agents(self) -> tuple[str, ...]:
        """The names of the agents' machines."""
        return plan.inside(self.shape.agents, False)

    @staticmethod
    def server(family: int, name: str = "server") -> str:
        """The address of a server."""
        return plan.SERVERS[name][family]

    def reshape(self, direction: Direction, rate_bit_s: int) -> None:
        """Give the line another rate in one direction."""
        machine, interface = plan.LINE[direction]
        shape(self.nodes[machine], interface, rate_bit_s)

    def cut(self) -> None:
        """Unplug the line: nothing passes, and nobody is told."""
        self.nodes["router"].run(["ip", "link", "set", "wan0", "down"], check=True)

    @contextmanager
    def hogs(self, count: int, on: str = "agent") -> Iterator[None]:
        """Keep processors busy meanwhile."""
        with self._meanwhile([(on, ["-c", "while True: pass"])] * count):
            yield

    @contextmanager
    def cross_traffic(self, direction: Direction, rate_bit_s: int) -> Iterator[None]:
        """Somebody else behind the line, the neighbour, loads it by UDP meanwhile; the rate is payload."""
        sender, to = ("server", plan.NEIGHBOUR) if direction == "down" else ("neighbour", plan.SERVERS["server"][4])
        receiver = "neighbour" if direction == "down" else "server"
        program = str(HERE / "pipe_traffic.py")
        with self._meanwhile([(receiver, [program, "sink"]), (sender, [program, "send", to, str(rate_bit_s)])]):
            yield

    @contextmanager
    def watched(self, machine: str, counter: str) -> Iterator[Path]:
        """A port's counter (`wan0/statistics/rx_bytes`) meanwhile: a file of lines `microseconds octets`, the monotonic clock."""
        program, at = str(HERE / "pipe_traffic.py"), f"/sys/class/net/{counter}"
        with self._meanwhile([(machine, [program, "watch", at])]):
            yield self.nodes[machine].log(f"load-{self._loads}")

    @contextmanager
    def _meanwhile(self, programs: list[tuple[str, list[str]]]) -> Iterator[None]:
        """Programs of Python left running while something is done; each is ended by its own id."""
        with ExitStack() as running:
            for machine, words in programs:
                self._loads += 1
                tag = f"load-{self._loads}"
                load = self.nodes[machine].spawn(tag, [sys.executable, "-I", "-S", *words])
                running.callback(_end, load)
            yield

    def _make(self, machines: dict[str, Machine]) -> None:
        """All inits are started before the first is waited for."""
        self._undo.callback(self._kill)
        windows = {name: _windows(received, sent) for name, received, sent in self.shape.windows}
        for name, machine in machines.items():
            sysctls = SYSCTLS[machine.role] | windows.get(name, {})
            self.nodes[name] = Node(name, self.directory / name, "127.0.0.1", sysctls)
        for node in self.nodes.values():
            node.booted()

    def _kill(self) -> None:
        for node in self.nodes.values():
            node.kill()
        for node in self.nodes.values():
            node.gone()

    def _join(self, machines: dict[str, Machine], inside: tuple[str, ...]) -> None:
        """Links and addresses; a link is a cable where it delays or says a speed of its own."""
        cables: dict[Link, Cable] = {}
        log = self.directory / "cables.log"
        if self.shape.one_way_us:
            cables[plan.FAR] = plug(log, "pipe_delay.py", str(self.shape.one_way_us))
            self._undo.callback(cables[plan.FAR].unplug)
        if self.shape.port_mbit_s != PLAIN_LINK_MBIT_S:
            for number, name in enumerate(inside):
                cables[plan.port(number, name)] = cable = plug(log)
                self._undo.callback(cable.unplug)
        lay(plan.links(inside, self.shape.second), self.nodes, cables)
        for name, machine in machines.items():
            self.nodes[name].run(["ip", "-batch", "-"], stdin=addressing(machine, Settings()), check=True)
        for link in cables:  # a cable that waits for a processor must not lose what the shaper let pass
            for name, interface in link.ends:
                self.nodes[name].run(["ip", "link", "set", interface, "txqueuelen", TAP_QUEUE], check=True)

    def _shape(self, inside: tuple[str, ...]) -> None:
        """Rates, MTU and offloads."""
        chosen = self.shape
        for machine, interface in plan.LINE.values():
            self.nodes[machine].run(["ip", "link", "set", interface, "mtu", str(chosen.mtu)], check=True)
        if chosen.per_packet or chosen.policed:
            self._one_frame_a_packet(inside)
        for direction, (machine, interface) in plan.LINE.items() if chosen.policed else ():
            rules = plan.policer(interface, chosen.line_bit_s(direction))
            self.nodes[machine].run(["nft", "-f", "-"], stdin=rules, check=True)
        for (machine, interface), rate in self._rates(inside).items():
            shape(self.nodes[machine], interface, rate)
        for machine, interface in _ends(inside) if chosen.port_mbit_s != PLAIN_LINK_MBIT_S else ():
            set_speed(self.nodes[machine], interface, chosen.port_mbit_s)

    def _rates(self, inside: tuple[str, ...]) -> dict[tuple[str, str], int]:
        """What each port may send, of those that are shaped."""
        chosen = self.shape
        rates = dict.fromkeys(_ends(inside[: chosen.agents]), chosen.port_bit_s)
        if not chosen.policed:
            rates |= {plan.LINE["down"]: chosen.down_bit_s, plan.LINE["up"]: chosen.up_bit_s}
        rates |= dict.fromkeys(plan.FAR.ends, chosen.server_bit_s)
        return {end: rate for end, rate in rates.items() if rate != UNBOUND}

    def _one_frame_a_packet(self, inside: tuple[str, ...]) -> None:
        """
        No super-packets pass the line, so that the counters of its ports count what a real line carries.

        Behind its ports they are put together again (GRO), or two processors would not forward a gigabit; a veth whose peer does so counts
        without the Ethernet header, 0.9 % less. Not where a policer is to see single packets.
        """
        ports = [*plan.LINE.values(), *((*_ends(inside), *plan.FAR.ends) if self.shape.policed else ())]
        together = "off" if self.shape.policed else "on"
        for machine, interface in ports:
            offloads = ["tso", "off", "gso", "off", "gro", together]
            self.nodes[machine].run(["ethtool", "-K", interface, *offloads], check=True)


def _ends(inside: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Both ends of each link behind the line: machine and interface."""
    return tuple(end for number, name in enumerate(inside) for end in plan.port(number, name).ends)


def _windows(received: int, sent: int) -> dict[str, str]:
    """Kernel settings that keep a machine's TCP buffers small, in octets."""
    most = {"net/ipv4/tcp_rmem": received, "net/ipv4/tcp_wmem": sent}
    return {name: f"4096 {min(octets, 65536)} {octets}" for name, octets in most.items() if octets}


def _end(load: Process) -> None:
    """End a load that may have ended by itself, which is a fault of the lab."""
    if not load.running:
        raise RuntimeError(f"a load ended before it was told to: {load.log.read_text()}")
    load.stop()
