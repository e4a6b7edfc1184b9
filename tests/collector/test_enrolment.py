"""Who becomes an agent of which school, and who does not?"""

from __future__ import annotations

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.seal import ENROLLED, ENROLMENT, Envelope, canonical, key_id, open_sealed, seal
from evidence.wire import Enrolled, Enrolment
from tests.collector.running import HOUR_US, Running

# Points of small order on edwards25519 (RFC 7748 section 7 tells why): y = 1, -1, 0 and two of order 8.
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]


@pytest.fixture
def key() -> Ed25519PrivateKey:
    """A new key."""
    return Ed25519PrivateKey.generate()


def said(collector: Running, answer: httpx.Response) -> Enrolled:
    """The sealed answer to an enrolment."""
    return open_sealed(answer.content, lambda _: collector.parts.key.public_key()).body(ENROLLED, Enrolled)


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def test_enrolled(collector: Running, key: Ed25519PrivateKey) -> None:
    """The answer names agent, school and place, and the agent is the school's from then on."""
    found = said(collector, collector.enrol(collector.token(place="main/b1/1"), key))

    assert (found.agent, found.school, found.school_name, found.place) == (
        key_id(key.public_key()),
        collector.home,
        "一中",
        "main/b1/1",
    )


def test_the_channel_opens(collector: Running, key: Ed25519PrivateKey) -> None:
    """The secret in the answer opens the order channel; the store holds its hash only."""
    found = said(collector, collector.enrol(collector.token(), key))
    headers = {"authorization": f"Bearer {found.agent}.{found.channel_secret}"}

    assert collector.http.get("/v1/scans?wait_s=0", headers=headers).status_code == 200


def test_the_collector_names_its_key(collector: Running) -> None:
    """Whoever holds a token can check the collector's key against it."""
    assert collector.http.get("/v1/keys").json() == {
        "collector": collector.parts.key.public_key().public_bytes_raw().hex()
    }


def test_a_token_is_good_once(collector: Running, key: Ed25519PrivateKey) -> None:
    """A used token makes no second agent."""
    token = collector.token()
    collector.enrol(token, key)

    assert code(collector.enrol(token, Ed25519PrivateKey.generate())) == (403, "token_refused")


def test_the_same_key_again(collector: Running, key: Ed25519PrivateKey) -> None:
    """The same key with the same token again is the same agent: its first answer may have been lost."""
    token = collector.token()
    first, second = (said(collector, collector.enrol(token, key)) for _ in range(2))

    assert (first.agent, len(collector.school().held)) == (second.agent, 1)


def test_the_same_key_again_gets_a_new_secret(collector: Running, key: Ed25519PrivateKey) -> None:
    """The secret of the lost answer opens nothing any more."""
    token = collector.token()
    first, second = (said(collector, collector.enrol(token, key)) for _ in range(2))
    found = [
        collector.http.get(
            "/v1/scans?wait_s=0", headers={"authorization": f"Bearer {one.agent}.{one.channel_secret}"}
        ).status_code
        for one in (first, second)
    ]
    assert found == [401, 200]


def test_the_same_key_with_another_token(collector: Running, key: Ed25519PrivateKey) -> None:
    """A key that is enrolled already is not enrolled again, and the new token stays good."""
    collector.enrol(collector.token(), key)
    token = collector.token()
    refused = collector.enrol(token, key)

    assert (code(refused), collector.enrol(token, Ed25519PrivateKey.generate()).status_code) == (
        (403, "token_refused"),
        201,
    )


def test_the_same_key_at_another_school(collector: Running, key: Ed25519PrivateKey) -> None:
    """One key is one agent of one school."""
    collector.enrol(collector.token(), key)

    assert code(collector.enrol(collector.token(collector.founded("二中")), key)) == (403, "token_refused")


@pytest.mark.parametrize("token", ["", "0" * 64, "wrong"])
def test_a_wrong_token(collector: Running, key: Ed25519PrivateKey, token: str) -> None:
    """An unknown token makes no agent."""
    assert code(collector.enrol(token, key)) == (403, "token_refused")


@pytest.mark.parametrize(("hours", "status"), [(1, 201), (2, 403)])
def test_expired(collector: Running, key: Ed25519PrivateKey, hours: int, status: int) -> None:
    """A token is good until its hour has passed."""
    token = collector.token(hours=1)
    collector.clock.us += hours * HOUR_US

    assert collector.enrol(token, key).status_code == status


@pytest.mark.parametrize("public_key", [*SMALL_ORDER, "ff" * 32, "", "00" * 31, "not hex", "é" * 32])
def test_a_bad_key(collector: Running, key: Ed25519PrivateKey, public_key: str) -> None:
    """A key of small order, or none at all, is refused before its signature means anything; the token stays good."""
    token = collector.token()

    assert code(collector.enrol(token, key, public_key=public_key)) == (400, "malformed")
    assert collector.enrol(token, key).status_code == 201


def test_another_keys_signature(collector: Running, key: Ed25519PrivateKey) -> None:
    """Who cannot sign with a key cannot enrol it."""
    other = Ed25519PrivateKey.generate()
    answer = collector.enrol(collector.token(), key, public_key=other.public_key().public_bytes_raw().hex())

    assert code(answer) == (403, "unknown_key")


def test_a_signature_over_something_else(collector: Running, key: Ed25519PrivateKey) -> None:
    """The offered key must have signed exactly this request."""
    public = key.public_key().public_bytes_raw().hex()
    asked, other = (
        msgspec.json.decode(seal(ENROLMENT, Enrolment(token, public, "test"), key), type=Envelope)
        for token in (collector.token(), "other")
    )
    mixed = canonical(msgspec.structs.replace(asked, signatures=other.signatures))

    assert code(collector.http.post("/v1/agents", content=mixed)) == (403, "bad_signature")


@pytest.mark.parametrize("body", ["", "no", "{}", '{"payload":"e30=","payloadType":"x","signatures":[]}'])
def test_no_request(collector: Running, body: str) -> None:
    """What is no enrolment request is malformed."""
    assert code(collector.http.post("/v1/agents", content=body.encode())) == (400, "malformed")
