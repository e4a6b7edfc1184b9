"""
What rate and duplex does a text tell?

Makers write one gigabit as `1000`, `1000M`, `1G`, `1Gbps`, `1000Mbps-speed`, `a-1000` or `GE`. A number alone is Mbit/s.
Words such as `auto` or `Unknown-speed` tell no rate.
"""

from __future__ import annotations

import re

UNITS = {"": 1_000_000, "m": 1_000_000, "mb": 1_000_000, "g": 1_000_000_000, "gb": 1_000_000_000, "k": 1000, "kb": 1000}
SPEED = re.compile(r"\(?(?:a-|speed\()?(\d+(?:\.\d+)?)\s*([kmg]b?|)(?:it/s|it|ps|/s|e|-speed|ps-speed)?(?:\(a\))?\)?")
LEAST_BIT_S, MOST_BIT_S = 10_000_000, 3_200_000_000_000
MAU = re.compile(r"speed\s*\(?\s*(\w+)\s*\)?\s*/\s*duplex\s*\(?\s*(\w+)", re.IGNORECASE)
DUPLEXES = {"full": "full", "half": "half", "f": "full", "h": "half", "true": "full", "false": "half", "yes": "full"}


def speed_bit_s(text: str) -> int | None:
    """The rate in bit/s that a column tells; None where it tells none, or one that no Ethernet port or group has."""
    found = SPEED.fullmatch(text.strip().lower())
    if not found:
        return None
    rate = round(float(found[1]) * UNITS[found[2]])
    return rate if LEAST_BIT_S <= rate <= MOST_BIT_S else None


def duplex(text: str) -> str:
    """`full`, `half` or `unknown`; what is only configured (`auto`) is unknown."""
    word = re.sub(r"^a-|^duplex/|\(a\)$|-duplex$|\s*duplex$", "", text.strip().lower())
    return DUPLEXES.get(word, "unknown")


def of_mau(text: str) -> tuple[int | None, str]:
    """Rate and duplex that a neighbour tells of its own end, written `speed(10000)/duplex(Full)`."""
    found = MAU.search(text)
    return (speed_bit_s(found[1]), duplex(found[2])) if found else (None, "unknown")
