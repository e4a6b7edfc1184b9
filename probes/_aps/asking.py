"""
What is known of one controller after it was asked in every way that the school allows?

*Method*: SNMP over the first of its addresses that answers at all; then, where access points, their states or their networks stay
open and the box has an account for it, its command line over SSH, once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evidence.model import Failure, Unmeasurable
from probes import _cli
from probes._aps.model import Listing, State
from probes._aps.reading import Told, read_controller
from probes._aps.settings import Controller
from probes._aps.spoken import FAMILIES, QUESTIONS, joined, listing_of
from probes._resolve import resolve
from probes._snmp.exchange import Backend, Target
from probes._ssh import HostKeyChanged, Login, ask
from probes._switch.asking import ALL_ANSWERED, BETWEEN, NO_FAMILY, NOBODY, SSH_SILENCE_S, rows_of

CONTROLLER_DEADLINE_S = 400.0  # a thousand access points with ten networks each, at the pace of one device


@dataclass(frozen=True, slots=True)
class Asked:
    """
    One controller, what it told, and what that comes to.

    `failure` is None if all its access points are known, by SNMP or by its command line. `ssh` says what came of the second source:
    empty where it was not needed. `unproven` are the questions whose answers no real device's was tried on.
    """

    controller: Controller
    told: Told
    listing: Listing
    failure: Failure | None = None
    detail: str = ""
    ssh: str = ""
    host_key: str = ""
    by: str = "snmp"
    unproven: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ssh:
    """What the command line came to: a listing, or why there is none."""

    listing: Listing | None = None
    host_key: str = ""
    note: str = ""
    unproven: tuple[str, ...] = ()


async def ask_controller(
    controller: Controller, backend: Backend, timeout_s: float, retries: int, stations: Sequence[str]
) -> Asked:
    """Ask one controller; trouble ends up in `failure`."""
    told, address = await _by_snmp(controller, backend, timeout_s, retries, stations)
    asked = Asked(controller, told, told.listing, told.failure, told.detail)
    if controller.ssh is None or not _wants_more(asked):
        return asked
    return _with(asked, await asyncio.to_thread(_by_ssh, controller, address, told))


async def _by_snmp(
    controller: Controller, backend: Backend, timeout_s: float, retries: int, stations: Sequence[str]
) -> tuple[Told, str]:
    """What SNMP gives over the first of the controller's addresses that answers at all, and the address that gave it."""
    name = await asyncio.to_thread(resolve, controller.host, timeout_s)
    if not name.addresses:
        return Told(failure=Failure.NAME_NOT_FOUND, detail=f"{controller.host}: {'; '.join(name.notes)}"), ""
    first = str(name.addresses[0])
    if controller.no_secret:
        detail = f"{controller.subject}: no SNMP secret in this box's config.toml"
        return Told(failure=Failure.NOT_PERMITTED, detail=detail), first
    told, address = Told(), first
    deadline_s = time.monotonic() + CONTROLLER_DEADLINE_S
    for address in map(str, name.addresses):
        target = Target(address, controller.port, timeout_s, retries)
        async with backend(target, controller.credentials) as exchange:
            told = await read_controller(
                exchange, controller.subject, _silence(controller), controller.vendor.lower(), stations, deadline_s
            )
        if told.heard or told.failure not in NOBODY:
            break
    return told, address


def _silence(controller: Controller) -> str:
    """What to suspect of a controller that does not answer at all."""
    secret = "wrong community" if controller.community else "wrong user or key"
    return f"{secret}, SNMP switched off, or blocked (ACL)"


def _wants_more(asked: Asked) -> bool:
    """Whether the command line could say what SNMP left open."""
    listing = asked.listing
    return asked.failure is not None or not listing.networks or any(one.state is State.UNKNOWN for one in listing.aps)


def _by_ssh(controller: Controller, address: str, told: Told) -> _Ssh:
    """One login, the questions of the family, and their rows."""
    if controller.ssh is None or not address:
        return _Ssh(note="no address to log in to")
    family = _family(controller, told)
    wanted = [question for question in QUESTIONS if family is not None and question in family.questions]
    if family is None or not wanted:
        return _Ssh(note=NO_FAMILY)
    enable = controller.ssh.enable.get_secret_value() if controller.ssh.enable else ""
    login = Login(
        host=address,
        port=controller.ssh.port,
        user=controller.ssh.user,
        password=controller.ssh.password.get_secret_value(),
        enable=enable,
        host_key=controller.ssh.host_key,
    )
    try:
        answers = ask(family, wanted, login, SSH_SILENCE_S)
    except HostKeyChanged as why:
        return _Ssh(host_key=why.seen, note=f"{why.failure}: {why.detail}")
    except Unmeasurable as why:
        return _Ssh(note=f"{why.failure}: {why.detail}")
    given = [answers.of(question) for question in wanted]
    rows, unread = rows_of(family, {one.question: one.text for one in given if one.failure is None})
    notes = [f"{one.failure}: {one.detail}" for one in given if one.failure is not None]
    notes += [f"{why.failure}: {why.detail}" for why in unread]
    unproven = tuple(question for question in rows if family.questions[question].unproven)
    return _Ssh(listing_of(rows), answers.host_key, BETWEEN.join(notes) or ALL_ANSWERED, unproven)


def _family(controller: Controller, told: Told) -> _cli.Vendor | None:
    """The family of its command line: the one that the box or the list names, else by what it says that it is; None if not known here."""
    named = (controller.ssh.vendor if controller.ssh else "") or FAMILIES.get(controller.vendor.lower(), "")
    if named:
        return _cli.vendor(named) if named in _cli.vendor_names() else None
    tables = told.tables
    return _cli.vendor_of(".".join(map(str, tables.object_id)), tables.scalar_text("sysDescr"))


def _with(asked: Asked, ssh: _Ssh) -> Asked:
    """What both sources together say."""
    asked = replace(asked, ssh=ssh.note, host_key=ssh.host_key)
    if ssh.listing is None or not (ssh.listing.aps or ssh.listing.networks):
        return asked
    if asked.failure is None:
        return replace(asked, listing=joined(asked.listing, ssh.listing), unproven=ssh.unproven)
    if not ssh.listing.aps:
        return asked
    # What SNMP could not show whole is worth less than a whole answer of the command line.
    return replace(asked, listing=ssh.listing, failure=None, detail="", by="ssh", unproven=ssh.unproven)
