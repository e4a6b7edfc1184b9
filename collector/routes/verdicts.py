"""What do the policies say about a school? The same rows as on the page, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import quote

from fastapi import APIRouter, Response

from collector.assembly import Collector
from collector.people import NoSuchThing
from collector.routes.given import Ours, Person
from collector.shown import hinted, judged
from collector.store.rows import Account, StoredEnvelope
from collector.words import words_in

router = APIRouter()
SEALED = "application/json"


@router.get("/v1/schools/{school}/verdicts")
def verdicts(school: str, person: Person, collector: Ours, language: str = "zh") -> list[dict[str, object]]:
    """Every policy, clause and part of a school, with status, reasons and next steps."""
    found = collector.front.school(person, school)
    return [asdict(table) for table in judged(collector, found, words_in(language))]


@router.get("/v1/schools/{school}/neighbours")
def neighbours(school: str, person: Person, collector: Ours, language: str = "zh") -> list[dict[str, object]]:
    """Neighbours of the school's switches that are not in its list, and switches asked in the clear, with next steps."""
    found = collector.front.school(person, school)
    return [asdict(row) for row in hinted(collector, found, words_in(language))]


@router.get("/evidence/{evidence}/envelope")
def envelope(evidence: str, person: Person, collector: Ours) -> Response:
    """The sealed report, byte for byte as it came: what campusproof-verify reads."""
    return _file(of_theirs(collector, person, evidence).envelope, f"{evidence[:16]}.dsse.json")


@router.get("/evidence/{evidence}/receipt")
def receipt(evidence: str, person: Person, collector: Ours) -> Response:
    """The collector's sealed receipt for it."""
    return _file(of_theirs(collector, person, evidence).receipt, f"{evidence[:16]}.receipt.json")


@router.get("/evidence/{evidence}/raw/{sha256}")
def raw(evidence: str, sha256: str, person: Person, collector: Ours) -> Response:
    """Raw evidence of a report, as it came."""
    of_theirs(collector, person, evidence)
    for row in collector.store.ledger.raws(evidence):
        if row.sha256 == sha256 and row.content is not None:
            return _file(row.content, row.name, "application/octet-stream")
    raise NoSuchThing(f"raw evidence {sha256[:16]}")


def of_theirs(collector: Collector, person: Account, evidence: str) -> StoredEnvelope:
    """A stored envelope of a school that this person may see."""
    stored = collector.store.ledger.envelope(evidence)
    if stored is None:
        raise NoSuchThing(f"evidence {evidence[:16]}")
    collector.front.school(person, stored.school)
    return stored


def _file(content: bytes, name: str, kind: str = SEALED) -> Response:
    """An answer that a browser saves under a name."""
    plain = (
        "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter in "._-")) or "evidence"
    )
    saved = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=kind, headers={"content-disposition": saved})
