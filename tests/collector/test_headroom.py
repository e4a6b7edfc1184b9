"""How much of the line is free in its busy hours, and when is that not known?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import pytest

from collector.calendar import SHANGHAI
from collector.frameworks import Over
from collector.headroom import busy_headroom, carried
from collector.judge import judge
from collector.school import Day, End, Evidence, School, Switch
from collector.verdict import Code, Measured, PartVerdict, Status
from evidence import quantities as q
from evidence.model import SERVER, Conditions, Failure, Reading, Settings
from evidence.scan import AskedBy, Scan, Task
from tests.collector.making import BOX, GIGABIT, clause, codes, ends, part, run, school
from tests.collector.two_ends import ELSEWHERE, OF_1000M, WAY_OUT, agent_says, asked, bandwidth, both_say

HOUR_US = 3_600_000_000
GATEWAY = Switch("gw", "10.0.0.1")
AT, AT_8 = "10.0.0.1:161/ge9", "10.0.0.1:161/ge8"
WATCHED: Settings = {"switches": [{"host": "10.0.0.1", "port": 161, "name": "gw", "ports": ["ge9"]}]}
LINES = WAY_OUT["lines"]
OUT: dict[str, Any] = {**WAY_OUT, "lines": LINES[:1], "switches": (GATEWAY,), "wans": (End("gw", "ge9"),)}
WEEKDAYS = (14, 15, 16, 17, 18)  # of September 2026: Monday to Friday
MBIT = 10**6


def moment(day: int, hour: float) -> int:
    """A moment of September 2026 on the clock of China, microseconds since 1970."""
    return int(datetime(2026, 9, day, tzinfo=SHANGHAI).timestamp()) * MBIT + round(hour * HOUR_US)


NOW = moment(20, 12)


def watch(
    day: int,
    hour: float,
    mean: int = 300 * MBIT,
    *,
    rate: int | None = GIGABIT,
    more: Sequence[Reading] = (),
    sequence: int = 1,
    clock_us: int = 0,
    lasts_h: float = 0.1,
    failure: Failure | None = None,
) -> Evidence:
    """A run of the probe wan at that hour; `clock_us` is by how much the box's clock is wrong."""
    begin = moment(day, hour)
    scan = Scan(f"watch-{day}-{hour}", "s", (BOX,), (Task("wan", WATCHED),), begin, begin + 24 * HOUR_US, AskedBy.CLOCK)
    found = [q.WAN_MEAN_DOWN.reading(mean, AT), q.WAN_MEAN_UP.reading(1, AT), *more]
    found += [] if rate is None else [q.WAN_RATE.reading(rate, AT)]
    one = run("wan", *found, scan=scan, settings=WATCHED, sequence=sequence, failure=failure)
    end = begin + round(lasts_h * HOUR_US)
    conditions = Conditions("test", begin + clock_us, end + clock_us, 1, 2)
    report = msgspec.structs.replace(one.report, conditions=conditions)
    return Evidence(f"watch-{day}-{hour}", report, end, scan)


def days(*of: int, hours: Sequence[float] = (8, 10, 13, 15), **about: Any) -> list[Evidence]:
    """Watches on these days, four a day unless said."""
    return [watch(day, hour, **about) for day in of or WEEKDAYS for hour in hours]


def measured(stored: Sequence[Evidence], **about: Any) -> Measured:
    """What follows from these runs."""
    return busy_headroom(school(**{**OUT, **about}), stored)


def proved() -> list[Evidence]:
    """A line of a gigabit that both ends saw."""
    return both_say(asked(), OF_1000M)


def test_the_free_share() -> None:
    """What is free is one less the busy load, of what was proved at the low end and of the ports' rates at the high end."""
    low = 10**6 - -(-300 * MBIT * 10**6 // 990_799_999)
    found = measured([*days(), *proved()])

    assert ends(found)[0][1] == 700_000
    assert abs((ends(found)[0][0] or 0) - low) <= 1
    assert codes(found) == []


@pytest.mark.parametrize(
    "measurement",
    [
        pytest.param([], id="none"),
        pytest.param([agent_says(asked(), OF_1000M)], id="the agent's word"),
        pytest.param(both_say(asked(), OF_1000M, seen=ELSEWHERE), id="from elsewhere"),
        pytest.param([agent_says(asked(), OF_1000M), both_say(asked(), 1)[1]], id="a contradiction"),
    ],
)
def test_a_line_that_nobody_proved(measurement: list[Evidence]) -> None:
    """Without a measurement that both ends saw, nothing is known to be free; at most what the ports' rates leave."""
    found = measured([*days(), *measurement])

    assert (ends(found), codes(found)) == ([(0, 700_000)], [Code.LINE_NOT_PROVED])


def test_the_busy_load_is_the_95th_percentile() -> None:
    """One sample in twenty may be busier; a second one counts."""
    calm = days()
    for busier, high in ((1, 700_000), (2, 100_000)):
        rest = calm[busier:]
        stored = [*rest, *(watch(14, 8.5 + at, 900 * MBIT) for at in range(busier))]
        assert ends(measured(stored))[0][1] == high


def test_ports_without_a_rate() -> None:
    """Where the ports tell no rate the high end is everything."""
    assert ends(measured(days(rate=None)))[0] == (0, 10**6)


def test_more_than_the_ports_carry() -> None:
    """A busy load above the rate leaves nothing, and a proved rate above the ports' does not turn the interval over."""
    assert ends(measured(days(mean=2 * GIGABIT)))[0] == (0, 0)
    assert ends(measured([*days(rate=400 * MBIT), *proved()]))[0] == (250_000, 250_000)
    assert ends(measured(days(mean=1, rate=0)))[0] == (0, 0)


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param([], id="none"),
        pytest.param(days()[1:], id="nineteen"),
        pytest.param(days(14, 15, 16, 17, hours=(8, 9, 10, 11, 12)), id="four days"),
        pytest.param(days(hours=(7, 7.5, 18, 20)), id="outside the hours"),
        pytest.param(days(hours=(16.95, 8, 9, 10)), id="beyond the hours"),
        pytest.param(days(12, 13, 14, 15, 16), id="a weekend"),
        pytest.param(days(clock_us=HOUR_US), id="a clock that is ahead"),
        pytest.param(days(clock_us=-HOUR_US), id="a clock that is behind"),
    ],
)
def test_too_few(stored: list[Evidence]) -> None:
    """Fewer than twenty samples on five days with lessons, between 08:00 and 17:00 by clock, order and receipt, show nothing."""
    found = measured(stored)

    assert (ends(found), codes(found)) == ([], [Code.TOO_FEW])


@pytest.mark.parametrize(("kind", "enough"), [("holiday", False), ("exam", True), ("school", True)])
def test_days_without_lessons(kind: str, enough: bool) -> None:
    """A holiday is no day with lessons; a Sunday on which they are made up is one."""
    row = Day("2026-09-14", "2026-09-14", kind) if kind != "school" else Day("2026-09-13", "2026-09-13", kind)
    stored = days() if kind != "school" else days(13, *WEEKDAYS[1:])

    assert bool(ends(measured(stored, days=(row,)))) is enough


def test_every_port_counts() -> None:
    """The load is that of all ports to the outside together; a run that did not read one of them is no sample."""
    both = {"wans": (End("gw", "ge9"), End("gw", "ge8"))}
    second = [q.WAN_MEAN_DOWN.reading(100 * MBIT, AT_8), q.WAN_RATE.reading(GIGABIT, AT_8)]

    assert codes(measured(days(), **both)) == [Code.TOO_FEW]
    assert ends(measured(days(more=second), **both))[0][1] == 800_000


def test_no_port_is_declared() -> None:
    """Where the list names no port to the outside nothing is known."""
    assert codes(measured(days(), wans=())) == [Code.NO_WAN]


def verdict(stored: Sequence[Evidence], **about: Any) -> PartVerdict:
    """What is said of a part that asks for half the line."""
    asks = part(either=(q.EGRESS_BUSY_HEADROOM,), at_least=500_000, over=Over.EVERY, within_days=30)
    one: School = school([one for one in stored if one.report.probe != SERVER], **{**OUT, **about})
    return judge(clause(asks), one, numbered(stored), NOW).parts[0]


def numbered(stored: Sequence[Evidence]) -> list[Evidence]:
    """The same with the agent's reports numbered through."""
    found, sequence = [], 0
    for one in stored:
        sequence += one.report.probe != SERVER
        place = {"sequence": sequence, "previous": "" if sequence == 1 else "before"}
        report = one.report if one.report.probe == SERVER else msgspec.structs.replace(one.report, **place)
        found.append(Evidence(one.id, report, one.received_unix_us, one.scan))
    return found


def test_several_lines() -> None:
    """Where several lines lead out, what one of them was proved to carry is no room on the others: nothing is known to be free."""
    found = measured([*days(mean=195 * MBIT), *both_say(asked("order"), OF_1000M)], lines=LINES)

    assert (len(LINES) > 1, found.readings[0].low, codes(found)) == (True, 0, [Code.LINE_NOT_PROVED])


def test_judged() -> None:
    """A bureau's share is met by what is free of a proved line, not shown by the ports alone, and not met by a line that is full."""
    old = asked(days_ago=2)
    good = [*days(), *both_say(old, OF_1000M)]

    assert (verdict(good).status, verdict(days()).status) == (Status.MET, Status.NOT_SHOWN)
    assert verdict(days(mean=800 * MBIT)).status is Status.NOT_MET
    assert verdict([]).reasons[0].code is Code.NO_EVIDENCE


def test_a_watch_that_failed() -> None:
    """A watch that failed is a sample less and no more; where nothing else was read, why is said."""
    failed = watch(18, 16, failure=Failure.TIMED_OUT)
    good = [*days(), *both_say(asked(days_ago=2), OF_1000M)]
    nothing = msgspec.structs.replace(failed.report, readings=())

    assert verdict([*good, failed]).status is Status.MET
    found = verdict([Evidence("none", nothing, failed.received_unix_us, failed.scan)])
    assert [one.code for one in found.reasons] == [Code.FAILED, Code.TOO_FEW]


def test_the_largest_minute() -> None:
    """The largest minute of any port is told, where a run told one."""
    peaks = days(14, more=[q.WAN_PEAK_DOWN.reading(700 * MBIT, AT), q.WAN_PEAK_UP.reading(1, AT)])
    about = school(**OUT)

    assert [one.about for one in carried(about, "down", peaks)] == [{"value": 700 * MBIT}]
    assert carried(about, "down", days()) == ()


@pytest.mark.parametrize(("at_least", "notes"), [(GIGABIT, [Code.CARRIED]), (100 * MBIT, [])])
def test_beside_a_measurement(at_least: int, notes: list[Code]) -> None:
    """What a port was seen to carry stands beside a bandwidth that is not met, and not beside one that is."""
    stored = [*both_say(asked(days_ago=2), 500 * MBIT), watch(14, 9, more=[q.WAN_PEAK_DOWN.reading(700 * MBIT, AT)])]
    one = school([one for one in stored if one.report.probe != SERVER], **OUT)
    (found,) = judge(clause(bandwidth(at_least)), one, numbered(stored), NOW).parts

    assert [note.code for note in found.notes if note.code is Code.CARRIED] == notes
