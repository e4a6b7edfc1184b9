"""
What is one machine of the virtual school, and how does one act inside it?

A machine is a process that does nothing (its init) in namespaces of its own: network, mounts, host name, process ids.
Killing it removes the machine, its interfaces and all that runs on it, so there are no pid files and no clean-up
lists. The file system is the host's, except /run, /sys and /etc/resolv.conf; so the project's Python runs on every
machine.

If the process that made the machine dies, even by SIGKILL, the kernel kills the init (PR_SET_PDEATHSIG). The kernel
means the *thread* that made it: machines must be made by a thread that lives as long as the school, which is checked.
"""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.lab.needs import PATH

DIE_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL"]
NEW_MACHINE = [
    *DIE_WITH_PARENT,
    *("unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"),
    *("--propagation", "unchanged", "sh", str(Path(__file__).with_name("boot.sh"))),
]


class Process:
    """A program left running on a machine, with its output in a file."""

    def __init__(self, entry: subprocess.Popen[bytes], log: Path) -> None:
        self._entry = entry  # nsenter, which waits outside for the program inside
        self.log = log

    @property
    def pid(self) -> int:
        """The program's process id as the host sees it."""
        return _only_child(self._entry, self.log)

    @property
    def running(self) -> bool:
        """Whether the program has not ended yet."""
        return self._entry.poll() is None

    def wait(self, timeout_s: float = 5) -> int:
        """Wait for the program's end; its exit status, negative for a signal."""
        return self._entry.wait(timeout_s)

    def stop(self, by: signal.Signals = signal.SIGTERM, timeout_s: float = 5) -> int:
        """Signal the program and wait for its end; one that ignores the signal is killed and TimeoutExpired raised."""
        with contextlib.suppress(ProcessLookupError):  # it may just have ended by itself, which is what is wanted
            os.kill(self.pid, by)
        try:
            return self.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._entry.kill()  # the program dies with it
            raise


class Node:
    """One machine. `run` waits for a command, `spawn` leaves one running under a tag."""

    def __init__(self, name: str, directory: Path, resolver: str, sysctls: Mapping[str, str]) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError(
                "a virtual school must be made by the main thread: the kernel kills it when its thread ends"
            )
        self.name = name
        self.directory = directory
        self.processes: dict[str, Process] = {}
        self._pidfd: int | None = None
        directory.mkdir(parents=True, exist_ok=True)
        resolv_conf = self.write("resolv.conf", f"nameserver {resolver}\n")
        with self.log("init").open("wb") as log:
            self._holder = subprocess.Popen(
                [*NEW_MACHINE, name, str(resolv_conf), *(f"{key}={to}" for key, to in sysctls.items())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(),
                start_new_session=True,  # Ctrl-C at a terminal is for the test, not for the machines
            )

    def booted(self) -> None:
        """Wait until the machine is made, in parallel with others; RuntimeError with its words if it is not."""
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != b"ready\n":
            raise RuntimeError(f"machine {self.name} was not made: {self.tail('init')}")
        self.pid = _only_child(self._holder, self.log("init"))
        self._pidfd = os.pidfd_open(self.pid)
        self.network = os.stat(f"/proc/{self.pid}/ns/net").st_ino

    @property
    def enter(self) -> list[str]:
        """The words that put a command onto this machine. `--root`, because entering mounts would leave a chroot."""
        return ["nsenter", "-t", str(self.pid), "--net", "--mount", "--uts", "--pid", "--root", "--", *DIE_WITH_PARENT]

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        check: bool = False,
        timeout_s: float = 60,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, in `/`; output is captured as text, TimeoutExpired kills it."""
        done = subprocess.run(
            [*self.enter, *map(str, argv)],
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
            input=stdin,
            env=environment(env),
        )
        if check and done.returncode != 0:
            words = f"on {self.name}, {' '.join(map(str, argv))} ended with {done.returncode}: {done.stderr.strip()}"
            raise RuntimeError(words)
        return done

    def spawn(
        self,
        tag: str,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> Process:
        """Leave a command running; its output goes to `<tag>.log`, and `stop(tag)` ends it."""
        if tag in self.processes and self.processes[tag].running:
            raise ValueError(f"{tag} already runs on {self.name}")
        with self.log(tag).open("ab") as log:
            entry = subprocess.Popen(
                [*self.enter, *map(str, argv)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(env),
                pass_fds=pass_fds,
                start_new_session=True,
            )
        self.processes[tag] = Process(entry, self.log(tag))
        return self.processes[tag]

    def stop(self, tag: str, by: signal.Signals = signal.SIGTERM) -> int:
        """Stop what `spawn` left running; its exit status."""
        return self.processes.pop(tag).stop(by)

    def write(self, name: str, text: str) -> Path:
        """Write a file into the machine's folder, which host and machine see under the same path."""
        path = self.directory / name
        path.write_text(text, encoding="utf-8")
        return path

    def log(self, tag: str) -> Path:
        """Where the output of a tag is."""
        return self.directory / f"{tag}.log"

    def tail(self, tag: str, lines: int = 8) -> str:
        """Give the last lines of a tag's output, for an error message."""
        log = self.log(tag)
        kept = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:] if log.exists() else []
        return "\n".join(kept) or "(its log is empty)"

    def kill(self) -> None:
        """Kill the machine with all that runs on it; by its init if that is known, so that the holder reaps it."""
        if self._pidfd is None:
            self._holder.kill()
        else:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def gone(self) -> None:
        """Wait until nothing of the machine runs: the holder waits for the init, which ends after all others have."""
        self._holder.wait(5)
        if self._holder.stdout is not None:
            self._holder.stdout.close()
        if self._pidfd is not None:
            os.close(self._pidfd)
        for process in self.processes.values():
            process.wait()


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give our environment to a machine: with sbin folders, without the host's proxies, for none is reachable."""
    ours = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**ours, "PATH": PATH, **(more or {})}


def _only_child(parent: subprocess.Popen[bytes], log: Path) -> int:
    """Find the process that a waiting parent has started; it may take a few milliseconds to appear."""
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    deadline = time.monotonic() + 5
    while parent.poll() is None and time.monotonic() < deadline:
        if pids := children.read_text().split():
            return int(pids[0])
        time.sleep(0.001)
    raise ProcessLookupError(f"the program has ended with status {parent.poll()}; its output is in {log}")
