"""
Which objects of a wireless controller are asked, and what do their numbers mean?

Every object that this probe may ask for stands here once, under one name for all makers; the maker's own name is in the comment of
its table. Nothing is ever written, and no table of the people's devices is asked, but for the hand-overs of this box's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from probes._aps.model import State
from probes._snmp.exchange import Oid
from probes._switch.mib import ENTERPRISES, SCALARS

IDENTITY = {name: SCALARS[name] for name in ("sysDescr", "sysObjectID", "sysName")}
UP, DOWN, STANDBY = State.UP, State.DOWN, State.STANDBY
TRUTH = {1: UP, 2: DOWN}  # TruthValue, RFC 2579
WHOLE_BAND = {1: "2.4", 2: "5", 3: "6"}

HUAWEI: Oid = (*ENTERPRISES, 2011, 6, 139)
H3C: Oid = (*ENTERPRISES, 25506, 2, 75)
AIRESPACE: Oid = (*ENTERPRISES, 14179, 2)
ARUBA: Oid = (*ENTERPRISES, 14823, 2, 2, 1, 5, 2, 1)
INSTANT: Oid = (*ENTERPRISES, 14823, 2, 3, 3, 1)
UNIFI: Oid = (*ENTERPRISES, 41112, 1, 6)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a maker's numbers mean; one that is not listed is unknown."""

    ap_state: Mapping[int, State] = field(default_factory=dict)
    radio_state: Mapping[int, State] = field(default_factory=dict)
    bss_state: Mapping[int, State] = field(default_factory=dict)
    band: Mapping[int, str] = field(default_factory=dict)
    width: Mapping[int, int] = field(default_factory=dict)
    port_type: Mapping[int, int] = field(default_factory=dict)
    port_state: Mapping[int, State] = field(default_factory=dict)
    uplink: Mapping[int, int] = field(default_factory=dict)
    power_mbm: int = 100


@dataclass(frozen=True, slots=True)
class Family:
    """
    The tables of one maker.

    Rows of an access point begin with its index; in a radio's row one further number follows, in a network's `bss_tail`, the
    first of which is the radio where `bss_radio` says so. `by_address` where the index is the hardware address, `alone` where the
    device asked is itself the one access point, `block` where addresses of networks are worked out, `on_air` where the table of networks
    holds only those that are sent. Without all rows of `needed` it has not answered.
    """

    name: str
    enterprises: tuple[int, ...]
    columns: Mapping[str, Oid]
    needed: tuple[str, ...]
    numbers: Numbers
    by_address: bool = True
    alone: bool = False
    bss_tail: int = 2
    bss_radio: bool = True
    block: bool = False
    on_air: bool = False

    @property
    def first(self) -> Oid:
        """A column that a controller of this family has, whatever it calls itself."""
        return self.columns[self.needed[0]]


def _columns(*tables: tuple[Oid, dict[str, int]]) -> dict[str, Oid]:
    """Columns by their names, table after table."""
    return {name: (*entry, number) for entry, columns in tables for name, number in columns.items()}


# Huawei: the tables hwWlanApTable and hwWlanApWiredPortTable of HUAWEI-WLAN-AP-MIB, hwWlanRadioInfoTable of
# HUAWEI-WLAN-AP-RADIO-MIB and hwWlanVapInfoTable of HUAWEI-WLAN-VAP-MIB.
HUAWEI_WLAN = Family(
    "huawei",
    (2011,),
    _columns(
        ((*HUAWEI, 13, 3, 3, 1), {"ap_state": 6, "ap_name": 4, "ap_model": 3, "ap_group": 5, "ap_clients": 44, "ap_uplink": 50}),
        ((*HUAWEI, 17, 1, 1, 1), {"bss_bssid": 5, "bss_ssid": 6, "bss_state": 10, "bss_name": 7}),
        (
            (*HUAWEI, 16, 1, 2, 1),
            {
                "radio_band": 5, "radio_state": 6, "radio_channel": 7, "radio_width": 10, "radio_noise": 24,
                "radio_util": 25, "radio_clients": 40, "radio_power": 45, "radio_name": 3,
            },
        ),
        ((*HUAWEI, 13, 3, 4, 1), {"port_type": 2, "port_state": 4, "port_mbit_s": 5, "port_mode": 8}),
    ),
    ("ap_state", "ap_name", "bss_bssid", "bss_ssid"),
    Numbers(
        # idle, autofind, typeNotMatch, fault, configFailed, normal, commitFailed, standby, verMismatch, nameConflicted, countryCodeMismatch
        ap_state={1: DOWN, 2: DOWN, 3: DOWN, 4: DOWN, 6: DOWN, 8: UP, 10: DOWN, 11: STANDBY, 12: DOWN, 13: DOWN, 15: DOWN},
        radio_state={1: UP, 2: DOWN},
        bss_state={1: UP, 2: DOWN},
        band=WHOLE_BAND,
        width={1: 20, 2: 40, 3: 40, 4: 80, 5: 160},
        port_type={1: 100, 2: 1000, 7: 10_000, 8: 10_000},  # fe, ge, multige, xge: the fastest that it can be, Mbit/s
        port_state={1: DOWN, 2: UP, 3: DOWN, 4: DOWN, 5: DOWN},
        uplink={1: 10, 2: 100, 3: 1000, 4: 10_000},
    ),
)  # fmt: skip

# HH3C-DOT11-APMT-MIB (hh3cDot11APObjectStatusTable, hh3cDot11APObjectTable, hh3cDot11APRadioTable, hh3cDot11APBSSTable,
# hh3cDot11APIfTable). The index of an access point is a name that the controller gave it.
H3C_WLAN = Family(
    "h3c",
    (25506,),
    _columns(
        ((*H3C, 2, 1, 1, 1), {"ap_state": 4, "ap_address": 3, "ap_template": 5}),
        ((*H3C, 2, 1, 2, 1), {"ap_name": 8, "ap_model": 9, "ap_clients": 7}),
        ((*H3C, 2, 1, 4, 1), {"bss_bssid": 2, "bss_ssid": 4}),
        (
            (*H3C, 2, 1, 3, 1),
            {"radio_state": 4, "radio_channel": 5, "radio_power": 6, "radio_modes": 11, "radio_util": 26},
        ),
        ((*H3C, 2, 1, 6, 1), {"if_type": 3, "if_most_mbit_s": 6}),
    ),
    ("ap_state", "ap_name", "bss_bssid", "bss_ssid"),
    Numbers(ap_state={1: DOWN, 2: DOWN, 3: DOWN, 4: DOWN, 5: UP}, radio_state=TRUTH),
    by_address=False,
)

# AIRESPACE-WIRELESS-MIB (bsnAPTable, bsnAPIfTable, bsnAPIfLoadParametersTable, bsnDot11EssTable): AireOS and Catalyst 9800. The
# index of an access point is its radios' base address, the first of sixteen that its networks are sent from.
CISCO_WLAN = Family(
    "cisco",
    (9, 14179),
    _columns(
        ((*AIRESPACE, 2, 1, 1), {"ap_state": 6, "ap_name": 3, "ap_location": 4, "ap_model": 16}),
        ((*AIRESPACE, 1, 1, 1), {"ess_ssid": 2}),
        ((*AIRESPACE, 2, 2, 1), {"radio_band": 2, "radio_channel": 4, "radio_state": 12, "radio_clients": 15}),
        ((*AIRESPACE, 2, 13, 1), {"radio_util": 3}),
    ),
    ("ap_state", "ap_name", "radio_band"),
    Numbers(
        ap_state={1: UP, 2: DOWN, 3: DOWN},  # associated, disassociating, downloading
        radio_state={1: DOWN, 2: UP},
        band={1: "2.4", 2: "5"},
    ),
    block=True,
)

# WLSX-WLAN-MIB (wlsxWlanAPTable, wlsxWlanRadioTable, wlsxWlanAPBssidTable): controllers with ArubaOS.
ARUBA_WLAN = Family(
    "aruba",
    (14823, 47196),
    _columns(
        ((*ARUBA, 4, 1), {"ap_state": 19, "ap_name": 3, "ap_model": 13, "ap_group": 4, "ap_location": 32}),
        ((*ARUBA, 7, 1), {"bss_ssid": 2, "bss_channel": 8}),
        (
            (*ARUBA, 5, 1),
            {
                "radio_band": 2, "radio_channel": 3, "radio_util": 6, "radio_clients": 7, "radio_width_text": 15,
                "radio_name": 16, "radio_power": 17,
            },
        ),
    ),
    ("ap_state", "ap_name", "bss_ssid"),
    Numbers(ap_state={1: UP, 2: DOWN}, band={1: "5", 2: "2.4", 3: "2.4", 6: "6"}, power_mbm=10),
    bss_tail=7,
    on_air=True,
)  # fmt: skip

# AI-AP-MIB (aiAccessPointTable, aiRadioTable, aiWlanTable): Aruba Instant, whose access points have a controller among them.
INSTANT_WLAN = Family(
    "aruba",
    (14823,),
    _columns(
        ((*INSTANT, 2, 1, 1), {"ap_state": 11, "ap_name": 2, "ap_model": 6}),
        ((*INSTANT, 2, 3, 1), {"bss_bssid": 4, "bss_ssid": 3}),
        (
            (*INSTANT, 2, 2, 1),
            {
                "radio_channel_text": 4, "radio_power": 5, "radio_noise_below": 6, "radio_util": 7, "radio_state": 20,
                "radio_clients": 21,
            },
        ),
    ),
    ("ap_state", "ap_name", "bss_bssid", "bss_ssid"),
    Numbers(ap_state={1: UP, 2: DOWN}, radio_state={1: UP, 2: DOWN}),
    bss_tail=1,
    bss_radio=False,
    on_air=True,
)  # fmt: skip

# UBNT-UniFi-MIB (unifiVapTable, unifiRadioTable, unifiIfTable): each access point answers for itself.
UNIFI_WLAN = Family(
    "ubiquiti",
    (41112, 10002, 4413),
    _columns(
        (
            (*UNIFI, 1, 2, 1),
            {
                "bss_bssid": 2, "bss_ssid": 6, "bss_state": 22, "bss_channel": 4, "bss_clients": 8, "bss_radio_text": 9,
                "bss_power": 21,
            },
        ),
        ((*UNIFI, 1, 1, 1), {"radio_text": 3, "radio_util": 6}),
        ((*UNIFI, 2, 1, 1), {"port_mbit_s": 11, "port_state": 16, "port_address": 4, "port_name": 5}),
        ((*UNIFI, 3), {"ap_model": 3}),
    ),
    ("bss_bssid", "bss_ssid"),
    Numbers(bss_state=TRUTH, port_state=TRUTH),
    by_address=False,
    alone=True,
)  # fmt: skip

FAMILIES = (HUAWEI_WLAN, H3C_WLAN, CISCO_WLAN, ARUBA_WLAN, INSTANT_WLAN, UNIFI_WLAN)

# How often a station was handed over, asked only for the hardware addresses of this box itself: HUAWEI-WLAN-STATION-MIB
# (hwWlanStaRoamTraceRoamType, below it the station), HH3C-DOT11-ROAM-MIB (hh3cDot11RoamTrackClientMAC, numbered).
ROAMED: dict[str, Oid] = {"huawei": (*HUAWEI, 18, 1, 6, 1, 1, 13), "h3c": (*H3C, 10, 2, 3, 1, 2)}
