"""
What does one value of a controller's table say in the units of this product?

A value outside what the object can be, by its MIB or by nature, says nothing: it is None, and never a guess.
"""

from __future__ import annotations

import re

from evidence.quantities import ETHERNET_RATES
from probes._snmp.exchange import Oid, Value

PPM_PER_PERCENT = 10_000
MBM_PER_DBM = 100
MBIT = 1_000_000
ADDRESS_OCTETS = 6
CHANNELS = range(1, 234)  # IEEE 802.11-2020 annex E and 802.11ax-2021: up to 233 in 6 GHz
NOISE_DBM = range(-127, -19)
POWER_DBM = range(1, 41)
MOST_CLIENTS = 10_000  # of one access point
WIDTHS = {"": 20, "+": 40, "-": 40, "E": 80, "S": 160}  # how ArubaOS writes the width behind a channel
HIGHEST_2_4, LOWEST_5 = 14, 32  # channels
BLOCK = 16  # addresses that Cisco gives the radios of an access point


def integer(value: Value) -> int | None:
    """A whole number of any sign; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def address(octets: Value | Oid) -> str:
    """A hardware address in lower case with colons, from its octets or its place in an index; empty where it is none of a device."""
    if isinstance(octets, tuple):
        octets = bytes(octets) if len(octets) == ADDRESS_OCTETS and max(octets) < 256 else b""
    # The lowest bit of the first octet marks a group, and nought is nobody.
    if not isinstance(octets, bytes) or len(octets) != ADDRESS_OCTETS or octets[0] & 1 or not any(octets):
        return ""
    return octets.hex(":")


def written_address(text: str) -> str:
    """The same from any of the spellings of command lines."""
    digits = re.sub(r"[^0-9A-Fa-f]", "", text)
    return address(bytes.fromhex(digits)) if len(digits) == 2 * ADDRESS_OCTETS else ""


def within(value: Value, values: range, factor: int = 1) -> int | None:
    """A number that the object can have, times a factor."""
    number = integer(value)
    return number * factor if number is not None and number in values else None


def channel(value: Value) -> int | None:
    """A channel."""
    return within(value, CHANNELS)


def written_channel(text: str) -> tuple[int | None, int | None]:
    """Channel and width in MHz, as ArubaOS writes them: `36E`; None for what is not written so."""
    found = re.fullmatch(r"(\d{1,3})([-+ES]?)", text.strip())
    if not found or int(found[1]) not in CHANNELS:
        return None, None
    return int(found[1]), WIDTHS[found[2]]


def clients(value: Value) -> int | None:
    """How many devices are connected."""
    return within(value, range(MOST_CLIENTS + 1))


def load_ppm(value: Value) -> int | None:
    """Percent as ppm."""
    return within(value, range(101), PPM_PER_PERCENT)


def noise_mbm(value: Value, below: bool = False) -> int | None:
    """Noise, dBm as mBm; some controllers leave its sign out (`below`)."""
    number = integer(value)
    return within(-number if below and number is not None and number > 0 else number, NOISE_DBM, MBM_PER_DBM)


def power_mbm(value: Value, per: int = MBM_PER_DBM) -> int | None:
    """Power of a radio; `per` is how many mBm the controller counts in one."""
    number = integer(value)
    return number * per if number is not None and number * per // MBM_PER_DBM in POWER_DBM else None


def rate_bit_s(value: Value) -> int | None:
    """Mbit/s as bit/s, if it is a rate that Ethernet has."""
    number = integer(value)
    return number * MBIT if number is not None and number * MBIT in ETHERNET_RATES else None


def band_of(number: int | None) -> str:
    """The band of a channel of a radio that is known not to be for 6 GHz, which uses the same numbers."""
    if number is None:
        return ""
    return "2.4" if number <= HIGHEST_2_4 else "5" if number >= LOWEST_5 else ""


def in_block(base: str, first: int, step: int, count: int) -> list[str]:
    """Addresses in the block of sixteen that a base address begins, from the one numbered `first` on; none where it begins none."""
    octets = bytes.fromhex(base.replace(":", ""))
    if octets[-1] % BLOCK:
        return []
    return [(octets[:-1] + bytes([octets[-1] + first + step * at])).hex(":") for at in range(min(count, BLOCK))]
