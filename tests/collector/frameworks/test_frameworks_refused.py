"""Is each mistake in a policy file told with its file, its place, what came and what was expected?"""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.frameworks import FrameworkWrong, load

GOOD = Path(__file__).with_name("good.toml").read_text()
METRO = 'id = "metro"'  # the first part: each place below `indicators[0].parts[0]` is mended in here
PERSON = 'id = "person"'
SUPPORT = 'id = "support"'
STATE = 'id = "state"'
PLACES = 'id = "places"'
PART = "indicators[0].parts[0]"

# case: (what stands there, what somebody typed instead, the place named, what came, words of what was expected)
REFUSED = {
    "unknown key": (METRO, METRO + '\nat_lest = "1 Gbit/s"', f"{PART}.at_lest", "'1 Gbit/s'", "no key of this name"),
    "unknown key of the file": ('title = "例"', 'title = "例"\nyear = 2022', "year", "2022", "no key of this name"),
    "missing clause": ('clause = "第 1 款"', "", "indicators[0].clause", "nothing", "this key"),
    "misspelt clause": ('clause = "第 1 款"', 'claus = "第 1 款"', "indicators[0].claus", "'第 1 款'", "misspelt"),
    "empty clause": ('clause = "第 1 款"', 'clause = ""', "indicators[0].clause", "nothing", "at least 1 character"),
    "number for words": ('number = ""', "number = 1", "number", "1", "a valid string"),
    "no date": ('dated = "2022-01-31"', 'dated = "31.1.2022"', "dated", "'31.1.2022'", "pattern"),
    "unknown quantity": ('"egress.metro.down_ip"', '"egress.lan"', f"{PART}.either", "'egress.lan'", "a quantity of"),
    "unknown single quantity": ('"logs.behaviour"', '"logs.all"', "indicators[0].parts[3].quantity", "'logs.all'", "of"),
    "quantities of two units": ('"egress.metro.down_ip"', '"metro.reached"', f"{PART}.either", "[", "of one unit"),
    "quantity and either": (METRO, METRO + '\nquantity = "desk.speed"', f"{PART}.quantity", "'desk", "exactly one of"),
    "no quantity": ('quantity = "logs.behaviour"', "", "indicators[0].parts[3].quantity", "nothing", "exactly one of"),
    "two bounds": (METRO, METRO + '\nat_most = "2 Gbit/s"', f"{PART}.at_least", "'1 Gbit/s'", "exactly one of at_least"),
    "no bound": ('at_least = "1 Gbit/s"\n', "", f"{PART}.at_least", "nothing", "exactly one of at_least"),
    "by a person with a number": (PERSON, PERSON + '\nat_least = "1 %"', "indicators[0].parts[1].at_least", "'1 %'", "person"),
    "by a person with a quantity": (PERSON, PERSON + '\nquantity = "desk.speed"', "indicators[0].parts[1].quantity", "'d", "person"),
    "by a person in one language": (
        'by_a_person_en = "Seen"', "", "indicators[0].parts[1].by_a_person_en", "nothing", "both languages"
    ),
    "bound of another unit": ('"1 Gbit/s"', '"1 month"', f"{PART}.at_least", "'1 month'", 'a rate such as "1 Gbit/s"'),
    "number for states": ('equals = "yes"', 'at_least = "1"', "indicators[0].parts[3].at_least", "'1'", "no number"),
    "state for a number": ('at_least = "1 Gbit/s"\ntolerance = "5 %"', 'equals = "yes"', f"{PART}.equals", "'yes'", "at_least or at_most"),
    "unknown state": ('equals = "yes"', 'equals = "oui"', "indicators[0].parts[3].equals", "'oui'", "one of yes, no"),
    "places without kinds": ('kinds = ["teaching"]', "", "indicators[0].parts[4].kinds", "nothing", "kinds of place"),
    "kinds without places": (METRO, METRO + '\nkinds = ["office"]', f"{PART}.kinds", "['office']", 'over = "places"'),
    "unknown kind": ('["teaching"]', '["classroom"]', "indicators[0].parts[4].kinds", "'classroom'", "machine_room"),
    "all among others": ('["teaching"]', '["all", "office"]', "indicators[0].parts[4].kinds", "'all'", "all, alone"),
    "main without places": (METRO, METRO + "\nmain = true", f"{PART}.main", "True", "over"),
    "main without the setting": (
        'needs = ["bureau.main_places"]', "", "indicators[0].parts[4].needs", "nothing", '"bureau.main_places"'
    ),
    "share without places": (METRO, METRO + '\nshare_at_least = "9 %"', f"{PART}.share_at_least", "'9 %'", "over"),
    "share that is none": ('"90 %"', '"90"', "indicators[0].parts[4].share_at_least", "'90'", "a share from"),
    "need of a school's setting": (
        '["bureau.main_places"]', '["bureau.main_places", "school.kind"]', "indicators[0].parts[4].needs", "'school.kind'", "bureau"
    ),
    "need of an unknown setting": (METRO, METRO + '\nneeds = ["bureau.x"]', f"{PART}.needs", "'bureau.x'", "[[settings]]"),
    "unknown demand": ('demand = "points"', 'demand = "may"', "indicators[0].demand", "'may'", "'must', 'optional' or"),
    "points without figure": ("points = 2", "", "indicators[0].points", "nothing", "together with"),
    "figure without points": ('demand = "points"', 'demand = "must"', "indicators[0].points", "2", "together with"),
    "free but demanded": ("points = 2", "points = 2\nfree = true", "indicators[0].free", "True", '"optional"'),
    "unknown level": ('levels = ["one"]', 'levels = ["three"]', "indicators[0].levels", "'three'", "['one', 'two']"),
    "elsewhere without levels": ('levels = ["one"]', "", "indicators[0].elsewhere", "'optional'", "levels beside it"),
    "same elsewhere": (
        'demand = "points"\npoints = 2', 'demand = "optional"', "indicators[0].elsewhere", "'optional'", "another demand"
    ),
    "indicator twice": ('id = "2"', 'id = "1"', "indicators[1]", "'1'", "not used twice"),
    "part twice": (STATE, SUPPORT, "indicators[0].parts[3]", "'support'", "not used twice"),
    "level twice": ('id = "two"', 'id = "one"', "levels[1]", "'one'", "not used twice"),
    "setting twice": ('name = "bureau.rate"', 'name = "bureau.larger"', "settings[2]", "'bureau.larger'", "not used twice"),
    "setting of nobody": ('name = "bureau.rate"', 'name = "city.rate"', "settings[2].name", "'city.rate'", "pattern"),
    "setting without choices": ('unit = "bit/s"', "", "settings[2].choices", "nothing", "exactly one of choices, unit"),
    "setting in a unit unknown": ('unit = "bit/s"', 'unit = "bps"', "settings[2].unit", "'bps'", "'bit/s'"),
    "default that is no choice": ('default = "line"', 'default = "wire"', "settings[3].default", "'wire'", "the choices"),
    "no parts that decide": (
        'id = "only"', 'id = "only"\nencouraged = true', "indicators[1].parts", "[only]", "one part that decides"
    ),
    "no grade": ('grade = "A3"', "", f"{PART}.grade", "nothing", "a grade from A0 to A4"),
    "bad grade": ('grade = "A3"', 'grade = "A5"', f"{PART}.grade", "'A5'", "'A4'"),
    "no over": ('over = "any"', "", f"{PART}.over", "nothing", "any, every or places"),
    "unknown over": ('over = "any"', 'over = "best"', f"{PART}.over", "'best'", "'places'"),
    "no days": ("within_days = 30", "", f"{PART}.within_days", "nothing", "a number of days"),
    "no day at all": ("within_days = 30", "within_days = 0", f"{PART}.within_days", "0", "greater than or equal to 1"),
    "tolerance on a state": (STATE, STATE + '\ntolerance = "5 %"', "indicators[0].parts[3].tolerance", "'5 %'", "nothing"),
    "tolerance that swallows the bound": ('"5 %"', '"50 %"', f"{PART}.tolerance", "'50 %'", 'a share up to "10 %"'),
    "support with a bound": (SUPPORT, SUPPORT + '\nat_least = "1 %"', "indicators[0].parts[2].support", "True", "no bound"),
    "support with a grade": (SUPPORT, SUPPORT + '\ngrade = "A1"', "indicators[0].parts[2].support", "True", "no grade"),
    "support and encouraged": (SUPPORT, SUPPORT + "\nencouraged = true", "indicators[0].parts[2].support", "True", "one of"),
    "contradiction of no support": (
        METRO, METRO + '\ncontradicts_below = "1 Gbit/s"', f"{PART}.contradicts_below", "'1 Gbit/s'", "support = true"
    ),
    "any of, on support": (SUPPORT, SUPPORT + '\nany_of = "x"', "indicators[0].parts[2].any_of", "'x'", "changes a verdict"),
    "any of one": (METRO, METRO + '\nany_of = "alone"', f"{PART}.any_of", "'alone'", "a second part"),
    "machine without words": ('asks = "带宽"', "", f"{PART}.asks", "nothing", "words, or by_a_person"),
    "machine in one language": ('asks_en = "Rate"', "", f"{PART}.asks_en", "nothing", "words in both languages"),
    "condition unknown": ('"bureau.larger"\neither', '"bureau.big"\neither', f"{PART}.when", "'bureau.big'", "a setting in"),
    "condition of no choice": (
        '"bureau.larger"\neither', '"bureau.larger = maybe"\neither', f"{PART}.when", "'bureau.larger = maybe'", "choices"
    ),
    "bound from an unknown setting": ('"1 Gbit/s"', '"bureau.none"', f"{PART}.at_least", "'bureau.none'", "with unit 'bit/s'"),
    "bound from a choice": ('"1 Gbit/s"', '"bureau.larger"', f"{PART}.at_least", "'bureau.larger'", "with unit 'bit/s'"),
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the mistyped file stands."""
    return tmp_path / "example.toml"


@pytest.mark.parametrize(("right", "typed", "place", "came", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_mistyped(file: Path, right: str, typed: str, place: str, came: str, expected: str) -> None:
    """A mistake is refused on loading, in words that lead to it."""
    assert GOOD.count(right) == 1
    file.write_text(GOOD.replace(right, typed))

    with pytest.raises(FrameworkWrong) as refused:
        load(file)

    assert _holds(str(refused.value), f"example.toml: {place}: {came}", expected)


def _holds(text: str, start: str, expected: str) -> bool:
    return text.startswith(start) and expected in text.partition("; expected ")[2]


@pytest.mark.parametrize(
    ("table", "place"),
    [
        pytest.param("[[indicators]]", "indicators", id="indicators"),
        pytest.param("[[indicators.parts]]", "parts", id="parts"),
    ],
)
def test_empty(file: Path, table: str, place: str) -> None:
    """A policy without indicators and an indicator without parts are refused."""
    file.write_text(GOOD.partition(table)[0])

    with pytest.raises(FrameworkWrong, match=rf"example.toml: (indicators\[0\].)?{place}: nothing; expected this key"):
        load(file)


@pytest.mark.parametrize(
    ("text", "place"),
    [pytest.param("indicators = []", "indicators", id="indicators"), pytest.param("parts = []", "parts", id="parts")],
)
def test_empty_list(file: Path, text: str, place: str) -> None:
    """An empty list is as wrong as none."""
    head = GOOD.partition("[[levels]]" if place == "indicators" else "[[indicators.parts]]")[0]
    file.write_text(head + text)

    with pytest.raises(FrameworkWrong, match=rf"{place}: nothing; expected List should have at least 1 item"):
        load(file)


@pytest.mark.parametrize(
    "content", [pytest.param(b"id = ", id="not TOML"), pytest.param("id = '例'".encode("gb18030"), id="not UTF-8")]
)
def test_not_toml(file: Path, content: bytes) -> None:
    """A file that is no TOML in UTF-8 is refused by name."""
    file.write_bytes(content)

    with pytest.raises(FrameworkWrong, match=r"^example.toml: .*; expected TOML in UTF-8$"):
        load(file)


def test_no_file(file: Path) -> None:
    """A file that cannot be read is refused by name, with the system's reason."""
    with pytest.raises(
        FrameworkWrong, match=r"^example.toml: 'No such file or directory'; expected a file that can be read$"
    ):
        load(file)
