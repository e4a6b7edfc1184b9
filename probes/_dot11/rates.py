"""
How fast can a network of this generation, width and number of streams be at most?

*Method*: data subcarriers x coded bits of the best scheme x streams, over the symbol with its shortest guard interval (IEEE 802.11-2020
sections 19.5, 21.5, 802.11ax-2021 section 27.5, 802.11be-2024 section 36.5).

What it does not prove: that anybody is served at that rate.
"""

from __future__ import annotations

from fractions import Fraction

HT, VHT, HE, EHT = 4, 5, 6, 7
SUBCARRIERS = {
    HT: {20: 52, 40: 108},
    VHT: {20: 52, 40: 108, 80: 234, 160: 468},
    HE: {20: 234, 40: 468, 80: 980, 160: 1960},
    EHT: {20: 234, 40: 468, 80: 980, 160: 1960, 320: 3920},
}
SYMBOL_NS = {HT: 3600, VHT: 3600, HE: 13600, EHT: 13600}
BITS = {  # of one subcarrier in one symbol, by the highest scheme
    7: Fraction(5),
    8: Fraction(6),
    9: Fraction(20, 3),
    11: Fraction(25, 3),
    13: Fraction(10),
}
LEGACY_MBIT_S = 54


def peak_mbit_s(generation: int, width_mhz: int, streams: int, scheme: int) -> int:
    """The highest PHY rate in Mbit/s, rounded; 54 for what is older than HT."""
    if generation < HT:
        return LEGACY_MBIT_S
    carriers = SUBCARRIERS[generation]
    width = max((known for known in carriers if known <= width_mhz), default=20)
    if generation == VHT and width == 20 and scheme == 9 and streams % 3:
        scheme = 8  # 256-QAM 5/6 has no whole number of bits there (section 21.5)
    return round(carriers[width] * BITS[scheme] * max(streams, 1) * 1000 / SYMBOL_NS[generation])
