"""
How is a verdict said to a person: one sentence, why, and what to do next?

Messages are written in English in the code and looked up in the catalogues beside this file (gettext); Chinese is the
default. Every reason of the closed list has a sentence and a next step; a test asks for each in both languages.
"""

from __future__ import annotations

import functools
import gettext
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from collector import frameworks
from collector.admission import Standing
from collector.calendar import minute
from collector.frameworks import Part
from collector.messages import (
    FAILED_STEPS,
    N_,
    NEXT,
    PROBES,
    SLOW_AGGREGATE,
    SLOW_PORT,
    STANDINGS,
    STATUSES,
    WHY,
)
from collector.messages_egress import BY_NAME, ENDS_DISAGREE, LIMITS, NETWORKS, PAST_THE_WITNESS
from collector.messages_ipv6 import OTHER_CHECK, SITE
from collector.verdict import Code, PartVerdict, Reason, Status, Verdict
from evidence import quantities as q
from evidence.model import Failure, Unit
from evidence.rung_words import said_of
from evidence.spelled import LADDERS, LANGUAGES, failure_in_words, sentence_of, spelled, spelled_value

UNSHOWN = (
    "detail",
    "echo",
)  # a probe's own sentence, and a sealed text that nobody reads by eye; both are in the report
CODED = {
    Code.RUNG: q.IPV6_RUNG.name,
    Code.SITE_CHECK: q.SITE_CHECK.name,
}  # reasons that a probe's own code says more of
LOCALE = Path(__file__).parent / "locale"
DAY_US = 86_400_000_000
RATES = ("value", "aggregate", "counted", "proved", "crossed", "beside")  # what reasons tell in bit/s


@dataclass(frozen=True, slots=True)
class Words:
    """One language: `zh` or `en`."""

    language: str
    catalogue: gettext.NullTranslations

    def say(self, message: str, **about: object) -> str:
        """A message of the catalogue with its blanks filled."""
        return self.catalogue.gettext(message).format(**about)

    def pick(self, zh: str, en: str) -> str:
        """Of two texts that a policy or a quantity brings along, the one in this language."""
        return (zh, en)[LANGUAGES.index(self.language)]

    def status(self, status: Status) -> str:
        """The verdict's value."""
        return self.say(STATUSES[status])

    def sentence(self, verdict: Verdict) -> str:
        """One sentence for a clause: the worst part's, or what proves it."""
        decisive = decisive_part(verdict)
        if decisive is None:
            return self.say(N_("No part of this clause concerns this school."))
        return self.part_sentence(decisive)

    def parts_met(self, verdict: Verdict) -> str:
        """How many of the clause's required parts are met; empty where there is only one."""
        decided = groups(verdict)
        met = sum(_best(group) is Status.MET for group in decided)
        if len(decided) < 2:
            return ""
        return self.say(N_("{met} of {total} required parts are met."), met=met, total=len(decided))

    def part_sentence(self, part: PartVerdict) -> str:
        """One sentence for a part."""
        if part.reasons:
            return self.why(part, part.reasons[0])
        if part.status is Status.MET:
            return self.say(N_("Measured {shown}, asked {written}: met."), **self._bound(part))
        return self.say(N_("Measured {shown}."), **self._bound(part))

    def why(self, part: PartVerdict, reason: Reason) -> str:
        """One reason in words."""
        message = WHY[reason.code]
        if reason.code is Code.BELOW and "port" in reason.about:
            message = SLOW_AGGREGATE if "aggregate" in reason.about else SLOW_PORT
        if reason.code is Code.CONTRADICTION and "proved" in reason.about:
            message = ENDS_DISAGREE if "counted" in reason.about else PAST_THE_WITNESS
        if reason.code is Code.LIMITED_BY:
            message = LIMITS[str(reason.about["by"])][0]
        return self.say(message, **self._blanks(part, reason))

    def step(self, part: PartVerdict, reason: Reason) -> str:
        """What to do about one reason, and who."""
        if reason.code is Code.RUNG:
            return said_of(str(reason.about["code"])).step(self.language)
        if reason.code is Code.SITE_CHECK:
            return self.say(SITE.get(str(reason.about["code"]), OTHER_CHECK)[1])
        if reason.code is Code.LIMITED_BY:
            return self.say(LIMITS[str(reason.about["by"])][1])
        if reason.code in (Code.NO_EVIDENCE, Code.STALE) and reason.about.get("probe") in BY_NAME:
            return self.say(BY_NAME[str(reason.about["probe"])])
        if reason.code is Code.FAILED:
            message = FAILED_STEPS.get((str(reason.about["probe"]), str(reason.about["failure"])), NEXT[Code.FAILED])
            return self.say(message, **self._blanks(part, reason))
        return self.say(NEXT[reason.code], **self._blanks(part, reason))

    def hint(self, reason: Reason) -> tuple[str, str]:
        """A reason that is said beside all verdicts, and what to do about it."""
        return self.say(WHY[reason.code], **reason.about), self.say(NEXT[reason.code], **reason.about)

    def next_step(self, verdict: Verdict) -> str:
        """What to do first about a clause; empty for one that is met."""
        part = decisive_part(verdict)
        return self.step(part, part.reasons[0]) if part is not None and part.reasons else ""

    def probe(self, name: str) -> str:
        """What a probe is about, with its name."""
        return f"{self.say(PROBES[name])} ({name})" if name in PROBES else name

    def facts(self, facts: Mapping[str, str | int], quantity: str = "") -> str:
        """What a reading's facts say: codes and failures in words, the rest as the probe names it; never a probe's own sentence."""
        said = []
        for key, fact in facts.items():
            if key == "code":
                said.append(self._code(str(fact), facts, quantity))
            elif key == "failure":
                said.append(self._failure(str(fact)))
            elif key not in UNSHOWN:
                said.append(f"{key}={fact}")
        return ", ".join(said)

    def _code(self, code: str, about: Mapping[str, str | int], quantity: str = "") -> str:
        """What a code says, of a check of a site or of a rung of the ladder."""
        if quantity == q.SITE_CHECK.name:
            return self.say(SITE.get(code, OTHER_CHECK)[0], code=code)
        return said_of(code).why(self.language).format(**({"resolver": "—"} | dict(about) | {"code": code}))

    def written(self, part: Part) -> str:
        """The bound of a part in this language; a dash where there is none."""
        if not part.either:
            return "—"
        if part.equals is not None:
            return spelled_value("state", part.equals, self.language)
        bound = part.at_least if part.at_least is not None else part.at_most
        if bound is None:
            return self.say(N_("as the bureau decides")) if part.at_least_from else "—"
        quantity = part.either[0]
        said = LADDERS.get(quantity.name, "") + spelled_value(quantity.unit, bound, self.language)
        if not part.tolerance_ppm:
            return said
        eased = spelled_value(Unit.PPM, part.tolerance_ppm, self.language)
        return self.say(N_("{bound} (tolerance {eased})"), bound=said, eased=eased)

    def shown(self, part: PartVerdict) -> str:
        """The measured value, or a dash."""
        return "—" if part.shown is None else spelled(part.shown, self.language)

    def age(self, part: PartVerdict, now_us: int) -> str:
        """How old the evidence may be at most."""
        if part.issued_unix_us is None:
            return "—"
        minutes = max(0, now_us - part.issued_unix_us) // 60_000_000
        if minutes < 60:
            return self.say(N_("{minutes} min"), minutes=minutes)
        if minutes < 60 * 48:
            return self.say(N_("{hours} h"), hours=minutes // 60)
        return self.say(N_("{days} days"), days=minutes // 1440)

    def _bound(self, part: PartVerdict) -> dict[str, object]:
        """Value and threshold of a part."""
        return {"shown": self.shown(part), "written": self.written(part.part)}

    def _failure(self, failure: str) -> str:
        """A probe's failure in words; a switch that no report speaks of gave no answer."""
        if not failure:
            return self.say(N_("no answer"))
        return failure_in_words(Failure(failure) if failure in set(Failure) else Failure.UNREADABLE, self.language)

    def _blanks(self, part: PartVerdict, reason: Reason) -> Mapping[str, object]:
        """Everything a sentence about a reason may name."""
        about = reason.about
        blanks: dict[str, object] = {**self._bound(part), **about}
        if "failure" in about:
            blanks["failure_words"] = self._failure(str(about["failure"]))
        rates = [name for name in RATES if name in about]
        blanks |= {name: spelled_value("bit/s", about[name], self.language) for name in rates}
        names = [name for name in ("quantity", "what") if name in about]
        blanks |= {f"{name}_words": sentence_of(str(about[name]), self.language) for name in names}
        if "standing" in about:
            blanks["standing_words"] = self.say(STANDINGS[Standing(str(about["standing"]))])
        if "setting" in about:
            blanks["setting_words"] = self.pick(*_setting_words()[str(about["setting"])])
        if "path" in about:
            blanks["path_words"] = self.say(NETWORKS[str(about["path"])])
        if "by" in about:
            states = str(about["by"]).split(",")
            blanks["by_words"] = ", ".join(spelled_value("state", state, self.language) for state in states)
        if "unix_us" in about:
            blanks["when"] = minute(int(about["unix_us"]))
        if reason.code in CODED:
            blanks["code_words"] = self._code(str(about["code"]), about, CODED[reason.code])
        return blanks


@functools.cache
def _setting_words() -> dict[str, tuple[str, str]]:
    """What each setting that a policy asks for means, by its key, in Chinese and English."""
    return {one.key: (one.asks, one.asks_en) for framework in frameworks.shipped() for one in framework.settings}


def words_in(language: str) -> Words:
    """The words of `zh` or `en`; Chinese for anything else."""
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    return Words(chosen, gettext.translation("collector", LOCALE, [chosen]))


def decisive_part(verdict: Verdict) -> PartVerdict | None:
    """The part that a clause's sentence speaks of: of a group that decides, and rather one about which something can be done."""
    deciding = [part for group in groups(verdict) if _best(group) is verdict.status for part in group]
    same = [part for part in deciding if part.status is verdict.status]
    return min(same or verdict.parts, key=_can_wait, default=None)


def groups(verdict: Verdict) -> list[list[PartVerdict]]:
    """The required parts, each with its alternatives."""
    found: dict[str, list[PartVerdict]] = {}
    for number, part in enumerate(verdict.parts):
        if part.part.required:
            found.setdefault(part.part.any_of or f"part {number}", []).append(part)
    return list(found.values())


def _best(group: Iterable[PartVerdict]) -> Status:
    """The best status of alternatives."""
    return max((part.status for part in group), key=tuple(Status).index)


def _can_wait(part: PartVerdict) -> bool:
    """Whether nobody can do anything about a part today."""
    about = [reason.about.get("code", reason.code) for reason in part.reasons[:1]]
    return about in ([Code.NO_PROBE], ["NOT_IN_THIS_RELEASE"])
