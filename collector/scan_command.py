"""
How does the operator order a measurement at the terminal?

`scan SCHOOL [PROBE...]`; what is said about the way out (path, line, rate, group) goes with the probe `egress` only, which runs
only where it is named. Each order gives the lines to print.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime

from collector.assembly import Collector
from collector.calendar import minute
from collector.egress_orders import BOTH, Wish
from collector.frameworks.bounds import number
from collector.school import PATHS, School
from collector.sessions import PROBE as EGRESS
from collector.way_out import Placed
from evidence.model import Unit
from evidence.scan import AskedBy
from evidence.stream import Direction

DIRECTIONS = {"down": (Direction.DOWN,), "up": (Direction.UP,), "both": BOTH}


def scan_options(parser: argparse.ArgumentParser) -> None:
    """What `scan` takes."""
    parser.add_argument("school")
    parser.add_argument(
        "probes", nargs="*", metavar="PROBE", help="default: all that the school's list has settings for"
    )
    parser.add_argument(
        "--agent", action="append", default=[], metavar="ID", help="only this agent; may be given several times"
    )
    parser.add_argument(
        "--start", type=moment, default=0, metavar="TIME", help="not before, such as 2026-11-22T22:30+08:00"
    )
    _way_out_options(parser)


def _way_out_options(parser: argparse.ArgumentParser) -> None:
    """What `scan` takes beside the probe egress."""
    out = parser.add_argument_group("the way out", "with the probe egress only")
    out.add_argument("--path", choices=PATHS, help="to which network; default: internet where you have a server there")
    out.add_argument(
        "--line",
        action="append",
        default=[],
        metavar="NAME",
        help="over which line of the school's list; several at the same time as NAME=AGENT,AGENT each",
    )
    out.add_argument("--direction", choices=DIRECTIONS, help="default both, one after the other")
    rate = out.add_mutually_exclusive_group()
    rate.add_argument(
        "--at-least", metavar="RATE", help="show this rate, such as '1 Gbit/s'; default: what policies ask for"
    )
    rate.add_argument(
        "--saturate", action="store_true", help="take what the line gives; school and bureau must allow it"
    )
    out.add_argument("--group", action="store_true", help="all agents at the same time, as one figure")
    out.add_argument("--second", action="store_true", help="also at a second server of the same path")


def ordered(options: argparse.Namespace, collector: Collector, school: School) -> Iterator[str]:
    """Give the order; its id; of a run of the way out its volume and its slot are told on stderr before. Raises WrongOrder, ValueError."""
    wish = _wish(options)
    if (wish != Wish() or options.line) and EGRESS not in options.probes:
        raise ValueError(
            "--path, --line, --direction, --at-least, --saturate, --group and --second go with the probe egress"
        )
    dispatch, start_us = collector.dispatch, options.start
    if len(options.line) > 1:
        if options.probes != [EGRESS] or options.agent:
            raise ValueError("several lines: give --line NAME=AGENT for each, no other probe and no --agent")
        lines = _lines_of_agents(options.line)
        for order, taken in dispatch.order_lines(school, AskedBy.EVALUATOR, lines, start_us, wish):
            sys.stderr.write(f"{said(taken)}\n")
            yield order.id
        return
    if EGRESS in options.probes:
        # Before the order is given, and where a script that takes the id does not read it.
        sys.stderr.write(f"{said(dispatch.preview(school, options.agent, start_us, wish))}\n")
    yield dispatch.order(school, AskedBy.EVALUATOR, options.agent, options.probes, start_us, wish).id


def _lines_of_agents(texts: Sequence[str]) -> dict[str, list[str]]:
    """The lines, each with who measures it; raises ValueError."""
    found: dict[str, list[str]] = {}
    for line, agents in map(_line_of_agents, texts):
        if line in found:
            raise ValueError(f"--line {line}: named twice; give all its agents at once: --line {line}=AGENT,AGENT")
        found[line] = agents
    return found


def _line_of_agents(text: str) -> tuple[str, list[str]]:
    """A line and who measures it; raises ValueError."""
    line, _, agents = text.rpartition("=")
    if not line or not all(agents.split(",")):
        raise ValueError(
            f"--line {text!r}: expected NAME=AGENT or NAME=AGENT,AGENT where several lines are measured at once"
        )
    return line, agents.split(",")


def said(found: Placed) -> str:
    """What a run of the way out will use, in one line."""
    plan = found.plan
    about = "at most" if not plan.threshold_bit_s else "about"
    rate = f"paced for {plan.threshold_bit_s / 1_000_000:g} Mbit/s" if plan.threshold_bit_s else "as fast as it goes"
    where = " and ".join(f"{server.name} ({server.address})" for server in plan.servers)
    over = f" over line {plan.line.name}" if plan.line is not None else ""
    return (
        f"egress: {about} {found.volume}, {rate}, {plan.tickets} sessions at {where}{over}, "
        f"between {minute(found.slot.from_us)} and {minute(found.slot.to_us)}"
    )


def _wish(options: argparse.Namespace) -> Wish:
    """What is asked of the way out."""
    return Wish(
        path=options.path or "",
        line=options.line[0] if len(options.line) == 1 else "",
        directions=DIRECTIONS[options.direction or "both"],
        at_least_bit_s=number(options.at_least, Unit.BIT_S) if options.at_least else 0,
        saturate=options.saturate,
        group=options.group,
        second=options.second,
    )


def moment(text: str) -> int:
    """A moment with its offset from UTC as microseconds since 1970."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a time such as 2026-11-22T22:30+08:00") from wrong
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r}: the offset from UTC is missing, such as +08:00")
    return int(found.timestamp() * 1_000_000)
