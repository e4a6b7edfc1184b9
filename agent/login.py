"""
What became of a switch's command line, where a login for it is set up?

Pure: the probe tells it as text in the fact `ssh`, in English and for whoever mends the program; by the probe's own constants the few
kinds of it are told apart here that ask for different steps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evidence.model import Failure
from probes._ssh import OTHER_KEY
from probes._switch.asking import ALL_ANSWERED, BETWEEN, NO_FAMILY

NEXT = re.compile(rf"{re.escape(BETWEEN)}(?=(?:{'|'.join(Failure)}): )")


class Kind(StrEnum):
    """What kept the command line from answering."""

    CHANGED_KEY = "changed_key"
    LOGIN = "login"
    REFUSED = "refused"
    SILENT = "silent"
    FAMILY = "family"
    CIPHERS = "ciphers"
    PARTLY = "partly"


OF_FAILURE = {
    Failure.LOGIN_REJECTED: Kind.LOGIN,
    Failure.REFUSED: Kind.REFUSED,
    Failure.TIMED_OUT: Kind.SILENT,
    Failure.UNREACHABLE: Kind.SILENT,
    Failure.NOT_SUPPORTED: Kind.CIPHERS,
}


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that went wrong at a command line; `failure` is None where no session was tried."""

    kind: Kind
    failure: Failure | None
    detail: str


def remarks(facts: Mapping[str, object]) -> list[Remark]:
    """What went wrong at the command line of the switch with these facts; nothing where it answered or was not needed."""
    note = str(facts.get("ssh", ALL_ANSWERED))
    if note == ALL_ANSWERED:
        return []
    # A key is told with the answers of a session, or where it is another one than before.
    session = "ssh_host_key" in facts
    return [_remark(one, session) for one in NEXT.split(note)]


def _remark(said: str, session: bool) -> Remark:
    """One remark of the probe."""
    word, _, detail = said.partition(": ")
    if word not in list(Failure):
        return Remark(Kind.FAMILY if said == NO_FAMILY else Kind.PARTLY, None, said)
    failure = Failure(word)
    if OTHER_KEY in detail:
        return Remark(Kind.CHANGED_KEY, failure, detail)
    return Remark(Kind.PARTLY if session else OF_FAILURE.get(failure, Kind.PARTLY), failure, detail)
