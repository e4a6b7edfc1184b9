"""
Which ends say what of which other end?

*Method*: every neighbour that a port which is up hears is matched with the listed switches; what bridges and is not listed is a claim
too. A port that hears two bridging devices reaches them through something unseen (an unmanaged switch, a hypervisor): it
claims no direct link. Two claims agree if each names the other's port, or an aggregate that holds it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from probes._switch.found import SwitchFound
from probes._switch.matching import Directory, port_of, speaks_of_management
from probes._switch.model import BRIDGING, LINKING, Device, Kind, Neighbour
from probes._switch.neighbours import identities
from probes._switch.wording import mac_of


@dataclass(frozen=True, slots=True)
class Claim:
    """What port `port` of switch number `at` says: at my other end is port `their_port` of switch number `to` (None: not listed)."""

    at: int
    port: int
    to: int | None
    their_port: int | None
    neighbour: Neighbour

    @property
    def who(self) -> str:
        """One word for the device claimed, listed or not."""
        known = (self.neighbour.chassis, self.neighbour.name, *self.neighbour.addresses)
        return f"#{self.to}" if self.to is not None else next((word.casefold() for word in known if word), "?")


@dataclass(frozen=True, slots=True)
class Heard:
    """All that the ports of the listed switches say: claims of links, and the ports behind which several devices are heard."""

    claims: tuple[Claim, ...]
    shared: Mapping[tuple[int, int], tuple[Claim, ...]]

    def by(self, at: int, port: int) -> tuple[Claim, ...]:
        """The claims of one port."""
        return tuple(claim for claim in self.claims if (claim.at, claim.port) == (at, port))


def heard_by(book: Directory) -> Heard:
    """What the listed switches hear, without themselves."""
    ports: dict[tuple[int, int], list[Claim]] = defaultdict(list)
    for at, switch in enumerate(book.switches):
        for claim in _claims(book, at, switch):
            ports[claim.at, claim.port].append(claim)
    shared = {end: tuple(claims) for end, claims in ports.items() if len(_devices(claims)) > 1}
    claims = tuple(_settled(told) for end, told in ports.items() if end not in shared)
    linking = [one for one in claims if one.to is not None or one.neighbour.device in LINKING]
    silent = [one for at, switch in enumerate(book.switches) for one in _unsaid(book, at, switch)]
    return Heard((*linking, *(one for one in silent if (one.at, one.port) not in ports)), shared)


def _unsaid(book: Directory, at: int, switch: SwitchFound) -> Iterator[Claim]:
    """
    Neighbours that do not say what they are, alone on a port behind which more than one address is learned, or none is known of.

    A switch may announce the least that LLDP allows: it must not be missed for that.
    """
    near = {one.local: one for one in switch.neighbours if one.device is Device.UNKNOWN and book.number_of(one) is None}
    for index, neighbour in near.items():
        port = switch.port(index)
        if port is None or not port.up or port.kind is Kind.STACK or switch.leads_out(port):
            continue
        if not switch.stations or switch.stations.get(port.index, 0) > 1:
            yield Claim(at, port.index, None, None, neighbour)


def _claims(book: Directory, at: int, switch: SwitchFound) -> list[Claim]:
    """What bridges behind the ports of one switch that are up; beyond the declared way out nothing unlisted is of interest."""
    found = []
    for neighbour in switch.neighbours:
        port, to = switch.port(neighbour.local), book.number_of(neighbour)
        if port is None or not port.up or port.kind is Kind.STACK:
            continue
        if to == at:
            # A loop, or a box that borrows the switch's own name: whatever it is, it is on nobody's list.
            found += [Claim(at, port.index, None, None, neighbour)] if neighbour.device in LINKING else []
        elif to is not None and not speaks_of_management(book.switches[to], neighbour):
            found.append(Claim(at, port.index, to, port_of(book.switches[to], neighbour), neighbour))
        elif to is None and neighbour.device in BRIDGING and not switch.leads_out(port):
            found.append(Claim(at, port.index, None, None, neighbour))
    return found


def _devices(claims: Sequence[Claim]) -> list[Claim]:
    """One claim for each device among these."""
    found: list[Claim] = []
    for claim in claims:
        if not any(_one_device(claim, known) for known in found):
            found.append(claim)
    return found


def _one_device(one: Claim, other: Claim) -> bool:
    """Whether two claims are of one device: one listed switch, one chassis, or anything else where a chassis is no address."""
    if one.to is not None or other.to is not None:
        return one.to == other.to
    first, second = one.neighbour, other.neighbour
    if mac_of(first.chassis) and mac_of(second.chassis):
        return mac_of(first.chassis) == mac_of(second.chassis)
    return bool(identities(first) & identities(second) or set(first.addresses) & set(second.addresses))


def _settled(claims: Sequence[Claim]) -> Claim:
    """One claim of a port; a device that tells of several ports of its own tells of none."""
    first = claims[0]
    told = {claim.their_port for claim in claims}
    return first if len(told) == 1 else Claim(first.at, first.port, first.to, None, first.neighbour)


def agree(book: Directory, one: Claim, other: Claim) -> bool:
    """Whether two claims, each towards the other's switch, are the two ends of one link; one of them at least must name a port."""
    if one.to != other.at or other.to != one.at or (one.their_port is None and other.their_port is None):
        return False
    return _fits(book.switches[other.at], one.their_port, other.port) and _fits(
        book.switches[one.at], other.their_port, one.port
    )


def _fits(switch: SwitchFound, said: int | None, heard_on: int) -> bool:
    """Whether the port that was said is the port that hears, or one is the aggregate that holds the other."""
    if said is None or said == heard_on:
        return True
    trunk = switch.trunk(said)
    return trunk is not None and trunk == switch.trunk(heard_on) and trunk.index in (said, heard_on)
