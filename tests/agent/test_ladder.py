"""Does a person at the terminal read which rung is broken, why, and what to type?"""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from agent.__main__ import main
from agent.ladder import explained
from agent.ladder_devices import BY_CODE
from agent.scan import Finding
from agent.speech import Speech
from agent.words import translation
from evidence.ladder import FAIL, NOT_TESTED, PASS, RUNGS, grade_of
from evidence.model import Conditions, Facts, Failure, Reading
from evidence.quantities import IPV6_GRADE, IPV6_RUNG
from evidence.rung_words import RUNGS as WORDS
from evidence.spelled import LANGUAGES

CJK = re.compile(r"[\u4e00-\u9fff]")
LINK: dict[str, Facts] = {
    "L1": {"router": "fe80::1", "prefix": "2001:da8:5::/64"},
    "L2": {"prefix": "2001:da8:5::/64"},
    "L3": {"gateway": "fe80::1"},
}


def climbed(**wrong: tuple[str, str]) -> Finding:
    """A run in which every rung passes but those that are named, as (state, code)."""
    states = {rung: wrong.get(rung, (PASS, "")) for rung in RUNGS}
    readings: list[Reading] = [
        IPV6_RUNG.reading(state, subject=rung, facts=LINK.get(rung, {}) | ({"code": code} if code else {}))
        for rung, (state, code) in states.items()
    ]
    low, high = grade_of(states)
    readings.append(IPV6_GRADE.reading(low) if low == high else IPV6_GRADE.between(low, high))
    return Finding(tuple(readings), (), Conditions("test", 1, 2, 1, 2))


def read(finding: Finding, language: str = "en") -> str:
    """What stands at the terminal."""
    screen = Console(file=StringIO(), width=200)
    for part in explained(finding, Speech(translation(language), language)):
        screen.print(part)
    out = screen.file
    assert isinstance(out, StringIO)
    return out.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", WORDS)
def test_every_code(code: str, language: str) -> None:
    """Every code has a sentence and a step in both languages, and no blank is left in what is to be typed."""
    text = read(climbed(L4=(FAIL, code)), language)

    said = WORDS[code]
    assert said.step(language) in text
    assert "{" not in re.sub(r"nft .*|interface <LAN> .*|.*prefix .* \{.*|.*RDNSS.*", "", text)


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        pytest.param(
            climbed(L1=(FAIL, "NO_RA"), L5=(FAIL, "NO_TRANSIT")), "Mend first: L1", id="the lowest that fails"
        ),
        pytest.param(climbed(L4=(NOT_TESTED, "NO_TARGETS")), "Open: L4", id="none fails"),
        pytest.param(climbed(L6=(PASS, "NAT66")), "Open: L6", id="translated on the way"),
        pytest.param(climbed(), "Grade G3: supported", id="all pass"),
        pytest.param(climbed(L4=(NOT_TESTED, "NO_TARGETS")), "Grade from G1 to G3", id="an open grade"),
        pytest.param(climbed(L4=(NOT_TESTED, "NO_TARGETS")), "[probes.ipv6]", id="how to give targets"),
        pytest.param(climbed(L2=(FAIL, "MANUAL_ONLY")), "ipv6 address 2001:da8:5::1/64", id="the prefix is filled in"),
        pytest.param(climbed(L2=(FAIL, "ULA_ONLY")), "ipv6 address <PREFIX>::1/64", id="a wrong prefix is not"),
        pytest.param(climbed(L3=(FAIL, "GW_UNREACHABLE")), "include fe80::1", id="the gateway is filled in"),
        pytest.param(
            Finding((), (), Conditions("t", 1, 2, 1, 2), Failure.UNREACHABLE, "no link"), "no link", id="not climbed"
        ),
    ],
)
def test_what_is_said(finding: Finding, expected: str) -> None:
    """The lowest rung that fails comes first, else one that is open; addresses that were measured stand in the commands."""
    assert expected in read(finding)


def test_nothing_to_mend() -> None:
    """Where all passes there is nothing to type."""
    assert "Mend first" not in read(climbed())


@pytest.mark.parametrize("code", BY_CODE)
def test_devices_have_codes(code: str) -> None:
    """Commands stand for codes that a probe gives, one line or more for each device."""
    assert code in WORDS
    assert all(BY_CODE[code].values())


def test_in_chinese() -> None:
    """Every line of the ladder is Chinese, but for what is typed and measured."""
    lines = read(climbed(L1=(FAIL, "NO_RA")), "zh").splitlines()[:11]

    assert [line for line in lines if not CJK.search(line)] == []


@pytest.mark.parametrize("probes", [[], ["desk"], ["ipv6", "desk"]])
def test_explain_goes_with_ipv6(probes: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The option is refused with another probe, in words that say how it goes."""
    (tmp_path / "config.toml").write_text(f'[agent]\nstate = "{tmp_path}"\n')
    status = main(["--config", str(tmp_path / "config.toml"), "scan", *probes, "--explain", "--language", "en"])

    assert (status, "scan ipv6 --explain" in capsys.readouterr().err) == (2, True)
