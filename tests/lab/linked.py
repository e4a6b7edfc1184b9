"""
What does the probe `uplinks` tell of the virtual school's switches, asked from the agent's place?

The probe is run as anybody runs it, and what it tells of the links between switches is put into a few words that a table of a test
can hold.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from evidence.model import Conditions, Reading, Report
from probes._switch import mib
from tests.lab.school import VirtualSchool
from tests.lab.topology import SNMP_USERS, SWITCH_ADDRESS
from tests.probes.face import Answer, probe

M, G = 1_000_000, 1_000_000_000
PLACES = {"core": "main/teaching-1/1", "acc1": "main/teaching-1/301", "acc2": "main/teaching-2/201"}
"""Two of the three switches stand in one building."""
HIGH_SPEED, OPER = (".".join(map(str, mib.INTERFACES[name])) for name in ("ifHighSpeed", "ifOperStatus"))
_V3 = SNMP_USERS[1]
USER = {"user": _V3.name, "auth": _V3.auth, "auth_key": _V3.auth_key, "priv": "AES", "priv_key": _V3.priv_key}
"""The settings that ask by SNMP v3."""

Links = dict[str, tuple[str, str, str]]
"""By the near end: how it is confirmed, the far end, and the rate: exact (`10G`), at most (`<= 10G`), or unknown (`?`)."""

GROUP: Links = {"core/Eth-Trunk1": ("both", "acc1/Bridge-Aggregation1", "10G")}
TO_ACC2: Links = {"core/ge3": ("both", "acc2/ge1", "10G")}
SECOND: Links = {"acc1/ge4": ("both", "acc2/ge3", "10G")}
WHOLE = GROUP | TO_ACC2 | SECOND
# acc2 has ports but no rates.
WITHOUT_RATES: Links = GROUP | {"core/ge3": ("both", "acc2/ge1", "<= 10G"), "acc1/ge4": ("both", "acc2/ge3", "<= 10G")}


@dataclass(frozen=True)
class Seen:
    """One run of the probe: what it told, what it kept as evidence, and how long it took."""

    answer: Answer
    topology: dict[str, Any]
    seconds: float
    settings: dict[str, Any]

    def links(self) -> Links:
        """All links, with the switches' names."""
        return {
            named(line["subject"]): (line["facts"]["confirmed"], named(line["facts"]["peer"]), rate(line))
            for line in self.answer.of("link.speed")
        }

    def rate_of(self, quantity: str) -> str:
        """One figure of the whole school, `-` where it is not told."""
        told = self.answer.of(quantity, "")
        return rate(told[0]) if told else "-"

    def port(self, where: str, quantity: str) -> dict[str, Any] | None:
        """A reading of one port."""
        return next((line for line in self.answer.of(quantity) if named(line["subject"]) == where), None)


def rate(line: dict[str, Any]) -> str:
    """A rate in Gbit/s as the tables here write it."""
    if "value" in line:
        return f"{line['value'] / G:g}G"
    return f"<= {line['at_most'] / G:g}G" if "at_most" in line else "?"


def named(subject: str) -> str:
    """`core/ge2` for `10.20.0.2:161/ge2`."""
    host, slash, port = subject.partition("/")
    return next((name for name, address in SWITCH_ADDRESS.items() if host == f"{address}:161"), host) + slash + port


def switches(school: VirtualSchool) -> list[dict[str, Any]]:
    """The school's list: two switches by community, one by a v3 user."""
    plain = {"community": school.settings.community}
    secrets = {"core": plain, "acc1": USER, "acc2": plain}
    return [
        {"host": address, "name": name, "place": PLACES[name], "core": name == "core", **secrets[name]}
        for name, address in SWITCH_ADDRESS.items()
    ]


def ask(school: VirtualSchool, folder: Path, changes: dict[str, dict[str, Any]] | None = None) -> Seen:
    """Run the probe on the agent's machine; `changes` are other settings of one switch, by its name."""
    listed = [one | (changes or {}).get(one["name"], {}) for one in switches(school)]
    settings = {"switches": listed, "timeout_s": 1, "retries": 2}
    started = time.monotonic()
    answer = probe("uplinks", settings, evidence=folder, inside=school.node("agent").enter)
    drawn = json.loads((folder / "topology.json").read_text())
    return Seen(answer, drawn, time.monotonic() - started, settings)


def report(seen: Seen) -> Report:
    """A run as the agent would sign it, the secrets left out."""
    secret = {"community", "auth_key", "priv_key"}
    listed = [{key: value for key, value in one.items() if key not in secret} for one in seen.settings["switches"]]
    readings = [msgspec.convert(line, Reading) for line in seen.answer.lines if "quantity" in line]
    return Report(
        agent="agent",
        sequence=1,
        previous="",
        probe="uplinks",
        settings=seen.settings | {"switches": listed},
        readings=tuple(readings),
        conditions=Conditions("test", 1, 2, 1, 2),
    )
