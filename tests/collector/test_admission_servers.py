"""Which reports of measurement servers, and of agents about the way out, may be judged?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from collector.admission import Standing, standings
from collector.dispatch import HOUR_US
from collector.school import Evidence
from evidence.model import Failure
from tests.collector.making import BOX, OTHER_BOX, desk, school
from tests.collector.two_ends import (
    INTERNET,
    METRO,
    OF_1000M,
    SECOND,
    WAY_OUT,
    agent_says,
    asked,
    server_says,
    session_of,
    told_of,
)

ORDER = asked("order", BOX, OTHER_BOX)
TWO = asked("two", second=SECOND)
OWN, SEEN = agent_says(ORDER, OF_1000M), server_says(ORDER, OF_1000M)


def standing_of(one: Evidence, **about: Any) -> Standing:
    """The standing of the only report of a school with two agents and the usual servers."""
    return standings(school(held={BOX: 1, OTHER_BOX: 0}, **{**WAY_OUT, **about}), [one]).of[0][1]


def under(one: Evidence, **about: Any) -> Evidence:
    """The same report under another order."""
    return replace(one, scan=msgspec.structs.replace(one.scan or ORDER, **about))


@pytest.mark.parametrize(
    ("one", "standing"),
    [
        pytest.param(SEEN, Standing.ADMITTED, id="the session of a ticket"),
        pytest.param(
            server_says(ORDER, OF_1000M, agent=OTHER_BOX), Standing.ADMITTED, id="that of another agent's ticket"
        ),
        pytest.param(server_says(TWO, OF_1000M, server=SECOND), Standing.ADMITTED, id="the second server's"),
        pytest.param(replace(SEEN, scan=None), Standing.NOT_ORDERED, id="no such order"),
        pytest.param(told_of(SEEN, scan=""), Standing.NOT_ORDERED, id="a report that names no order"),
        pytest.param(under(SEEN, tasks=()), Standing.NOT_ORDERED, id="an order of something else"),
        pytest.param(under(SEEN, school="t"), Standing.NOT_THIS_SERVER, id="the order of another school"),
        pytest.param(told_of(SEEN, session="another"), Standing.NOT_THIS_SERVER, id="a session without a ticket"),
        pytest.param(told_of(SEEN, session=""), Standing.NOT_THIS_SERVER, id="no session"),
        pytest.param(
            told_of(SEEN, session=session_of("order", OTHER_BOX)), Standing.OTHER_SETTINGS, id="another agent's session"
        ),
        pytest.param(
            server_says(ORDER, OF_1000M, server=SECOND, session=session_of("order", BOX)),
            Standing.NOT_THIS_SERVER,
            id="another server than the ordered one",
        ),
        pytest.param(
            server_says(TWO, OF_1000M, server=SECOND, session=session_of("two", BOX)),
            Standing.NOT_THIS_SERVER,
            id="the second server about the first one's session",
        ),
        pytest.param(told_of(SEEN, agent="server-9"), Standing.NOT_THIS_SERVER, id="a server that nobody enrolled"),
        pytest.param(told_of(SEEN, agent=BOX), Standing.NOT_THIS_SERVER, id="an agent as a server"),
        pytest.param(server_says(ORDER, OF_1000M, ticket="sealed"), Standing.OTHER_SETTINGS, id="another ticket"),
        pytest.param(
            told_of(SEEN, settings={**SEEN.report.settings, "open": "yes"}), Standing.OTHER_SETTINGS, id="more settings"
        ),
        pytest.param(
            server_says(ORDER, OF_1000M, path="metro"), Standing.OTHER_NETWORK, id="another network by its word"
        ),
        pytest.param(told_of(SEEN, readings=SEEN.report.readings[:1]), Standing.ODD_READINGS, id="odd readings"),
        pytest.param(
            under(SEEN, start_unix_us=SEEN.received_unix_us + HOUR_US), Standing.TOO_EARLY, id="before the start"
        ),
        pytest.param(told_of(SEEN, probe="egress"), Standing.NOT_THIS_AGENT, id="a server as an agent"),
    ],
)
def test_a_servers_report(one: Evidence, standing: Standing) -> None:
    """A server's report is admitted as the other half of a session that an order gave to this very server, and as nothing else."""
    assert standing_of(one) is standing


@pytest.mark.parametrize(
    ("servers", "standing"),
    [
        pytest.param({}, Standing.NOT_THIS_SERVER, id="none"),
        pytest.param({INTERNET.id: replace(INTERNET, revoked=True)}, Standing.REVOKED, id="a revoked one"),
        pytest.param(
            {INTERNET.id: replace(INTERNET, public_key="00" * 32)}, Standing.NOT_THIS_SERVER, id="under another key"
        ),
        pytest.param({INTERNET.id: replace(INTERNET, path="metro")}, Standing.OTHER_NETWORK, id="in another network"),
    ],
)
def test_the_operators_servers(servers: dict[str, Any], standing: Standing) -> None:
    """Only what the operator enrolled, with this key and in the ordered network, and still trusts."""
    assert standing_of(SEEN, servers=servers) is standing


def test_a_key_that_is_an_agents_too() -> None:
    """A key that is enrolled as an agent's signs for one party only."""
    keys = school(held={INTERNET.id: 1}, **WAY_OUT)

    assert standings(keys, [SEEN]).of[0][1] is Standing.NOT_THIS_SERVER


def test_only_the_first_word_about_a_session() -> None:
    """A server is heard once about each session of an order, and about each of them."""
    again = server_says(ORDER, 2 * OF_1000M, sequence=2)
    other = server_says(ORDER, OF_1000M, agent=OTHER_BOX, sequence=3)
    found = standings(school(**WAY_OUT), [SEEN, again, other]).of

    assert [standing for _, standing in found] == [Standing.ADMITTED, Standing.ANSWERED_BEFORE, Standing.ADMITTED]


def test_servers_make_nothing_incomplete() -> None:
    """Of a server's chain a school holds what concerns it; the rest is no hole."""
    assert standings(school([OWN], **WAY_OUT), [OWN, server_says(ORDER, OF_1000M, sequence=77)]).complete


# --- The agent's side -------------------------------------------------------------------------------------------------

OPEN = msgspec.structs.replace(ORDER, tasks=asked("order", server=INTERNET, tickets=[]).tasks)


@pytest.mark.parametrize(
    ("one", "standing"),
    [
        pytest.param(OWN, Standing.ADMITTED, id="its own ticket's session"),
        pytest.param(
            agent_says(ORDER, OF_1000M, session=session_of("order", OTHER_BOX)),
            Standing.OTHER_SESSION,
            id="another agent's",
        ),
        pytest.param(
            agent_says(TWO, OF_1000M, session=session_of("two", BOX, SECOND)),
            Standing.OTHER_SESSION,
            id="the second one's",
        ),
        pytest.param(agent_says(ORDER, OF_1000M, session="elsewhere"), Standing.OTHER_SESSION, id="one of nobody"),
        pytest.param(agent_says(ORDER, OF_1000M, session=""), Standing.OTHER_SESSION, id="none"),
        pytest.param(
            agent_says(ORDER, None, session="", failure=Failure.REFUSED),
            Standing.ADMITTED,
            id="none, for it failed before",
        ),
        pytest.param(
            agent_says(ORDER, OF_1000M, session="", failure=Failure.REFUSED),
            Standing.ODD_READINGS,
            id="none, with a rate",
        ),
        pytest.param(agent_says(OPEN, OF_1000M), Standing.OTHER_SESSION, id="an order without tickets"),
    ],
)
def test_an_agents_session(one: Evidence, standing: Standing) -> None:
    """A run over the way out is the one whose session this agent's own ticket opened, at the first server."""
    assert standing_of(one) is standing


def test_other_probes_have_no_session() -> None:
    """Other probes need no session."""
    one = desk(10**9)

    assert standing_of(one) is Standing.ADMITTED


def test_metro_servers() -> None:
    """A server in the education network is admitted for an order of that network."""
    scan = asked(server=METRO, line="edu")

    assert standing_of(server_says(scan, OF_1000M, server=METRO)) is Standing.ADMITTED
