"""
Do these sealed files hold together, by themselves, years later?

For each `NAME.dsse.json` with its `NAME.receipt.json`: is the signature good, is the key one that you trust, does the receipt
speak of it; and over all files of an agent: does every sequence number follow the one before, and does the chain hold? The
keys come from you, never from the files. Exit status 0: all of it holds; 1: something does not; 2: it cannot be checked.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evidence.errors import BadSignature, BrokenChain, Forked, Malformed, OutOfSequence, Rejected
from evidence.model import Report
from evidence.seal import RECEIPT, REPORT, KeyFinder, key_id, open_sealed
from evidence.wire import Receipt

SEALED, RECEIPTED = ".dsse.json", ".receipt.json"
HOLDS, BROKEN, CANNOT = 0, 1, 2


class CannotCheck(Exception):
    """Nothing can be said: no files, no key, unreadable; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One verified report and its id."""

    path: Path
    id: str
    report: Report


def main(argv: list[str] | None = None) -> int:
    """Check the files named on the command line; a line for each, and the exit status above."""
    options = _parser().parse_args(argv)
    try:
        agents, collectors = keys(options.agent_key), keys(options.collector_key)
        found, problems = check(files(options.paths), agents, collectors)
    except CannotCheck as why:
        print(_on_a_line(f"cannot check: {why}"), file=sys.stderr)
        return CANNOT
    for sealed in found:
        failed = f" could not measure: {sealed.report.failure}" if sealed.report.failure else ""
        said = f"{sealed.path.name}  sequence {sealed.report.sequence}  {sealed.report.probe}{failed}"
        print(_on_a_line(f"holds   {said}"))
    for problem in problems:
        print(_on_a_line(f"BROKEN  {problem}"))
    print(f"{len(found)} hold, {len(problems)} problems")
    return BROKEN if problems else HOLDS


def _on_a_line(text: str) -> str:
    """Text from a file as one harmless line: nothing in it can draw a second line, move the cursor or fail to print."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="campusproof-verify",
        description="Checks sealed reports offline: signature, key, sequence, chain, receipt.",
    )
    key = "a public key that you trust, 64 hex digits or a file that holds them; may be given several times"
    parser.add_argument("--agent-key", action="append", required=True, metavar="KEY", help=f"an agent's: {key}")
    parser.add_argument(
        "--collector-key", action="append", required=True, metavar="KEY", help=f"the collector's: {key}"
    )
    parser.add_argument(
        "paths", nargs="+", type=Path, help=f"files NAME{SEALED} beside NAME{RECEIPTED}, or directories of them"
    )
    return parser


def keys(given: Iterable[str]) -> dict[str, Ed25519PublicKey]:
    """Public keys by their ids; raises CannotCheck for one that is none."""
    found = {}
    for text in given:
        path = Path(text)
        try:
            content = path.read_text("ascii") if path.is_file() else text
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(content.strip()))
        except (OSError, ValueError) as wrong:
            raise CannotCheck(f"key {text[:80]!r}: 64 hex digits, or a file that holds them, expected") from wrong
        found[key_id(key)] = key
    return found


def files(paths: Iterable[Path]) -> list[Path]:
    """The sealed files named, or in the directories named; raises CannotCheck if there are none."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.glob(f"*{SEALED}")) if path.is_dir() else [path]
    wrong = next((path for path in found if not path.name.endswith(SEALED)), None)
    if wrong is not None or not found:
        raise CannotCheck(f"{wrong or 'no files'}: files named *{SEALED} expected")
    return found


def check(
    paths: Iterable[Path], agents: Mapping[str, Ed25519PublicKey], collectors: Mapping[str, Ed25519PublicKey]
) -> tuple[list[Sealed], list[str]]:
    """The reports that hold, and in words what does not; raises CannotCheck when all that can be read holds and some cannot."""
    found: list[Sealed] = []
    problems: list[str] = []
    unreadable: list[CannotCheck] = []
    for path in paths:
        try:
            sealed = opened(path, agents.get)
            check_receipt(sealed, _read(path.with_name(path.name.removesuffix(SEALED) + RECEIPTED)), collectors.get)
            found.append(sealed)
        except Rejected as wrong:
            problems.append(f"{path.name}: {wrong}")
        except CannotCheck as missing:
            unreadable.append(missing)
    for agent in sorted({sealed.report.agent for sealed in found}):
        problems += chain_problems([sealed for sealed in found if sealed.report.agent == agent])
    if unreadable and not problems:  # what is broken is said rather than what is missing
        raise unreadable[0]
    return found, problems


def opened(path: Path, find_key: KeyFinder) -> Sealed:
    """One sealed report; raises a child of Rejected."""
    sealed = open_sealed(_read(path), find_key)
    report = sealed.body(REPORT, Report)
    if report.agent != sealed.key_id:
        raise BadSignature(f"agent: {report.agent[:64]!r} is not who signed")
    return Sealed(path, sealed.id, report)


def check_receipt(sealed: Sealed, receipt: bytes, find_key: KeyFinder) -> None:
    """Whether the collector said that it holds exactly this report; raises a child of Rejected."""
    body = open_sealed(receipt, find_key).body(RECEIPT, Receipt)
    if (body.evidence, body.agent, body.sequence) != (sealed.id, sealed.report.agent, sealed.report.sequence):
        raise Malformed(f"receipt: speaks of {body.evidence[:16]}, sequence {body.sequence}")


def chain_problems(sealed: Iterable[Sealed]) -> list[str]:
    """What is wrong between the reports of one agent; a set that begins later than 1 is a segment and may be whole."""
    ordered = sorted(sealed, key=lambda one: one.report.sequence)
    problems: list[Rejected] = []
    for before, after in pairwise(ordered):
        step = after.report.sequence - before.report.sequence
        if step == 0 and after.id != before.id:
            problems.append(
                Forked(f"{before.path.name} and {after.path.name} both have sequence {after.report.sequence}")
            )
        elif step > 1:
            missing = f"{before.report.sequence + 1} to {after.report.sequence - 1}"
            problems.append(OutOfSequence(f"{after.path.name}: sequence {missing} missing before it"))
        elif step == 1 and after.report.previous != before.id:
            problems.append(BrokenChain(f"{after.path.name}: does not follow {before.path.name}"))
    return [str(problem) for problem in problems]


def _read(path: Path) -> bytes:
    """A file's bytes; raises CannotCheck if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as wrong:
        raise CannotCheck(f"{path}: {wrong.strerror}") from wrong


if __name__ == "__main__":
    sys.exit(main())
