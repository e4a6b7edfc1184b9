"""Does the operator's command line do what it says, and say what is wrong?"""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from collector.__main__ import main
from collector.config import CollectorConfig
from collector.secrets import hashed
from collector.serving import sockets
from collector.store import open_store
from tests.collector.running import Run
from tests.collector.test_importing import HEAD


@pytest.fixture
def school(run: Run, tmp_path: Path) -> Run:
    """A command line beside which the school `wz-no2` exists, with a list."""
    path = tmp_path / "list.csv"
    path.write_text(f"{HEAD}\nplace,main/b1/1,,,office,,,\nswitch,s,[fd00::1]:161,main/b1/1,,,,\n")
    run("school", "add", "wz-no2", "温州二中")
    run("school", "import", "wz-no2", str(path), "--approve")
    return run


def test_add(run: Run) -> None:
    """A school is added and listed."""
    assert run("school", "add", "wz-no2", "温州二中") == (0, "wz-no2: 温州二中\n", "")
    assert run("school", "list") == (0, "wz-no2\t温州二中\t0 agents\n", "")


def test_add_virtual(run: Run) -> None:
    """A virtual school is marked wherever it is named."""
    assert run("school", "add", "lab", "Lab", "--virtual")[1] == "lab: Lab (virtual)\n"
    assert run("school", "list")[1] == "lab\tLab\t0 agents virtual\n"


@pytest.mark.parametrize("identity", ["", "a b", "温州", "a/b", "../x", "a_b"])
def test_bad_id(run: Run, identity: str) -> None:
    """An id is short and plain: it stands in addresses."""
    status, _, said = run("school", "add", identity, "x")

    assert (status, "letters, digits and hyphens expected" in said) == (2, True)


def test_added_twice(school: Run) -> None:
    """An id is one school's."""
    assert school("school", "add", "wz-no2", "x") == (2, "", "school 'wz-no2': this id is taken\n")


COUNTS = "温州二中: 0 attributes, 0 bureau settings, {places} places, 1 switches, 0 links, 0 services, 0 lines"


def test_import_of_the_same_list(school: Run, tmp_path: Path) -> None:
    """What was taken over is counted; a list that says the same changes nothing and needs no approval."""
    printed = COUNTS.format(places=1) + "; nothing changed\n"

    assert school("school", "import", "wz-no2", str(tmp_path / "list.csv")) == (0, printed, "")


def declared(tmp_path: Path) -> list[str]:
    """The places of the school as they are stored."""
    store = open_store(tmp_path / "state")
    found = store.schools.get("wz-no2")
    store.close()
    return [place.path for place in found.places] if found else []


def newer(tmp_path: Path) -> str:
    """A list with one place more and one of another kind."""
    path = tmp_path / "newer.csv"
    rows = ("place,main/b1/1,,,teaching,,,", "place,main/b2/1,,,office,,,", "switch,s,[fd00::1]:161,main/b1/1,,,,")
    path.write_text("\n".join((HEAD, *rows)) + "\n")
    return str(path)


def test_import_shows_what_changes(school: Run, tmp_path: Path) -> None:
    """What a list adds, removes and changes is shown, and taken over once that is approved."""
    status, printed, _ = school("school", "import", "wz-no2", newer(tmp_path), "--approve")

    lines = ["~ place main/b1/1: office -> teaching", "+ place main/b2/1 office", COUNTS.format(places=2)]
    assert (status, printed.splitlines(), declared(tmp_path)) == (0, lines, ["main/b1/1", "main/b2/1"])


def piped(tmp_path: Path, text: str, *arguments: str) -> tuple[int, str, str]:
    """One command in a process of its own, with this on its standard input, which is no terminal."""
    command = [sys.executable, "-m", "collector", "--config", str(tmp_path / "config.toml"), *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.usefixtures("school")
def test_import_where_nobody_can_be_asked(tmp_path: Path) -> None:
    """Without a terminal and without --approve the changes are shown, nothing is changed, and the status says so."""
    status, printed, said = piped(tmp_path, "y\n", "school", "import", "wz-no2", newer(tmp_path))

    assert (status, len(printed.splitlines()), declared(tmp_path)) == (2, 2, ["main/b1/1"])
    assert said == "newer.csv: not approved, nothing was changed; give y when asked, or --approve\n"


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("YES", 0), ("n", 2), ("", 2)])
def test_import_asks_at_a_terminal(school: Run, tmp_path: Path, answer: str, status: int) -> None:
    """At a terminal the person is asked, and only yes is yes."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "collector", "--config", str(tmp_path / "config.toml")]
    command += ["school", "import", "wz-no2", newer(tmp_path)]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        os.write(ours, f"{answer}\n".encode())
        child.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)

    assert (child.returncode, len(declared(tmp_path))) == (status, 1 if status else 2)


def test_import_of_a_wrong_list(school: Run, tmp_path: Path) -> None:
    """With one wrong row nothing is taken over: the list is as it was."""
    (tmp_path / "wrong.csv").write_text(f"{HEAD}\nplace,main/b1/1,,,office,,,\nroom,x,,,,,,\n")
    status, _, said = school("school", "import", "wz-no2", str(tmp_path / "wrong.csv"))
    store = open_store(tmp_path / "state")
    found = store.schools.get("wz-no2")
    store.close()

    assert (status, said.count("\n"), found and [place.path for place in found.places]) == (2, 1, ["main/b1/1"])


@pytest.mark.parametrize("verb", [("import", "x.csv"), ("token",)])
def test_no_such_school(school: Run, verb: tuple[str, ...]) -> None:
    """A school that is not there is said, with those that are."""
    assert school("school", verb[0], "none", *verb[1:]) == (2, "", "no school 'none'; there are: wz-no2\n")


def test_token(school: Run) -> None:
    """A token names the collector's key, and only its hash is kept."""
    status, printed, _ = school("school", "token", "wz-no2", "--place", "main/b1/1")
    mark, secret, fingerprint = printed.strip().split("-")

    assert (status, mark, len(secret), len(fingerprint)) == (0, "cp1", 32, 64)


def test_token_for_no_place(school: Run) -> None:
    """An agent stands at a place of the list."""
    assert school("school", "token", "wz-no2", "--place", "main/b9") == (
        2,
        "",
        "place 'main/b9': not in the list of 温州二中\n",
    )


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["li", "--role", "evaluator"], 0, "li: evaluator\n"),
        (["wang", "--role", "school_admin", "--school", "wz-no2"], 0, "wang: school_admin wz-no2\n"),
        (["wang", "--role", "school_admin"], 2, "a school admin belongs to one school"),
        (["wang", "--role", "school_admin", "--school", "none"], 2, "school 'none': no such school"),
    ],
)
@pytest.mark.usefixtures("school")
def test_user(tmp_path: Path, arguments: list[str], status: int, words: str) -> None:
    """An account is made with a password from standard input."""
    found = piped(tmp_path, "a long password\n", "user", "add", *arguments, "--password-stdin")

    assert (found[0], words in found[1] + found[2]) == (status, True)


def test_scan_without_an_agent(school: Run) -> None:
    """What cannot be ordered is said in words."""
    assert school("scan", "wz-no2") == (2, "", "No agent of 温州二中 is enrolled yet.\n")


@pytest.fixture
def agent(school: Run, tmp_path: Path) -> str:
    """An agent of the school."""
    return _enrolled(tmp_path, "ab")


def _enrolled(tmp_path: Path, digits: str) -> str:
    """A new agent of the school whose id repeats these digits."""
    store = open_store(tmp_path / "state")
    store.schools.add_token(hashed(digits), "wz-no2", "", 2**60)
    store.schools.enrol(hashed(digits), "00", digits * 32, "test", "secret", 1)
    store.close()
    return digits * 32


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        pytest.param([], 0, "", id="all"),
        pytest.param(["desk", "--agent", "ab" * 32], 0, "", id="one probe of one agent"),
        pytest.param(["--agent", "cd" * 32], 2, "温州二中 has no agent", id="no such agent"),
        pytest.param(["names"], 2, "names; there are: desk, ipv6", id="no such probe"),
        pytest.param(["--start", "2026-11-22T22:30+08:00"], 0, "", id="later"),
        pytest.param(["egress", "--line", "a=x", "--line", "a=y"], 2, "--line a: named twice", id="a line twice"),
    ],
)
def test_scan(school: Run, agent: str, arguments: list[str], status: int, words: str) -> None:
    """An order for all or some, now or later; its id is printed."""
    found = school("scan", "wz-no2", *arguments)

    assert (found[0], len(found[1].strip()), words in found[2]) == (status, 0 if status else 32, True)


def test_scan_later(school: Run, agent: str, tmp_path: Path) -> None:
    """A start time is kept as a moment, whatever its offset from UTC."""
    school("scan", "wz-no2", "--start", "2026-11-22T22:30+08:00")
    store = open_store(tmp_path / "state")
    (row,) = store.orders.of_school("wz-no2")
    store.close()

    assert row.scan.start_unix_us == 1_795_357_800_000_000


@pytest.mark.parametrize("start", ["tomorrow", "2026-11-22T22:30"])
def test_scan_at_no_time(school: Run, start: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A start time is a moment with its offset from UTC."""
    with pytest.raises(SystemExit):
        school("scan", "wz-no2", "--start", start)
    assert "+08:00" in capsys.readouterr().err


def test_revoke(school: Run, agent: str) -> None:
    """An agent is named by its first digits; afterwards it is none of the school's."""
    status, printed, _ = school("school", "revoke", "ababab")
    assert (status, printed.startswith(f"{agent}: revoked (school wz-no2, place ")) == (0, True)
    assert school("school", "list")[1] == "wz-no2\t温州二中\t0 agents\n"


@pytest.mark.parametrize(
    ("begins", "wanted"),
    [
        ("cdcdcd", "0 agents have an id that begins so; there are: abababababababab"),
        ("abab", "at least 6 digits"),
        ("", "6"),
    ],
)
def test_revoke_of_nobody(school: Run, agent: str, begins: str, wanted: str) -> None:
    """Digits that name no agent, or too few of them, revoke none."""
    status, printed, told = school("school", "revoke", begins)

    assert (status, printed, wanted in told) == (2, "", True)


def test_key_of_an_agent(school: Run, agent: str) -> None:
    """The operator gives out the public keys that campusproof-verify takes: the collector's and each agent's."""
    keys = [school("school", "key", *who)[1].strip() for who in ([], [agent[:6]])]

    assert (len(bytes.fromhex(keys[0])), keys[1]) == (32, "00")


@pytest.mark.parametrize(("language", "words"), [("zh", "未能判定"), ("en", "not shown")])
def test_judge(school: Run, language: str, words: str) -> None:
    """The verdicts of every policy at the terminal, in both languages."""
    status, printed, _ = school("judge", "wz-no2", "--language", language)

    assert (status, words in printed or "判定" in printed) == (0, True)


def test_judge_all(school: Run) -> None:
    """Clauses that only a person can settle are shown when asked for."""
    few, every = (school("judge", "wz-no2", "--language", "en", *more)[1] for more in ([], ["--all"]))

    assert len(every) > len(few)


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["school"], ["user", "add", "x"], ["user", "add", "x", "--role", "king"]]
)
def test_no_such_verb(run: Run, arguments: list[str]) -> None:
    """A command that there is not is refused with status 2."""
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == 2


def test_a_damaged_key(run: Run, tmp_path: Path) -> None:
    """A key that cannot be used stops every verb, in words."""
    run("school", "list")
    (tmp_path / "state/collector.key").write_text("gone")

    assert run("school", "list")[::2] == (
        2,
        f"{tmp_path}/state/collector.key: 64 hex digits expected; restore it from the backup\n",
    )


def test_a_directory_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A state directory that cannot be made is said in words."""
    (tmp_path / "file").touch()
    (tmp_path / "config.toml").write_text(f'[collector]\nstate = "{tmp_path}/file/state"\n')

    assert main(["--config", str(tmp_path / "config.toml"), "school", "list"]) == 2
    assert "Not a directory" in capsys.readouterr().err


# --- Serving ----------------------------------------------------------------------------------------------------------


def test_serve(run: Run, tmp_path: Path) -> None:
    """The collector says where it serves, answers there and on a socket handed over, and ends when told."""
    with socket.create_server(("127.0.0.1", 0)) as handed:
        command = [sys.executable, "-m", "collector", "--config", str(tmp_path / "config.toml")]
        command += ["serve", "--fd", str(handed.fileno())]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=[handed.fileno()]) as child:
            assert child.stdout is not None
            ports = [int(child.stdout.readline().split()[-1]) for _ in range(2)]
            found = [httpx.get(f"http://127.0.0.1:{port}/v1/keys", timeout=20).status_code for port in ports]
            child.terminate()
            ended = child.wait(20)
        assert (ports[0], found, ended) == (handed.getsockname()[1], [200, 200], -signal.SIGTERM)


def test_an_address_in_use() -> None:
    """An address that somebody else listens on is refused."""
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use"),
    ):
        sockets(CollectorConfig(listen=(f"127.0.0.1:{taken.getsockname()[1]}",)), ())


def test_ipv6_and_ipv4_beside_each_other() -> None:
    """An IPv6 address is listened on for IPv6 only, so that both families can have one port."""
    (six,) = sockets(CollectorConfig(listen=("[::1]:0",)), ())
    (four,) = sockets(CollectorConfig(listen=(f"127.0.0.1:{six.getsockname()[1]}",)), ())
    families = [one.family for one in (six, four)]
    six.close()
    four.close()

    assert families == [socket.AF_INET6, socket.AF_INET]
