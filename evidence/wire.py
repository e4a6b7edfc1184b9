"""
What else passes between agent and collector: enrolment and receipts.

Both travel sealed like a Report, so that one way of signing and one way of refusing serves all.
"""

from __future__ import annotations

import msgspec

VANTAGE = "vantage"  # stands for a school where an agent is the operator's own, outside of all schools: it takes orders for any of them
OUTSIDE = ("site", "inbound")  # the probes that such an agent runs, and no other


class Enrolment(msgspec.Struct, frozen=True):
    """An agent's request to be known: sealed by the new key (proof of possession); `public_key` is 32 bytes in hex."""

    token: str
    public_key: str
    software: str


class Enrolled(msgspec.Struct, frozen=True):
    """
    The collector's answer, sealed by the collector: who the agent is from now on.

    `channel_secret` opens the order channel and nothing else; evidence never depends on it.
    """

    agent: str
    school: str
    school_name: str
    place: str
    channel_secret: str


class Receipt(msgspec.Struct, frozen=True):
    """The collector holds the envelope `evidence` of `agent` at `sequence` since `received_unix_us`; sealed by the collector."""

    evidence: str
    agent: str
    sequence: int
    received_unix_us: int
