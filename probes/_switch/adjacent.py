"""
Which listed switches stand next to each other, where neither LLDP nor CDP says so?

*Method*: each must have learned the other's address on one port, and no third listed switch may stand between: one that sees both
behind different ports does, and so does one that both see behind these very ports (Lowekamp, O'Hallaron, Gross 2001). A port
that hears a bridging neighbour is left to LLDP.

What it does not prove: that nothing unlisted stands between. A blocked port learns nothing, so that a spare link is not found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from probes._switch.found import SwitchFound


def seen_on(switch: SwitchFound, other: SwitchFound) -> int | None:
    """The one port, or aggregate, behind which a switch has learned the other's addresses; None where there is none or several."""
    ports = {_trunk(switch, switch.learned[mac]) for mac in other.macs if mac in switch.learned}
    return next(iter(ports)) if len(ports) == 1 else None


def _trunk(switch: SwitchFound, port: int) -> int:
    """The aggregate of a port, else the port itself."""
    trunk = switch.trunk(port)
    return trunk.index if trunk is not None else port


def adjacent(switches: Sequence[SwitchFound], taken: frozenset[tuple[int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Pairs of switches next to each other: number and port of one, number and port of the other; `taken` ports are left out."""
    seen = {(a, b): seen_on(one, two) for a, one in enumerate(switches) for b, two in enumerate(switches) if a != b}
    for one, other in combinations(range(len(switches)), 2):
        here, there = seen[one, other], seen[other, one]
        if here is None or there is None or {(one, here), (other, there)} & taken:
            continue
        if not (_up(switches[one], here) and _up(switches[other], there)):
            continue
        thirds = [third for third in range(len(switches)) if third not in (one, other)]
        if not any(_between(seen, third, (one, here), (other, there)) for third in thirds):
            yield one, here, other, there


def _between(
    seen: Mapping[tuple[int, int], int | None], third: int, one: tuple[int, int], other: tuple[int, int]
) -> bool:
    """Whether a third switch stands on the way from one switch's port to the other's."""
    towards = seen[third, one[0]], seen[third, other[0]]
    if None not in towards and towards[0] != towards[1]:
        return True
    return seen[one[0], third] == one[1] and seen[other[0], third] == other[1]


def _up(switch: SwitchFound, index: int) -> bool:
    """Whether a port passes packets."""
    port = switch.port(index)
    return port is not None and port.up
