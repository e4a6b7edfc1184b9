"""Measurements of the way out in a few words: orders, agents and measurement servers, for the tests of the judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from collector.admission import DAY_US
from collector.frameworks import Grade, Over, Part
from collector.judge import judge
from collector.school import Evidence, Line, Server
from collector.verdict import Code, PartVerdict
from evidence import quantities as q
from evidence.layers import Segments
from evidence.model import SERVER, Facts, Failure, Quantity, Reading, Settings
from evidence.scan import AskedBy, Scan, Task
from evidence.stream import BIN_US
from tests.collector.making import BOX, GIGABIT, NOW, clause, part, run, school

INTERNET = Server("server-1", "tele-1", "198.51.100.1", 7010, "internet", "Telecom", "a1" * 32)
SECOND = Server("server-2", "uni-1", "198.51.100.2", 7010, "internet", "Unicom", "b2" * 32)
METRO = Server("server-3", "edu-1", "10.80.0.1", 7010, "metro", "Bureau", "c3" * 32)
LINE = Line("telecom", ("203.0.113.0/24", "2001:db8:cafe::/48"), "internet")
OTHER_LINE = Line("unicom", ("192.0.2.0/24",), "internet")
METRO_LINE = Line("edu", ("10.64.0.0/16",), "metro")
HERE, ELSEWHERE, INSIDE = "203.0.113.7", "203.0.114.7", "10.64.3.7"
WAY_OUT: dict[str, Any] = {
    "lines": (LINE, OTHER_LINE, METRO_LINE),
    "servers": {one.id: one for one in (INTERNET, SECOND, METRO)},
}
CUT = Segments(1448, 4)
WINDOW_US = 5_000_000
# What a line shaped to 1000 and to 940 Mbit/s of Ethernet L2 carries at the IP layer.
OF_1000M, OF_940M = 990_800_000, 931_000_000


def payload_of(ip: int) -> int:
    """How much payload a rate at the IP layer is."""
    return ip * CUT.mss // CUT.packet


def session_of(scan: str, agent: str, server: Server = INTERNET) -> str:
    """The session that an order gives an agent at a server."""
    return f"{scan}/{agent}/{server.id}"


def tickets(scan: str, agents: Sequence[str], server: Server) -> Settings:
    """One server of an order, with a ticket for each agent."""
    each = [
        {"agent": one, "session": session_of(scan, one, server), "ticket": f"sealed {scan} {one} {server.id}"}
        for one in agents
    ]
    return {"server": server.address, "server_key": server.public_key, "tickets": each}


def asked(
    name: str = "order",
    *agents: str,
    server: Server = INTERNET,
    second: Server | None = None,
    line: str = LINE.name,
    days_ago: float = 0,
    **more: Any,
) -> Scan:
    """An order of the probe egress to these agents (BOX alone unless named), both directions at one server."""
    who = agents or (BOX,)
    settings: Settings = {**tickets(name, who, server), "path": server.path, "line": line, **more}
    if second is not None:
        settings["second"] = tickets(name, who, second)
    issued = NOW - round(days_ago * DAY_US)
    settings = {key: value for key, value in settings.items() if value}
    return Scan(name, "s", who, (Task("egress", settings),), issued, issued + DAY_US, AskedBy.CLOCK)


def rates(stem: str, subject: str, ip: int, facts: Facts, most: int | None = None) -> tuple[Reading, Reading]:
    """Payload and IP layer of one direction."""
    payload, high = payload_of(ip), None if most is None else payload_of(most)
    return (
        q.ALL[stem].between(payload, high, subject, facts),
        q.ALL[f"{stem}_ip"].between(CUT.ip(payload), None if high is None else CUT.ip(high), subject, facts),
    )


def agent_says(
    scan: Scan,
    ip: int | None,
    *,
    agent: str = BOX,
    sequence: int = 1,
    up: int | None = None,
    most: int | None = None,
    by: str = "network",
    witness: int | None = None,
    session: str | None = None,
    failure: Failure | None = None,
    **facts: int | str,
) -> Evidence:
    """An agent's report: the download rate at the IP layer, and that of the upload, as it counted them."""
    settings = scan.settings_of("egress") or {}
    own = session_of(scan.id, agent, server_of(settings)) if session is None else session
    path, line = settings.get("path", ""), settings.get("line", "")
    told: Facts = {"session": own, "mss": CUT.mss, "family": 4, "seen": HERE, "driver": "ixgbe", "port_bit_s": 10**11}
    readings: list[Reading] = []
    for direction, rate in (("down", ip), ("up", up)):
        if rate is not None:
            stem = ".".join(filter(None, ("egress", path, direction)))
            readings += rates(stem, line, rate, {**told, **facts}, most)
            readings.append(q.EGRESS_LIMITED_BY.reading(by, direction))
    if witness is not None:
        readings.append(q.EGRESS_WAN_DOWN.reading(witness, "down"))
    return run(
        "egress",
        *readings,
        agent=agent,
        sequence=sequence,
        settings=settings,
        scan=scan,
        session=own,
        failure=failure,
    )


def server_of(settings: Settings) -> Server:
    """The first server of an order."""
    known = (INTERNET, SECOND, METRO)
    return next(one for one in known if one.public_key == settings.get("server_key", INTERNET.public_key))


def server_says(
    scan: Scan,
    ip: int | None,
    *,
    agent: str = BOX,
    server: Server = INTERNET,
    sequence: int = 1,
    up: int | None = None,
    session: str | None = None,
    ticket: str | None = None,
    **facts: int | str,
) -> Evidence:
    """A measurement server's report of an agent's session."""
    own = session_of(scan.id, agent, server) if session is None else session
    start = scan.issued_unix_us
    told: Facts = {"mss": CUT.mss, "family": 4, "timestamps": 1, "seen": INSIDE if server is METRO else HERE}
    told |= {"from_unix_us": start, "to_unix_us": start + WINDOW_US, "path": server.path}
    told |= {"first_bin": start // BIN_US, "end_bin": (start + WINDOW_US) // BIN_US} if "group" in facts else {}
    told |= facts
    readings = [
        reading
        for direction, rate in (("down", ip), ("up", up))
        if rate is not None
        for reading in rates(f"observed.{direction}", "", rate, told)
    ]
    settings = {"ticket": f"sealed {scan.id} {agent} {server.id}" if ticket is None else ticket}
    one = run(SERVER, *readings, agent=server.id, sequence=sequence, settings=settings, scan=scan, session=own)
    return Evidence(f"id-{server.id}-{own}", one.report, one.received_unix_us, scan)


def both_say(scan: Scan, ip: int, *, sequence: int = 1, agent: str = BOX, **facts: Any) -> list[Evidence]:
    """One session at which both ends saw the same; facts are the server's."""
    server = server_of(scan.settings_of("egress") or {})
    return [
        agent_says(scan, ip, agent=agent, sequence=sequence),
        server_says(scan, ip, agent=agent, server=server, **facts),
    ]


def group_says(name: str, ip: int, agents: Sequence[str], *, sequence: int = 1, **facts: Any) -> list[Evidence]:
    """A group of agents that each carried so much in the same window."""
    scan = asked(name, *agents)
    told: dict[str, Any] = {"group": f"group {name}", "seats": len(agents), "present": len(agents), **facts}
    return [one for agent in agents for one in both_say(scan, ip, agent=agent, sequence=sequence, **told)]


def bandwidth(at_least: int | None = GIGABIT, quantity: Quantity = q.INTERNET_DOWN_IP, **about: Any) -> Part:
    """A part as the policies have it: the best run of 30 days, seen by both ends, 5 % for what headers take."""
    usual: dict[str, Any] = {"either": (quantity,), "at_least": at_least, "tolerance_ppm": 50_000}
    return part(**{**usual, "over": Over.ANY, "within_days": 30, "grade": Grade.A3, **about})


def verdict_on(stored: Sequence[Evidence], asks: Part | None = None, **about: Any) -> PartVerdict:
    """What is said of a part for a school with a line and servers of which all of this was acknowledged."""
    one = school([one for one in stored if one.report.probe != SERVER], **{**WAY_OUT, **about})
    return judge(clause(asks or bandwidth()), one, stored, NOW).parts[0]


def said(verdict: PartVerdict) -> list[Code]:
    """The reasons in their order."""
    return [reason.code for reason in verdict.reasons]


def told_of(one: Evidence, **about: Any) -> Evidence:
    """The same evidence with other fields in its report."""
    report = msgspec.structs.replace(one.report, **about)
    return Evidence(one.id, report, one.received_unix_us, one.scan)
