"""
What does a person see of a school's verdicts?

Verdicts turned into rows in one language: the same rows feed the page, the terminal and the JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from collector.admission import latest_runs, standings
from collector.assembly import Collector
from collector.frameworks import Framework
from collector.judge import judge_all
from collector.neighbours import hints
from collector.school import School
from collector.seen import seen_in
from collector.verdict import PartVerdict, Status, Verdict
from collector.words import Words, decisive_part

UPLINKS = "uplinks"


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of a clause, in words."""

    asks: str
    written: str
    status: str
    status_words: str
    shown: str
    age: str
    grade: str
    why: tuple[str, ...]
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    evidence: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause of a policy, in words."""

    id: str
    clause: str
    group: str
    asks: str
    demand: str
    status: str
    status_words: str
    sentence: str
    parts_met: str
    shown: str
    age: str
    grade: str
    next_step: str
    evidence: tuple[str, ...]
    parts: tuple[PartRow, ...]


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """One policy and its clauses; `counts` by status in the order of the statuses."""

    id: str
    title: str
    number: str
    issued_by: str
    sha256: str
    counts: tuple[tuple[str, str, int], ...]
    clauses: tuple[ClauseRow, ...]


def tables(
    frameworks: Sequence[Framework], verdicts: Sequence[Verdict], words: Words, now_us: int
) -> list[PolicyTable]:
    """A table for each policy."""
    return [
        _table(framework, [v for v in verdicts if v.framework == framework.id], words, now_us)
        for framework in frameworks
    ]


def _table(framework: Framework, verdicts: Sequence[Verdict], words: Words, now_us: int) -> PolicyTable:
    """One policy."""
    found = Counter(verdict.status for verdict in verdicts)
    order = (Status.MET, Status.NOT_MET, Status.NOT_SHOWN, Status.BY_A_PERSON)
    return PolicyTable(
        framework.id,
        words.pick(framework.title, framework.title_en),
        framework.number,
        words.pick(framework.issued_by, framework.issued_by_en),
        framework.sha256,
        tuple((status.value, words.status(status), found[status]) for status in order),
        tuple(_clause(verdict, words, now_us) for verdict in verdicts),
    )


def _clause(verdict: Verdict, words: Words, now_us: int) -> ClauseRow:
    """One clause: what the decisive part says, and all parts below it."""
    indicator, decisive = verdict.indicator, decisive_part(verdict)
    return ClauseRow(
        id=indicator.id,
        clause=words.pick(indicator.clause, indicator.clause_en),
        group=words.pick(indicator.group, indicator.group_en),
        asks=words.pick(indicator.asks, indicator.asks_en),
        demand=indicator.demand.value,
        status=verdict.status.value,
        status_words=words.status(verdict.status),
        sentence=words.sentence(verdict),
        parts_met=words.parts_met(verdict),
        shown="—" if decisive is None else words.shown(decisive),
        age="—" if decisive is None else words.age(decisive, now_us),
        grade=_grade(verdict, decisive),
        next_step=words.next_step(verdict),
        evidence=verdict.evidence,
        parts=tuple(_part(part, words, now_us) for part in verdict.parts),
    )


def _grade(verdict: Verdict, decisive: PartVerdict | None) -> str:
    """How well a clause is proved: a clause that is met no better than the weakest part that it needs."""
    met = [part.grade for part in verdict.parts if part.part.required and part.status is Status.MET]
    if verdict.status is Status.MET and met:
        return min(met).name
    return "—" if decisive is None or decisive.shown is None else decisive.grade.name


def _part(part: PartVerdict, words: Words, now_us: int) -> PartRow:
    """One part."""
    return PartRow(
        asks=words.pick(part.part.asks, part.part.asks_en),
        written=words.written(part.part),
        status=part.status.value,
        status_words=words.status(part.status),
        shown=words.shown(part),
        age=words.age(part, now_us),
        grade="—" if part.shown is None else part.grade.name,
        why=tuple(words.why(part, reason) for reason in part.reasons) or (words.part_sentence(part),),
        steps=tuple(dict.fromkeys(words.step(part, reason) for reason in part.reasons)),
        notes=tuple(words.why(part, note) for note in part.notes),
        evidence=part.evidence,
        kind="support" if part.part.support else "encouraged" if part.part.encouraged else "required",
    )


def judged(collector: Collector, school: School, words: Words) -> list[PolicyTable]:
    """The verdicts on a school now, in one language."""
    now_us = collector.now_us()
    verdicts = judge_all(collector.frameworks, school, collector.store.ledger.of_school(school.id), now_us)
    return tables(collector.frameworks, verdicts, words, now_us)


@dataclass(frozen=True, slots=True)
class HintRow:
    """Something about the school's switches that changes no verdict by itself: what it is, in words, and what to do."""

    code: str
    switch: str
    neighbour: str
    why: str
    step: str


def hinted(collector: Collector, school: School, words: Words) -> list[HintRow]:
    """Neighbours that are not in the school's list, and switches asked in the clear, as the latest runs saw them."""
    admitted = standings(school, collector.store.ledger.of_school(school.id)).admitted
    found = hints(school, seen_in(latest_runs(admitted, UPLINKS)))
    return [
        HintRow(one.code.value, str(one.about["switch"]), str(one.about.get("neighbour", "")), *words.hint(one))
        for one in dict.fromkeys(found)
    ]
