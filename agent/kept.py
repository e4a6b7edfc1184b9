"""
How does a small file of this box come to be whole, and nobody else's to read?

It is written beside its place and put there in one step, so that a power cut leaves the old one or the new one.
"""

from __future__ import annotations

import os
from pathlib import Path


def kept(directory: Path, name: str, content: bytes) -> None:
    """Write a file that its owner alone can read, on the disk before this returns."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = directory / f"{name}.new"
    # One that was left behind may be readable by others, and would stay so.
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.rename(directory / name)
    _sync(directory)


def _sync(directory: Path) -> None:
    """The directory entry on the disk too, so that a power cut does not take the file's name."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
