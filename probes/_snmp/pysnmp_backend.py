"""
One SNMP exchange through pysnmp.

*Method*: one SNMP engine a target; only the single-request commands of pysnmp are used, for its walks never end on some
agents. MIB look-up is off: values come as the wire types that they are. pysnmp verifies the digest of every v3 reply.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pysnmp.error import PySnmpError  # type: ignore[import-untyped]  # the library ships no types
from pysnmp.hlapi.v3arch import asyncio as hlapi  # type: ignore[import-untyped]  # the same
from pysnmp.proto import rfc1902, rfc1905  # type: ignore[import-untyped]  # the same

from evidence.model import Failure, Unmeasurable
from probes._failures import of_snmp_engine
from probes._snmp.exchange import (
    Auth,
    Community,
    Credentials,
    Exchange,
    Kind,
    Missing,
    Oid,
    Pdu,
    Priv,
    Reply,
    Target,
    Value,
    Version,
)

MODEL = {Version.V1: 0, Version.V2C: 1}  # message processing models, RFC 3411 section 5
AUTH = {
    Auth.SHA: hlapi.USM_AUTH_HMAC96_SHA,
    Auth.SHA224: hlapi.USM_AUTH_HMAC128_SHA224,
    Auth.SHA256: hlapi.USM_AUTH_HMAC192_SHA256,
    Auth.SHA384: hlapi.USM_AUTH_HMAC256_SHA384,
    Auth.SHA512: hlapi.USM_AUTH_HMAC384_SHA512,
}
PRIV = {
    Priv.AES: hlapi.USM_PRIV_CFB128_AES,
    Priv.AES192: hlapi.USM_PRIV_CFB192_AES,
    Priv.AES256: hlapi.USM_PRIV_CFB256_AES,
    Priv.AES192_BLUMENTHAL: hlapi.USM_PRIV_CFB192_AES_BLUMENTHAL,
    Priv.AES256_BLUMENTHAL: hlapi.USM_PRIV_CFB256_AES_BLUMENTHAL,
    Priv.DES: hlapi.USM_PRIV_CBC56_DES,
}
MISSING = (
    (rfc1905.NoSuchObject, Missing.NO_SUCH_OBJECT),
    (rfc1905.NoSuchInstance, Missing.NO_SUCH_INSTANCE),
    (rfc1905.EndOfMibView, Missing.END_OF_MIB_VIEW),
)


@asynccontextmanager
async def open_exchange(target: Target, credentials: Credentials) -> AsyncIterator[Exchange]:
    """An exchange with one target; its sockets and timers are closed on leaving."""
    engine = hlapi.SnmpEngine()
    transport = hlapi.Udp6TransportTarget if ":" in target.host else hlapi.UdpTransportTarget
    where = await transport.create((target.host, target.port), timeout=target.timeout_s, retries=target.retries)
    # The library counts its own time-outs; should it lose count, the scan must still go on. A v3 target is asked twice.
    patience_s = 2 * target.timeout_s * (target.retries + 1) + 2
    try:
        yield _PysnmpExchange(engine, credentials, where, patience_s)
    finally:
        engine.close_dispatcher()


class _PysnmpExchange:
    """One engine, one credential, one address."""

    def __init__(self, engine: Any, credentials: Credentials, where: Any, patience_s: float) -> None:
        self._ask = (engine, _auth(credentials), where, hlapi.ContextData())
        self._v1 = isinstance(credentials, Community) and credentials.version is Version.V1
        self._patience_s = patience_s

    async def request(self, pdu: Pdu) -> Reply:
        """One request; see `Exchange.request`."""
        pdu = pdu.for_v1() if self._v1 else pdu
        names = [hlapi.ObjectType(hlapi.ObjectIdentity(oid)) for oid in pdu.oids]
        try:
            async with asyncio.timeout(self._patience_s):
                indication, status, index, varbinds = await self._send(pdu, names)
        except TimeoutError as late:
            raise Unmeasurable(Failure.TIMED_OUT, "no answer") from late
        except PySnmpError as refused:  # its text may quote what it was given, so only its kind is told
            raise Unmeasurable(Failure.UNREADABLE, f"the SNMP library refused: {type(refused).__name__}") from None
        if indication:
            raise Unmeasurable(of_snmp_engine(type(indication).__name__), str(indication))
        return Reply(int(status), int(index), tuple((tuple(name), _value(value)) for name, value in varbinds))

    async def _send(self, pdu: Pdu, names: list[Any]) -> Any:
        """The library's command for the kind of request."""
        if pdu.kind is Kind.GETBULK:
            return await hlapi.bulk_cmd(*self._ask, 0, pdu.max_repetitions, *names, lookupMib=False)
        command = hlapi.get_cmd if pdu.kind is Kind.GET else hlapi.next_cmd
        return await command(*self._ask, *names, lookupMib=False)


def _auth(credentials: Credentials) -> Any:
    """The library's form of a credential; octets, so that any script may be used in a passphrase."""
    if isinstance(credentials, Community):
        community = rfc1902.OctetString(credentials.community.encode())
        return hlapi.CommunityData("campusproof", community, mpModel=MODEL[credentials.version])
    return hlapi.UsmUserData(
        rfc1902.OctetString(credentials.user.encode()),
        authKey=rfc1902.OctetString(credentials.auth_key.encode()),
        authProtocol=AUTH[credentials.auth],
        privKey=rfc1902.OctetString(credentials.priv_key.encode()) if credentials.priv else None,
        privProtocol=PRIV[credentials.priv] if credentials.priv else None,
    )


def _value(value: Any) -> Value:
    """A wire value as a plain one: integers of every kind, octets, object names, or what stands for no value."""
    for kind, missing in MISSING:
        if isinstance(value, kind):
            return missing
    if isinstance(
        value, rfc1902.Integer32 | rfc1902.Counter32 | rfc1902.Gauge32 | rfc1902.TimeTicks | rfc1902.Counter64
    ):
        return int(value)
    if isinstance(value, rfc1902.OctetString | rfc1902.IpAddress | rfc1902.Opaque):
        return bytes(value.asOctets())
    if isinstance(value, rfc1902.ObjectIdentifier):
        oid: Oid = tuple(value)
        return oid
    return None
