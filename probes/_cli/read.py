"""
Which rows does an answer hold?

The template reads the whole text or none of it. What it let pass is checked again: names that are no names of ports, a port
told twice, fewer rows than the answer counts, and an answer without rows that does not say "none" are all unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import textfsm  # type: ignore[import-untyped]

from evidence.model import Failure, Unmeasurable
from probes._cli import speeds
from probes._cli.names import canonical
from probes._cli.rows import CliAp, CliDevice, CliLag, CliNeighbour, CliNetwork, CliPort, Row
from probes._cli.vendors import Column, Question, Vendor, compiled

UP = ("up", "connected", "link-ok", "normal", "nor", "running", "r")
DOWN = (
    "down", "administratively down", "adm", "notconnect", "disabled", "err-disabled", "no-link", "stp down", "inactive",
    "suspended", "fault", "idle", "offline",
)  # fmt: skip
# What controllers call the state of an access point; what stands behind a slash (H3C) is the part that it has for this controller.
AP_STATES = {
    "nor": "up", "normal": "up", "run": "up", "r": "up", "r/m": "up", "registered": "up",
    "stdby": "standby", "standby": "standby", "r/b": "standby",
    "fault": "down", "idle": "down", "i": "down", "j": "down", "ja": "down", "il": "down", "c": "down", "dc": "down",
    "quit": "down", "offline": "down", "cfgfa": "down", "cmtfa": "down", "vmiss": "down", "tymiss": "down",
    "downloading": "down",
}  # fmt: skip
ON_AIR = {"ON": True, "OFF": False}
# IEEE 802.1AB table 8-4, as the makers spell it, and what CDP says instead.
CAPABILITIES = {
    "b": "bridge", "switch": "bridge", "trans-bridge": "bridge", "customer bridge": "bridge", "service bridge": "bridge",
    "r": "router", "w": "wlan", "wlan-ap": "wlan", "wlanaccesspoint": "wlan", "wlan access point": "wlan",
    "t": "telephone", "phone": "telephone", "s": "station", "station only": "station", "stationonly": "station",
    "host": "station", "p": "repeater", "o": "other", "c": "docsis",
}  # fmt: skip
MAC = re.compile(r"([0-9a-f]{2}[:-]){5}[0-9a-f]{2}|([0-9a-f]{4}[.-]){2}[0-9a-f]{4}", re.IGNORECASE)
FIRST_LINES = 6  # a refusal stands at the top of an answer, behind a marker at most
Record = dict[str, Any]


def parse(vendor: Vendor, question: str, text: str) -> list[Row]:
    """
    The rows of one answer, given without echo and prompt.

    Raises Unmeasurable: `not_supported` where the device said no, `unreadable` where any of it could not be read.
    """
    asked = vendor.questions[question]
    said_no = refusal(vendor, text)
    if said_no:
        raise Unmeasurable(Failure.NOT_SUPPORTED, f"{question}: the device answers {said_no!r}")
    records = _records(vendor, asked, question, text)
    rows = MAKERS[asked.rows](asked, records)
    _check(vendor, asked, question, text, rows)
    return rows


def refusal(vendor: Vendor, text: str) -> str:
    """The line by which the device says no, empty where it does not."""
    lines = [line.strip() for line in text.split("\n") if line.strip()][:FIRST_LINES]
    return next((line for line in lines if any(re.match(one, line) for one in vendor.refused)), "")


def _records(vendor: Vendor, asked: Question, question: str, text: str) -> list[Record]:
    """What the template makes of the text."""
    template = compiled(asked.source(vendor.netmiko))
    try:
        table = template.ParseText(text if text.endswith("\n") else text + "\n")
    except textfsm.TextFSMError as wrong:
        raise Unmeasurable(Failure.UNREADABLE, f"{question}: a line that is not known: {_line_of(wrong)!r}") from wrong
    return [dict(zip(template.header, row, strict=True)) for row in table]


def _line_of(wrong: textfsm.TextFSMError) -> str:
    """The line that the template stumbled over, cut to what a person wants to read."""
    return str(wrong).rpartition("Input Line: ")[2].strip()[:80]


def _check(vendor: Vendor, asked: Question, question: str, text: str, rows: list[Row]) -> None:
    """Refuse rows that cannot be right, and silence that is no answer."""
    names = [row.name for row in rows if isinstance(row, CliPort | CliLag)]
    names += [row.local for row in rows if isinstance(row, CliNeighbour)]
    strange = [name for name in names if not re.fullmatch(vendor.port_name, name)]
    if strange:
        raise Unmeasurable(Failure.UNREADABLE, f"{question}: {strange[0][:80]!r} is no name of a port")
    same = [canonical(vendor, row.name) for row in rows if isinstance(row, CliPort | CliLag)]
    if len(set(same)) != len(same):
        raise Unmeasurable(Failure.UNREADABLE, f"{question}: one port is told twice")
    counted = len(re.findall(asked.counted, text, re.MULTILINE)) if asked.counted else len(rows)
    if counted != len(rows):
        raise Unmeasurable(Failure.UNREADABLE, f"{question}: {counted} are listed, {len(rows)} could be read")
    if not rows and not any(re.search(one, text, re.MULTILINE) for one in asked.none):
        raise Unmeasurable(Failure.UNREADABLE, f"{question}: an answer without a row")


# --- One maker a kind of row ------------------------------------------------------------------------------------------


def _ports(asked: Question, records: list[Record]) -> list[Row]:
    """Ports: a rate counts only while the port is up."""
    return [_port(asked, record) for record in records]


def _port(asked: Question, record: Record) -> CliPort:
    """One port."""
    up = _is_up(_one(asked, record, "up"))
    return CliPort(
        name=_one(asked, record, "name"),
        up=up,
        speed_bit_s=speeds.speed_bit_s(_one(asked, record, "speed")) if up else None,
        duplex=speeds.duplex(_one(asked, record, "duplex")) if up else "unknown",
        description=_one(asked, record, "description"),
    )


def _lags(asked: Question, records: list[Record]) -> list[Row]:
    """Groups: a template gives one record a member, or one a group with lists."""
    groups: dict[str, dict[str, str]] = {}
    for record in records:
        members = groups.setdefault(_one(asked, record, "name"), {})
        names, states = _all(asked, record, "members"), _all(asked, record, "status")
        for position, name in enumerate(name for name in names if name):
            state = states[position] if position < len(states) else ""
            # Some answers list members twice, the second time as the partner sees them and without a state.
            members[_bare(name)] = state or members.get(_bare(name), "")
    return [_lag(asked, name, members) for name, members in groups.items() if name]


def _lag(asked: Question, name: str, members: dict[str, str]) -> CliLag:
    """One group."""
    up = tuple(member for member, state in members.items() if state in asked.member_up)
    return CliLag(name, tuple(members), up if "status" in asked.fields else None)


def _bare(member: str) -> str:
    """A member's name without the remark in brackets behind it."""
    return re.sub(r"\(\w+\)$", "", member)


def _neighbours(asked: Question, records: list[Record]) -> list[Row]:
    """Neighbours: of several spellings of the far port the first that is not a hardware address."""
    rows: list[Row] = []
    for record in records:
        if not _one(asked, record, "local"):
            continue
        rate, duplex = speeds.of_mau(_one(asked, record, "peer_mau"))
        rows.append(
            CliNeighbour(
                local=_one(asked, record, "local").partition(",")[0],  # RouterOS: port, bridge
                name=_one(asked, record, "name"),
                port=_one(asked, record, "port"),
                capabilities=_capabilities(_one(asked, record, "capabilities")),
                peer_speed_bit_s=rate,
                peer_duplex=duplex,
            )
        )
    return rows


def _capabilities(text: str) -> tuple[str, ...]:
    """What a neighbour says it is, in the words of `CAPABILITIES` where they are known: lists have commas, or blanks."""
    words = re.split(r"\s*[,;]\s*" if re.search("[,;]", text) or text.strip().lower() in CAPABILITIES else r"\s+", text)
    plain = (word.strip().lower() for word in words)
    return tuple(dict.fromkeys(CAPABILITIES.get(word, word) for word in plain if word.strip("-")))


def _inventory(asked: Question, records: list[Record]) -> list[Row]:
    """The device itself."""
    devices = [CliDevice(_one(asked, record, "model"), _one(asked, record, "version")) for record in records]
    return [device for device in devices if device.model or device.version]


def _aps(asked: Question, records: list[Record]) -> list[Row]:
    """Access points of a controller."""
    return [_ap(asked, record) for record in records if _raw(asked, record, "name")]


def _ap(asked: Question, record: Record) -> CliAp:
    """One access point."""
    told, clients = _one(asked, record, "state"), _one(asked, record, "clients")
    word = told.lower()
    return CliAp(
        name=_raw(asked, record, "name"),  # many are called by their hardware address
        model=_one(asked, record, "model"),
        state=AP_STATES.get(word)
        or AP_STATES.get(word.partition("/")[0] if not word.startswith("r") else "", "unknown"),
        told=told,
        mac=_raw(asked, record, "mac"),
        radio_mac=_raw(asked, record, "radio_mac"),
        clients=int(clients) if clients.isascii() and clients.isdigit() else None,
        group=_one(asked, record, "group"),
    )


def _networks(asked: Question, records: list[Record]) -> list[Row]:
    """Networks that access points send."""
    return [
        CliNetwork(
            _raw(asked, record, "bssid"),
            _raw(asked, record, "ap"),
            _raw(asked, record, "ssid"),
            _one(asked, record, "radio"),
            ON_AIR.get(_one(asked, record, "up")),
        )
        for record in records
        if _raw(asked, record, "bssid")
    ]


MAKERS: dict[str, Callable[[Question, list[Record]], list[Row]]] = {
    "ports": _ports,
    "lags": _lags,
    "neighbours": _neighbours,
    "inventory": _inventory,
    "aps": _aps,
    "networks": _networks,
}


def _is_up(text: str) -> bool | None:
    """Whether a word says up; None for a word that is not known."""
    word = re.sub(r"\(.*\)|[*^!]", "", text).strip().lower()
    return True if word in UP else False if word in DOWN else None


def _one(asked: Question, record: Record, field: str) -> str:
    """A field as text, empty where the question has none: the first that says something and is no hardware address."""
    texts = [text for text in _all(asked, record, field) if text and not MAC.fullmatch(text)]
    return texts[0] if texts else ""


def _raw(asked: Question, record: Record, field: str) -> str:
    """A field as text, whatever it looks like; empty where the question has none."""
    return next((text for text in _all(asked, record, field) if text), "")


def _all(asked: Question, record: Record, field: str) -> list[str]:
    """A field as the texts that the template found for it."""
    column: Column = asked.fields.get(field, [])
    found: list[str] = []
    for name in [column] if isinstance(column, str) else column:
        value = record[name]
        found += [str(one).strip() for one in (value if isinstance(value, list) else [value])]
    return found
