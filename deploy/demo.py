"""
What does campusproof do? The whole job, on this machine, in a minute.

As root: a virtual school of network namespaces with real daemons, a collector outside its NAT and an enrolled agent inside. Without
root: collector and agent on loopback, measuring this machine; what is left out is said. Then a scan is ordered, the verdicts
of the five policies are printed, and the pages stay up until Ctrl-C. `DEMO_ONCE=1` ends after the first verdicts; the exit
status is 0 only if every ordered report arrived and every policy was judged.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.lab import needs
from tests.lab.campus import NAME, PORT, SCHOOL, Campus, command, on_loopback, standing

POLICIES = 5


def main() -> int:
    """Show the path from the wire to the verdict; 0 if it worked."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job starts with it ignored
    # A service manager's or a test's SIGTERM must unwind as Ctrl-C does, so that nothing stays behind.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    once = os.environ.get("DEMO_ONCE") == "1"
    with tempfile.TemporaryDirectory(prefix="campusproof-demo-") as directory:
        try:
            with _campus(Path(directory)) as campus:
                return _show(campus, once)
        except KeyboardInterrupt:
            _say("stopped; nothing is left behind / 已停止，未留下任何内容")
            return 0


@contextmanager
def _campus(directory: Path) -> Iterator[Campus]:
    """The virtual school where this machine can have one, else loopback with what that leaves out."""
    absent = needs.missing()
    if not absent:
        _say(
            "starting a virtual school: gateway, three switches, log server, mini-PC, provider, collector / 启动虚拟学校"
        )
        with standing(directory, port=_free_port()) as campus:
            yield campus
        return
    _say(
        "no virtual school here, so this runs on loopback and measures this machine / 无法启动虚拟学校，改用本机回环运行"
    )
    for thing in absent:
        _say(f"  missing / 缺少: {thing}")
    _say(
        "  left out: switches and the education network; IPv6 is that of this machine / 省略：交换机、城域网；IPv6 为本机情况"
    )
    with on_loopback(directory, _free_port()) as campus:
        yield campus


def _free_port() -> int:
    """The usual port of the pages if it is free, else any."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", PORT))
        except OSError:
            return 0
    return PORT


def _show(campus: Campus, once: bool) -> int:
    """Measure, print the verdicts, keep serving."""
    _say(f"the agent is enrolled at {NAME}; ordering a scan of every probe / 探测端已登记，下达测量指令")
    started = time.monotonic()
    campus.measure()
    _say(f"measured, signed, delivered and stored in {time.monotonic() - started:.1f} s / 测量、签名、送达、入库完成")
    if campus.ground.far:
        _say(
            "measuring the way out against a measurement server on the internet, paced / 向互联网测速服务器测量出口（限速）"
        )
        started = time.monotonic()
        campus.measure_egress()
        _say(f"seen and signed from both ends in {time.monotonic() - started:.1f} s / 两端各自核实并签名")
    policies = {clause.partition("/")[0] for clause in campus.verdicts()}
    language = "en" if os.environ.get("LANG", "").startswith("en") else "zh"
    words = ["--config", str(campus.config), "judge", SCHOOL, "--language", language]
    subprocess.run([*command("campusproof-collector"), *words], check=True)
    _say(f"pages / 网页: {campus.url}/")
    for name, password in campus.passwords.items():
        _say(f"  log in as / 登录: {name}  password / 密码: {password}")
    if not once:
        _say("Ctrl-C ends it and leaves nothing behind / 按 Ctrl-C 结束")
        threading.Event().wait()
    return 0 if len(policies) == POLICIES else 1


def _say(text: str) -> None:
    """A line for the person who watches."""
    print(f"demo: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
