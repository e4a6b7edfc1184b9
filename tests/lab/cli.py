"""
What does a switch of the virtual school say to somebody who logs in?

`python -m tests.lab.cli FAMILY ANSWERS` is an SSH server on port 22 of the machine where it runs, with a host key that it makes
anew: the command line of one family (`tests/probes/cli/device.py`), which answers each command of ANSWERS, a JSON file, with its text.
It prints each password that it is given. The text is ours: it shows that two sources are joined, not that a real switch says so.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from pathlib import Path

import paramiko

from tests.probes.cli.device import Device, accept, key_of

SSH_PORT = 22


class Aloud(list[str]):
    """What is added to it is also printed."""

    def append(self, secret: str) -> None:
        """Print and keep."""
        say(f"password {secret}")
        super().append(secret)


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(family: str, answers: Path) -> None:
    """Serve until killed."""
    texts = {command: text.encode() for command, text in json.loads(answers.read_text("utf-8")).items()}
    device = Device(family, texts, key=paramiko.RSAKey.generate(2048), passwords=Aloud())
    with socket.create_server(("", SSH_PORT)) as listener:
        listener.settimeout(0.05)
        say(f"key {key_of(device)}")
        accept(listener, device, threading.Event())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
