"""
What is said of controllers and their access points, as readings?

An access point is told once, though two controllers may know it: by the one that has it at work, which the other, its stand-by, has not.
What a controller did not tell is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from evidence import quantities as q
from evidence.model import Facts, Reading
from probes._aps.asking import Asked
from probes._aps.model import AccessPoint, Bss, Radio, State, Wired
from probes._aps.reading import unread
from probes._beacons import text_of

ALL, NONE = 1_000_000, 0
BEST_FIRST = tuple(State)


@dataclass(slots=True)
class _Known:
    """What all controllers together know: each thing as the best of them tells it, and who else knows an access point."""

    points: dict[str, tuple[AccessPoint, Asked]] = field(default_factory=dict)
    networks: dict[str, tuple[Bss, Asked]] = field(default_factory=dict)
    radios: dict[str, Radio] = field(default_factory=dict)
    by: dict[str, list[str]] = field(default_factory=dict)

    def take(self, one: Asked) -> None:
        """Add what one controller told."""
        for point in one.listing.aps:
            self.by.setdefault(point.id, []).append(one.controller.subject)
            if point.id not in self.points or _rank(point.state) < _rank(self.points[point.id][0].state):
                self.points[point.id] = (point, one)
        for network in one.listing.networks:
            if network.bssid not in self.networks or _rank(network.state) < _rank(
                self.networks[network.bssid][0].state
            ):
                self.networks[network.bssid] = (network, one)
            self._named(network.ap, network.name, one)
        for radio in one.listing.radios:
            self.radios.setdefault(radio.id, radio)
            self._named(radio.ap, "", one)

    def _named(self, ap: str, name: str, one: Asked) -> None:
        """Add an access point that only one of its radios or networks names."""
        if ap not in self.points:
            self.points[ap] = (AccessPoint(ap, name, by=one.by), one)
            self.by[ap] = [one.controller.subject]


def readings_of_all(asked: Sequence[Asked]) -> Iterator[Reading]:
    """Every access point, its wired port, its networks and its radios."""
    known = _Known()
    for one in asked:
        known.take(one)
    yield from (_state(point, one, known.by[point.id]) for point, one in known.points.values())
    yield from (_wired(point.id, point.wired) for point, _ in known.points.values() if point.wired is not None)
    yield from (_network(network, one) for network, one in known.networks.values())
    yield from (_radio(radio, known.points[radio.ap][0]) for radio in known.radios.values())


def _rank(state: State) -> int:
    """How good a state is: nought is the best."""
    return BEST_FIRST.index(state)


def _state(point: AccessPoint, by: Asked, known_by: Sequence[str]) -> Reading:
    """What an access point is called, which it is, and how it is; `also` are further controllers that know it."""
    facts: Facts = {"controller": by.controller.subject, "via": point.by}
    also = [one for one in known_by if one != by.controller.subject]
    facts |= {"also": ",".join(also)} if also else {}
    named = {
        "name": point.name,
        "model": point.model,
        "group": point.group,
        "location": point.location,
        "told": point.told,
    }
    facts |= {key: value for key, value in named.items() if value}
    facts |= {} if point.clients is None else {"clients": point.clients}
    facts |= {"parser": "unproven"} if point.by == "ssh" and "aps" in by.unproven else {}
    return q.AP_STATE.reading(point.state.value, subject=point.id, facts=facts)


def _wired(ap: str, wired: Wired) -> Reading:
    """The rate of its wired port, bit/s: exact where one port is known to be the one."""
    facts: Facts = {"port": wired.port} if wired.port else {}
    if wired.at_least is not None and wired.at_least == wired.at_most:
        return q.AP_WIRED.reading(wired.at_least, subject=ap, facts=facts)
    return q.AP_WIRED.between(wired.at_least, wired.at_most, subject=ap, facts=facts)


def _network(network: Bss, by: Asked) -> Reading:
    """One network: whose it is, and what it is called."""
    facts: Facts = {"ap": network.ap}
    ssid = network.written if network.ssid is None else text_of(network.ssid)
    named = {"name": network.name, "ssid": ssid, "band": network.band, "radio": network.radio}
    facts |= {key: value for key, value in named.items() if value}
    facts |= {} if network.ssid is None else {"ssid_hex": network.ssid.hex()}
    facts |= {} if network.channel is None else {"channel": network.channel}
    facts |= {"derived": 1} if network.derived else {}
    facts |= {"parser": "unproven"} if network.by == "ssh" and "networks" in by.unproven else {}
    state = network.state if network.state in (State.UP, State.DOWN) else State.UNKNOWN
    return q.AP_BSSID.reading(state.value, subject=network.bssid, facts=facts)


def _radio(radio: Radio, point: AccessPoint) -> Reading:
    """How many devices are connected to a radio; no more than to its access point where only that is told."""
    facts: Facts = {"state": radio.state.value}
    facts |= {"band": radio.band} if radio.band else {}
    told = {
        "channel": radio.channel,
        "width_mhz": radio.width_mhz,
        "util_ppm": radio.util_ppm,
        "noise_mbm": radio.noise_mbm,
        "power_mbm": radio.power_mbm,
    }
    facts |= {key: value for key, value in told.items() if value is not None}
    if radio.clients is not None:
        return q.AP_RADIO.reading(radio.clients, subject=radio.id, facts=facts)
    return q.AP_RADIO.between(0, point.clients, subject=radio.id, facts=facts)


def answered(asked: Asked) -> Reading:
    """Whether one controller showed all its access points, who it is, how it was asked, and why it did not."""
    tables, listing = asked.told.tables, asked.listing
    who = {
        "name": asked.controller.name or "",
        "sys_name": tables.scalar_text("sysName"),
        "vendor": asked.told.family.name if asked.told.family else asked.controller.vendor,
        "snmp": asked.controller.spoken if asked.told.heard else "",
        "ssh": asked.ssh,
        "ssh_host_key": asked.host_key,
    }
    facts: Facts = {key: value for key, value in who.items() if value}
    facts |= {
        "via": asked.by,
        "aps": len(listing.aps),
        "networks": len(listing.networks),
        "radios": len(listing.radios),
    }
    facts |= {"unread": ",".join(columns)} if (columns := unread(tables)) else {}
    facts |= {"secret": "none"} if asked.controller.no_secret else {}
    if asked.failure:
        facts |= {"failure": asked.failure.value, "detail": asked.detail}
    return q.APS_ANSWERED.reading(NONE if asked.failure else ALL, subject=asked.controller.subject, facts=facts)


def answered_by_all(asked: Sequence[Asked]) -> Reading:
    """How many of all controllers showed all their access points."""
    good = sum(one.failure is None for one in asked)
    return q.APS_ANSWERED.reading(good * ALL // len(asked), facts={"answered": good, "controllers": len(asked)})


def roamed(asked: Sequence[Asked]) -> Iterator[Reading]:
    """How often the controllers saw this box being handed over, where any of them says so."""
    counted = {one.controller.subject: one.told.roamed for one in asked if one.told.roamed is not None}
    for subject, count in counted.items():
        yield q.ROAM_TRACE.reading(count, subject=subject)
