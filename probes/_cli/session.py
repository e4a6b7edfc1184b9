"""
Which whole answers does one shell give?

*Method*: an answer counts only if the echo of the command came back, then lines, then the exact prompt that was learnt at
login, and silence after it. What is asked in between gets the answer that changes nothing: the pager a blank, every choice
"no". Nothing is sent that the vendor's list does not name.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from evidence.model import Failure, Unmeasurable
from probes._cli.read import refusal
from probes._cli.screen import screen
from probes._cli.vendors import Vendor

LOOK_S = 0.01
QUIET_S = 0.15  # a prompt is the end only if nothing follows it
ANSWER_S = 120.0
ECHO_WITHIN = 6  # lines: late prompts may stand before it
MOST_OCTETS = 8 * 1024 * 1024
ASKED_TO_DECIDE = re.compile(r"\[ ?y(es)?/n(o)? ?\]|\(y(es)?/n(o)?\)", re.IGNORECASE)
ASKED_TO_GO_ON = re.compile(r"press (any key|y or enter|enter|return)", re.IGNORECASE)
ASKED_FOR_PASSWORD = re.compile(r"password\s*:\s*$", re.IGNORECASE)


class Shell(Protocol):
    """A terminal on a device; octets travel as Latin-1."""

    line_end: str

    def read(self) -> str:
        """What has come since; empty where nothing has."""

    def write(self, text: str) -> None:
        """Send; raises Unmeasurable where the device is gone."""

    @property
    def ended(self) -> bool:
        """Whether nothing more can come."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one question: whole text without echo and prompt, or why there is none."""

    question: str
    command: str
    text: str = ""
    failure: Failure | None = None
    detail: str = ""


def _echo(lines: list[str], command: str) -> int:
    """Which of the first lines is the command as the device repeats it; -1 for none."""
    return next((at for at, line in enumerate(lines[:ECHO_WITHIN]) if line.endswith(command)), -1)


class Session:
    """One shell at work; `secret` is the second password, for more rights, or empty."""

    def __init__(self, vendor: Vendor, shell: Shell, where: str, secret: str, timeout_s: float) -> None:
        self.vendor = vendor
        self.shell = shell
        self.where = where
        self.secret = secret
        self.timeout_s = timeout_s
        self.prompt = ""

    def begin(self) -> None:
        """Learn the prompt, get the rights if the login has them, switch the pager off."""
        # 1. The first line that looks like a prompt may stand in a banner: it counts if it comes again.
        self.prompt = self._read(re.compile(self.vendor.prompt))[-1]
        self.shell.write(self.shell.line_end)
        self.prompt = self._read(re.compile(self.vendor.prompt))[-1]
        # 2. Rights, where the family has two levels and the login the second password.
        if self.vendor.privileged and self.secret and not re.fullmatch(self.vendor.privileged, self.prompt):
            self._enable()
        # 3. A device that does not know the command pages; that is read too.
        for command in self.vendor.pager_off:
            self._answer(command)

    def answers(self, asked: Sequence[tuple[str, str]]) -> list[Answer]:
        """Every answer; once one was not whole, the session is in an unknown state and no more is asked."""
        given: list[Answer] = []
        broken = ""
        for question, command in asked:
            if broken:
                detail = f"not asked, because the answer to {broken} was not whole"
                given.append(Answer(question, command, failure=Failure.INTERRUPTED, detail=detail))
                continue
            try:
                given.append(self._judged(question, command, self._answer(command)))
            except Unmeasurable as why:
                broken = question
                given.append(Answer(question, command, failure=why.failure, detail=why.detail))
        return given

    def _judged(self, question: str, command: str, text: str) -> Answer:
        """A whole answer, unless the device says that it will not."""
        said_no = refusal(self.vendor, text)
        if said_no:
            return Answer(question, command, failure=Failure.NOT_SUPPORTED, detail=f"the device answers {said_no!r}")
        return Answer(question, command, text)

    def _answer(self, command: str) -> str:
        """Send one command and read to the prompt; the text between echo and prompt."""
        self._send(command)
        lines = self._read(re.compile(re.escape(self.prompt)), command)[:-1]
        lines = lines[_echo(lines, command) + 1 :]
        while lines and lines[-1].strip() in ("", self.prompt):  # RouterOS prompts twice
            lines.pop()
        return "".join(f"{line}\n" for line in lines)

    def _send(self, command: str) -> None:
        """The one place that sends a command: nothing that the vendor's list does not name."""
        if command not in self.vendor.commands:
            raise Unmeasurable(Failure.BUG, f"{command!r} is not on the list of {self.vendor.name}")
        self.shell.write(command + self.shell.line_end)

    def _enable(self) -> None:
        """Ask for the rights to see everything; the second password too is sent once."""
        granted = self.prompt[:-1] + "#"
        self._send("enable")
        lines = self._read(re.compile(rf"{re.escape(granted)}|{re.escape(self.prompt)}|.*[Pp]assword\s*:"))
        if ASKED_FOR_PASSWORD.search(lines[-1]):
            self.shell.write(self.secret.encode().decode("latin-1") + self.shell.line_end)
            lines = self._read(re.compile(rf"{re.escape(granted)}|{re.escape(self.prompt)}|.*[Pp]assword\s*:"))
        if lines[-1] != granted:
            raise Unmeasurable(Failure.LOGIN_REJECTED, f"{self.where}: enable password not accepted; it was tried once")
        self.prompt = granted

    def _read(self, end: re.Pattern[str], command: str = "") -> list[str]:
        """
        Lines up to one that is `end` with silence after it; raises Unmeasurable where that does not come.

        A prompt before the echo of the command is a late one of before, and no end.
        """
        raw = ""
        handled = 0  # how much had come when a question in between was last answered
        heard = started = time.monotonic()
        while True:
            more = self.shell.read()
            now = time.monotonic()
            if more:
                raw += more
                heard = now
                self._patience(raw, heard, started)  # who never falls silent is heard no longer than others
                continue
            last = screen(raw[raw.rfind("\n") + 1 :])[0]
            if now - heard >= QUIET_S and end.fullmatch(last.strip()):
                lines = screen(raw)
                if not command or _echo(lines, command) >= 0:
                    return [*lines[:-1], last.strip()]
            if len(raw) > handled and self._go_on(last):
                handled = len(raw)
            self._patience(raw, heard, started)
            time.sleep(LOOK_S)

    def _go_on(self, last: str) -> bool:
        """Answer what is asked in between: the pager gets a blank, a message its key, and any choice "no"."""
        if any(re.search(one, last) for one in self.vendor.more):
            self.shell.write(" ")
        elif ASKED_TO_DECIDE.search(last):
            self.shell.write("N" + self.shell.line_end)
        elif ASKED_TO_GO_ON.search(last):
            self.shell.write(self.shell.line_end)
        else:
            return False
        return True

    def _patience(self, raw: str, heard: float, started: float) -> None:
        """Raise Unmeasurable where no end can be expected any more."""
        where = f"{self.where}: after {len(raw)} octets"
        if self.shell.ended:
            raise Unmeasurable(Failure.UNREADABLE, f"{where} the connection ended before the prompt came back")
        if len(raw) > MOST_OCTETS:
            raise Unmeasurable(Failure.INSTRUMENT_LIMIT, f"{where} still no end")
        now = time.monotonic()
        if now - heard > self.timeout_s:
            raise Unmeasurable(Failure.TIMED_OUT, f"{where} no prompt within {self.timeout_s:g} s of silence")
        if now - started > ANSWER_S:
            raise Unmeasurable(Failure.TIMED_OUT, f"{where} no prompt within {ANSWER_S:g} s")
