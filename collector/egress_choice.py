"""
Which server, which line and which rate does a wish to measure the way out of a school come to?

*Method*: targets come from the operator's list of servers only. Unless another rate is named, the run is paced to show the
largest rate that a policy asks of this school on that path, up to 2.5 Gbit/s: with a fraction of the volume of a run that takes what it
gets. Pure: a school, policies and a wish in, a plan out, or words that say what is missing.

What it does not know: how fast the line is. A run paced above that fills it as a saturating one does; `--at-least` names less.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.egress_orders import MOST_AGENTS, MOST_PACED_BIT_S, Plan, Wish
from collector.frameworks import Framework, Part, settled
from collector.known_settings import SATURATING
from collector.messages import N_
from collector.school import PATHS, Line, School, Server, Setting
from collector.wrong_order import WrongOrder
from evidence.model import Unit

NO_SERVER = {
    "": N_(
        "No measurement server is enrolled. The operator adds one: campusproof-collector server add NAME HOST:PORT "
        "--path internet --operator NAME --key HEX"
    ),
    "internet": N_(
        "No measurement server on the internet is enrolled. The operator adds one: campusproof-collector server add NAME "
        "HOST:PORT --path internet --operator NAME --key HEX"
    ),
    "metro": N_(
        "No measurement server in the education network is enrolled. The operator adds one: campusproof-collector server add "
        "NAME HOST:PORT --path metro --operator NAME --key HEX"
    ),
}


def planned(
    school: School,
    agents: Sequence[str],
    wish: Wish,
    frameworks: Sequence[Framework],
    today: str = "9999-12-31",
    together: int = 0,
) -> Plan:
    """
    The plan that a wish comes to, on the day `today`; `together` is the size of a group, where others of it measure other lines.

    Raises WrongOrder, saying what to do.
    """
    seats = (together or len(agents)) if wish.group else 1
    if wish.group and seats < 2:
        raise WrongOrder(
            N_(
                "A group needs at least two agents, and this order of {school} has one: enrol another, or leave --group out."
            ),
            school=school.name,
        )
    if len(agents) > MOST_AGENTS:
        raise WrongOrder(
            N_("At most {most} agents can measure the way out in one order; name them with --agent."),
            most=str(MOST_AGENTS),
        )
    servers = _servers(school, wish)
    line = _line(school, servers[0].path, wish.line)
    threshold_bit_s = 0 if wish.saturate else _threshold(school, servers[0].path, wish, frameworks, seats)
    plan = Plan(school, tuple(agents), servers, line, threshold_bit_s, wish.directions, seats)
    if plan.saturating and not _allows_saturating(school, today):
        raise WrongOrder(
            N_(
                "The bureau has not switched runs that fill the line on for {school}: a row bureau,saturating,yes in the school's "
                "list does (docs/school-list.md). A paced run needs none."
            ),
            school=school.name,
        )
    return plan


def _allows_saturating(school: School, today: str) -> bool:
    """Whether the bureau's switch is on, and its day has come."""
    said = school.bureau.get(SATURATING.key, Setting(SATURATING.default, ""))
    return said.value == "yes" and said.since <= today


def _servers(school: School, wish: Wish) -> tuple[Server, ...]:
    """The first server of the path, and another of the same path where a second one is wanted."""
    trusted = [server for server in school.servers.values() if not server.revoked]
    by_path = {path: [server for server in trusted if server.path == path] for path in PATHS}
    path = wish.path or next((path for path in PATHS if by_path[path]), "")
    found = by_path.get(path, [])
    if not found:
        raise WrongOrder(NO_SERVER[wish.path])
    if wish.second and len(found) < 2:
        raise WrongOrder(
            N_(
                "There is no second measurement server beside {server} on its path: measure without --second, or have the "
                "operator add one (campusproof-collector server add)."
            ),
            server=found[0].name,
        )
    return tuple(found[: 2 if wish.second else 1])


def _line(school: School, path: str, name: str) -> Line | None:
    """The line of that name, or the only one that leads there; None where the list has none that does."""
    there = [line for line in school.lines if line.kind == path]
    names = ", ".join(line.name for line in there) or "-"
    if name and name not in {line.name for line in there}:
        raise WrongOrder(
            N_("{school} has no line {line} that leads to this server's network; there are: {lines}."),
            school=school.name,
            line=name,
            lines=names,
        )
    if not name and len(there) > 1:
        raise WrongOrder(
            N_("{school} has several lines that lead there; name one with --line: {lines}."),
            school=school.name,
            lines=names,
        )
    return next((line for line in there if line.name == (name or line.name)), None)


def _threshold(school: School, path: str, wish: Wish, frameworks: Sequence[Framework], seats: int) -> int:
    """The rate that each agent is to show: its part of the whole, where several measure together."""
    whole_bit_s = wish.at_least_bit_s or max(
        (rate for rate in asked_rates(school, path, frameworks) if rate <= MOST_PACED_BIT_S), default=0
    )
    if not whole_bit_s:
        raise WrongOrder(
            N_(
                "No policy asks this school for a rate of up to 2.5 Gbit/s there: name one (--at-least), or order a run that "
                "fills the line (--saturate)."
            )
        )
    each_bit_s = -(-whole_bit_s // seats)
    if each_bit_s > MOST_PACED_BIT_S:
        raise WrongOrder(
            N_(
                "One agent can be paced up to 2.5 Gbit/s: order a run that fills the line (--saturate), or share the rate among "
                "several agents (--group)."
            )
        )
    return each_bit_s


def asked_rates(school: School, path: str, frameworks: Sequence[Framework]) -> Iterator[int]:
    """The rates in bit/s that policies ask of this school's way out on a path, where their conditions hold."""
    parts = (part for framework in frameworks for indicator in framework.indicators for part in indicator.parts)
    for part in parts:
        if part.required and _is_about(part, path) and _applies(part, school):
            asked = settled(part, _value(school, "bureau", part.at_least_from))
            yield from [] if asked.at_least is None else [asked.at_least]


def _is_about(part: Part, path: str) -> bool:
    """Whether a part asks for a rate of the way out on this path."""
    return any(one.unit is Unit.BIT_S and one.name.startswith(f"egress.{path}.") for one in part.either)


def _applies(part: Part, school: School) -> bool:
    """Whether a part's condition holds; one that nobody has decided does not."""
    return part.when is None or bool(part.when.applies(_value(school, part.when.owner, part.when.key)))


def _value(school: School, owner: str, key: str) -> str:
    """A setting's value; empty while it is unset."""
    setting = (school.bureau if owner == "bureau" else school.attributes).get(key)
    return setting.value if setting is not None else ""
