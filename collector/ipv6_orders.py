"""
What exactly is ordered when IPv6 is to be measured, from inside and from outside?

*Method*: names, addresses and targets are the operator's, bounds those of `ladder.toml`, the routers those of the school's list; nothing
comes from the school's box. An order from outside looks at the sites of the list, or knocks at addresses that the boxes' own admitted
reports told. Pure but for the nonce, which is drawn.
"""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from ipaddress import IPv6Address, IPv6Network

from collector.admission import is_fresh, latest_runs, standings
from collector.ipv6 import echo_of, not_carried
from collector.messages import N_
from collector.plausible_ipv6 import is_native
from collector.school import Evidence, Names, School, Server
from collector.wrong_order import WrongOrder
from evidence import quantities as q
from evidence.ladder import PASS
from evidence.model import Settings
from evidence.scan import Task
from evidence.wire import OUTSIDE

PROBE, SITE, INBOUND = "ipv6", "site", "inbound"
LAB_PREFIXES = ["2001:db8::/32"]  # the documentation prefix (RFC 3849) stands for a real one in a virtual school only
LAB_NETWORKS = [*LAB_PREFIXES, "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"]  # the same of IPv4 (RFC 5737)
LAB_LINGER_S = 2  # a virtual school has no rogue router that announces itself twice a minute
MOST_TARGETS = 32
MOST_ADDRESSES = 16
LONGEST_OPERATOR = 64
KNOWN_DAYS = 7  # an address that was a box's longer ago may be a stranger's by now: nobody knocks there


@cache
def limits() -> Settings:
    """Where each rung ends: `ladder.toml`."""
    return tomllib.loads(files("collector").joinpath("ladder.toml").read_text("utf-8"))


def ladder(school: School) -> Task:
    """The ladder, as high as the operator's list reaches."""
    names = _chosen(school)
    settings: Settings = {
        "lab_prefixes": LAB_PREFIXES if school.virtual else [],
        "linger_s": LAB_LINGER_S if school.virtual else 0,
        "routers": list(school.routers),
        "echo": _echo(school, names) if names is not None else {},
        "targets": _targets(school, names),
        "nonce": secrets.token_hex(16) if names is not None else "",
        "limits": dict(limits()) if names is not None or school.targets else {},
    }
    return Task(PROBE, {key: value for key, value in settings.items() if value})


def _chosen(school: School) -> Names | None:
    """The names of the first trusted server: one on the internet before one of the metro network, then one that has every name."""
    return min(
        _trusted(school),
        key=lambda one: (school.servers[one.server].path != "internet", not (one.v4 and one.mtu1280)),
        default=None,
    )


def _trusted(school: School) -> list[Names]:
    """The names of servers that are trusted."""
    return [one for one in school.names if one.server in school.servers and not school.servers[one.server].revoked]


def _echo(school: School, names: Names) -> Settings:
    """Where the echo server answers, and by which key it is known; what it has no name for is left out."""
    server = school.servers[names.server]
    known: Settings = {
        "zone": names.zone,
        "server_key": server.public_key,
        "v6": names.v6,
        "v4": names.v4,
        "mtu1280": names.mtu1280,
        "bad6": names.bad6,
        "operator": _operator(server),
        "port": names.port,
        "http_port": names.http_port,
    }
    return {key: value for key, value in known.items() if value}


def _targets(school: School, chosen: Names | None) -> list[Settings]:
    """Who else is to be reached: the operator's targets, and its other echo servers; each host once, for it is counted."""
    own = (chosen.v6, chosen.port) if chosen is not None else None
    named = [(one.address, one.port, one.operator) for one in school.targets]
    named += [(one.v6, one.port, _operator(school.servers[one.server])) for one in _trusted(school)]
    found: dict[tuple[str, int], Settings] = {}
    for address, port, operator in named:
        if (address, port) != own:
            found.setdefault((address, port), {"address": address, "port": port, "operator": operator})
    return list(found.values())[:MOST_TARGETS]


def _operator(server: Server) -> str:
    """In whose network a server stands, as long as the probe takes it."""
    return server.operator[:LONGEST_OPERATOR]


def vantages(school: School, agents: Sequence[str], probes: Sequence[str]) -> tuple[str, ...]:
    """The operator's vantages that are asked, all unless some are named; raises WrongOrder for a stranger, for none, or for a probe of the inside."""
    if inside := sorted(set(probes) - set(OUTSIDE)):
        raise WrongOrder(
            N_("{probes} runs inside the school, {outside} outside of it: give two orders."),
            probes=", ".join(inside),
            outside=", ".join(OUTSIDE),
        )
    if not school.vantages:
        raise WrongOrder(
            N_("No vantage is enrolled yet; on the collector type: campusproof-collector vantage token NAME")
        )
    if strangers := sorted(set(agents) - set(school.vantages)):
        raise WrongOrder(N_("{agent} is no vantage of the operator's."), agent=strangers[0])
    return tuple(dict.fromkeys(agents)) or tuple(school.vantages)


def from_outside(school: School, probes: Sequence[str], stored: Iterable[Evidence], now_us: int) -> list[Task]:
    """The tasks of these probes that run outside; raises WrongOrder where nothing is known to look or to knock at."""
    tasks = []
    if SITE in probes:
        tasks.append(sites(school))
    if INBOUND in probes:
        tasks.append(knocks(school, stored, now_us))
    return tasks


def sites(school: School) -> Task:
    """The sites of the list, to be looked at from outside; raises WrongOrder where there is none."""
    if not school.sites:
        raise WrongOrder(
            N_("{school}: the school's list names no site; add a row site to it, such as: site,www.school.example"),
            school=school.name,
        )
    lab: Settings = {"lab_prefixes": LAB_NETWORKS} if school.virtual else {}
    return Task(SITE, {"sites": [{"name": site.name, "port": site.port} for site in school.sites], **lab})


def knocks(school: School, stored: Iterable[Evidence], now_us: int) -> Task:
    """The addresses that the school's boxes last measured from, to be knocked at from outside; raises WrongOrder where none is known."""
    lab = LAB_PREFIXES if school.virtual else []
    runs = latest_runs(standings(school, stored).admitted, PROBE)
    told = {address for run in runs if is_fresh(run, KNOWN_DAYS, now_us) for address in _shown_by(school, run)}
    addresses = sorted(str(address) for address in told if is_native(address, map(IPv6Network, lab)))
    if not addresses:
        raise WrongOrder(
            N_(
                "{school}: no box has shown an IPv6 address to the operator's server within {days} days; order the probe ipv6 first."
            ),
            school=school.name,
            days=str(KNOWN_DAYS),
        )
    more: Settings = {"lab_prefixes": lab} if lab else {}
    return Task(INBOUND, {"addresses": addresses[:MOST_ADDRESSES], **more})


def _shown_by(school: School, run: Evidence) -> Iterator[IPv6Address]:
    """
    The address from which a run reached the operator's echo server, where no translator stood between: then it is the box's own.

    Only of a line of the school's: nobody may have strangers knocked at.
    """
    if not_carried(school, run, echo_of(run)) is not None:
        return
    rungs = {reading.subject: reading for reading in run.report.readings if reading.quantity == q.IPV6_RUNG.name}
    echoed = rungs.get("L6")
    if echoed is not None and echoed.value == PASS and not echoed.facts.get("code"):
        yield IPv6Address(str(echoed.facts["local"]))
