"""Is a measurement server's report kept for the school whose ticket it names, and every other one refused by its code?"""

from __future__ import annotations

from collections.abc import Callable

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.admission import standings
from collector.school import Evidence
from evidence import quantities as q
from evidence.scan import Scan
from evidence.seal import REPORT, deflated, open_sealed, seal
from tests.collector.egress_school import Speed, enrolled, server_of
from tests.collector.running import Box, Running

Case = Callable[[Running, Speed, Scan, str], httpx.Response]


@pytest.fixture
def collector(lined: Running) -> Running:
    """A collector with a school that has lines."""
    return lined


@pytest.fixture
def scan(collector: Running, box: Box, speed: Speed) -> Scan:
    """An order of the way out."""
    return collector.order(box, probes=["egress"])


@pytest.fixture
def session(scan: Scan) -> str:
    """The session that it opens."""
    return session_of(scan)


def session_of(scan: Scan) -> str:
    """The session of an order's first ticket."""
    return str((scan.settings_of("egress") or {})["tickets"][0]["session"])


def held(collector: Running) -> list[Evidence]:
    """What is held of the school's servers."""
    stored = collector.parts.store.ledger.of_school(collector.home)
    return [one for one in stored if one.report.probe == "speed_server"]


# --- What is accepted -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["", "zstd"])
def test_accepted(collector: Running, speed: Speed, scan: Scan, session: str, encoding: str) -> None:
    """A server's report is the school's of whose ticket it speaks, with the order that the ticket belongs to."""
    envelope = speed.sealed(scan, session, readings=(q.OBSERVED_DOWN.between(940_000_000, None),))
    headers = {"content-encoding": encoding} if encoding else {}
    answer = collector.submit(deflated(envelope) if encoding else envelope, **headers)
    (found,) = held(collector)

    assert (answer.status_code, found.report.agent, found.scan) == (201, speed.server.id, scan)


def test_of_several_schools(collector: Running, speed: Speed, scan: Scan, session: str) -> None:
    """One chain of a server holds reports for several schools, each of which sees its own."""
    other = collector.founded("二中")
    theirs = collector.order(collector.enrolled(other), school=other, probes=["egress"])
    envelopes = [speed.sealed(scan, session), speed.sealed(theirs, session_of(theirs)), speed.sealed(scan, session)]
    codes = [collector.submit(envelope).status_code for envelope in envelopes]

    assert codes == [201, 201, 201]
    assert [one.report.sequence for one in held(collector)] == [1, 3]


def test_servers_are_not_counted_as_agents(
    collector: Running, box: Box, speed: Speed, scan: Scan, session: str
) -> None:
    """A school is complete by its agents' chains: a server's chain has reports of other schools too."""
    collector.submit(speed.sealed(scan, session))
    school = collector.school()

    assert (set(school.held), set(school.stands)) == ({box.id}, {box.id})
    assert standings(school, collector.parts.store.ledger.of_school(school.id)).complete


def test_on_the_page(collector: Running, speed: Speed, scan: Scan, session: str) -> None:
    """The page of a server's report shows the key that checks it."""
    collector.submit(speed.sealed(scan, session))

    assert speed.server.public_key in collector.page(f"/evidence/{speed.box.previous}")


# --- What is refused --------------------------------------------------------------------------------------------------


def forged(collector: Running, speed: Speed, scan: Scan, session: str) -> httpx.Response:
    """Another key signs in the server's name."""
    return collector.submit(seal(REPORT, speed.report(scan, session), Ed25519PrivateKey.generate()))


def in_its_name(collector: Running, speed: Speed, scan: Scan, session: str) -> httpx.Response:
    """An agent of the school signs what names the server as its author."""
    box = collector.enrolled()
    return collector.submit(box.sealed(speed.report(scan, session)))


def changed(collector: Running, speed: Speed, scan: Scan, session: str) -> httpx.Response:
    """The signature of one report over another."""
    good, other = (
        msgspec.json.decode(seal(REPORT, speed.report(scan, session, place=place), speed.box.key))
        for place in ("", "x")
    )
    return collector.submit(msgspec.json.encode({**good, "payload": other["payload"]}))


def revoked(collector: Running, speed: Speed, scan: Scan, session: str) -> httpx.Response:
    """A server that the operator trusts no more."""
    collector.parts.store.servers.revoke(speed.server.name)
    return collector.submit(speed.sealed(scan, session))


def replayed(collector: Running, speed: Speed, scan: Scan, session: str) -> httpx.Response:
    """The same report twice."""
    envelope = speed.sealed(scan, session)
    collector.submit(envelope)
    return collector.submit(envelope)


def forked(collector: Running, speed: Speed, scan: Scan, session: str) -> httpx.Response:
    """Two reports in one place of the chain."""
    collector.submit(speed.sealed(scan, session))
    return collector.submit(speed.sealed(scan, session, sequence=1, previous="", place="x"))


def too_far(collector: Running, speed: Speed, scan: Scan, session: str) -> httpx.Response:
    """A report before the one that comes first."""
    return collector.submit(speed.sealed(scan, session, sequence=2, previous="00" * 32))


def broken(collector: Running, speed: Speed, scan: Scan, session: str) -> httpx.Response:
    """A report that does not name the one before it."""
    collector.submit(speed.sealed(scan, session))
    return collector.submit(speed.sealed(scan, session, previous="00" * 32))


def no_session(collector: Running, speed: Speed, scan: Scan, session: str) -> httpx.Response:
    """A report of nothing that was ordered."""
    return collector.submit(speed.sealed(scan, ""))


def unknown_session(collector: Running, speed: Speed, scan: Scan, session: str) -> httpx.Response:
    """A session for which the collector gave no ticket."""
    return collector.submit(speed.sealed(scan, "5e" * 16))


def another_servers(collector: Running, speed: Speed, scan: Scan, session: str) -> httpx.Response:
    """A session that was ordered of another server."""
    return collector.submit(enrolled(collector).sealed(scan, session))


def another_order(collector: Running, speed: Speed, scan: Scan, session: str) -> httpx.Response:
    """A session under the order of another school."""
    other = collector.founded("二中")
    theirs = collector.order(collector.enrolled(other), school=other, probes=["egress"])
    return collector.submit(speed.sealed(theirs, session))


REFUSED = [
    (forged, 403, "unknown_key"),
    (in_its_name, 403, "bad_signature"),
    (changed, 403, "bad_signature"),
    (revoked, 403, "key_revoked"),
    (replayed, 409, "replayed"),
    (forked, 409, "forked"),
    (too_far, 409, "out_of_sequence"),
    (broken, 409, "broken_chain"),
    (no_session, 403, "unknown_session"),
    (unknown_session, 403, "unknown_session"),
    (another_servers, 403, "unknown_session"),
    (another_order, 403, "unknown_session"),
]


@pytest.mark.parametrize(("case", "status", "code"), REFUSED, ids=[one[0].__name__ for one in REFUSED])
def test_refused(
    collector: Running, speed: Speed, scan: Scan, session: str, case: Case, status: int, code: str
) -> None:
    """What is not the next report of an enrolled server about a session of its own is refused by its code."""
    answer = case(collector, speed, scan, session)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("case", [no_session, another_servers, another_order])
def test_a_refused_one_moves_no_chain(collector: Running, speed: Speed, scan: Scan, session: str, case: Case) -> None:
    """Nothing of what was refused is held, and the server's next good report is still its first."""
    case(collector, speed, scan, session)
    first = speed.report(scan, session, sequence=1, previous="")

    assert held(collector) == []
    assert collector.submit(seal(REPORT, first, speed.box.key)).status_code == 201


def test_a_refused_one_is_kept_for_the_operator(collector: Running, speed: Speed, scan: Scan) -> None:
    """What was refused of a server is kept with its reason."""
    collector.submit(speed.sealed(scan, "5e" * 16))
    (refusal,) = collector.parts.store.ledger.refusals([speed.server.id])

    assert (refusal.code, "has no ticket of this collector" in refusal.detail) == ("unknown_session", True)


def test_a_replay_brings_the_receipt(collector: Running, speed: Speed, scan: Scan, session: str) -> None:
    """A server whose receipt was lost gets it again, and may forget its copy."""
    envelope = speed.sealed(scan, session)
    first = collector.submit(envelope)

    assert collector.submit(envelope).json()["receipt"] == first.text


# --- One key, one party -----------------------------------------------------------------------------------------------


def test_an_agents_key_is_no_servers(collector: Running, box: Box) -> None:
    """An agent's key can never sign for the other end."""
    with pytest.raises(ValueError, match="is an agent's; a measurement server has a key of its own"):
        collector.parts.store.servers.add(server_of(box.key), 1)


def test_a_servers_key_is_no_agents(collector: Running, speed: Speed) -> None:
    """A server's key cannot be enrolled at a school, and the token is not used up by trying."""
    secret = collector.token()
    answer = collector.enrol(secret, speed.box.key)

    assert (answer.status_code, answer.json()["code"]) == (403, "token_refused")
    assert collector.enrol(secret, Ed25519PrivateKey.generate()).status_code == 201


def test_a_revoked_key_does_not_come_back(collector: Running, speed: Speed) -> None:
    """A server that was revoked is enrolled again with a new key only."""
    collector.parts.store.servers.revoke(speed.server.name)

    with pytest.raises(ValueError, match="was enrolled before; a server that comes back has a new key"):
        collector.parts.store.servers.add(speed.server, 2)


def test_revoked_servers_stay_known(collector: Running, speed: Speed) -> None:
    """A school's value holds revoked servers too: what they signed has to be told apart."""
    collector.parts.store.servers.revoke(speed.server.name)

    assert collector.school().servers[speed.server.id].revoked


def test_a_receipt_names_the_server(collector: Running, speed: Speed, scan: Scan, session: str) -> None:
    """The receipt is sealed by the collector, as an agent's is."""
    answer = collector.submit(speed.sealed(scan, session))
    opened = open_sealed(answer.content, lambda _: collector.parts.key.public_key())

    assert msgspec.json.decode(opened.payload)["agent"] == speed.server.id
