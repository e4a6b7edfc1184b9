"""Is what a person brings read like what a switch says, shown before it counts, and sealed as declared only?"""

from __future__ import annotations

import argparse
from pathlib import Path

import openpyxl
import pytest

from agent.config import AgentConfig
from agent.known import LastRun, keep_run, last_run
from agent.listed import ListWrong, ports_listed
from agent.outbox import Outbox
from agent.paste import add_paste_arguments, paste
from agent.pasted import TextWrong, _is_own, answers_in, brought_by_text, changes, readings_of, subject_of
from evidence import quantities as q
from evidence.model import Failure, Report
from evidence.seal import REPORT, open_sealed
from probes._cli import CliNeighbour, CliPort, vendor
from tests.agent.conftest import Enrolled, typed
from tests.probes.cli.device import STYLES, TRANSCRIPTS

M, G = 1_000_000, 1_000_000_000
CORE = "10.20.0.1:161"
VRP = vendor("huawei_vrp")
LLDP = VRP.questions["neighbours"].command
DECLINED = "Info: Global LLDP is not enabled."
HEAD = "交换机,端口,状态,速率\n"


def session(family: str, *questions: str, end: bool = True) -> str:
    """A session at a terminal as a person copies it."""
    prompt, parts = STYLES[family].prompt, []
    for question in questions:
        text = (TRANSCRIPTS / family / f"{question}.txt").read_text("utf-8")
        parts.append(f"{prompt}{vendor(family).questions[question].command}\n{text}")
    return "".join(parts) + (f"{prompt}\n" if end else "")


def options(*arguments: str) -> argparse.Namespace:
    """The command line of `paste`."""
    parser = argparse.ArgumentParser()
    add_paste_arguments(parser)
    return parser.parse_args(arguments)


def write(path: Path, content: str | bytes) -> str:
    """A file of the admin's."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


# --- Texts ------------------------------------------------------------------------------------------------------------


def test_a_session_is_cut_at_its_prompts() -> None:
    """Each command's answer is found, abbreviated or not; commands of other kinds are passed over."""
    text = session("huawei_vrp", "interfaces", "lags").replace("display eth-trunk", "dis eth")
    text = "<acc-1>display clock\n2026-03-02\n" + text

    assert set(answers_in(VRP, text)) == {"interfaces", "lags"}


def test_what_the_pager_left_is_taken_out() -> None:
    """Lines of the pager, with or without its control characters, are no part of an answer."""
    text = session("huawei_vrp", "lags").replace("LAG ID", "  ---- More ----\n\x1b[42D" + " " * 42 + "\x1b[42DLAG ID")

    assert len(brought_by_text(VRP, CORE, answers_in(VRP, text)).lags) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (session("huawei_vrp", "interfaces", end=False), "ends before the next prompt"),
        ("some text", "no command of ours"),
        ("<acc-1>display clock\n<acc-1>", "no command of ours"),
    ],
)
def test_a_text_that_is_not_whole(text: str, words: str) -> None:
    """What was not copied up to the next prompt may be half a table; it is not read."""
    with pytest.raises(TextWrong, match=words):
        answers_in(VRP, text)


def test_readings_are_declared_under_known_names() -> None:
    """Every reading says that it was declared and by which unproven parser, under the name the port had before."""
    last = LastRun(readings=(q.PORT_UP.reading("no", f"{CORE}/XGE0/0/1"),))
    brought = brought_by_text(VRP, CORE, answers_in(VRP, session("huawei_vrp", "interfaces", "lags", "neighbours")))
    readings = list(readings_of(brought, last))
    speeds = {one.subject: one for one in readings if one.quantity == q.PORT_SPEED.name}
    links = [one for one in readings if one.quantity == q.LINK_SPEED.name]

    assert all(one.facts["source"] == "declared" and "if_index" not in one.facts for one in readings)
    assert speeds[f"{CORE}/XGE0/0/1"].value == 10 * G
    assert speeds[f"{CORE}/XGE0/0/1"].facts["parser"] == "unproven"
    assert speeds[f"{CORE}/Eth-Trunk1"].facts["members_up"] == 1
    assert [(one.subject, one.at_most, one.facts["neighbour"], one.facts["confirmed"]) for one in links] == [
        (f"{CORE}/XGE0/0/1", 10 * G, "core-1", "none")
    ]
    assert brought.others == 1


@pytest.mark.parametrize(
    ("family", "question", "by"),
    [
        ("cisco_ios", "neighbours", "lldp"),
        ("cisco_ios", "neighbours_cdp", "cdp"),
        ("mikrotik_routeros", "neighbours", "cli"),
    ],
)
def test_by_which_protocol(family: str, question: str, by: str) -> None:
    """A neighbour is told by the protocol whose table was shown; where a command shows several, by none of them."""
    text = (TRANSCRIPTS / family / f"{question}.txt").read_text("utf-8")
    brought = brought_by_text(vendor(family), CORE, {question: text})

    assert {one.by for one in brought.neighbours} == {by}
    assert brought.unproven <= {"neighbours"}


@pytest.mark.parametrize(
    ("capabilities", "own"),
    [
        *(((one,), True) for one in ("bridge", "router")),
        (("bridge", "router"), True),
        *(((one,), False) for one in ("telephone", "station", "wlan", "other")),
        *((("bridge", one), False) for one in ("telephone", "station", "wlan")),
        ((), False),
    ],
)
def test_whose_neighbours_are_named(capabilities: tuple[str, ...], own: bool) -> None:
    """Only what says that it is a network's device is named; what may be a person's is counted."""
    assert _is_own(CliNeighbour("GE0/0/1", "name", "1", capabilities)) is own


def test_one_answer_that_is_none() -> None:
    """A question that the switch declined is told and left out; what the others say counts."""
    text = session("huawei_vrp", "interfaces", end=False) + f"<acc-1>{LLDP}\n{DECLINED}\n<acc-1>\n"
    brought = brought_by_text(VRP, CORE, answers_in(VRP, text))

    assert (bool(brought.ports), [one.failure for one in brought.unread]) == (True, [Failure.NOT_SUPPORTED])


def test_changes() -> None:
    """What differs from the last run is shown, what is the same is counted, and what is missing is not taken back."""
    last = LastRun(
        readings=(
            q.PORT_UP.reading("yes", f"{CORE}/XGE0/0/1"),
            q.PORT_SPEED.reading(G, f"{CORE}/XGE0/0/1"),
            q.PORT_UP.reading("yes", f"{CORE}/GE9/9/9"),
            q.PORT_UP.reading("yes", "10.20.0.10:161/GE0/0/1"),
        )
    )
    brought = brought_by_text(VRP, CORE, answers_in(VRP, session("huawei_vrp", "interfaces")))
    found, same = changes(list(readings_of(brought, last)), last)
    kinds = {(one.kind, (one.after or one.before).subject.partition("/")[2]) for one in found}  # type: ignore[union-attr]

    assert {("changed", "XGE0/0/1"), ("gone", "GE9/9/9"), ("new", "GigabitEthernet0/0/1")} <= kinds
    assert (same, [one for one in kinds if one[1] == "GE0/0/1"]) == (1, [])


@pytest.mark.parametrize(
    ("named", "subject"),
    [("core", CORE), ("10.20.0.1", CORE), ("10.20.0.9", "10.20.0.9:161"), ("10.20.0.9:1161", "10.20.0.9:1161"),
     ("2001:db8::1", "[2001:db8::1]:161"), ("[2001:db8::1]:1161", "[2001:db8::1]:1161")],
)  # fmt: skip
def test_which_switch(named: str, subject: str) -> None:
    """A switch may be named as the list names it, or by its address."""
    assert subject_of(named, LastRun(settings={"switches": [{"host": "10.20.0.1", "name": "core"}]})) == subject


# --- Lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["utf-8", "gb18030", "utf-16", "tabulators", "workbook"])
def test_a_list(kind: str, tmp_path: Path) -> None:
    """A list as Chinese and other spreadsheets save it gives the ports by switch; a down port has no rate."""
    rows = [["各校区端口表"], ["交换机", "端口", "状态", "速率(Mbps)", "备注"], ["core", "XGE0/0/1", "连通", "万兆", "主干"],
            ["core", "GE0/0/2", "断开", "1000", ""], [], ["acc-1", "GE0/0/1", "up", "1000", ""]]  # fmt: skip
    path = tmp_path / "ports"
    if kind == "workbook":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)  # type: ignore[union-attr]
        book.save(path)
    else:
        between = "\t" if kind == "tabulators" else ","
        path.write_bytes(
            "".join(between.join(row) + "\n" for row in rows[1:]).encode("utf-8" if kind == "tabulators" else kind)
        )

    assert ports_listed(path) == {
        "core": [CliPort("XGE0/0/1", True, 10 * G, "unknown", "主干"), CliPort("GE0/0/2", False)],
        "acc-1": [CliPort("GE0/0/1", True, G)],
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n", "expected a heading"),
        (HEAD, "no port below"),
        (HEAD + "core,,up,1000\n", "row 2: expected a switch and a port"),
        (HEAD + "core,GE1,maybe,1000\n", "row 2: 'maybe' is neither"),
        (HEAD + "core,GE1,up,fast\n", "row 2: 'fast' is no rate"),
        (HEAD + "core,GE1,up,1000\n\ncore,ge 1,down,\n", "row 4: ge 1 of core stands in row 2 already"),
        (HEAD + "core,GE1,up,1000\n" * 20_000, "more than 20000 rows"),
        (b"PK\x03\x04 no workbook", "no workbook"),
    ],
)
def test_a_list_that_is_half_understood(content: str | bytes, words: str, tmp_path: Path) -> None:
    """A word that is not known is named with its row, and nothing of the list is read."""
    with pytest.raises(ListWrong, match=words):
        ports_listed(Path(write(tmp_path / "list.csv", content)))


def test_one_port_name_on_two_switches(tmp_path: Path) -> None:
    """Only the same port of the same switch is there twice."""
    assert set(ports_listed(Path(write(tmp_path / "a", HEAD + "core,GE1,up,\nacc-1,GE1,up,\n")))) == {"core", "acc-1"}


# --- The verb ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "status"), [("y\n", 0), ("\n", 1), ("n\n", 1)])
def test_only_what_is_approved_is_sealed(said: str, status: int, enrolled: Enrolled, tmp_path: Path) -> None:
    """Without a yes nothing is sealed; with it one report without an order, and the last run stays what was measured."""
    keep_run(enrolled.config.directory, {"switches": []}, ())
    path = write(tmp_path / "text", session("huawei_vrp", "interfaces"))

    words = ("paste", path, "--switch", "10.20.0.1", "--vendor", "huawei_vrp")
    assert typed(tmp_path, said, *words, agent=f'state = "{enrolled.config.directory}"\n').returncode == status
    waiting = enrolled.outbox.waiting()
    assert len(waiting) == (1 if status == 0 else 0)
    assert last_run(enrolled.config.directory).readings == ()
    for one in waiting:
        report = open_sealed(one.content, lambda _: enrolled.identity.key.public_key()).body(REPORT, Report)
        assert (report.scan, report.probe, report.settings) == (
            "", "uplinks", {"switches": [{"host": "10.20.0.1", "port": 161}]},
        )  # fmt: skip
        assert {one.facts["source"] for one in report.readings} == {"declared"}


def test_standard_input_needs_the_word(enrolled: Enrolled, tmp_path: Path) -> None:
    """Where the text comes by standard input nobody can be asked: it is sealed only with --approve."""
    words = ("paste", "-", "--switch", "10.20.0.7", "--vendor", "ruijie_os")
    for extra, sealed in (((), 0), (("--approve",), 1)):
        text, state = session("ruijie_os", "interfaces") + "y\n", f'state = "{enrolled.config.directory}"\n'
        shown = typed(tmp_path, text, *words, *extra, agent=state).stdout
        assert (enrolled.outbox.depth(), "10.20.0.7:161/TenGigabitEthernet 0/49" in shown) == (sealed, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give either --list"),
        (("FILE", "--switch", "10.20.0.1"), "give either --list"),
        (("FILE", "--switch", "10.20.0.1", "--vendor", "nokia"), "no vendor 'nokia'"),
        (("FILE", "--switch", "not a host", "--vendor", "huawei_vrp"), "expected a host"),
        (("FILE", "--switch", "10.20.0.1", "--vendor", "huawei_vrp", "--question", "no"), "no question 'no'"),
        (("FILE", "--switch", "10.20.0.1", "--vendor", "huawei_vrp", "--question", "lags"), "unreadable"),
        (("OTHER", "--switch", "10.20.0.1", "--vendor", "huawei_vrp"), "add --question and one of: interfaces"),
        (("DECLINED", "--switch", "10.20.0.1", "--vendor", "huawei_vrp"), "not supported: neighbours: the device"),
        (("--list", "TWICE"), "10.20.0.1:161 and 10.20.0.1 are one switch"),
        (("nowhere", "--switch", "10.20.0.1", "--vendor", "huawei_vrp"), "nowhere"),
    ],
)
def test_what_cannot_be_taken(
    arguments: tuple[str, ...], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong is said, and nothing is sealed."""
    files = {
        "FILE": session("huawei_vrp", "interfaces"),
        "OTHER": "[SW]display interface\n",
        "DECLINED": f"<a>{LLDP}\n{DECLINED}\n<a>\n",
        "TWICE": HEAD + "10.20.0.1:161,GE1,up,\n10.20.0.1,GE1,down,\n",
    }
    paths = {name: write(tmp_path / name.lower(), text) for name, text in files.items()}
    config = AgentConfig(state=str(tmp_path / "state"), language="en")

    assert paste(options(*(paths.get(one, one) for one in arguments)), config) == 2
    assert words in capsys.readouterr().err
    assert not (config.directory / "outbox.sqlite").exists()


def test_a_box_that_is_not_enrolled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A list can be looked at without a collector; nobody is asked to approve what cannot be signed."""
    path = write(tmp_path / "list.csv", HEAD + "10.20.0.1,GE0/0/1,up,千兆\n")

    assert paste(options("--list", path, "--approve"), AgentConfig(state=str(tmp_path), language="en")) == 1
    assert "not enrolled" in capsys.readouterr().out
    assert Outbox(tmp_path).depth() == 0
