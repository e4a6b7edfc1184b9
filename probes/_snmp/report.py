"""
What did the agent's SNMP engine say instead of a reply?

*Method*: RFC 3412 section 7.1: a report names the counter that the request raised (RFC 3414 section 3.2, RFC 3412 section 7.2).
"""

from __future__ import annotations

from dataclasses import dataclass

from evidence.model import Unmeasurable
from probes._failures import of_snmp_engine
from probes._snmp.exchange import Oid

USM_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)
NOT_IN_TIME_WINDOW, UNKNOWN_ENGINE_ID = "NotInTimeWindow", "UnknownEngineID"
# What the table of failures calls it, and words.
COUNTERS = {
    (*USM_STATS, 1): ("UnsupportedSecurityLevel", "the agent demands or allows another security level for this user"),
    (*USM_STATS, 2): (NOT_IN_TIME_WINDOW, "the agent finds the request outside its time window"),
    (*USM_STATS, 3): ("UnknownUserName", "the agent does not know this user"),
    (*USM_STATS, 4): (UNKNOWN_ENGINE_ID, "the agent has another engine ID than it told"),
    (*USM_STATS, 5): ("WrongDigest", "wrong authentication key or protocol"),
    (*USM_STATS, 6): ("DecryptionError", "wrong privacy key or protocol"),
}


@dataclass(frozen=True, slots=True)
class Report:
    """One report; `signed` where its digest was right, which only some of them can be."""

    name: str
    detail: str
    signed: bool

    def unmeasurable(self) -> Unmeasurable:
        """The failure that it is."""
        return Unmeasurable(of_snmp_engine(self.name), self.detail)


def report_of(counter: Oid, signed: bool) -> Report:
    """The report that a counter stands for."""
    words = f"the agent reports {'.'.join(map(str, counter))}"
    name, detail = COUNTERS.get(counter[:10], ("", words))
    return Report(name, detail, signed)
