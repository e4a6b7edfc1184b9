"""Does the tree show every switch, link and problem, in both languages and on narrow terminals, with a next step for each?"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import pytest
from rich.console import Console

from agent.advice import Found, Problem, of_link, of_port, problems
from agent.scan import Finding
from agent.speech import Speech
from agent.steps import next_steps, steps
from agent.switches import network_of
from agent.tree import tree_of
from agent.words import translation
from evidence.model import Conditions, Facts, Failure, Reading
from tests.agent.campus import ACC1, ACC2, CAMPUS, CORE, DIST, LOST, G, answered, down, link, port

ENGLISH = Speech(translation("en"), "en")


def drawn(readings: Sequence[Reading], language: str = "en", width: int = 200, **more: object) -> str:
    """The tree as text."""
    screen = Console(width=width, record=True, file=io.StringIO())
    finding = Finding(tuple(readings), (), Conditions("test", 1, 2, 1, 2), **more)  # type: ignore[arg-type]  # as given
    screen.print(tree_of(finding, translation(language), language))
    return screen.export_text()


def line_of(text: str, words: str) -> str:
    """The one line that holds these words."""
    (found,) = [line for line in text.splitlines() if words in line]
    return found


# --- What is drawn ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "beside"),
    [
        pytest.param("Switches: 4 of 5 answered", "", id="how many"),
        pytest.param("core-1  Huawei S5720-32X", "SNMP v3", id="who, and how asked"),
        pytest.param("dist-1  H3C S5560", "SNMP v2c (travels in the clear; use SNMPv3)", id="asked in the clear"),
        pytest.param(
            "BAGG1 ↔ core-1 Eth-Trunk1", "10 Gbit/s a member, 20 Gbit/s in all; both ends agree", id="link of a LAG"
        ),
        pytest.param("aggregate Eth-Trunk1", "20 Gbit/s in all, largest member 10 Gbit/s; 2 of 2 members up", id="LAG"),
        pytest.param("GE0/1 ↔ core-1 XGE0/0/3", "1 Gbit/s (below 10 Gbit/s); both ends agree", id="below 10G"),
        pytest.param("GE0/1 ↔ dist-1 GE1/0/5", "100 Mbit/s (below 1 Gbit/s); one end only", id="below 1G, one end"),
        pytest.param("GE0/8 ↔ dist-1 GE1/0/8", "told differently (ends differ)", id="conflict of the ends"),
        pytest.param("? GE1/0/9 ↔ unknown-7 GE0/0/1", "at most 1 Gbit/s", id="undiscovered"),
        pytest.param(
            "ports that are up: 6; of these for people's devices: 4",
            "cameras and telephones, counted apart: 1",
            id="desks",
        ),
        pytest.param("1 at 100 Mbit/s, below 1 Gbit/s: GE0/2", "", id="slow desk, the camera apart"),
        pytest.param("GE0/4: 1 Gbit/s; half duplex", "", id="half duplex"),
        pytest.param("GE0/5: speed unknown (ifHighSpeed is 0)", "", id="unknown, and why"),
        pytest.param("GE0/6: 10 Gbit/s; concluded, not told (name says 10G)", "", id="inferred, and why"),
        pytest.param("XGE0/0/3: 1 Gbit/s; its slot can do 10 Gbit/s", "", id="slower than its slot"),
        pytest.param("way out GE0/0/24: 1 Gbit/s", "", id="way out"),
        pytest.param("✗ did not answer completely: no answer in time", "", id="silent"),
        pytest.param("Rate of the slowest backbone link: 1 Gbit/s", "", id="in all"),
        pytest.param("IPv6: L10 pass × 1, V1 fail × 2", "", id="rungs"),
    ],
)
def test_what_is_drawn(words: str, beside: str) -> None:
    """Everything that was read has its line."""
    assert beside in line_of(drawn(CAMPUS), words)


def test_the_core_comes_first_and_each_switch_below_its_uplink() -> None:
    """A drawing begins at the way out and goes down link by link; who is joined to nobody stands apart."""
    names = re.findall(r"^(\W*)(core-1|dist-1|acc-2|初中楼接入\[1\]|lost-1) ", drawn(CAMPUS), re.MULTILINE)

    depths = {name: len(indent) // 4 for indent, name in names}
    assert list(depths.items()) == [("core-1", 1), ("dist-1", 2), ("acc-2", 3), ("初中楼接入[1]", 2), ("lost-1", 1)]


@pytest.mark.parametrize(("core", "root"), [((), CORE), ((DIST,), DIST), (("10.9.9.9:161",), CORE)])
def test_the_list_says_which_is_the_core(core: tuple[str, ...], root: str) -> None:
    """The list's word on the core comes before any guess."""
    assert network_of(CAMPUS, core).root == root


def test_parents() -> None:
    """Each switch hangs below the link with the fewest steps to the core."""
    parents = {subject: link and link.peer for subject, link in network_of(CAMPUS).parents().items()}

    assert parents == {CORE: None, DIST: CORE, ACC1: CORE, ACC2: DIST, LOST: None}


def test_a_ring_ends() -> None:
    """Switches in a ring are each drawn once, and every link once."""
    ring = [*(answered(f"10.0.0.{n}:161", f"sw-{n}") for n in (1, 2, 3))]
    ring += [link(f"10.0.0.{n}:161/a", f"10.0.0.{n % 3 + 1}:161/b", 10 * G) for n in (1, 2, 3)]
    text = drawn(ring)

    assert ([len(re.findall(rf"sw-{n}  ", text)) for n in (1, 2, 3)], text.count("↔")) == ([1, 1, 1], 3)


def test_names_of_switches_are_shown_as_they_are() -> None:
    """Brackets in a name are no markup of ours."""
    assert "[red]core[/red]  10.0.0.1:161" in drawn([answered("10.0.0.1:161", "[red]core[/red]")])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [60, 80, 200])
def test_every_width_and_language(language: str, width: int) -> None:
    """Nothing is wider than the terminal, and no name is lost by it."""
    from rich.cells import cell_len

    text = drawn(CAMPUS, language, width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert [name for name in ("core-1", "dist-1", "acc-2", "lost-1", "unknown-7") if name not in text] == []


@pytest.mark.parametrize(
    ("failure", "detail", "more", "said", "shown"),
    [
        pytest.param("timed_out", "no answer from x", {}, "超时无应答", False, id="silent"),
        pytest.param("refused", "nothing listens", {}, "对方拒绝连接", False, id="refused"),
        pytest.param("not_permitted", "whatever words", {"secret": "none"}, "没有询问", False, id="no secret"),
        pytest.param(
            "unreadable", "x: tells no state of port 1", {}, "应答无法读懂", True, id="what only the detail says"
        ),
    ],
)
def test_why_a_switch_did_not_answer(failure: str, detail: str, more: dict[str, str], said: str, shown: bool) -> None:
    """The cause stands in the reader's language; English words of the probe only where nothing else says it."""
    text = drawn([answered("10.0.0.1:161", "a", failure=failure, detail=detail, **more)], "zh")

    assert (said in text, detail in text) == (True, shown)


def test_a_switch_without_a_name() -> None:
    """What is called by its address is not called twice."""
    assert line_of(drawn([answered("10.0.0.1:161", "", snmp="3")]), "10.0.0.1:161").count("10.0.0.1:161") == 1


def test_nothing_was_read() -> None:
    """A run without readings shows its failure and no praise."""
    text = drawn([], failure=Failure.INTERRUPTED, detail="stopped")

    assert ("could not measure: interrupted (stopped)" in text, "Nothing:" in text) == (True, False)


def test_nothing_to_do() -> None:
    """Only where every switch answered and nothing is wrong it is said that there is nothing to do."""
    good = [answered(CORE, "a", snmp="3"), answered(DIST, "b", snmp="3"), link(f"{CORE}/1", f"{DIST}/1", 10 * G)]

    assert [
        "Nothing: every switch" in drawn(one) for one in (good, [*good, answered(LOST, "c", failure="refused")])
    ] == [
        True,
        False,
    ]


# --- What is to be done -----------------------------------------------------------------------------------------------


def test_every_problem_has_a_next_step() -> None:
    """No problem is shown without saying where it is and what to do."""
    sentences = next_steps(lambda text: text)

    assert set(sentences) == set(Problem)
    assert all("{where}" in sentence and len(sentence) > 40 for sentence in sentences.values())


def found_in(readings: Sequence[Reading]) -> set[tuple[str, str]]:
    """The problems of a network, with their places."""
    return {(one.problem.value, one.where) for one in problems(network_of(readings))}


def test_the_problems_of_the_campus() -> None:
    """Every problem of the made-up school is found, at its place, and nothing else."""
    acc = "初中楼接入[1]"
    assert found_in(CAMPUS) == {
        ("silent", "lost-1"),
        ("link_below_1g", "dist-1 GE1/0/5 – acc-2 GE0/1"),
        ("link_below_10g", f"core-1 XGE0/0/3 – {acc} GE0/1"),
        ("link_below_10g", f"{acc} GE0/8 – dist-1 GE1/0/8"),
        ("link_below_10g", "dist-1 GE1/0/9 – unknown-7"),
        ("speed_conflict", f"{acc} GE0/8 – dist-1 GE1/0/8"),
        ("half_duplex", f"{acc} GE0/4"),
        ("slower_than_cage", "core-1 XGE0/0/3"),
        ("undiscovered", "unknown-7 (dist-1 GE1/0/9)"),
        ("one_sided", "dist-1 GE1/0/5 – acc-2 GE0/1"),
        ("one_sided", f"{acc} GE0/8 – dist-1 GE1/0/8"),
        ("speed_unknown", f"{acc} GE0/5"),
        ("speed_inferred", f"{acc} GE0/6"),
        ("desk_below_1g", f"{acc} GE0/2"),
        ("in_the_clear", "dist-1"),
    }


@pytest.mark.parametrize(
    ("failure", "more", "problem"),
    [
        *((one.value, {}, None) for one in Failure),
        ("not_permitted", {"secret": "none"}, "unkeyed"),
        ("not_permitted", {"detail": "said by the switch: no SNMP secret"}, "login"),
        ("of a later release", {}, "unreadable"),
    ],
)
def test_a_switch_that_did_not_answer(failure: str, more: dict[str, str], problem: str | None) -> None:
    """Whatever kept a switch from answering, there is a step for it."""
    ((found, where),) = found_in([answered("10.0.0.1:161", "a", failure=failure, **more)])

    assert (where, problem or found) == ("a", found)
    assert steps([Found(Problem(found), where)], ENGLISH)[0].count("a: ") == 1


LAG: Facts = {
    "kind": "lag",
    "members": "a,b",
    "members_up": 2,
    "sum_bit_s": 2 * G,
    "largest_bit_s": G,
    "told_bit_s": 2 * G,
}


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        pytest.param(down("x:1/a"), set(), id="a port that is down"),
        pytest.param(port("x:1/a", G), set(), id="a good desk"),
        pytest.param(port("x:1/a", 100_000_000, device="camera"), set(), id="a slow camera"),
        pytest.param(port("x:1/a", 100_000_000, "ap"), set(), id="a slow access point is no desk"),
        pytest.param(port("x:1/a", 100_000_000, duplex="half"), {Problem.DESK_BELOW_1G}, id="half duplex at 100M"),
        pytest.param(port("x:1/a", G, duplex="unknown"), set(), id="duplex unknown"),
        pytest.param(port("x:1/a", G, status="repaired"), {Problem.SPEED_INFERRED}, id="repaired"),
        pytest.param(port("x:1/a", G, status="conflict"), {Problem.SPEED_CONFLICT}, id="conflict"),
        pytest.param(port("x:1/a", G, cage_bit_s=G), set(), id="as fast as its slot"),
        pytest.param(port("x:1/a", 2 * G, "uplink", **LAG), set(), id="a whole aggregate"),
        pytest.param(
            port("x:1/a", 2 * G, "uplink", **LAG | {"members_up": 1}), {Problem.MEMBERS_DOWN}, id="a member down"
        ),
        pytest.param(
            port("x:1/a", 2 * G, "uplink", **LAG | {"told_bit_s": 40 * G}), {Problem.LAG_UNEXPLAINED}, id="another sum"
        ),
    ],
)
def test_what_is_wrong_with_a_port(readings: list[Reading], expected: set[Problem]) -> None:
    """Only what is wrong is called so, and only of ports that are up."""
    (one,) = network_of([*readings, answered("x:1", "x")]).switches["x:1"].ports

    assert set(of_port(one)) == expected


@pytest.mark.parametrize(
    ("facts", "bit_s", "expected"),
    [
        pytest.param({}, 10 * G, set(), id="as it should be"),
        pytest.param({"peer": "", "device": "ap", "confirmed": "one"}, G, set(), id="to an access point"),
        pytest.param(
            {"peer": "", "device": "router"}, 10 * G, {Problem.UNDISCOVERED}, id="a router that nobody listed"
        ),
        pytest.param(
            {"peer": "", "neighbour": "", "neighbour_port": "1/7/18"},
            10 * G,
            {Problem.NAMELESS},
            id="one without a name",
        ),
        pytest.param({"confirmed": "none"}, 10 * G, {Problem.ONE_SIDED}, id="nobody confirms it"),
        pytest.param({}, G - 1, {Problem.LINK_BELOW_1G}, id="just below 1G"),
        pytest.param({}, G, {Problem.LINK_BELOW_10G}, id="just 1G"),
    ],
)
def test_what_is_wrong_with_a_link(facts: dict[str, int | str], bit_s: int, expected: set[Problem]) -> None:
    """A link is measured by both lines that policies draw, and by who confirms it."""
    (one,) = network_of([link("x:1/a", "y:1/b", bit_s, **facts)]).links

    assert set(of_link(one)) == expected


def test_many_places_are_cut() -> None:
    """A step that concerns many places names six and counts the rest."""
    (line,) = steps([Found(Problem.HALF_DUPLEX, f"port-{number}") for number in range(9)], ENGLISH)

    assert ("port-5 and 3 more" in line, "port-6" in line) == (True, False)
