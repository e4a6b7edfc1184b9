"""
What does a UniFi access point tell of itself?

*Method*: it has no controller that speaks SNMP and answers for itself (UBNT-UniFi-MIB): that it answers is its state. Its radios are
told by network, each network by the name of its radio.
"""

from __future__ import annotations

from collections.abc import Iterator

from probes._aps import numbers
from probes._aps.mib import UNIFI_WLAN
from probes._aps.model import AccessPoint, Bss, Listing, Radio, State
from probes._aps.wired import wires
from probes._snmp.exchange import Oid
from probes._switch.tables import Tables, number

BANDS = {"ng": "2.4", "na": "5", "6e": "6"}  # how it calls its radios
SCALAR: Oid = (0,)


def listing(tables: Tables) -> Listing:
    """The one access point, its radios and networks."""
    addresses = [numbers.address(value) for value in tables.rows("port_address").values()]
    own = next(filter(None, addresses), "") or tables.scalar_text("sysName")
    if not own:
        return Listing()
    counted = [numbers.clients(value) for value in tables.rows("bss_clients").values()]
    point = AccessPoint(
        id=own,
        name=tables.scalar_text("sysName"),
        model=tables.text("ap_model", SCALAR),
        state=State.UP,
        clients=_sum(counted),
        wired=wires(UNIFI_WLAN, tables).get(()),
    )
    networks = {one.bssid: one for one in _networks(tables, own)}
    return Listing((point,), tuple(_radios(tables, own)), tuple(networks.values()))


def _sum(counted: list[int | None]) -> int | None:
    """A sum of which no part is unknown."""
    known = [one for one in counted if one is not None]
    return sum(known) if known and len(known) == len(counted) else None


def _networks(tables: Tables, ap: str) -> Iterator[Bss]:
    """Each network that it sends."""
    for index, value in tables.rows("bss_bssid").items():
        ssid = tables.rows("bss_ssid").get(index)
        radio = tables.text("bss_radio_text", index)
        if bssid := numbers.address(value):
            yield Bss(
                bssid=bssid,
                ap=ap,
                name=tables.scalar_text("sysName"),
                ssid=ssid if isinstance(ssid, bytes) else None,
                state=UNIFI_WLAN.numbers.bss_state.get(number(tables.rows("bss_state").get(index)) or 0, State.UNKNOWN),
                radio=radio,
                band=BANDS.get(radio.lower(), ""),
                channel=numbers.channel(tables.rows("bss_channel").get(index)),
            )


def _radios(tables: Tables, ap: str) -> Iterator[Radio]:
    """Each radio, with what its networks tell of it."""
    for index in tables.rows("radio_text"):
        name = tables.text("radio_text", index)
        own = [row for row in tables.rows("bss_radio_text") if name and tables.text("bss_radio_text", row) == name]
        yield Radio(
            ap=ap,
            number=name or ".".join(map(str, index)),
            band=BANDS.get(name.lower(), ""),
            channel=next((numbers.channel(tables.rows("bss_channel").get(row)) for row in own), None),
            clients=_sum([numbers.clients(tables.rows("bss_clients").get(row)) for row in own]),
            util_ppm=numbers.load_ppm(tables.rows("radio_util").get(index)),
            power_mbm=next((numbers.power_mbm(tables.rows("bss_power").get(row)) for row in own), None),
        )
