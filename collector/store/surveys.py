"""Which surveys were ordered, with which codes on their cards, and which of them were drawn of?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Engine, insert, select, update

from collector.store.engine import reading, writing
from collector.store.orders import add_order
from collector.store.tables import ORDER, SURVEY, SURVEY_CODE
from evidence.scan import Scan


@dataclass(frozen=True, slots=True)
class Surveys:
    """The room of surveys: an order, its codes and whether chance had its turn."""

    engine: Engine

    def add(self, scan: Scan, envelope: bytes, codes: Mapping[str, str]) -> None:
        """Keep a sealed order with the codes of its places, in one step."""
        with writing(self.engine) as connection:
            _add(connection, scan, envelope, codes, drawn=False)

    def add_draw(self, scan: Scan, envelope: bytes, codes: Mapping[str, str]) -> bool:
        """Keep the draw of a survey; False, and nothing is kept, where it was drawn of already."""
        of = scan.survey.remeasures if scan.survey is not None else ""
        with writing(self.engine) as connection:
            if not _closed(connection, of):
                return False
            _add(connection, scan, envelope, codes, drawn=True)
            return True

    def close(self, scan: str) -> None:
        """Nothing will be drawn of this survey any more."""
        with writing(self.engine) as connection:
            _closed(connection, scan)

    def undrawn(self, school: str) -> Sequence[Scan]:
        """The surveys of a school of which nothing was drawn yet, without those that were taken back."""
        query = (
            select(ORDER.c.content)
            .join(SURVEY, SURVEY.c.scan == ORDER.c.id)
            .where(ORDER.c.school == school, SURVEY.c.drawn.is_(False), ORDER.c.cancelled.is_(False))
        )
        with reading(self.engine) as connection:
            return [msgspec.json.decode(content, type=Scan) for content in connection.execute(query).scalars()]

    def codes(self, scan: str) -> dict[str, str]:
        """The code of each place of a survey."""
        with reading(self.engine) as connection:
            return codes_of(connection, [scan]).get(scan, {})


def codes_of(connection: Connection, scans: Sequence[str]) -> dict[str, dict[str, str]]:
    """The codes of these orders, by order and place."""
    found: dict[str, dict[str, str]] = {}
    for row in connection.execute(select(SURVEY_CODE).where(SURVEY_CODE.c.scan.in_(scans))):
        found.setdefault(row.scan, {})[row.place] = row.code
    return found


def _add(connection: Connection, scan: Scan, envelope: bytes, codes: Mapping[str, str], drawn: bool) -> None:
    """The order, the survey and its codes."""
    add_order(connection, scan, envelope)
    connection.execute(insert(SURVEY).values(scan=scan.id, drawn=drawn))
    connection.execute(
        insert(SURVEY_CODE), [{"scan": scan.id, "place": place, "code": code} for place, code in codes.items()]
    )


def _closed(connection: Connection, scan: str) -> bool:
    """Mark a survey as drawn of; whether it was not before."""
    change = update(SURVEY).where(SURVEY.c.scan == scan, SURVEY.c.drawn.is_(False)).values(drawn=True)
    return bool(connection.execute(change).rowcount)
