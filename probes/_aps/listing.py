"""
Which access points, radios and networks stand in the tables of one controller?

*Method*: every access point that any of its tables names is one of its list, so that a table that was not shown hides none; what
no table says of it stays unknown. Names of networks are octets. A Cisco controller does not tell the addresses of its networks: they are
worked out of the block of sixteen that each access point has, and marked so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from probes._aps import numbers, unifi
from probes._aps.mib import INSTANT_WLAN, Family
from probes._aps.model import AccessPoint, Bss, Listing, Radio, State, Wired
from probes._aps.wired import wires
from probes._snmp.exchange import Oid, Value
from probes._switch.tables import Tables, number

MODES_OF_2_4 = 2 | 4 | 16 | 128 | 512  # Hh3cDot11RadioType: b, g, gn, gac, gax
MODES_OF_5 = 1 | 32 | 64 | 256  # a, an, ac, ax
SLOTS = {
    "0": (0, 1),
    "1": (15, -1),
}  # Cisco: the first radio counts from the block's lower end up, the second from the upper down
TAILS = {
    "ap": 0,
    "radio": 1,
    "port": 1,
    "if": 1,
}  # by how many numbers a row of a table is longer than the access point's index


def listing(family: Family, tables: Tables) -> Listing:
    """What the tables of a controller of this family say, each thing once, in the order of its index."""
    if family.alone:
        return unifi.listing(tables)
    read = _Reader(family, tables)
    points: dict[str, AccessPoint] = {}
    for point in read.points():
        if point.id not in points or point.state is State.UP:  # an old row of one that is at work under another name
            points[point.id] = point
    radios = {one.id: one for one in read.radios()}
    told = {one.bssid: one for one in read.networks(radios)}
    worked_out = {one.bssid: one for one in read.blocks(radios, points)} if family.block else {}
    return Listing(tuple(points.values()), tuple(radios.values()), tuple((worked_out | told).values()))


@dataclass(slots=True)
class _Reader:
    """One controller's tables, read as its family means them; `names` are what rows of radios and networks repeat."""

    family: Family
    tables: Tables
    names: dict[Oid, str] = field(default_factory=dict)
    wires: dict[Oid, Wired] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wires = wires(self.family, self.tables)
        for column, tail in (("radio_name", 1), ("bss_name", self.family.bss_tail)):
            for index in self.tables.rows(column):
                self.names[index[:-tail]] = self.tables.text(column, index)

    # --- Access points ------------------------------------------------------------------------------------------------

    def points(self) -> Iterator[AccessPoint]:
        """The access points that have an address or a name."""
        tails = TAILS | {"bss": self.family.bss_tail}
        found: set[Oid] = set()
        for column in self.family.columns:
            tail = tails.get(column.partition("_")[0])
            if tail is not None:
                found |= {index[: len(index) - tail] for index in self.tables.rows(column)}
        yield from (self._point(index, name) for index in sorted(found) if (name := self._id(index)))

    def _id(self, index: Oid) -> str:
        """What an access point is called in readings: its address, else its name."""
        if self.family.by_address:
            return numbers.address(index)
        return numbers.address(self.tables.octets("ap_address", index)) or self._name(index)

    def _name(self, index: Oid) -> str:
        """The name of an access point, wherever it is told."""
        own = self.tables.text("ap_name", index) or self.tables.text("ap_template", index)
        return own or self.names.get(index, "")

    def _point(self, index: Oid, name: str) -> AccessPoint:
        """One access point."""
        tables, told = self.tables, number(self.tables.rows("ap_state").get(index))
        return AccessPoint(
            id=name,
            name=self._name(index),
            model=tables.text("ap_model", index),
            state=self.family.numbers.ap_state.get(told or 0, State.UNKNOWN),
            told="" if told is None else str(told),
            clients=numbers.clients(tables.rows("ap_clients").get(index)),
            group=tables.text("ap_group", index),
            location=tables.text("ap_location", index),
            wired=self.wires.get(index),
        )

    # --- Radios -------------------------------------------------------------------------------------------------------

    def radios(self) -> Iterator[Radio]:
        """The radios, of every row that any column of theirs has."""
        columns = [column for column in self.family.columns if column.startswith("radio_")]
        rows = sorted({index for column in columns for index in self.tables.rows(column) if index})
        yield from (self._radio(index, ap) for index in rows if (ap := self._id(index[:-1])))

    def _radio(self, index: Oid, ap: str) -> Radio:
        """One radio."""
        told = self.family.numbers
        channel, width = self._channel(index)
        return Radio(
            ap=ap,
            number=str(index[-1]),
            band=self._band(index, channel),
            channel=channel,
            width_mhz=width or told.width.get(number(self._of("radio_width", index)) or 0),
            state=told.radio_state.get(number(self._of("radio_state", index)) or 0, State.UNKNOWN),
            clients=numbers.clients(self._of("radio_clients", index)),
            util_ppm=numbers.load_ppm(self._of("radio_util", index)),
            noise_mbm=self._noise_mbm(index),
            power_mbm=numbers.power_mbm(self._of("radio_power", index), told.power_mbm),
        )

    def _of(self, column: str, index: Oid) -> Value:
        """What a column says of a row."""
        return self.tables.rows(column).get(index)

    def _channel(self, index: Oid) -> tuple[int | None, int | None]:
        """Channel and width of a radio, MHz, as far as they are told."""
        written = self.tables.text("radio_channel_text", index) or self.tables.text("radio_width_text", index)
        channel, width = numbers.written_channel(written)
        return numbers.channel(self._of("radio_channel", index)) or channel, width

    def _band(self, index: Oid, channel: int | None) -> str:
        """The band of a radio."""
        if self.family is INSTANT_WLAN:
            return numbers.band_of(channel) if index[-1] < 2 else ""  # a third radio may be one for 6 GHz
        if modes := number(self._of("radio_modes", index)):
            slow, fast = modes & MODES_OF_2_4, modes & MODES_OF_5
            return "" if bool(slow) == bool(fast) else "2.4" if slow else "5"
        return self.family.numbers.band.get(number(self._of("radio_band", index)) or 0, "")

    def _noise_mbm(self, index: Oid) -> int | None:
        """Noise at a radio."""
        told = numbers.noise_mbm(self._of("radio_noise", index))
        return told if told is not None else numbers.noise_mbm(self._of("radio_noise_below", index), below=True)

    # --- Networks -----------------------------------------------------------------------------------------------------

    def networks(self, radios: Mapping[str, Radio]) -> Iterator[Bss]:
        """The networks that are told by their addresses."""
        for index in self.tables.rows("bss_bssid" if "bss_bssid" in self.family.columns else "bss_ssid"):
            # Where no column tells the address, it is the last part of the index.
            in_index = numbers.address(index[-numbers.ADDRESS_OCTETS :])
            bssid = numbers.address(self._of("bss_bssid", index)) if "bss_bssid" in self.family.columns else in_index
            ap = self._id(index[: -self.family.bss_tail])
            if bssid and ap and len(index) > self.family.bss_tail:
                yield self._network(index, bssid, ap, radios)

    def _network(self, index: Oid, bssid: str, ap: str, radios: Mapping[str, Radio]) -> Bss:
        """One network, with what is known of its radio."""
        by = str(index[-self.family.bss_tail]) if self.family.bss_radio else ""
        radio = radios.get(f"{ap}/{by}", Radio(ap, by))
        ssid = self._of("bss_ssid", index)
        state = self.family.numbers.bss_state.get(number(self._of("bss_state", index)) or 0, State.UNKNOWN)
        return Bss(
            bssid=bssid,
            ap=ap,
            name=self._name(index[: -self.family.bss_tail]),
            ssid=ssid if isinstance(ssid, bytes) else None,
            state=State.UP if self.family.on_air else state,
            radio=by,
            band=radio.band,
            channel=numbers.channel(self._of("bss_channel", index)) or radio.channel,
        )

    def blocks(self, radios: Mapping[str, Radio], points: Mapping[str, AccessPoint]) -> Iterator[Bss]:
        """The addresses of networks that are not told: as many for each radio as the controller has networks."""
        names = [one for one in self.tables.rows("ess_ssid").values() if isinstance(one, bytes)]
        only = names[0] if len(names) == 1 else None
        for radio in radios.values():
            first, step = SLOTS.get(radio.number, (0, 0))
            point = points.get(radio.ap, AccessPoint(radio.ap))
            for bssid in numbers.in_block(radio.ap, first, step, len(names)) if step else ():
                yield Bss(
                    bssid,
                    radio.ap,
                    point.name,
                    only,
                    State.UNKNOWN,
                    radio.number,
                    radio.band,
                    radio.channel,
                    derived=True,
                )
