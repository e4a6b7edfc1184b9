"""
What do texts and lists say that a person brings instead of SNMP?

*Method*: a text is cut at the prompts in it, each command is recognised, abbreviated or not, and its answer read by the parser
that reads answers over SSH. An answer counts only if the next prompt stands behind it: a text that was not copied to its end is
refused. Every reading is marked declared: nobody but the person who brought it has seen that the switch said so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from agent.known import LastRun
from evidence.model import Reading, Unmeasurable
from evidence.quantities import LINK_SPEED, PORT_SPEED, PORT_UP
from probes._cli import CliLag, CliNeighbour, CliPort, Vendor, canonical
from probes._cli.screen import screen
from probes._settings import Host, Port, parted, subject, switch_subject
from probes._switch.asking import rows_of, spoken_of
from probes._switch.devices import NONE, Capability, capability_words, device_of
from probes._switch.model import LINKING
from probes._switch.settle import Spoken, of_command_line
from probes._switch.told import port_readings

DECLARED = "declared"
HOST, PORT = TypeAdapter(Host), TypeAdapter(Port)
COMPARED = (PORT_UP.name, PORT_SPEED.name)
PROTOCOLS = re.compile("lldp|cdp")  # in the command that shows neighbours


class TextWrong(Exception):
    """The text cannot be taken; the words say what is missing."""


class NoCommand(TextWrong):
    """No command that is known stands behind a prompt in the text."""

    def __init__(self, vendor: Vendor) -> None:
        self.commands = ", ".join(sorted(one.command for one in vendor.questions.values()))
        self.questions = ", ".join(vendor.questions)
        super().__init__(f"no command of ours stands behind a prompt: {self.commands}")


@dataclass(frozen=True, slots=True)
class Heard:
    """A neighbour, and by which protocol the switch knows of it: `cli` where its command shows those of several."""

    by: str
    neighbour: CliNeighbour


@dataclass(frozen=True, slots=True)
class Brought:
    """What a person brought about one switch: ports and groups, and the neighbours that are a network's own devices."""

    subject: str
    vendor: Vendor | None
    ports: Sequence[CliPort] = ()
    lags: Sequence[CliLag] = ()
    neighbours: Sequence[Heard] = ()
    others: int = 0  # neighbours that may be people's: only counted
    unproven: frozenset[str] = field(default_factory=frozenset)
    unread: Sequence[Unmeasurable] = ()  # why an answer could not be used


def answers_in(vendor: Vendor, text: str, question: str = "") -> dict[str, str]:
    """
    The answers in a text by question; `question` names that of a text without command and prompt. Raises TextWrong.
    """
    lines = _lines(vendor, text)
    if question:
        return {question: "".join(f"{line}\n" for line in lines)}
    marks = [(at, found["typed"]) for at, line in enumerate(lines) if (found := _prompt(vendor).match(line))]
    answers: dict[str, str] = {}
    ends = [*(at for at, _ in marks[1:]), None][: len(marks)]
    for (at, command), end in zip(marks, ends, strict=True):
        asked = _question(vendor, command)
        if asked is None:
            continue
        if end is None:
            raise TextWrong(f"{command}: the text ends before the next prompt; copy it up to and with that line")
        answers[asked] = "".join(f"{line}\n" for line in lines[at + 1 : end])
    if not answers:
        raise NoCommand(vendor)
    return answers


def _lines(vendor: Vendor, text: str) -> list[str]:
    """The lines as they stood on the screen, without those of the pager."""
    painted = screen(text.replace("\r\n", "\n").encode("utf-8").decode("latin-1"))
    return [line for line in painted if not any(re.fullmatch(rf"\s*{one}\s*", line) for one in vendor.more)]


def _prompt(vendor: Vendor) -> re.Pattern[str]:
    """A line with the prompt, and what was typed behind it."""
    return re.compile(rf"\s*(?:{vendor.prompt})\s*(?P<typed>.*)")


def _question(vendor: Vendor, typed: str) -> str | None:
    """The question that a typed command asks, every word of it possibly cut short; None for another command."""
    words = typed.split()
    fitting = [
        name
        for name, one in vendor.questions.items()
        if len(one.command.split()) == len(words)
        and all(long.startswith(short.lower()) for long, short in zip(one.command.lower().split(), words, strict=True))
    ]
    exact = [name for name in fitting if vendor.questions[name].command == " ".join(words)]
    return (exact or fitting)[0] if len(exact or fitting) == 1 else None


def brought_by_text(vendor: Vendor, where: str, answers: dict[str, str]) -> Brought:
    """What the answers of one switch say; one that cannot be read is left out, and raised where it is the only one."""
    rows, unread = rows_of(vendor, answers)
    if unread and not rows:
        raise unread[0]
    spoken = spoken_of(vendor, rows)
    by = {question: _protocol(vendor.questions[question].command) for question in rows}
    heard = [Heard(by[question], row) for question in rows for row in rows[question] if isinstance(row, CliNeighbour)]
    own = [one for one in heard if _is_own(one.neighbour)]
    return Brought(
        subject=where,
        vendor=vendor,
        ports=spoken.ports,
        lags=spoken.lags,
        neighbours=own,
        others=len(heard) - len(own),
        unproven=spoken.unproven,
        unread=unread,
    )


def _protocol(command: str) -> str:
    """By which protocol the neighbours are heard that a command shows."""
    found = PROTOCOLS.search(command)
    return found[0] if found else "cli"


def _is_own(neighbour: CliNeighbour) -> bool:
    """Whether a neighbour is a network's own; a host that bridges too could be told only by words that no such text has."""
    able = capability_words(" ".join(neighbour.capabilities))
    return Capability.STATION not in able and device_of(able, NONE, "", neighbour.name) in LINKING


def readings_of(brought: Brought, last: LastRun) -> Iterator[Reading]:
    """The readings, under the names that the last run gave to the same ports, each marked as declared."""
    known = _known_names(brought, last)
    # A port of which the text does not say whether it is up is left out: silence is not "down".
    ports = [port for port in brought.ports if port.up is not None]
    if brought.vendor is None:
        yield from (_declared(one, brought, known) for one in _plain(brought, ports))
        return
    spoken = Spoken(brought.vendor, ports, brought.lags, unproven=brought.unproven)
    for one in port_readings(brought.subject, of_command_line(spoken)):
        yield _declared(one, brought, known)
    rates = {canonical(brought.vendor, port.name): port.speed_bit_s for port in ports}
    for heard in brought.neighbours:
        neighbour = heard.neighbour
        at_most = rates.get(canonical(brought.vendor, neighbour.local))
        if at_most is not None:
            facts: dict[str, int | str] = {"confirmed": "none", "peer": "", "by": heard.by}
            facts |= {"neighbour": neighbour.name, "neighbour_port": neighbour.port}
            end = f"{brought.subject}/{neighbour.local}"
            yield _declared(LINK_SPEED.between(None, at_most, subject=end, facts=facts), brought, known)


def _plain(brought: Brought, ports: Iterable[CliPort]) -> Iterator[Reading]:
    """Ports of a list, which is of no family."""
    for port in ports:
        where = f"{brought.subject}/{port.name}"
        yield PORT_UP.reading("yes" if port.up else "no", subject=where, facts={"kind": "physical"})
        if port.speed_bit_s is not None:
            yield PORT_SPEED.reading(port.speed_bit_s, subject=where, facts={"kind": "physical", "status": "reported"})


def _declared(reading: Reading, brought: Brought, known: dict[str, str]) -> Reading:
    """One reading, marked, under the known name of its port; an ifIndex would be an invention."""
    name = reading.subject.removeprefix(f"{brought.subject}/")
    facts = {key: value for key, value in reading.facts.items() if key != "if_index"}
    facts |= {"source": DECLARED, "via": "list" if brought.vendor is None else "paste"}
    subject_ = f"{brought.subject}/{known.get(_spelled(brought, name), name)}"
    return Reading(
        reading.quantity, reading.unit, subject_, reading.value, reading.at_least, reading.at_most, facts=facts
    )


def _known_names(brought: Brought, last: LastRun) -> dict[str, str]:
    """The names of this switch's ports in the last run, by the spelling in which names are compared."""
    start = f"{brought.subject}/"
    names = {one.subject.removeprefix(start) for one in last.readings if one.subject.startswith(start)}
    return {_spelled(brought, name): name for name in sorted(names)}


def _spelled(brought: Brought, name: str) -> str:
    """The spelling in which names of this switch are compared."""
    return canonical(brought.vendor, name) if brought.vendor else re.sub(r"\s+", "", name).lower()


def subject_of(named: str, last: LastRun) -> str:
    """
    `host:port` of a switch as a person names it: by its name or address in the last run, else as an address.

    Raises TextWrong for what is no address.
    """
    for one in last.settings.get("switches", []):
        where = switch_subject(one)
        if named in (one["host"], one.get("name"), where):
            return where
    host, port = parted(named)
    try:
        return subject(HOST.validate_python(host), PORT.validate_python(port))
    except ValidationError as wrong:
        raise TextWrong(f"{named[:80]!r}: {wrong.errors(include_input=False)[0]['msg']}") from wrong


@dataclass(frozen=True, slots=True)
class Change:
    """One port before and after: `new`, `changed` or `gone`; the two values as readings, None for none."""

    kind: str
    before: Reading | None
    after: Reading | None


def changes(readings: Sequence[Reading], last: LastRun) -> tuple[list[Change], int]:
    """What differs from the last run of the same switches, and how many values are the same."""
    switches = {_switch(one) for one in readings}
    before = {(one.quantity, one.subject): one for one in last.readings if one.quantity in COMPARED}
    after = {(one.quantity, one.subject): one for one in readings if one.quantity in COMPARED}
    found = [
        Change("changed" if key in before else "new", before.get(key), one)
        for key, one in after.items()
        if key not in before or before[key].value != one.value
    ]
    gone = [Change("gone", one, None) for key, one in before.items() if key not in after and _switch(one) in switches]
    return found + gone, len(after) - len(found)


def _switch(reading: Reading) -> str:
    """`host:port` of a port's reading; a port's name may hold slashes of its own, an address none."""
    return reading.subject.partition("/")[0]
