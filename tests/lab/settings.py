"""
How may one virtual school differ from another?
"""

import re
from dataclasses import dataclass

_RATE = re.compile(r"(\d+(?:\.\d+)?) ?([kMG]?)bit/s")
_FACTOR = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}
PLAIN_LINK_MBIT_S = 10_000
"""What a veth says of itself, whatever one asks; another speed needs a cable."""


@dataclass(frozen=True)
class Settings:
    """What a test may choose; a link says and carries its speed, and only one below 10 Gbit/s can change later."""

    egress_bit_s: int = 1_000_000_000
    ra: bool = True
    metro: bool = True
    desk_mbit_s: int = 1000
    uplink_mbit_s: int = PLAIN_LINK_MBIT_S
    community: str = "lab-public"
    second_links: bool = False
    """A second cable between core and acc1, which both call one group (LAG) with the first, and one between acc1 and acc2."""
    changeable: bool = False
    """Links between switches are cables even at 10 Gbit/s, so that their speed can change."""


def bit_s(text: str) -> int:
    """Read a rate as people write it, such as `600 Mbit/s`; ValueError if it is none."""
    match = _RATE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a rate: write it like '600 Mbit/s' or '1 Gbit/s'")
    return int(float(match[1]) * _FACTOR[match[2]])
