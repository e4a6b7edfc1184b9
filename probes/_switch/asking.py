"""
What is known of one switch after it was asked in every way that the school allows?

*Method*: SNMP over the first of its addresses that answers at all; then, where a rate, a group or the neighbours stay open and
the box has an account for it, its command line over SSH, once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evidence.model import Failure, Unmeasurable
from probes import _cli
from probes._resolve import resolve
from probes._snmp.exchange import Backend, Target
from probes._ssh import Answers, HostKeyChanged, Login, ask
from probes._switch.model import Kind, Neighbour, SwitchPort
from probes._switch.neighbours import neighbours_of
from probes._switch.ports import ports_of
from probes._switch.reading import Told, read_switch
from probes._switch.settings import Credential, Switch
from probes._switch.settle import Spoken, heard, is_open, of_command_line, settled

SWITCH_DEADLINE_S = 60.0
SSH_SILENCE_S = 20.0  # the longest: a busy switch prints its tables slowly
NOBODY = (Failure.TIMED_OUT, Failure.REFUSED, Failure.UNREACHABLE)  # no agent is at this address, perhaps at the next
QUESTIONS = ("interfaces", "lags", "neighbours")

# What `ssh` of a switch says; whoever shows it to people tells by these what became of the command line.
ALL_ANSWERED = "asked"
NO_FAMILY = "the family of its command line is not known here; name it in the box's config.toml"
BETWEEN = "; "


@dataclass(frozen=True, slots=True)
class Asked:
    """
    One switch, what it told, and what that comes to.

    `failure` is None if all its ports are known, by SNMP or by its command line. `ssh` says what came of the second source:
    empty where it was not needed.
    """

    switch: Switch
    told: Told
    ports: tuple[SwitchPort, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    failure: Failure | None = None
    detail: str = ""
    ssh: str = ""
    host_key: str = ""
    by: str = "snmp"


@dataclass(frozen=True, slots=True)
class _Ssh:
    """What the command line came to: rows, or why there are none."""

    spoken: Spoken | None = None
    host_key: str = ""
    note: str = ""


async def ask_switch(switch: Switch, backend: Backend, timeout_s: float, retries: int) -> Asked:
    """Ask one switch; trouble ends up in `failure`."""
    told, address = await by_snmp(switch, backend, timeout_s, retries)
    ports = ports_of(told.tables)
    asked = Asked(switch, told, ports, neighbours_of(told.tables, ports), told.failure, told.detail)
    if told.failure is None and (gap := _gap(ports)):
        # What it said must not count as an answer about all its ports.
        asked = replace(asked, failure=Failure.UNREADABLE, detail=f"{switch.subject}: {gap}")
    if switch.ssh is None or not _wants_more(asked):
        return asked
    return _joined(asked, await asyncio.to_thread(_by_ssh, switch, address, told, timeout_s))


def _gap(ports: Sequence[SwitchPort]) -> str:
    """What is missing of the ports of a switch that told all its rows: ports at all, or the state of one."""
    if not any(port.kind is Kind.PHYSICAL for port in ports):
        return "names no physical port"
    stateless = [port.label for port in ports if port.oper is None]
    return f"tells no state of port {stateless[0]}" if stateless else ""


async def by_snmp(switch: Switch, backend: Backend, timeout_s: float, retries: int) -> tuple[Told, str]:
    """What SNMP gives over the first of the switch's addresses that answers at all, and the address that gave it."""
    name = await asyncio.to_thread(resolve, switch.host, timeout_s)
    if not name.addresses:
        return Told(failure=Failure.NAME_NOT_FOUND, detail=f"{switch.host}: {'; '.join(name.notes)}"), ""
    first = str(name.addresses[0])
    if switch.no_secret:
        detail = f"{switch.subject}: no SNMP secret in this box's config.toml"
        return Told(failure=Failure.NOT_PERMITTED, detail=detail), first
    told, address = Told(), first
    deadline_s = time.monotonic() + SWITCH_DEADLINE_S
    for address in map(str, name.addresses):
        target = Target(address, switch.port, timeout_s, retries)
        async with backend(target, switch.credentials) as exchange:
            told = await read_switch(exchange, switch.subject, _silence(switch), deadline_s, switch.wan)
        if told.tables.scalars or told.failure not in NOBODY:
            break
    return told, address


def _silence(credential: Credential) -> str:
    """What to suspect of a switch that does not answer at all."""
    secret = "wrong community" if credential.community else "wrong privacy key"
    return f"{secret}, SNMP switched off, or blocked (ACL)"


def _wants_more(asked: Asked) -> bool:
    """Whether the command line could say what SNMP left open."""
    open_groups = any(port.kind is Kind.LAG and port.up and not port.members for port in asked.ports)
    silent = not asked.neighbours or not asked.told.tables.complete("lldpRemChassisId")
    return asked.failure is not None or any(map(is_open, asked.ports)) or open_groups or silent


def _by_ssh(switch: Switch, address: str, told: Told, timeout_s: float) -> _Ssh:
    """One login, the questions of the family, and their rows."""
    if switch.ssh is None or not address:
        return _Ssh(note="no address to log in to")
    family = family_of(switch.ssh.vendor, told)
    if family is None:
        return _Ssh(note=NO_FAMILY)
    enable = switch.ssh.enable.get_secret_value() if switch.ssh.enable else ""
    login = Login(
        host=address,
        port=switch.ssh.port,
        user=switch.ssh.user,
        password=switch.ssh.password.get_secret_value(),
        enable=enable,
        host_key=switch.ssh.host_key,
    )
    wanted = [question for question in QUESTIONS if question in family.questions]
    try:
        answers = ask(family, wanted, login, SSH_SILENCE_S)
    except HostKeyChanged as why:
        return _Ssh(host_key=why.seen, note=f"{why.failure}: {why.detail}")
    except Unmeasurable as why:
        return _Ssh(note=f"{why.failure}: {why.detail}")
    return _read(family, wanted, answers)


def family_of(named: str, told: Told) -> _cli.Vendor | None:
    """The family of a command line: the one that is named, else by what the switch says that it is; None if not known here."""
    if named:
        return _cli.vendor(named) if named in _cli.vendor_names() else None
    tables = told.tables
    return _cli.vendor_of(".".join(map(str, tables.object_id)), tables.scalar_text("sysDescr"))


def _read(family: _cli.Vendor, wanted: Sequence[str], answers: Answers) -> _Ssh:
    """The rows of all answers; a question without a readable answer stays open, and the note says why."""
    given = [answers.of(question) for question in wanted]
    rows, unread = rows_of(family, {one.question: one.text for one in given if one.failure is None})
    notes = [f"{one.failure}: {one.detail}" for one in given if one.failure is not None]
    notes += [f"{why.failure}: {why.detail}" for why in unread]
    return _Ssh(spoken_of(family, rows), answers.host_key, BETWEEN.join(notes) or ALL_ANSWERED)


def rows_of(family: _cli.Vendor, texts: Mapping[str, str]) -> tuple[dict[str, list[_cli.Row]], list[Unmeasurable]]:
    """The rows of each answer, given by its question, wherever its text comes from; and why others cannot be read."""
    rows: dict[str, list[_cli.Row]] = {}
    unread: list[Unmeasurable] = []
    for question, text in texts.items():
        try:
            rows[question] = _cli.parse(family, question, text)
        except Unmeasurable as why:
            unread.append(why)
    return rows, unread


def spoken_of(family: _cli.Vendor, rows: Mapping[str, Sequence[_cli.Row]]) -> Spoken:
    """What the rows of some answers together say of a switch."""
    said = [row for some in rows.values() for row in some]
    return Spoken(
        family,
        ports=[row for row in said if isinstance(row, _cli.CliPort)],
        lags=[row for row in said if isinstance(row, _cli.CliLag)],
        neighbours=[row for row in said if isinstance(row, _cli.CliNeighbour)],
        unproven=frozenset(family.questions[one].rows for one in rows if family.questions[one].unproven),
    )


def _joined(asked: Asked, ssh: _Ssh) -> Asked:
    """What both sources together say."""
    asked = replace(asked, ssh=ssh.note, host_key=ssh.host_key)
    if ssh.spoken is None:
        return asked
    if asked.failure is not None:
        ports = of_command_line(ssh.spoken)
        if not ports:
            return asked
        asked = replace(asked, ports=ports, neighbours=(), failure=None, detail="", by="ssh")
    else:
        asked = replace(asked, ports=settled(asked.ports, ssh.spoken))
    return replace(asked, neighbours=asked.neighbours or heard(asked.ports, ssh.spoken))
