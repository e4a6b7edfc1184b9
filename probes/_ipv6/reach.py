"""
L5: are hosts of several operators reached over IPv6, and the operator's own server?

*Method*: TCP connects to literal addresses, side by side, three tries of four seconds each. What counts is who accepted, by operator:
where only hosts of one operator are reached, IPv6 leads no further than its network.

What it does not prove: that pages load. Anything on the way may accept a connection, which the next rung finds out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS
from evidence.model import Facts, Raw
from probes._ipv6.rungs import Climb
from probes._ipv6.settings import Limits, Settings, Target
from probes._literal import Connect, connect_all
from probes._rung import Rung

TRIES = 3
WAIT_S = 4.0
ALL_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Reached:
    """One target and what came of the last connect to it; `own` is the operator's server."""

    target: Target
    connect: Connect
    own: bool = False


def climb(settings: Settings, interface: str) -> Climb:
    """Connect to every target and to the operator's server."""
    own = (
        [Target(address=settings.echo.v6, port=settings.echo.port, operator=settings.echo.operator or "-")]
        if settings.echo
        else []
    )
    others = [target for target in settings.targets if (target.address, target.port) not in _places(own)]
    targets = [*own, *others]
    if not targets:
        return Climb(Rung("L5", NOT_TESTED, "NO_TARGETS"))
    connects = connect_all([(one.address, one.port) for one in targets], WAIT_S, interface, TRIES)
    found = [Reached(target, connect, target in own) for target, connect in zip(targets, connects, strict=True)]
    return Climb(judged(found, settings.limits), (Raw("reach.json", _written(found)),))


def _places(targets: Sequence[Target]) -> set[tuple[object, int]]:
    """Address and port of each, by which two targets are one."""
    return {(one.address, one.port) for one in targets}


def judged(found: Sequence[Reached], limits: Limits) -> Rung:
    """The rung; nothing is decided on fewer targets, or fewer operators, than the order says are enough."""
    reached = [one for one in found if one.connect.accepted]
    operators = {one.target.operator for one in found}
    facts: Facts = {"targets": len(found), "reached": len(reached), "operators": len(operators)}
    facts["operators_reached"] = len({one.target.operator for one in reached})
    own = next((one for one in found if one.own), None)
    if own is not None:
        facts["server"] = "reached" if own.connect.accepted else own.connect.error
    if reached:
        facts["source"] = reached[0].connect.source
    few = len(found) < limits.fewest_targets or len(operators) < limits.fewest_operators
    if not reached and not few:
        return Rung("L5", FAIL, "NO_TRANSIT", facts | {"error": found[0].connect.error})
    if few:  # whether the school's network or somebody's server is away, nobody can tell
        return Rung("L5", INCONCLUSIVE, "FEW_TARGETS", facts)
    state, code = _share(found, reached, own, limits)
    return Rung("L5", state, code, facts)


def _share(
    found: Sequence[Reached], reached: Sequence[Reached], own: Reached | None, limits: Limits
) -> tuple[str, str]:
    """What follows where some were reached."""
    operators = {one.target.operator for one in found}
    one_of_several = len(operators) > 1 and len({one.target.operator for one in reached}) == 1
    if one_of_several or len(reached) * ALL_PPM < limits.reach_ppm * len(found):
        return FAIL, "PARTIAL_TRANSIT"
    if own is not None and not own.connect.accepted:
        return INCONCLUSIVE, "SERVER_UNREACHABLE"
    return (PASS, "") if own is not None else (INCONCLUSIVE, "FEW_TARGETS")


def _written(found: Sequence[Reached]) -> bytes:
    """Every target with both addresses of the connection."""
    rows = [
        {
            "to": str(one.target.address),
            "port": one.target.port,
            "operator": one.target.operator,
            "source": one.connect.source,
            "us": one.connect.us,
            "error": one.connect.error,
            "repeated": one.connect.repeated,
            "own": one.own,
        }
        for one in found
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1).encode()
