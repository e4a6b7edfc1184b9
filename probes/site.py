"""
Does the school's own site answer over IPv6 as it does over IPv4, names, pages and links?

*Method*: run by a box of the operator's that stands outside. S1: the servers of the zone give native addresses. S2: each accepts. S3: the
status is that of IPv4. S4: the certificate is valid. S5: so is the content. S6: the zone and those above are served over IPv6. S8 and S9:
links inside the site, one step from its first page and two. S10: the hosts of others that it loads from. S11: times. S7, the share of
trials over a day, is the judge's, from `site.answered`. Only ordered names and what they lead to are asked, only at public addresses, and
the address that was checked is the one connected to.

What it does not prove: what is seen from elsewhere or at other times; anything about the network inside the school.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import Any

from evidence.ladder import INCONCLUSIVE, NOT_TESTED
from evidence.model import Raw, Reading
from evidence.quantities import SITE_ANSWERED, SITE_CHECK
from probes import Probe, Progress, Yield
from probes._http import Exchange
from probes._resolve import resolvers
from probes._rung import Rung
from probes._site import checks
from probes._site.ask import DNS_PORT
from probes._site.checks import Family
from probes._site.crawl import Crawler, Level
from probes._site.names import ROOT, Names
from probes._site.public import border, way
from probes._site.settings import Settings, Site, resolver_of
from probes._site.sight import Sight, judged, name_of, pages_of

DEADLINE_S = 1800
MARGIN_S = 30  # for what is written at the end
LONGEST_SITE_S = 650  # of one site without its links, at the worst
LONGEST_NAMES_S = 150  # of that, how long names are asked for, before its pages and again after them
ALL_PPM = 1_000_000
FIRST = ("S1", "S2", "S3", "S4", "S5", "S6", "S10", "S11")
LINKS = ("S8", "S9")


def run(settings: Settings) -> Iterator[Yield]:
    """See each site, then follow its links as long as there is time; a vantage that cannot see judges nothing."""
    until_s = time.monotonic() + DEADLINE_S - MARGIN_S
    names = _names(settings)
    # 1. The resolver answers, or nothing is known.
    root = names.resolved(ROOT, "NS")
    if root is None or not root.decided:
        for site in settings.sites:
            yield from _all(site, INCONCLUSIVE, "RESOLVER_SILENT")
        return
    # 2. Each site: name, connects, pages.
    seen: list[Sight] = []
    for site in settings.sites:
        yield Progress("site", number=len(seen) + 1, of=len(settings.sites))
        if time.monotonic() + LONGEST_SITE_S > until_s:
            yield from _all(site, INCONCLUSIVE, "CUT")
            continue
        names.until_s = time.monotonic() + LONGEST_NAMES_S
        seen.append(pages_of(name_of(site, names), names, settings))
        yield from _told(seen[-1], names, settings)
    # 3. What all of that rests on.
    yield Raw("names.json", _json([one.written() for one in names.answers]))
    yield Raw("pages.json", _json([_pages(one) for one in seen]))
    # 4. Links, each site with its share of the time that is left.
    yield from _links(seen, names, settings, until_s)


def _names(settings: Settings) -> Names:
    """Who is asked for names: the ordered resolver, else those of the system."""
    asked = [resolver_of(settings.resolver)] if settings.resolver else [(one, DNS_PORT) for one in resolvers()]
    servers = [(ip_address(host), port) for host, port in asked]
    return Names(border(settings.lab_prefixes), servers, settings.timeout_s)


def _told(sight: Sight, names: Names, settings: Settings) -> Iterator[Reading]:
    """The readings of a site: its checks, and how often it answered over each family that this box has a way over."""
    names.until_s = time.monotonic() + LONGEST_NAMES_S
    lame = _lame(sight.v6, names, settings)
    if lame:
        yield from (_reading(sight.site, Rung(number, *lame)) for number in FIRST)
    else:
        yield from (_reading(sight.site, check) for check in judged(sight, names, settings))
    decided = bool(sight.lookup.last.authoritative()) or names.heard(4) or names.heard(6)
    for version, family in ((6, sight.v6), (4, sight.v4)):
        usable = names.heard(version) or bool(family.answered)
        if decided and usable and way(version, settings.lab_prefixes):
            yield _answered(sight.site, version, family, settings.trials)


def _lame(v6: Family, names: Names, settings: Settings) -> tuple[str, str] | None:
    """Why nothing may be said about IPv6, where this box has no way over it or nobody at all answered over it."""
    if not way(6, settings.lab_prefixes):
        return NOT_TESTED, "NO_WAY"
    anybody = names.heard(6) or any(one.accepted for one in v6.connects)
    return None if anybody else (INCONCLUSIVE, "NO_WAY")


def _answered(site: Site, version: int, family: Family, trials: int) -> Reading:
    """The share of requests that were answered; where there was nobody to ask, none of those that were meant."""
    tries = len(family.answers) or trials
    facts: dict[str, int | str] = {"tries": tries, "answered": family.answered}
    return SITE_ANSWERED.reading(family.answered * ALL_PPM // tries, subject=f"v{version}/{site.name}", facts=facts)


def _links(seen: Sequence[Sight], names: Names, settings: Settings, until_s: float) -> Iterator[Yield]:
    """S8 and S9 of each site."""
    visited: dict[str, Any] = {}
    names.until_s = until_s
    for number, sight in enumerate(seen):
        yield Progress("links", number=number + 1, of=len(seen))
        share_s = (until_s - time.monotonic()) / (len(seen) - number)
        why = _not_crawled(sight, names, settings)
        if why:
            yield from (_reading(sight.site, Rung(one, *why)) for one in LINKS)
            continue
        levels = _crawled(sight, names, settings, time.monotonic() + share_s)
        visited[sight.site.name] = [[one.written() for one in level.visits] for level in levels]
        for name, level in zip(LINKS, levels, strict=True):
            yield _reading(sight.site, checks.links(name, level))
    if visited:
        yield Raw("links.json", _json(visited))


def _not_crawled(sight: Sight, names: Names, settings: Settings) -> tuple[str, str] | None:
    """Why the links of a site are not followed; None where they are."""
    if settings.crawl is None:
        return NOT_TESTED, "NOT_ORDERED"
    lame = _lame(sight.v6, names, settings)
    if lame:
        return lame
    if not sight.v6.public:
        return NOT_TESTED, "NO_ADDRESS"
    landing = sight.v6.landing
    if landing is None or landing.text is None:
        return NOT_TESTED, "NO_ANSWER"
    return (INCONCLUSIVE, "REDIRECTED_AWAY") if landing.away else None


def _crawled(sight: Sight, names: Names, settings: Settings, until_s: float) -> tuple[Level, Level]:
    """The links of one site."""
    landing = sight.v6.landing
    if landing is None or settings.crawl is None:  # asked before, in `_not_crawled`
        return Level(), Level()
    return Crawler(names, settings.sites, until_s).levels(landing.url, landing.text or "", settings.crawl)


def _all(site: Site, state: str, code: str) -> Iterator[Reading]:
    """Every check of a site in one state."""
    yield from (_reading(site, Rung(number, state, code)) for number in (*FIRST, *LINKS))


def _reading(site: Site, check: Rung) -> Reading:
    """One check as a reading."""
    return SITE_CHECK.reading(check.state, subject=f"{check.name}/{site.name}", facts=check.facts)


def _pages(sight: Sight) -> dict[str, Any]:
    """Every connect and every request of a site, with both addresses."""
    families = {"v6": sight.v6, "v4": sight.v4}
    told = {
        name: {
            "addresses": [str(one) for one in family.told],
            "connects": [
                {"to": str(one.to), "port": one.port, "source": one.source, "us": one.us, "error": one.error}
                for one in family.connects
            ],
            "answers": [_exchange(one) for one in family.answers],
            "landed": str(family.landing.url) if family.landing else "",
        }
        for name, family in families.items()
    }
    return {"site": sight.site.name, "trusted": [_exchange(one) for one in sight.trusted], **told}


def _exchange(one: Exchange) -> dict[str, str | int]:
    """One request in words; of the page only its hash."""
    return {
        "to": str(one.to),
        "source": one.source,
        "status": one.status,
        "octets": one.octets,
        "sha256": one.sha256,
        "certificate": one.certificate,
        "first_us": one.first_us,
        "us": one.us,
        "stage": one.stage,
        "error": one.error,
    }


def _json(record: Any) -> bytes:
    """As evidence."""
    return json.dumps(record, ensure_ascii=False, indent=1).encode()


PROBE = Probe(produces=(SITE_CHECK, SITE_ANSWERED), settings=Settings, run=run, deadline_s=DEADLINE_S)
