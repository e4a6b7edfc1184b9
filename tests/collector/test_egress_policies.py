"""Do the policies that ask for a bandwidth get their verdict from what both ends of a measurement saw?"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from collector.frameworks import shipped
from collector.judge import judge
from collector.school import Evidence, Setting
from collector.verdict import Code, PartVerdict, Status
from collector.words import words_in
from evidence.model import SERVER
from tests.collector.making import GIGABIT, NOW, OTHER_BOX, school
from tests.collector.two_ends import (
    METRO,
    OF_940M,
    OF_1000M,
    WAY_OUT,
    agent_says,
    asked,
    both_say,
    group_says,
    server_says,
)

MET, NOT_SHOWN = Status.MET, Status.NOT_SHOWN
BUREAU = {"larger": Setting("yes", "2026-09-01"), "egress_10g": Setting("throughput", "2026-09-01")}
# The part of each policy that asks for a bandwidth: policy, clause, part.
ZIBO, ZHANGJIAGANG = ("zibo", "1.1.1", "internet"), ("zhangjiagang-2021", "1", "internet")
ZHEJIANG, WENZHOU = ("zhejiang-2022", "", "egress"), ("wenzhou-2021", "1", "throughput")


def part_of(policy: tuple[str, str, str], stored: Sequence[Evidence], **about: object) -> PartVerdict:
    """What a policy's part says of a larger school where the bureau asks Wenzhou's ten gigabit of the throughput."""
    held = [one for one in stored if one.report.probe != SERVER]
    one = school(held, **{**WAY_OUT, "bureau": BUREAU, **about})
    framework = next(each for each in shipped() if each.id == policy[0])
    parts = [part for each in framework.indicators for part in judge(each, one, stored, NOW, framework.id).parts]
    named = [
        found for found in parts if found.part.id == policy[2] and found.part.at_least and found.part.tolerance_ppm
    ]
    (found,) = named
    return found


def at(ip: int, metro: bool = False) -> list[Evidence]:
    """One session at this rate, over the internet or the education network."""
    return both_say(asked(server=METRO, line="edu") if metro else asked(), ip)


@pytest.mark.parametrize(
    ("policy", "stored", "status"),
    [
        pytest.param(ZHANGJIAGANG, at(198_000_000), MET, id="Zhangjiagang: a line of 200M"),
        pytest.param(ZHANGJIAGANG, at(188_000_000), NOT_SHOWN, id="Zhangjiagang: less"),
        pytest.param(ZHANGJIAGANG, at(OF_1000M, metro=True), NOT_SHOWN, id="Zhangjiagang: the education network alone"),
        pytest.param(ZIBO, at(594_000_000), MET, id="Zibo: a line of 600M"),
        pytest.param(ZIBO, at(560_000_000), NOT_SHOWN, id="Zibo: less"),
        pytest.param(ZHEJIANG, at(OF_1000M), MET, id="Zhejiang: a line of 1000M"),
        pytest.param(ZHEJIANG, at(OF_940M), NOT_SHOWN, id="Zhejiang: a line of 940M"),
        pytest.param(ZHEJIANG, at(OF_1000M, metro=True), MET, id="Zhejiang: the education network is enough"),
        pytest.param(ZHEJIANG, [agent_says(asked(), OF_1000M)], NOT_SHOWN, id="Zhejiang: the agent's word"),
        pytest.param(ZHEJIANG, [server_says(asked(), OF_1000M)], NOT_SHOWN, id="Zhejiang: the server's word"),
        pytest.param(WENZHOU, at(9_908_000_000), MET, id="Wenzhou: a line of 10G"),
        pytest.param(WENZHOU, at(OF_1000M), NOT_SHOWN, id="Wenzhou: a box with 1G"),
        pytest.param(
            WENZHOU,
            group_says("g", OF_1000M, [f"box-{one}" for one in range(10)]),
            MET,
            id="Wenzhou: ten boxes at once",
        ),
        pytest.param(
            WENZHOU, group_says("g", OF_1000M, [f"box-{one}" for one in range(9)]), NOT_SHOWN, id="Wenzhou: nine boxes"
        ),
    ],
)
def test_policies(policy: tuple[str, str, str], stored: list[Evidence], status: Status) -> None:
    """Each policy's bandwidth is met by a line of its name and not shown by less; both ends must have seen it."""
    assert part_of(policy, stored).status is status


def test_a_line_of_ten_gigabit_contradicts_nothing() -> None:
    """Beside Wenzhou's line an upper end that leaves room for headers is no contradiction, one clearly below it is."""
    scan = asked("two", second=WAY_OUT["servers"]["server-2"])
    found = []
    for ip in (9_908_000_000, 8_000_000_000):
        stored = [
            agent_says(scan, ip, most=ip),
            server_says(scan, ip, hour_best_bit_s=20 * GIGABIT),
            server_says(scan, ip, server=WAY_OUT["servers"]["server-2"]),
        ]
        one = school(stored[:1], **WAY_OUT)
        clause = shipped()[0].indicators[0]
        (beside,) = [part for part in judge(clause, one, stored, NOW).parts if part.part.contradicts_below]
        found.append([reason.code for reason in beside.reasons])

    assert found == [[], [Code.CONTRADICTION]]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_in_words(language: str) -> None:
    """A clause that is met says line, server, operator, network and address beside it; one that is not, what to do."""
    words = words_in(language)
    met, short = part_of(ZHEJIANG, at(OF_1000M)), part_of(ZHEJIANG, at(OF_940M))
    (note,) = [words.why(met, one) for one in met.notes]

    assert all(word in note for word in ("telecom", "tele-1", "Telecom", "203.0.113.7"))
    assert "930.999 Mbit/s" in words.part_sentence(short)
    assert words.step(short, short.reasons[0])


def test_several_agents_beside_one_another() -> None:
    """Two boxes that each carry half a gigabit in sessions of their own show half a gigabit."""
    scan = asked("one", "box-1", OTHER_BOX)
    stored = both_say(scan, 520_000_000) + both_say(scan, 520_000_000, agent=OTHER_BOX)

    assert part_of(ZHEJIANG, stored).status is NOT_SHOWN
