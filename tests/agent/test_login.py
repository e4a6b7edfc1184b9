"""Is what became of a command line told in words, and does it lead to the step that mends it?"""

from __future__ import annotations

import pytest

from agent.advice import Problem, problems
from agent.login import Kind, remarks
from agent.speech import Speech
from agent.steps import steps
from agent.switches import network_of
from agent.words import translation
from evidence.model import Reading
from probes._ssh import HostKeyChanged, Login
from probes._switch.asking import ALL_ANSWERED, NO_FAMILY
from tests.agent.campus import CORE, G, answered, port
from tests.agent.test_tree import drawn, line_of

REFUSED = "refused: 10.20.0.1:22: ECONNREFUSED"
LOCKED = "login_rejected: 10.20.0.1:22: user or password not accepted; it was tried once"
KEY = HostKeyChanged(Login("10.20.0.1", "reader", "x", host_key="a"), "b", "ssh-ed25519")
CHANGED = f"{KEY.failure}: {KEY.detail}"
TWO = "not_supported: the device answers '% Invalid'; timed_out: 10.20.0.1:22: after 4 octets no prompt"


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [
        pytest.param({}, [], id="not needed or not set up"),
        pytest.param({"ssh": ALL_ANSWERED, "ssh_host_key": "a"}, [], id="answered"),
        pytest.param({"ssh": REFUSED}, [Kind.REFUSED], id="refused"),
        pytest.param({"ssh": "timed_out: 10.20.0.1:22: no answer to a connection"}, [Kind.SILENT], id="silent"),
        pytest.param({"ssh": "unreachable: 10.20.0.1:22: EHOSTUNREACH"}, [Kind.SILENT], id="no way there"),
        pytest.param({"ssh": LOCKED}, [Kind.LOGIN], id="login rejected"),
        pytest.param({"ssh": CHANGED, "ssh_host_key": "b"}, [Kind.CHANGED_KEY], id="another key"),
        pytest.param({"ssh": NO_FAMILY}, [Kind.FAMILY], id="unknown family"),
        pytest.param({"ssh": "not_supported: 10.20.0.1:22: no cipher"}, [Kind.CIPHERS], id="nothing in common"),
        pytest.param({"ssh": TWO, "ssh_host_key": "a"}, [Kind.PARTLY, Kind.PARTLY], id="two questions unanswered"),
        pytest.param({"ssh": "no address to log in to"}, [Kind.PARTLY], id="words of a later release"),
    ],
)
def test_what_became_of_it(facts: dict[str, object], kinds: list[Kind]) -> None:
    """Each kind of trouble is told apart, and the trouble of one question from that of the session."""
    assert [one.kind for one in remarks(facts)] == kinds


@pytest.mark.parametrize(
    ("note", "step"),
    [
        pytest.param(REFUSED, "the switch refuses SSH", id="refused"),
        pytest.param("timed_out: x: no answer to a connection", "no answer over SSH", id="silent"),
        pytest.param(LOCKED, "the SSH login was refused", id="login rejected"),
        pytest.param(CHANGED, "campusproof-agent forget-key", id="another key"),
        pytest.param(NO_FAMILY, "If it is one of cisco_ios, ", id="unknown family"),
        pytest.param("unreadable: x: half a table", "did not answer every question", id="unreadable"),
    ],
)
def test_its_next_step(note: str, step: str) -> None:
    """Whatever failed has its own step, and nobody is told to set up the login that is there."""
    said = steps(problems(network_of(unknown_speed(ssh=note))), Speech(translation("en"), "en"))

    assert [line for line in said if step in line and line.startswith("core-1: ")]
    assert [line for line in said if "Give this box a read-only SSH login" in line] == []


def test_without_a_login() -> None:
    """Only where no login is set up, setting one up is the step; where it answered, the switch itself is to be read."""
    found = {
        ssh: {one.problem for one in problems(network_of(unknown_speed(**facts)))}
        for ssh, facts in (("none", {}), ("asked", {"ssh": "asked"}))
    }

    assert Problem.SPEED_UNKNOWN in found["none"] - found["asked"]
    assert Problem.STILL_UNKNOWN in found["asked"] - found["none"]


def unknown_speed(**facts: str) -> list[Reading]:
    """A switch with a port of which nobody knows the rate."""
    return [*port(f"{CORE}/GE0/1", None, status="unknown", why="x"), answered(CORE, "core-1", snmp="3", **facts)]


@pytest.mark.parametrize(
    ("note", "words"),
    [
        pytest.param(REFUSED, "对方拒绝连接", id="refused"),
        pytest.param(LOCKED, "凭据被拒绝", id="login rejected"),
    ],
)
def test_in_the_language_of_the_reader(note: str, words: str) -> None:
    """The failure stands in words of the reader's language, the technical detail behind it."""
    assert note.partition(": ")[2].split(";")[0] in line_of(drawn(unknown_speed(ssh=note), "zh"), words)


def test_a_good_rate_of_a_port_is_no_trouble_of_the_login() -> None:
    """A login that answered everything leaves no remark in the tree."""
    good = [*port(f"{CORE}/GE0/1", G), answered(CORE, "core-1", snmp="3", ssh="asked")]

    assert "command line" not in drawn(good)
