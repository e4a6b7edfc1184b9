"""
What does this switch say, so that somebody elsewhere can teach the program to read it?

*Method*: every question of its family is asked over SSH, and over SNMP, where the box knows a secret, the objects that the
probe `uplinks` asks. Both pass through the scrub and become one text file. Tables whose row numbers are addresses are
left out but for the number of their rows.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.config import SnmpSecret
from agent.scan import SOFTWARE
from agent.scrub import Scrub
from evidence.model import Failure, Unmeasurable
from probes._cli import Vendor, parse
from probes._snmp.backends import Name, backend
from probes._snmp.exchange import Value
from probes._snmp.pace import Pace
from probes._ssh import Answers
from probes._switch.asking import by_snmp
from probes._switch.reading import Told
from probes._switch.settings import Switch

FORMAT = "campusproof recording 1"
SNMP_TIMEOUT_S, SNMP_RETRIES = 2.0, 2
INDEXED_BY_ADDRESS = re.compile(r"ip[A-Z]|inet|\w*Rem\w*ManAddr|dot1[qd]TpFdb|cdpCacheAddress|mtxrNeighborIp|\w*Mac")
ADDRESSES = re.compile(r"PhysAddress|ChassisId$|BridgeAddress|DesignatedRoot")  # six letters may be one by chance
# Free text may have several lines; octets that are an identifier may hold the same by chance.
DESCRIBES = re.compile(r"(Descr|Desc|Version|Name|Alias|Location|Contact|Rev)$")
LINES = re.compile(r"[\r\n\t]+")
BITS = re.compile(r"Cap(abilities|Supported|Enabled|Available)$|ListPorts$")
UNKNOWABLE = (
    "No rule can know names of people, rooms or schools, telephone numbers, or what else a person typed into a",
    "description or a device's name. Read this file before you send it; --hide WORD takes out a word everywhere.",
)


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a recording: what was asked, what became of it, and the text."""

    title: str
    text: str


def of_command_line(vendor: Vendor, answers: Answers) -> list[Section]:
    """What the command line said, question by question, and whether our templates could read it."""
    sections = []
    for answer in answers.answers:
        state = _state(vendor, answer.question, answer.text, answer.failure, answer.detail)
        sections.append(Section(f"question {answer.question} · {answer.command} · {state}", answer.text))
    return sections


def _state(vendor: Vendor, question: str, text: str, failure: Failure | None, detail: str) -> str:
    """What became of a question, in a few words."""
    if failure is not None:
        return f"{failure}: {detail}"
    try:
        return f"{len(parse(vendor, question, text))} rows"
    except Unmeasurable as why:
        return f"{why.failure}: {why.detail}"


def told_by_snmp(host: str, port: int, secret: SnmpSecret) -> Told:
    """What the switch tells over SNMP, asked as a scan asks it; trouble stands in it. Raises ValueError for what is no host or port."""
    switch = Switch.model_validate({**secret.settings(), "host": host, "port": port})
    told, _ = asyncio.run(by_snmp(switch, backend(Name.OWN, Pace()), SNMP_TIMEOUT_S, SNMP_RETRIES))
    return told


def of_snmp(told: Told, scrub: Scrub) -> Section:
    """What SNMP told: the rows that the probe's own evidence may show, octets that may be addresses scrubbed by column."""
    record = told.record()
    columns = {name: _column(told, name, content, scrub) for name, content in record["columns"].items()}
    scalars = {name: _value(name, value, scrub) for name, value in told.tables.scalars.items()}
    content = {**record, "scalars": scalars, "columns": columns}
    state = f"{told.failure}: {told.detail}" if told.failure else "complete"
    return Section(f"snmp · {state}", json.dumps(content, ensure_ascii=False, indent=1))


def _column(told: Told, name: str, content: dict[str, Any], scrub: Scrub) -> dict[str, Any]:
    """One column: without rows where their numbers are addresses."""
    if "rows" not in content or INDEXED_BY_ADDRESS.match(name):
        return {key: value for key, value in content.items() if key != "rows"}
    values = {".".join(map(str, index)): value for index, value in told.tables.rows(name).items()}
    return {**content, "rows": {index: _value(name, values[index], scrub) for index in content["rows"]}}


def _value(name: str, value: Value, scrub: Scrub) -> int | str | list[str] | None:
    """
    One value for JSON: text where it is text, else octets in hex.

    Text of several lines is a list of them: behind the `\\n` of JSON the scrub would find no beginning of a word.
    """
    if isinstance(value, tuple):
        return ".".join(map(str, value))
    if not isinstance(value, bytes):
        return value if isinstance(value, int) else None
    try:
        text = value.rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return _octets(name, value, scrub)
    if DESCRIBES.search(name) and LINES.search(text) and LINES.sub("", text).isprintable():
        return [line for line in LINES.split(text) if line]
    if ADDRESSES.search(name) or BITS.search(name) or not text.isprintable():
        return _octets(name, value, scrub)
    return scrub.serial(text) if "Serial" in name else text


def _octets(name: str, value: bytes, scrub: Scrub) -> str:
    """Octets in hex: bits as they came, anything else may be an address."""
    return value.hex() if BITS.search(name) else scrub.octets(value.hex())


def composed(family: str, sections: Sequence[Section], scrub: Scrub) -> str:
    """The whole file, scrubbed; its head says what was replaced, how often, and what no rule can know."""
    body = "".join(f"\n===== {scrub.text(one.title)}\n{scrub.text(one.text)}\n" for one in sections)
    head = [FORMAT, f"software: {SOFTWARE}", f"family: {family or 'not known'}", "replaced:"]
    head += [f"  {line}" for line in scrub.summary()] or ["  nothing"]
    return "\n".join([*head, *UNKNOWABLE, ""]) + body + "\n===== end\n"
