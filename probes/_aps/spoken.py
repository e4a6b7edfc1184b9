"""
What do the rows of a controller's command line say of its access points?

*Method*: rows of one access point in several answers are put together by its name. It is called by its hardware address, as over SNMP,
where any answer has it. A name of a network is text here, of which the octets are not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from probes import _cli
from probes._aps import numbers
from probes._aps.model import AccessPoint, Bss, Listing, State

FAMILIES = {"huawei": "huawei_vrp", "h3c": "h3c_comware", "ruijie": "ruijie_os", "cisco": "cisco_ios"}
QUESTIONS = ("aps", "ap_addresses", "networks")


def listing_of(rows: Mapping[str, Sequence[_cli.Row]]) -> Listing:
    """What the answers to some questions, given by the question, together say."""
    addresses = {row.name: numbers.written_address(row.mac) for row in _points(rows, "ap_addresses")}
    points = {row.name: _point(row, addresses.get(row.name, "")) for row in _points(rows, "aps")}
    networks = {one.bssid: one for one in _networks(rows, points)}
    return Listing(tuple(points.values()), (), tuple(networks.values()))


def _points(rows: Mapping[str, Sequence[_cli.Row]], question: str) -> Iterator[_cli.CliAp]:
    """The access points in the answer to a question."""
    yield from (row for row in rows.get(question, ()) if isinstance(row, _cli.CliAp))


def _point(row: _cli.CliAp, elsewhere: str) -> AccessPoint:
    """One access point; its address may stand in another answer."""
    own = numbers.written_address(row.radio_mac) or numbers.written_address(row.mac) or elsewhere
    return AccessPoint(
        id=own or row.name,
        name=row.name,
        model=row.model,
        state=State(row.state),
        told=row.told,
        clients=row.clients,
        group=row.group,
        by="ssh",
    )


def _networks(rows: Mapping[str, Sequence[_cli.Row]], points: Mapping[str, AccessPoint]) -> Iterator[Bss]:
    """The networks, of access points that are listed and of others."""
    for row in rows.get("networks", ()):
        if isinstance(row, _cli.CliNetwork) and (bssid := numbers.written_address(row.bssid)):
            state = State.UNKNOWN if row.up is None else State.UP if row.up else State.DOWN
            ap = points[row.ap].id if row.ap in points else row.ap
            yield Bss(bssid, ap, row.ap, None, state, row.radio, written=row.ssid, by="ssh")


def joined(first: Listing, second: Listing) -> Listing:
    """What SNMP told, completed by the command line: states that it left open, and the networks where it has none."""
    by_name = {one.name: one for one in second.aps if one.name} | {one.id: one for one in second.aps}
    ids = {one.name: one.id for one in first.aps if one.name}
    aps = tuple(_completed(one, by_name.get(one.id) or by_name.get(one.name)) for one in first.aps)
    networks = first.networks or tuple(_called(one, ids) for one in second.networks)
    return Listing(aps or second.aps, first.radios, networks)


def _completed(one: AccessPoint, other: AccessPoint | None) -> AccessPoint:
    """An access point with the state that the second source knows."""
    if other is None or one.state is not State.UNKNOWN:
        return one
    return replace(one, state=other.state, told=other.told, by="ssh")


def _called(network: Bss, ids: Mapping[str, str]) -> Bss:
    """A network whose access point is called as the first source calls it."""
    return replace(network, ap=ids.get(network.name, network.ap))
