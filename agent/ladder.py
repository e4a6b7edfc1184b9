"""
How far up the IPv6 ladder does this place get, as a person at the terminal reads it?

*Method*: from the readings of one run of the probe `ipv6`: a line for each rung from the ground up, then the first one that did not pass: why, what to do,
and what to type on which device, with the addresses that were measured filled in.

What it does not prove: that a policy clause is met. The collector judges that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv6Network

from rich.console import RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from agent.ladder_devices import BY_CODE
from agent.scan import Finding
from agent.speech import Speech
from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS, RUNGS, TRANSLATED
from evidence.model import Reading
from evidence.quantities import IPV6_GRADE, IPV6_RUNG
from evidence.rung_words import said_of
from evidence.spelled import failure_in_words

GOOD, BAD, OPEN, QUIET = "green", "bold red", "yellow", "dim"
MARKS = {PASS: ("✓", GOOD), FAIL: ("✗", BAD), INCONCLUSIVE: ("?", OPEN), NOT_TESTED: ("–", QUIET)}
IN = 4
NO_FACT = "…"
WRONG_PREFIX = ("ULA_ONLY", "DOC_PREFIX", "NOT_NATIVE")  # what is announced is just what must not be


def _asks(speech: Speech) -> Mapping[str, str]:
    """What each rung asks."""
    say = speech.say
    return {
        "L0": say("IPv6 is on at this port"),
        "L1": say("a router announces itself, and no other contradicts it"),
        "L2": say("the network gives a native global address"),
        "L3": say("the gateway answers"),
        "L4": say("resolvers give IPv6 addresses"),
        "L5": say("hosts of several operators are reached"),
        "L6": say("the operator's server sees this very address"),
        "L7": say("large packets pass both ways"),
        "L8": say("connections stay with IPv6"),
        "L9": say("IPv6 is as good as IPv4"),
    }


def explained(finding: Finding, speech: Speech) -> list[RenderableType]:
    """The ladder in words, and what mends the first rung that did not pass."""
    rungs = {one.subject: one for one in finding.readings if one.quantity == IPV6_RUNG.name}
    parts: list[RenderableType] = [Text(speech.say("IPv6 ladder"), style="bold")]
    if finding.failure is not None:
        words = failure_in_words(finding.failure, speech.language)
        parts.append(
            Text(f"{speech.say('The ladder was not climbed to its end')}: {words} ({finding.detail})", style=BAD)
        )
    parts += [_line(name, asks, rungs.get(name), speech) for name, asks in _asks(speech).items()]
    parts.append(Text(_grade(finding, speech)))
    first = _first(rungs)
    return [*parts, *(_mending(first, rungs, speech) if first is not None else ())]


def _line(name: str, asks: str, rung: Reading | None, speech: Speech) -> Text:
    """One rung: what it asks, and what came of it."""
    mark, style = MARKS[str(rung.value)] if rung is not None else MARKS[NOT_TESTED]
    line = Text(f"{mark} {name}  ", style=style)
    line.append(asks, style="")
    code = _code(rung)
    if rung is not None and code:
        line.append(f" — {_why(rung, speech)}", style=style if rung.value != PASS else OPEN)
    return line


def _grade(finding: Finding, speech: Speech) -> str:
    """The grade, and what it means."""
    grade = next((one for one in finding.readings if one.quantity == IPV6_GRADE.name), None)
    if grade is None:
        return speech.say("No grade follows.")
    meanings = {
        0: speech.say("no IPv6 that could be used"),
        1: speech.say("prepared: address and gateway are there"),
        2: speech.say("reachable: the IPv6 internet answers"),
        3: speech.say("supported: large packets pass and nothing falls back to IPv4"),
    }
    low, high = grade.low or 0, grade.high if grade.high is not None else max(meanings)
    if low == high:
        return speech.say("Grade G{grade}: {meaning}.", grade=low, meaning=meanings[low])
    return speech.say("Grade from G{low} to G{high}: some rungs are not decided.", low=low, high=high)


def _first(rungs: Mapping[str, Reading]) -> Reading | None:
    """The lowest rung that failed, else the lowest that is open, else one that passed with an address translated on the way."""
    found = [rungs[name] for name in RUNGS if name in rungs]
    for state in (FAIL, INCONCLUSIVE, NOT_TESTED):
        missed = next((one for one in found if one.value == state), None)
        if missed is not None:
            return missed
    return next((one for one in found if _code(one) in TRANSLATED), None)


def _code(rung: Reading | None) -> str:
    """What the probe says of a rung; empty for nothing."""
    return str(rung.facts.get("code", "")) if rung is not None else ""


def _why(rung: Reading, speech: Speech) -> str:
    """The code in words, its blanks filled from the facts."""
    facts = {"resolver": NO_FACT} | dict(rung.facts)
    return said_of(_code(rung)).why(speech.language).format(**facts)


def _mending(rung: Reading, rungs: Mapping[str, Reading], speech: Speech) -> Iterator[RenderableType]:
    """What is the matter with a rung, what to do, and what to type."""
    name, code = rung.subject, _code(rung)
    heading = (
        speech.say("Mend first: {rung}", rung=name) if rung.value == FAIL else speech.say("Open: {rung}", rung=name)
    )
    yield Text()
    yield Text(heading, style="bold")
    yield Padding(Text(_why(rung, speech)), (0, 0, 0, IN))
    yield Padding(Text(f"→ {said_of(code).step(speech.language)}"), (0, 0, 0, IN))
    if code == "NO_TARGETS":
        hint = speech.say(
            "By hand: give echo and targets in a file with a table [probes.ipv6] by --settings (docs/probes.md)."
        )
        yield Padding(Text(hint), (0, 0, 0, IN))
    known = _known(rungs) if code not in WRONG_PREFIX else {}
    for device, lines in BY_CODE.get(code, {}).items():
        yield Padding(Text(device, style="bold"), (0, 0, 0, IN))
        yield Padding(Text("\n".join(_filled(line, known) for line in lines), style="cyan"), (0, 0, 0, 2 * IN))
    if code in BY_CODE:
        yield Padding(
            Text(
                speech.say("Words in <angle brackets> are yours to fill; the manual of the device has the last word."),
                style=QUIET,
            ),
            (0, 0, 0, IN),
        )


def _known(rungs: Mapping[str, Reading]) -> dict[str, str]:
    """What was measured that a command can use."""
    told: dict[str, str] = {}
    for name in ("L1", "L2"):
        prefix = str(rungs[name].facts.get("prefix", "")) if name in rungs else ""
        if prefix:
            told |= _of_prefix(prefix)
    for name, fact in (("L1", "router"), ("L3", "gateway"), ("L4", "resolver")):
        if name in rungs and fact in rungs[name].facts:
            told[fact] = str(rungs[name].facts[fact])
    return told


def _of_prefix(prefix: str) -> dict[str, str]:
    """A prefix as commands want it."""
    network = IPv6Network(prefix, strict=False)
    return {
        "prefix": str(network),
        "gateway_address": str(network.network_address + 1),
        "prefix_start": str(network.network_address),
    }


BLANKS = {
    "prefix": "<PREFIX>/64",
    "gateway_address": "<PREFIX>::1",
    "prefix_start": "<PREFIX>::",
    "router": "<ROUTER>",
    "gateway": "<GATEWAY>",
    "resolver": "<RESOLVER>",
}


def _filled(line: str, known: Mapping[str, str]) -> str:
    """A command line with what is known in its blanks, and the name of the rest."""
    for blank, name in BLANKS.items():
        line = line.replace("{" + blank + "}", known.get(blank, name))
    return line


def hint(speech: Speech) -> str:
    """That there is more to be read of a run of the ladder."""
    return escape(speech.say("The ladder in words, and what to type where: campusproof-agent scan ipv6 --explain"))
