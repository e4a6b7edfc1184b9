"""
How does a network let devices in?

*Method*: the suites of the RSN element (IEEE 802.11-2020 section 9.4.2.24) and of the older WPA element; without either the privacy bit
of the capabilities tells WEP from open.

What it does not prove: that the key is a secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from probes._dot11.elements import number_at

OUI_RSN, OUI_WPA = b"\x00\x0f\xac", b"\x00\x50\xf2"
PRIVACY = 0x10
AKMS = {
    1: "1X",
    2: "PSK",
    3: "FT-1X",
    4: "FT-PSK",
    5: "1X-SHA256",
    6: "PSK-SHA256",
    8: "SAE",
    9: "FT-SAE",
    11: "1X-SUITE-B",
    12: "1X-SUITE-B-192",
    13: "FT-1X-SHA384",
    14: "FILS-SHA256",
    15: "FILS-SHA384",
    16: "FT-FILS-SHA256",
    17: "FT-FILS-SHA384",
    18: "OWE",
    19: "FT-PSK-SHA384",
    20: "PSK-SHA384",
    22: "FT-1X-SHA384",
    23: "1X-SHA384",
    24: "SAE-EXT",
    25: "FT-SAE-EXT",
}
SUITE_OCTETS = 4
AT_PAIRWISE = 6  # after the version and the group cipher
MOST_SUITES = 32


@dataclass(frozen=True, slots=True)
class Suites:
    """Key management (names), and whether management frames are protected: no, capable, required."""

    akms: tuple[str, ...]
    mfp: str = "no"


def suites_of(content: bytes, oui: bytes = OUI_RSN) -> Suites:
    """The suites of an RSN or, by its OUI, of a WPA element without its header; what is missing is not there."""
    at = AT_PAIRWISE + 2 + SUITE_OCTETS * number_at(content, AT_PAIRWISE, 2)
    count = number_at(content, at, 2)
    akms = tuple(dict.fromkeys(_named(content, at + 2, min(count, MOST_SUITES), oui)))
    able = number_at(content, at + 2 + SUITE_OCTETS * count, 2)
    return Suites(akms, "required" if able & 0x40 else "capable" if able & 0x80 else "no")


def _named(content: bytes, at: int, count: int, oui: bytes) -> Iterator[str]:
    """The names of the suites; of one that is not known its octets."""
    for start in range(at, at + SUITE_OCTETS * count, SUITE_OCTETS):
        suite = content[start : start + SUITE_OCTETS]
        if len(suite) == SUITE_OCTETS:
            yield AKMS.get(suite[3], suite.hex()) if suite[:3] == oui else suite.hex()


def security_of(rsn: Suites | None, wpa: Suites | None, capability: int) -> str:
    """How people call it: open, WEP, WPA-PSK, WPA2-PSK, WPA2-PSK+SAE, WPA3-SAE, WPA2-1X, WPA3-1X-192, OWE and the like."""
    if rsn is None and wpa is None:
        return "WEP" if capability & PRIVACY else "open"
    if rsn is None:
        assert wpa is not None  # noqa: S101 - one of the two is there
        return "WPA-" + "+".join(_kinds(wpa))
    kinds = _kinds(rsn)
    return ("WPA+" if wpa is not None else "") + _generation(rsn, kinds) + "+".join(kinds)


def _generation(rsn: Suites, kinds: list[str]) -> str:
    """WPA3 where nothing older is let in; OWE has no number."""
    if kinds == ["OWE"]:
        return ""
    modern = set(kinds) <= {"SAE", "1X-192"} or (kinds == ["1X"] and rsn.mfp == "required")
    return "WPA3-" if modern else "WPA2-"


def _kinds(suites: Suites) -> list[str]:
    """PSK, SAE, 1X, 1X-192, OWE: each once, in this order; what is neither is other."""
    found = {_kind(akm) for akm in suites.akms} or {"other"}
    return [kind for kind in ("PSK", "SAE", "1X", "1X-192", "OWE", "other") if kind in found]


def _kind(akm: str) -> str:
    """The family of one suite."""
    if "SUITE-B-192" in akm or akm in ("FT-1X-SHA384", "1X-SHA384"):
        return "1X-192"
    return next((kind for kind in ("PSK", "SAE", "1X", "OWE") if kind in akm), "1X" if "FILS" in akm else "other")
