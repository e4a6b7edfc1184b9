"""
Which code talks SNMP?

Ours, unless somebody asks for pysnmp: to compare, or where ours misreads a switch. The library is loaded only then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

from probes._snmp import own
from probes._snmp.exchange import Backend, Credentials, Exchange, Target
from probes._snmp.pace import Pace


class Name(StrEnum):
    """The backends that can be chosen."""

    OWN = "own"
    PYSNMP = "pysnmp"


def backend(name: Name, pace: Pace | None = None) -> Backend:
    """What opens exchanges, held to a pace where one is given."""
    opens = own.open_exchange if name is Name.OWN else _pysnmp()
    if pace is None:
        return opens

    @asynccontextmanager
    async def open_paced(target: Target, credentials: Credentials) -> AsyncIterator[Exchange]:
        async with opens(target, credentials) as exchange:
            yield pace.held(exchange, (target.host, target.port))

    return open_paced


def _pysnmp() -> Backend:
    """The other one; it costs half a second and 30 MB, which only who asks for it pays."""
    from probes._snmp import pysnmp_backend

    return pysnmp_backend.open_exchange
