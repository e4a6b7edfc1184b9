"""
What does the name of an interface say?

*Method*: vendors name interfaces by fixed forms: what is virtual, what bundles ports, what joins a stack, and on many switches
the rate that the port was built for. Only forms that one vendor or another gives by itself are known here.

What it does not prove: anything, where the administrator may rename ports. A form is *plain* where it leaves no doubt, as
`GigabitEthernet0/0/1` does; `ge1` and `SFP+1` are hints.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MBIT_S = 1_000_000

# TP-Link and ZyXEL give VLAN interfaces the type of a port, and Linux gives it to bridges: the name decides.
VIRTUAL = re.compile(
    r"""
    vlan|vl\d|vif|loop|lo\d*$|null|nu\d+$|tunnel|tu\d+$|tun\d|tap\d|inloop|register|system|lsmpi|eobc|backplane
    |meth|mgmt|mg0$|management|ma\d+$|me\d+$|vme|bme\d|fxp\d|oob|out-?\s?of-?\s?band|outband|m-\w*ethernet
    |(cpu|aux|async)\b|console|inband|internal$|appgigabit|ap\d+/\d|bluetooth|bl\d+/\d
    |(br|docker|virbr|vnet|veth(ernet)?|dummy|ifb|sit|gre|erspan|wg|ppp|pppoe)[-\d]|(ip6?_?|ip6)(tnl|gre|vti)|bridge|bvi|irb|bdi\d
    |(ath|wlan|wifi|rai?|apcli|wl)\d+(\.\d+)?$
    |virtual[-\s]|nve\d|ve\d+$|vxlan|wlan-|dialer|\w+_vlan$
    """,
    re.IGNORECASE | re.VERBOSE,
)
SUBINTERFACE = re.compile(
    r"(/\d+|^(eth|en|ae|bond|po|team|lag|br|smartgroup|route|bagg|ragg|trk|trunk|ag)[\w-]*)\.\d+$", re.IGNORECASE
)
PORT = re.compile(r"port\s?\d+$|ether\d|swp\d+", re.IGNORECASE)
# `Ethernet1/8`, `TGigaEthernet1/1`: a number of a slot and of a place in it, as only what can be plugged in has.
PLACE = re.compile(r"[a-z][a-z-]*\s?\d+(/\d+)+$", re.IGNORECASE)
BUNDLE = re.compile(
    r"""
    eth-trunk|((bridge|route|blade|schannel)-aggregation)|bagg\d|ragg\d|aggregate\s?port|ag\s?\d+$|port-?\s?channel|po\d+$
    |trk\d|lag[\s_-]?\d|smartgroup|(bond|team)(ing)?[-_]?\d|ae\d+$|link\s?aggregat|port-?aggregat|dynamic\s?aggregat
    |trunk\s?-?\d+$|mlt-?\s?\d
    """,
    re.IGNORECASE | re.VERBOSE,
)
STACK = re.compile(r"stack|irf-?port|vsl-?port|vsf-?port", re.IGNORECASE)

_WORDS = {
    "fast": 100,
    "gigabit": 1000,
    "giga": 1000,
    "two": 2500,
    "twopointfive": 2500,
    "five": 5000,
    "ten": 10_000,
    "x": 10_000,
    "t": 10_000,
    "twentyfive": 25_000,
    "tf": 25_000,
    "forty": 40_000,
    "fifty": 50_000,
    "hundred": 100_000,
    "twohundred": 200_000,
    "fourhundred": 400_000,
}
# `GigabitEthernet0/1`, `Ten-GigabitEthernet1/0/1`, `TwentyFiveGigE1/0/1`, `FortyGigabitEthernet 0/49`, `XGigabitEthernet0/0/1`
_LONG = re.compile(
    r"(?P<word>two-?point-?five|twenty-?five|two-?hundred|four-?hundred|two|five|ten|forty|fifty|hundred|tf|x|t)?-?"
    r"(?P<rate>fast|giga?b?i?t?)-?(ethernet|e(?=\s?\d))\s?\d",
    re.IGNORECASE,
)
# `10GE1/0/1`, `100GE1/0/1`, `25GE1/0/1`, `10GigabitEthernet1/2/1`
_COUNTED = re.compile(r"(?P<gigabit>2\.5|\d{1,3})gi?g?a?b?i?t?(e|ethernet)\s?\d+/", re.IGNORECASE)
_SHORT = {
    "fa": 100,
    "fei": 100,
    "fe": 100,
    "gi": 1000,
    "ge": 1000,
    "gei": 1000,
    "g": 1000,
    "te": 10_000,
    "xge": 10_000,
    "xgei": 10_000,
    "xxvgei": 25_000,
    "xlgei": 40_000,
    "cgei": 100_000,
    "xe": 10_000,
    "xg": 10_000,
    "tg": 10_000,
    "twe": 25_000,
    "tf": 25_000,
    "wge": 25_000,
    "fo": 40_000,
    "fge": 40_000,
    "hu": 100_000,
    "hge": 100_000,
}
# `Gi1/0/1`, `ge-0/0/0`, `gei_1/1`, `xgei-0/1/1/1`, `XGE1/0/25`, `Te1/1/4`
_SHORT_SLASHED = re.compile(r"(?P<short>[a-z]{1,6})[-_ ]?\d+/\d", re.IGNORECASE)
_SHORT_PLAIN = re.compile(r"(\d+/)?(?P<short>[a-z]{1,6})[-_ ]?\d+$", re.IGNORECASE)
# `SFP+1`, `sfp-sfpplus1`, `qsfp28-1-1`, `10GE1`, `Slot: 0 Port: 25 10G - Level`
_CAGE = re.compile(
    r"(?:(?:unit:\s?\d+\s)?slot:\s?\d+\sport:\s?\d+\s|sfp-)?"
    r"(?P<cage>qsfp28|qsfp\+|qsfpplus|sfp28|sfp\+|sfpplus|(?:100|40|25|10)(?=\s?g(?:igabit|e|\b)))",
    re.IGNORECASE,
)
_CAGES = {
    "qsfp28": 100_000,
    "100": 100_000,
    "qsfp+": 40_000,
    "qsfpplus": 40_000,
    "40": 40_000,
    "sfp28": 25_000,
    "25": 25_000,
    "sfp+": 10_000,
    "sfpplus": 10_000,
    "10": 10_000,
}


@dataclass(frozen=True, slots=True)
class Built:
    """The rate in bit/s that a port's name says it was built for, and whether the form leaves no doubt."""

    bit_s: int
    plain: bool


def built_for(names: Iterable[str]) -> Built | None:
    """What the names of one port (ifName, ifDescr) say of its rate; of two, the plain one, then the higher."""
    told = [built for built in map(_built, names) if built]
    return max(told, key=lambda built: (built.plain, built.bit_s), default=None)


def _built(name: str) -> Built | None:
    """What one name says, or None."""
    name = name.strip()
    plain = _long(name) or _counted(name) or _short(_SHORT_SLASHED, name)
    if plain:
        return Built(plain * MBIT_S, plain=True)
    cage = _CAGE.match(name)
    hint = _CAGES[cage["cage"].lower()] if cage else _short(_SHORT_PLAIN, name)
    return Built(hint * MBIT_S, plain=False) if hint else None


def _long(name: str) -> int | None:
    """The rate of a form that is spelled out."""
    found = _LONG.match(name)
    if not found:
        return None
    word = (found["word"] or "").replace("-", "").lower()
    return _WORDS[word] if word else 100 if found["rate"].lower() == "fast" else 1000


def _counted(name: str) -> int | None:
    """The rate of a form that begins with its Gbit/s."""
    found = _COUNTED.match(name)
    return int(float(found["gigabit"]) * 1000) if found else None


def _short(form: re.Pattern[str], name: str) -> int | None:
    """The rate of a form of a few letters."""
    found = form.match(name)
    return _SHORT.get(found["short"].lower()) if found else None


def is_virtual(names: Sequence[str]) -> bool:
    """Whether an interface has no plug for users: a VLAN, a tunnel, a bridge, a management port, a part of a port."""
    return is_part(names) or any(VIRTUAL.match(name) for name in _speaking(names))


def is_part(names: Sequence[str]) -> bool:
    """Whether an interface is a VLAN's share of another one, by a number after a dot."""
    return any(SUBINTERFACE.search(name) for name in _speaking(names))


def whole_of(name: str) -> str:
    """The name of the interface of which this one is a part, empty where it is none."""
    return name.rpartition(".")[0] if SUBINTERFACE.search(name) else ""


def is_bundle(names: Sequence[str]) -> bool:
    """Whether an interface is an aggregate of ports."""
    return not is_part(names) and any(BUNDLE.match(name) for name in _speaking(names))


def has_place(names: Sequence[str]) -> bool:
    """Whether an interface is named by its slot and its place in it."""
    return any(PLACE.match(name) for name in names)


def is_stack(names: Sequence[str]) -> bool:
    """Whether an interface only joins the parts of one stack."""
    return any(STACK.match(name) for name in _speaking(names))


def is_written(name: str, descr: str, alias: str = "") -> bool:
    """Whether ifDescr holds what people wrote on a port: its name and more words (ZTE), or nothing but those (Aruba)."""
    return bool(name) and name != descr and (descr.startswith(f"{name} ") or (bool(descr) and descr == alias))


def _speaking(names: Sequence[str]) -> Sequence[str]:
    """The names that say what an interface is: where ifName is a port's, some switches let people write ifDescr."""
    return names[:1] if names and (PORT.match(names[0]) or PLACE.match(names[0]) or _built(names[0])) else names


def labels(names: Mapping[int, str]) -> dict[int, str]:
    """What each interface is called: its name, with `#ifIndex` where it has none or shares it."""
    given = Counter(names.values())
    return {index: name if name and given[name] == 1 else f"{name}#{index}" for index, name in names.items()}
