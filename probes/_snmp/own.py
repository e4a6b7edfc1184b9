"""
One SNMP exchange with our own code.

*Method*: one request at a time. It is repeated with the same request-id, so that the reply of a slow agent to the first counts
for the second; a signed one is signed anew. A datagram that fails any check is dropped and the wait goes on, for whoever
can send one to us must not be able to end a walk with it; that some were dropped is told if no other came.

A report of the agent's engine (unknown user, wrong digest) cannot be signed. It ends the request, and only after the wait for
a reply that can: it says why there are no data, and is never taken for "there are none".
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol

from evidence.model import Failure, Unmeasurable
from probes._snmp.community import CommunitySession
from probes._snmp.datagrams import Datagrams
from probes._snmp.exchange import Community, Credentials, Exchange, Pdu, Reply, Target
from probes._snmp.pdu import ANOTHER_REQUEST
from probes._snmp.report import NOT_IN_TIME_WINDOW, Report
from probes._snmp.user import UserSession


class Session(Protocol):
    """What goes around the PDUs of one exchange."""

    @property
    def opened(self) -> bool:
        """Whether a request can be made, or something has to be asked first."""

    def opening(self, request_id: int) -> bytes:
        """What has to be asked first."""

    def wrapped(self, pdu: Pdu, request_id: int) -> bytes:
        """A request, ready to send."""

    def unwrapped(self, octets: bytes, request_id: int) -> Reply | Report:
        """What a datagram brings; raises Unmeasurable, with the reason, for one that is not to be taken."""


@asynccontextmanager
async def open_exchange(target: Target, credentials: Credentials) -> AsyncIterator[Exchange]:
    """An exchange with one target; its socket is opened by the first request and closed on leaving."""
    made = _OwnExchange(target, _session(credentials))
    try:
        yield made
    finally:
        made.close()


def _session(credentials: Credentials) -> Session:
    """What goes around the PDUs under a credential."""
    return CommunitySession(credentials) if isinstance(credentials, Community) else UserSession(credentials)


class _OwnExchange:
    """One socket, one credential."""

    def __init__(self, target: Target, session: Session) -> None:
        self._target, self._session = target, session
        self._datagrams: Datagrams | None = None
        self._turn = asyncio.Lock()

    async def request(self, pdu: Pdu) -> Reply:
        """One request; see `Exchange.request`."""
        async with self._turn:
            if self._datagrams is None:
                self._datagrams = Datagrams(self._target.host, self._target.port)
            if not self._session.opened:
                await self._ask(self._datagrams, self._session.opening)
            answer = await self._ask(self._datagrams, partial(self._session.wrapped, pdu))
            if isinstance(answer, Report) and answer.name == NOT_IN_TIME_WINDOW:
                # A signed report has set our clock by the engine's, RFC 3414 section 4: the same once more.
                answer = await self._ask(self._datagrams, partial(self._session.wrapped, pdu))
        if isinstance(answer, Reply):
            return answer
        raise answer.unmeasurable()

    async def _ask(self, datagrams: Datagrams, make: Callable[[int], bytes]) -> Reply | Report:
        """Send until there is something to take, made anew each time with the same number."""
        heard, request_id = _Heard(), secrets.randbits(31)
        datagrams.forget()
        for _ in range(1 + self._target.retries):
            datagrams.send(make(request_id))
            answer = await self._wait(datagrams, request_id, heard)
            if answer is not None:
                return answer
            if heard.report is not None:
                break
        raise heard.unmeasurable()

    async def _wait(self, datagrams: Datagrams, request_id: int, heard: _Heard) -> Reply | Report | None:
        """Wait for one time-out; what came and was not taken is `heard`."""
        until_s = time.monotonic() + self._target.timeout_s
        while time.monotonic() < until_s:
            octets = await datagrams.receive(until_s)
            if octets is None:
                continue
            try:
                answer = self._session.unwrapped(octets, request_id)
            except Unmeasurable as why:
                heard.dropped[why.detail] += 1
                continue
            if isinstance(answer, Reply) or answer.signed:
                return answer
            heard.report = answer
        return None

    def close(self) -> None:
        """Close the socket."""
        if self._datagrams is not None:
            self._datagrams.close()


class _Heard:
    """What came to one request and was not taken."""

    def __init__(self) -> None:
        self.report: Report | None = None
        self.dropped: Counter[str] = Counter()

    def unmeasurable(self) -> Unmeasurable:
        """Why there is no reply."""
        if self.report is not None:
            return self.report.unmeasurable()
        # A late copy of a reply to an earlier request is no sign of anything.
        del self.dropped[ANOTHER_REQUEST]
        if not self.dropped:
            return Unmeasurable(Failure.TIMED_OUT, "no answer")
        reasons = "; ".join(f"{count} x {reason}" for reason, count in self.dropped.most_common(3))
        return Unmeasurable(
            Failure.UNREADABLE, f"no reply that can be trusted; forged or damaged ones were dropped: {reasons}"
        )
