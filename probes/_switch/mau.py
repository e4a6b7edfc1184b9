"""
Which kind of Ethernet does a port run?

The registry of media types (IANA-MAU-MIB, dot3MauType 1.3.6.1.2.1.26.4.N), as ifMauType and LLDP's operational MAU type use
it: name, rate, duplex, and the medium where the type leaves no choice. Types of two rates (10/1G PON) and those that are no
rate of Ethernet are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from probes._snmp.exchange import Value

REGISTRY = (1, 3, 6, 1, 2, 1, 26, 4)
_RATE = re.compile(r"(\d+(?:\.\d)?)(G?)BASE-")
_FIBRE = re.compile(r"BASE-(F|SX|LX|BX|PX|PR|SR|LR|ER|SW|LW|EW)")
_COPPER = re.compile(r"BASE-(T|CX|CR|2|5)")


@dataclass(frozen=True, slots=True)
class Mau:
    """One media type: its name, its rate in bit/s, `full`, `half` or `unknown` duplex, `fibre`, `copper` or `unknown` medium."""

    name: str
    bit_s: int
    duplex: str
    medium: str


def _mau(name: str) -> Mau:
    """A type by its name, of which the last two letters may be the duplex."""
    plain = name.removesuffix(" HD").removesuffix(" FD")
    duplex = "half" if name.endswith(" HD") else "full" if name.endswith(" FD") else "unknown"
    rate = _RATE.match(plain)
    bit_s = int(float(rate[1]) * (10**9 if rate[2] else 10**6)) if rate else 0
    medium = "fibre" if _FIBRE.search(plain) else "copper" if _COPPER.search(plain) else "unknown"
    return Mau(plain, bit_s, duplex, medium)


_NAMES = {
    2: "10BASE-5",
    4: "10BASE-2",
    5: "10BASE-T",
    6: "10BASE-FP",
    7: "10BASE-FB",
    8: "10BASE-FL",
    10: "10BASE-T HD",
    11: "10BASE-T FD",
    12: "10BASE-FL HD",
    13: "10BASE-FL FD",
    14: "100BASE-T4",
    15: "100BASE-TX HD",
    16: "100BASE-TX FD",
    17: "100BASE-FX HD",
    18: "100BASE-FX FD",
    19: "100BASE-T2 HD",
    20: "100BASE-T2 FD",
    21: "1000BASE-X HD",
    22: "1000BASE-X FD",
    23: "1000BASE-LX HD",
    24: "1000BASE-LX FD",
    25: "1000BASE-SX HD",
    26: "1000BASE-SX FD",
    27: "1000BASE-CX HD",
    28: "1000BASE-CX FD",
    29: "1000BASE-T HD",
    30: "1000BASE-T FD",
    31: "10GBASE-X",
    32: "10GBASE-LX4",
    33: "10GBASE-R",
    34: "10GBASE-ER",
    35: "10GBASE-LR",
    36: "10GBASE-SR",
    37: "10GBASE-W",
    38: "10GBASE-EW",
    39: "10GBASE-LW",
    40: "10GBASE-SW",
    41: "10GBASE-CX4",
    44: "100BASE-BX10D",
    45: "100BASE-BX10U",
    46: "100BASE-LX10",
    47: "1000BASE-BX10D",
    48: "1000BASE-BX10U",
    49: "1000BASE-LX10",
    50: "1000BASE-PX10D",
    51: "1000BASE-PX10U",
    52: "1000BASE-PX20D",
    53: "1000BASE-PX20U",
    54: "10GBASE-T",
    55: "10GBASE-LRM",
    56: "1000BASE-KX",
    57: "10GBASE-KX4",
    58: "10GBASE-KR",
    65: "10GBASE-PRD1",
    66: "10GBASE-PRD2",
    67: "10GBASE-PRD3",
    68: "10GBASE-PRU1",
    69: "10GBASE-PRU3",
    70: "40GBASE-KR4",
    71: "40GBASE-CR4",
    72: "40GBASE-SR4",
    73: "40GBASE-FR",
    74: "40GBASE-LR4",
    75: "100GBASE-CR10",
    76: "100GBASE-SR10",
    77: "100GBASE-LR4",
    78: "100GBASE-ER4",
    79: "1000BASE-T1",
    80: "1000BASE-PX30D",
    81: "1000BASE-PX30U",
    82: "1000BASE-PX40D",
    83: "1000BASE-PX40U",
    86: "10GBASE-PRD4",
    87: "10GBASE-PRU4",
    88: "25GBASE-CR",
    89: "25GBASE-CR-S",
    90: "25GBASE-KR",
    91: "25GBASE-KR-S",
    92: "25GBASE-R",
    93: "25GBASE-SR",
    94: "25GBASE-T",
    95: "40GBASE-ER4",
    96: "40GBASE-R",
    97: "40GBASE-T",
    98: "100GBASE-CR4",
    99: "100GBASE-KR4",
    100: "100GBASE-KP4",
    101: "100GBASE-R",
    102: "100GBASE-SR4",
    103: "2.5GBASE-T",
    104: "5GBASE-T",
}
TYPES: dict[int, Mau] = {number: _mau(name) for number, name in _NAMES.items()}


def mau_of(value: Value) -> Mau | None:
    """A media type by its object identifier, or None for one that is not known here."""
    if not isinstance(value, tuple) or value[:-1] != REGISTRY:
        return None
    return TYPES.get(value[-1])
