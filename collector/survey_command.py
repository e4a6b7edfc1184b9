"""
How does the operator order a walk, print its cards, and see how far it is?

`survey order SCHOOL [PLACE...]`, `survey cards SCHOOL`, `survey status SCHOOL`. Each verb gives the lines to print. A card hangs in its place for
one survey only: codes are drawn anew for each, and for the places that are drawn to be measured again.
"""

from __future__ import annotations

import argparse
import csv
import html
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from collector.assembly import Collector
from collector.calendar import minute
from collector.frameworks import PlaceKind
from collector.names_command import Printing
from collector.school import School
from collector.survey_orders import points_of
from collector.words import Words, words_in
from evidence.scan import AskedBy, Scan
from evidence.survey import WALKED

PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title><style>
body{{font-family:sans-serif;margin:0}}article{{border:1px dashed #888;box-sizing:border-box;display:inline-block;padding:6mm;width:95mm;
height:62mm;break-inside:avoid;text-align:center;vertical-align:top}}h2{{font-size:13pt;margin:0 0 3mm;overflow-wrap:anywhere}}
p{{font-size:9pt;margin:2mm 0}}strong{{display:block;font:700 34pt monospace;letter-spacing:.08em}}
</style>{cards}</html>
"""
CARD = "<article><h2>{place}</h2><p>{school}</p><strong>{code}</strong><p>{words}</p></article>\n"


def survey_verbs(parser: argparse.ArgumentParser, printing: Printing) -> None:
    """`survey order|cards|status`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    order = verbs.add_parser("order", help="order a walk through the places of a school's list")
    order.add_argument("school")
    order.add_argument("places", nargs="*", metavar="PLACE", help="only these places; default: all of the list")
    order.add_argument(
        "--kind",
        choices=[kind.value for kind in PlaceKind],
        action="append",
        default=[],
        help="only places of this kind; may be given several times",
    )
    order.add_argument(
        "--roam", action="store_true", help="also a walk with hand-overs, joined to the school's network"
    )
    order.add_argument(
        "--agent", action="append", default=[], metavar="ID", help="only this agent (the laptop that is carried)"
    )
    order.set_defaults(verb=printing(_order))
    cards = verbs.add_parser("cards", help="the codes of a survey's places, to print and to hang there")
    cards.add_argument("school")
    cards.add_argument("--scan", default="", metavar="ID", help="of this order; default: of every open one")
    cards.add_argument("--html", type=Path, metavar="FILE", help="write a page to print instead of CSV")
    cards.add_argument("--language", choices=("zh", "en"), default="zh")
    cards.set_defaults(verb=printing(_cards))
    status = verbs.add_parser("status", help="how far the surveys of a school are")
    status.add_argument("school")
    status.set_defaults(verb=printing(_status))


def _order(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """Give the order; its id, and what to do next."""
    school = _theirs(collector, options.school)
    chosen = [*options.places, *(place.path for place in school.places if place.kind in options.kind)]
    if options.kind and not chosen:
        raise ValueError(f"--kind {' '.join(options.kind)}: {school.name} lists no such place")
    probes = list(WALKED) if options.roam else WALKED[:1]
    scan = collector.dispatch.order(school, AskedBy.EVALUATOR, options.agent, probes, places=chosen)
    spots = scan.survey.spots if scan.survey is not None else ()
    yield f"{scan.id}: {len(spots)} places, {sum(spot.points for spot in spots)} points, until {minute(scan.expires_unix_us)}"
    yield f"print the cards: campusproof-collector survey cards {school.id} --html cards.html"


def _cards(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """The cards of the named survey, or of all that are open."""
    school = _theirs(collector, options.school)
    chosen = [scan for scan in _surveys(school, collector) if options.scan in ("", scan.id)]
    if not chosen:
        raise ValueError(
            f"{school.name}: no open survey{f' {options.scan}' if options.scan else ''}; order one: survey order {school.id}"
        )
    codes = [
        (scan, place, code) for scan in chosen for place, code in sorted(collector.store.surveys.codes(scan.id).items())
    ]
    if options.html is None:
        yield from _csv(codes)
        return
    options.html.write_text(_page(school, codes, words_in(options.language)), "utf-8")
    yield f"{len(codes)} cards in {options.html}; open it in a browser and print it"


def _csv(codes: Sequence[tuple[Scan, str, str]]) -> Iterator[str]:
    """One line a card, as office programs read it."""
    yield "survey,place,code"
    for scan, place, code in codes:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow((scan.id[:8], place, code))
        yield line.getvalue()


def _page(school: School, codes: Sequence[tuple[Scan, str, str]], words: Words) -> str:
    """Cards to cut out."""
    note = words.say("Wi-Fi survey: type this code on the phone while you stand here.")
    again = words.say("Re-measure: type this code on the phone while you stand here.")
    cards = "".join(
        CARD.format(
            place=html.escape(place),
            school=html.escape(school.name),
            code=code,
            words=html.escape(again if scan.asked_by is AskedBy.DRAW else note),
        )
        for scan, place, code in codes
    )
    return PAGE.format(language=words.language, title=html.escape(words.say("Place cards")), cards=cards)


def _status(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """One line a survey: how many of its places have all their points, and which have not."""
    school = _theirs(collector, options.school)
    for scan in _surveys(school, collector):
        spots = scan.survey.spots if scan.survey is not None else ()
        told = set(points_of(collector.store.ledger.of_scan(scan.id)))
        missing = [
            spot.place
            for spot in spots
            if any((spot.place, number) not in told for number in range(1, spot.points + 1))
        ]
        kind = "re-measure" if scan.asked_by is AskedBy.DRAW else "survey"
        yield f"{scan.id[:8]} {kind}: {len(spots) - len(missing)} of {len(spots)} places, until {minute(scan.expires_unix_us)}"
        yield from (f"  {place}" for place in missing)


def _surveys(school: School, collector: Collector) -> list[Scan]:
    """The surveys of a school that can still be walked, newest first."""
    now_us = collector.now_us()
    return [scan for scan in school.orders if scan.survey is not None and scan.expires_unix_us > now_us]


def _theirs(collector: Collector, identity: str) -> School:
    """The school of that id; raises ValueError."""
    school = collector.store.schools.get(identity)
    if school is None:
        there = ", ".join(one.id for one in collector.store.schools.all()) or "none"
        raise ValueError(f"school {identity!r}: there are: {there}")
    return school
