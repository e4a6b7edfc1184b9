"""Do the operator's words about measurement servers, exam days and the way out do what they say?"""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector import keys
from collector.secrets import hashed
from collector.store import open_store
from collector.store.rows import Refusal
from evidence.scan import Scan
from evidence.seal import key_id
from evidence.stream import Ticket, open_ticket
from tests.collector.running import Run
from tests.collector.test_importing import HEAD

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
HEX, ID = KEY.public_bytes_raw().hex(), key_id(KEY)
ADD = ("server", "add", "net-1", "Speed.Example:8766", "--path", "internet", "--operator", "CERNET", "--key", HEX)
AGENT = "ab" * 32
LIST = [
    HEAD,
    "bureau,saturating,yes,,,,2025-09-01,",
    "bureau,school_hours,07:00-21:00,,,,2025-09-01,",
    "line,telecom,203.0.113.0/28,,internet,,,",
    "line,mobile,198.51.100.7,,internet,,,",
    "day,2026-06-07,2026-06-09,,exam,,,",
]


@pytest.fixture
def school(run: Run, tmp_path: Path) -> Run:
    """A command line beside which a school with two lines and an agent, and a server, are known."""
    (tmp_path / "list.csv").write_text("\n".join(LIST) + "\n")
    run("school", "add", "wz-no2", "温州二中")
    assert run("school", "import", "wz-no2", str(tmp_path / "list.csv"), "--approve")[0] == 0
    run(*ADD)
    store = open_store(tmp_path / "state")
    store.schools.add_token(hashed("t"), "wz-no2", "", 2**60)
    store.schools.enrol(hashed("t"), "00", AGENT, "test", "secret", 1)
    store.close()
    return run


# --- server -----------------------------------------------------------------------------------------------------------


def test_add(run: Run) -> None:
    """A server is added and listed with its address, path, operator and key id."""
    line = f"net-1\tspeed.example:8766\tinternet\tCERNET\t{ID[:16]}\n"

    assert run(*ADD) == (0, line, "")
    assert run("server", "list") == (0, line, "")


def test_capacity(run: Run, tmp_path: Path) -> None:
    """How fast a server can be is written as people write it."""
    run(*ADD, "--capacity", "2.5 Gbit/s")
    store = open_store(tmp_path / "state")
    found = store.servers.get(ID)
    store.close()

    assert found is not None
    assert found.capacity_bit_s == 2_500_000_000


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({3: "speed.example"}, "'speed.example': expected HOST:PORT", id="no port"),
        pytest.param(
            {9: "00" * 32}, "--key: 32 octets of a point of prime order expected; on the server type", id="a weak key"
        ),
        pytest.param({9: "xyz"}, "--key: non-hexadecimal number", id="no key"),
        pytest.param({9: HEX[:62]}, "--key: 32 octets of a point", id="half a key"),
        pytest.param({2: " "}, "a name of 1 to 64 characters and an operator are expected", id="no name"),
        pytest.param({7: ""}, "a name of 1 to 64 characters and an operator are expected", id="no operator"),
    ],
)
def test_wrong_server(run: Run, change: dict[int, str], words: str) -> None:
    """A server that could not be used is refused in words, and not listed."""
    status, _, said = run(*(change.get(number, word) for number, word in enumerate(ADD)))

    assert (status, words in said, run("server", "list")[1]) == (2, True, "")


def test_wrong_capacity(run: Run) -> None:
    """A rate has a unit."""
    assert run(*ADD, "--capacity", "10G")[::2] == (2, "'10G': expected a rate such as \"1 Gbit/s\"\n")


def test_added_twice(run: Run) -> None:
    """A name is one server's, and a key too."""
    run(*ADD)

    assert "this name is taken" in run(*ADD)[2]
    assert "was enrolled before" in run("server", "add", "net-2", *ADD[3:])[2]


def test_the_collectors_own_key(run: Run, tmp_path: Path) -> None:
    """The collector's key seals orders and receipts; no server may be known by it."""
    run("school", "list")
    own = keys.kept(tmp_path / "state").public_key().public_bytes_raw().hex()

    assert "this is the collector's own" in run(*ADD[:-1], own)[2]


def test_revoke(run: Run) -> None:
    """A revoked server stays in the list, marked, and its name is free."""
    run(*ADD)

    assert run("server", "revoke", "net-1") == (0, f"net-1: revoked (key {ID[:16]})\n", "")
    assert run("server", "list")[1].endswith("\trevoked\n")
    assert run("server", "revoke", "net-1") == (2, "", "no server 'net-1' that is trusted; there are: none\n")


def test_refusals_are_listed(run: Run, tmp_path: Path) -> None:
    """What was refused of a server stands below it."""
    run(*ADD)
    store = open_store(tmp_path / "state")
    store.ledger.refuse(Refusal(1_790_000_000_000_000, ID, "unknown_session", "session: ..."), b"")
    store.close()

    assert run("server", "list")[1].splitlines()[1] == "  refused 2026-09-21T22:14+08:00 unknown_session: session: ..."


# --- block ------------------------------------------------------------------------------------------------------------


def test_block(run: Run) -> None:
    """Exam days of all schools are kept with their note, in order, and taken back by their first day."""
    run("block", "add", "2026/6/20", "--note", "zhongkao")
    run("block", "add", "2026-06-07", "2026-06-08")
    run("block", "add", "2026-06-07", "2026-06-09", "--note", "gaokao")

    assert run("block", "list")[1] == "2026-06-07\t2026-06-09\tgaokao\n2026-06-20\t2026-06-20\tzhongkao\n"
    assert run("block", "remove", "2026-06-07") == (0, "2026-06-07: free again\n", "")
    assert run("block", "list")[1] == "2026-06-20\t2026-06-20\tzhongkao\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "soon"), "'soon': a day such as 2026-09-01 is expected"),
        (("add", "2026-06-07", "9999-12-31"), "'9999-12-31': a day from 2000 to 2099 is expected"),
        (("add", "2026-06-09", "2026-06-07"), "2026-06-07: before 2026-06-09"),
        (("remove", "2026-06-07"), "no block begins on 2026-06-07"),
    ],
)
def test_no_block(run: Run, arguments: tuple[str, ...], words: str) -> None:
    """Days that are none, and a block that there is not, are said."""
    status, _, said = run("block", *arguments)

    assert (status, words in said) == (2, True)


# --- scan SCHOOL egress -----------------------------------------------------------------------------------------------


def given(tmp_path: Path) -> tuple[Scan, list[Ticket]]:
    """The newest order of the school, and its tickets."""
    store = open_store(tmp_path / "state")
    scan = store.orders.of_school("wz-no2")[0].scan
    store.close()
    trusted = keys.kept(tmp_path / "state").public_key()
    sealed = (scan.settings_of("egress") or {}).get("tickets", [])
    return scan, [open_ticket(one["ticket"], trusted) for one in sealed]


def test_scan(school: Run, tmp_path: Path) -> None:
    """Before an order its volume, rate, server, line and slot are told beside what a script reads, which is its id alone."""
    start = ("--start", "2026-09-21T10:00+08:00")
    status, printed, said = school("scan", "wz-no2", "egress", "--line", "telecom", "--direction", "down", *start)
    scan, (ticket,) = given(tmp_path)

    about = "about 0.4 GB, paced for 1000 Mbit/s, 1 sessions at net-1 (speed.example:8766) over line telecom"
    assert status == 0
    assert printed.splitlines() == [scan.id]
    assert said.startswith(f"egress: {about}, between 2026-")
    assert (ticket.agent, ticket.line, ticket.most_bit_s) == (AGENT, "telecom", 1_050_000_000)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--line", "mobile", "--at-least", "300 Mbit/s"], "about 0.2 GB, paced for 300 Mbit/s"),
        (
            ["--line", "mobile", "--saturate", "--direction", "up", "--start", "2099-01-03T23:00+08:00"],
            "at most 15.0 GB, as fast as",
        ),
    ],
)
def test_rates(school: Run, arguments: list[str], words: str) -> None:
    """A rate of one's own, and none."""
    status, _, said = school("scan", "wz-no2", "egress", *arguments)

    assert (status, words in said) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["egress"], "several lines that lead there; name one with --line: telecom, mobile"),
        (
            ["egress", "--line", "telecom", "--path", "metro"],
            "No measurement server in the education network is enrolled",
        ),
        (["egress", "--line", "telecom", "--second"], "There is no second measurement server beside net-1"),
        (["egress", "--line", "telecom", "--group"], "A group needs at least two agents"),
        (["egress", "--line", "telecom", "--at-least", "fast"], "'fast': expected a rate such as"),
        (
            ["egress", "--line", "telecom", "--start", "2099-06-01T10:00+08:00", "--saturate"],
            "The next free moment: 2099-06-01T21:00+08:00",
        ),
        (["desk", "--line", "telecom"], "go with the probe egress"),
        (["--saturate"], "go with the probe egress"),
        (["egress", "--line", f"telecom={AGENT}", "--line", "mobile"], "--line 'mobile': expected NAME=AGENT"),
        (["egress", "--line", "telecom=", "--line", f"mobile={AGENT}"], "--line 'telecom=': expected NAME=AGENT"),
        (["egress", "desk", "--line", "a=b", "--line", "c=d"], "several lines: give --line NAME=AGENT for each"),
        (["egress", "--line", f"telecom={AGENT}", "--line", f"mobile={AGENT}"], "An agent measures one line at a time"),
    ],
)
def test_no_scan(school: Run, tmp_path: Path, arguments: list[str], words: str) -> None:
    """What cannot be ordered is said in words, with what to do, and nothing is ordered."""
    status, printed, said = school("scan", "wz-no2", *arguments)
    store = open_store(tmp_path / "state")
    orders = store.orders.of_school("wz-no2")
    store.close()

    assert (status, printed, words in said, len(orders)) == (2, "", True, 0)


def test_several_lines(school: Run, tmp_path: Path) -> None:
    """Several lines at the same time are an order each, whose id is printed and whose volume is told beside."""
    other = "cd" * 32
    store = open_store(tmp_path / "state")
    store.schools.add_token(hashed("u"), "wz-no2", "", 2**60)
    store.schools.enrol(hashed("u"), "01", other, "test", "secret", 1)
    store.close()
    start = ("--start", "2099-01-03T23:00+08:00")
    status, printed, said = school(
        "scan", "wz-no2", "egress", "--line", f"telecom={AGENT}", "--line", f"mobile={other}", *start
    )
    _, (ticket,) = given(tmp_path)

    assert (status, [len(line) for line in printed.splitlines()], ticket.seats) == (0, [32, 32], 2)
    assert ["about 0.4 GB" in line for line in said.splitlines()] == [True, True]


def test_blocked(school: Run) -> None:
    """Days that the operator blocked are free for nobody."""
    school("block", "add", "2099-09-21")
    said = school("scan", "wz-no2", "egress", "--line", "telecom", "--start", "2099-09-21T10:00+08:00")[2]

    assert said == "On exam days the way out is not measured. The next free moment: 2099-09-22T00:00+08:00.\n"


def test_at_least_or_saturate(school: Run) -> None:
    """A run is paced or not."""
    with pytest.raises(SystemExit):
        school("scan", "wz-no2", "egress", "--at-least", "1 Gbit/s", "--saturate")
