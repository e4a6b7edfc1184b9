"""
What does a person see of a school's ways out before one is measured: how much a run will use, or why there can be none now?

What is shown is what an order without further words would come to at this moment; nothing is booked by looking.
"""

from __future__ import annotations

from dataclasses import dataclass

from collector.assembly import Collector
from collector.egress_orders import Wish
from collector.messages import N_
from collector.school import School
from collector.words import Words
from collector.wrong_order import WrongOrder
from evidence.spelled import spelled_value


@dataclass(frozen=True, slots=True)
class WayRow:
    """A way out that can be measured: its line and network, what a run will use in words, or why it cannot be ordered now."""

    line: str
    path: str
    about: str
    why: str


def ways(collector: Collector, school: School, words: Words) -> list[WayRow]:
    """Each line of the school's list, or the only way out there is; nothing before the operator has a server."""
    if all(server.revoked for server in school.servers.values()):
        return []
    lines = [(line.name, line.kind) for line in school.lines] or [("", "")]
    return [_way(collector, school, words, Wish(path, line)) for line, path in lines]


def _way(collector: Collector, school: School, words: Words, wish: Wish) -> WayRow:
    """One way out: its volume is told before anybody orders it."""
    try:
        found = collector.dispatch.preview(school, wish=wish)
    except WrongOrder as why:
        return WayRow(wish.line, wish.path, "", words.say(why.message, **why.about))
    about = words.say(
        N_(
            "About {volume} cross the line, paced to {rate}, for a few seconds in each direction; choose a quiet hour where the "
            "line is slower than that."
        ),
        volume=found.volume,
        rate=spelled_value("bit/s", found.plan.pace_bit_s, words.language),
    )
    return WayRow(wish.line, wish.path, about, "")
