"""Is a small file of the box whole, and readable by nobody else?"""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from agent import identity, keys, known
from agent.kept import kept

WHO = identity.Known("https://c.example", "0" * 64, "s", "S", "main", "planted-channel-secret")


@pytest.mark.parametrize(
    ("name", "keep"),
    [
        pytest.param("any", lambda directory: kept(directory, "any", b"x"), id="any"),
        pytest.param(identity.FILE, lambda directory: identity.keep(directory, WHO), id="who the agent is"),
        pytest.param(keys.KEY_FILE, keys.create, id="its key"),
        pytest.param(known.KEYS, lambda directory: known.pin(directory, {"a:22": "SHA256:a"}), id="host keys"),
        pytest.param(known.LAST, lambda directory: known.keep_run(directory, {}, ()), id="the last run"),
    ],
)
def test_what_was_left_behind(name: str, keep: Callable[[Path], object], tmp_path: Path) -> None:
    """A half-written file of an earlier start, readable by all, neither stays nor lends its mode to the new one."""
    left = tmp_path / f"{name}.new"
    left.write_bytes(b"half")
    left.chmod(0o644)

    keep(tmp_path)
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {name: 0o600}


def test_the_old_one_is_replaced(tmp_path: Path) -> None:
    """What is kept again is there once and new; a folder that is missing is made for the owner only."""
    for content in (b"long before", b"new"):
        kept(tmp_path / "state", "any", content)

    assert (tmp_path / "state" / "any").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
