"""What of the settings may a signed Report repeat?"""

from __future__ import annotations

import json

import pytest

from probes import load
from probes._settings import public_settings, subject
from tests.probes.conftest import MARKERS

SWITCHES = [
    {"host": "10.20.0.11", "community": MARKERS["community"]},
    {"host": "10.20.0.12", "user": "u", **{key: MARKERS[key] for key in ("auth_key", "priv_key")}, "priv": "AES"},
]


@pytest.mark.parametrize(
    ("name", "given", "public"),
    [
        pytest.param("desk", {}, {}, id="nothing given"),
        pytest.param(
            "metro",
            {"services": [["a", 1]], "timeout_s": 3},
            {"services": [["a", 1]], "timeout_s": 3},
            id="pairs are lists, whole floats integers",
        ),
        pytest.param(
            "metro",
            {"services": [["a", 1]], "timeout_s": 0.25},
            {"services": [["a", 1]], "timeout_s": "0.25"},
            id="fractions are decimal strings",
        ),
        pytest.param(
            "metro",
            {"services": [["a", 1]], "timeout_s": 1e-07},
            {"services": [["a", 1]], "timeout_s": "0.0000001"},
            id="no exponent",
        ),
        pytest.param("ipv6", {"lab_prefixes": ["2001:db8::/32"]}, {"lab_prefixes": ["2001:db8::/32"]}, id="networks"),
        pytest.param(
            "uplinks",
            {"switches": SWITCHES, "discover": False},
            {
                "switches": [{"host": "10.20.0.11"}, {"host": "10.20.0.12", "user": "u", "priv": "AES"}],
                "discover": False,
            },
            id="secrets are left out",
        ),
    ],
)
def test_public_settings(name: str, given: dict[str, object], public: dict[str, object]) -> None:
    """A Report repeats the settings as they were given, without secrets and in the one spelling that can be signed."""
    settings = load(name).settings.model_validate_json(json.dumps(given))

    assert public_settings(settings) == public


def test_settings_never_show_a_secret() -> None:
    """Neither repr, str nor a dump of the settings shows a secret."""
    settings = load("uplinks").settings.model_validate({"switches": SWITCHES})

    shown = repr(settings) + str(settings) + settings.model_dump_json() + str(public_settings(settings))
    assert [secret for secret in MARKERS.values() if secret in shown] == []


def test_credentials_never_show_a_secret() -> None:
    """The opened credential hides its secret in its repr, for that is what a traceback or a debugger would print."""
    settings = load("uplinks").settings.model_validate({"switches": SWITCHES})

    shown = str([switch.credentials for switch in settings.switches])  # type: ignore[attr-defined]  # known to be uplinks'
    assert [secret for secret in MARKERS.values() if secret in shown] == []


@pytest.mark.parametrize(
    ("host", "written"),
    [("10.0.0.1", "10.0.0.1:443"), ("portal.example", "portal.example:443"), ("2001:db8::1", "[2001:db8::1]:443")],
)
def test_subjects(host: str, written: str) -> None:
    """An IPv6 address stands in brackets before its port."""
    assert subject(host, 443) == written
