"""Does net-snmp's agent answer both backends, whatever it is asked with?"""

from __future__ import annotations

import time

import pytest

from evidence.model import Failure, Unmeasurable
from probes._snmp.backends import Name
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
    Target,
    User,
    Value,
    Version,
)
from probes._snmp.walk import Walk, Walker
from tests.probes.conftest import MARKERS
from tests.probes.snmp.conftest import COMMUNITY, IF_DESCR, NAME, SYS_NAME, asked, user, with_exchange

NOTHING: Oid = (1, 3, 6, 1, 2, 1, 1, 99, 0)
PROTOCOLS = [(auth, priv) for auth in Auth for priv in (None, *Priv)]


@pytest.mark.parametrize(("auth", "priv"), PROTOCOLS)
def test_every_protocol(agent: int, auth: Auth, priv: Priv | None) -> None:
    """Each authentication with each privacy and with none brings the value that the agent has."""
    assert asked(Name.OWN, agent, user(auth, priv), timeout_s=2).varbinds == ((SYS_NAME, NAME),)


@pytest.mark.parametrize("priv", [None, *Priv])
@pytest.mark.parametrize("auth", [Auth.SHA, Auth.SHA512])
def test_pysnmp_means_the_same(agent: int, auth: Auth, priv: Priv | None) -> None:
    """The other backend takes a setting as ours does, where the two ways to a long key differ (SHA) and where they do not."""
    assert asked(Name.PYSNMP, agent, user(auth, priv), timeout_s=2).varbinds == ((SYS_NAME, NAME),)


@pytest.mark.parametrize("name", list(Name))
@pytest.mark.parametrize("credentials", [Community(COMMUNITY, Version.V1), Community(COMMUNITY), user()])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_walks(agent: int, name: Name, credentials: Credentials, host: str) -> None:
    """Each version, over IPv4 and IPv6, brings the same rows, and shows the end."""
    columns = [(*IF_DESCR[:-1], column) for column in (1, 2, 3, 8)]

    async def walked(exchange: Exchange) -> tuple[list[Walk], list[Walk]]:
        walker = Walker(exchange, time.monotonic() + 20)
        return [await walker.walk(column) for column in columns], await walker.walk_together(columns)

    alone, together = with_exchange(name, Target(host, agent, 2, 1), credentials, walked)
    assert alone == together
    assert all(walk.complete and b"lo" in alone[1].rows.values() for walk in alone)


@pytest.mark.parametrize("name", list(Name))
def test_what_the_agent_does_not_have(agent: int, name: Name) -> None:
    """v2c says so in the value's place; v1 with an error that names the place."""
    pdu = Pdu(Kind.GET, (SYS_NAME, NOTHING))

    assert asked(name, agent, Community(COMMUNITY), pdu).varbinds[1] == (NOTHING, Missing.NO_SUCH_OBJECT)
    reply = asked(name, agent, Community(COMMUNITY, Version.V1), pdu)
    assert (reply.error_status, reply.error_index) == (2, 2)


@pytest.mark.parametrize("version", list(Version))
def test_single_objects(agent: int, version: Version) -> None:
    """What is missing is left out of a get, whichever way the version says so."""

    async def got(exchange: Exchange) -> dict[Oid, Value]:
        return await Walker(exchange, time.monotonic() + 9).get([NOTHING, SYS_NAME])

    found = with_exchange(Name.OWN, Target("127.0.0.1", agent, 1, 1), Community(COMMUNITY, version), got)
    assert found == {SYS_NAME: NAME}


@pytest.mark.parametrize("name", list(Name))
@pytest.mark.parametrize(
    ("credentials", "failure"),
    [
        pytest.param(User("SHA-256-AES", Auth.SHA256, "wrong-key-wrong"), Failure.LOGIN_REJECTED, id="wrong key"),
        pytest.param(User("nobody", Auth.SHA256, MARKERS["auth_key"]), Failure.LOGIN_REJECTED, id="unknown user"),
        pytest.param(User("strict", Auth.SHA256, MARKERS["auth_key"]), Failure.NOT_PERMITTED, id="privacy demanded"),
        pytest.param(
            User("SHA-256-AES", Auth.SHA256, MARKERS["auth_key"], Priv.AES, "wrong-key-wrong"),
            Failure.TIMED_OUT,
            id="wrong privacy key: net-snmp is silent",
        ),
        pytest.param(Community("wrong"), Failure.TIMED_OUT, id="wrong community: silence"),
    ],
)
def test_a_login_that_is_refused(agent: int, name: Name, credentials: Credentials, failure: Failure) -> None:
    """Both backends give the same failure for the agent's report and for its silence."""
    if failure is Failure.NOT_PERMITTED:
        reply_or_not = _refusal(name, agent, credentials)
        assert reply_or_not is failure
        return
    with pytest.raises(Unmeasurable) as why:
        asked(name, agent, credentials)
    assert why.value.failure is failure


def _refusal(name: Name, port: int, credentials: Credentials) -> Failure | None:
    """authorizationError in the reply, or a report: both are `not_permitted`."""
    try:
        reply = asked(name, port, credentials)
    except Unmeasurable as why:
        return why.failure
    return Failure.NOT_PERMITTED if reply.error_status == 16 else None
