"""Does a person at the terminal read how fast the way out is, what limited it and what to do next?"""

from __future__ import annotations

import gettext
import io
import json
from typing import Any

import pytest
from rich.console import Console

from agent.config import AgentConfig, Line
from agent.egress_plot import ROWS, WIDEST, plot_of, runs_of
from agent.egress_shown import announced, egress_of, in_passing
from agent.egress_words import limits, next_steps
from agent.scan import Finding
from agent.speech import Speech
from evidence import quantities_egress as q
from evidence.model import Conditions, Facts, Failure, Raw, Reading

ENGLISH = Speech(gettext.NullTranslations(), "en")
NO_CONDITIONS = Conditions("test", 1, 2, 1, 2)
FACTS: Facts = {
    "limited_by": "network",
    "server_bit_s": 940_000_000,
    "l2_bit_s": 984_000_000,
    "l1_bit_s": 999_000_000,
    "seen": "203.0.113.9",
    "path": "internet",
    "operator": "telecom",
    "line": "telecom-1",
    "server": "m1.example:7000",
    "family": 4,
}


def readings(state: str = "network", at_most: int | None = None) -> tuple[Reading, ...]:
    """What the probe finds in one direction."""
    return (
        q.EGRESS_IDLE_LATENCY.reading(2_500),
        q.INTERNET_DOWN.between(941_000_000, at_most, "telecom-1", FACTS | {"limited_by": state}),
        q.INTERNET_DOWN_IP.between(974_818_000, at_most, "telecom-1", FACTS | {"limited_by": state}),
        q.EGRESS_LIMITED_BY.reading(state, "down"),
        q.EGRESS_LOADED_LATENCY.reading(14_000, "down"),
        q.EGRESS_RESPONSIVENESS.reading(4_285, "down"),
        q.EGRESS_LOSS.reading(100, "down"),
        q.EGRESS_RETRANSMITTED.reading(200, "down"),
        q.EGRESS_WAN_DOWN.reading(985_000_000, "down"),
    )


def said(*found: Reading, failure: Failure | None = None, raws: tuple[Raw, ...] = ()) -> str:
    """All that is shown of a run."""
    finding = Finding(found, raws, NO_CONDITIONS, failure, "m1.example:7000: words" if failure else "")
    screen = Console(file=io.StringIO(), width=400)
    screen.print(*egress_of(finding, ENGLISH, 80), sep="\n")
    shown: str = screen.file.getvalue()  # type: ignore[attr-defined]  # the file is a StringIO
    return "\n".join(line.rstrip() for line in shown.split("\n"))


# --- The result -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "Download: at least 974.818 Mbit/s (IP layer)",
        "payload 941 Mbit/s, Ethernet L2 984 Mbit/s, L1 999 Mbit/s, payload by the server 940 Mbit/s",
        "line telecom-1, public address 203.0.113.9, path internet, operator telecom, server m1.example:7000, IP version 4",
        "Limited by: network (the way between this box and the server carried no more)",
        "→ Compare it with the contract of the line.",
        "round trip under load 14 ms, round trips a minute (RPM) 4285, loss 0.01 %, sent again 0.02 %",
        "the gateway's counters 985 Mbit/s",
        "Round trip of the idle line: 2.5 ms",
    ],
)
def test_result(words: str) -> None:
    """Each figure stands beside what it means."""
    assert words in said(*readings())


def test_interval() -> None:
    """Where the line itself was full, both ends of the interval are told."""
    assert "Download: between 974.818 Mbit/s and 1 Gbit/s (IP layer)" in said(*readings(at_most=1_000_000_000))


@pytest.mark.parametrize("state", q.EGRESS_LIMITED_BY.states)
def test_every_limit_has_its_next_step(state: str) -> None:
    """Whatever limited a run, it is said what that means and what to do next."""
    meaning, step = limits(gettext.NullTranslations().gettext)[state]

    assert f"({meaning})\n  → {step}" in said(*readings(state))


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_has_its_next_step(failure: Failure) -> None:
    """A run that failed says why in the probe's words and what to do next."""
    step = next_steps(gettext.NullTranslations().gettext)[failure]

    assert f"(m1.example:7000: words)\n→ {step}" in said(failure=failure)


@pytest.mark.parametrize("found", [(), readings()], ids=["nothing", "something"])
def test_what_was_proved_before(found: tuple[Reading, ...]) -> None:
    """What was proved before a failure is shown and said to count; where nothing was, nothing is claimed."""
    shown = said(*found, failure=Failure.INTERRUPTED)

    assert ("What stands above was proved" in shown, "at least" in shown) == (bool(found), bool(found))


def test_remarks() -> None:
    """Why a run was ended early, and what could not be looked at, is told in the probe's words."""
    payload = q.EGRESS_DOWN.between(1, None, "", {"stopped": "others came", "witness": "no answer"})
    shown = said(payload, q.EGRESS_DOWN_IP.between(1, None))

    assert "ended early: others came\n  the gateway's counters: no answer" in shown


# --- The picture ------------------------------------------------------------------------------------------------------


def evidence(*runs: dict[str, Any]) -> tuple[Raw, ...]:
    """The raw evidence of these runs."""
    return (Raw("egress.json", json.dumps({"servers": [{"runs": runs}], "witness": None}).encode()),)


def one_run(direction: str = "down", own: int = 12_500_000, server: int = 12_500_000, bins: int = 60) -> dict[str, Any]:
    """One run at an even rate."""
    return {"direction": direction, "own_octets": [own] * bins, "server_octets": [server] * bins}


def drawn(*runs: dict[str, Any], width: int = 80) -> list[str]:
    """The picture, line by line."""
    picture = plot_of(runs_of(evidence(*runs)), width, ENGLISH)
    return picture.plain.split("\n") if picture is not None else []


@pytest.mark.parametrize("width", [30, 80, 240])
def test_size(width: int) -> None:
    """The picture is as wide as the terminal allows, never wider than is good, and has 15 rows at most."""
    rows = drawn(one_run(), one_run("up"), width=width)[1:]

    assert (len(rows), {len(row) for row in rows}) == (ROWS, {min(width, WIDEST)})


def test_no_room() -> None:
    """A terminal too narrow for a picture is shown none."""
    assert drawn(one_run(), width=20) == []


def test_told_apart() -> None:
    """Download and upload are told apart without colours: other marks, one after the other."""
    picture = drawn(one_run(), one_run("up", own=5_000_000, server=5_000_000))
    down = {column for row in picture[1:] for column, mark in enumerate(row) if mark == "v"}
    up = {column for row in picture[1:] for column, mark in enumerate(row) if mark == "^"}

    assert "v download  ^ upload" in picture[0]
    assert (down != set(), max(down) < min(up)) == (True, True)


def test_what_the_server_counted_otherwise() -> None:
    """Where the server counted less, that is drawn too; where it counted the same, nothing is added."""
    marks = ["".join(drawn(one_run(server=server))[1:]).count(".") for server in (12_500_000, 6_000_000)]

    assert (marks[0], marks[1] > 20) == (0, True)


def test_height() -> None:
    """The rate at the axis is the one of the bins: 12.5 MB in each tenth of a second is 1 Gbit/s."""
    (row,) = (row for row in drawn(one_run()) if "vvvv" in row)

    assert row.split("┤")[0].strip() == "1000"


@pytest.mark.parametrize(
    "raws",
    [
        pytest.param((), id="none"),
        pytest.param((Raw("egress.json", b"{}"),), id="of a later form"),
        pytest.param(evidence(), id="no run"),
        pytest.param(evidence(one_run(own=0, server=0)), id="nothing flowed"),
        pytest.param(evidence(one_run(bins=0)), id="no bins"),
    ],
)
def test_nothing_to_draw(raws: tuple[Raw, ...]) -> None:
    """Without bins there is no picture, and all else is shown."""
    shown = said(*readings(), raws=raws)

    assert ("┤" in shown, "at least" in shown) == (False, True)


# --- Before and meanwhile ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({"threshold_bit_s": 600_000_000}, "up to 1.1 GB, at 678.529 Mbit/s on the wire", id="paced"),
        pytest.param(
            {"threshold_bit_s": 1_000_000, "direction": "up"},
            "up to 0.9 MB, at 1.13 Mbit/s on the wire",
            id="one direction",
        ),
        pytest.param({}, "the port of this box tells no rate", id="no rate is known"),
        pytest.param(
            {"threshold_bit_s": 600_000_000, "switches": [{"host": "192.0.2.1", "ports": ["wan0"]}]},
            "up to 1.1 GB, at 678.529 Mbit/s on the wire",
            id="with the gateway as a witness",
        ),
    ],
)
def test_announced(settings: dict[str, Any], words: str) -> None:
    """Before a run by hand it is said how much it can move."""
    config = AgentConfig(lines={"loop": Line("lo")})

    assert words in announced({"server": "127.0.0.1:9", "line": "loop"} | settings, config, ENGLISH)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param({"progress": "down", "rate_bit_s": 941_482_011, "at_us": 1}, "download 941 Mbit/s", id="down"),
        pytest.param({"progress": "queue", "position": 2}, "in the server's queue", id="no rate"),
        pytest.param({"progress": "second"}, "second server", id="the next server"),
        pytest.param({"progress": "later"}, "later", id="a phase of a later release"),
    ],
)
def test_in_passing(line: dict[str, Any], words: str) -> None:
    """Progress is shown in words."""
    assert in_passing(line, ENGLISH) == words
