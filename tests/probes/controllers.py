"""
What would a wireless controller tell over SNMP?

Tables written from the makers' MIBs, not from any device: each function gives the objects of a controller of one make with the same
two access points, of which the second is off. Addresses are locally administered.
"""

from __future__ import annotations

from collections.abc import Mapping

from probes._aps import mib
from probes._aps.listing import listing
from probes._aps.model import Listing
from probes._snmp.exchange import Oid, Value
from probes._snmp.walk import End, Walk
from probes._switch.tables import Tables

SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
FIRST, SECOND = bytes.fromhex("0200005e5300"), bytes.fromhex("0200005e5400")
SCHOOL, GUESTS = "教学楼".encode("gb18030"), b"guests"


def identity(enterprise: tuple[int, ...], descr: str = "") -> dict[Oid, Value]:
    """Who the device says that it is."""
    return {
        (*SYSTEM, 1, 0): descr.encode(),
        (*SYSTEM, 2, 0): (1, 3, 6, 1, 4, 1, *enterprise),
        (*SYSTEM, 3, 0): 1000,
        (*SYSTEM, 5, 0): b"ac-1",
    }


def rows(family: mib.Family, index: Oid, values: Mapping[str, Value]) -> dict[Oid, Value]:
    """One row: columns of the family by the names that the probe has for them."""
    return {(*family.columns[name], *index): value for name, value in values.items()}


def bssid(ap: bytes, last: int) -> bytes:
    """An address near that of an access point."""
    return ap[:-1] + bytes([last])


def huawei(**second: Value) -> dict[Oid, Value]:
    """An AC with two access points; `second` are columns of the second one's row."""
    of = mib.HUAWEI_WLAN
    table = identity((2011, 2, 240), "AC6605 Huawei Versatile Routing Platform")
    table |= rows(
        of, tuple(FIRST), {"ap_state": 8, "ap_name": b"ap-301", "ap_model": b"AirEngine5760", "ap_clients": 12}
    )
    table |= rows(
        of, tuple(SECOND), {"ap_state": 4, "ap_name": "教学楼 302".encode(), "ap_group": b"default", **second}
    )
    for number, (band, channel, width) in enumerate([(1, 6, 1), (2, 36, 4)]):
        table |= rows(
            of,
            (*FIRST, number),
            {
                "radio_band": band,
                "radio_state": 1,
                "radio_channel": channel,
                "radio_width": width,
                "radio_noise": -95,
                "radio_util": 7,
                "radio_clients": 6,
                "radio_power": 20,
            },
        )
        table |= rows(
            of, (*FIRST, number, 1), {"bss_bssid": bssid(FIRST, number * 16), "bss_ssid": SCHOOL, "bss_state": 1}
        )
    table |= rows(of, (*FIRST, 1, 2), {"bss_bssid": bssid(FIRST, 17), "bss_ssid": GUESTS, "bss_state": 2})
    return table | rows(of, (*FIRST, 0), {"port_type": 2, "port_state": 2, "port_mbit_s": 1000, "port_mode": 1})  # fmt: skip


def h3c() -> dict[Oid, Value]:
    """An AC whose access points are numbered by names of its own; the second has joined and does not run."""
    of, one, other = mib.H3C_WLAN, (3, *b"ap1"), (3, *b"ap2")
    table = identity((25506, 1, 1149), "H3C Comware Platform Software WX3500H")
    table |= rows(of, one, {"ap_state": 5, "ap_address": FIRST, "ap_template": b"ap-301"})
    table |= rows(of, one, {"ap_name": b"ap-301", "ap_model": b"WA6320", "ap_clients": 12})
    table |= rows(of, other, {"ap_state": 1, "ap_address": SECOND, "ap_template": "教学楼 302".encode()})
    for number, (channel, modes) in enumerate([(36, 256 | 32), (6, 512 | 16)], start=1):
        row = {"radio_state": 1, "radio_channel": channel, "radio_modes": modes, "radio_power": 20, "radio_util": 255}
        table |= rows(of, (*one, number), row)
        table |= rows(of, (*one, number, 1), {"bss_bssid": bssid(FIRST, number * 16), "bss_ssid": SCHOOL})
    return table | rows(of, (*one, 1), {"if_type": 6, "if_most_mbit_s": 100})


def cisco() -> dict[Oid, Value]:
    """A Catalyst 9800 with two networks; it does not tell from which addresses they are sent."""
    of = mib.CISCO_WLAN
    table = identity((9, 1, 2391), "Cisco IOS Software [Amsterdam], C9800")
    table |= rows(of, (1,), {"ess_ssid": SCHOOL}) | rows(of, (2,), {"ess_ssid": GUESTS})
    table |= rows(of, tuple(FIRST), {"ap_state": 1, "ap_name": b"ap-301", "ap_location": b"teaching 1"})
    table |= rows(of, tuple(SECOND), {"ap_state": 2, "ap_name": "教学楼 302".encode()})
    for number, (band, channel) in enumerate([(1, 6), (2, 36)]):
        row: dict[str, Value] = {"radio_band": band, "radio_channel": channel, "radio_state": 2, "radio_clients": 6}
        table |= rows(of, (*FIRST, number), {**row, "radio_util": 40})
    return table


def aruba() -> dict[Oid, Value]:
    """A controller with ArubaOS; networks stand under their addresses."""
    of = mib.ARUBA_WLAN
    table = identity((14823, 1, 1, 9999), "ArubaOS Version 8.10")
    table |= rows(of, tuple(FIRST), {"ap_state": 1, "ap_name": b"ap-301", "ap_model": b"535"})
    table |= rows(of, tuple(SECOND), {"ap_state": 2, "ap_name": "教学楼 302".encode()})
    for number, (band, written) in enumerate([(1, b"36E"), (3, b"6")]):
        row: dict[str, Value] = {
            "radio_band": band,
            "radio_width_text": written,
            "radio_clients": 6,
            "radio_power": 180,
        }
        table |= rows(of, (*FIRST, number), row)
        sent: dict[str, Value] = {"bss_ssid": SCHOOL, "bss_channel": 36 - 30 * number}
        table |= rows(of, (*FIRST, number, *bssid(FIRST, 16 + number)), sent)
    return table


def instant() -> dict[Oid, Value]:
    """Aruba Instant, where one access point speaks for all."""
    of = mib.INSTANT_WLAN
    table = identity((14823, 1, 2, 111), "ArubaOS (MODEL: 515)")
    table |= rows(of, tuple(FIRST), {"ap_state": 1, "ap_name": b"ap-301", "ap_model": b"515"})
    table |= rows(of, tuple(SECOND), {"ap_state": 2, "ap_name": "教学楼 302".encode()})
    for number, written in enumerate([b"36E", b"6"]):
        row: dict[str, Value] = {
            "radio_channel_text": written,
            "radio_noise_below": 95,
            "radio_state": 1,
            "radio_clients": 6,
        }
        table |= rows(of, (*FIRST, number), row)
        table |= rows(of, (*FIRST, number), {"bss_bssid": bssid(FIRST, 16 + number), "bss_ssid": SCHOOL})
    return table


def unifi(name: bytes = b"ap-301") -> dict[Oid, Value]:
    """A UniFi access point, whose agent says that it is a Linux."""
    of = mib.UNIFI_WLAN
    table = identity((8072, 3, 2, 10), "Linux ap-301 4.4.198") | {(*SYSTEM, 5, 0): name}
    table |= rows(of, (0,), {"ap_model": b"UAP-AC-Pro"})
    for number, (radio, channel) in enumerate([("ng", 6), ("na", 36)], start=1):
        sent: dict[str, Value] = {
            "bss_bssid": bssid(FIRST, number),
            "bss_ssid": SCHOOL,
            "bss_state": 1,
            "bss_clients": 6,
        }
        table |= rows(
            of, (number,), {**sent, "bss_channel": channel, "bss_radio_text": radio.encode(), "bss_power": 20}
        )
        table |= rows(of, (number,), {"radio_text": radio.encode(), "radio_util": 30})
    port: dict[str, Value] = {"port_address": FIRST, "port_mbit_s": 100, "port_state": 1, "port_name": b"eth0"}
    return table | rows(of, (1,), port)


MAKERS = {"huawei": huawei, "h3c": h3c, "cisco": cisco, "aruba": aruba, "instant": instant, "ubiquiti": unifi}
FAMILIES = dict(zip(MAKERS, mib.FAMILIES, strict=True))


def tables(family: mib.Family, objects: Mapping[Oid, Value]) -> Tables:
    """The tables that a complete reading of these objects gives."""
    scalars = {name: objects[oid] for name, oid in mib.IDENTITY.items() if oid in objects}
    walks = {
        name: Walk(
            {oid[len(column) :]: objects[oid] for oid in sorted(objects) if oid[: len(column)] == column},
            End.LEFT_SUBTREE,
        )
        for name, column in family.columns.items()
    }
    return Tables(scalars, walks)


def listed(maker: str, objects: Mapping[Oid, Value]) -> Listing:
    """What the probe makes of a controller with these objects, without asking it."""
    return listing(FAMILIES[maker], tables(FAMILIES[maker], objects))
