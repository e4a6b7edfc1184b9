"""
What would stand on the screen?

A switch at a terminal repaints: its pager writes a line, waits, goes back and writes over it. Octets come as Latin-1, which
loses none of them; only whole lines are decoded, as UTF-8 or else as GB18030, which Chinese switches send.
"""

from __future__ import annotations

import re

# Cursor left by n, any other control sequence, backspace, carriage return, or a run of plain letters.
STEP = re.compile(r"\x1b\[(\d*)D|\x1b\[[0-9;?]*[A-Za-z]|\x1b.|(\x08)|(\r)|([^\x1b\x08\r]+)")
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def screen(raw: str) -> list[str]:
    """The lines that stand there in the end, without blanks at their ends; octets as Latin-1 in and text out."""
    return [decoded(painted(line)).rstrip() for line in raw.split("\n")]


def painted(line: str) -> str:
    """One line after every step of the cursor within it."""
    cells: list[str] = []
    at = 0
    for left, back, start, letters in STEP.findall(line):
        if letters:
            cells[at : at + len(letters)] = letters
            at += len(letters)
        elif start:
            at = 0
        elif back or left:
            at = max(0, at - int(left or 1))
    return UNSEEN.sub("", "".join(cells))


def decoded(line: str) -> str:
    """Octets in Latin-1 as the text that they are: UTF-8, else GB18030."""
    octets = line.encode("latin-1")
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("gb18030", errors="replace")
