"""Does every page speak the reader's language, and nothing else?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest
from babel.messages.pofile import read_po

from collector.frameworks import shipped
from collector.people import Role
from collector.routes.pages import moment
from collector.words import LOCALE
from evidence import quantities as q
from evidence.model import Failure, Raw
from tests.collector.running import TLS, Running, running

CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
# Of schools, the language's own name, and the numbers of the documents, which nobody translates.
NAMES = ["一中", "二中", "中文", *(framework.number for framework in shipped() if framework.number)]


class Text(HTMLParser):
    """The text of a page, piece by piece, with what is said to those who do not see it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        """One piece of text."""
        self.pieces.append(" ".join(data.split()))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Names that a screen reader says."""
        self.pieces += [value for name, value in attrs if name == "aria-label" and value]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, dict[str, str]]]:
    """A collector and its pages by name, of a school about which there is much to say."""
    with running(tmp_path_factory.mktemp("pages")) as up:
        up.home = up.founded(virtual=True)
        up.founded("二中")
        box, idle = up.enrolled(), up.enrolled()
        scan = up.order()
        raw = Raw("switch-1.json", b"{}")
        speed = q.DESK_SPEED.reading(q.GIGABIT, "eth0", {"driver": "virtio_net"})
        rungs = q.IPV6_RUNG.reading("fail", "router", {"code": "NO_RA"}), q.IPV6_RUNG.reading("not_tested", "pages")
        up.submit(box.answer(scan, "desk", speed, raws=(raw,)))
        up.submit(box.answer(scan, "ipv6", *rungs, q.IPV6_GRADE.reading(1)))
        up.submit(box.answer(scan, "uplinks", failure=Failure.LOGIN_REJECTED))
        up.submit(box.answer(scan, "metro", q.METRO_REACHED.reading(0)))
        failed = box.previous
        up.submit(box.sealed())
        up.submit(box.sealed(box.report(sequence=9)))
        for body in ('{"probe":"desk","state":"running"}', '{"probe":"ipv6","state":"sealed","detail":"timed_out"}'):
            up.http.post(f"/v1/scans/{scan.id}/progress", content=body.encode(), headers=idle.channel)
        first = up.parts.store.ledger.of_school(up.home)[0].id
        yield (
            up,
            {
                "login": "/login",
                "schools": "/",
                "school": f"/schools/{up.home}",
                "evidence": f"/evidence/{first}",
                "failed": f"/evidence/{failed}",
                "message": "/schools/none",
            },
        )


def page(shown: tuple[Running, dict[str, str]], name: str, language: str) -> str:
    """A page by its name."""
    up, paths = shown
    cookie = f"{next(iter(up.person().cookies.jar)).name}={next(iter(up.person().cookies.jar)).value}"
    headers = {"cookie": f"{cookie}; campusproof-language={language}"}
    return up.http.get(paths[name], headers=headers).text


PAGES = ("login", "schools", "school", "evidence", "failed", "message")


@pytest.mark.parametrize("name", PAGES)
def test_english(shown: tuple[Running, dict[str, str]], name: str) -> None:
    """An English page has no Chinese word but names."""
    text = " ".join(Text(page(shown, name, "en")).pieces)
    for known in NAMES:
        text = text.replace(known, "")

    assert CJK.findall(text) == []


@pytest.mark.parametrize("name", PAGES)
def test_chinese(shown: tuple[Running, dict[str, str]], name: str) -> None:
    """A Chinese page has no message of the catalogue in English, whole or with its blanks filled."""
    with (LOCALE / "zh/LC_MESSAGES/collector.po").open("rb") as file:
        messages = [str(message.id) for message in read_po(file) if message.id]
    patterns = [re.compile(re.sub(r"\\\{\w+\\\}", ".*", re.escape(one))) for one in messages if len(one) > 3]
    found = [text for text in Text(page(shown, name, "zh")).pieces for one in patterns if one.fullmatch(text)]

    assert found == []


@pytest.mark.parametrize("name", PAGES)
def test_chinese_sentences(shown: tuple[Running, dict[str, str]], name: str) -> None:
    """No sentence of a Chinese page is English: three words in a row are a command, a path or nothing."""
    pieces = [re.sub(r"campusproof-\S+( \w+)*", "", text) for text in Text(page(shown, name, "zh")).pieces]
    pieces = [text for text in pieces if not text.startswith(("{", '"')) and "expected" not in text]

    assert [text for text in pieces if re.search(r"\b[a-z]{3,} [a-z]{2,} [a-z]{2,}\b", text)] == []


def test_chinese_by_default(shown: tuple[Running, dict[str, str]]) -> None:
    """Who has chosen nothing, or nonsense, reads Chinese."""
    up, _ = shown
    found = [up.http.get("/login", headers={"cookie": cookie}).text for cookie in ("", "campusproof-language=fr")]

    assert [one.count('lang="zh-CN"') for one in found] == [2, 2]


def test_virtual_is_marked(shown: tuple[Running, dict[str, str]]) -> None:
    """A virtual school is marked on every page that speaks of it."""
    marks = ["virtual school" in page(shown, name, "en") for name in ("schools", "school", "evidence")]

    assert marks == [True, True, True]


def test_names_cannot_become_markup(shown: tuple[Running, dict[str, str]]) -> None:
    """A school's name is text, whatever stands in it."""
    up, _ = shown
    identity = up.founded("<script>alert(1)</script>")

    assert "<script>" not in up.http.get(f"/schools/{identity}", headers=dict(_cookie(up))).text


def _cookie(up: Running) -> Iterator[tuple[str, str]]:
    """The evaluator's session."""
    for one in up.person().cookies.jar:
        yield "cookie", f"{one.name}={one.value}"


def test_progress_is_shown(shown: tuple[Running, dict[str, str]]) -> None:
    """How far each agent is with each probe is on the page."""
    text = " ".join(Text(page(shown, "school", "en")).pieces)

    for words in (
        "(desk) measuring",
        "(ipv6) measured and sealed · no answer in time",
        "(metro) waiting for the agent",
    ):
        assert words in text


def test_a_cancelled_order_is_shown(shown: tuple[Running, dict[str, str]]) -> None:
    """An order that was taken back says so, and the page stops refreshing itself."""
    up, _ = shown
    before = page(shown, "school", "en")
    row = up.parts.store.orders.of_school(up.home)[0]
    up.parts.dispatch.cancel(row.scan)
    after = page(shown, "school", "en")

    assert ["http-equiv" in before, "http-equiv" in after, "taken back" in after] == [True, False, True]


def test_an_admin_sees_one_school(shown: tuple[Running, dict[str, str]]) -> None:
    """The page names who is logged in, and as what."""
    up, paths = shown
    answer = up.person(Role.SCHOOL_ADMIN, up.home).get(paths["school"])

    assert "学校管理员" in answer.text


@pytest.mark.parametrize(("unix_us", "text"), [(0, "—"), (1_790_000_000_000_000, "2026-09-21 22:13:20")])
def test_moment(unix_us: int, text: str) -> None:
    """Moments are shown as the clock on the wall in China shows them."""
    assert moment(unix_us) == text


def test_static(shown: tuple[Running, dict[str, str]]) -> None:
    """Nothing is fetched from elsewhere: style and icon are served here, and no page names another host."""
    up, _ = shown
    with httpx.Client(base_url=up.url, verify=TLS) as browser:
        found = [browser.get(path).status_code for path in ("/static/style.css", "/static/icon.svg")]

    assert found == [200, 200]
    assert not [name for name in PAGES if "//" in re.sub(r"https?://127\S+", "", page(shown, name, "en"))]
