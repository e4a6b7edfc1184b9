"""Can the operator order a walk, print its cards and see how far it is?"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from collector.__main__ import main
from collector.clock import now_us
from collector.keys import kept
from collector.school import AccessPoint, Place
from collector.store import open_store
from tests.collector.making import school
from tests.collector.wifi_school import OWN, ROOMS

PLACES = (*ROOMS, Place("main/b2/<b>hall</b>", "activity", area_m2=60))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A collector with a school that can be walked, and one box."""
    store = open_store(tmp_path / "state")
    kept(tmp_path / "state")
    store.schools.add("s", "一中", False, now_us())
    listed = school(places=PLACES, networks=("53",), access_points=(AccessPoint("a", (OWN[0],)),), services=())
    store.schools.declare(listed, now_us())
    store.schools.add_token("hash", "s", "", now_us() + 10**9)
    store.schools.enrol("hash", "00", "a" * 64, "test", "secret", now_us())
    store.close()
    path = tmp_path / "config.toml"
    path.write_text(f'[collector]\nstate = "{tmp_path}/state"\n', "utf-8")
    return path


def typed(config: Path, *words: str) -> int:
    """One command; its status."""
    return main(["--config", str(config), "survey", *words])


def test_order(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All places with all their points, and the next step."""
    status = typed(config, "order", "s", "--roam")
    said = capsys.readouterr().out

    assert (status, ": 5 places, 7 points, until " in said, "survey cards s --html cards.html" in said) == (
        0,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["order", "nobody"], "there are: s", id="no such school"),
        pytest.param(["order", "s", "main/b9/1"], "no place main/b9/1", id="no such place"),
        pytest.param(["order", "s", "--kind", "living"], "lists no such place", id="no place of the kind"),
        pytest.param(["cards", "s"], "no open survey", id="no survey"),
    ],
)
def test_wrong(config: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    """What cannot be done is told with what there is."""
    status = typed(config, *words)

    assert (status, said in capsys.readouterr().err) == (2, True)


def test_cards(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a card, as office programs read it."""
    typed(config, "order", "s", "--kind", "activity")
    capsys.readouterr()
    typed(config, "cards", "s")
    head, card = csv.reader(capsys.readouterr().out.splitlines())

    assert (head, card[1], len(card[2])) == (["survey", "place", "code"], PLACES[-1].path, 6)


@pytest.mark.parametrize(("language", "note"), [("zh", "请站在此处"), ("en", "while you stand here")])
def test_a_page_to_print(config: Path, tmp_path: Path, language: str, note: str) -> None:
    """A page of cards in the language asked for; what the list says is shown as text."""
    typed(config, "order", "s")
    typed(config, "cards", "s", "--html", str(tmp_path / "cards.html"), "--language", language)
    page = (tmp_path / "cards.html").read_text("utf-8")

    assert (page.count("<article>"), note in page, "<b>hall</b>" in page) == (5, True, False)


def test_status(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """How many places are done, and which are not."""
    typed(config, "order", "s", ROOMS[0].path)
    capsys.readouterr()
    typed(config, "status", "s")
    first, second = capsys.readouterr().out.splitlines()

    assert (" survey: 0 of 1 places" in first, second.strip()) == (True, ROOMS[0].path)
