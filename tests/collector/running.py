"""A real collector on a loopback port, its clock in the test's hand, and boxes whose every byte the test decides."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector import keys
from collector.app import Collector, assembled, create_app
from collector.config import CollectorConfig
from collector.people import Role
from collector.routes.given import COOKIE
from collector.school import School, Setting
from collector.secrets import hashed, new_secret
from collector.serving import sockets
from collector.store import open_store
from collector.store.rows import Account
from evidence.model import Conditions, Failure, Raw, Reading, Report, Settings
from evidence.scan import AskedBy, Scan
from evidence.seal import ENROLLED, ENROLMENT, REPORT, evidence_id, key_id, open_sealed, seal
from evidence.wire import Enrolled, Enrolment
from tests.collector.making import CAMPUS, INSIDE

START_US = 1_790_000_000_000_000
HOUR_US = 3_600_000_000
NUMBERS = count(1)
Run = Callable[..., tuple[int, str, str]]  # a command: its status, what it printed and what it said is wrong
TLS = ssl.create_default_context()  # once: every client would read the certificates anew


@dataclass
class Moving:
    """A clock that stands still until it is moved."""

    us: int = START_US

    def now_us(self) -> int:
        """What the collector believes."""
        return self.us


@dataclass
class Box:
    """An agent as the wire sees it; `secret` opens its order channel."""

    key: Ed25519PrivateKey
    secret: str = ""
    sequence: int = 0
    previous: str = ""

    @property
    def id(self) -> str:
        """Its key's id."""
        return key_id(self.key.public_key())

    def report(self, probe: str = "desk", *readings: Reading, **about: Any) -> Report:
        """The next report of its chain, or one with other fields."""
        usual: dict[str, Any] = {
            "agent": self.id,
            "sequence": self.sequence + 1,
            "previous": self.previous,
            "probe": probe,
            "settings": {},
            "readings": readings,
            "conditions": Conditions("test", 1, 2, 1, 2),
        }
        return Report(**usual | about)

    def sealed(self, report: Report | None = None) -> bytes:
        """A report sealed by its key; its chain moves on as if it had been taken."""
        report = report or self.report()
        envelope = seal(REPORT, report, self.key)
        self.sequence = report.sequence
        self.previous = evidence_id(REPORT, open_sealed(envelope, lambda _: self.key.public_key()).payload)
        return envelope

    def answer(
        self,
        scan: Scan,
        probe: str,
        *readings: Reading,
        settings: Settings | None = None,
        failure: Failure | None = None,
        raws: tuple[Raw, ...] = (),
    ) -> bytes:
        """The sealed answer to one task of an order, with the ordered settings unless told."""
        ran_with = scan.settings_of(probe) if settings is None else settings
        blobs = tuple(raw.blob for raw in raws)
        about = {"scan": scan.id, "settings": ran_with or {}, "failure": failure, "blobs": blobs}
        return self.sealed(self.report(probe, *readings, **about))

    @property
    def channel(self) -> dict[str, str]:
        """Who asks on the order channel."""
        return {"authorization": f"Bearer {self.id}.{self.secret}"}


@dataclass
class Running:
    """A collector that serves: `parts` behind it, `http` to it, `clock` of it, `home` the school that a test is about."""

    parts: Collector
    http: httpx.Client
    clock: Moving
    url: str
    home: str = ""
    people: dict[str, httpx.Client] = field(default_factory=dict)

    def founded(self, name: str = "一中", virtual: bool = False) -> str:
        """A new school with a list of everything; its id."""
        identity = f"s-{next(NUMBERS)}"
        self.parts.store.schools.add(identity, name, virtual, self.clock.us)
        self.declare(identity)
        return identity

    def declare(self, identity: str, **about: Any) -> None:
        """Give a school a list with switches, links, services and every choice that a policy asks for."""
        settings = [one for framework in self.parts.frameworks for one in framework.settings if one.choices]
        bureau = {one.key: Setting(one.choices[0], "2026-09-01") for one in settings}
        declared = {**CAMPUS, "services": INSIDE, "bureau": bureau, **about}
        self.parts.store.schools.declare(replace(self.school(identity), **declared), self.clock.us)

    def school(self, identity: str = "") -> School:
        """A school as the store holds it now."""
        found = self.parts.store.schools.get(identity or self.home)
        assert found is not None
        return found

    def token(self, school: str = "", place: str = "", hours: int = 1) -> str:
        """A new one-time token's secret."""
        secret = new_secret()
        until_us = self.clock.us + hours * HOUR_US
        self.parts.store.schools.add_token(hashed(secret), school or self.home, place, until_us)
        return secret

    def enrol(self, secret: str, key: Ed25519PrivateKey, **about: str) -> httpx.Response:
        """An enrolment request by a key."""
        public = about.get("public_key", key.public_key().public_bytes_raw().hex())
        return self.http.post("/v1/agents", content=seal(ENROLMENT, Enrolment(secret, public, "test"), key))

    def enrolled(self, school: str = "") -> Box:
        """A new agent of a school."""
        return self._box(self.token(school))

    def vantage(self, name: str = "telecom-1") -> Box:
        """A new agent of the operator's own, outside of all schools."""
        secret, now_us = new_secret(), self.clock.us
        self.parts.store.schools.add_vantage_token(hashed(secret), name, now_us + HOUR_US, now_us)
        return self._box(secret)

    def _box(self, secret: str) -> Box:
        """Whoever enrols with this token."""
        key = Ed25519PrivateKey.generate()
        answer = self.enrol(secret, key)
        enrolled = open_sealed(answer.content, lambda _: self.parts.key.public_key()).body(ENROLLED, Enrolled)
        return Box(key, enrolled.channel_secret)

    def submit(self, envelope: bytes, **headers: str) -> httpx.Response:
        """Hand in a sealed report."""
        return self.http.post("/v1/evidence", content=envelope, headers=headers)

    def order(self, *agents: Box, school: str = "", **about: Any) -> Scan:
        """Order every probe of some agents, or of all."""
        return self.parts.dispatch.order(
            self.school(school), AskedBy.EVALUATOR, agents=[agent.id for agent in agents], **about
        )

    def held(self) -> int:
        """How many pieces of evidence are stored for the school."""
        return len(self.parts.store.ledger.of_school(self.home))

    def person(self, role: Role = Role.EVALUATOR, school: str = "") -> httpx.Client:
        """A browser in which somebody is logged in; kept for the next time."""
        name = f"{role.value} {school}".strip()
        if name not in self.people:
            secret = new_secret()
            self.parts.store.people.keep(Account(name, role.value, school, "no password"))
            self.parts.store.people.open_session(hashed(secret), name, self.clock.us + 10**6 * HOUR_US, 0)
            self.people[name] = httpx.Client(base_url=self.url, verify=TLS, cookies={COOKIE: secret})
        return self.people[name]

    def page(self, path: str = "", language: str = "en") -> str:
        """The school's page, or another, as the evaluator reads it."""
        cookies = {"cookie": f"{COOKIE}={self.person().cookies[COOKIE]}; campusproof-language={language}"}
        answer = self.http.get(path or f"/schools/{self.home}", headers=cookies)
        assert answer.status_code == 200, answer.text
        return answer.text


@contextmanager
def running(directory: Path, **config: Any) -> Iterator[Running]:
    """A collector without schools; it is gone when this ends."""
    clock = Moving()
    settings = CollectorConfig(state=str(directory / "collector"), listen=("127.0.0.1:0",), **config)
    store = open_store(settings.directory)
    parts = assembled(settings, store, keys.kept(settings.directory), clock.now_us)
    listening = sockets(settings, ())
    url = _url(listening[0])
    with _served(parts, listening), httpx.Client(base_url=url, verify=TLS, timeout=30) as http:
        up = Running(parts, http, clock, url)
        yield up
        for client in up.people.values():
            client.close()
    store.close()


def _url(listening: socket.socket) -> str:
    """Where it serves."""
    host, port = listening.getsockname()[:2]
    return f"http://{host}:{port}"


@contextmanager
def _served(parts: Collector, listening: list[socket.socket]) -> Iterator[None]:
    """The application on a thread of its own."""
    server = uvicorn.Server(uvicorn.Config(create_app(parts), log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=(listening,))
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        parts.dispatch.wake.all()
        thread.join()
