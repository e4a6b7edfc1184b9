"""Do the five shipped policies hold every row and every figure of the tables they were read off?"""

from __future__ import annotations

import pytest

from collector.frameworks import Demand, Framework, Over, Part, Setting, shipped
from evidence import quantities
from evidence.model import Unit

FRAMEWORKS = {framework.id: framework for framework in shipped()}
PARTS = {
    f"{framework.id} {indicator.id} {part.id}": part
    for framework in FRAMEWORKS.values()
    for indicator in framework.indicators
    for part in indicator.parts
}
MACHINE = {where: part for where, part in PARTS.items() if part.kind == "machine"}

# Counted in the tables: one indicator a clause number; a row that lumps several numbers, or says "a row each", is several.
CLAUSES = {
    "wenzhou-2021": ["1", "2", "3", "5", "7", "8", "9", "11", "12", "26", "27"],
    "zibo": ["1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.1.5", "1.2.1", "1.3.1", "1.4.1", "1.4.2", "1.5.1"],
    "ningbo": [
        *("network.1", "network.2", "network.3", "iot.1", "iot.2"),
        *("security.1", "security.2", "security.3", "security.4", "security.5", "distinctive.1"),
    ],
    "zhejiang-2022": [
        *("infrastructure.1.1", "infrastructure.1.2", "infrastructure.1.3", "infrastructure.1.5"),
        *("infrastructure.3.1", "infrastructure.6.1", "data.3.2"),
        *("safeguards.1.2", "safeguards.2.1", "safeguards.2.3", "safeguards.3.3", "safeguards.3.4"),
    ],
    "zhangjiagang-2021": ["1.1", "4.4", "5.1"],
}


def test_order() -> None:
    """The five come in one order, always."""
    assert [framework.id for framework in shipped()] == list(CLAUSES)


@pytest.mark.parametrize("name", CLAUSES)
def test_clauses(name: str) -> None:
    """Each clause of the tables that touches network and infrastructure is there, once, and no other."""
    assert [indicator.id for indicator in FRAMEWORKS[name].indicators] == CLAUSES[name]


def test_quantities_exist() -> None:
    """Each machine part names quantities that are declared."""
    assert {q.name for part in MACHINE.values() for q in part.either} <= set(quantities.ALL)


def test_zibo_points() -> None:
    """Points per second-level indicator add up to the document's where the table holds all of it: 7 and 2."""
    points = dict.fromkeys(("校园网络", "信息安全"), 0)
    for indicator in FRAMEWORKS["zibo"].indicators:
        group = indicator.group.rpartition(" / ")[2]
        points[group] = points.get(group, 0) + (indicator.points or 0)

    assert (points["校园网络"], points["信息安全"]) == (7, 2)


def test_no_ningbo_score() -> None:
    """Ningbo's table gives no points per item, so none is ever shown."""
    assert {indicator.points for indicator in FRAMEWORKS["ningbo"].indicators} == {None}


@pytest.mark.parametrize(
    ("demand", "elsewhere", "clauses"),
    [
        pytest.param(Demand.MUST, None, ["1", "3", "7", "8", "9", "26", "27"], id="must at both"),
        pytest.param(Demand.MUST, Demand.OPTIONAL, ["11", "12"], id="must at 2.0 only"),
        pytest.param(Demand.OPTIONAL, None, ["2", "5"], id="optional at both"),
    ],
)
def test_wenzhou_levels(demand: Demand, elsewhere: Demand | None, clauses: list[str]) -> None:
    """What a Wenzhou school must do depends on its level."""
    levels = ("2.0",) if elsewhere else ("standard", "2.0")
    found = [
        one.id for one in FRAMEWORKS["wenzhou-2021"].indicators if (one.demand, one.elsewhere) == (demand, elsewhere)
    ]

    assert (found, levels) == (clauses, _levels(FRAMEWORKS["wenzhou-2021"], found))


def _levels(framework: Framework, ids: list[str]) -> tuple[str, ...]:
    """The levels that these indicators share."""
    (levels,) = {indicator.levels for indicator in framework.indicators if indicator.id in ids}
    return levels


def test_free_items() -> None:
    """The (O) items are the school's choice, and only Zhejiang has them."""
    free = [f"{f.id} {one.id}" for f in FRAMEWORKS.values() for one in f.indicators if one.free]

    assert free == ["zhejiang-2022 infrastructure.1.5"]


FIGURES = {
    "wenzhou-2021 1 line-port": 10 * quantities.GIGABIT,
    "wenzhou-2021 1 throughput": 10 * quantities.GIGABIT,
    "wenzhou-2021 2 backbone": 10 * quantities.GIGABIT,
    "wenzhou-2021 2 buildings": 10 * quantities.GIGABIT,
    "wenzhou-2021 2 desks": quantities.GIGABIT,
    "wenzhou-2021 27 security-logs": 6,
    "zibo 1.1.1 internet": 600_000_000,
    "zibo 1.1.2 core": quantities.GIGABIT,
    "zibo 1.1.2 backbone": quantities.GIGABIT,
    "zibo 1.4.2 device-logs": 6,
    "ningbo network.2 backbone": 10 * quantities.GIGABIT,
    "ningbo network.2 buildings": 10 * quantities.GIGABIT,
    "ningbo network.2 desks": quantities.GIGABIT,
    "zhejiang-2022 infrastructure.1.1 egress": quantities.GIGABIT,
    "zhejiang-2022 infrastructure.1.1 desks": quantities.GIGABIT,
    "zhangjiagang-2021 1.1 access-line": quantities.GIGABIT,
    "zhangjiagang-2021 1.1 internet": 200_000_000,
}


def test_figures() -> None:
    """Each figure of the documents that is no share and no grade stands there, in base units, and no other does."""
    found = {
        where: part.at_least
        for where, part in MACHINE.items()
        if part.at_least is not None and part.either[0].unit in (Unit.BIT_S, Unit.MONTH)
    }

    assert found == FIGURES


def test_full_shares() -> None:
    """Every share that a clause asks for is the whole: places, ports, targets, names."""
    shares = {
        part.at_least for part in MACHINE.values() if part.either[0].unit is Unit.PPM and part.at_least is not None
    }

    assert shares == {1_000_000}


def test_ipv6_is_g3() -> None:
    """IPv6 is supported from grade G3 on."""
    assert {part.at_least for part in MACHINE.values() if quantities.IPV6_GRADE in part.either} == {3}


def test_wenzhou_default_is_the_line() -> None:
    """Until the bureau chooses, ten gigabit means the line, and the throughput is only shown."""
    parts = FRAMEWORKS["wenzhou-2021"].indicators[0].parts
    applied = [part.id for part in parts if part.when and part.when.applies("")]

    assert applied == ["line-port", "line-paper", "line-throughput"]


def test_contradiction() -> None:
    """Throughput proved to stay below ten gigabit contradicts a ten-gigabit paper."""
    part = PARTS["wenzhou-2021 1 line-throughput"]

    assert (part.support, part.contradicts_below, part.tolerance_ppm) == (True, 10 * quantities.GIGABIT, 50_000)


def test_bounds_of_the_bureau() -> None:
    """Where a document gives no figure, the bureau's setting is the bound and nothing is shown without it."""
    open_bounds = {where: part.at_least_from for where, part in MACHINE.items() if part.at_least_from}

    assert open_bounds == {"zibo 1.1.2 headroom": "busy_headroom", "zibo 1.2.1 rate": "classroom_speed"}


def test_tolerance() -> None:
    """Only throughput at the IP layer is compared with tolerance, and all of it that is judged."""
    eased = {where for where, part in MACHINE.items() if part.tolerance_ppm}

    assert eased == {where for where, part in MACHINE.items() if part.written and part.either[0].name.endswith("_ip")}


def test_internet_is_not_metro() -> None:
    """A clause on the internet is never met by a server inside the education network."""
    asked = {
        where: [q.name for q in PARTS[where].either]
        for where in ("zibo 1.1.1 internet", "zhangjiagang-2021 1.1 internet")
    }

    assert set(map(tuple, asked.values())) == {("egress.internet.down_ip",)}


def test_two_ends_for_egress() -> None:
    """Egress counts only when both ends saw it."""
    judged = [part for part in MACHINE.values() if part.written and not part.support]

    assert {part.grade.name for part in judged if part.either[0].name.endswith("_ip")} == {"A3"}


def test_one_name_one_setting() -> None:
    """A setting that two policies name is one setting."""
    found: dict[str, set[Setting]] = {}
    for setting in (one for framework in FRAMEWORKS.values() for one in framework.settings):
        found.setdefault(f"{setting.owner}.{setting.key}", set()).add(setting)

    assert [name for name, meanings in found.items() if len(meanings) > 1] == []


def test_every_setting_is_used() -> None:
    """Nobody is asked for a setting on which nothing depends."""
    asked = {(f.id, one.key) for f in FRAMEWORKS.values() for one in f.settings}

    assert asked == {(where.split()[0], key) for where, part in PARTS.items() for key in _keys(part)}


def _keys(part: Part) -> set[str]:
    return set(part.needs) | ({part.when.key} if part.when else set())


def test_places_are_over_places() -> None:
    """Every share of places says of which kinds."""
    assert {part.over for part in MACHINE.values() if ".coverage" in part.either[0].name} == {Over.PLACES}
