"""
What is known about one end of a link?

How the list calls it and how readings name it, whether it is up, and its rate. Of an aggregate the largest member counts: a
single flow takes one cable. Pure: readings in, an interval and reasons out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from collector.school import End, Link, School, Switch
from collector.seen import WHY_STATUS, About, Rate, Seen, silence
from collector.verdict import Code, Reason


@dataclass(frozen=True, slots=True)
class Side:
    """
    What is known about one end of a link: its rate in bit/s as an interval (0 when it is down), and what is to be said of it.

    `up` is None where it is not known whether the port is up. `cables` are the members of an aggregate that are up, else 1;
    `most_cables` is more where an end is not known, or an aggregate does not tell its members.
    """

    low: int | None
    high: int | None
    reasons: tuple[Reason, ...] = ()
    up: bool | None = True
    cables: int = 1
    most_cables: int = 1


@dataclass(frozen=True, slots=True)
class Names:
    """What the list calls its switches, and what readings call them."""

    by_name: Mapping[str, Switch]
    by_subject: Mapping[str, Switch]

    def subject(self, end: End) -> str:
        """How readings name an end; one of a switch that is not in the list is named by nobody."""
        return f"{self.by_name[end.switch].subject}/{end.port}" if end.switch in self.by_name else f"?/{end.port}"

    def subjects(self, link: Link) -> tuple[str, str]:
        """How readings name both ends of a link."""
        return self.subject(link.one), self.subject(link.other)

    def end_at(self, subject: str) -> End:
        """The end that a reading names, at a listed switch."""
        host, _, port = subject.partition("/")
        return End(self.by_subject[host].name, port)

    def said(self, subject: str) -> str:
        """A port as the list would write it; empty for one of no listed switch."""
        end = self.end_at(subject) if subject.partition("/")[0] in self.by_subject else None
        return "" if end is None else f"{end.switch} {end.port}".strip()

    def are_two_of(self, ends: Sequence[str]) -> bool:
        """Whether the ends are at two different switches of the list."""
        hosts = {end.partition("/")[0] for end in ends}
        return len(hosts) == 2 and all(host in self.by_subject for host in hosts)

    def about(self, link: Link) -> About:
        """What a sentence about a link may name."""
        one, other = link.one, link.other
        host = self.subject(one).partition("/")[0]
        return {
            "switch": one.switch, "host": host, "port": one.port, "other": other.switch, "other_port": other.port or "?",
        }  # fmt: skip


def names_of(school: School) -> Names:
    """The names of a school's switches."""
    return Names(school.by_name, school.by_subject)


def side_of(names: Names, end: End, seen: Seen) -> Side:
    """One end of a link; of an aggregate the largest member that is up counts."""
    switch = names.by_name.get(end.switch)
    if switch is None:
        return Side(None, None, (Reason(Code.NOT_DECLARED, {"what": end.switch}),), None, most_cables=2)
    subject = f"{switch.subject}/{end.port}"
    about: About = {"switch": end.switch, "host": switch.subject, "port": end.port}
    state = seen.up.get(seen.whole(subject))
    if state is None:
        quiet = silence(switch.subject, {"switch": end.switch, "host": switch.subject}, seen)
        why = quiet or Reason(Code.PORT_UNKNOWN, about)
        return Side(None, None, (why,), None, most_cables=2)
    if state.value == "no":
        return Side(0, 0, (Reason(Code.PORT_DOWN, about),), False)
    members = seen.bundled(subject)
    side = _rated(about, _rate(subject, members, seen), members, seen)
    return replace(side, most_cables=2) if not members and "lag" in seen.kinds.get(seen.whole(subject), ()) else side


def _rate(subject: str, members: Sequence[str], seen: Seen) -> Rate:
    """The rate of a port that is up; of an aggregate that of its largest member, of which the aggregate's own word is no proof."""
    unknown = Rate(None, None)
    whole = seen.whole(subject)
    own = seen.rates.get(whole, unknown)
    if not members:
        return Rate(None, own.high, own.status) if "lag" in seen.kinds.get(whole, ()) else own
    rates = [seen.rates.get(member, unknown) for member in members]
    lows = [rate.low for rate in rates if rate.low is not None]
    highs = [rate.high for rate in rates if rate.high is not None]
    high = max(highs) if len(highs) == len(rates) else None
    status = "reported" if lows else min((rate.status for rate in rates), key=tuple(WHY_STATUS).index)
    return Rate(max(lows, default=None), high, status)


def _rated(about: About, rate: Rate, members: Sequence[str], seen: Seen) -> Side:
    """A side that is up, with what is to be said of its rate."""
    reasons = []
    if rate.high is not None:
        sums = [known.high for one in members if (known := seen.rates.get(one)) is not None and known.high is not None]
        bundle: About = {"members": len(members), "aggregate": sum(sums)} if len(members) > 1 else {}
        reasons.append(Reason(Code.BELOW, {**about, "value": rate.high, **bundle}))
    if rate.low is None or rate.high is None:
        reasons.append(Reason(WHY_STATUS[rate.status], about))
    cables = max(1, len(members))
    return Side(rate.low, rate.high, tuple(reasons), True, cables, cables)
