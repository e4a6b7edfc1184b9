"""
How does a test get a school to measure?

    with VirtualSchool(directory, Settings(egress_bit_s=600_000_000, ra=False)) as school:
        school.ready(timeout_s=15)
        school.node("agent").run(["ip", "address"])

Entering builds the network and starts the daemons (about a second); `ready` waits until all of them answer; leaving
kills every machine and waits until nothing of it is left. Several schools may stand side by side: nothing has a fixed
name on the host.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.daemons import AGENTX, FIREWALL, Daemon, copy_lldpcli, daemons
from tests.lab.node import Node
from tests.lab.readiness import await_answers, questions
from tests.lab.settings import Settings
from tests.lab.topology import EGRESS, MACHINES, SYSCTLS, Link
from tests.lab.wiring import Cable, is_cable, lay, links_of, plan, plug, set_speed, shape, speed_of, ways_out

AGENTX_DEADLINE_S = 10


class VirtualSchool:
    """A school with its provider, the internet, the metropolitan network and the operator's machine."""

    def __init__(self, directory: Path, settings: Settings | None = None) -> None:
        self.directory = directory.resolve()
        self.settings = settings or Settings()
        self.nodes: dict[str, Node] = {}
        self.cables: dict[Link, Cable] = {}
        self.answered_s: dict[str, float] = {}
        """Per service, how long after the start it answered."""
        self.built_s = 0.0
        self._daemons: dict[tuple[str, str], Daemon] = {}
        self._undo = ExitStack()
        if self.directory.is_relative_to("/run"):
            raise ValueError(f"{directory} is in /run, which every machine hides behind its own")

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        with self._undo:
            self._make_machines()
            self._connect()
            self._start_daemons()
            self._undo = self._undo.pop_all()  # nothing failed: what was made now stays until the school is left
        self.built_s = time.monotonic() - self._started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Kill all machines and cables, and wait until they are gone; doing it twice does no harm."""
        self._undo.close()

    def node(self, name: str) -> Node:
        """Find a machine by its name in `topology.MACHINES`."""
        return self.nodes[name]

    def ready(self, timeout_s: float = 15, only: Sequence[str] = ()) -> None:
        """Wait until every service answers, or those named; NotReadyError says which did not and shows its log."""
        asked = [q for q in questions(self.settings) if not only or q.service in only]
        answered_s = await_answers(self.nodes, asked, time.monotonic() + timeout_s, self._started)
        if not self.answered_s:
            self.answered_s = answered_s  # later calls follow a fault and say nothing of the start

    def start(self, node: str, tag: str) -> None:
        """Start a daemon of the school (again), as it was configured."""
        daemon = self._daemons[node, tag]
        machine = self.nodes[node]
        for name, text in daemon.files.items():
            machine.write(name, text)
        for name, size in daemon.sparse.items():
            _make_sparse(machine.directory / name, size)
        machine.spawn(tag, daemon.argv, env=daemon.env)

    def set_link_speed(self, link: Link, mbit_s: int) -> None:
        """Let both ends of a cable say this speed and carry no more; ValueError if the link is no cable."""
        if link not in self.cables:
            raise ValueError(
                f"{link.one} is a veth and says 10000 Mbit/s for ever: give the school another speed for it"
            )
        for name, port in link.ends:
            set_speed(self.nodes[name], port, mbit_s)

    def set_egress(self, rate_bit_s: int) -> None:
        """Shape the school's egress, both directions."""
        for name, interface in EGRESS:
            shape(self.nodes[name], interface, rate_bit_s)

    def restore_routes(self, name: str) -> None:
        """Give a machine its addresses' routes again: the kernel drops them while a link is down."""
        machine = MACHINES[name]
        self.nodes[name].run(["ip", "-batch", "-"], stdin="\n".join(ways_out(machine)), check=True)

    def _make_machines(self) -> None:
        """All inits are started before the first is waited for."""
        self._undo.callback(self._kill_machines)
        for name, machine in MACHINES.items():
            folder = self.directory / name
            self.nodes[name] = Node(name, folder, machine.resolver, SYSCTLS[machine.role])
        for node in self.nodes.values():
            node.booted()

    def _kill_machines(self) -> None:
        for node in self.nodes.values():
            node.kill()
        for node in self.nodes.values():
            node.gone()

    def _connect(self) -> None:
        """Links, addresses, link speeds, the egress and the firewall."""
        links = links_of(self.settings)
        for link in links:
            if is_cable(link, self.settings):
                self.cables[link] = plug(self.directory / "cables.log")
                self._undo.callback(self.cables[link].unplug)
        lay(links, self.nodes, self.cables)
        for name, machine in MACHINES.items():
            self.nodes[name].run(["ip", "-batch", "-"], stdin=plan(machine, self.settings), check=True)
        for link in self.cables:
            self.set_link_speed(link, speed_of(link, self.settings))
        self.set_egress(self.settings.egress_bit_s)
        self.nodes["gw"].run(["nft", "-f", "-"], stdin=FIREWALL, check=True)

    def _start_daemons(self) -> None:
        """lldpd comes last, when its snmpd listens: without an AgentX socket its tables stay away for long."""
        copy_lldpcli(self.directory)
        # Those that the settings leave out are known too, so that a test may start them later.
        every = daemons(self.directory, replace(self.settings, ra=True, metro=True))
        self._daemons = {(daemon.node, daemon.tag): daemon for daemon in every}
        for daemon in daemons(self.directory, self.settings):
            if daemon.tag == "lldpd":
                self._await_agentx(daemon.node)
            self.start(daemon.node, daemon.tag)

    def _await_agentx(self, switch: str) -> None:
        node = self.nodes[switch]
        deadline = time.monotonic() + AGENTX_DEADLINE_S
        while not Path(f"/proc/{node.pid}/root{AGENTX}").exists():
            if time.monotonic() > deadline:
                raise RuntimeError(f"snmpd on {switch} has made no AgentX socket: {node.tail('snmpd')}")
            time.sleep(0.005)


def _make_sparse(path: Path, size: int) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)
