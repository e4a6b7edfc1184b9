"""Is what docs/school-list.md shows a list that can be taken over?"""

from __future__ import annotations

from pathlib import Path

from collector.frameworks import shipped
from collector.importing import imported
from collector.known_settings import known_settings
from tests.collector.test_importing import BEFORE


def test_the_documented_example(tmp_path: Path) -> None:
    """The example in docs/school-list.md is a list that can be taken over, of all that a list can say."""
    page = (Path(__file__).parent.parent.parent / "docs/school-list.md").read_text("utf-8")
    path = tmp_path / "example.csv"
    path.write_text(page.partition("```csv\n")[2].partition("```")[0], "utf-8")
    found = imported(BEFORE, path, known_settings(shipped()))

    assert all((found.bureau, found.places, found.switches, found.links, found.services, found.lines, found.days))
    assert all((found.routers, found.sites))


def test_the_documented_settings() -> None:
    """docs/school-list.md lists every setting that a policy or the collector itself asks for."""
    page = (Path(__file__).parent.parent.parent / "docs/school-list.md").read_text("utf-8")
    asked = {one.key for one in known_settings(shipped())}

    assert {key for key in asked if f"`{key}`" in page} == asked
