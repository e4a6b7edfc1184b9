"""
How far up the IPv6 ladder does this place get, as a person at the terminal reads it?

*Method*: from the readings of one run of the probe `ipv6`: a line for each rung from the ground up, then the first one that did not pass: why, what was
measured, what to do, and what to type on which device, with the addresses that were measured filled in.

What it does not prove: that a policy clause is met. The collector judges that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv6Network

from rich.console import RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from agent.ladder_devices import commands_of
from agent.ladder_vendors import BOX, ROUTERS
from agent.ladder_words import FINE, REMARKS, asks, colon, grade_said, measured, whose
from agent.scan import Finding
from agent.speech import Speech
from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS, RUNGS
from evidence.model import Reading
from evidence.quantities import IPV6_GRADE, IPV6_RUNG
from evidence.rung_words import said_of
from evidence.spelled import failure_in_words, spelled
from probes._ipv6.classes import class_of

GOOD, BAD, OPEN, QUIET = "green", "bold red", "yellow", "dim"
MARKS = {PASS: ("✓", GOOD), FAIL: ("✗", BAD), INCONCLUSIVE: ("?", OPEN), NOT_TESTED: ("–", QUIET)}
IN = 4
HIGHEST = 3
ON_LINK_BITS = 64  # the length that hosts can form an address in, RFC 4862 section 5.5.3
NO_FACT = "…"
BLANKS = {
    "port": "<PORT>",
    "prefix": "<PREFIX>::/64",
    "gateway_address": "<PREFIX>::1",
    "prefix_start": "<PREFIX>::",
    "router": "<ROUTER>",
    "gateway": "<GATEWAY>",
    "resolver": "<RESOLVER>",
    "server": "<SERVER>",
    "source": "<ADDRESS-OF-THE-BOX>",
}
"""What stands in a command where nothing was measured."""


def explained(finding: Finding, speech: Speech) -> list[RenderableType]:
    """The ladder in words, and what mends the first rung that did not pass."""
    rungs = {one.subject: one for one in finding.readings if one.quantity == IPV6_RUNG.name}
    grade = next((one for one in finding.readings if one.quantity == IPV6_GRADE.name), None)
    parts: list[RenderableType] = [Text(speech.say("IPv6 ladder"), style="bold"), *_stopped(finding, speech)]
    parts += [_line(name, asked, rungs.get(name), speech) for name, asked in asks(speech).items()]
    parts += [Text(said) for said in (*_grade(grade, speech), *_by_hand(rungs, speech))]
    first = _first(rungs)
    if first is not None:
        parts += _mending(first, rungs, _known(rungs, grade), speech)
    elif grade is not None:
        parts.append(Text(speech.say("There is nothing to mend here."), style=GOOD))
    return parts


def _stopped(finding: Finding, speech: Speech) -> Iterator[Text]:
    """Why the ladder was not climbed to its end, where it was not."""
    if finding.failure is not None:
        why = failure_in_words(finding.failure, speech.language)
        said = speech.say("The ladder was not climbed to its end")
        yield Text(f"{said}{colon(speech)}{why} ({finding.detail})", style=BAD)


def _line(name: str, asked: str, rung: Reading | None, speech: Speech) -> Text:
    """One rung: what it asks, and what came of it."""
    if rung is None:
        untold = speech.say("not climbed")
        return Text(f"{MARKS[NOT_TESTED][0]} {name}  {asked} — {untold}", style=QUIET)
    mark, style = MARKS[str(rung.value)]
    line = Text(f"{mark} {name}  ", style=style)
    line.append(f"{asked} — ", style="")
    line.append(spelled(rung, speech.language), style=style)
    if _code(rung):
        line.append(f"{colon(speech)}{_why(rung, speech)}", style=OPEN if rung.value == PASS else style)
    return line


def _grade(grade: Reading | None, speech: Speech) -> list[str]:
    """The grade, and what it means."""
    if grade is None:
        return [speech.say("No grade follows.")]
    return grade_said(grade.low or 0, HIGHEST if grade.high is None else grade.high, speech)


def _first(rungs: Mapping[str, Reading]) -> Reading | None:
    """The lowest rung that failed, else the lowest that is open, else one that passed with a remark that asks for something."""
    climbed = [rungs[name] for name in RUNGS if name in rungs]
    found = [one for one in climbed if one.value == FAIL or _code(one) not in FINE]
    for state in (FAIL, INCONCLUSIVE, NOT_TESTED):
        missed = next((one for one in found if one.value == state), None)
        if missed is not None:
            return missed
    return next((one for one in found if _code(one) in REMARKS), None)


def _code(rung: Reading) -> str:
    """What the probe says of a rung; empty for nothing."""
    return str(rung.facts.get("code", ""))


def _why(rung: Reading, speech: Speech) -> str:
    """The code in words, its blanks filled from the facts."""
    facts = {"resolver": NO_FACT, "code": NO_FACT} | dict(rung.facts)
    return said_of(_code(rung)).why(speech.language).format(**facts)


def _mending(
    rung: Reading, rungs: Mapping[str, Reading], known: Mapping[str, str], speech: Speech
) -> Iterator[RenderableType]:
    """What is the matter with a rung, what to do, who else has to act, and what to type."""
    code, step = _code(rung), said_of(_code(rung)).step(speech.language)
    yield Text()
    yield Text(_heading(rung, speech), style="bold")
    yield _indented(_why(rung, speech))
    facts = measured(rung.facts, speech)
    if facts:
        yield _indented(speech.say("Measured: {facts}", facts=facts), QUIET)
    yield _indented(f"→ {step}")
    others = whose(code, speech)
    if others:
        yield _indented(others)
    managed = "L1" in rungs and rungs["L1"].facts.get("managed") == "yes"
    yield from _typed(commands_of(code, managed), known, speech)
    yield _indented(speech.say("Then climb again: what fails further up often follows from this."), QUIET)


def _heading(rung: Reading, speech: Speech) -> str:
    """Which rung it is about, and how urgent that is."""
    if rung.value == FAIL:
        return speech.say("Mend first: {rung}", rung=rung.subject)
    return speech.say("Open: {rung}", rung=rung.subject)


def _by_hand(rungs: Mapping[str, Reading], speech: Speech) -> Iterator[str]:
    """How targets are given at the terminal, where the run had none."""
    if any(_code(one) == "NO_TARGETS" for one in rungs.values()):
        yield speech.say(
            "By hand: give echo and targets in a file with a table [probes.ipv6] by --settings (docs/probes.md)."
        )


def _typed(
    commands: Mapping[str, tuple[str, ...]], known: Mapping[str, str], speech: Speech
) -> Iterator[RenderableType]:
    """What to type, device by device, and which devices have no command for it."""
    for device, lines in commands.items():
        yield _indented(speech.say("on this box") if device == BOX else device, "bold")
        yield Padding(Text("\n".join(_filled(line, known) for line in lines), style="cyan"), (0, 0, 0, 2 * IN))
    without = [device for device in ROUTERS if device not in commands]
    if 0 < len(without) < len(ROUTERS):
        told = speech.say(
            "{devices}: no command for it is known here; see the device's web page or manual.",
            devices=speech.some(without),
        )
        yield _indented(told, QUIET)
    if commands:
        told = speech.say("Words in <angle brackets> are yours to fill; the manual of the device has the last word.")
        yield _indented(told, QUIET)


def _indented(text: str, style: str = "") -> Padding:
    """A line of the part about one rung."""
    return Padding(Text(text, style=style), (0, 0, 0, IN))


def _known(rungs: Mapping[str, Reading], grade: Reading | None) -> dict[str, str]:
    """What was measured that a command can use."""
    told = _of_prefix(rungs)
    for name, fact, blank in (
        ("L1", "router", "router"),
        ("L3", "gateway", "gateway"),
        ("L4", "resolver", "resolver"),
        ("L5", "source", "source"),
        ("L6", "local", "source"),
        ("L6", "server", "server"),
    ):
        if name in rungs and fact in rungs[name].facts:
            told[blank] = str(rungs[name].facts[fact])
    if grade is not None and "interface" in grade.facts:
        told["port"] = str(grade.facts["interface"])
    return told


def _of_prefix(rungs: Mapping[str, Reading]) -> dict[str, str]:
    """The prefix of this network as commands want it; nothing where it is one that a school should not announce."""
    for name in ("L2", "L1"):
        facts = rungs[name].facts if name in rungs else {}
        network = IPv6Network(str(facts.get("prefix", "::/0")), strict=False)
        native = facts.get("lab") == "yes" or class_of(network.network_address) == "native"
        if native and network.prefixlen == ON_LINK_BITS:
            first = network.network_address
            return {"prefix": str(network), "gateway_address": str(first + 1), "prefix_start": str(first)}
    return {}


def _filled(line: str, known: Mapping[str, str]) -> str:
    """A command line with what is known in its blanks, and the name of the rest."""
    for blank, name in BLANKS.items():
        line = line.replace("{" + blank + "}", known.get(blank, name))
    return line


def hint(speech: Speech) -> str:
    """That there is more to be read of a run of the ladder."""
    return escape(speech.say("The ladder in words, and what to type where: campusproof-agent scan ipv6 --explain"))
