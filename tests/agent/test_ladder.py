"""Does a person at the terminal read which rung is broken, why, and what to type?"""

from __future__ import annotations

import re
import tomllib
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from agent.__main__ import main
from agent.byhand import _public
from agent.config import AgentConfig
from agent.ladder import explained
from agent.ladder_devices import BY_CODE
from agent.ladder_devices_beyond import BY_HAND
from agent.ladder_vendors import SETTINGS
from agent.ladder_words import FINE, OPERATORS, PROVIDERS
from agent.scan import LADDER, Finding, with_secrets
from agent.speech import Speech
from agent.words import translation
from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS, RUNGS, grade_of
from evidence.model import Conditions, Facts, Failure, Reading
from evidence.quantities import IPV6_GRADE, IPV6_RUNG
from evidence.rung_words import RUNGS as WORDS
from evidence.spelled import LANGUAGES
from probes._ipv6.settings import Settings
from tests.agent.conftest import Enrolled

CJK = re.compile(r"[\u4e00-\u9fff]")
LINK: dict[str, Facts] = {
    "L1": {"router": "fe80::1", "prefix": "2001:da8:5::/64"},
    "L2": {"prefix": "2001:da8:5::/64"},
    "L3": {"gateway": "fe80::1"},
    "L4": {"resolver": "2001:da8::53"},
    "L6": {"server": "2001:da8:f::10", "local": "2001:da8:5::77"},
}
LOCAL_ONLY: dict[str, Facts] = {"L1": {"prefix": "fd00:5::/64"}, "L2": {"class": "ula"}}
BLANK = re.compile(r"\{[a-z_]+\}")
ANOTHER_TIME = {
    "TENTATIVE",
    "NOT_REACHED",
    "SMALL_FAILS",
    "V4_SILENT",
    "TOO_SLOW",
    "TOO_SHORT",
    "BROKEN_OFF",
    "NOT_THERE",
}
"""What another run decides, after a lower rung was mended or at another hour."""


def climbed(link: dict[str, Facts] = LINK, /, **wrong: tuple[str, str]) -> Finding:
    """A run in which every rung passes but those that are named, as (state, code)."""
    states = {rung: wrong.get(rung, (PASS, "")) for rung in RUNGS}
    readings: list[Reading] = [
        IPV6_RUNG.reading(state, subject=rung, facts=link.get(rung, {}) | ({"code": code} if code else {}))
        for rung, (state, code) in states.items()
    ]
    low, high = grade_of(states)
    about: Facts = {"interface": "eth0"}
    readings.append(IPV6_GRADE.reading(low, facts=about) if low == high else IPV6_GRADE.between(low, high, facts=about))
    return Finding(tuple(readings), (), Conditions("test", 1, 2, 1, 2))


def read(finding: Finding, language: str = "en", width: int = 250) -> str:
    """What stands at the terminal."""
    screen = Console(file=StringIO(), width=width)
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

    assert WORDS[code].step(language) in text
    assert not BLANK.search(text)


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
        pytest.param(
            climbed(L1=(FAIL, "NO_RA"), L4=(NOT_TESTED, "NO_TARGETS")), "[probes.ipv6]", id="also below a failure"
        ),
        pytest.param(climbed(L2=(FAIL, "MANUAL_ONLY")), "ipv6 address 2001:da8:5::1/64", id="the prefix is filled in"),
        pytest.param(
            climbed(LOCAL_ONLY, L2=(FAIL, "ULA_ONLY")), "ipv6 address <PREFIX>::1/64", id="a wrong prefix is not"
        ),
        pytest.param(
            climbed(L3=(FAIL, "GW_UNREACHABLE")), "ping -6 -c 3 -I eth0 fe80::1", id="port and gateway are filled in"
        ),
        pytest.param(
            climbed(L4=(FAIL, "AAAA_FILTERED")), "dig @2001:da8::53 AAAA <NAME>", id="the resolver is filled in"
        ),
        pytest.param(
            climbed(L7=(FAIL, "PMTU_BLACKHOLE_UP")), "tracepath -6 -n 2001:da8:f::10", id="the server is filled in"
        ),
        pytest.param(climbed(L6=(FAIL, "CAPTIVE")), "web-auth direct-host 2001:da8:5::77", id="the box is filled in"),
        pytest.param(climbed(L3=(FAIL, "GW_UNREACHABLE")), "Measured: gateway: fe80::1", id="what was measured"),
        pytest.param(
            climbed(L6=(FAIL, "CAPTIVE")), "radvd / Linux: no command for it is known", id="a device without a command"
        ),
        pytest.param(climbed(L5=(INCONCLUSIVE, "SERVER_UNREACHABLE")), "the operator's matter", id="the operator's"),
        pytest.param(climbed(L5=(FAIL, "PARTIAL_TRANSIT")), "the provider's matter", id="the provider's"),
        pytest.param(climbed(), "G4 (in use) is given by the collector only", id="who gives the last grade"),
        pytest.param(climbed(L9=(NOT_TESTED, "NOT_ORDERED")), "nothing to mend", id="left out on purpose"),
        pytest.param(climbed(L4=(PASS, "NO_V6_RESOLVER")), "Open: L4", id="a remark that asks for something"),
        pytest.param(
            climbed({"L1": {"managed": "yes"}}, L2=(FAIL, "NO_ADDRESS")), "dhcpv6 pool", id="addresses come by DHCPv6"
        ),
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


def test_not_climbed_is_not_well() -> None:
    """A run that broke off before the first rung is not told to be in order."""
    broken_off = Finding((), (), Conditions("t", 1, 2, 1, 2), Failure.TIMED_OUT, "killed")

    assert "nothing to mend" not in read(broken_off)


@pytest.mark.parametrize(
    ("state", "word"), [(PASS, "pass"), (FAIL, "fail"), (NOT_TESTED, "not tested"), (INCONCLUSIVE, "inconclusive")]
)
def test_states_in_words(state: str, word: str) -> None:
    """What came of a rung is said in words beside its mark."""
    line = next(one for one in read(climbed(L9=(state, ""))).splitlines() if " L9 " in one)

    assert line.endswith(f"— {word}")


@pytest.mark.parametrize("code", BY_CODE)
def test_devices_have_codes(code: str) -> None:
    """Commands stand for codes that a probe gives, one line or more for each device."""
    assert code in WORDS
    assert all(BY_CODE[code].values())


@pytest.mark.parametrize("code", WORDS)
def test_somebody_acts(code: str) -> None:
    """Of each code it is known what to type, whose matter it is, or that nothing is to be typed."""
    assert code in {*BY_CODE, *OPERATORS, *PROVIDERS, *FINE, *ANOTHER_TIME}


@pytest.mark.parametrize("code", BY_CODE)
def test_lines_fit(code: str) -> None:
    """A line to type is not broken by a terminal of 80 columns."""
    shown = {line.strip() for line in read(climbed(L4=(FAIL, code)), width=80).splitlines()}
    typed = [line.strip() for lines in BY_CODE[code].values() for line in lines]

    assert [line for line in typed if line and not BLANK.search(line) and line not in shown] == []


def test_targets_by_hand() -> None:
    """The file that is shown to whoever has no targets is one that the probe takes, once its blanks are filled."""
    text = "\n".join(BY_HAND[SETTINGS]).replace("<64 HEX DIGITS>", "a" * 64).replace("<IPV6>", "2001:da8::1")
    filled = text.replace("<IPV4>", "192.0.2.1").replace("<ZONE>", "ipv6.example.net").replace("<NETWORK>", "telecom")
    settings = Settings.model_validate(tomllib.loads(filled)["probes"]["ipv6"])

    assert (settings.echo is not None, len(settings.targets)) == (True, 1)


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


@pytest.mark.parametrize("given", [{}, {"agent": "somebody"}], ids=["nothing", "another box"])
def test_who_asks(given: dict[str, str], enrolled: Enrolled) -> None:
    """The box says who it is, whatever an order or a file says of it, and its report does not repeat it."""
    joined = with_secrets(given, enrolled.config, LADDER)

    assert (joined["agent"], _public(LADDER, given, enrolled.config)) == (enrolled.identity.agent, {})


def test_who_asks_unknown(tmp_path: Path) -> None:
    """A box that is not enrolled is nobody, whatever a file says."""
    assert with_secrets({"agent": "somebody"}, AgentConfig(state=str(tmp_path)), LADDER)["agent"] == ""
