"""
L6: does a request over IPv6 reach the operator's server as it left us, and nobody else?

*Method*: GET a signed echo of a nonce from the literal address, with the name in SNI and Host. The seal is opened with the key of the order;
then nonce, family and source address, and the certificate that was shown are compared with what we sent and saw. Where nobody answers
at the TLS port, the plain one is asked once: a captive portal mostly answers there.

What it does not prove: that who asked stands in the school; the collector compares the sealed address with the prefixes of its lines.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from ipaddress import IPv6Address, ip_address

from evidence.echo import ECHO_PATH, Echoed, nonce_of, open_echo
from evidence.errors import BadSignature, Rejected, UnknownKey
from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS
from evidence.model import Facts, Raw
from probes._http import Asked, Exchange, exchange
from probes._ipv6.rungs import Climb
from probes._ipv6.settings import Echo, Settings
from probes._rung import Rung

WAIT_S = 4.0
OK = 200
AT_THE_SERVER = (
    429,
    500,
    502,
    503,
    504,
)  # statuses of a server that is there and cannot (RFC 9110 section 15.6, RFC 6585)
LARGEST_SEALED = 4096  # octets of a sealed echo; what is longer is a page
NETWORK_OCTETS = 8  # of an address, before the interface identifier (RFC 4291 section 2.5.1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over TLS, what over the plain port where that was asked, and which nonce was sent."""

    nonce: str
    secured: Exchange
    plain: Exchange | None = None


def climb(settings: Settings, interface: str) -> Climb:
    """Ask for the echo."""
    if settings.echo is None:
        return Climb(Rung("L6", NOT_TESTED, "NO_TARGETS"))
    nonce = nonce_of(settings.nonce or secrets.token_hex(16), settings.agent)
    secured = _asked(settings.echo, interface, nonce, tls=True)
    plain = None if secured.whole else _asked(settings.echo, interface, nonce, tls=False)
    answer = Answer(nonce, secured, plain)
    return Climb(judged(answer, settings.echo), (Raw("web.json", _written(answer)),))


def _asked(echo: Echo, interface: str, nonce: str, tls: bool) -> Exchange:
    """One request for an echo."""
    port = echo.port if tls else echo.http_port
    name = f"v6.{echo.zone}"
    target = f"{ECHO_PATH}?nonce={nonce}"
    return exchange(Asked(echo.v6, port, name, target, tls=tls, timeout_s=WAIT_S, interface=interface))


def judged(answer: Answer, echo: Echo) -> Rung:
    """The rung: only a sealed answer to this very question can pass."""
    came = answer.secured
    facts: Facts = {"server": str(came.to), "port": came.port}
    if not came.whole:
        return _without_tls(answer, echo, facts | {"stage": came.stage, "error": came.error})
    facts |= {"local": came.source, "status": came.status, "certificate": came.certificate, "us": came.us}
    opened = _opened(came, echo, answer.nonce)
    if isinstance(opened, str):
        return _not_sealed(opened, facts)
    facts |= {"echo": came.body.decode("ascii"), "seen": opened.seen, "seen_port": opened.seen_port}
    return _compared(came, opened, facts)


def _without_tls(answer: Answer, echo: Echo, facts: Facts) -> Rung:
    """What the plain port says where TLS did not come to an answer."""
    plain = answer.plain
    if plain is None or not plain.whole:
        return Rung("L6", FAIL, "NO_ANSWER", facts)
    facts |= {"local": plain.source, "status": plain.status}
    genuine = not isinstance(_opened(plain, echo, answer.nonce), str)
    return Rung("L6", FAIL, "NO_TLS" if genuine else "CAPTIVE", facts)


def _opened(came: Exchange, echo: Echo, nonce: str) -> Echoed | str:
    """The echo, or the code of what came in its place."""
    if came.status in AT_THE_SERVER:
        return "SERVER_ERROR"
    if came.status != OK or came.octets > LARGEST_SEALED:
        return "CAPTIVE"
    try:
        opened = open_echo(came.body, echo.server_key)
    except (UnknownKey, BadSignature):
        return "ECHO_WRONG"
    except Rejected:  # a page, or anything else that is no envelope
        return "CAPTIVE"
    # Who sealed no certificate stands behind somebody else's TLS: the operator's matter.
    is_ours = opened.nonce == nonce and (bool(opened.certificate) or not came.certificate)
    return opened if is_ours else "ECHO_WRONG"


def _not_sealed(code: str, facts: Facts) -> Rung:
    """A portal's page fails; a seal of another key may be the operator's mistake."""
    return Rung("L6", INCONCLUSIVE if code in ("ECHO_WRONG", "SERVER_ERROR") else FAIL, code, facts)


def _compared(came: Exchange, opened: Echoed, facts: Facts) -> Rung:
    """What the server saw beside what we sent."""
    if opened.certificate != came.certificate:
        return Rung("L6", FAIL, "TLS_INTERCEPT", facts)
    seen = ip_address(opened.seen)
    if not isinstance(seen, IPv6Address) or seen.ipv4_mapped is not None or opened.forwarded:
        return Rung("L6", FAIL, "PROXY", facts | ({"forwarded": opened.forwarded} if opened.forwarded else {}))
    local = IPv6Address(came.source)
    if seen == local:
        return Rung("L6", PASS, evidence=facts)
    same_host = seen.packed[NETWORK_OCTETS:] == local.packed[NETWORK_OCTETS:]
    return Rung("L6", PASS, "NPT" if same_host else "NAT66", facts)


def _written(answer: Answer) -> bytes:
    """Both exchanges, whole."""
    exchanges = {
        name: _in_words(came)
        for name, came in (("secured", answer.secured), ("plain", answer.plain))
        if came is not None
    }
    return json.dumps({"nonce": answer.nonce, **exchanges}, ensure_ascii=False, indent=1).encode()


def _in_words(came: Exchange) -> dict[str, object]:
    """One exchange as text."""
    words = asdict(came) | {"to": str(came.to), "headers": dict(came.headers)}
    return words | {"body": came.body.decode("utf-8", errors="backslashreplace")}
