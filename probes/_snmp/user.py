"""
How does a message look that a user's keys protect?

*Method*: RFC 3412 section 6 and RFC 3414: the engine is asked for its ID first, which nothing can sign; every request is
signed, and so must be what comes back. A reply is taken only if it repeats our message's number, names the engine and the
user, is protected as much as the request, has the right digest, lies in the engine's time window, and, decrypted, answers
the request.

The engine's clock is taken from signed messages only. What it told unsigned serves to write the first request: if it was
wrong, the engine's signed report puts it right.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass

from evidence.model import Failure, Unmeasurable
from probes._snmp import ber
from probes._snmp.exchange import Kind, Pdu, Priv, Reply, User
from probes._snmp.keys import Keys, keys_for
from probes._snmp.pdu import ANOTHER_REQUEST, REPORT, encoded, reported, response
from probes._snmp.report import UNKNOWN_ENGINE_ID, Report, report_of

VERSION = ber.integer(3)
LARGEST_MESSAGE = ber.integer(65_507)  # what UDP can bring; some agents say genErr instead of sending less
USER_BASED = 3  # security model, RFC 3411 section 5
SIGNED, HIDDEN, REPORTABLE = 1, 2, 4
ENGINE_ID_OCTETS = range(5, 33)  # RFC 3411 section 5
MOST_BOOTS = 2**31 - 1
TIME_WINDOW_S = 150


def dropped(why: str) -> Unmeasurable:
    """What is raised for a message that is not to be taken."""
    return Unmeasurable(Failure.UNREADABLE, why)


@dataclass(slots=True)
class Clock:
    """An engine's restarts and seconds since the last, as of a moment of ours; RFC 3414 section 2.3."""

    boots: int = 0
    time_s: int = 0
    at_s: float = 0.0
    signed: bool = False

    def now_s(self) -> int:
        """The engine's seconds now."""
        return min(self.time_s + int(time.monotonic() - self.at_s), MOST_BOOTS)

    def told(self, boots: int, time_s: int) -> None:
        """Take the unsigned word of an engine of which nothing signed is known."""
        if not self.signed:
            self.boots, self.time_s, self.at_s = boots, time_s, time.monotonic()

    def check(self, boots: int, time_s: int) -> None:
        """Take a signed time, or raise Unmeasurable for one of the past; RFC 3414 section 3.2 step 7b."""
        if boots < 0 or time_s < 0:
            raise ber.malformed("engine time")
        if self.signed and (boots < self.boots or boots == MOST_BOOTS):
            raise dropped("a reply of before the agent's restart")
        if self.signed and boots == self.boots and time_s < self.now_s() - TIME_WINDOW_S:
            raise dropped("a reply outside the time window")
        if not self.signed or (boots, time_s) > (self.boots, self.time_s):
            self.boots, self.time_s, self.at_s, self.signed = boots, time_s, time.monotonic(), True


@dataclass(frozen=True, slots=True)
class Message:
    """A message taken apart, not yet believed; places are offsets into its octets."""

    octets: bytes
    flags: int
    engine_id: bytes
    boots: int
    time_s: int
    user: bytes
    digest_at: int
    digest_stop: int
    salt: bytes
    data_at: int
    stop: int


class UserSession:
    """What goes around the PDUs of one exchange, and what is known of the engine at its other end."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._name = user.user.encode()
        self._name_element = ber.element(ber.OCTETS, self._name)
        self._level = SIGNED | (HIDDEN if user.priv else 0)
        self._engine_id = b""
        self._engine = self._context = ber.element(ber.OCTETS, b"")
        self._keys: Keys | None = None
        self._clock = Clock()
        self._salt = secrets.randbits(64)

    @property
    def opened(self) -> bool:
        """Whether the engine's ID is known."""
        return self._keys is not None

    def opening(self, request_id: int) -> bytes:
        """The question for the engine's ID, RFC 3414 section 4."""
        nothing = ber.element(ber.OCTETS, b"")
        security = nothing + ber.integer(0) + ber.integer(0) + nothing * 3
        scoped = ber.element(ber.SEQUENCE, nothing * 2 + encoded(Pdu(Kind.GET, ()), request_id))
        return put_together(request_id, REPORTABLE, security, scoped)

    def wrapped(self, pdu: Pdu, request_id: int) -> bytes:
        """A request, signed and, if the user has a privacy key, hidden; with the engine's time of now and a new salt."""
        keys, boots, now_s = self._known(), self._clock.boots, self._clock.now_s()
        data, salt = ber.element(ber.SEQUENCE, self._context + encoded(pdu, request_id)), b""
        if keys.priv is not None:
            salt = self._next_salt(keys.priv)
            data = ber.element(ber.OCTETS, keys.hidden(data, boots, now_s, salt))
        blank = bytes(keys.digest_octets)
        security = self._engine + ber.integer(boots) + ber.integer(now_s) + self._name_element
        security += ber.element(ber.OCTETS, blank) + ber.element(ber.OCTETS, salt)
        message = put_together(request_id, self._level | REPORTABLE, security, data)
        # The digest is of the message with zeros in its place, and the place is known from the end.
        at = len(message) - len(data) - 2 - len(salt) - len(blank)
        return message[:at] + keys.digest(message) + message[at + len(blank) :]

    def unwrapped(self, octets: bytes, request_id: int) -> Reply | Report:
        """The reply or report in a datagram; raises Unmeasurable, with the reason, for one that is not to be taken."""
        message = _taken_apart(octets, request_id)
        if self._keys is None:
            return self._opened(message)
        if message.engine_id != self._engine_id:
            raise dropped("another engine")
        signed = bool(message.flags & SIGNED)
        if signed:
            self._verify(message)
        scoped, at, stop = self._scoped(message)
        if scoped[at] == REPORT:
            return report_of(reported(scoped, at, stop), signed)
        if message.flags & (SIGNED | HIDDEN) != self._level:
            raise dropped("a reply less protected than the request")
        return response(scoped, at, stop, request_id, len(octets))

    def _opened(self, message: Message) -> Report:
        """Learn the engine's ID from its report."""
        if message.flags & (SIGNED | HIDDEN):
            raise dropped("a reply signed with keys unknown to both")
        scoped, at, stop = self._scoped(message)
        report = report_of(reported(scoped, at, stop), signed=False)
        if report.name != UNKNOWN_ENGINE_ID:
            return report
        if len(message.engine_id) not in ENGINE_ID_OCTETS:
            raise ber.malformed("engine ID")
        self._engine_id = message.engine_id
        self._engine = ber.element(ber.OCTETS, message.engine_id)
        self._context = self._engine + ber.element(ber.OCTETS, b"")
        self._keys = keys_for(self._user, message.engine_id)
        self._clock.told(max(message.boots, 0), max(message.time_s, 0))
        return Report(report.name, report.detail, signed=True)

    def _known(self) -> Keys:
        """The keys with the engine."""
        assert self._keys is not None, "opening() is asked first"  # noqa: S101  # a bug of ours, never the agent's
        return self._keys

    def _next_salt(self, priv: Priv) -> bytes:
        """Eight octets that this exchange has not used yet; RFC 3826 section 3.1.2.1, RFC 3414 section 8.1.1.1."""
        self._salt = (self._salt + 1) % 2**64
        if priv is Priv.DES:
            return self._clock.boots.to_bytes(4, "big") + (self._salt % 2**32).to_bytes(4, "big")
        return self._salt.to_bytes(8, "big")

    def _verify(self, message: Message) -> None:
        """Check user, digest and time window; RFC 3414 section 3.2 steps 4 to 7."""
        keys, octets = self._known(), message.octets
        if message.user != self._name:
            raise dropped("another user")
        zeros = bytes(message.digest_stop - message.digest_at)
        blank = octets[: message.digest_at] + zeros + octets[message.digest_stop : message.stop]
        if not hmac.compare_digest(octets[message.digest_at : message.digest_stop], keys.digest(blank)):
            raise dropped("wrong digest")
        self._clock.check(message.boots, message.time_s)

    def _scoped(self, message: Message) -> tuple[bytes, int, int]:
        """The octets, place and end of the PDU, decrypted where it is hidden; the context must be the engine's own."""
        octets, at, stop = message.octets, message.data_at, message.stop
        if message.flags & HIDDEN:
            octets, at, stop = self._shown(message)
        at, stop = ber.expect(octets, at, stop, ber.SEQUENCE)
        engine_at, engine_stop = ber.expect(octets, at, stop, ber.OCTETS)
        context_at, context_stop = ber.expect(octets, engine_stop, stop, ber.OCTETS)
        if message.flags & SIGNED and octets[engine_at:engine_stop] != self._engine_id:
            raise dropped("another context")
        if context_at != context_stop:
            raise dropped("another context")
        pdu_at = context_stop
        ber.header(octets, pdu_at, stop)
        return octets, pdu_at, stop

    def _shown(self, message: Message) -> tuple[bytes, int, int]:
        """The decrypted octets, and their first and end."""
        keys = self._keys
        if keys is None or keys.priv is None or not message.flags & SIGNED:
            raise dropped("a reply hidden otherwise than the request")
        at, stop = ber.expect(message.octets, message.data_at, message.stop, ber.OCTETS)
        plain = keys.shown(message.octets[at:stop], message.boots, message.time_s, message.salt)
        return plain, 0, len(plain)


def put_together(message_id: int, flags: int, security: bytes, data: bytes) -> bytes:
    """The octets of a message, RFC 3412 section 6."""
    head = (
        ber.integer(message_id) + LARGEST_MESSAGE + ber.element(ber.OCTETS, bytes((flags,))) + ber.integer(USER_BASED)
    )
    parameters = ber.element(ber.OCTETS, ber.element(ber.SEQUENCE, security))
    return ber.element(ber.SEQUENCE, VERSION + ber.element(ber.SEQUENCE, head) + parameters + data)


def _taken_apart(octets: bytes, message_id: int) -> Message:
    """A message that answers the one of this number."""
    at, stop = ber.expect(octets, 0, len(octets), ber.SEQUENCE)
    version, at = ber.number(octets, at, stop)
    if version != 3:
        raise dropped("another version of SNMP")
    head_at, head_stop = ber.expect(octets, at, stop, ber.SEQUENCE)
    found_id, head_at = ber.number(octets, head_at, head_stop)
    if found_id != message_id:
        raise dropped(ANOTHER_REQUEST)
    _, head_at = ber.number(octets, head_at, head_stop)
    flags_at, flags_stop = ber.expect(octets, head_at, head_stop, ber.OCTETS)
    model, _ = ber.number(octets, flags_stop, head_stop)
    if flags_stop - flags_at != 1 or model != USER_BASED or octets[flags_at] & (SIGNED | HIDDEN) == HIDDEN:
        raise dropped("another security model")
    at, data_at = ber.expect(octets, head_stop, stop, ber.OCTETS)
    return _security(octets, at, data_at, stop, octets[flags_at])


def _security(octets: bytes, at: int, data_at: int, stop: int, flags: int) -> Message:
    """The security parameters of a message, RFC 3414 section 2.4."""
    at, end = ber.expect(octets, at, data_at, ber.SEQUENCE)
    engine_at, engine_stop = ber.expect(octets, at, end, ber.OCTETS)
    boots, at = ber.number(octets, engine_stop, end)
    time_s, at = ber.number(octets, at, end)
    user_at, user_stop = ber.expect(octets, at, end, ber.OCTETS)
    digest_at, digest_stop = ber.expect(octets, user_stop, end, ber.OCTETS)
    salt_at, salt_stop = ber.expect(octets, digest_stop, end, ber.OCTETS)
    return Message(
        octets, flags, octets[engine_at:engine_stop], boots, time_s, octets[user_at:user_stop], digest_at, digest_stop,
        octets[salt_at:salt_stop], data_at, stop,
    )  # fmt: skip
