"""Which rung and code follow from what L4 to L7 measured? Tables of what can come, without a network."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.echo import ECHO, Echoed
from evidence.seal import key_id, seal
from probes._http import Exchange
from probes._ipv6 import names, reach, sizes, web
from probes._ipv6.names import CONFIGURED, Question
from probes._ipv6.reach import Reached
from probes._ipv6.settings import Echo, Limits, Target
from probes._ipv6.sizes import Size
from probes._literal import Connect

KEY = Ed25519PrivateKey.generate()
V6, LOCAL = IPv6Address("2001:da8:f::10"), "2001:da8:1::5"
ORDERED = Echo(
    zone="echo.test",
    server_key=KEY.public_key().public_bytes_raw().hex(),
    v6=V6,
    operator="own",
)
SLOW_US = 2_000_000


# --- L4 ---------------------------------------------------------------------------------------------------------------


def asked(kind: str, *addresses: str, rcode: str = "NOERROR", us: int = 1000, **more: Any) -> Question:
    """One answer of the resolver fe80::1 about the operator's name."""
    usual: dict[str, Any] = {"resolver": "2001:da8::53", "origin": CONFIGURED, "name": "ds.echo.test"}
    return Question(**usual | more, kind=kind, rcode=rcode, addresses=addresses, us=us)


GOOD_A = asked("A", "203.0.113.10")
GOOD = [asked("AAAA", str(V6)), GOOD_A]
ONLY_ARPA = asked("AAAA", "64:ff9b::c000:aa", name="ipv4only.arpa")


@pytest.mark.parametrize(
    ("questions", "state", "code"),
    [
        pytest.param(GOOD, "pass", "", id="right"),
        pytest.param([*GOOD, ONLY_ARPA], "pass", "DNS64", id="with NAT64"),
        pytest.param(
            [replace(one, resolver="192.0.2.1") for one in GOOD], "pass", "NO_V6_RESOLVER", id="over IPv4 only"
        ),
        pytest.param([asked("AAAA"), GOOD_A], "fail", "AAAA_FILTERED", id="filtered"),
        pytest.param([asked("AAAA", rcode="NXDOMAIN"), GOOD_A], "fail", "AAAA_FILTERED", id="filtered by denial"),
        pytest.param([asked("AAAA", rcode="SERVFAIL"), GOOD_A], "fail", "AAAA_SERVFAIL", id="fails"),
        pytest.param(
            [asked("AAAA", rcode="SERVFAIL"), asked("A", rcode="SERVFAIL")],
            "inconclusive",
            "NAME_MISSING",
            id="fails for all",
        ),
        pytest.param([asked("AAAA", str(V6), us=SLOW_US + 1), GOOD_A], "fail", "AAAA_SLOW", id="slow"),
        pytest.param([asked("AAAA", rcode=""), GOOD_A], "fail", "AAAA_SLOW", id="silent for AAAA"),
        pytest.param([asked("AAAA", "2001:da8::1"), GOOD_A], "fail", "AAAA_OTHER", id="another address"),
        pytest.param([asked("AAAA", str(V6), "2001:da8::1"), GOOD_A], "fail", "AAAA_OTHER", id="one more address"),
        pytest.param([asked("AAAA", "64:ff9b::1"), GOOD_A], "fail", "AAAA_SYNTHESISED", id="made up"),
        pytest.param([asked("AAAA"), asked("A")], "inconclusive", "NAME_MISSING", id="no such name"),
        pytest.param([asked("AAAA", rcode=""), asked("A", rcode="")], "inconclusive", "RESOLVER_SILENT", id="silent"),
        pytest.param([], "fail", "NO_RESOLVER", id="no resolver"),
        pytest.param([replace(one, origin="advertised") for one in GOOD], "fail", "NO_RESOLVER", id="none configured"),
        pytest.param(
            [*GOOD, replace(asked("AAAA"), resolver="::9"), replace(GOOD_A, resolver="::9")],
            "fail",
            "AAAA_FILTERED",
            id="the worst of two",
        ),
    ],
)
def test_names(questions: list[Question], state: str, code: str) -> None:
    """L4 is that of the worst configured resolver that answers."""
    rung = names.judged(questions, ORDERED, SLOW_US)

    assert (rung.name, rung.state, rung.code) == ("L4", state, code)


def test_an_announced_nat64() -> None:
    """A prefix that routers announce counts as one that the resolver makes addresses in."""
    prefix = IPv6Network("2001:da8:64::/96")
    rung = names.judged([asked("AAAA", "2001:da8:64::1"), GOOD_A], ORDERED, SLOW_US, [prefix])

    assert (rung.code, rung.facts["nat64"]) == ("AAAA_SYNTHESISED", str(prefix))


# --- L5 ---------------------------------------------------------------------------------------------------------------


def reached(operator: str, accepted: bool = True, own: bool = False) -> Reached:
    """One target of an operator."""
    connect = Connect(V6, 443, LOCAL, 1000 if accepted else None, "" if accepted else "ETIMEDOUT")
    return Reached(Target(address=V6, operator=operator), connect, own)


def away(one: Reached) -> Reached:
    """The same target, not reached."""
    return replace(one, connect=reached("x", False).connect)


OWN = reached("own", own=True)
FIVE = [OWN, reached("one"), reached("one"), reached("two"), reached("three")]


@pytest.mark.parametrize(
    ("found", "state", "code"),
    [
        pytest.param(FIVE, "pass", "", id="all"),
        pytest.param([*FIVE, reached("two", False)], "pass", "", id="one away"),
        pytest.param(FIVE[:4], "inconclusive", "FEW_TARGETS", id="too few targets"),
        pytest.param([OWN, *[reached("one")] * 4], "inconclusive", "FEW_TARGETS", id="too few operators"),
        pytest.param([*FIVE[1:], reached("four")], "inconclusive", "FEW_TARGETS", id="without a server"),
        pytest.param(
            [replace(OWN, connect=reached("x", False).connect), *FIVE[1:]],
            "inconclusive",
            "SERVER_UNREACHABLE",
            id="only the server is away",
        ),
        pytest.param([OWN, *[reached("one", False)] * 4], "inconclusive", "FEW_TARGETS", id="the server alone"),
        pytest.param(
            [reached("own", False, True), reached("one"), reached("one"), reached("two", False)],
            "inconclusive",
            "FEW_TARGETS",
            id="one operator",
        ),
        pytest.param(
            [reached("own", False, True), reached("one", False)], "inconclusive", "FEW_TARGETS", id="none of few"
        ),
        pytest.param([OWN], "inconclusive", "FEW_TARGETS", id="nobody else ordered"),
        pytest.param([away(one) for one in FIVE], "fail", "NO_TRANSIT", id="none"),
        pytest.param([OWN, *map(away, FIVE[1:])], "fail", "PARTIAL_TRANSIT", id="one operator of several"),
    ],
)
def test_reach(found: list[Reached], state: str, code: str) -> None:
    """L5 needs enough of enough operators, the operator's server among them."""
    rung = reach.judged(found, Limits())

    assert (rung.name, rung.state, rung.code) == ("L5", state, code)


# --- L6 ---------------------------------------------------------------------------------------------------------------


def echoed(key: Ed25519PrivateKey = KEY, **more: Any) -> bytes:
    """A sealed echo as the server gives it."""
    usual: dict[str, Any] = {"server": key_id(key.public_key()), "nonce": "n.", "name": "v6.echo.test", "seen": LOCAL}
    usual |= {"seen_port": 5, "at": str(V6), "answered_unix_us": 1, "certificate": "ab"}
    return seal(ECHO, Echoed(**usual | more), key)


def came(body: bytes = b"", status: int = 200, **more: Any) -> Exchange:
    """An answer over TLS."""
    usual: dict[str, Any] = {"source": LOCAL, "certificate": "ab", "octets": len(body)}
    return Exchange(V6, 443, status=status, body=body, **usual | more)


STUCK = Exchange(V6, 443, stage="connect", error="ETIMEDOUT")


@pytest.mark.parametrize(
    ("secured", "plain", "state", "code"),
    [
        pytest.param(came(echoed()), None, "pass", "", id="genuine"),
        pytest.param(came(b"<html>"), None, "fail", "CAPTIVE", id="a page"),
        pytest.param(came(b"", 302), None, "fail", "CAPTIVE", id="a redirect"),
        pytest.param(came(b"", 503), None, "inconclusive", "SERVER_ERROR", id="an error of the server"),
        pytest.param(came(echoed(certificate="")), None, "inconclusive", "ECHO_WRONG", id="behind another's TLS"),
        pytest.param(came(echoed(), 511), None, "fail", "CAPTIVE", id="another status"),
        pytest.param(came(echoed(), octets=9999), None, "fail", "CAPTIVE", id="too long"),
        pytest.param(came(echoed(Ed25519PrivateKey.generate())), None, "inconclusive", "ECHO_WRONG", id="another key"),
        pytest.param(came(echoed(nonce="other.")), None, "inconclusive", "ECHO_WRONG", id="another nonce"),
        pytest.param(came(echoed(certificate="cd")), None, "fail", "TLS_INTERCEPT", id="another certificate"),
        pytest.param(came(echoed(seen="192.0.2.1")), None, "fail", "PROXY", id="seen over IPv4"),
        pytest.param(came(echoed(seen="::ffff:192.0.2.1")), None, "fail", "PROXY", id="seen as mapped IPv4"),
        pytest.param(came(echoed(forwarded="via")), None, "fail", "PROXY", id="carried on"),
        pytest.param(came(echoed(seen="2001:da8:9::99")), None, "pass", "NAT66", id="another address"),
        pytest.param(came(echoed(seen="2001:da8:9::5")), None, "pass", "NPT", id="another prefix"),
        pytest.param(STUCK, STUCK, "fail", "NO_ANSWER", id="nobody"),
        pytest.param(STUCK, came(b"<html>"), "fail", "CAPTIVE", id="a portal at the plain port"),
        pytest.param(STUCK, came(echoed()), "fail", "NO_TLS", id="genuine without TLS only"),
    ],
)
def test_web(secured: Exchange, plain: Exchange | None, state: str, code: str) -> None:
    """L6 passes on the ordered server's seal over this nonce, certificate and address, and on nothing else."""
    rung = web.judged(web.Answer("n.", secured, plain), ORDERED)

    assert (rung.name, rung.state, rung.code) == ("L6", state, code)


# --- L7 ---------------------------------------------------------------------------------------------------------------


def size(
    path: str, kind: str, good: bool = True, again: bool = False, stage: str = "receive", pmtu: int = 1280
) -> Size:
    """One transfer."""
    first = Exchange(V6, 443, us=10, stage="" if good else stage, pmtu=pmtu, mss=pmtu - 72)
    return Size(path, kind, first, good, None if good else first, again)


def transfers(path: str = "normal", stage: str = "receive", pmtu: int = 1280, **stuck: bool) -> list[Size]:
    """The three transfers of one path; those that are named stuck, and small segments helped or not."""
    return [
        size(path, kind, kind not in stuck, stuck.get(kind, False), stage, pmtu) for kind in ("small", "up", "down")
    ]


@pytest.mark.parametrize(
    ("found", "state", "code"),
    [
        pytest.param(transfers() + transfers("mtu1280"), "pass", "", id="all"),
        pytest.param(
            transfers() + transfers("mtu1280", pmtu=1500), "inconclusive", "NOT_NARROW", id="a hop that is not narrow"
        ),
        pytest.param(transfers(), "inconclusive", "NO_MTU1280", id="no narrow path ordered"),
        pytest.param(transfers(up=True), "fail", "PMTU_BLACKHOLE_UP", id="up"),
        pytest.param(transfers(down=True), "fail", "PMTU_BLACKHOLE_DOWN", id="down"),
        pytest.param(transfers(up=True, down=True), "fail", "PMTU_BLACKHOLE_BOTH", id="both"),
        pytest.param(
            transfers(stage="tls", small=True, up=True, down=True), "fail", "PMTU_BLACKHOLE_DOWN", id="the certificate"
        ),
        pytest.param(transfers(up=False), "fail", "LARGE_FAILS_OTHER", id="small segments do not help"),
        pytest.param(transfers(up=True, down=False), "fail", "LARGE_FAILS_OTHER", id="they help one way only"),
        pytest.param(transfers(stage="connect", up=True), "fail", "LARGE_FAILS_OTHER", id="no connection"),
        pytest.param(transfers(small=False, up=False, down=False), "inconclusive", "SMALL_FAILS", id="nothing"),
        pytest.param(transfers() + transfers("mtu1280", up=True), "fail", "PMTU_BLACKHOLE_UP", id="behind the hop"),
    ],
)
def test_sizes(found: list[Size], state: str, code: str) -> None:
    """L7 tells by which transfer stuck, and by whether small segments help, what is lost and which way."""
    rung = sizes.judged(found, narrow_ordered=any(one.path == "mtu1280" for one in found))

    assert (rung.name, rung.state, rung.code) == ("L7", state, code)


@pytest.mark.parametrize("body", [b"[]", b"no json", json.dumps({"octets": 8000, "sha256": "00"}).encode()])
def test_what_arrived_is_compared(body: bytes) -> None:
    """An upload is good only where the server tells the octets and their hash."""
    assert not sizes._is_good(came(body), sizes.UP)


def test_a_page_is_no_object() -> None:
    """A page of the right length is not the content that was asked for."""
    assert not sizes._is_good(came(b"", octets=65536, sha256="00"), sizes.DOWN)


def test_the_address_is_that_of_the_order() -> None:
    """What is connected to is the literal address of the order, whatever names say."""
    asked_for = sizes._asked(ORDERED, V6, "normal", "down", 4.0, "eth0")

    assert (asked_for.to, asked_for.host) == (ip_address(str(V6)), "big.echo.test")
