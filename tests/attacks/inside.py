"""How is a liar put onto the agent's machine of a pipe?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.lab.pipe import Pipe
from tests.lab.pipe_ends import PORT

ROOT = Path(__file__).parents[2]
HERE = "198.51.100.2"
SECONDS = 3.5


def _run(pipe: Pipe, name: str, *words: str) -> list[dict[str, Any]]:
    """Run a client to its end; what it printed."""
    command = [sys.executable, "-m", f"tests.attacks.{name}", *words]
    out = pipe.node("agent").run(command, check=True, env={"PYTHONPATH": str(ROOT)}).stdout
    return [json.loads(line) for line in out.splitlines()]


def optimistic(pipe: Pipe, ahead: int, guess: bool = False) -> dict[str, Any]:
    """Acknowledge so many octets ahead; with `guess` send made-up tags too."""
    words = (HERE, pipe.server(4), str(PORT), str(ahead), str(SECONDS), *(["guess"] if guess else []))
    return _run(pipe, "optimistic_ack", *words)[0]


def replayed(pipe: Pipe) -> list[dict[str, Any]]:
    """An honest run, and one that sends its tags again."""
    return _run(pipe, "replay", pipe.server(4), str(PORT), str(SECONDS))


def hoarded(pipe: Pipe, hold_s: float) -> dict[str, Any]:
    """Right tags, let go in bursts."""
    return _run(pipe, "hoard", pipe.server(4), str(PORT), str(SECONDS), str(hold_s))[0]
