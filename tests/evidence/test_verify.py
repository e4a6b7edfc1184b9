"""Does campusproof-verify say yes to what holds, and no, by name, to what does not?"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.model import Failure
from evidence.seal import LARGEST_ENVELOPE, RECEIPT, REPORT, key_id, seal
from evidence.verify import main
from tests.evidence.samples import (
    AGENT,
    COLLECTOR,
    OTHER_AGENT,
    STRANGER,
    chain,
    changed,
    id_of,
    receipt_for,
    report,
    signed_by_hand,
    spelled,
)

Capture = pytest.CaptureFixture[str]


def public(key: Ed25519PrivateKey) -> str:
    """A public key as the command line takes it."""
    return key.public_key().public_bytes_raw().hex()


KEYS = ["--agent-key", public(AGENT), "--agent-key", public(OTHER_AGENT), "--collector-key", public(COLLECTOR)]


def keep(directory: Path, name: str, envelope: bytes, receipt: bytes | None = None) -> Path:
    """Write an envelope and its receipt side by side."""
    path = directory / f"{name}.dsse.json"
    path.write_bytes(envelope)
    path.with_name(f"{name}.receipt.json").write_bytes(receipt_for(envelope) if receipt is None else receipt)
    return path


def keep_all(directory: Path, envelopes: list[bytes]) -> Path:
    """Write envelopes of one chain under their numbers."""
    for number, envelope in enumerate(envelopes, 1):
        keep(directory, str(number), envelope)
    return directory


def outcome(capsys: Capture, *paths: Path) -> tuple[int, list[str]]:
    """The exit status, and the lines that say what is broken."""
    status = main([*KEYS, *map(str, paths)])
    return status, [line for line in capsys.readouterr().out.splitlines() if line.startswith("BROKEN")]


def test_a_whole_chain(tmp_path: Path, capsys: Capture) -> None:
    """A directory of good reports holds, a line for each."""
    status = main([*KEYS, str(keep_all(tmp_path, chain(3)))])

    assert (status, capsys.readouterr().out.splitlines()) == (
        0,
        [*(f"holds   {number}.dsse.json  sequence {number}  desk" for number in (1, 2, 3)), "3 hold, 0 problems"],
    )


def test_a_segment_that_begins_later(tmp_path: Path, capsys: Capture) -> None:
    """Part of a chain may be whole: nobody must hand over all that ever was."""
    keep_all(tmp_path, chain(4))

    assert outcome(capsys, tmp_path / "3.dsse.json", tmp_path / "4.dsse.json") == (0, [])


def test_two_agents_have_two_chains(tmp_path: Path, capsys: Capture) -> None:
    """Every key has its own sequence."""
    for number, envelope in enumerate(chain(2) + chain(2, OTHER_AGENT)):
        keep(tmp_path, str(number), envelope)

    assert outcome(capsys, tmp_path) == (0, [])


def test_the_same_file_twice(tmp_path: Path, capsys: Capture) -> None:
    """A report that is named twice is no fork."""
    keep_all(tmp_path, chain(2))

    assert outcome(capsys, tmp_path, tmp_path / "1.dsse.json") == (0, [])


def test_a_report_of_a_failure(tmp_path: Path, capsys: Capture) -> None:
    """That a probe could not measure is itself evidence that holds, and is said."""
    keep_all(tmp_path, chain(1, failure=Failure.TIMED_OUT))
    main([*KEYS, str(tmp_path)])

    assert "could not measure: timed_out" in capsys.readouterr().out


def test_keys_from_files(tmp_path: Path) -> None:
    """A key may lie in a file, with a line feed behind it."""
    (tmp_path / "agent.pub").write_text(public(AGENT) + "\n")
    (tmp_path / "collector.pub").write_text(public(COLLECTOR))
    path = keep(tmp_path, "1", chain(1)[0])
    files = ["--agent-key", str(tmp_path / "agent.pub"), "--collector-key", str(tmp_path / "collector.pub")]

    assert main([*files, str(path)]) == 0


ONE, TWO, THREE = chain(3)
FIRST = report()
STRANGE = seal(REPORT, report(key=STRANGER), STRANGER)
IMPOSED = signed_by_hand(spelled(msgspec.to_builtins(report(key=OTHER_AGENT))))
RECEIPT_BY_STRANGER = receipt_for(ONE, STRANGER)
BREAKS: dict[str, tuple[bytes, bytes, str]] = {
    "not JSON": (b"report", receipt_for(ONE), "malformed"),
    "too large": (b" " * (LARGEST_ENVELOPE + 1), receipt_for(ONE), "too_large"),
    "payload changed": (changed(ONE, payload="e30="), receipt_for(ONE), "bad_signature"),
    "signed by a stranger": (STRANGE, receipt_for(ONE), "unknown_key"),
    "signed by another agent": (IMPOSED, receipt_for(ONE), "bad_signature: agent"),
    "a receipt in its place": (signed_by_hand(b"{}", RECEIPT), receipt_for(ONE), "malformed: payloadType"),
    "receipt of another report": (ONE, receipt_for(TWO), "malformed: receipt"),
    "receipt of another id": (ONE, receipt_for(ONE, evidence=id_of(TWO)), "malformed: receipt"),
    "receipt of another sequence": (ONE, receipt_for(ONE, sequence=2), "malformed: receipt"),
    "receipt of another agent": (ONE, receipt_for(ONE, agent=key_id(OTHER_AGENT.public_key())), "malformed: receipt"),
    "receipt by a stranger": (ONE, RECEIPT_BY_STRANGER, "unknown_key"),
    "receipt by the agent": (ONE, receipt_for(ONE, AGENT), "unknown_key"),
    "receipt changed": (ONE, changed(receipt_for(ONE), payload="e30="), "bad_signature"),
    "the report as its receipt": (ONE, ONE, "unknown_key"),
    "another message as its receipt": (ONE, seal(REPORT, FIRST, COLLECTOR), "malformed: payloadType"),
    "receipt empty": (ONE, b"", "malformed: envelope"),
}


@pytest.mark.parametrize(("envelope", "receipt", "reason"), BREAKS.values(), ids=BREAKS.keys())
def test_a_file_that_does_not_hold(
    tmp_path: Path, capsys: Capture, envelope: bytes, receipt: bytes, reason: str
) -> None:
    """Exit status 1, one line, and the code of the refusal in it."""
    status, broken = outcome(capsys, keep(tmp_path, "1", envelope, receipt))

    assert (status, [line.startswith(f"BROKEN  1.dsse.json: {reason}") for line in broken]) == (1, [True])


LATER = seal(REPORT, report(2, "ab" * 32), AGENT)
CHAINS = {
    "gap": ([ONE, THREE], "out_of_sequence: 2.dsse.json: sequence 2 to 2 missing"),
    "fork": ([ONE, seal(REPORT, report(detail="better"), AGENT)], "forked: 1.dsse.json and 2.dsse.json"),
    "chain broken": ([ONE, LATER], "broken_chain: 2.dsse.json: does not follow 1.dsse.json"),
}


@pytest.mark.parametrize(("envelopes", "reason"), CHAINS.values(), ids=CHAINS.keys())
def test_files_that_do_not_hold_together(tmp_path: Path, capsys: Capture, envelopes: list[bytes], reason: str) -> None:
    """Each file may be good and the set still be broken: one is missing, two contradict, one does not follow."""
    status, broken = outcome(capsys, keep_all(tmp_path, envelopes))

    assert (status, [line.startswith(f"BROKEN  {reason}") for line in broken]) == (1, [True])


def test_one_bad_file_among_good_ones(tmp_path: Path, capsys: Capture) -> None:
    """The good ones are still counted; the hole that the bad one leaves is named, too."""
    keep_all(tmp_path, chain(3))
    (tmp_path / "2.dsse.json").write_bytes(changed(TWO, payload="e30="))
    status, broken = outcome(capsys, tmp_path)

    assert (status, [line.split(": ")[:2] for line in broken]) == (
        1,
        [["BROKEN  2.dsse.json", "bad_signature"], ["BROKEN  out_of_sequence", "3.dsse.json"]],
    )


def test_a_name_cannot_draw_a_line(tmp_path: Path, capsys: Capture) -> None:
    """What a signer wrote cannot pretend to be another line of the answer, nor move the cursor."""
    keep(tmp_path, "1", seal(REPORT, report(probe="desk\nholds   2.dsse.json\x1b[2J"), AGENT))
    main([*KEYS, str(tmp_path)])

    assert capsys.readouterr().out.splitlines()[0] == (
        r"holds   1.dsse.json  sequence 1  desk\nholds   2.dsse.json\x1b[2J"
    )


def test_a_file_name_that_is_not_text(tmp_path: Path, capsys: Capture) -> None:
    """A file name in another encoding is shown, not stumbled over."""
    keep(tmp_path, os.fsdecode(b"\xe5"), ONE)

    assert outcome(capsys, tmp_path) == (0, [])


Broken = Callable[[Path], list[str]]
CANNOT: dict[str, tuple[Broken, str]] = {
    "file missing": (lambda room: [*KEYS, str(room / "9.dsse.json")], "No such file"),
    "receipt missing": (lambda room: [*KEYS, str(room / "alone.dsse.json")], "alone.receipt.json: No such file"),
    "another name": (lambda room: [*KEYS, str(room / "1.json")], "files named *.dsse.json expected"),
    "empty directory": (lambda room: [*KEYS, str(room / "empty")], "no files"),
    "a directory named like a file": (
        lambda room: [*KEYS, str(room / "odd" / "x.dsse.json" / "y.dsse.json")],
        "y.dsse",
    ),
    "key that is none": (lambda room: [*KEYS, "--agent-key", "xyz", str(room)], "key 'xyz'"),
    "key too short": (lambda room: [*KEYS, "--agent-key", "ab" * 31, str(room)], "64 hex digits"),
    "key file without a key": (lambda room: [*KEYS, "--collector-key", str(room / "note"), str(room)], "64 hex digits"),
    "key longer than a file name": (lambda room: [*KEYS, "--agent-key", "ab" * 4000, str(room)], "64 hex digits"),
}


@pytest.mark.parametrize(("arguments", "says"), CANNOT.values(), ids=CANNOT.keys())
def test_what_cannot_be_checked(tmp_path: Path, capsys: Capture, arguments: Broken, says: str) -> None:
    """Exit status 2 and what is missing, on stderr: neither a yes nor a no."""
    keep(tmp_path, "1", ONE)
    (tmp_path / "alone.dsse.json").write_bytes(ONE)
    (tmp_path / "empty").mkdir()
    (tmp_path / "odd").mkdir()
    (tmp_path / "note").write_text("钥匙", "utf-8")
    status = main(arguments(tmp_path))

    assert (status, says in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize("missing", ["--agent-key", "--collector-key"])
def test_without_a_key(missing: str, tmp_path: Path, capsys: Capture) -> None:
    """Keys come from whoever checks: without one there is nothing to say."""
    other = [
        word for option, word in zip(KEYS[::2], KEYS[1::2], strict=True) if option != missing for word in (option, word)
    ]

    with pytest.raises(SystemExit) as ended:
        main([*other, str(tmp_path)])

    assert (ended.value.code, missing in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize(("envelopes", "status"), [([ONE, TWO], 0), ([ONE, THREE], 1), ([], 2)], ids=["0", "1", "2"])
def test_the_installed_command(tmp_path: Path, envelopes: list[bytes], status: int) -> None:
    """The command that people type ends with the same status."""
    command = Path(sys.executable).with_name("campusproof-verify")
    if not command.exists():
        pytest.skip("the project is not installed in this environment: there is no campusproof-verify")
    keep_all(tmp_path, envelopes)

    assert subprocess.run([command, *KEYS, tmp_path], capture_output=True, timeout=60).returncode == status
