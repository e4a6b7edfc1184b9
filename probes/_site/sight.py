"""
What is seen of one site from here, links left out?

*Method*: the name at the servers of its zone; a connect to each public address; then rounds of one request over IPv6 and one over IPv4, each
address in its turn; the certificate once at each address of IPv6. The steps are bounded one by one, so that all of it is.

What it does not prove: what others see from elsewhere.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from ipaddress import ip_address

from probes._http import Exchange
from probes._literal import Address, Connect, connect_all
from probes._rung import Rung
from probes._settings import is_address
from probes._site import checks
from probes._site.body import difference_ppm, text_of
from probes._site.checks import MOST_ADDRESSES, Family
from probes._site.links import Url, home, outer_hosts
from probes._site.names import Asked, Delegation, Lookup, Names
from probes._site.pages import REDIRECTS, followed, get
from probes._site.settings import PLAIN_PORT, Settings, Site

PACE_S = 1.0
MOST_OTHERS = 50


@dataclass(frozen=True, slots=True)
class Sight:
    """One site: the name, the zones above, and both families."""

    site: Site
    lookup: Lookup
    above: tuple[Asked, ...]
    delegation: Delegation
    v6: Family
    v4: Family
    trusted: tuple[Exchange, ...] = ()


def name_of(site: Site, names: Names) -> Sight:
    """The name: its addresses, its zone and the zones above."""
    lookup = names.looked_up(site.host)
    own = lookup.steps[0].zone
    above = tuple(names.above(own))
    delegation = names.delegation(own, above[0]) if above else Delegation()
    v6, v4 = (
        Family(told, names.border.admitted(told, version))
        for version, told in ((6, lookup.addresses(6)), (4, lookup.addresses(4)))
    )
    return Sight(site, lookup, above, delegation, v6, v4)


def pages_of(sight: Sight, names: Names, settings: Settings) -> Sight:
    """The same, with connects, requests and certificates."""
    site = sight.site
    connected = [
        replace(family, connects=_connects(family.public, site.port, settings.timeout_s))
        for family in (sight.v6, sight.v4)
    ]
    reached = [[one.to for one in family.connects if one.accepted and one.port == site.port] for family in connected]
    by_v6, by_v4 = _rounds(site, reached[0], reached[1], settings.trials)
    families = [
        _landed(replace(family, answers=answers), site, names, settings)
        for family, answers in zip(connected, (by_v6, by_v4), strict=True)
    ]
    context = ssl.create_default_context() if site.tls else None
    trusted = _side_by_side(home(site), reached[0], context) if context else ()
    return replace(sight, v6=families[0], v4=families[1], trusted=trusted)


def _side_by_side(url: Url, to: Sequence[Address], context: ssl.SSLContext) -> tuple[Exchange, ...]:
    """One page of each address, with its certificate checked."""
    with ThreadPoolExecutor(MOST_ADDRESSES) as pool:
        return tuple(pool.map(lambda one: get(url, one, context), to))


def _connects(to: Sequence[Address], port: int, timeout_s: float) -> list[Connect]:
    """The ordered port and 80 at each address."""
    wanted = [(one, number) for one in to[:MOST_ADDRESSES] for number in dict.fromkeys((port, PLAIN_PORT))]
    return connect_all(wanted, timeout_s, tries=2) if wanted else []


def _rounds(
    site: Site, v6: Sequence[Address], v4: Sequence[Address], trials: int
) -> tuple[list[Exchange], list[Exchange]]:
    """So many requests over each family, one of each in turn; every address of IPv6 at least once."""
    by_v6: list[Exchange] = []
    by_v4: list[Exchange] = []
    for number in range(max(trials, len(v6))):
        time.sleep(PACE_S if number else 0)
        by_v6 += [get(home(site), v6[number % len(v6)])] if v6 else []
        by_v4 += [get(home(site), v4[number % len(v4)])] if v4 else []
    return by_v6, by_v4


def _landed(family: Family, site: Site, names: Names, settings: Settings) -> Family:
    """With the page to which the last answer that came leads."""
    whole = [one for one in family.answers if one.whole]
    landing = followed(home(site), whole[-1], names, settings.sites) if whole else None
    return replace(family, landing=landing)


def judged(sight: Sight, names: Names, settings: Settings) -> list[Rung]:
    """S1 to S6, S10 and S11 of a site whose name was looked up and whose pages were asked for."""
    first = checks.addresses(sight.lookup, names.border)
    servers = checks.name_servers(sight.lookup, sight.above, sight.delegation, names.border)
    if not sight.v6.public:
        code = first.code if first.state == "fail" else "NO_ADDRESS"
        middle = [Rung(number, "not_tested", code) for number in ("S2", "S3", "S4", "S5")]
    else:
        middle = [
            checks.ports(sight.v6, sight.v4, sight.site.port),
            checks.status(sight.v6, sight.v4),
            checks.certificate(sight.site.tls, sight.trusted),
            _content(sight, names, settings),
        ]
    return [first, *middle, servers, _others(sight, names, settings), checks.times(sight.v6, sight.v4, sight.lookup)]


def _content(sight: Sight, names: Names, settings: Settings) -> Rung:
    """S5; where the pages differ, the one over IPv4 is fetched again to see whether it differs from itself."""
    one, other = (family.landing.text if family.landing else None for family in (sight.v6, sight.v4))
    if one is None or other is None:
        return checks.content(sight.v6, sight.v4, None, 0)
    texts = [one, *_texts(sight.v6)]
    different, unsteady = max(difference_ppm(text, other) for text in texts), 0
    if different > checks.MOST_DIFFERENT_PPM and sight.v4.landing is not None:
        first = get(home(sight.site), sight.v4.answers[-1].to)
        again = followed(home(sight.site), first, names, settings.sites).text
        unsteady = difference_ppm(other, again) if again is not None else 0
    return checks.content(sight.v6, sight.v4, different, unsteady)


def _texts(family: Family) -> list[str]:
    """The page that each address gave itself, without going on to another one."""
    pages = {
        one.to: text_of(one.body, one.headers) for one in family.answers if one.whole and one.status not in REDIRECTS
    }
    return [text for text in pages.values() if text is not None]


def _others(sight: Sight, names: Names, settings: Settings) -> Rung:
    """S10, of the page over IPv6, else of the one over IPv4."""
    landings = [family.landing for family in (sight.v6, sight.v4) if family.landing and family.landing.text is not None]
    if not landings:
        return Rung("S10", "not_tested", "NO_ANSWER")
    hosts = outer_hosts(landings[0].url, landings[0].text or "", settings.sites)[:MOST_OTHERS]
    names.learn([host for host in hosts if not is_address(host)], ("AAAA",))
    return checks.others([(host, _native(host, names)) for host in hosts])


def _native(host: str, names: Names) -> bool | None:
    """Whether a host has a native address of IPv6; None where no resolver decided. An address stands for itself."""
    if is_address(host):
        address = ip_address(host)
        return address.version == 6 and names.border.kind(address) in ("native", "lab")
    found, decided = names.addresses(host, 6)
    return bool(names.border.admitted(found, 6)) if decided else None
