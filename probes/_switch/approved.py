"""
Whom do the listed switches name that an admin has approved, and where can they be asked?

*Method*: a neighbour is asked if its sysName is on the list of approved names, at the management address that the switch beside it
announces, over SNMP v3 only. An address is never guessed, and none outside private address space is taken from a neighbour:
whoever plugs in a box can announce any name and address, and must not hear a secret by it.
"""

from __future__ import annotations

from collections.abc import Sequence

from probes._settings import is_inside
from probes._switch.asking import Asked
from probes._switch.model import MAY_LINK, Neighbour
from probes._switch.settings import Approved, Switch


def unasked(wanted: Sequence[Approved], asked: Sequence[Asked]) -> list[Switch]:
    """The approved neighbours with a usable address that nobody asked yet, each once."""
    done_names = {one.switch.name for one in asked} | {one.told.tables.scalar_text("sysName") for one in asked}
    done_hosts = {one.switch.host for one in asked}
    found: dict[str, Switch] = {}
    for name, credential in {one.name: one for one in wanted if one.name not in done_names}.items():
        hosts = [host for one in asked for near in one.neighbours for host in _hosts(name, near)]
        host = next((host for host in hosts if host not in done_hosts), None)
        if host is not None:
            found.setdefault(host, _switch(host, credential))
    return list(found.values())


def _hosts(name: str, neighbour: Neighbour) -> list[str]:
    """The private addresses at which a neighbour of that name can be asked."""
    if neighbour.name != name or neighbour.device not in MAY_LINK:
        return []
    return [one for one in neighbour.addresses if is_inside(one)]


def _switch(host: str, credential: Approved) -> Switch:
    """An approved neighbour as a switch to ask."""
    fields = {name: getattr(credential, name) for name in credential.model_fields_set}
    return Switch.model_validate({**fields, "host": host, "name": credential.name[:64]})
