"""
What is a host of our own?

A network and mount namespace that a sleeping process holds open. Whatever a test does in it stays in it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SBIN = "/usr/sbin:/sbin"


def need(*programs: str) -> None:
    """Skip, in words, where root or a program is missing; fail instead where LAB_REQUIRED=1 says that it must be there."""
    missing = ["not root"] if os.geteuid() else []
    missing += [f"{name} is not installed" for name in programs if not find(name)]
    if missing and os.environ.get("LAB_REQUIRED") == "1":
        pytest.fail(f"LAB_REQUIRED=1, but: {'; '.join(missing)}")
    if missing:
        pytest.skip("; ".join(missing))


def find(program: str) -> str | None:
    """Where a program is; daemons are not on every PATH."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:{SBIN}")


def until(ready: Callable[[], bool], what: str, within_s: float = 10.0) -> None:
    """Wait for something to become true; fails in words."""
    end = time.monotonic() + within_s
    while not ready():
        assert time.monotonic() < end, f"{what}: not within {within_s} s"
        time.sleep(0.02)


@contextmanager
def running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon in the foreground, ended with the block."""
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL) as child:
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()


class Host:
    """One namespace; `inside` goes before a command that is to run in it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        # `--root`, because entering mounts would leave a chroot.
        self.inside = ["nsenter", "-t", str(pid), "-n", "-m", "--root", "--"]

    def run(self, *command: str) -> str:
        """Run a command in it; what it printed."""
        done = subprocess.run([*self.inside, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
        return done.stdout

    def ip(self, *words: str) -> str:
        """The ip command."""
        return self.run("ip", *words)

    def sysctl(self, key: str, value: int | str) -> None:
        """Set a sysctl of the network namespace, `net.` left out."""
        self.run("sh", "-c", f"echo {value} > /proc/sys/net/{key}")

    def speaks_ipv6(self, interface: str) -> bool:
        """Whether an interface has a link-local address that is not being checked any more."""
        shown = self.ip("-6", "addr", "show", "dev", interface, "scope", "link")
        return "fe80" in shown and "tentative" not in shown

    def listens(self, udp_port: int) -> bool:
        """Whether something is bound to a UDP port in it."""
        return bool(self.run("ss", "-Hlun", f"sport = :{udp_port}").strip())


@contextmanager
def host() -> Iterator[Host]:
    """A new host with loopback up and nothing else."""
    # In a chroot `/` is no mount point and cannot be made private by that name; entering one's own mount namespace leads to
    # its true root, where it can.
    private = "nsenter --mount=/proc/self/ns/mnt mount --make-rprivate / && exec sleep 600"
    holding = ["unshare", "--net", "--mount", "--propagation", "unchanged", "sh", "-c", private]
    with subprocess.Popen(holding, stdin=subprocess.DEVNULL) as holder:
        try:
            until(lambda: _apart(holder.pid), "a namespace of our own")
            made = Host(holder.pid)
            made.ip("link", "set", "lo", "up")
            yield made
        finally:
            holder.kill()


def _apart(pid: int) -> bool:
    """Whether a process has left our mount namespace, which it does after the network."""
    with contextlib.suppress(OSError):
        ours, its = (os.readlink(f"/proc/{one}/ns/mnt") for one in ("self", pid))
        return ours != its and Path(f"/proc/{pid}/comm").read_text().strip() == "sleep"
    return False


def cable(one: Host, name: str, other: Host, other_name: str) -> None:
    """A veth pair between two hosts, both ends up."""
    words = ["ip", "link", "add", name, "netns", str(one.pid), "type", "veth", "peer", "name", other_name]
    subprocess.run([*words, "netns", str(other.pid)], check=True, capture_output=True)
    one.ip("link", "set", name, "up")
    other.ip("link", "set", other_name, "up")
