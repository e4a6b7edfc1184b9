"""
What does one name server answer to one question?

*Method*: a question over UDP to a literal address, over TCP where the answer was cut (RFC 7766), asked again once where none came. The
answer is kept octet for octet. Nobody is asked whom the border does not admit, but the resolvers of this box itself.

What it does not prove: that other servers of the zone say the same.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset

from probes._failures import errno_name
from probes._literal import Address

TRIES = 2
MOST_AT_ONCE = 16
DNS_PORT = 53
LARGEST_UDP = 1232  # octets, what fits every path over IPv6
MOST_ALIASES = 8
MOST_KEPT = 4096  # octets of one answer, as evidence


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of whom; `recursive` of a resolver, not of a server of the zone."""

    server: Address
    name: str
    kind: str
    recursive: bool = False
    port: int = DNS_PORT


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: the message, or None and why not; `us` is how long the last try took."""

    question: Question
    message: dns.message.Message | None
    us: int
    error: str = ""

    @property
    def rcode(self) -> str:
        """How it ended, by its name (RFC 6895 section 2.3); empty where no answer came."""
        return dns.rcode.to_text(self.message.rcode()) if self.message else ""

    @property
    def authoritative(self) -> bool:
        """Whether a server of the zone itself answered, and not with an error."""
        return self.decided and bool(self.message and self.message.flags & dns.flags.AA)

    @property
    def decided(self) -> bool:
        """Whether it says yes or no."""
        return self.rcode in ("NOERROR", "NXDOMAIN")

    def alias(self) -> str | None:
        """Where the chain of aliases in the answer ends: the name itself where it has none, None where it does not end."""
        name = _name(self.question.name)
        for _ in range(MOST_ALIASES):
            found = self._set(name, "CNAME")
            if found is None:
                return _text(name)
            name = found[0].target
        return None

    def addresses(self) -> list[Address]:
        """The addresses at the end of the chain, of the family that was asked for."""
        end = self.alias()
        found = self._set(_name(end), self.question.kind) if end else None
        return [ip_address(record.address) for record in found or ()]

    def servers(self) -> list[str]:
        """The name servers of exactly the name that was asked for, where the answer has them."""
        found = self._set(_name(self.question.name), "NS")
        return sorted(_text(record.target) for record in found or ())

    def delegation(self) -> list[str]:
        """The name servers to which a server of the zone above refers."""
        sets = (self.message.answer + self.message.authority) if self.message else []
        here = [one for one in sets if one.rdtype == dns.rdatatype.NS and one.name == _name(self.question.name)]
        return sorted({_text(record.target) for one in here for record in one})

    def glue(self, name: str) -> list[Address]:
        """The IPv6 addresses of a name server that came with a referral."""
        sets = (self.message.answer + self.message.additional) if self.message else []
        found = [one for one in sets if one.rdtype == dns.rdatatype.AAAA and one.name == _name(name)]
        return [ip_address(record.address) for one in found for record in one]

    def written(self) -> dict[str, str | int]:
        """The answer as evidence."""
        asked = self.question
        octets = (self.message.wire or b"")[:MOST_KEPT] if self.message else b""
        return {
            "server": str(asked.server),
            "port": asked.port,
            "name": asked.name,
            "kind": asked.kind,
            "rcode": self.rcode,
            "us": self.us,
            "error": self.error,
            "answer": octets.hex(),
        }

    def _set(self, name: dns.name.Name, kind: str) -> dns.rrset.RRset | None:
        """The records of one name and kind in the answer."""
        if self.message is None:
            return None
        wanted = dns.rdatatype.from_text(kind)
        return next((one for one in self.message.answer if one.name == name and one.rdtype == wanted), None)


def ask(question: Question, timeout_s: float) -> Answer:
    """Ask, and once more where no answer came; what goes wrong is in the answer and not raised."""
    for _ in range(TRIES):
        answer = _once(question, timeout_s)
        if answer.message is not None:
            break
    return answer


def ask_all(questions: Sequence[Question], timeout_s: float) -> list[Answer]:
    """All side by side, in the order given."""
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        return list(pool.map(lambda question: ask(question, timeout_s), questions))


def _once(question: Question, timeout_s: float) -> Answer:
    """One try."""
    wanted = dns.message.make_query(question.name, question.kind, use_edns=0, payload=LARGEST_UDP)
    if not question.recursive:
        wanted.flags &= ~dns.flags.RD
    started = time.monotonic_ns()
    try:
        message, _ = dns.query.udp_with_fallback(
            wanted, str(question.server), timeout_s, question.port, ignore_unexpected=True, ignore_errors=True
        )
    except (dns.exception.DNSException, OSError, EOFError) as why:
        return Answer(question, None, _since(started), _why(why))
    return Answer(question, message, _since(started))


def _since(started_ns: int) -> int:
    """Microseconds since then."""
    return (time.monotonic_ns() - started_ns) // 1000


def _why(error: Exception) -> str:
    """Why no answer came, in one word."""
    if isinstance(error, dns.exception.Timeout | socket.timeout):
        return "ETIMEDOUT"
    if isinstance(error, OSError) and error.errno:
        return errno_name(error.errno)
    return type(error).__name__


def _name(text: str) -> dns.name.Name:
    """A name as messages hold it."""
    return dns.name.from_text(text)


def _text(name: dns.name.Name) -> str:
    """A name in lower case; the root is a full stop."""
    return name.to_text(omit_final_dot=True).lower() or "."
