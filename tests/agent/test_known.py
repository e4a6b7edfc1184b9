"""Does the box remember host keys as it must: pinned once, never replaced by themselves, readable by nobody else?"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from agent.known import HostKey, forget, host_keys, keep_run, last_run, pin
from evidence import quantities as q

SWITCH, OTHER = "10.20.0.1:22", "[fd00::1]:22"


def test_a_key_is_pinned_once(tmp_path: Path) -> None:
    """The first key is pinned; another one later is told and changes nothing."""
    pin(tmp_path, {SWITCH: "SHA256:first"})
    (key,) = pin(tmp_path, {SWITCH: "SHA256:second"})

    assert (key, key.changed, key.new) == (HostKey(SWITCH, "SHA256:second", "SHA256:first"), True, False)
    assert host_keys(tmp_path) == {SWITCH: "SHA256:first"}


def test_new_and_same(tmp_path: Path) -> None:
    """A key is new once and the same afterwards."""
    states = [[(one.new, one.changed) for one in pin(tmp_path, {SWITCH: "SHA256:a"})] for _ in range(2)]

    assert states == [[(True, False)], [(False, False)]]


def test_another_switch_keeps_its_pin(tmp_path: Path) -> None:
    """Pinning one switch leaves the others as they are."""
    pin(tmp_path, {SWITCH: "SHA256:a"})
    pin(tmp_path, {OTHER: "SHA256:b"})

    assert host_keys(tmp_path) == {SWITCH: "SHA256:a", OTHER: "SHA256:b"}


@pytest.mark.parametrize(
    ("named", "gone"),
    [
        ("10.20.0.1", [SWITCH]),
        (SWITCH, [SWITCH]),
        ("fd00::1", [OTHER]),
        ("[fd00::1]", [OTHER]),
        (OTHER, [OTHER]),
        ("10.20.0", []),
        ("", []),
    ],
)
def test_forget(tmp_path: Path, named: str, gone: list[str]) -> None:
    """A pin is taken back by the address as a person writes it, and no other with it."""
    pin(tmp_path, {SWITCH: "SHA256:a", OTHER: "SHA256:b"})

    assert forget(tmp_path, named) == gone
    assert set(host_keys(tmp_path)) == {SWITCH, OTHER} - set(gone)


def test_for_the_owner_only(tmp_path: Path) -> None:
    """What is remembered is readable by nobody else, and nothing half-written stays behind."""
    pin(tmp_path / "state", {SWITCH: "SHA256:a"})
    keep_run(tmp_path / "state", {}, ())
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}

    assert files == {"host-keys.json": 0o600, "last-uplinks.json": 0o600}


def test_the_last_run(tmp_path: Path) -> None:
    """The last run is kept whole; before it there is none."""
    readings = (q.PORT_UP.reading("yes", "10.20.0.1:161/ge1", {"if_index": 1}),)
    before = last_run(tmp_path)
    keep_run(tmp_path, {"switches": [{"host": "10.20.0.1"}]}, readings)
    after = last_run(tmp_path)

    assert (before.readings, after.settings, after.readings) == ((), {"switches": [{"host": "10.20.0.1"}]}, readings)
