"""Is a school's list read as people's programs save it, and is every wrong row named?"""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.frameworks import Setting as Known
from collector.importing import COLUMNS, ListWrong, imported
from collector.known_settings import SCHOOL_HOURS
from collector.school import Day, End, Line, Link, Other, Place, School, Service, Setting, Site, Switch
from evidence.model import Unit

HEAD = ",".join(COLUMNS)
KNOWN = [
    Known(owner="bureau", key="larger", asks="大", asks_en="larger", choices=("yes", "no")),
    Known(owner="bureau", key="classroom_speed", asks="速", asks_en="speed", unit=Unit.BIT_S),
    SCHOOL_HOURS,
    Known(owner="school", key="boarding", asks="住", asks_en="boarding", choices=("yes", "no")),
]
BEFORE = School("s", "一中", services=(Service("old.edu", 443),))
WHOLE = [
    "# a remark,,,,,,,",
    "bureau,larger,yes,,,,2026-09-01,decided by the bureau",
    "attribute,boarding,no,,,,2026-09-01,",
    "place,main/教学楼/301,,,teaching,yes,,",
    "place,main/b2/1,,,office,,,",
    ",,,,,,,",
    "switch,core,10.20.0.1,main/b2/1,core,,,",
    "switch,acc-1,[fd00::1]:1161,main/教学楼/301,access,,,",
    "link,core ge2,acc-1 GigabitEthernet0/0/1,,,,,",
    "wan,core ge24,,,,,,",
    "approve,acc-7,,,,,,",
    "other,esxi-1,,,,,,a hypervisor",
    'metro,portal,portal.edu:443,,inside,,,"with, commas"',
    "metro,mail,[fd00::2]:25,,,,,",
    "line,telecom,203.0.113.0/28 2001:DB8:1::/48,district ring,internet,,,",
    "line,edu,10.1.2.3,,metro,,,",
    "day,2026/6/7,2026-06-09,,exam,,,",
    "day,2026-10-10,,,school,,,",
    "router,core,0025-9E00-0001,,,,,",
    "router,its address,FE80:0::1,,,,,",
    "site,WWW.School.example,,,,,,",
    "site,moodle.school.example,8443,,,,,",
]
FOUND = School(
    "s",
    "一中",
    attributes={"boarding": Setting("no", "2026-09-01")},
    bureau={"larger": Setting("yes", "2026-09-01")},
    places=(Place("main/教学楼/301", "teaching", True), Place("main/b2/1", "office")),
    switches=(
        Switch("core", "10.20.0.1", 161, "main/b2/1", True),
        Switch("acc-1", "fd00::1", 1161, "main/教学楼/301"),
    ),
    links=(Link(End("core", "ge2"), End("acc-1", "GigabitEthernet0/0/1")),),
    wans=(End("core", "ge24"),),
    approved=("acc-7",),
    others=(Other("esxi-1", "a hypervisor"),),
    services=(Service("portal.edu", 443, True), Service("fd00::2", 25)),
    lines=(
        Line("telecom", ("203.0.113.0/28", "2001:db8:1::/48"), "internet", "district ring"),
        Line("edu", ("10.1.2.3/32",), "metro"),
    ),
    days=(Day("2026-06-07", "2026-06-09", "exam"), Day("2026-10-10", "2026-10-10", "school")),
    routers=("00:25:9e:00:00:01", "fe80::1"),
    sites=(Site("www.school.example"), Site("moodle.school.example", 8443)),
)


def read(tmp_path: Path, *rows: str, head: str = HEAD) -> School:
    """The school with a list of these rows."""
    path = tmp_path / "list.csv"
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return imported(BEFORE, path, KNOWN)


@pytest.mark.parametrize("written", ["2026-09-01", "2026/9/1", "2026.9.1"])
def test_days_as_office_programs_write_them(tmp_path: Path, written: str) -> None:
    """A day is kept in one spelling, however a spreadsheet wrote it."""
    assert read(tmp_path, f"bureau,larger,yes,,,,{written},").bureau["larger"].since == "2026-09-01"


def wrong(tmp_path: Path, *rows: str, head: str = HEAD) -> list[str]:
    """What is said of a list that is wrong."""
    with pytest.raises(ListWrong) as caught:
        read(tmp_path, *rows, head=head)
    return str(caught.value).splitlines()


# --- As it is saved ---------------------------------------------------------------------------------------------------

TEXT = "\n".join([HEAD, *WHOLE]) + "\n"
SAVED = {
    "utf-8": TEXT.encode(),
    "utf-8 with its mark": TEXT.encode("utf-8-sig"),
    "gb18030": TEXT.encode("gb18030"),
    "line ends of windows": TEXT.replace("\n", "\r\n").encode(),
    "everything in quotes": "\n".join(
        ",".join(f'"{cell}"' for cell in row.replace('"with, commas"', "with; commas").split(","))
        for row in TEXT.splitlines()
    ).encode(),
    "without a last line end": TEXT.rstrip("\n").encode(),
    "a space after each name of the first line": TEXT.replace(HEAD, HEAD.replace(",", ", ")).encode(),
}


@pytest.mark.parametrize("saved", SAVED)
def test_saved(tmp_path: Path, saved: str) -> None:
    """A list is read as UTF-8 with or without its mark, GB18030, with any line end and with quotes."""
    path = tmp_path / "list.csv"
    path.write_bytes(SAVED[saved])

    assert imported(BEFORE, path, KNOWN) == FOUND


@pytest.mark.parametrize(
    ("row", "switch"),
    [
        ("switch,s,10.0.0.1,,,,,", Switch("s", "10.0.0.1")),
        ("switch,s,10.0.0.1:1161,,,,,", Switch("s", "10.0.0.1", 1161)),
        ("switch,s,sw.example,,,,,", Switch("s", "sw.example")),
        ("switch,s,fd00::1,,,,,", Switch("s", "fd00::1")),
        ("switch,s,[fd00::1]:1161,,,,,", Switch("s", "fd00::1", 1161)),
        ("switch,s, 10.0.0.1 ,,,,,", Switch("s", "10.0.0.1")),
        ("switch,s,10.0.0.1", Switch("s", "10.0.0.1")),
    ],
)
def test_addresses(tmp_path: Path, row: str, switch: Switch) -> None:
    """An address is a host, with a port if it is not the usual one; IPv6 stands in brackets before a port."""
    assert read(tmp_path, row).switches == (switch,)


@pytest.mark.parametrize(
    ("main", "is_main"),
    [("yes", True), ("是", True), ("1", True), ("Y", True), ("no", False), ("否", False), ("", False)],
)
def test_yes_and_no(tmp_path: Path, main: str, is_main: bool) -> None:
    """Yes and no in both languages."""
    assert read(tmp_path, f"place,a/b,,,office,{main},,").places == (Place("a/b", "office", is_main),)


@pytest.mark.parametrize(
    ("head", "row"), [("what,name,kind", "place,a/b,office"), ("what,name,main,kind,value", "place,a/b,,office,")]
)
def test_fewer_columns(tmp_path: Path, head: str, row: str) -> None:
    """Columns that a list does not need may be left out, and the rest may stand in any order."""
    assert read(tmp_path, row, head=head).places == (Place("a/b", "office"),)


def test_the_list_replaces_the_old_one(tmp_path: Path) -> None:
    """A list is the whole list: what it leaves out is gone."""
    assert read(tmp_path).places == ()


# --- What is wrong ----------------------------------------------------------------------------------------------------

ROWS = [
    pytest.param("room,a,,,,,,", "column what: 'room': expected one of attribute, bureau, place,", id="what"),
    pytest.param("place,,,,office,,,", "column name: empty; a name is expected", id="no name"),
    pytest.param("bureau,larger,,,,,2026-09-01,", "column value: empty; leave the row out", id="no value"),
    pytest.param("bureau,larger,yes,,,,,", "column since: '': a day such as 2026-09-01", id="no day"),
    pytest.param("bureau,larger,yes,,,,1/9/2026,", "column since: '1/9/2026': a day such as", id="another day"),
    pytest.param("bureau,larger,yes,,,,2026-02-30,", "column since: '2026-02-30'", id="a day that is none"),
    pytest.param("place,a/b,,,classroom,,,", "column kind: 'classroom': expected one of teaching,", id="kind of place"),
    pytest.param("place,a/b,,,office,maybe,,", "column main: 'maybe': expected yes or no", id="main"),
    pytest.param("switch,s,10.0.0.1,,edge,,,", "column kind: 'edge': expected core, access", id="kind of switch"),
    pytest.param("switch,a b,10.0.0.1,,,,,", "column name: 'a b': at most 64 characters", id="a space in a name"),
    pytest.param("switch,s,,,,,,", "column value: '': expected HOST or HOST:PORT", id="no address"),
    pytest.param("switch,s,10.0.0.1:snmp,,,,,", "column value: '10.0.0.1:snmp': expected HOST or", id="a named port"),
    pytest.param("switch,s,10.0.0.1:65536,,,,,", "column value: '10.0.0.1:65536'", id="a port too high"),
    pytest.param("switch,s,10.0.0.1:0,,,,,", "column value: '10.0.0.1:0'", id="port 0"),
    pytest.param("switch,s,10.0.0.1:²,,,,,", "column value: '10.0.0.1:²'", id="a digit that is none"),
    pytest.param("switch,s,[fd00::1],,,,,", "column value: '[fd00::1]'", id="brackets without a port"),
    pytest.param("switch,s,:161,,,,,", "column value: ':161'", id="no host"),
    pytest.param("switch,s,[]:161,,,,,", "column value: '[]:161'", id="empty brackets"),
    pytest.param("link,core,acc ge1,,,,,", "column name: 'core': expected SWITCH PORT", id="no port at one end"),
    pytest.param("link,core ge1,acc,,,,,", "column value: 'acc': expected SWITCH PORT", id="no port at the other"),
    pytest.param("link,core ge1,core ge2,,,,,", "column value: 'core ge2': both ends are on the same", id="a loop"),
    pytest.param("wan,core,,,,,,", "column name: 'core': expected SWITCH PORT", id="no port to the outside"),
    pytest.param(f"other,{'x' * 256},,,,,,", "column name: more than 255 characters", id="a long sysName"),
    pytest.param("metro,m,portal.edu,,,,,", "column value: 'portal.edu': expected HOST:PORT", id="a service's port"),
    pytest.param("metro,m,fd00::1,,,,,", "column value: 'fd00::1': expected HOST:PORT", id="a service's IPv6 port"),
    pytest.param("metro,m,portal.edu:0,,,,,", "column value: 'portal.edu:0': expected", id="a service at port 0"),
    pytest.param("metro,m,portal.edu:443,,outside,,,", "column kind: 'outside': expected inside", id="kind of service"),
    pytest.param(
        "line,l,,,internet,,,", "column value: '': expected one or more prefixes", id="a line without a prefix"
    ),
    pytest.param("line,l,a.example,,internet,,,", "column value: 'a.example': expected a prefix such as", id="a name"),
    pytest.param("line,l,203.0.113.1/28,,internet,,,", "column value: '203.0.113.1/28': expected", id="host bits"),
    pytest.param(
        "line,l,0.0.0.0/0,,internet,,,", "column value: '0.0.0.0/0': wider than /8; expected", id="all of IPv4"
    ),
    pytest.param("line,l,2000::/3,,internet,,,", "column value: '2000::/3': wider than /16", id="all of IPv6"),
    pytest.param(
        "line,l,10.0.0.0/24 10.0.0.7,,metro,,,", "column value: 10.0.0.7/32 overlaps 10.0.0.0/24", id="overlap"
    ),
    pytest.param(
        "line,l,10.0.0.0/24,,wan,,,", "column kind: 'wan': expected one of internet, metro", id="kind of line"
    ),
    pytest.param("day,tomorrow,,,exam,,,", "column name: 'tomorrow': a day such as 2026-09-01", id="no such day"),
    pytest.param("day,2026-06-07,June,,exam,,,", "column value: 'June': a day such as", id="no such last day"),
    pytest.param("day,2026-06-07,2026-06-06,,exam,,,", "column value: '2026-06-06': before 2026-06-07", id="backwards"),
    pytest.param("day,2026-06-07,,,party,,,", "column kind: 'party': expected one of exam, holiday", id="kind of day"),
    pytest.param("router,r,,,,,,", "column value: '': expected a hardware address such as", id="no router"),
    pytest.param("router,r,00:25:9e:00:00,,,,,", "column value: '00:25:9e:00:00': expected", id="five octets"),
    pytest.param("router,r,10.20.0.1,,,,,", "column value: '10.20.0.1': expected", id="a router's IPv4"),
    pytest.param("router,r,169.254.0.1,,,,,", "column value: '169.254.0.1': expected", id="a link-local IPv4"),
    pytest.param("router,r,2001:db8::1,,,,,", "column value: '2001:db8::1': expected", id="a global address"),
    pytest.param("router,r,::1,,,,,", "column value: '::1': expected", id="loopback"),
    pytest.param("site,203.0.113.7,,,,,,", "column name: '203.0.113.7': expected a name such as", id="an IPv4 site"),
    pytest.param("site,[2001:db8::1],,,,,,", "column name: '[2001:db8::1]': expected", id="an IPv6 site"),
    pytest.param("site,localhost,,,,,,", "column name: 'localhost': expected a name such as", id="no dot"),
    pytest.param("site,https://www.a.example/,,,,,,", "column name: 'https://www.a.example/': expected", id="a URL"),
    pytest.param("site,www.a.example,0,,,,,", "column value: '0': expected a port from 1 to 65535", id="site port 0"),
    pytest.param("site,www.a.example,65536,,,,,", "column value: '65536': expected a port", id="site port too high"),
    pytest.param("site,www.a.example,https,,,,,", "column value: 'https': expected a port", id="site port by name"),
    pytest.param("site,www.a.example,²,,,,,", "column value: '²': expected a port", id="site port no digit"),
]


@pytest.mark.parametrize(("row", "words"), ROWS)
def test_wrong_row(tmp_path: Path, row: str, words: str) -> None:
    """A wrong row is named with its line and column, what came and what was expected."""
    (problem,) = wrong(tmp_path, "# a remark,,,,,,,", row)

    assert problem.startswith(f"list.csv, line 3, {words}")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("bureau,larger,yes,,,,2026-09-01,", "name: 'larger'"),
        ("attribute,boarding,no,,,,2026-09-01,", "name: 'boarding'"),
        ("place,main/b9,,,office,,,", "name: 'main/b9'"),
        ("switch,acc-9,10.0.0.9,,,,,", "name: 'acc-9'"),
        ("approve,acc-9,,,,,,", "name: 'acc-9'"),
        ("other,esxi,,,,,,", "name: 'esxi'"),
        ("line,telecom,203.0.113.0/28,,internet,,,", "name: 'telecom'"),
        ("day,2026-06-07,,,exam,,,", "name: '2026-06-07'"),
        ("router,r,fe80::1,,,,,", "value: fe80::1"),
        ("site,www.a.example,,,,,,", "name: 'www.a.example'"),
    ],
)
def test_twice(tmp_path: Path, row: str, column: str) -> None:
    """A name stands in the list once."""
    assert wrong(tmp_path, row, row) == [f"list.csv, line 3, column {column} stands in the list twice"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("switch,a,10.0.0.1,,,,,", "switch,b,10.0.0.1:161,,,,,"),
        ("metro,a,portal.edu:443,,,,,", "metro,b,portal.edu:443,,inside,,,"),
        ("router,a,00:25:9E:00:00:01,,,,,", "router,b,0025.9e00.0001,,,,,"),
    ],
)
def test_an_address_twice(tmp_path: Path, one: str, other: str) -> None:
    """An address stands in the list once: a probe refuses to ask it twice."""
    (problem,) = wrong(tmp_path, one, other)

    assert "line 3, column value: " in problem
    assert problem.endswith("stands in the list twice")


def test_lines_with_one_address(tmp_path: Path) -> None:
    """Two lines to one network have no address in common, else nobody could tell by an address which was measured."""
    found = wrong(tmp_path, "line,a,203.0.113.0/28,,internet,,,", "line,b,203.0.113.7,,internet,,,")

    assert found == [
        "list.csv, line 3, column value: '203.0.113.7': overlaps line 'a': nobody could tell one from the other"
    ]


def test_an_address_in_two_networks(tmp_path: Path) -> None:
    """A line to the internet and one to the education network may show the same address."""
    found = read(tmp_path, "line,a,10.0.0.0/24,,internet,,,", "line,b,10.0.0.0/24,,metro,,,")

    assert [line.kind for line in found.lines] == ["internet", "metro"]


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("203.0.113.15", True),
        ("203.0.113.16", False),
        ("2001:db8:1:2::3", True),
        ("2001:db8:2::", False),
        ("nobody", False),
    ],
)
def test_an_address_of_a_line(address: str, inside: bool) -> None:
    """An address belongs to a line by its prefixes, of either family; what is no address belongs to none."""
    assert FOUND.lines[0].has(address) is inside


@pytest.mark.parametrize("row", ["link,core ge9,acc ge1,,,,,", "link,acc ge1,core ge9,,,,,", "wan,core ge9,,,,,,"])
def test_a_port_twice(tmp_path: Path, row: str) -> None:
    """A port is an end of one link or leads out of the school, and the line of the other word is told."""
    switches = ("switch,core,10.0.0.1,,,,,", "switch,acc,10.0.0.2,,,,,")
    found = wrong(tmp_path, *switches, "wan,core ge9,,,,,,", row)

    assert found == ["list.csv, line 5, column name: core ge9 stands in the list twice (line 4)"]


def test_too_many_ports_to_the_outside(tmp_path: Path) -> None:
    """Of one switch at most eight ports can be asked as ports to the outside."""
    rows = ("switch,core,10.0.0.1,,,,,", *(f"wan,core ge{number},,,,,," for number in range(9)))

    assert wrong(tmp_path, *rows) == ["list.csv, line 11, column name: core has more than 8 ports to the outside"]


def test_too_many_switches(tmp_path: Path) -> None:
    """What one order cannot hold is no list."""
    found = wrong(tmp_path, *(f"switch,s{number},10.0.{number}.1,,,,," for number in range(201)))

    assert found == ["list.csv: at most 200 switches, 50 services and 200 neighbours can be asked"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [f"router,r,fe80::{number:x},,,,," for number in range(1, 18)],
            "line 18, column what: more than 16 rows router",
        ),
        ([f"site,s{number}.a.example,,,,,," for number in range(17)], "line 18, column what: more than 16 rows site"),
    ],
)
def test_too_many_for_one_order(tmp_path: Path, rows: list[str], words: str) -> None:
    """No more routers and sites than an order can hold: the probe would refuse it whole."""
    assert wrong(tmp_path, *rows) == [f"list.csv, {words}"]


def test_every_wrong_row(tmp_path: Path) -> None:
    """All wrong rows are named at once, in the order of the file."""
    found = wrong(tmp_path, "room,a,,,,,,", *WHOLE, "place,x,,,office,maybe,,", "bureau,larger,no,,,,2026-09-02,")

    assert [problem.split(", ")[1] for problem in found] == ["line 2", "line 25", "line 26"]


def test_the_line_of_a_row_with_line_ends(tmp_path: Path) -> None:
    """A note over several lines does not shift the line numbers after it."""
    (problem,) = wrong(tmp_path, 'place,a,,,office,,,"two\nlines"', "room,a,,,,,,")

    assert problem.startswith("list.csv, line 4, column what")


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (["link,core ge1,acc-9 up,,,,,", "switch,core,10.0.0.1,,,,,"], "link: no switch 'acc-9' in the list"),
        (["wan,core ge1,,,,,,"], "wan: no switch 'core' in the list"),
        (["other,core,,,,,,", "switch,core,10.0.0.1,,,,,"], "other: 'core' is a switch of the list"),
        (["switch,core,10.0.0.1,main/b9,,,,"], "switch core: no place 'main/b9' in the list"),
        (
            ["bureau,smaller,yes,,,,2026-09-01,"],
            "bureau smaller: expected one of classroom_speed, larger, school_hours",
        ),
        (["bureau,school_hours,daytime,,,,2026-09-01,"], "bureau school_hours: 'daytime': expected hours such as"),
        (["attribute,larger,yes,,,,2026-09-01,"], "attribute larger: expected one of boarding"),
        (["bureau,larger,maybe,,,,2026-09-01,"], "bureau larger: 'maybe': expected one of yes, no"),
        (["bureau,classroom_speed,fast,,,,2026-09-01,"], "bureau classroom_speed: 'fast': expected a rate such as"),
    ],
)
def test_unjoined(tmp_path: Path, rows: list[str], problem: str) -> None:
    """What speaks of something that is not there, and a setting that no policy asks for, are refused by name."""
    (found,) = wrong(tmp_path, *rows)

    assert found.startswith(f"list.csv, line 2, {problem}")


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        pytest.param("", [], id="an empty file"),
        pytest.param("name,what", [], id="in another order"),
        pytest.param("what;name;value", [], id="semicolons"),
        pytest.param(f"{HEAD},colour", [], id="a column of one's own"),
        pytest.param("what,name,value,value", [], id="a column twice"),
    ],
)
def test_wrong_columns(tmp_path: Path, head: str, rows: list[str]) -> None:
    """The first line names the columns, and no others."""
    (problem,) = wrong(tmp_path, *rows, head=head)

    assert problem.startswith(f"list.csv, line 1: expected the columns {HEAD}; got ")


def test_too_many_cells(tmp_path: Path) -> None:
    """A row with more cells than the first line names has lost a quote somewhere."""
    assert wrong(tmp_path, "place,a,,,office,,,,,") == ["list.csv, line 2: more columns than the first line names"]
