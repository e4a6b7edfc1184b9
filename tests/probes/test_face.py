"""Does `python -m probes` keep to docs/probes.md?"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from evidence import quantities
from probes import load, names
from probes.__main__ import _settings
from tests.probes.conftest import MARKERS
from tests.probes.face import ROOT, probe

RULES = {"quantity", "unit", "subject", "value", "at_least", "at_most", "facts"}
SWITCH = {"host": "127.0.0.1", "port": 1, "community": "x"}


@pytest.mark.parametrize(
    ("name", "settings", "key"),
    [
        pytest.param("metro", "", "services", id="nothing at all"),
        pytest.param("metro", "{", "whole object", id="cut off"),
        pytest.param("metro", "services: 3", "whole object", id="not JSON"),
        pytest.param("metro", "[]", "whole object", id="an array"),
        pytest.param("metro", "null", "whole object", id="null"),
        pytest.param("metro", "\xff\xfe", "whole object", id="not readable"),
        pytest.param("metro", {"services": []}, "services", id="no service"),
        pytest.param("metro", {"services": [["h", 1]] * 51}, "services", id="too many services"),
        pytest.param("metro", {"services": [["h", "80"]]}, "services.0.1", id="port as text"),
        pytest.param("metro", {"services": [["h", 65536]]}, "services.0.1", id="no such port"),
        pytest.param("metro", {"services": [["a b", 80]]}, "services.0.0", id="no host name"),
        pytest.param("metro", {"services": [["[::1]", 80]]}, "services.0.0", id="brackets"),
        pytest.param("metro", {"services": [["1.2.3.400", 80]]}, "services.0.0", id="no address"),
        pytest.param("metro", {"services": [["h", 80]], "timeout": 3}, "timeout", id="unknown key"),
        pytest.param("metro", {"services": [["h", 80]], "timeout_s": "3"}, "timeout_s", id="time-out as text"),
        pytest.param("metro", {"services": [["h", 80]], "timeout_s": 0}, "timeout_s", id="no time"),
        pytest.param("desk", {"interface": "eth0"}, "interface", id="desk takes nothing"),
        pytest.param("ipv6", {"listen": 3}, "listen", id="ipv6 unknown key"),
        pytest.param("ipv6", {"rs_tries": True}, "rs_tries", id="a truth is no number"),
        pytest.param("ipv6", {"interface": "../all"}, "interface", id="no interface name"),
        pytest.param("ipv6", {"lab_prefixes": ["2001:db8::1/32"]}, "lab_prefixes.0", id="no prefix"),
        pytest.param("uplinks", "", "switches", id="uplinks nothing"),
        pytest.param("uplinks", {"switches": []}, "switches", id="no switch"),
        pytest.param("uplinks", {"switches": [{"host": "a"}]}, "community", id="no credential"),
        pytest.param("uplinks", {"switches": [SWITCH, SWITCH]}, "127.0.0.1:1 is listed twice", id="twice"),
        pytest.param(
            "uplinks", {"switches": [SWITCH], "approved": [{"name": "a", "no_secret": True}]}, "discover", id="approved"
        ),
        pytest.param(
            "uplinks",
            {"switches": [SWITCH], "discover": True, "approved": [{"name": "a", "community": "x"}]},
            "approved.0",
            id="an approved neighbour by community",
        ),
        pytest.param("uplinks", {"switches": [{**SWITCH, "user": "u"}]}, "either community", id="two credentials"),
        pytest.param("uplinks", {"switches": [{"host": "a", "user": "u"}]}, "auth_key", id="v3 without a key"),
        pytest.param("uplinks", {"switches": [{**SWITCH, "auth": "MD5"}]}, "switches.0.auth", id="MD5"),
        pytest.param("uplinks", {"switches": [{**SWITCH, "comunity": "x"}]}, "switches.0.comunity", id="misspelt"),
    ],
)
def test_bad_settings_are_refused_by_key(name: str, settings: object, key: str) -> None:
    """Settings that are not the probe's own are refused in words that name the key."""
    text = settings if isinstance(settings, str) else json.dumps(settings)

    with pytest.raises(ValueError, match=re.escape(key)):
        _settings(load(name), text.encode())


@pytest.mark.parametrize(
    ("name", "settings", "key"),
    [
        pytest.param("metro", "", "services", id="nothing"),
        pytest.param("uplinks", "[]", "whole object", id="an array"),
        pytest.param("ipv6", "interface = eth0", "whole object", id="not JSON"),
        pytest.param("desk", {"interface": "eth0"}, "interface", id="unknown key"),
    ],
)
def test_a_refusal_has_status_2(name: str, settings: object, key: str) -> None:
    """Bad settings end the process with status 2, nothing on standard output, and the key on standard error."""
    answer = probe(name, settings)

    assert (answer.status, answer.lines, key in answer.errors) == (2, [], True), answer.errors


def test_an_unknown_probe_is_refused() -> None:
    """A name that is no probe ends with status 2 and the names that there are."""
    answer = probe("metr", "{}")

    assert (answer.status, all(name in answer.errors for name in names())) == (2, True)


@pytest.mark.parametrize(
    "switch",
    [
        pytest.param({"host": "a", "user": "u", **MARKERS}, id="two credentials"),
        pytest.param({"host": "a", "community": [MARKERS["community"]]}, id="a secret in a list"),
        pytest.param({"host": "a", "user": "u", "auth_key": {"is": MARKERS["auth_key"]}}, id="a secret in an object"),
        pytest.param({"host": MARKERS["community"] + " ", "community": "x"}, id="a secret as the host"),
        pytest.param({"host": "a", "community": "x", "port": MARKERS["community"]}, id="a secret as the port"),
        pytest.param({"host": "a", "user": "u", "auth": MARKERS["auth_key"]}, id="a secret as the protocol"),
        pytest.param(MARKERS["community"], id="a secret as the switch"),
    ],
)
def test_a_refusal_never_repeats_a_secret(switch: object) -> None:
    """Whatever is wrong with the settings, no secret in them comes back in the words, not even behind the error."""
    with pytest.raises(ValueError, match="settings: ") as refused:
        _settings(load("uplinks"), json.dumps({"switches": [switch]}).encode())

    words = "".join(traceback.format_exception(refused.value))
    assert [secret for secret in MARKERS.values() if secret in words] == []


def test_every_line_has_the_shape_of_the_contract(
    listener: tuple[str, int], closed_port: tuple[str, int], folder: Path
) -> None:
    """Each line is a reading of a declared quantity, a piece of evidence, or, once and last, the end."""
    answer = probe("metro", {"services": [listener, closed_port]}, evidence=folder)

    kinds = [next(kind for kind in ("quantity", "evidence", "end") if kind in line) for line in answer.lines]
    readings = [line for line in answer.lines if "quantity" in line]
    assert answer.status == 0
    assert kinds.count("end") == 1
    assert kinds[-1] == "end"
    assert {line["quantity"] for line in readings} <= quantities.ALL.keys()
    assert all(set(line) <= RULES and line["unit"] == quantities.ALL[line["quantity"]].unit for line in readings)


def test_a_crash_has_status_1(listener: tuple[str, int]) -> None:
    """A mistake of the program leaves its trace and no last line, so that nobody takes the run for a whole one."""
    answer = probe("metro", {"services": [listener]}, evidence=Path("/proc/none"))

    assert (answer.status, [line for line in answer.lines if "end" in line]) == (1, []), answer.errors
    assert "Traceback" in answer.errors


def test_the_face_is_utf8_in_every_locale(closed_port: tuple[str, int]) -> None:
    """A box with an old locale still prints what it read, and the last line is still the end."""
    switch = {"host": closed_port[0], "port": closed_port[1], "community": "x", "name": "核心交换机"}
    settings = {"switches": [switch], "timeout_s": 0.2, "retries": 0}
    answer = probe("uplinks", settings, inside=["env", "PYTHONIOENCODING=ascii", "LC_ALL=C"])

    assert (answer.of("devices.answered")[0]["facts"]["name"], answer.end["end"]) == ("核心交换机", "failed")


def test_the_list_names_every_probe_and_setting() -> None:
    """Without a name the face lists each probe, what it produces and what it can be told."""
    listed = _list()

    assert [line for line in listed if not line.startswith(" ")] == names()


def _list() -> list[str]:
    """The list as printed."""
    command = [sys.executable, "-m", "probes"]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout.splitlines()
