"""
How fast is a network of this generation and width at most, whatever a report says of it?

*Method*: eight streams (four of 802.11n), the best scheme and the shortest guard interval: IEEE 802.11-2020 sections 19.5 and 21.5, 802.11ax-2021
section 27.5, 802.11be-2024 section 36.5.

What it does not prove: that a network has so many streams.
"""

from __future__ import annotations

LEGACY_MBIT_S = 54
HIGHEST_MBIT_S = {  # by generation and width (MHz)
    4: {20: 289, 40: 600},
    5: {20: 694, 40: 1600, 80: 3467, 160: 6934},
    6: {20: 1148, 40: 2295, 80: 4804, 160: 9608},
    7: {20: 1377, 40: 2753, 80: 5765, 160: 11530, 320: 23059},
}


def highest_mbit_s(generation: int, width_mhz: int) -> int:
    """The highest PHY rate (Mbit/s) of a generation (3 is all before 802.11n) at a width; 0 of one that there is not. What is wider than it can be counts as its widest."""
    known = HIGHEST_MBIT_S.get(generation)
    if known is None:
        return LEGACY_MBIT_S if generation == 3 else 0
    return known[max((width for width in known if width <= width_mhz), default=20)]
