"""Is the agent's key born on the box, and does nobody else read it?"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from agent import keys
from agent.identity import Known, NotEnrolled, keep, load, split_token
from agent.keys import KEY_FILE, KeyWrong, create, public

KNOWN = Known("http://127.0.0.1:1", "00" * 32, "s", "一中", "", "secret")


def test_mode(tmp_path: Path) -> None:
    """A new key is readable by its owner only, in a directory of its owner only, and nothing else is left behind."""
    create(tmp_path / "state")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state", tmp_path / "state" / KEY_FILE)]

    assert (modes, [path.name for path in (tmp_path / "state").iterdir()]) == ([0o700, 0o600], [KEY_FILE])


def test_born_once(tmp_path: Path) -> None:
    """A second enrolment keeps the key, and two boxes have two."""
    first, again, other = (create(tmp_path / name).private_bytes_raw() for name in ("a", "a", "b"))

    assert (first == again, first == other) == (True, False)


def test_a_half_written_key_is_made_anew(tmp_path: Path) -> None:
    """What a power cut left of a first attempt does not stop the second."""
    (tmp_path / "agent.new").write_text("half")

    assert create(tmp_path).private_bytes_raw() == keys.load(tmp_path).private_bytes_raw()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_readable_by_others(tmp_path: Path, mode: int) -> None:
    """A key that others can read is refused, with what to type."""
    create(tmp_path)
    (tmp_path / KEY_FILE).chmod(mode)

    with pytest.raises(KeyWrong, match=f"mode {mode:04o} lets others read the key; type: chmod 600"):
        keys.load(tmp_path)


@pytest.mark.parametrize("text", ["", "zz" * 32, "00" * 31, "00" * 33])
def test_damaged(tmp_path: Path, text: str) -> None:
    """A damaged key is refused by name."""
    create(tmp_path)
    (tmp_path / KEY_FILE).write_text(text)

    with pytest.raises(KeyWrong, match=r"agent\.key: 64 hex digits expected"):
        keys.load(tmp_path)


def test_missing(tmp_path: Path) -> None:
    """Without a key there is something to type."""
    with pytest.raises(KeyWrong, match="enrol this agent first"):
        keys.load(tmp_path)


def test_public() -> None:
    """A public key that is none names where it came from."""
    with pytest.raises(KeyWrong, match="the collector's key: 64 hex digits expected, got 2"):
        public("00", "the collector's key")


# --- Identity ---------------------------------------------------------------------------------------------------------


def test_identity(tmp_path: Path) -> None:
    """What enrolment settled is kept, readable by its owner only."""
    create(tmp_path)
    keep(tmp_path, KNOWN)

    assert (load(tmp_path).known, stat.S_IMODE((tmp_path / "enrolled.json").stat().st_mode)) == (KNOWN, 0o600)


def test_not_enrolled(tmp_path: Path) -> None:
    """Without an identity there is something to type."""
    with pytest.raises(NotEnrolled, match="not enrolled; type: campusproof-agent enrol TOKEN"):
        load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"{}"])
def test_damaged_identity(tmp_path: Path, content: bytes) -> None:
    """A damaged identity is named, with what to do."""
    create(tmp_path)
    (tmp_path / "enrolled.json").write_bytes(content)

    with pytest.raises(NotEnrolled, match=r"enrolled\.json: damaged .* enrol this agent anew"):
        load(tmp_path)


@pytest.mark.parametrize("token", ["", "cp1", "cp1-a", f"cp2-a-{'0' * 64}", "cp1-a-short", f"cp1-a-b-{'0' * 64}"])
def test_bad_token(token: str) -> None:
    """A token that was not copied whole is refused with the form that is expected."""
    with pytest.raises(ValueError, match="expected cp1-SECRET-FINGERPRINT"):
        split_token(token)


def test_token() -> None:
    """A token is a secret and the collector's fingerprint."""
    assert split_token(f" cp1-secret-{'0' * 64}\n") == ("secret", "0" * 64)
