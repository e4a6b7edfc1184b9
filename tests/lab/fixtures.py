"""
How does a test ask for a school in one line?

    def test_of_mine(a_school: SchoolMaker) -> None:
        school = a_school(egress="600 Mbit/s", ra=False)

`tests/conftest.py` imports `a_school` and `school` by name. Where no school can run, such a test is skipped with the
reason in words; with LAB_REQUIRED=1 it fails instead, so that a forgotten package cannot turn a whole suite green.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest

from tests.lab.faults import await_neighbours
from tests.lab.needs import missing
from tests.lab.pipe import Pipe, Shape
from tests.lab.school import VirtualSchool
from tests.lab.settings import Settings, bit_s


class SchoolMaker(Protocol):
    """Makes schools that answer already; they are stopped when the test ends."""

    def __call__(
        self,
        *,
        egress: str = "1 Gbit/s",
        ra: bool = True,
        metro: bool = True,
        desk_mbit_s: int = 1000,
        uplink_mbit_s: int = 10_000,
        community: str = "lab-public",
    ) -> VirtualSchool:
        """Make one school; rates as people write them."""
        ...


def require_lab() -> None:
    """Skip the test if no school can run here; fail it if LAB_REQUIRED=1."""
    absent = missing()
    if not absent:
        return
    reason = "no virtual school can run here: " + "; ".join(absent)
    if os.environ.get("LAB_REQUIRED") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def a_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SchoolMaker]:
    """Give the means to make schools of one's own, as many as needed."""
    require_lab()
    with ExitStack() as standing:

        def make(*, egress: str = "1 Gbit/s", **choices: bool | int | str) -> VirtualSchool:
            settings = Settings(egress_bit_s=bit_s(egress), **choices)  # type: ignore[arg-type]  # SchoolMaker has the types
            school = standing.enter_context(VirtualSchool(tmp_path_factory.mktemp("school"), settings))
            school.ready()
            return school

        yield make


class PipeMaker(Protocol):
    """Makes pipes; they are gone when the test ends."""

    def __call__(self, shape: Shape) -> Pipe:
        """Make one pipe."""
        ...


@pytest.fixture
def a_pipe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PipeMaker]:
    """Give the means to make ways out of a school whose rate is known."""
    require_lab()
    with ExitStack() as standing:
        yield lambda shape: standing.enter_context(Pipe(tmp_path_factory.mktemp("pipe"), shape))


@pytest.fixture(scope="session")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualSchool]:
    """Give the school with the default settings, shared by the session: leave it as it was found."""
    require_lab()
    with VirtualSchool(tmp_path_factory.mktemp("school")) as shared:
        shared.ready()
        yield shared


@pytest.fixture(scope="session")
def linked_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualSchool]:
    """Give a school with second links, whose links between switches can change their speed; leave it as it was found."""
    require_lab()
    settings = Settings(second_links=True, changeable=True)
    with VirtualSchool(tmp_path_factory.mktemp("linked"), settings) as shared:
        shared.ready()
        await_neighbours(shared)
        yield shared
