"""Has everything that can be said words in both languages, and are the catalogues what the code asks for?"""

from __future__ import annotations

import gettext
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from collector import frameworks
from collector.calendar import minute
from collector.judge import judge
from collector.messages import NEXT, STATUSES, WHY
from collector.verdict import Code, PartVerdict, Reason, Status, Verdict
from collector.words import Words, decisive_part, words_in
from evidence import quantities as q
from evidence.spelled import LANGUAGES
from tests.collector.making import NOW, clause, part, persons, reached, school

ROOT = Path(__file__).parent.parent.parent
CATALOGUES = [
    (domain, language, ROOT / domain / "locale" / language / "LC_MESSAGES" / f"{domain}.po")
    for domain in ("agent", "collector")
    for language in LANGUAGES
]
CJK = re.compile(r"[\u3400-\u9fff]")
ABOUT: dict[str, str | int] = {
    "quantity": "desk.speed",
    "what": "desk.speed",
    "setting": "larger",
    "code": "NO_RA",
    "failure": "timed_out",
    "switch": "acc-1",
    "host": "10.0.0.1:161",
    "port": "ge1",
    "other": "core",
    "other_port": "ge2",
    "neighbour": "acc-9",
    "snmp": "2c",
    "aps": 1,
    "phones": 2,
    "cameras": 3,
    "others": 4,
    "stations": 24,
    "service": "a.edu:443",
    "rung": "router",
    "network": "core/Vlanif10",
    "site": "www.school.test",
    "check": "S1",
    "probe": "desk",
    "detail": "x",
    "driver": "veth",
    "place": "main/teaching-1/101",
    "dbm": -72,
    "db": 14,
    "share": 7,
    "bssid": "02:00:00:00:00:01",
    "ap": "AP-301",
    "controller": "10.0.0.9:161",
    "agent": "65beeee113a8bd3e",
    "standing": "other_settings",
    "value": 10**8,
    "days": 7,
    "count": 1,
    "total": 2,
    "grade": "A1",
    "needed": "A3",
    "path": "internet",
    "by": "port",
    "seen": "203.0.113.7",
    "line": "telecom",
    "server": "tele-1",
    "operator": "Telecom",
    "agents": 4,
    "unix_us": NOW,
    "seconds": 1,
    "crossed": 10**9,
    "beside": 10**8,
    "on": 3,
    "needed_runs": 20,
    "needed_days": 5,
}


def verdict(*parts: PartVerdict, status: Status = Status.NOT_SHOWN) -> Verdict:
    """A verdict of these parts."""
    return Verdict("f", clause(*(one.part for one in parts)), status, parts)


def said(why: Code, language: str, **about: str | int) -> tuple[str, str]:
    """Why, and what next, for one reason."""
    found = PartVerdict(part(), Status.NOT_SHOWN)
    reason = Reason(why, {**ABOUT, **about})
    words = words_in(language)
    return words.why(found, reason), words.step(found, reason)


# --- Every reason -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", Code)
def test_reasons_in_chinese(code: Code) -> None:
    """Every reason has a sentence and a next step in Chinese, with no blank left."""
    assert all(CJK.search(text) and "{" not in text for text in said(code, "zh"))


@pytest.mark.parametrize("code", Code)
def test_reasons_in_english(code: Code) -> None:
    """Every reason has a sentence and a next step in English, with no blank left and no Chinese."""
    assert all(text and "{" not in text and not CJK.search(text) for text in said(code, "en"))


def test_tables_are_whole() -> None:
    """Each code stands in the table of reasons, and each but a rung of IPv6 in that of next steps; each status has a name."""
    assert (set(WHY), set(NEXT), set(STATUSES)) == (set(Code), set(Code) - {Code.RUNG, Code.SITE_CHECK}, set(Status))


def test_a_slow_port_is_named() -> None:
    """A bound missed by one port is said of that port."""
    about: dict[str, str | int] = {"switch": "acc-1", "port": "ge1", "value": 10**8}
    words = words_in("en").why(PartVerdict(part(), Status.NOT_MET), Reason(Code.BELOW, about))

    assert words == "acc-1: port ge1 runs at 100 Mbit/s."


def test_a_slow_aggregate_is_named() -> None:
    """Of an aggregate the largest member is told, and what all its members make together."""
    about: dict[str, str | int] = {
        "switch": "acc-1",
        "port": "Po1",
        "value": 10**9,
        "members": 2,
        "aggregate": 2 * 10**9,
    }
    words = words_in("en").why(PartVerdict(part(), Status.NOT_MET), Reason(Code.BELOW, about))

    assert "bundles 2 cables, 2 Gbit/s together; the largest runs at 1 Gbit/s" in words


def test_a_switch_without_a_report() -> None:
    """A switch that no report speaks of gave no answer."""
    assert "no answer" in said(Code.SWITCH_SILENT, "en", failure="")[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [*q.EGRESS_LIMITED_BY.states])
def test_limits(state: str, language: str) -> None:
    """Each thing that can limit a measurement of the way out has a sentence and a step of its own."""
    others = {said(Code.LIMITED_BY, language, by=other) for other in q.EGRESS_LIMITED_BY.states if other != state}
    why, step = said(Code.LIMITED_BY, language, by=state)

    assert (why, step) not in others
    assert "{" not in why + step


@pytest.mark.parametrize(
    ("about", "text"),
    [
        pytest.param({"counted": 10**9, "proved": 10**8}, "The box counted 1 Gbit/s and", id="both ends"),
        pytest.param({"crossed": 10**8, "proved": 10**9}, "Only 100 Mbit/s crossed the ports", id="the witness"),
        pytest.param({}, "Two sources contradict each other", id="a figure beside a verdict"),
    ],
)
def test_contradictions(about: dict[str, str | int], text: str) -> None:
    """What contradicts what is said with both figures."""
    reason = Reason(Code.CONTRADICTION, {"quantity": "egress.down", **about})

    assert text in words_in("en").why(PartVerdict(part(), Status.NOT_SHOWN), reason)


@pytest.mark.parametrize("code", [Code.NO_EVIDENCE, Code.STALE])
def test_the_way_out_has_a_button_of_its_own(code: Code) -> None:
    """What “Measure now” does not measure is not said to be measured by it."""
    assert "Measure the line" in said(code, "en", probe="egress")[1]
    assert "scan SCHOOL wan" in said(code, "en", probe="wan")[1]
    assert "Measure now" in said(code, "en", probe="desk")[1]


@pytest.mark.parametrize(
    "failure", ["refused", "unreachable", "timed_out", "not_permitted", "interrupted", "unreadable"]
)
def test_a_failed_run_of_the_way_out_names_who_mends_it(failure: str) -> None:
    """A run that could not be made says where to look, not only that something is to be mended."""
    step = said(Code.FAILED, "en", probe="egress", failure=failure)[1]

    assert any(named in step for named in ("server", "line")), step
    assert step != NEXT[Code.FAILED]


def test_how_it_was_measured() -> None:
    """Line, server, operator, network, address, moment and limit stand in one sentence; the moment is that of the clock in China."""
    sentence, _ = said(Code.MEASURED_OVER, "en", quantity="egress.internet.down_ip", by="port,cpu")

    assert sentence == (
        f"Internet download rate at the IP layer: {minute(NOW)}, over the line telecom to tele-1 (Telecom, the internet), which saw it "
        "come from 203.0.113.7; boxes at the same time: 4; limited by: port of this box, processor of this box."
    )


@pytest.mark.parametrize("framework", frameworks.shipped(), ids=lambda framework: framework.id)
def test_every_clause_without_evidence(framework: frameworks.Framework) -> None:
    """Every clause of every policy has a sentence and a next step before anything was measured."""
    for indicator in framework.indicators:
        found = judge(indicator, school(), [], NOW, framework.id)
        for language in LANGUAGES:
            words = words_in(language)
            assert words.sentence(found)
            assert words.next_step(found)


# --- One sentence for a clause ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ppm", "sentence"),
    [(1000, "Measured 0.1 %, asked 0.1 %: met."), (999, "Measured 0.099 %, asked 0.1 %.")],
)
def test_sentence(ppm: int, sentence: str) -> None:
    """A clause's sentence gives value and threshold; a value is cut, never rounded up to the threshold."""
    stored = [reached(ppm)]
    found = judge(clause(part(at_least=1000)), school(stored), stored, NOW)

    assert words_in("en").sentence(found) == sentence


@pytest.mark.parametrize(("language", "said"), [("en", "1 Gbit/s (tolerance 5 %)"), ("zh", "1 Gbit/s（容差 5 %）")])
def test_tolerance(language: str, said: str) -> None:
    """A bound that may be missed by a little says by how much: a line that meets it may show less."""
    eased = part(either=(q.INTERNET_DOWN_IP,), at_least=10**9, tolerance_ppm=50_000)

    assert words_in(language).written(eased) == said


def test_no_part_concerns_the_school() -> None:
    """A clause of which nothing applies says so, and has no next step."""
    words = words_in("en")

    assert (words.sentence(verdict()), words.next_step(verdict())) == (
        "No part of this clause concerns this school.",
        "",
    )


def test_a_figure_without_a_reason() -> None:
    """A part that is neither met nor has a reason is told by its figure."""
    found = PartVerdict(part(support=True), Status.NOT_SHOWN, shown=q.METRO_REACHED.reading(500_000))

    assert words_in("en").part_sentence(found) == "Measured 50 %."


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0 min"),
        (59, "59 min"),
        (60, "1 h"),
        (47 * 60 + 59, "47 h"),
        (48 * 60, "2 days"),
        (None, "—"),
        (-5, "0 min"),
    ],
)
def test_age(minutes: int | None, text: str) -> None:
    """Age is told in minutes, then hours, then days; a moment ahead of the clock is no age."""
    issued = None if minutes is None else NOW - minutes * 60_000_000

    assert words_in("en").age(PartVerdict(part(), Status.MET, issued_unix_us=issued), NOW) == text


def test_another_language_is_chinese() -> None:
    """A language that there is not is Chinese."""
    assert words_in("fr").language == "zh"


@pytest.mark.parametrize(
    ("parts", "decisive"),
    [
        pytest.param([("a", Status.MET, {}), ("b", Status.NOT_MET, {})], "b", id="the part that decides"),
        pytest.param([("a", Status.NOT_MET, {}), ("b", Status.NOT_MET, {})], "a", id="the first of them"),
        pytest.param(
            [("a", Status.NOT_MET, {"encouraged": True}), ("b", Status.NOT_MET, {})], "b", id="not an encouraged"
        ),
        pytest.param([("a", Status.MET, {"support": True})], "a", id="a clause of support only"),
    ],
)
def test_decisive_part(parts: list[tuple[str, Status, dict[str, Any]]], decisive: str) -> None:
    """A clause's sentence speaks of the part that decides."""
    found = [PartVerdict(part(id=name, **about), status) for name, status, about in parts]
    one = decisive_part(verdict(*found, status=Status.NOT_MET))

    assert one is not None
    assert one.part.id == decisive


def test_decisive_person() -> None:
    """A clause that only a person can settle says so."""
    found = judge(clause(persons()), school(), [], NOW)

    assert words_in("en").sentence(found) == "Only a person can settle this."


# --- Catalogues -------------------------------------------------------------------------------------------------------


def catalogue(path: Path) -> Catalog:
    """A .po file."""
    with path.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def asked_for(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Every message that the code of a package and its templates ask for."""
    found = {}
    for domain in ("agent", "collector"):
        path = tmp_path_factory.mktemp("words") / f"{domain}.pot"
        command = [str(Path(sys.executable).parent / "pybabel"), "-q", "extract", "-F", "deploy/babel/mapping.cfg"]
        command += ["-k", "say", "-k", "N_", "--no-location", "-o", str(path), domain]
        subprocess.run(command, cwd=ROOT, check=True)
        found[domain] = {str(message.id) for message in catalogue(path) if message.id}
    return found


@pytest.mark.parametrize(("domain", "language", "path"), CATALOGUES)
def test_complete(domain: str, language: str, path: Path, asked_for: dict[str, set[str]]) -> None:
    """A catalogue holds exactly what the code asks for."""
    assert {str(message.id) for message in catalogue(path) if message.id} == asked_for[domain]


@pytest.mark.parametrize(("domain", "language", "path"), CATALOGUES)
def test_nothing_empty_or_unsure(domain: str, language: str, path: Path) -> None:
    """No entry is empty, unsure (fuzzy) or left over."""
    found = catalogue(path)
    unsure = [message.id for message in found if message.id and (not message.string or message.fuzzy)]

    assert (unsure, list(found.obsolete)) == ([], [])


@pytest.mark.parametrize(("domain", "language", "path"), CATALOGUES)
def test_compiled(domain: str, language: str, path: Path) -> None:
    """The compiled catalogue is the written one."""
    fresh = io.BytesIO()
    write_mo(fresh, catalogue(path))
    fresh.seek(0)
    with path.with_suffix(".mo").open("rb") as file:
        kept, wanted = gettext.GNUTranslations(file), gettext.GNUTranslations(fresh)
    messages = [str(message.id) for message in catalogue(path) if message.id]

    assert [kept.gettext(one) for one in messages] == [wanted.gettext(one) for one in messages]


@pytest.mark.parametrize("path", [path for _, language, path in CATALOGUES if language == "zh"])
def test_chinese_is_chinese(path: Path) -> None:
    """Every Chinese message has Chinese words and differs from its English."""
    assert [
        one.id
        for one in catalogue(path)
        if one.id and one.id != "IPv6" and (one.id == one.string or not CJK.search(str(one.string)))
    ] == []


@pytest.mark.parametrize("path", [path for _, language, path in CATALOGUES if language == "en"])
def test_english_is_english(path: Path) -> None:
    """No English message has a Chinese word."""
    assert [one.id for one in catalogue(path) if CJK.search(str(one.string))] == []


@pytest.mark.parametrize(("domain", "language", "path"), CATALOGUES)
def test_blanks(domain: str, language: str, path: Path) -> None:
    """A message has the same blanks to fill in every language."""
    blanks = re.compile(r"\{\w+\}")
    wrong = [
        one.id
        for one in catalogue(path)
        if one.id and set(blanks.findall(str(one.id))) != set(blanks.findall(str(one.string)))
    ]
    assert wrong == []


def test_statuses() -> None:
    """The four verdicts in Chinese are the house's words."""
    words: Words = words_in("zh")

    assert len({words.status(status) for status in Status}) == 4
