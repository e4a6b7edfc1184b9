"""
What does one probe find, by hand and as the agent's child process?

Settings come as one JSON object on standard input; one JSON object a line goes out: readings, the names of raw evidence,
how far it is, and a last line `{"end": ...}`. Exit status 0 whether or not the probe could measure, 2 for settings that are
not its own. A mistake of the program ends it as it ends any: a trace, status 1, no last line; who started it says `bug`.
This face is stable: docs/probes.md describes it.
"""

from __future__ import annotations

import argparse
import ctypes
import io
import json
import signal
import sys
from pathlib import Path

import msgspec
from pydantic import BaseModel, ValidationError

from evidence.model import Raw, Unmeasurable
from probes import NoSuchProbe, Probe, Progress, Yield, load, names

PR_SET_PDEATHSIG = 1  # prctl(2)
BAD_SETTINGS = 2


def main(argv: list[str] | None = None) -> int:
    """Run one probe, or list all; the exit status is 0, or 2 with a message that names what is wrong."""
    options = _options(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # the face is UTF-8 whatever the locale of the box
            stream.reconfigure(encoding="utf-8")
    if options.die_with_parent:
        # A killed agent must not leave a probe behind that goes on sending.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if options.name is None:
        _list()
        return 0
    try:
        probe = load(options.name)
        settings = _settings(probe, sys.stdin.buffer.read())
    except (NoSuchProbe, ValueError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return BAD_SETTINGS
    if options.die_with_parent:
        signal.alarm(probe.deadline_s)  # not handled: a probe that hangs in a library ends too
    _run(probe, settings, options.evidence)
    return 0


def _options(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m probes", description="Run one probe; without a name, list all.")
    parser.add_argument("name", nargs="?", help="the probe; its settings are read as JSON from standard input")
    parser.add_argument("--evidence", type=Path, metavar="DIR", help="write raw evidence into this directory")
    parser.add_argument("--die-with-parent", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def _settings(probe: Probe, text: bytes) -> BaseModel:
    """The validated settings; raises ValueError with one line for each key that is wrong."""
    try:
        return probe.settings.model_validate_json(text.strip() or b"{}")
    except ValidationError as wrong:
        lines = [f"settings: {_key(error['loc'])}: {error['msg']}" for error in wrong.errors(include_input=False)]
        raise ValueError("\n".join(lines)) from wrong


def _key(location: tuple[int | str, ...]) -> str:
    """Where in the settings, as a person writes it."""
    return ".".join(str(part) for part in location) or "(the whole object)"


def _run(probe: Probe, settings: BaseModel, directory: Path | None) -> None:
    """One line for each thing found, each flushed, so that what came before a kill survives it."""
    end: dict[str, str] = {"end": "complete"}
    try:
        for found in probe.run(settings):
            _print(_line(found, directory))
    except Unmeasurable as why:
        end = {"end": "failed", "failure": why.failure, "detail": why.detail}
    _print(end)


def _line(found: Yield, directory: Path | None) -> dict[str, object]:
    """A reading, progress or a piece of raw evidence as the face shows it; raw evidence is written on the way."""
    if isinstance(found, Progress):
        return {"progress": found.phase, **found.numbers}
    if not isinstance(found, Raw):
        line: dict[str, object] = msgspec.to_builtins(found)
        return {**line, "subject": found.subject}
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / found.name).write_bytes(found.content)
    return {"evidence": found.name, "sha256": found.blob.sha256, "size": found.blob.size}


def _print(line: dict[str, object] | dict[str, str]) -> None:
    """One JSON object on a line of its own."""
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _list() -> None:
    """Every probe, what it produces and what it can be told."""
    for name in names():
        probe = load(name)
        sys.stdout.write(f"{name}\n")
        for quantity in probe.produces:
            sys.stdout.write(f"  {quantity.name:<24}{quantity.unit:<8}{quantity.en} / {quantity.zh}\n")
        for key, field in probe.settings.model_fields.items():
            need = "required" if field.is_required() else f"default {field.get_default(call_default_factory=True)!r}"
            sys.stdout.write(f"  setting {key:<20}{need}{': ' + field.description if field.description else ''}\n")


if __name__ == "__main__":
    sys.exit(main())
