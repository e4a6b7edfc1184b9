"""
Which access points are on the air of the guest, and how does a test move them?

Two of the school's, joined by one bridge behind which a gateway answers pings: `old` on 2.4 GHz (Wi-Fi 4) and `new` on 5 GHz (Wi-Fi 6, 80 MHz), in a
network namespace of their own. A third radio is a stranger's: it sends the school's network name from a BSSID that is not the school's, and a name of
its own. The station's radio stays where programs are started, as on a real box. Levels are what mac80211_hwsim lets one choose; nothing propagates.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.lab.guest.machine import Guest

SSID, NEIGHBOUR = "School", "Neighbour"
STATION, STATION_PHY = "wlan2", "phy2"
GATEWAY, OUR_ADDRESS = "10.20.0.1", "10.20.0.77"
KEY = "5c" * 32  # as octets: a passphrase would have to be stretched by an interpreted processor
AIR = "ip netns exec air"
TXPOWER_DBM = {"phy0": 20, "phy1": 23, "phy3": 20}  # what the rules of the air give each; a level is reached below it
START_S = 40.0


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """One simulated access point: its radio, its BSSID, where it sends."""

    phy: str
    interface: str
    bssid: str
    frequency_mhz: int


OLD = AccessPoint("phy0", "wlan0", "02:00:00:00:00:00", 2412)
NEW = AccessPoint("phy1", "wlan1", "02:00:00:00:01:00", 5180)
TWIN = AccessPoint("phy3", "wlan3", "02:00:00:00:03:00", 2437)
OTHER_BSSID = "02:00:00:00:03:01"

COMMON = f"""driver=nl80211
country_code=CN
ieee80211n=1
wpa=2
wpa_psk={KEY}
rsn_pairwise=CCMP
"""
OURS = """bridge=br0
wpa_key_mgmt=WPA-PSK FT-PSK
mobility_domain=a1b2
ft_psk_generate_local=1
ft_over_ds=0
rrm_neighbor_report=1
bss_transition=1
bss_load_update_period=50
"""
WIDE = """hw_mode=a
channel=36
ht_capab=[HT40+]
ieee80211ac=1
ieee80211ax=1
vht_oper_chwidth=1
vht_oper_centr_freq_seg0_idx=42
he_oper_chwidth=1
he_oper_centr_freq_seg0_idx=42
"""
SETTINGS = {
    OLD: f"{COMMON}{OURS}hw_mode=g\nchannel=1\nnas_identifier=old\nr1_key_holder=020000000001\n",
    NEW: f"{COMMON}{OURS}{WIDE}nas_identifier=new\nr1_key_holder=020000000002\n",
    TWIN: f"{COMMON}hw_mode=g\nchannel=6\nwpa_key_mgmt=WPA-PSK\nbss=wlan3_1\nssid={NEIGHBOUR}\n",
}
STATION_SETTINGS = f"""ctrl_interface=/run/wpa
country=CN
network={{
  ssid="{SSID}"
  psk={KEY}
  key_mgmt=FT-PSK WPA-PSK
  bssid_ignore={TWIN.bssid}
}}
"""
JOIN = f"""
for turn in $(seq 300); do iw dev {STATION} link | grep -q Connected && break; sleep 0.1; done
ip addr replace {OUR_ADDRESS}/24 dev {STATION}
ip route replace default via {GATEWAY}
for turn in $(seq 100); do ping -c 1 -W 1 {GATEWAY} >/dev/null && exit 0; done
exit 1
"""


def switch_on(guest: Guest) -> None:
    """Start the access points and wait until all send."""
    here, there = guest.folder_for("air")
    for point, settings in SETTINGS.items():
        (here / point.interface).write_text(f"interface={point.interface}\nssid={SSID}\n{settings}", "utf-8")
    guest.do(
        f"ip netns add air\nfor phy in phy0 phy1 phy3; do iw phy $phy set netns name air; done\n"
        f"{AIR} sh -ec 'ip link set lo up; ip link add br0 type bridge; ip link set br0 up; ip addr add {GATEWAY}/24 dev br0'\n"
        f"ip link set {STATION} up"
    )
    files = " ".join(f"{there}/{point.interface}" for point in SETTINGS)
    guest.start(f"{AIR} hostapd {files} >{there}/log 2>&1")
    waiting = f"for turn in $(seq 300); do [ $(grep -c AP-ENABLED {there}/log) = 3 ] && exit 0; sleep 0.1; done; cat {there}/log >&2; exit 1"
    guest.do(waiting, START_S)
    for point in SETTINGS:
        set_level(guest, point, -50)


def set_level(guest: Guest, point: AccessPoint, dbm: int) -> None:
    """Let an access point arrive at the station with this level."""
    below = (
        2**64 + dbm - TXPOWER_DBM[point.phy]
    )  # the kernel's file takes what is below zero as 64 bits without a sign only
    guest.do(f"echo {below} >/sys/kernel/debug/ieee80211/{point.phy}/hwsim/rx_rssi")


def take_out(guest: Guest, point: AccessPoint) -> None:
    """Let no radio hear an access point any more: it goes on sending, to a group of its own."""
    guest.do(f"echo 2 >/sys/kernel/debug/ieee80211/{point.phy}/hwsim/group")


def bring_back(guest: Guest, point: AccessPoint) -> None:
    """Let it be heard again."""
    guest.do(f"echo 1 >/sys/kernel/debug/ieee80211/{point.phy}/hwsim/group")


def join(guest: Guest) -> None:
    """Let the station join the school's network, with an address, and wait until the gateway answers it."""
    here, there = guest.folder_for("station")
    (here / "settings").write_text(STATION_SETTINGS, "utf-8")
    guest.start(f"wpa_supplicant -i {STATION} -c {there}/settings >{there}/log 2>&1")
    guest.do(JOIN, START_S)


def hand_over(guest: Guest, to: AccessPoint) -> None:
    """Hand the station over to one of the school's access points, and wait until it is through or has given up."""
    control = f"wpa_cli -s /run -p /run/wpa -i {STATION}"
    through = f"{control} status | tr '\\n' ' ' | grep -q 'bssid={to.bssid} .*wpa_state=COMPLETED'"
    guest.do(f"{control} roam {to.bssid}; for look in $(seq 50); do {through} && break; sleep 0.1; done")
