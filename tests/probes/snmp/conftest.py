"""What do the tests of the SNMP exchange stand on? A net-snmp agent with a user for every pair of protocols that it has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest

from probes._snmp.backends import Name, backend
from probes._snmp.exchange import Auth, Credentials, Exchange, Kind, Oid, Pdu, Priv, Reply, Target, User
from tests.probes.conftest import MARKERS, net_snmp
from tests.probes.spaces import need

Found = TypeVar("Found")

SYS_NAME: Oid = (1, 3, 6, 1, 2, 1, 1, 5, 0)
IF_DESCR: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1, 2)
NAME = b"genuine-name-of-it"
COMMUNITY = MARKERS["community"]
# What net-snmp calls them; its AES-256 is the older draft's, and -C is as Cisco does.
PRIVS = {
    Priv.DES: "DES",
    Priv.AES: "AES",
    Priv.AES192: "AES-192-C",
    Priv.AES256: "AES-256-C",
    Priv.AES192_BLUMENTHAL: "AES-192",
    Priv.AES256_BLUMENTHAL: "AES-256",
}


def user(auth: Auth = Auth.SHA256, priv: Priv | None = Priv.AES) -> User:
    """A user that the agent knows."""
    return User(f"{auth}-{priv or Priv.AES}", auth, MARKERS["auth_key"], priv, MARKERS["priv_key"] if priv else "")


@pytest.fixture(scope="session")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The UDP port, on both loopbacks, of a real snmpd."""
    need("snmpd")
    lines = [f"sysName {NAME.decode()}", f"rocommunity {COMMUNITY}", f"rocommunity6 {COMMUNITY}"]
    for auth in Auth:
        for priv, words in PRIVS.items():
            lines += [f'createUser {auth}-{priv} {auth} "{MARKERS["auth_key"]}" {words} "{MARKERS["priv_key"]}"']
            lines += [f"rouser {auth}-{priv} auth"]
    with net_snmp(tmp_path_factory.mktemp("agent"), *lines) as port:
        yield port


def with_exchange(
    name: Name, target: Target, credentials: Credentials, use: Callable[[Exchange], Awaitable[Found]]
) -> Found:
    """What comes of using an exchange."""

    async def used() -> Found:
        async with backend(name)(target, credentials) as exchange:
            return await use(exchange)

    return asyncio.run(used())


def asked(
    name: Name, port: int, credentials: Credentials, pdu: Pdu | None = None, timeout_s: float = 0.5, retries: int = 0
) -> Reply:
    """The reply to one request, of which there is one for the agent's name."""
    target = Target("127.0.0.1", port, timeout_s, retries)
    return with_exchange(
        name, target, credentials, lambda exchange: exchange.request(pdu or Pdu(Kind.GET, (SYS_NAME,)))
    )
