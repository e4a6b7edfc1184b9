"""Do the operator's words about what IPv6 is measured against, and about its agents outside, do what they say?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector.ipv6_orders import MOST_TARGETS
from collector.school import Names, School, Target
from collector.secrets import hashed
from collector.store import Store, open_store
from tests.collector.egress_school import server
from tests.collector.running import Run

SERVER = server("net-1")
BOX = "ab" * 32
V6, V4, NARROW, DEAD = "2001:da8::10", "198.18.0.10", "2001:da8::1280", "2001:da8::dead"
SET = ("names", "set", "net-1", "--zone", "Echo.Bureau.example.", "--v6", V6)
WHOLE = (*SET, "--v4", V4, "--mtu1280", NARROW, "--bad6", DEAD)
LINE = f"net-1\techo.bureau.example\tv6 {V6} v4 {V4} mtu1280 {NARROW} bad6 {DEAD}\tports 443 80\n"


@contextmanager
def opened(tmp_path: Path) -> Iterator[Store]:
    """The store that the commands wrote."""
    store = open_store(tmp_path / "state")
    try:
        yield store
    finally:
        store.close()


def school_in(tmp_path: Path) -> School:
    """The school as the collector loads it."""
    with opened(tmp_path) as store:
        (found,) = store.schools.all()
    return found


@pytest.fixture
def known(run: Run, tmp_path: Path) -> Run:
    """A command line beside which a school and a measurement server are known."""
    with opened(tmp_path) as store:
        store.schools.add("wz-no2", "温州二中", False, 1)
        store.servers.add(SERVER, 1)
    return run


# --- names ------------------------------------------------------------------------------------------------------------


def test_set(known: Run, tmp_path: Path) -> None:
    """Names are shown as they are kept, are listed, and every school is loaded with them."""
    assert known(*WHOLE) == (0, LINE, "")
    assert known("names", "list") == (0, LINE, "")
    assert school_in(tmp_path).names == (Names(SERVER.id, "echo.bureau.example", V6, V4, NARROW, DEAD),)


def test_set_again(known: Run, tmp_path: Path) -> None:
    """What is set again replaces what was known, also by nothing; what then cannot be measured is said."""
    known(*WHOLE)
    status, printed, _ = known(*SET, "--port", "8443", "--http-port", "8080")

    assert (status, [line.partition(":")[0] for line in printed.splitlines()[1:]]) == (0, ["no --v4", "no --mtu1280"])
    assert school_in(tmp_path).names == (Names(SERVER.id, "echo.bureau.example", V6, port=8443, http_port=8080),)


@pytest.mark.parametrize(
    ("more", "warned"),
    [
        pytest.param(("--v6", "2001:db8::10"), ["2001:db8::10"], id="IPv6"),
        pytest.param(("--v6", "3fff::10"), ["3fff::10"], id="IPv6 since 2024"),
        pytest.param(("--v4", "203.0.113.10"), ["203.0.113.10"], id="IPv4"),
        pytest.param(("--bad6", "2001:db8::1"), ["2001:db8::1"], id="the dead one"),
        pytest.param((), [], id="none"),
    ],
)
def test_documentation(known: Run, more: tuple[str, ...], warned: list[str]) -> None:
    """A documentation address is taken for virtual schools, and a line warns that no real one can use it."""
    status, printed, _ = known(*WHOLE, *more)
    words = [line.split() for line in printed.splitlines()[1:]]

    assert (status, [(word[0], word[1]) for word in words]) == (0, [("warning:", one) for one in warned])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--zone", "203.0.113.10"), "--zone '203.0.113.10': a host name such as"),
        (("--zone", "localhost"), "--zone 'localhost': a host name"),
        (("--zone", ".".join(["a" * 60] * 4)), "--zone: at most 240 characters"),
        (("--v6", "v6.bureau.example"), "--v6 'v6.bureau.example': a native global IPv6 address expected, not a name"),
        (("--v6", ""), "--v6 '': a native global"),
        (("--v6", "fd00::10"), "--v6 'fd00::10': a native global"),
        (("--v6", "fe80::1%eth0"), "--v6 'fe80::1%eth0': a native global"),
        (("--v6", "2002:cb00:7100::1"), "--v6 '2002:cb00:7100::1': a native global"),
        (("--v6", "2001::1"), "--v6 '2001::1': a native global"),
        (("--v6", "::ffff:198.18.0.10"), "--v6 '::ffff:198.18.0.10': a native global"),
        (("--v6", "198.18.0.10"), "--v6 '198.18.0.10': a native global"),
        (("--mtu1280", "fd00::10"), "--mtu1280 'fd00::10': a native global"),
        (("--bad6", "::1"), "--bad6 '::1': a native global"),
        (("--v4", "2001:da8::10"), "--v4 '2001:da8::10': the IPv4 address of a host"),
        (("--v4", "127.0.0.1"), "--v4 '127.0.0.1': the IPv4"),
        (("--v4", "169.254.1.1"), "--v4 '169.254.1.1': the IPv4"),
        (("--v4", "224.0.0.1"), "--v4 '224.0.0.1': the IPv4"),
        (("--v4", "0.0.0.0"), "--v4 '0.0.0.0': the IPv4"),
        (("--v4", "255.255.255.255"), "--v4 '255.255.255.255': the IPv4"),
        (("--v4", "v4.bureau.example"), "--v4 'v4.bureau.example': the IPv4"),
        (("--mtu1280", V6), "--v6, --mtu1280 and --bad6: three different addresses expected"),
        (("--bad6", NARROW), "three different addresses expected"),
        (("--port", "0"), "--port 0: expected 1 to 65535"),
        (("--http-port", "65536"), "--http-port 65536: expected 1 to 65535"),
        (("--http-port", "443"), "--port and --http-port 443: two different ports expected"),
    ],
)
def test_wrong_names(known: Run, tmp_path: Path, more: tuple[str, ...], words: str) -> None:
    """What could not be measured against is refused with the option and what was expected, and nothing is kept."""
    status, printed, said = known(*WHOLE, *more)

    assert (status, printed, words in said, school_in(tmp_path).names) == (2, "", True, ())


def test_names_of_nobody(known: Run) -> None:
    """Names belong to a server that is trusted: its key signs the echo."""
    known("server", "revoke", "net-1")

    assert known(*SET) == (2, "", "no server 'net-1' that is trusted; there are: none\n")


def test_remove(known: Run, tmp_path: Path) -> None:
    """Names are taken back by the server's name, and a second time it is said that there are none."""
    known(*WHOLE)

    assert known("names", "remove", "net-1") == (0, "net-1: no names\n", "")
    assert known("names", "remove", "net-1") == (2, "", "no server 'net-1' that has names; there are: none\n")
    assert school_in(tmp_path).names == ()


def test_remove_of_a_revoked_one(known: Run, tmp_path: Path) -> None:
    """A name may have been two servers' one after the other: the names of both go."""
    known(*WHOLE)
    known("server", "revoke", "net-1")
    with opened(tmp_path) as store:
        store.servers.add(server("net-1"), 1)
    known(*SET)

    assert len(school_in(tmp_path).names) == 2
    assert known("names", "remove", "net-1")[0] == 0
    assert school_in(tmp_path).names == ()


# --- target -----------------------------------------------------------------------------------------------------------


def test_targets(known: Run, tmp_path: Path) -> None:
    """Targets are kept in one spelling, listed by operator, and loaded with every school."""
    known("target", "add", "[2400:3200:0::1]:8443", "--operator", "Telecom")
    known("target", "add", "2400:3200::2", "--operator", "CERNET2")

    assert known("target", "list")[1] == "[2400:3200::2]:443\tCERNET2\n[2400:3200::1]:8443\tTelecom\n"
    assert school_in(tmp_path).targets == (
        Target("2400:3200::2", 443, "CERNET2"),
        Target("2400:3200::1", 8443, "Telecom"),
    )


def test_another_operator(known: Run) -> None:
    """A target that is added again has the operator that was named last."""
    known("target", "add", "2400:3200::2", "--operator", "Telecom")
    known("target", "add", "[2400:3200::2]:443", "--operator", "Unicom")

    assert known("target", "list")[1] == "[2400:3200::2]:443\tUnicom\n"


def test_a_documentation_target(known: Run) -> None:
    """A target of documentation is taken with a warning."""
    printed = known("target", "add", "2001:db8::1", "--operator", "Example")[1].splitlines()

    assert printed[1].startswith("warning: 2001:db8::1 is a documentation address")


@pytest.mark.parametrize(
    ("address", "operator", "words"),
    [
        ("www.example.cn:443", "Telecom", "target 'www.example.cn': a native global IPv6 address expected, not a name"),
        ("198.18.0.10:443", "Telecom", "target '198.18.0.10': a native global"),
        ("[fd00::1]:443", "Telecom", "target 'fd00::1': a native global"),
        ("[2400:3200::1]:0", "Telecom", "target '[2400:3200::1]:0': expected [ADDRESS]:PORT"),
        ("[2400:3200::1]:https", "Telecom", "expected [ADDRESS]:PORT"),
        ("2400:3200::1", " ", "--operator '': 1 to 64 characters expected"),
        ("2400:3200::1", "x" * 65, "1 to 64 characters expected"),
    ],
)
def test_wrong_target(known: Run, tmp_path: Path, address: str, operator: str, words: str) -> None:
    """What the probe could not reach for is refused in words, and not kept."""
    status, printed, said = known("target", "add", address, "--operator", operator)

    assert (status, printed, words in said, school_in(tmp_path).targets) == (2, "", True, ())


def test_too_many_targets(known: Run, tmp_path: Path) -> None:
    """As many as an order can hold are taken; one of them may still be given to another operator."""
    with opened(tmp_path) as store:
        for number in range(MOST_TARGETS):
            store.outside.add_target(Target(f"2400:3200::{number:x}", 443, "Telecom"))

    assert "at most 32 targets are asked; remove one first" in known("target", "add", "2400::1", "--operator", "x")[2]
    assert known("target", "add", "2400:3200::1", "--operator", "Unicom")[0] == 0


def test_forgotten(known: Run) -> None:
    """A target is forgotten by address and port, in any spelling; one that there is not is said."""
    known("target", "add", "2400:3200::1", "--operator", "Telecom")

    assert known("target", "remove", "[2400:3200:0::1]:443") == (0, "[2400:3200::1]:443: forgotten\n", "")
    status, _, said = known("target", "remove", "2400:3200::1")
    assert (status, "no target [2400:3200::1]:443" in said) == (2, True)


# --- vantage ----------------------------------------------------------------------------------------------------------


def test_vantage(known: Run, tmp_path: Path) -> None:
    """A token enrols an agent outside of all schools: listed by its name, known to every school, and no school itself."""
    secret = known("vantage", "token", " telecom-1 ")[1].split("-")[1]
    with opened(tmp_path) as store:
        row = store.schools.enrol(hashed(secret), "00", BOX, "test", "secret", 1)

    assert (row.school, row.place) == ("vantage", "telecom-1")
    assert known("vantage", "list")[1] == f"telecom-1\t{BOX[:16]}\ttrusted\n"
    assert dict(school_in(tmp_path).vantages) == {BOX: "telecom-1"}
    assert (school_in(tmp_path).held, known("school", "list")[1]) == ({}, "wz-no2\t温州二中\t0 agents\n")


def test_a_vantage_is_revoked(known: Run, tmp_path: Path) -> None:
    """A vantage is revoked as any agent; it stays in the list, marked, and no school counts on it."""
    secret = known("vantage", "token", "telecom-1")[1].split("-")[1]
    with opened(tmp_path) as store:
        store.schools.enrol(hashed(secret), "00", BOX, "test", "secret", 1)

    assert known("school", "revoke", BOX[:8])[0] == 0
    assert known("vantage", "list")[1].endswith("\trevoked\n")
    assert dict(school_in(tmp_path).vantages) == {}


@pytest.mark.parametrize("name", [" ", "x" * 65])
def test_a_vantage_without_a_name(known: Run, name: str) -> None:
    """A vantage has a name by which people know it."""
    assert known("vantage", "token", name) == (2, "", "name: 1 to 64 characters expected\n")


def test_no_school_of_that_id(run: Run) -> None:
    """The id under which vantages are kept is no school's."""
    status, _, said = run("school", "add", "vantage", "一中")

    assert (status, "school id 'vantage': kept for the operator's agents outside" in said) == (2, True)


@pytest.mark.parametrize("verb", [("token", "vantage"), ("import", "vantage", "x.csv")])
def test_the_room_of_vantages_is_no_school(known: Run, verb: tuple[str, ...]) -> None:
    """Where vantages are kept has neither boxes of its own nor a list."""
    known("vantage", "token", "telecom-1")
    status, printed, said = known("school", *verb)

    assert (status, printed, "no school 'vantage'; there are: wz-no2" in said) == (2, "", True)
