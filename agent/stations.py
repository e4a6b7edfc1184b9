"""
Under which hardware addresses is this box itself on the air?

*Method*: the interfaces that the kernel names as wireless (sysfs, `phy80211`). A controller is asked for the hand-overs of these stations
and of no other: nobody else's way through the school is anybody's business.
"""

from __future__ import annotations

from pathlib import Path

import psutil

INTERFACES = Path("/sys/class/net")
MOST = 4  # probes/aps.py takes no more


def own_stations() -> list[str]:
    """The addresses in lower case with colons; none on a box without a wireless interface."""
    wireless = [name for name in psutil.net_if_addrs() if (INTERFACES / name / "phy80211").exists()]
    links = [
        one.address.lower() for name in wireless for one in psutil.net_if_addrs()[name] if one.family == psutil.AF_LINK
    ]
    return sorted(set(links))[:MOST]
