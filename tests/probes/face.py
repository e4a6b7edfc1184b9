"""
What does `python -m probes` answer?

The probes are run as anybody runs them: a child process, settings on standard input, one JSON object a line.
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probes import load
from probes.__main__ import _run, _settings

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answer:
    """One run: exit status, the lines of standard output as JSON, and standard error."""

    status: int
    lines: list[dict[str, Any]]
    errors: str

    @property
    def end(self) -> dict[str, Any]:
        """The last line."""
        return self.lines[-1]

    def of(self, quantity: str, subject: str | None = None) -> list[dict[str, Any]]:
        """The readings of one quantity, of one subject if given."""
        found = [line for line in self.lines if line.get("quantity") == quantity]
        return [line for line in found if subject is None or line["subject"] == subject]

    def value(self, quantity: str, subject: str = "") -> Any:
        """The one exact value of a quantity and subject."""
        (reading,) = self.of(quantity, subject)
        return reading["value"]


def probe(name: str, settings: Any, *, evidence: Path | None = None, inside: Sequence[str] = ()) -> Answer:
    """Run one probe; `settings` is text as it is, or anything else as JSON; `inside` is what to put before the command."""
    text = settings if isinstance(settings, str) else json.dumps(settings)
    command = [*inside, sys.executable, "-W", "error", "-m", "probes", name]
    command += ["--evidence", str(evidence)] if evidence else []
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    return Answer(done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr)


def here(name: str, settings: Any) -> Answer:
    """The same without a process of its own, for tests that need no other namespace: the face's own steps, quicker."""
    chosen = load(name)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        _run(chosen, _settings(chosen, json.dumps(settings).encode()), None)
    return Answer(0, [json.loads(line) for line in out.getvalue().splitlines()], "")
