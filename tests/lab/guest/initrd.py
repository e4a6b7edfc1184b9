"""
What does the guest start from?

An archive in the format that the kernel unpacks into memory (cpio "newc", kernel documentation "initramfs buffer format"): a static busybox, the
modules, the rules of the air, and `init.sh`. Everything else the guest reads from this machine's own disk.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from tests.lab.guest.kernel import Kernel

FOLDERS = ("bin", "dev", "lib", "lib/firmware", "modules", "proc", "root", "sys")
INIT = Path(__file__).parent / "init.sh"


def archive(kernel: Kernel, busybox: Path) -> bytes:
    """The whole archive."""
    files = {"init": (INIT, 0o755), "bin/busybox": (busybox, 0o755)}
    files |= {f"modules/{module.name}": (module, 0o644) for module in kernel.modules}
    files |= {f"lib/firmware/{rules.name}": (rules, 0o644) for rules in kernel.rules}
    return b"".join(_entries(files))


def _entries(files: dict[str, tuple[Path, int]]) -> Iterator[bytes]:
    """Folders before what lies in them, files, and the entry that ends an archive."""
    for number, folder in enumerate(FOLDERS, 1):
        yield _entry(number, folder, stat.S_IFDIR | 0o755, b"")
    for number, (name, (source, mode)) in enumerate(files.items(), 1 + len(FOLDERS)):
        yield _entry(number, name, stat.S_IFREG | mode, source.read_bytes())
    yield _entry(0, "TRAILER!!!", 0, b"")


def _entry(number: int, name: str, mode: int, content: bytes) -> bytes:
    """One file: a head of hexadecimal fields, name and content, each padded to four octets."""
    fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields)
    return _padded(head + name.encode() + b"\0") + _padded(content)


def _padded(octets: bytes) -> bytes:
    """Filled up with zeroes to a multiple of four."""
    return octets + bytes(-len(octets) % 4)
