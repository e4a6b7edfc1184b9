"""
How does the whole product stand: a collector outside, an agent inside, and the path between them?

The installed commands are run as their users run them, each on its machine: in the virtual school the collector on `gov` and
the agent on the mini-PC behind the school's NAT; elsewhere both on loopback. The pages are also served on a loopback port
of the host, through a socket that was opened here and handed over, so that a browser on the host sees what an evaluator
sees. Used by the end-to-end tests and by `make demo`.
"""

from __future__ import annotations

import json
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx

from collector.store import Store, open_store
from tests.lab.campus_names import stand_names
from tests.lab.school import VirtualSchool
from tests.lab.settings import Settings
from tests.lab.topology import (
    COLLECTOR,
    GATEWAY_OUTSIDE,
    INTERNET,
    INTERNET_V6,
    METRO,
    METRO_V6,
    SCHOOL_V6,
    SNMP_USERS,
    SWITCH_ADDRESS,
)

PORT = 8765
SCHOOL = "demo"
NAME = "示范虚拟学校"
WITHIN_S = 90
V3 = SNMP_USERS[1]
PLACES = {"core": "main/network-centre/1", "acc1": "main/teaching-1/101", "acc2": "main/teaching-2/201"}
COLUMNS = "what,name,value,place,kind,main,since,note"
LIST = "\n".join(
    [
        COLUMNS,
        "place,main/network-centre/1,,,machine_room,,,",
        "place,main/teaching-1/101,,,teaching,yes,,",
        "place,main/teaching-2/201,,,teaching,yes,,",
        *(
            f"switch,{name},{address},{PLACES[name]},{'core' if name == 'core' else 'access'},,,"
            for name, address in SWITCH_ADDRESS.items()
        ),
        "link,core ge2,acc1 ge1,,,,,",
        "link,core ge3,acc2 ge1,,,,,",
        "metro,portal,portal.metro.test:80,,inside,,,",
        f"line,telecom,{GATEWAY_OUTSIDE}/32 {SCHOOL_V6},,internet,,,",
        f"line,education,{GATEWAY_OUTSIDE}/32 {SCHOOL_V6},,metro,,,",
        "",
    ]
)


@dataclass(frozen=True)
class Far:
    """A measurement server: what the operator calls it, the machine it runs on, where it listens, and where that is; `v6` beside it echoes."""

    name: str
    machine: str
    listen: str
    path: str
    operator: str
    v6: str
    v4: str


FAR = (
    Far("inet-1", "inet", f"{INTERNET}:8766", "internet", "Example Telecom", INTERNET_V6, INTERNET),
    Far("edu-1", "metro", f"{METRO}:8766", "metro", "Example Education Network", METRO_V6, METRO),
)


def command(name: str) -> list[str]:
    """An installed command of this project, by its absolute path."""
    return [str(Path(sys.executable).with_name(name))]


class Ground(Protocol):
    """Where collector and agent run; `collector` is the address at which the agent finds it, `far` the measurement servers."""

    collector: str
    declared: str
    secrets: str
    far: Sequence[Far]

    def spawn(self, machine: str, tag: str, argv: Sequence[str], pass_fds: Sequence[int] = ()) -> None:
        """Start a service on a machine."""

    def run(self, machine: str, argv: Sequence[str]) -> None:
        """Run a command on a machine to its end; raises for a failing one."""

    def stop(self, machine: str, tag: str, by: signal.Signals = signal.SIGTERM) -> None:
        """End a service."""

    def tail(self, machine: str, tag: str) -> str:
        """The last words of a service."""


class InSchool:
    """The ground of the virtual school."""

    collector = f"{COLLECTOR}:{PORT}"
    declared = LIST
    far: Sequence[Far] = FAR

    def __init__(self, school: VirtualSchool) -> None:
        self.school = school
        self.secrets = self.secrets_with(school.settings.community)

    def secrets_with(self, community: str) -> str:
        """The agent's SNMP secrets: two switches by community (of acc1: this one), one by a v3 user."""
        return f"""
[agent.snmp."{SWITCH_ADDRESS["core"]}"]
community = "{self.school.settings.community}"
[agent.snmp."{SWITCH_ADDRESS["acc1"]}"]
community = "{community}"
[agent.snmp."{SWITCH_ADDRESS["acc2"]}"]
user = "{V3.name}"
auth = "{V3.auth}"
auth_key = "{V3.auth_key}"
priv = "AES"
priv_key = "{V3.priv_key}"
"""

    def spawn(self, machine: str, tag: str, argv: Sequence[str], pass_fds: Sequence[int] = ()) -> None:
        """Start a service on a machine of the school."""
        self.school.node(machine).spawn(tag, argv, pass_fds=tuple(pass_fds))

    def run(self, machine: str, argv: Sequence[str]) -> None:
        """Run a command on a machine of the school."""
        self.school.node(machine).run(argv, check=True)

    def stop(self, machine: str, tag: str, by: signal.Signals = signal.SIGTERM) -> None:
        """End a service on a machine of the school."""
        self.school.node(machine).stop(tag, by)

    def tail(self, machine: str, tag: str) -> str:
        """The last words of a service on a machine of the school."""
        return self.school.node(machine).tail(tag, 20)


class OnHost:
    """The ground of the host's own loopback, where there is no virtual school."""

    secrets = ""
    far: Sequence[Far] = ()

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.collector = f"127.0.0.1:{free.getsockname()[1]}"
        self.declared = f"{COLUMNS}\nplace,{PLACES['acc1']},,,teaching,yes,,\nmetro,portal,{self.collector},,,,,\n"
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def spawn(self, machine: str, tag: str, argv: Sequence[str], pass_fds: Sequence[int] = ()) -> None:
        """Start a service here; `machine` is this one."""
        with (self.directory / f"{machine}-{tag}.log").open("ab") as log:
            self.running[tag] = subprocess.Popen(argv, stdout=log, stderr=log, pass_fds=tuple(pass_fds))

    def run(self, machine: str, argv: Sequence[str]) -> None:
        """Run a command here."""
        subprocess.run(argv, check=True, capture_output=True, timeout=60)

    def stop(self, machine: str, tag: str, by: signal.Signals = signal.SIGTERM) -> None:
        """End a service here."""
        service = self.running.pop(tag)
        service.send_signal(by)
        service.wait(10)

    def tail(self, machine: str, tag: str) -> str:
        """The last words of a service here."""
        return (self.directory / f"{machine}-{tag}.log").read_text("utf-8", "replace")[-2000:]


@dataclass(slots=True)
class Campus:
    """A collector and an enrolled agent; see `standing` and `on_loopback`."""

    ground: Ground
    directory: Path
    port: int
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where a browser on the host finds the pages."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> Path:
        """The settings of both, in one file."""
        return self.directory / "config.toml"

    def configure(self, secrets: str | None = None) -> None:
        """Write config.toml with the ground's SNMP secrets, or others."""
        self.config.write_text(
            f"""
[agent]
state = "{self.directory / "agent"}"
collector = "http://{self.ground.collector}"
plain_http = true
poll_wait_s = 10
{self.ground.secrets if secrets is None else secrets}
[collector]
state = "{self.directory / "collector"}"
listen = ["{self.ground.collector}"]
""",
            "utf-8",
        )

    def collector(self, *words: str, stdin: str = "") -> str:
        """Run a verb of the collector beside its store; what it prints."""
        done = subprocess.run(
            [*command("campusproof-collector"), "--config", str(self.config), *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, f"campusproof-collector {' '.join(words)}: {done.stderr}"
        return done.stdout.strip()

    @property
    def school(self) -> VirtualSchool:
        """The virtual school, for faults and markers."""
        assert isinstance(self.ground, InSchool)
        return self.ground.school

    def prepare(self) -> None:
        """A school with its list, and an account for each role with a password of its own."""
        self.configure()
        self.collector("school", "add", SCHOOL, NAME, "--virtual")
        declared = self.directory / "list.csv"
        declared.write_text(self.ground.declared, "utf-8")
        self.collector("school", "import", SCHOOL, str(declared), "--approve")
        for name, words in (("evaluator", []), ("school_admin", ["--school", SCHOOL])):
            self.passwords[name] = secrets.token_hex(6)
            self.collector("user", "add", name, "--role", name, *words, "--password-stdin", stdin=self.passwords[name])

    def serve(self, listening: socket.socket) -> None:
        """Start the collector on `gov`, also on a socket of the host."""
        words = ["--config", str(self.config), "serve", "--fd", str(listening.fileno())]
        self.ground.spawn(
            "gov", "collector", [*command("campusproof-collector"), *words], pass_fds=(listening.fileno(),)
        )
        self.wait_for("the collector to answer", lambda: httpx.get(f"{self.url}/v1/keys").is_success)

    def stand_servers(self) -> None:
        """Start the operator's measurement servers, each with a key of its own that the collector is told."""
        key = self.collector("school", "key")
        for far in self.ground.far:
            config = self.directory / f"{far.name}.toml"
            config.write_text(
                f"""
[speed_server]
state = "{self.directory / far.name}"
listen = ["{far.listen}"]
collector = "http://{self.ground.collector}"
collector_key = "{key}"
name = "{far.name}"
path = "{far.path}"
operator = "{far.operator}"
""",
                "utf-8",
            )
            words = [*command("campusproof-collector"), "--config", str(config), "speed-server"]
            theirs = subprocess.run([*words, "--key"], capture_output=True, text=True, check=True, timeout=60).stdout
            about = ["--path", far.path, "--operator", far.operator, "--key", theirs.strip()]
            self.collector("server", "add", far.name, far.listen, *about)
            self.ground.spawn(far.machine, far.name, words)
            self.wait_for(far.name, lambda far=far: "measuring on" in self.ground.tail(far.machine, far.name))

    def enrol(self) -> None:
        """Make the agent's box known, from behind the NAT."""
        token = self.collector("school", "token", SCHOOL, "--place", PLACES["acc1"])
        self.ground.run("agent", [*command("campusproof-agent"), "--config", str(self.config), "enrol", token])

    def work(self) -> None:
        """Start the agent's service."""
        self.ground.spawn("agent", "campusproof", [*command("campusproof-agent"), "--config", str(self.config), "run"])

    def rest(self) -> None:
        """Stop the agent's service."""
        self.ground.stop("agent", "campusproof")

    def measure(self, within_s: float = WITHIN_S) -> str:
        """Order every probe and wait until all reports are held; the order's id."""
        scan = self.collector("scan", SCHOOL)
        with self.store() as store:
            order = store.orders.get(scan)
            assert order is not None
            wanted = {task.probe for task in order.scan.tasks}
            self.wait_for(f"reports of {sorted(wanted)}", lambda: self._held(store, scan) >= wanted, within_s)
        return scan

    def measure_egress(self, *words: str, within_s: float = WITHIN_S) -> str:
        """Order a run over the way out and wait until both ends' reports are held; the order's id."""
        scan = self.collector("scan", SCHOOL, "egress", *words).splitlines()[0]
        with self.store() as store:
            self.wait_for("both ends' reports", lambda: self._held(store, scan) >= {"egress", "speed_server"}, within_s)
        return scan

    def _held(self, store: Store, scan: str) -> set[str]:
        """The probes of an order whose reports the collector holds."""
        return {one.report.probe for one in store.ledger.of_school(SCHOOL) if one.report.scan == scan}

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The collector's store, opened beside it."""
        store = open_store(self.directory / "collector")
        try:
            yield store
        finally:
            store.close()

    def login(self, role: str = "evaluator") -> httpx.Client:
        """A browser's session of a person."""
        client = httpx.Client(base_url=self.url)
        answer = client.post("/login", data={"name": role, "password": self.passwords[role]})
        assert answer.status_code == 303, answer.text
        return client

    def verdicts(self, language: str = "en") -> dict[str, dict[str, Any]]:
        """Every clause as the collector tells it, by `policy/clause`."""
        with closing(self.login()) as person:
            policies = person.get(f"/v1/schools/{SCHOOL}/verdicts", params={"language": language}).json()
        return {f"{policy['id']}/{clause['id']}": clause for policy in policies for clause in policy["clauses"]}

    def wait_for(self, what: str, there: Any, within_s: float = 20) -> None:
        """Wait until something is so; fail with the last words of both services."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            try:
                if there():
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        tails = {tag: self.ground.tail(node, tag) for node, tag in (("gov", "collector"), ("agent", "campusproof"))}
        raise AssertionError(f"waited {within_s} s for {what}\n{json.dumps(tails, indent=1, ensure_ascii=False)}")


@contextmanager
def standing(directory: Path, settings: Settings | None = None, port: int = 0) -> Iterator[Campus]:
    """A virtual school that answers, with a collector and an agent at work; everything is gone afterwards."""
    with (
        VirtualSchool(directory / "school", settings) as school,
        socket.create_server(("127.0.0.1", port)) as listening,
    ):
        school.ready()
        yield _at_work(InSchool(school), directory, listening)


@contextmanager
def on_loopback(directory: Path, port: int = 0) -> Iterator[Campus]:
    """A collector and an agent at work on this host's loopback; both are ended afterwards."""
    ground = OnHost(directory)
    with socket.create_server(("127.0.0.1", port)) as listening:
        try:
            yield _at_work(ground, directory, listening)
        finally:
            for tag in tuple(ground.running):
                ground.stop("host", tag)


def _at_work(ground: Ground, directory: Path, listening: socket.socket) -> Campus:
    """Everything that an operator and a school do once, in their order."""
    campus = Campus(ground, directory, listening.getsockname()[1])
    campus.prepare()
    campus.serve(listening)
    campus.stand_servers()
    stand_names(campus)
    campus.enrol()
    campus.work()
    return campus
