"""
What would a switch's command line do?

A real SSH server on loopback (paramiko's server side) that speaks as one family does: prompt, echo, pager with its erasing,
abbreviations, two levels of rights, and the family's way to say no. Its answers are the synthetic transcripts.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from probes._cli import vendor
from probes._ssh import Login, fingerprint

TRANSCRIPTS = Path(__file__).parent / "transcripts"
USER, PASSWORD, ENABLE = "reader", "planted-password-5", "planted-enable-6"


@dataclass(frozen=True)
class Style:
    """How a family looks at a terminal."""

    prompt: str
    more: str
    erase: str
    pager_off: str
    no: str
    privileged: str = ""


VRP_ERASE = "\x1b[42D" + " " * 42 + "\x1b[42D"
BACKSPACES = "\x08" * 10 + " " * 10 + "\x08" * 10
IOS_NO = "                ^\r\n% Invalid input detected at '^' marker.\r\n"
STYLES = {
    "huawei_vrp": Style(
        "<acc-1>",
        "  ---- More ----",
        VRP_ERASE,
        "screen-length 0 temporary",
        "           ^\r\nError: Unrecognized command found at '^' position.",
    ),
    "h3c_comware": Style(
        "<acc-1>",
        "---- More ----",
        "\x1b[16D" + " " * 16 + "\x1b[16D",
        "screen-length disable",
        "           ^\r\n % Unrecognized command found at '^' position.",
    ),
    "ruijie_os": Style("acc-1>", " --More-- ", BACKSPACES, "terminal length 0", IOS_NO, "acc-1#"),
    "cisco_ios": Style("acc-1>", " --More-- ", BACKSPACES, "terminal length 0", IOS_NO, "acc-1#"),
    "zte_zxros": Style("acc-1>", " --More-- ", "\r" + " " * 10 + "\r", "terminal length 0", "%Error 20200: Unknown command", "acc-1#"),
    "mikrotik_routeros": Style("[reader@acc-1] > ", "", "", "", "bad command name (line 1 column 1)"),
}  # fmt: skip


@cache
def host_key(number: int = 0) -> paramiko.PKey:
    """A host key of the tests; another one for another number."""
    return paramiko.RSAKey.generate(2048)


@dataclass
class Device:
    """A device and its moods, and what it was told."""

    family: str
    answers: dict[str, bytes] = field(default_factory=dict)
    page: int = 24  # lines; 0 for no pager
    knows_pager_off: bool = True
    banner: str = ""
    needs_enable: bool = False
    pause_s: float = 0.0  # between pieces of an answer
    piece: int = 700
    hang_up_in: str = ""  # the command in whose answer the connection ends
    silent_in: str = ""  # the command whose answer stops and never ends
    endless_in: str = ""  # the command whose answer goes on and never ends
    question_at_login: str = ""
    unknown: dict[str, list[str]] | None = None  # algorithms that it has never heard of, as paramiko sorts them
    key: paramiko.PKey = field(default_factory=host_key)
    passwords: list[str] = field(default_factory=list)
    enables: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    port: int = 0

    def login(self, **changes: object) -> Login:
        """How to log in to it."""
        known: dict[str, object] = {"host": "127.0.0.1", "port": self.port, "user": USER, "password": PASSWORD}
        return Login(**(known | changes))  # type: ignore[arg-type]

    @property
    def style(self) -> Style:
        """How its family looks."""
        return STYLES[self.family]


def key_of(device: Device) -> str:
    """The fingerprint of a device."""
    return fingerprint(device.key.asbytes())


def transcripts(family: str) -> dict[str, bytes]:
    """The main transcript of every question of a family, by command."""
    found = {}
    for question, asked in vendor(family).questions.items():
        found[asked.command] = (TRANSCRIPTS / family / f"{question}.txt").read_bytes()
    return found


@contextmanager
def serving(device: Device) -> Iterator[Device]:
    """The device on a port of loopback until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        device.port = listener.getsockname()[1]
        over = threading.Event()
        listener.settimeout(0.05)
        thread = threading.Thread(target=accept, args=(listener, device, over))
        thread.start()
        try:
            yield device
        finally:
            over.set()
            thread.join()


def accept(listener: socket.socket, device: Device, over: threading.Event) -> None:
    """One connection after the other."""
    while not over.is_set():
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        transport = paramiko.Transport(connection, disabled_algorithms=device.unknown)
        try:
            transport.add_server_key(device.key)
            transport.start_server(server=_Door(device))
            channel = transport.accept(3)
            if channel is not None:
                _Terminal(device, channel, over).run()
        except (paramiko.SSHException, EOFError, OSError):
            device.trouble.append("the client went away")
        finally:
            transport.close()


class _Door(paramiko.ServerInterface):
    """Who may come in."""

    def __init__(self, device: Device) -> None:
        self.device = device

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        self.device.passwords.append(password)
        right = username.partition("+")[0] == USER and password == PASSWORD  # RouterOS takes options behind a plus sign
        return AUTH_SUCCESSFUL if right else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_pty_request(self, channel: paramiko.Channel, *_: object) -> bool:
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        return True


class _Gone(Exception):
    """The connection is over."""


class _Terminal:
    """One shell."""

    def __init__(self, device: Device, channel: paramiko.Channel, over: threading.Event) -> None:
        self.device = device
        self.channel = channel
        self.over = over
        self.page = device.page
        self.prompt = device.style.prompt
        channel.settimeout(0.05)

    def run(self) -> None:
        """Read lines and answer them until somebody hangs up."""
        try:
            self.say(self.device.banner.encode())
            if self.device.question_at_login:
                self.say(self.device.question_at_login.encode())
                self.line()
            while True:
                self.say(self.prompt.encode())
                self.obey(" ".join(self.line().split()))
        except _Gone:
            self.channel.close()

    def obey(self, line: str) -> None:
        """Do what one line says."""
        style = self.device.style
        if not line:
            return
        if line == style.pager_off and self.device.knows_pager_off:
            self.page = 0
        elif line == "enable" and style.privileged:
            self.enable()
        elif line in self.device.answers and not (self.device.needs_enable and self.prompt == style.prompt):
            self.answer(line, self.device.answers[line])
        else:
            self.say(style.no.encode() + b"\r\n")

    def enable(self) -> None:
        """Ask for the second password, once."""
        self.say(b"\r\nPassword: ")
        secret = self.line(echo=False)
        self.device.enables.append(secret)
        if secret == ENABLE:
            self.prompt = self.device.style.privileged
        else:
            self.say(b"% Access denied\r\n\r\n")

    def answer(self, command: str, content: bytes) -> None:
        """Lines, page by page."""
        lines = content.split(b"\n")[:-1]
        for number, line in enumerate(lines):
            if self.page and number and number % self.page == 0:
                self.say(self.device.style.more.encode())
                self.letter()
                self.say(self.device.style.erase.encode())
            if number == len(lines) // 2:
                self.mood(command, line)
            self.say(line + b"\r\n")

    def mood(self, command: str, line: bytes) -> None:
        """What may happen in the middle."""
        if command == self.device.hang_up_in:
            self.say(line[: len(line) // 2])
            raise _Gone
        while command == self.device.silent_in:
            self.letter()
        while command == self.device.endless_in:
            self.channel.settimeout(5)  # who reads slowly has not gone
            self.say((line + b"\r\n") * 40_000)

    def say(self, content: bytes) -> None:
        """Send in pieces."""
        for at in range(0, len(content), self.device.piece):
            try:
                self.channel.sendall(content[at : at + self.device.piece])
            except OSError as gone:
                raise _Gone from gone
            time.sleep(self.device.pause_s)

    def letter(self) -> bytes:
        """One octet from the other side."""
        while True:
            try:
                octet = self.channel.recv(1)
            except TimeoutError:
                if self.over.is_set():
                    raise _Gone from None
                continue
            if not octet:
                raise _Gone
            return octet

    def line(self, echo: bool = True) -> str:
        """A line from the other side, repeated as it comes."""
        typed = b""
        while True:
            octet = self.letter()
            if octet in b"\r\n":
                self.say(b"\r\n")
                self.device.lines.append(typed.decode() if echo else "(secret)")
                return typed.decode()
            typed += octet
            if echo:
                self.say(octet)
