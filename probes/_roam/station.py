"""
Which access point is this box's own station associated with, and how strong is it?

*Method*: nl80211 is asked for the station's interface and its one peer (GET_INTERFACE, GET_STATION), once for the entry of the network in the last
scan that is marked as associated (GET_SCAN; nothing is scanned), and heard in its group "mlme" for CONNECT, ROAM and DISCONNECT. Where a station has
several links to one access point (802.11be), the BSSID of the first link stands for it; no radio that does so was at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from evidence.model import Facts, Failure, Unmeasurable
from probes import _beacons as beacons
from probes._failures import of_errno
from probes._roam.follow import Association
from probes._wifi.adapter import driver_of
from probes._wifi.attributes import Attr, Bss, Command, attributes, number, table
from probes._wifi.kernel import Event, Kernel, Refused

CLIENT = 2  # NL80211_IFTYPE_STATION, linux/nl80211.h
ASSOCIATED = 1  # NL80211_BSS_STATUS_ASSOCIATED
MLD_ADDRESS = 22  # of an entry of a scan
STATUS_CODE, REQUEST_ELEMENTS, LINK_BSSID, MLO_LINKS = 72, 77, 245, 312  # of an event
MBM = 100
GONE = "the kernel tells nothing of the Wi-Fi interface any more: it was switched off or pulled out"


class Peer(IntEnum):
    """Attributes of a station's peer, and bits of its flags."""

    SIGNAL = 7
    SIGNAL_AVERAGE = 13
    FLAGS = 17
    IS_TUNNELLED = 1 << 6  # another station, spoken to directly (TDLS)
    IS_ASSOCIATED = 1 << 7


@dataclass(frozen=True, slots=True)
class Network:
    """What the box is associated with at the start; `bssid` as the access point sends it, `peer` as the station's own table names it."""

    interface: str
    index: int
    driver: str
    ssid: bytes
    bssid: str
    peer: str
    security: str

    def facts(self) -> Facts:
        """What is told of it."""
        named: Facts = {"ssid": beacons.text_of(self.ssid), "ssid_hex": self.ssid.hex()}
        more: Facts = {"security": self.security} if self.security else {}
        return {"interface": self.interface, "driver": self.driver} | named | more


class Heard(Protocol):
    """Where the messages of a group arrive."""

    def fileno(self) -> int:
        """What becomes readable when there is one."""
        ...

    def waiting(self) -> list[Event]:
        """Those that have come."""
        ...


@dataclass(frozen=True, slots=True)
class Air:
    """nl80211, asked (command, attributes, whether for a list) and heard: the kernel's, or recorded octets."""

    ask: Callable[[int, Mapping[int, bytes], bool], list[bytes]]
    events: Heard


@contextmanager
def opened() -> Iterator[Air]:
    """nl80211 with the group "mlme"; raises Unmeasurable where this kernel has none."""
    with Kernel() as kernel, kernel.listen("mlme") as events:

        def ask(command: int, asked: Mapping[int, bytes], dump: bool) -> list[bytes]:
            try:
                return kernel.request(command, asked, dump)
            except Refused as refused:
                raise Unmeasurable(of_errno(refused.errno or 0), f"{GONE} ({refused.strerror})") from refused

        yield Air(ask, events)


def network_of(air: Air, interface: str | None) -> Network:
    """What the named interface, or else the first of which that is so, is associated with; raises Unmeasurable where there is none."""
    stations = [
        one for one in map(table, air.ask(Command.GET_INTERFACE, {}, True)) if number(one.get(Attr.IFTYPE)) == CLIENT
    ]
    if not stations:
        raise Unmeasurable(Failure.NOT_SUPPORTED, "this box has no Wi-Fi interface that can join a network")
    named = [one for one in stations if interface in (None, _name(one))]
    if not named:
        raise Unmeasurable(Failure.NOT_SUPPORTED, f"this box has no Wi-Fi interface {interface}")
    for one in named:
        if network := _network(air, one):
            return network
    words = f"{interface or 'this box'} is in no Wi-Fi network: join the school's, then walk"
    raise Unmeasurable(Failure.UNREACHABLE, words)


def _network(air: Air, station: Mapping[int, bytes]) -> Network | None:
    """What one interface is associated with; None where with nothing."""
    index = number(station.get(Attr.IFINDEX)) or 0
    entry = entry_of_now(air, index)
    if entry is None:
        return None
    bssid, heard = _address(entry.get(Bss.BSSID, b"")), elements_of(entry)
    return Network(
        interface=_name(station),
        index=index,
        driver=driver_of(_name(station)),
        ssid=heard.ssid or b"",
        bssid=bssid,
        peer=_address(entry[MLD_ADDRESS]) if MLD_ADDRESS in entry else bssid,
        security=heard.security,
    )


def entry_of_now(air: Air, index: int) -> dict[int, bytes] | None:
    """The entry of the scan that an interface is associated with; None where with nothing."""
    found = air.ask(Command.GET_SCAN, {Attr.IFINDEX: index_of(index)}, True)
    entries = [table(table(one).get(Attr.BSS, b"")) for one in found]
    return next((one for one in entries if number(one.get(Bss.STATUS)) == ASSOCIATED), None)


def elements_of(entry: Mapping[int, bytes]) -> beacons.Bss:
    """What the access point of an entry of a scan says of itself."""
    return beacons.read(entry.get(Bss.ELEMENTS, b""), number(entry.get(Bss.CAPABILITY)) or 0)


@dataclass(slots=True)
class Nl80211Station:
    """The station of one interface, for as long as it stays in the network of the start."""

    air: Air
    network: Network
    bssids: dict[str, str] = field(default_factory=dict)  # by what the kernel calls the peer; empty in another network

    def __post_init__(self) -> None:
        """The peer of the start is known from the scan."""
        self.bssids[self.network.peer] = self.network.bssid

    def fileno(self) -> int:
        """What becomes readable when there is news."""
        return self.air.events.fileno()

    def news(self) -> list[str]:
        """The BSSID of each access point that was reached, and nothing for one that was left, in order."""
        return [bssid for event in self.air.events.waiting() for bssid in self._news(event)]

    def asked(self) -> Association:
        """What the station is associated with now, and how strong that is."""
        for message in self.air.ask(Command.GET_STATION, {Attr.IFINDEX: index_of(self.network.index)}, True):
            found = table(message)
            info = table(found.get(Attr.STA_INFO, b""))
            if is_access_point(info.get(Peer.FLAGS)):
                bssid = self._bssid(_address(found.get(Attr.MAC, b"")))
                return Association(bssid, signal_mbm(info) if bssid else None)
        return Association("")

    def _news(self, event: Event) -> list[str]:
        """What one event says of this interface."""
        said = table(event.octets)
        if number(said.get(Attr.IFINDEX)) != self.network.index:
            return []
        if event.command == Command.DISCONNECT:
            return [""]
        if event.command not in (Command.CONNECT, Command.ROAM) or number(said.get(STATUS_CODE)):
            return []
        return [self._reached(_address(said.get(Attr.MAC, b"")), said)]

    def _reached(self, peer: str, said: Mapping[int, bytes]) -> str:
        """The BSSID that an event says was reached; the request that led there names the network."""
        ssid = beacons.read(said.get(REQUEST_ELEMENTS, b"")).ssid
        if ssid is None:
            return self._bssid(peer)
        self.bssids[peer] = (first_link(said) or peer) if ssid == self.network.ssid else ""
        return self.bssids[peer]

    def _bssid(self, peer: str) -> str:
        """The BSSID of a peer; one that is new is looked up, and is none if it belongs to another network."""
        if peer not in self.bssids:
            entry = entry_of_now(self.air, self.network.index)
            if entry is None:
                return ""
            ours = elements_of(entry).ssid == self.network.ssid
            self.bssids[peer] = _address(entry.get(Bss.BSSID, b"")) if ours else ""
        return self.bssids[peer]


def first_link(said: Mapping[int, bytes]) -> str:
    """The BSSID of the first link of an event; empty where it names no links."""
    links = [table(link) for _, link in attributes(said.get(MLO_LINKS, b""))]
    return next((_address(link[LINK_BSSID]) for link in links if LINK_BSSID in link), "")


def is_access_point(flags: bytes | None) -> bool:
    """Whether a peer with these flags (mask, then values) is the access point; a driver that tells none has no other peers."""
    if flags is None or len(flags) < 8:
        return True
    mask, values = int.from_bytes(flags[:4], "little"), int.from_bytes(flags[4:8], "little")
    known = mask & values
    return not known & Peer.IS_TUNNELLED and (not mask & Peer.IS_ASSOCIATED or bool(known & Peer.IS_ASSOCIATED))


def signal_mbm(info: Mapping[int, bytes]) -> int | None:
    """The signal of the last frame, else the average, in mBm; None where a driver tells none, for which some say zero."""
    told = (number(info.get(kind), signed=True) for kind in (Peer.SIGNAL, Peer.SIGNAL_AVERAGE))
    return next((dbm * MBM for dbm in told if dbm), None)


def index_of(index: int) -> bytes:
    """The number of an interface as an attribute's content."""
    return index.to_bytes(4, "little")


def _name(station: Mapping[int, bytes]) -> str:
    """An interface's name, without the zero at its end."""
    return station.get(Attr.IFNAME, b"").rstrip(b"\0").decode(errors="replace")


def _address(octets: bytes) -> str:
    """A MAC address as readings write it."""
    return octets.hex(":")
