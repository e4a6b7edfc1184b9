"""Does a box add to an ordered egress run what only it knows, and refuse what its admin has not allowed?"""

from __future__ import annotations

import fcntl
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent import clock, keys
from agent.config import AgentConfig, Limits, Line
from agent.egress_allowed import TALLY, Tally, content_of, counted, day_in_china, moved_today, session_of
from agent.identity import Known, keep, load
from agent.scan import run_probe, with_secrets
from agent.service import report_of
from evidence.model import Failure, Report
from evidence.seal import REPORT, open_sealed, seal
from evidence.stream import TICKET, Direction, Ticket

GIGABYTE = 10**9
SERVER = "127.0.0.1:9"
ORDERED = {"server": SERVER, "threshold_bit_s": 50_000_000_000}


@pytest.fixture
def collector() -> Ed25519PrivateKey:
    """The key of a collector."""
    return Ed25519PrivateKey.generate()


@pytest.fixture
def config(tmp_path: Path, collector: Ed25519PrivateKey) -> AgentConfig:
    """A box that is enrolled, at a port that tells no rate."""
    config = AgentConfig(state=str(tmp_path / "state"), interface="lo", lines={"telecom-1": Line("lo")})
    keys.create(config.directory)
    known = Known("http://127.0.0.1:9", collector.public_key().public_bytes_raw().hex(), "school", "School", "", "x")
    keep(config.directory, known)
    return config


def leaf(
    config: AgentConfig, key: Ed25519PrivateKey, octets: int = GIGABYTE, session: str = "session-1"
) -> dict[str, str]:
    """This box's ticket as an order has it."""
    own = load(config.directory).agent
    both = (Direction.DOWN, Direction.UP)
    ticket = Ticket(session, "school", "scan", own, "server", both, 0, 2**50, most_octets=octets)
    return {"agent": own, "session": session, "ticket": seal(TICKET, ticket, key).decode()}


def limited(config: AgentConfig, **limits: Any) -> AgentConfig:
    """The box with other limits."""
    return msgspec.structs.replace(config, limits=Limits(**limits))


# --- What the box adds ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("allowed", [False, True])
def test_with_tickets(config: AgentConfig, collector: Ed25519PrivateKey, allowed: bool) -> None:
    """Settings with tickets are told who this box is and whether its admin allows runs that fill the line, whatever the order says."""
    given = {"server": SERVER, "tickets": [leaf(config, collector)], "saturating": not allowed}
    found = with_secrets(given, limited(config, saturating=allowed), "egress", ordered=True)

    assert found == given | {"agent": load(config.directory).agent, "saturating": allowed}


@pytest.mark.parametrize(
    ("ordered", "allowed", "said"), [(True, False, False), (True, True, True), (False, False, True)]
)
def test_second_opinion(config: AgentConfig, ordered: bool, allowed: bool, said: bool) -> None:
    """Another tool knows no pace: ordered, it runs only where this box's admin allows it, whatever the order says of that."""
    given = {"tool": "iperf3", "server": SERVER, "saturating": True}
    found = with_secrets(given, limited(config, saturating=allowed), "second_opinion", ordered=ordered)

    assert found["saturating"] is said


def test_saturating_runs_are_off(config: AgentConfig, collector: Ed25519PrivateKey) -> None:
    """An ordered run that fills the line is refused unless this box's admin has allowed it."""
    found = run_probe("egress", {"server": SERVER, "tickets": [leaf(config, collector)]}, config, ordered=True)

    assert (found.failure, found.readings) == (Failure.NOT_PERMITTED, ())


def test_an_order_without_tickets(config: AgentConfig) -> None:
    """An order without tickets never fills the line, even where saturating runs are allowed."""
    found = run_probe("egress", {"server": SERVER}, limited(config, saturating=True), ordered=True)

    assert found.failure is Failure.NOT_PERMITTED


def test_by_hand(config: AgentConfig) -> None:
    """What an admin types without tickets is the admin's own word: nothing is added."""
    given = {"server": SERVER, "line": "unheard of"}

    assert with_secrets(given, config, "egress") == given


def test_not_enrolled(tmp_path: Path) -> None:
    """A box that is not enrolled has no id to add."""
    found = with_secrets({"tickets": [{}]}, AgentConfig(state=str(tmp_path)), "egress")

    assert found == {"tickets": [{}], "saturating": False}


def test_line(config: AgentConfig) -> None:
    """The port that is configured for the ordered line carries the run, and is the one named beside it."""
    given = ORDERED | {"line": "telecom-1"}
    found = run_probe("egress", given, config)

    assert (with_secrets(given, config, "egress")["bind"], found.conditions.interface) == ("lo", "lo")


def test_another_probe(config: AgentConfig) -> None:
    """No other probe is told any of this."""
    assert with_secrets({"line": "telecom-1"}, config, "metro", ordered=True) == {"line": "telecom-1"}


# --- The session ------------------------------------------------------------------------------------------------------

OWN = {"agent": "me", "session": "mine", "ticket": "x"}


@pytest.mark.parametrize(
    ("probe", "settings", "session"),
    [
        pytest.param("egress", {"tickets": [{**OWN, "agent": "other", "session": "no"}, OWN]}, "mine", id="own entry"),
        pytest.param("egress", {"tickets": [{**OWN, "agent": "other"}]}, "", id="others only"),
        pytest.param("egress", {"second": {"tickets": [OWN]}}, "", id="of the second server"),
        pytest.param("egress", {}, "", id="no tickets"),
        pytest.param("egress", {"tickets": "all"}, "", id="no list"),
        pytest.param("egress", {"tickets": ["x", {"agent": "me"}]}, "", id="no session"),
        pytest.param("metro", {"tickets": [OWN]}, "", id="another probe"),
    ],
)
def test_session(probe: str, settings: dict[str, Any], session: str) -> None:
    """The session of a report is that of this agent's own ticket at the ordered server."""
    assert session_of(probe, settings, "me") == session


def test_session_in_the_report(config: AgentConfig, collector: Ed25519PrivateKey) -> None:
    """The sealed report names the session, so that it is found beside the server's."""
    settings, who = ORDERED | {"tickets": [leaf(config, collector)]}, load(config.directory)
    finding = run_probe("egress", settings, config, ordered=True)
    _, envelope = report_of(who, finding, "egress", settings, "scan")(1, "")

    assert open_sealed(envelope, lambda _: who.key.public_key()).body(REPORT, Report).session == "session-1"


# --- The day's volume -------------------------------------------------------------------------------------------------


def kept_tally(config: AgentConfig, octets: int, days_ago: int = 0) -> None:
    """What this box has moved on one day."""
    (config.directory / TALLY).write_bytes(msgspec.json.encode(Tally(day_in_china(clock.unix_us()) - days_ago, octets)))


@pytest.mark.parametrize(
    ("moved", "days_ago", "ticket", "refused"),
    [
        pytest.param(0, 0, 20 * GIGABYTE, False, id="all of it"),
        pytest.param(0, 0, 20 * GIGABYTE + 1, True, id="a ticket above it"),
        pytest.param(19 * GIGABYTE, 0, 1 * GIGABYTE, False, id="what is left"),
        pytest.param(19 * GIGABYTE + 1, 0, 1 * GIGABYTE, True, id="more than is left"),
        pytest.param(20 * GIGABYTE, 1, 1 * GIGABYTE, False, id="yesterday's"),
    ],
)
def test_volume_of_a_day(
    config: AgentConfig, collector: Ed25519PrivateKey, moved: int, days_ago: int, ticket: int, refused: bool
) -> None:
    """An ordered run whose ticket could pass the day's volume is refused in words, before anything is sent."""
    kept_tally(config, moved, days_ago)
    found = run_probe("egress", ORDERED | {"tickets": [leaf(config, collector, ticket)]}, config, ordered=True)

    assert (found.failure is Failure.NOT_PERMITTED and "egress_day_octets" in found.detail) == refused


@pytest.mark.parametrize(("limit", "refused"), [(0, True), (10**6, True), (GIGABYTE, False)])
def test_volume_without_tickets(config: AgentConfig, limit: int, refused: bool) -> None:
    """An order without tickets counts with what it can move, whoever watches the line meanwhile."""
    watched = {"threshold_bit_s": 100_000_000, "switches": [{"host": "127.0.0.1", "port": 9, "ports": ["wan0"]}]}
    allowed = limited(config, egress_day_octets=limit, saturating=limit > 0)
    found = run_probe("egress", ORDERED | watched, allowed, ordered=True)

    assert (found.failure is Failure.NOT_PERMITTED and "egress_day_octets" in found.detail) == refused, found.detail


def test_volume_with_a_second_server(config: AgentConfig, collector: Ed25519PrivateKey) -> None:
    """The tickets for both servers count."""
    eleven = leaf(config, collector, 11 * GIGABYTE)
    second = {"server": SERVER, "tickets": [eleven]}
    found = run_probe("egress", ORDERED | {"tickets": [eleven], "second": second}, config, ordered=True)

    assert "22000000000 more" in found.detail


def test_volume_that_the_port_cannot_carry(config: AgentConfig, collector: Ed25519PrivateKey) -> None:
    """A ticket for more than this run can carry in its time is no reason to refuse it: a small rate moves little."""
    kept_tally(config, 19 * GIGABYTE)
    ticket = leaf(config, collector, 20 * GIGABYTE)
    slow = {"server": SERVER, "threshold_bit_s": 500_000_000, "tickets": [ticket]}
    fast = slow | {"threshold_bit_s": 1_000_000_000}

    found = [run_probe("egress", settings, config, ordered=True).failure for settings in (slow, fast)]
    assert [failure is Failure.NOT_PERMITTED for failure in found] == [False, True]


def test_settings_of_another_release(config: AgentConfig, collector: Ed25519PrivateKey) -> None:
    """Settings that this release does not know are refused by the probe, in its words."""
    settings = ORDERED | {"later": 1, "tickets": [leaf(config, collector)]}

    assert run_probe("egress", settings, config, ordered=True).failure is Failure.NOT_SUPPORTED


@pytest.mark.parametrize(
    ("counted", "content"),
    [
        pytest.param(1_514 * 2 + 86, 1_428 * 2, id="two segments and their acknowledgement over IPv6"),
        pytest.param(0, 0, id="nothing"),
    ],
)
def test_content(counted: int, content: int) -> None:
    """Headers and acknowledgements are no content."""
    assert content_of(counted) == content


def test_a_ticket_of_somebody_else(config: AgentConfig) -> None:
    """A ticket that the collector did not seal is no measure of anything: only what was moved counts."""
    forged = leaf(config, Ed25519PrivateKey.generate(), 99 * GIGABYTE)
    before = run_probe("egress", ORDERED | {"tickets": [forged]}, config, ordered=True).failure
    kept_tally(config, 20 * GIGABYTE)
    after = run_probe("egress", ORDERED | {"tickets": [forged]}, config, ordered=True).failure

    assert (before is Failure.NOT_PERMITTED, after) == (False, Failure.NOT_PERMITTED)


def test_no_volume_by_hand(config: AgentConfig) -> None:
    """What an admin types without tickets is not refused for the day's volume."""
    kept_tally(config, 99 * GIGABYTE)

    assert run_probe("egress", ORDERED, config).failure is not Failure.NOT_PERMITTED


def test_counted(tmp_path: Path) -> None:
    """What flows through a port of this box while a run goes on is added to the day, also when the run fails."""
    with pytest.raises(ZeroDivisionError):
        _move_and_fail(tmp_path)
    first = moved_today(tmp_path)
    with counted(tmp_path):
        _move(1_000_000)

    assert (first >= 1_000_000, moved_today(tmp_path) - first >= 1_000_000) == (True, True)


@pytest.fixture
def under_way(config: AgentConfig) -> Iterator[int]:
    """Another egress run of this box holds the lock."""
    descriptor = os.open(config.directory, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield descriptor
    with suppress(OSError):  # it has ended in the test
        os.close(descriptor)


def test_beside_another_run(config: AgentConfig, under_way: int) -> None:
    """A run by hand beside another one is refused at once, in words."""
    started_s = time.monotonic()
    found = run_probe("egress", ORDERED, config)

    assert (found.failure, "under way on this box" in found.detail) == (Failure.INTERRUPTED, True)
    assert time.monotonic() - started_s < 5


def test_another_tool_beside_a_run(config: AgentConfig, under_way: int) -> None:
    """Another tool would fill the line that is being measured: it does not begin either."""
    found = run_probe("second_opinion", {"tool": "iperf3", "server": SERVER}, config)

    assert (found.failure, "under way on this box" in found.detail) == (Failure.INTERRUPTED, True)


def test_an_order_waits_for_another_run(config: AgentConfig, under_way: int) -> None:
    """An ordered run begins when the other one has ended."""
    threading.Timer(0.5, os.close, (under_way,)).start()
    waited = run_probe("egress", ORDERED, config, ordered=True)

    assert waited.failure is not Failure.INTERRUPTED


def test_an_order_is_cancelled_while_it_waits(config: AgentConfig, under_way: int) -> None:
    """Whoever takes the order back does not wait for the other run."""
    started_s = time.monotonic()
    found = run_probe("egress", ORDERED, config, stop=lambda: True, ordered=True)

    assert (found.failure, time.monotonic() - started_s < 5) == (Failure.INTERRUPTED, True)


def _move_and_fail(directory: Path) -> None:
    """A run that moves something and then ends by a bug."""
    with counted(directory):
        _move(1_000_000)
        raise ZeroDivisionError


def _move(octets: int) -> None:
    """Send octets over loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as sender:
        receiver, _ = server.accept()
        with receiver:
            for _ in range(octets // 10_000):
                sender.sendall(bytes(10_000))
                receiver.recv(10_000, socket.MSG_WAITALL)


@pytest.mark.parametrize(
    ("moment", "day"),
    [("1970-01-01T15:59:59+00:00", 0), ("1970-01-01T16:00:00+00:00", 1), ("2026-11-22T15:59:59+00:00", 20_779)],
)
def test_midnight(moment: str, day: int) -> None:
    """The day changes at midnight in China, eight hours before it does in UTC."""
    assert day_in_china(round(datetime.fromisoformat(moment).timestamp()) * 1_000_000) == day
