"""
How is the guest started, told what to do, and ended?

*Method*: one qemu process. A script for the guest is written into a folder that both share (9p) and its number into the guest's second serial line;
the guest answers there with the number and the exit status, and leaves output beside the script. Several may run at once. Every wait has its
deadline, after which the guest's own console is shown; qemu is killed with the process that started it.
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.lab.guest.initrd import archive
from tests.lab.guest.kernel import Kernel
from tests.lab.needs import program

BOOT_S = 60.0
MEMORY_MB = 512
QEMU = "qemu-system-x86_64"
# Two processors: with one, scans in the guest have been seen to hang. Mitigations and clock checks cost an interpreted processor seconds.
COMMAND_LINE = "console=ttyS0 quiet panic=-1 mitigations=off nokaslr no_timer_check tsc=reliable"


@dataclass(frozen=True, slots=True)
class Done:
    """What one script left: exit status, standard output and standard error."""

    status: int
    out: str
    err: str


class Guest:
    """A running guest; a context manager, for nothing of it may outlive a test."""

    def __init__(self, folder: Path, kernel: Kernel) -> None:
        self.folder = folder
        self.console = folder / "console.log"
        self.shared = folder / "shared"
        self.shared.mkdir()
        self._last = 0
        self._ended: dict[int, int] = {}
        self._heard = b""
        self._up = False
        initrd = folder / "initrd"
        initrd.write_bytes(archive(kernel, Path(program("busybox") or "busybox")))
        command = ["setpriv", "--pdeathsig", "KILL", *self._command(kernel.image, initrd)]
        with (folder / "qemu.log").open("wb") as log:
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)

    def _command(self, image: Path, initrd: Path) -> list[str]:
        """The command line of qemu."""
        machine = (
            "-M pc,usb=off,vmport=off -accel tcg,thread=multi -cpu max -smp 2 -nodefaults -no-user-config -no-reboot"
        )
        words = [QEMU, *machine.split(), "-m", str(MEMORY_MB), "-display", "none"]
        words += ["-kernel", str(image), "-initrd", str(initrd), "-append", COMMAND_LINE]
        words += ["-serial", f"file:{self.console}", "-serial", "stdio"]
        nine = "security_model=none,multidevs=remap"
        words += ["-virtfs", f"local,path=/,mount_tag=host,readonly=on,{nine}"]
        return [*words, "-virtfs", f"local,path={self.shared},mount_tag=shared,{nine}"]

    def __enter__(self) -> Self:
        """Wait until it takes orders."""
        self._wait(lambda: self._up, BOOT_S, "it does not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Switch it off."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()

    @property
    def next_number(self) -> int:
        """The number of the script that is begun next."""
        return self._last + 1

    def start(self, script: str) -> int:
        """Begin a script of the shell, beside what runs already; its number."""
        self._last += 1
        (self.shared / f"{self._last}.sh").write_text(script + "\n", "utf-8")
        line = self._pipe(self._child.stdin)
        line.write(b"%d\n" % self._last)
        line.flush()
        return self._last

    def finish(self, number: int, within_s: float = 30.0) -> Done:
        """Wait for a script that was begun."""
        self._wait(lambda: number in self._ended, within_s, f"script {number} does not end")
        return Done(self._ended[number], self._text(number, "out"), self._text(number, "err"))

    def through(self, number: int, within_s: float) -> bool:
        """Whether a script that was begun ends within a time."""
        return self._until(lambda: number in self._ended, within_s)

    def do(self, script: str, within_s: float = 30.0) -> str:
        """Run a script that has to succeed; what it printed."""
        done = self.finish(self.start(f"set -e\n{script}"), within_s)
        assert done.status == 0, f"{script}: {done.err}"
        return done.out

    def folder_for(self, name: str) -> tuple[Path, str]:
        """A new folder that both see: its path here, and in the guest."""
        (self.shared / name).mkdir()
        return self.shared / name, f"/run/shared/{name}"

    def _text(self, number: int, kind: str) -> str:
        return (self.shared / f"{number}.{kind}").read_text("utf-8", "replace")

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe

    def _wait(self, there: Callable[[], bool], within_s: float, trouble: str) -> None:
        """Read what the guest says until a condition holds; fails with the console's last lines."""
        assert self._until(there, within_s), f"the guest: {trouble} within {within_s} s\n{self._last_words()}"

    def _until(self, there: Callable[[], bool], within_s: float) -> bool:
        """Read what the guest says until a condition holds; False where it does not in time, or qemu has ended."""
        end = time.monotonic() + within_s
        line = self._pipe(self._child.stdout)
        while not there():
            ready, _, _ = select.select([line], [], [], max(0.0, end - time.monotonic()))
            octets = os.read(line.fileno(), 65536) if ready else b""
            if not octets:
                return False
            self._hear(octets)
        return True

    def _hear(self, octets: bytes) -> None:
        """Take whole lines: `ready`, or a number and a status."""
        *lines, self._heard = (self._heard + octets).split(b"\n")
        for line in lines:
            words = line.decode("ascii", "replace").split()
            if words == ["ready"]:
                self._up = True
            elif len(words) == 2:
                self._ended[int(words[0])] = int(words[1])

    def _last_words(self) -> str:
        """The end of the guest's console and of what qemu said."""
        logs = (self.console, self.folder / "qemu.log")
        return "\n".join(log.read_text("utf-8", "replace")[-2000:] for log in logs if log.exists())
