"""
What exactly is ordered when the way out of a school is to be measured: how long, how fast, with what volume, with which settings?

*Method*: a paced run asks for a little more than the rate that it is to show, and has shown it after three seconds; its ticket
allows six. A run that takes what it gets has twelve seconds and may use what its server can send in them. Each agent has one ticket for
each server. Pure: a plan in, figures and settings out; what is chosen says `collector.egress_choice`, when it may run `collector.slots`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.school import Line, School, Server
from collector.slots import Load
from evidence.model import Settings
from evidence.stream import LONGEST_RUN_US, Direction

BOTH = (Direction.DOWN, Direction.UP)
MOST_PACED_BIT_S = 2_500_000_000  # above it a sender is not paced exactly, and a line is filled anyway
PACE_PPM = 1_050_000  # of the rate that is to be shown
ALL_PPM = 1_000_000
PACED_RUN_US = 6_000_000  # a paced run has settled after three seconds; this is for one that has not
PACED_SETTLES_US = 3_000_000
ABOUT_A_RUN_US = 10_000_000  # idle latency before, joining, and what is said after it
GRACE_US = 600_000_000  # how late an agent may come
LEAST_RUN_US = 4_000_000  # a saturating run with a smaller volume than this at 1 Gbit/s would show nothing
MOST_WITNESSES, MOST_AGENTS = 8, 100  # what one order of the probe may hold (docs/probes.md)
MOST_WATCHED = 20  # the same, of the probe that only watches these ports
GIGABIT = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What a person asks for; what is left empty is chosen.

    `at_least_bit_s` is the rate to show, of a group together; 0 asks for what policies ask. `saturate` takes what the line gives.
    """

    path: str = ""
    line: str = ""
    directions: tuple[Direction, ...] = BOTH
    at_least_bit_s: int = 0
    saturate: bool = False
    group: bool = False
    second: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What will be ordered: of which agents, at which server (and at a second one after it), over which line.

    `threshold_bit_s` is the rate that each agent is to show, 0 for a run that takes what it gets. In a group of `seats` agents all
    measure at the same time; where these are more than `agents`, the others measure other lines of the school.
    """

    school: School
    agents: tuple[str, ...]
    servers: tuple[Server, ...]
    line: Line | None
    threshold_bit_s: int
    directions: tuple[Direction, ...] = BOTH
    seats: int = 1

    @property
    def at_once(self) -> int:
        """How many agents measure this line at the same time: a server lets one in after the other, but a group together."""
        return len(self.agents) if self.seats > 1 else 1

    @property
    def tickets(self) -> int:
        """How many sessions there are."""
        return len(self.agents) * len(self.servers)

    @property
    def pace_bit_s(self) -> int:
        """To what one agent is paced; 0 where it is not."""
        return self.threshold_bit_s * PACE_PPM // ALL_PPM

    @property
    def saturating(self) -> bool:
        """Whether the run may fill a line, by taking what it gets or by being that fast together."""
        return not self.threshold_bit_s or self.threshold_bit_s * self.seats > MOST_PACED_BIT_S

    @property
    def most_us(self) -> int:
        """How long one run may last."""
        return PACED_RUN_US if self.threshold_bit_s else LONGEST_RUN_US

    @property
    def lasts_us(self) -> int:
        """How long the slot is: all sessions that follow one another, and the time by which an agent may be late."""
        in_turn = self.tickets // self.at_once
        return in_turn * len(self.directions) * (self.most_us + ABOUT_A_RUN_US) + GRACE_US

    @property
    def load(self) -> Load:
        """What the plan takes at least: a saturating run can do with less volume than it would use up."""
        shared = self.line.shared if self.line is not None else ""
        name = self.line.name if self.line is not None else ""
        octets = self.tickets * (self.ticket_octets() if self.threshold_bit_s else self._of(GIGABIT, LEAST_RUN_US))
        rate_bit_s = self.pace_bit_s * self.at_once
        return Load(self.school.id, name, shared, rate_bit_s, octets, self.saturating)

    def ticket_octets(self, left: int | None = None) -> int:
        """What one ticket allows at most, in octets; of a saturating run no more than its part of what is left of the day."""
        if self.threshold_bit_s:
            return self._of(self.pace_bit_s, self.most_us)
        most = self._of(max(server.capacity_bit_s for server in self.servers), self.most_us)
        return most if left is None else min(most, left // self.tickets)

    def estimate_octets(self, left: int | None = None) -> int:
        """What the plan is about to use: until a paced run has settled, or as much as a saturating one may."""
        each = self._of(self.pace_bit_s, PACED_SETTLES_US) if self.threshold_bit_s else self.ticket_octets(left)
        return self.tickets * each

    def _of(self, rate_bit_s: int, run_us: int) -> int:
        """The octets of one session at a rate, all directions together."""
        return len(self.directions) * rate_bit_s * run_us // 8_000_000


def egress_settings(plan: Plan, tickets: Sequence[Sequence[Settings]]) -> Settings:
    """The settings of the probe `egress`; `tickets` are those of each of the plan's servers. What is not needed is left out."""
    settings: Settings = {
        **_at(plan.servers[0], tickets[0]),
        "direction": "both" if len(plan.directions) > 1 else plan.directions[0].value,
        "max_s": plan.most_us // 1_000_000,
        "path": plan.servers[0].path,
        "operator": plan.servers[0].operator,
        "line": plan.line.name if plan.line is not None else "",
        "threshold_bit_s": plan.threshold_bit_s,
        "switches": witnesses(plan.school)[:MOST_WITNESSES],
        "second": _at(plan.servers[1], tickets[1]) if len(plan.servers) > 1 else {},
        "virtual_ports": plan.school.virtual,
    }
    return {key: value for key, value in settings.items() if value}


def _at(server: Server, tickets: Sequence[Settings]) -> Settings:
    """Where a server answers, by which key it is known, and the tickets for it."""
    return {"server": server.address, "server_key": server.public_key, "tickets": list(tickets)}


def witnesses(school: School) -> list[Settings]:
    """The switches whose ports lead out of the school, with those ports."""
    ports = {
        switch.name: sorted(end.port for end in school.wans if end.switch == switch.name) for switch in school.switches
    }
    return [
        {"host": switch.host, "port": switch.port, "name": switch.name, "ports": ports[switch.name]}
        for switch in school.switches
        if ports[switch.name]
    ]


def spelled_volume(octets: int) -> str:
    """A volume as people read it: 0.4 GB, 79 MB."""
    return f"{octets / 10**9:.1f} GB" if octets >= 10**8 else f"{octets / 10**6:.0f} MB"
