"""
What does a switch say at its command line?

*Method*: one login by password, one shell, and of each question the one command that the vendor's TOML names. netmiko opens
the session and knows each family's terminal; reading is ours, because an answer counts only if it is whole: the echo of the
command, then lines, then the exact prompt that was learnt at login, and silence after it. The host key is compared before
the password is sent, and the password is sent once: switches lock out who tries again.

What it does not prove: that the switch tells the truth, or that it is the switch that was meant when a key is seen first.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import netmiko
import paramiko
from netmiko.channel import SSHChannel

from evidence.model import Failure, Unmeasurable
from probes._cli.session import Answer, Session
from probes._cli.vendors import Vendor
from probes._failures import chain, errno_name, of_errno, of_ssh
from probes._resolve import resolve
from probes._settings import subject

OTHER_KEY = "another host key than before"  # by these words `agent.login` knows it
BROKEN = (paramiko.SSHException, netmiko.NetmikoBaseException, OSError, EOFError)

# Both libraries log what went wrong with a traceback besides raising it, and say who logged in.
for _library in ("paramiko", "netmiko"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Login:
    """Where to log in, as whom, and the fingerprint (`SHA256:...`) that its host key must have; empty on first use."""

    host: str
    user: str
    password: str = field(repr=False)
    enable: str = field(default="", repr=False)
    port: int = 22
    host_key: str = ""

    @property
    def subject(self) -> str:
        """`host:port`, as details name it."""
        return subject(self.host, self.port)


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers of one session, and the host key that was seen: on first use it is the one to keep and to show."""

    host_key: str
    key_type: str
    answers: tuple[Answer, ...]

    def of(self, question: str) -> Answer:
        """The answer to one question; KeyError if it was not asked."""
        return {one.question: one for one in self.answers}[question]


class HostKeyChanged(Unmeasurable):
    """The device shows another host key than the expected one; `seen` is its fingerprint."""

    def __init__(self, login: Login, seen: str, key_type: str) -> None:
        # Not login_rejected: the device rejected nothing, it is our rule that forbids to go on.
        super().__init__(
            Failure.NOT_PERMITTED,
            f"{login.subject} shows {OTHER_KEY}: expected {login.host_key}, "
            f"seen {seen} ({key_type}); no login was tried and no password sent",
        )
        self.seen = seen


def ask(vendor: Vendor, questions: Sequence[str], login: Login, timeout_s: float) -> Answers:
    """
    Put questions of the vendor's list to a device, in this order, in one session.

    `timeout_s` is the longest silence. Raises Unmeasurable where no session came about: HostKeyChanged before a
    login is tried, `login_rejected` for the credentials. Trouble with one question is told with that question.
    """
    asked = [(question, vendor.questions[question].command) for question in questions]
    pin = _Pin(login)
    shell = _opened(vendor, login, pin, timeout_s)
    try:
        session = Session(vendor, shell, login.subject, login.enable, timeout_s)
        session.begin()
        return Answers(pin.seen, pin.key_type, tuple(session.answers(asked)))
    finally:
        shell.close()


def fingerprint(key: bytes) -> str:
    """The fingerprint of a public host key as OpenSSH shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


class _Pin(paramiko.MissingHostKeyPolicy):
    """Compares the host key with the expected one; paramiko asks it before it sends a user's name or password."""

    def __init__(self, login: Login) -> None:
        self.login = login
        self.seen = ""
        self.key_type = ""

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        """Note the key; refuse one that is not the expected."""
        self.seen, self.key_type = fingerprint(key.asbytes()), key.get_name()
        if self.login.host_key and self.seen != self.login.host_key:
            raise HostKeyChanged(self.login, self.seen, self.key_type)


class _Channel(SSHChannel):
    """netmiko's channel, read once at a time: its own way reads on while more comes, and a flood would never end it."""

    def read_channel(self) -> str:
        """What has come, up to one buffer."""
        return self.read_buffer()


class _Shell:
    """A netmiko connection as a session uses it."""

    def __init__(self, connection: Any, where: str) -> None:
        self.connection = connection
        self.connection.channel = _Channel(connection.remote_conn, connection.encoding)
        self.where = where
        self.line_end: str = connection.RETURN

    def read(self) -> str:
        """What has come since."""
        try:
            return str(self.connection.read_channel())
        except BROKEN as wrong:
            raise self._gone(wrong) from wrong

    def write(self, text: str) -> None:
        """Send; raises Unmeasurable where the device is gone."""
        try:
            self.connection.write_channel(text)
        except BROKEN as wrong:
            raise self._gone(wrong) from wrong

    @property
    def ended(self) -> bool:
        """Whether the device closed the shell and all that it said was read."""
        channel = self.connection.remote_conn
        return bool(channel.closed or channel.eof_received) and not channel.recv_ready()

    def close(self) -> None:
        """Hang up without a word: netmiko's own way would send commands that are on no list."""
        self.connection.paramiko_cleanup()

    def _gone(self, wrong: BaseException) -> Unmeasurable:
        """The connection ended under a read or a write."""
        return Unmeasurable(of_ssh(wrong), f"{self.where}: the connection ended before the prompt came back")


def _opened(vendor: Vendor, login: Login, pin: _Pin, timeout_s: float) -> _Shell:
    """A shell on the device; raises Unmeasurable."""
    connection = _connected(login, timeout_s)
    try:
        driver = _driver(vendor, pin)(
            host=login.host,
            port=login.port,
            username=login.user,
            password=login.password,
            sock=connection,
            encoding="latin-1",  # netmiko drops octets that it cannot decode; Latin-1 knows them all
            conn_timeout=timeout_s,
            auth_timeout=timeout_s,
            banner_timeout=timeout_s,
            blocking_timeout=timeout_s,
        )
    except BROKEN as wrong:
        connection.close()
        raise Unmeasurable(of_ssh(wrong), f"{login.subject}: {_words(wrong)}") from wrong
    except Unmeasurable:
        connection.close()
        raise
    return _Shell(driver, login.subject)


def _driver(vendor: Vendor, pin: _Pin) -> type[Any]:
    """
    netmiko's class for the family, which keeps its line ends and login names and does nothing at login on its own.

    Left as it is, the class of one family answers "yes" to an offer to save the configuration.
    """
    family: type[Any] = netmiko.ssh_dispatcher(vendor.netmiko)

    class Driver(family):  # type: ignore[misc]
        """A session that waits for us."""

        def _build_ssh_client(self) -> paramiko.SSHClient:
            client: paramiko.SSHClient = super()._build_ssh_client()
            client.set_missing_host_key_policy(pin)
            return client

        def special_login_handler(self, delay_factor: float = 1.0) -> None:
            """Nothing is answered before it was read."""

        def _try_session_preparation(self, force_data: bool = True) -> None:
            """Not even an empty line is sent, which would take the default of whatever is asked at login."""

    return Driver


def _connected(login: Login, timeout_s: float) -> socket.socket:
    """A connection to the first of the host's addresses that accepts; raises Unmeasurable."""
    found = resolve(login.host, timeout_s)
    why = Unmeasurable(Failure.NAME_NOT_FOUND, f"{login.host}: {'; '.join(found.notes)}")
    for address in found.addresses:
        try:
            return socket.create_connection((str(address), login.port), timeout_s)
        except TimeoutError:
            why = Unmeasurable(Failure.TIMED_OUT, f"{login.subject}: no answer to a connection")
        except OSError as wrong:
            number = wrong.errno or 0
            why = Unmeasurable(of_errno(number), f"{login.subject}: {errno_name(number)}")
    raise why


def _words(wrong: BaseException) -> str:
    """What went wrong in one line; the libraries' own words where ours say less. They hold no password."""
    errors = chain(wrong)
    if any(isinstance(one, paramiko.AuthenticationException) for one in errors):
        return "user or password not accepted; it was tried once"
    inner = next((one for one in reversed(errors) if isinstance(one, paramiko.SSHException)), wrong)
    return " ".join(str(inner).split())[:200] or type(wrong).__name__
