"""Do a real run of the probe `egress` and what a real measurement server signs of it make a verdict?"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.admission import DAY_US, Standing, standings
from collector.frameworks import Grade
from collector.judge import judge
from collector.school import Evidence, Line, School, Server
from collector.verdict import Code, Status
from evidence.model import SERVER, Reading, Report, Settings
from evidence.scan import AskedBy, Scan, Task
from tests.collector.making import BOX, clause, run, school
from tests.collector.speed.serving import serving
from tests.collector.two_ends import bandwidth
from tests.probes.face import probe

pytestmark = pytest.mark.alone

HELD = {"quantity", "unit", "subject", "value", "at_least", "at_most", "facts"}
RATE = 40_000_000
LOOPBACK = Line("lab", ("127.0.0.0/8",), "internet")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Server, Scan, list[Evidence]]:
    """One paced run in both directions against a server on loopback: the server, the order and the reports of both ends."""
    directory: Path = tmp_path_factory.mktemp("speed")
    with serving(directory, Ed25519PrivateKey.generate()) as up:
        key = up.parts.key.public_key().public_bytes_raw().hex()
        server = Server(up.parts.id, "lab", "127.0.0.1", up.address[1], "internet", "nobody", key)
        ticket = up.ticket(session="one", scan="order", agent=BOX, path="internet", line="lab", operator="nobody")
        settings: Settings = {
            "server": server.address,
            "server_key": key,
            "path": "internet",
            "line": "lab",
            "threshold_bit_s": RATE,
            "tickets": [{"agent": BOX, "session": "one", "ticket": ticket}],
        }
        now_us = up.parts.now_us()
        scan = Scan("order", "s", (BOX,), (Task("egress", settings),), now_us, now_us + DAY_US, AskedBy.CLOCK)
        answer = probe("egress", {**settings, "agent": BOX})
        lines = [{key: line[key] for key in HELD if key in line} for line in answer.lines if "quantity" in line]
        readings = [msgspec.convert(line, Reading) for line in lines]
        own = run("egress", *readings, settings=settings, scan=scan, session="one")
        (observation,) = up.observations()
    return server, scan, [own, Evidence("observed", observation, now_us, scan)]


def there(server: Server, *stored: Evidence, lines: tuple[Line, ...] = (LOOPBACK,)) -> School:
    """A school whose line is the loopback."""
    held = [one for one in stored if one.report.probe != SERVER]
    return school(held, lines=lines, servers={server.id: server})


def test_both_ends_are_admitted(both: tuple[Server, Scan, list[Evidence]]) -> None:
    """What both really say keeps every rule about what they can say."""
    server, _, stored = both

    assert [standing for _, standing in standings(there(server, *stored), stored).of] == [Standing.ADMITTED] * 2


@pytest.mark.parametrize(("rate", "status"), [(RATE, Status.MET), (2 * RATE, Status.NOT_SHOWN)])
def test_a_verdict(both: tuple[Server, Scan, list[Evidence]], rate: int, status: Status) -> None:
    """A rate that both saw is met at A3, one that the test did not ask for is not shown."""
    server, scan, stored = both
    found = judge(clause(bandwidth(rate)), there(server, *stored), stored, scan.issued_unix_us + 1).parts[0]

    assert (found.status, found.grade, len(found.evidence)) == (status, Grade.A3, 2)


def test_without_the_line(both: tuple[Server, Scan, list[Evidence]]) -> None:
    """Without the line's addresses it is one party's word, and what to do is said."""
    server, scan, stored = both
    found = judge(clause(bandwidth(RATE)), there(server, *stored, lines=()), stored, scan.issued_unix_us + 1).parts[0]

    assert found.reasons[0].code is Code.ADDRESS_NOT_REGISTERED


def test_the_servers_report_is_the_tickets(both: tuple[Server, Scan, list[Evidence]]) -> None:
    """What the server signed under a ticket is not admitted under another session of its own."""
    server, scan, stored = both
    report: Report = msgspec.structs.replace(stored[1].report, session="two")
    moved = Evidence("moved", report, stored[1].received_unix_us, scan)

    assert standings(there(server, *stored), [moved]).of[0][1] is Standing.NOT_THIS_SERVER
