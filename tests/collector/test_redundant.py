"""Which switches stay joined with the core whichever single cable is pulled?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.redundant import redundant_uplinks
from collector.school import End, Link, Switch
from collector.verdict import Code, Measured, Reason
from evidence.model import Failure, Reading
from tests.collector.making import answered, codes, ends, joins, lag, port, school, uplinks

A, B, C, D = (
    Switch(name, f"10.0.1.{number}", core=name == "a") for number, name in enumerate(("a", "b", "c", "d"), start=1)
)
HALF, WHOLE, NONE = 500_000, 1_000_000, 0


def link(one: Switch, other: Switch, mark: str = "") -> Link:
    """A declared link between two switches, its ports named by the other end."""
    return Link(End(one.name, f"{mark}{other.name}"), End(other.name, f"{mark}{one.name}"))


def found(*links: Link, confirmed: str = "both", down: bool = False) -> tuple[Reading, ...]:
    """What the probe says of these links."""
    by_name = {switch.name: switch for switch in (A, B, C, D)}
    said: list[Reading] = []
    for one in links:
        for end in (one.one, one.other):
            said += port(by_name[end.switch], end.port, up=not down)
        here, there = (f"{by_name[end.switch].subject}/{end.port}" for end in (one.one, one.other))
        said += [] if down else [joins(here, there, 10**9, confirmed)]
    return tuple(said)


def share(*readings: Reading, switches: tuple[Switch, ...] = (A, B, C), links: tuple[Link, ...]) -> Measured:
    """The share of a school of these switches and links."""
    asked = {"switches": [{"host": one.host} for one in switches]}
    about: dict[str, Any] = {"switches": switches, "links": links}
    return redundant_uplinks(school(**about), [uplinks(*readings, *answered(*switches), settings=asked)])


RING = (link(A, B), link(B, C), link(C, A))
STAR = (link(A, B), link(A, C))


@pytest.mark.parametrize(
    ("links", "interval", "bad"),
    [
        pytest.param(RING, (WHOLE, WHOLE), [], id="a ring"),
        pytest.param(STAR, (NONE, NONE), ["b", "c"], id="a star"),
        pytest.param((link(A, B), link(B, C)), (NONE, NONE), ["b", "c"], id="a chain"),
        pytest.param((*STAR, link(A, B, "x")), (HALF, HALF), ["c"], id="two cables to one"),
        pytest.param((link(A, B), link(A, B, "x"), link(B, C)), (HALF, HALF), ["c"], id="one cable behind two"),
        pytest.param((link(A, B), link(B, C), link(B, C, "x")), (NONE, NONE), ["b", "c"], id="two cables behind one"),
    ],
)
def test_shapes(links: tuple[Link, ...], interval: tuple[int, int], bad: list[str]) -> None:
    """A switch is redundant if the loss of no single link parts it from the core, wherever on the way."""
    measured = share(*found(*links), links=links)

    assert ends(measured) == [interval]
    assert [reason.about["switch"] for reason in measured.reasons if reason.code is Code.NOT_REDUNDANT] == bad


@pytest.mark.parametrize(
    ("rest", "interval", "code"),
    [
        pytest.param({"confirmed": "one"}, (NONE, WHOLE), Code.UNCONFIRMED, id="not confirmed"),
        pytest.param({"down": True}, (NONE, NONE), Code.PORT_DOWN, id="down"),
    ],
)
def test_a_ring_with_one_bad_link(rest: dict[str, Any], interval: tuple[int, int], code: Code) -> None:
    """A link that is not confirmed may be there; one that is down is not."""
    measured = share(*found(*RING[:2]), *found(RING[2], **rest), links=RING)

    assert (ends(measured), code in codes(measured)) == ([interval], True)


def test_a_link_that_nobody_declared() -> None:
    """A second way that was found and not declared is not proved, and keeps the first from being refuted."""
    measured = share(*found(*RING), links=RING[:2])

    assert (ends(measured), codes(measured)) == ([(NONE, WHOLE)], [])


def test_a_silent_switch() -> None:
    """A switch that does not answer may have any number of cables."""
    asked = {"switches": [{"host": one.host} for one in (A, B, C)]}
    readings = (*found(link(A, B)), *answered(A, B), *answered(C, failure=Failure.TIMED_OUT))
    measured = redundant_uplinks(
        school(switches=(A, B, C), links=STAR), [uplinks(*readings, *port(A, "c"), settings=asked)]
    )

    assert (ends(measured), set(codes(measured))) == ([(NONE, HALF)], {Code.NOT_REDUNDANT, Code.SWITCH_SILENT})


@pytest.mark.parametrize(
    ("more", "links", "code", "high"),
    [
        pytest.param(found(*STAR), STAR, Code.UNLINKED, 333_333, id="joined to nothing"),
        pytest.param(
            (*found(*STAR, link(A, D)), *port(D, "x"), joins(f"{D.subject}/x", "", 10**9, "one", neighbour="hub")),
            (*STAR, link(A, D)),
            Code.UNDISCOVERED,
            HALF,
            id="beside a neighbour that is not listed",
        ),
    ],
)
def test_what_may_be(more: tuple[Reading, ...], links: tuple[Link, ...], code: Code, high: int) -> None:
    """A switch of which not all links are known may be redundant, as may a neighbour outside the list; the others are refuted."""
    measured = share(*more, *port(D, "y"), switches=(A, B, C, D), links=links)

    assert (ends(measured), code in codes(measured)) == ([(NONE, high)], True)


@pytest.mark.parametrize(
    ("far", "interval", "notes"),
    [
        pytest.param({"x": 10**9, "y": 10**9}, (WHOLE, WHOLE), 1, id="two cables"),
        pytest.param({"x": 10**9, "y": None}, (NONE, NONE), 0, id="one of them is down"),
    ],
)
def test_an_aggregate(far: dict[str, int | None], interval: tuple[int, int], notes: int) -> None:
    """An aggregate with two members up is redundant, and that is said."""
    po = Link(End("a", "Po1"), End("b", "Po1"))
    readings = (*lag(A, "Po1", x=10**9, y=10**9), *lag(B, "Po1", **far))
    measured = share(*readings, joins(f"{A.subject}/Po1", f"{B.subject}/Po1", cables=2), switches=(A, B), links=(po,))

    assert ends(measured) == [interval]
    assert measured.notes == (Reason(Code.BY_AGGREGATE, {"count": 1}),) * notes


def test_a_second_cable_that_nobody_saw() -> None:
    """Two members may be up, and one of them lead elsewhere: an aggregate holds by as many cables as were seen at both ends."""
    po = Link(End("a", "Po1"), End("b", "Po1"))
    readings = (*lag(A, "Po1", x=10**9, y=10**9), *lag(B, "Po1", x=10**9, y=10**9))
    measured = share(*readings, joins(f"{A.subject}/Po1", f"{B.subject}/Po1"), switches=(A, B), links=(po,))

    assert (ends(measured), codes(measured)) == ([(NONE, WHOLE)], [Code.ONE_CABLE_SEEN])


BUNDLES = (
    Link(End("a", "Po1"), End("b", "Po1")),
    Link(End("a", "x"), End("b", "x")),
    Link(End("a", "y"), End("b", "y")),
)


@pytest.mark.parametrize("links", [BUNDLES[:2], BUNDLES[1:], BUNDLES], ids=["with a member", "members", "all"])
@pytest.mark.parametrize(
    ("second", "interval"), [(10**9, (WHOLE, WHOLE)), (None, (NONE, NONE))], ids=["both cables", "one is pulled"]
)
def test_members_in_the_list(links: tuple[Link, ...], second: int | None, interval: tuple[int, int]) -> None:
    """However many rows name one pair of aggregates, it is one link with the cables that are up."""
    readings = [reading for one in (A, B) for reading in lag(one, "Po1", x=10**9, y=second)]
    measured = share(*readings, joins(f"{A.subject}/Po1", f"{B.subject}/Po1", cables=2), switches=(A, B), links=links)

    assert ends(measured) == [interval]


def test_more_links_than_cables() -> None:
    """An aggregate of one cable that is up holds no two links, whatever is told of its other ends."""
    links = (Link(End("a", "x"), End("b", "up")), Link(End("a", "y"), End("b", "up2")))
    ports = (*lag(A, "Po1", x=10**9, y=None), *port(B, "up"), *port(B, "up2"))
    told = [joins(f"{A.subject}/{one.one.port}", f"{B.subject}/{one.other.port}", 10**9) for one in links]

    assert ends(share(*ports, *told, switches=(A, B), links=links))[0][0] == NONE


def test_an_aggregate_that_names_no_members() -> None:
    """An aggregate of unknown members may be redundant, and is not shown to be."""
    po = Link(End("a", "Po1"), End("b", "Po1"))
    readings = tuple(port(one, "Po1", kind="lag")[0] for one in (A, B))
    measured = share(*readings, joins(f"{A.subject}/Po1", f"{B.subject}/Po1"), switches=(A, B), links=(po,))

    assert ends(measured) == [(NONE, WHOLE)]


def test_two_cores() -> None:
    """A way to either core is a way to the core."""
    two = Switch("d", D.host, core=True)
    links = (link(A, B), link(D, B), link(A, D))

    assert ends(share(*found(*links), switches=(A, B, two), links=links)) == [(WHOLE, WHOLE)]


@pytest.mark.parametrize("switches", [(), (A,), (B,)], ids=["none", "the core alone", "the first is the core"])
def test_nothing_but_the_core(switches: tuple[Switch, ...]) -> None:
    """Without a switch beside the core there is no uplink."""
    assert codes(share(switches=switches, links=())) == [Code.NOT_DECLARED]
