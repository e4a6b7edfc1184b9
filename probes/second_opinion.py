"""
What does another tool make of the line?

*Method*: iperf3, if it is installed, or speedtest-cli is run against a server of the operator's, one direction after the other, and its
figure is told as that tool counts. Where a tool is known to be wrong its figure is cut: speedtest-cli is never told above 500 Mbit/s.
Public servers are asked only when a person at this box says so, never by order.

What it does not prove: anything. It is shown beside `egress` so that people can compare, and no policy may use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from evidence.model import Facts, Failure, Raw, Reading, Unmeasurable
from evidence.quantities import SECOND_DOWN, SECOND_UP
from evidence.stream import Direction
from probes import Probe, Progress
from probes._resolve import Address, resolve
from probes._second import iperf3
from probes._second.asked import Asked, Opinion
from probes._second.by_hand import is_by_hand
from probes._second.settings import IPERF3, SPEEDTEST_CLI, Settings
from probes._settings import parted

QUANTITY = {Direction.DOWN: SECOND_DOWN, Direction.UP: SECOND_UP}
# Above it a tool tells more of the processor than of the line (docs/decisions/0017).
MOST_BIT_S = {SPEEDTEST_CLI: 500_000_000}
NEVER_JUDGED = "the figure of another tool: shown beside, never judged"
INSTALL = "speedtest-cli is not installed on this box: pip install 'campusproof[agent]' and measure again"
ORDERED_PUBLIC = (
    "public servers are asked only by a person at this box, who runs `python -m probes second_opinion`; "
    "no order and no agent may: leave `public` out and give `server`"
)
NOT_SATURATING = (
    "this box's admin has not allowed runs as fast as they go, and these tools know no other: "
    "set saturating = true in [agent.limits] of this box, or leave the second opinion out"
)


def run(settings: Settings) -> Iterator[Reading | Raw | Progress]:
    """Ask the tool for each direction; raises Unmeasurable at the first that it could not measure."""
    # 1. What is not allowed here is refused before anything is sent.
    _allowed(settings)
    # 2. Where the server is: the tool gets an address, and has no name to choose a family by.
    address, port = _address(settings)
    for direction in settings.directions:
        yield Progress(direction)
        # 3. One run, and what the tool said of it.
        asked = Asked(address, port, direction, settings.duration_s, settings.streams, settings.timeout_s)
        opinion = _measured(settings.tool, asked)
        yield Raw(f"{settings.tool}-{direction}.json", opinion.record)
        yield reading(settings, asked, opinion)


def _allowed(settings: Settings) -> None:
    """Refuse what this box does not allow."""
    by_hand = is_by_hand()
    if settings.public and not by_hand:
        raise Unmeasurable(Failure.NOT_PERMITTED, ORDERED_PUBLIC)
    if not (by_hand if settings.saturating is None else settings.saturating):
        raise Unmeasurable(Failure.NOT_PERMITTED, NOT_SATURATING)


def _address(settings: Settings) -> tuple[Address | None, int]:
    """The first address of the server that is of the family asked for, and the port; no address for a public server."""
    if settings.server is None:
        return None, 0
    host, port = parted(settings.server)
    found = resolve(host, settings.timeout_s)
    fitting = [one for one in found.addresses if settings.family in (None, one.version)]
    if not fitting:
        family = f"of IPv{settings.family}" if settings.family else ""
        raise Unmeasurable(Failure.NAME_NOT_FOUND, f"{host}: no address {family}: {'; '.join(found.notes)}")
    return fitting[0], port


def _measured(tool: str, asked: Asked) -> Opinion:
    """What the tool found."""
    if tool == IPERF3:
        return iperf3.measure(asked)
    if find_spec("speedtest") is None:
        raise Unmeasurable(Failure.NOT_SUPPORTED, INSTALL)
    from probes._second import speedtest_cli  # the library is loaded only where it is asked

    return speedtest_cli.measure(asked)


def reading(settings: Settings, asked: Asked, opinion: Opinion) -> Reading:
    """The tool's figure; of one beyond what the tool can tell only that there was so much."""
    from_tool: Facts = {"tool": settings.tool, "version": opinion.version, "counted": opinion.counted}
    facts: Facts = {**from_tool, "server": settings.server or opinion.server, "second_opinion": NEVER_JUDGED}
    if asked.address is not None:
        facts |= {"peer": str(asked.address), "family": asked.address.version}
    most_bit_s = MOST_BIT_S.get(settings.tool)
    if most_bit_s is not None and opinion.rate_bit_s > most_bit_s:
        return QUANTITY[asked.direction].between(
            most_bit_s, None, subject=settings.tool, facts=facts | {"beyond_tool": 1}
        )
    facts |= {"octets": opinion.octets, "window_us": opinion.window_us, "streams": settings.streams}
    return QUANTITY[asked.direction].reading(opinion.rate_bit_s, subject=settings.tool, facts=facts)


PROBE = Probe(produces=(SECOND_DOWN, SECOND_UP), settings=Settings, run=run, deadline_s=150)
