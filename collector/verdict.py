"""
What can be said about a clause, and why?

Three values and a fourth: met, not met, not shown, and to be shown by a person. Every verdict carries reasons from a closed
list, each with what it speaks of, so that pages can say in words what is wrong and what to do next (collector.words).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from collector.frameworks import Grade, Indicator, Part
from collector.school import Link
from evidence.model import Reading


class Status(StrEnum):
    """The verdict, in the order in which the worst part decides."""

    NOT_MET = "not_met"
    NOT_SHOWN = "not_shown"
    BY_A_PERSON = "by_a_person"
    MET = "met"


class Code(StrEnum):
    """Why a part is not met or not shown, and what else is worth saying of it: the whole list."""

    BELOW = "below"
    PORT_DOWN = "port_down"
    SERVICE_DOWN = "service_down"
    RUNG = "rung"
    NO_EVIDENCE = "no_evidence"
    NO_PROBE = "no_probe"
    NOT_ORDERED = "not_ordered"
    STALE = "stale"
    FAILED = "failed"
    SWITCH_SILENT = "switch_silent"
    NOT_ASKED = "not_asked"
    UNLINKED = "unlinked"
    UNPLACED = "unplaced"
    NO_PLACE = "no_place"
    NO_PORT_UP = "no_port_up"
    UNANSWERED = "unanswered"
    REVOKED = "revoked"
    SWITCH_CLOSED = "switch_closed"
    NO_LOGIN = "no_login"
    PORT_UNKNOWN = "port_unknown"
    SPEED_UNKNOWN = "speed_unknown"
    SPEED_INFERRED = "speed_inferred"
    SPEED_REPAIRED = "speed_repaired"
    SPEED_CONFLICT = "speed_conflict"
    UNCONFIRMED = "unconfirmed"
    OTHER_NEIGHBOUR = "other_neighbour"
    UNDECLARED_LINK = "undeclared_link"
    UNDISCOVERED = "undiscovered"
    NEIGHBOURS_UNREAD = "neighbours_unread"
    MANY_BEHIND = "many_behind"
    NOT_REDUNDANT = "not_redundant"
    NO_WAN = "no_wan"
    LEFT_OUT = "left_out"
    BY_AGGREGATE = "by_aggregate"
    ONE_CABLE_SEEN = "one_cable_seen"
    IN_THE_CLEAR = "in_the_clear"
    VIRTUAL_PORT = "virtual_port"
    NOT_SET = "not_set"
    NOT_DECLARED = "not_declared"
    COVERAGE = "coverage"
    INTERVAL = "interval"
    CONTRADICTION = "contradiction"
    LOW_GRADE = "low_grade"
    GAP = "gap"
    PERSON = "person"
    NO_SERVER = "no_server"
    NO_SERVER_REPORT = "no_server_report"
    TOO_SHORT = "too_short"
    ADDRESS_NOT_REGISTERED = "address_not_registered"
    LIMITED_BY = "limited_by"
    MEASURED_OVER = "measured_over"
    OTHER_TRAFFIC = "other_traffic"
    CARRIED = "carried"
    TOO_FEW = "too_few"
    LINE_NOT_PROVED = "line_not_proved"
    NO_FIGURE = "no_figure"
    ECHO_NOT_TRUSTED = "echo_not_trusted"
    ECHO_OUT_OF_TIME = "echo_out_of_time"
    ECHO_ELSEWHERE = "echo_elsewhere"
    NO_IPV6_PREFIX = "no_ipv6_prefix"
    VLAN_WITHOUT_IPV6 = "vlan_without_ipv6"
    SITE_NOT_SEEN = "site_not_seen"
    SITE_CHECK = "site_check"
    PLACE_WEAK = "place_weak"
    PLACE_HOLE = "place_hole"
    PLACE_BORDERLINE = "place_borderline"
    PLACE_UNHEARD = "place_unheard"
    WRONG_CODE = "wrong_code"
    CODE_OF_ANOTHER = "code_of_another"
    VIRTUAL_RADIO = "virtual_radio"
    TOO_FEW_SCANS = "too_few_scans"
    TOO_QUICK = "too_quick"
    TWIN_PLACES = "twin_places"
    COPIED = "copied"
    AFTER_DRAW = "after_draw"
    NOT_DRAWN_YET = "not_drawn_yet"
    REMEASURE_OPEN = "remeasure_open"
    REMEASURE_MISSED = "remeasure_missed"
    REMEASURE_DIFFERS = "remeasure_differs"
    FEW_HANDOVERS = "few_handovers"
    HANDOVERS_FAILED = "handovers_failed"
    PINGS_LOST = "pings_lost"
    ADDRESS_CHANGED = "address_changed"
    NOT_OUR_NETWORK = "not_our_network"
    ROAMED_ELSEWHERE = "roamed_elsewhere"
    CONTROLLER_SILENT = "controller_silent"
    NOT_MANAGED = "not_managed"
    AP_APART = "ap_apart"
    NO_GIGABIT = "no_gigabit"
    TWIN = "twin"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, and what it speaks of (names, values in base units, words of the probe)."""

    code: Code
    about: Mapping[str, str | int] = field(default_factory=dict)

    def __hash__(self) -> int:
        """By value, so that the same reason is said once."""
        return hash((self.code, tuple(sorted(self.about.items(), key=str))))


@dataclass(frozen=True, slots=True)
class Measured:
    """
    What the evidence says about one quantity: the readings that decide, and what stands in the way.

    `notes` change no verdict and are said of one that is met too. `links` are those that decide, where links do.
    """

    readings: tuple[Reading, ...] = ()
    reasons: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class PartVerdict:
    """
    What is said about one part; `shown` is the reading that decided, `notes` are said beside the verdict.

    `issued_unix_us` is when the oldest order behind it was given: the readings are not older than that.
    """

    part: Part
    status: Status
    reasons: tuple[Reason, ...] = ()
    shown: Reading | None = None
    evidence: tuple[str, ...] = ()
    issued_unix_us: int | None = None
    grade: Grade = Grade.A0
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said about one indicator: the status, and each of its parts."""

    framework: str
    indicator: Indicator
    status: Status
    parts: tuple[PartVerdict, ...]

    @property
    def evidence(self) -> tuple[str, ...]:
        """The ids of all evidence behind it."""
        return tuple(dict.fromkeys(identity for part in self.parts for identity in part.evidence))
