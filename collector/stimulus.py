"""
Which volumes shall an agent push across the links, when, and towards whom?

*Method*: drawn at random for each order and sealed in it, so that nobody at the school knows them before the order is taken.
Every switch at the rim of the declared links is a target of several volumes: on the way to all of them each link of a tree
is crossed. Between the volumes lie windows in which nothing is sent. A link that the agent's packets do not take (a spare one
that spanning tree blocks) is crossed by none of them, and shows nothing.
"""

from __future__ import annotations

import secrets
from itertools import accumulate

from collector.follows import PROBE, SEEN_AT_LEAST
from collector.school import School, Switch
from evidence.model import Settings
from evidence.scan import Task

SMALLEST, LARGEST = 500_000, 4_000_000  # octets: above a quiet link's chatter, below what anybody at school would feel
PULSES_EACH = SEEN_AT_LEAST  # each target alone lets the links on the way to it be seen
FEWEST_PULSES, FEWEST_QUIET = 4, 2
MOST_TARGETS = 5  # of a larger school a random five an order, so that a run ends in ten minutes; several orders add up
MOST_SWITCHES, MOST_PORTS = 50, 64  # what one order of the probe may hold (docs/probes.md)
SHORTEST_GAP_S, LONGEST_GAP_S = 14, 22  # push (2 s at most), settle, and both readings of all ends must fit in
RATE_BIT_S = 20_000_000  # a fifth of the slowest port that there is
DISCARD = 9  # UDP port of the discard service (RFC 863): nobody answers
SETTLE_S, TIMEOUT_S, RETRIES = 6, 2, 2
CHANCE = secrets.SystemRandom()


def drawn(school: School) -> Task | None:
    """A new draw of volumes and times for a school; None where its list has no link."""
    ends = {(end.switch, end.port) for link in school.links for end in (link.one, link.other)}
    linked = [switch for switch in school.switches if any(name == switch.name for name, _ in ends)]
    if not linked:
        return None
    targets = _rim(school, linked)
    asked = _watched(school, linked, targets)
    switches = [
        {
            "host": switch.host,
            "port": switch.port,
            "name": switch.name,
            "ports": sorted(port for name, port in ends if name == switch.name)[:MOST_PORTS],
        }
        for switch in asked
    ]
    settings: Settings = {
        "switches": switches,
        "pulses": _pulses(targets),
        "udp_port": DISCARD,
        "rate_bit_s": RATE_BIT_S,
        "settle_s": SETTLE_S,
        "timeout_s": TIMEOUT_S,
        "retries": RETRIES,
    }
    return Task(PROBE, settings)


def _rim(school: School, asked: list[Switch]) -> list[Switch]:
    """The switches at which a way across the links can end: those with one link, or all where none has."""
    degree = school.degrees
    rim = [switch for switch in asked if degree[switch.name] == 1] or asked
    return CHANCE.sample(rim, min(len(rim), MOST_TARGETS))


def _watched(school: School, linked: list[Switch], targets: list[Switch]) -> list[Switch]:
    """The switches whose counters are read: the targets, then those with the most links, which lie on the ways to them."""
    degree = school.degrees
    by_rank = sorted(linked, key=lambda switch: (switch not in targets, -degree[switch.name]))
    return by_rank[:MOST_SWITCHES]


def _pulses(targets: list[Switch]) -> list[Settings]:
    """Volumes and quiet windows in random order at random times; no volume comes twice."""
    towards = [target.host for target in targets for _ in range(PULSES_EACH)]
    towards += CHANCE.choices([target.host for target in targets], k=max(0, FEWEST_PULSES - len(towards)))
    volumes = CHANCE.sample(range(SMALLEST, LARGEST + 1), len(towards))
    quiet = [(0, CHANCE.choice(towards)) for _ in range(max(FEWEST_QUIET, len(towards) // 4))]
    pairs = [*zip(volumes, towards, strict=True), *quiet]
    CHANCE.shuffle(pairs)
    times = accumulate(CHANCE.randint(SHORTEST_GAP_S, LONGEST_GAP_S) for _ in pairs)
    return [
        {"at_s": at_s, "octets": octets, "towards": host} for at_s, (octets, host) in zip(times, pairs, strict=True)
    ]
