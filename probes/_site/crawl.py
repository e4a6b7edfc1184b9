"""
Which share of the links inside a site works over IPv6, one step from its first page and two?

*Method*: links are drawn at random from those that the pages have, so that nobody can put good ones first; robots.txt is heeded (RFC 9309), and
no more than one request a second is made. A link counts as reached if its host has a native address and answers over
IPv6 with the status that it answers over IPv4. Links that are dead over IPv4 say nothing about IPv6 and are left out. What the time does not
suffice for is told as cut.

What it does not prove: anything about links that scripts make, or that were not drawn.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.robotparser import RobotFileParser

from evidence.model import Facts
from probes._http import Exchange
from probes._literal import Address
from probes._site.body import text_of
from probes._site.links import Url, inner
from probes._site.names import Names
from probes._site.pages import AGENT, PAGE_S, address_of, followed, get
from probes._site.settings import Crawl, Site

PACE_S = 1.0
LONGEST_PACE_S = 30.0
LONGEST_VISIT_S = 60.0  # four requests, and the questions for a name
ALL_PPM = 1_000_000
ROBOTS = "/robots.txt"
ROBOTS_HOPS = 5  # RFC 9309 section 2.3.1.2
NOTHING = ("User-agent: *", "Disallow: /")
DRAW = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Visit:
    """One link: what came of it over both families; `left_out` is why it does not count (robots, dead), else empty."""

    url: Url
    reached: bool = False
    left_out: str = ""
    v6: Exchange | None = None
    v4: Exchange | None = None

    def written(self) -> dict[str, str | int | bool]:
        """The visit as evidence."""
        over = {"v6": self.v6, "v4": self.v4}
        told = {f"{family}_to": str(one.to) for family, one in over.items() if one}
        ended = {f"{family}_answer": str(one.status or one.error) for family, one in over.items() if one}
        return {"url": str(self.url), "reached": self.reached, "left_out": self.left_out, **told, **ended}


@dataclass(slots=True)
class Level:
    """The links of one step: how many there were in all, and those that were drawn and visited; `cut` where time ran out."""

    linked: int = 0
    visits: list[Visit] = field(default_factory=list)
    cut: bool = False

    @property
    def facts(self) -> Facts:
        """Counts: linked in all, checked, reached, left out, and the share in ppm where any was checked."""
        counted = [one for one in self.visits if not one.left_out]
        reached = sum(one.reached for one in counted)
        left = len(self.visits) - len(counted)
        facts: Facts = {"linked": self.linked, "links": len(counted), "reached": reached, "left_out": left}
        return facts | ({"share_ppm": reached * ALL_PPM // len(counted)} if counted else {})

    @property
    def forbidden(self) -> bool:
        """Whether links were left out because of robots.txt."""
        return any(one.left_out == "robots" for one in self.visits)


class Crawler:
    """Follows the links of one site until a moment of the monotonic clock, and no faster than robots.txt allows."""

    def __init__(self, names: Names, sites: Sequence[Site], until_s: float) -> None:
        self._names = names
        self._sites = sites
        self._until_s = until_s
        self._next_s = time.monotonic()
        self._pace_s = PACE_S
        self._robots: dict[Url, RobotFileParser] = {}

    def levels(self, start: Url, text: str, most: Crawl) -> tuple[Level, Level]:
        """The links of the first page, and those of the pages behind them that are not among the former."""
        links = inner(start, text, self._sites)
        second = self._level(links, most.second)
        seen = {start, *links}
        onward = [url for visit in second.visits for url in self._behind(visit) if url not in seen]
        third = self._level(list(dict.fromkeys(onward)), most.third)
        third.cut = third.cut or second.cut  # where the second step was cut, not all of the third is known
        return second, third

    def _level(self, links: Sequence[Url], most: int) -> Level:
        """Visit as many as may be."""
        level = Level(len(links))
        for url in DRAW.sample(links, min(most, len(links))):
            if time.monotonic() + LONGEST_VISIT_S + self._pace_s * 4 > self._until_s:
                level.cut = True
                break
            level.visits.append(self._visit(url))
        return level

    def _visit(self, url: Url) -> Visit:
        """One link over both families."""
        v6, v4 = address_of(url, self._names, 6), address_of(url, self._names, 4)
        if v6 is None and v4 is None:
            return Visit(url, left_out="dead")
        if not self._allowed(url):
            return Visit(url, left_out="robots")
        by_v4 = self._get(url, 4)
        if v4 is not None and (by_v4 is None or not by_v4.whole):
            return Visit(url, left_out="dead", v4=by_v4)
        if v6 is None:
            return Visit(url, v4=by_v4)
        by_v6 = self._get(url, 6)
        return Visit(url, _reached(by_v6, by_v4), v6=by_v6, v4=by_v4)

    def _get(self, url: Url, version: int) -> Exchange | None:
        """One request at its time; None where the host has no address of that family."""
        to = address_of(url, self._names, version)
        return self._paced(url, to) if to is not None else None

    def _paced(self, url: Url, to: Address) -> Exchange:
        """One request at its time."""
        time.sleep(max(self._next_s - time.monotonic(), 0))
        self._next_s = time.monotonic() + self._pace_s
        return get(url, to)

    def _onward(self, url: Url, to: Address) -> Exchange:
        """One hop on the way to robots.txt, if there is time for it and for the two requests that follow."""
        if time.monotonic() + 3 * (PAGE_S + self._pace_s) > self._until_s:
            return Exchange(to, url.port, stage="connect", error="CUT")
        return self._paced(url, to)

    def _allowed(self, url: Url) -> bool:
        """Whether robots.txt of its host lets us ask for it."""
        place = Url(url.host, url.port, url.tls, ROBOTS)
        if place not in self._robots:
            self._robots[place] = self._rules(place)
        return self._robots[place].can_fetch(AGENT["User-Agent"], str(url))

    def _rules(self, place: Url) -> RobotFileParser:
        """The rules of a host, also behind redirects on the site; what they say they say of this host (RFC 9309 section 2.3.1.2)."""
        answer = self._get(place, 4)
        if answer is None or not answer.whole:
            answer = self._get(place, 6) or answer
        rules = RobotFileParser()
        rules.parse([line for line in self._lines(place, answer) if _is_rule(line)])
        delay_s = int(rules.crawl_delay(AGENT["User-Agent"]) or PACE_S)
        self._pace_s = min(max(self._pace_s, delay_s), LONGEST_PACE_S)
        return rules

    def _lines(self, place: Url, answer: Exchange | None) -> Sequence[str]:
        """The lines of robots.txt; without an answer that can be read everything is forbidden, without a file nothing."""
        if answer is None:
            return NOTHING
        landing = followed(place, answer, self._names, self._sites, ROBOTS_HOPS, self._onward)
        if landing.away or not landing.answer.whole:
            return NOTHING
        if 400 <= landing.answer.status < 500:
            return ()
        return landing.text.splitlines() if landing.answer.status < 300 and landing.text is not None else NOTHING

    def _behind(self, visit: Visit) -> list[Url]:
        """The links of a page that was reached, as its IPv6 side has them where there is one."""
        for answer in (visit.v6, visit.v4):
            text = text_of(answer.body, answer.headers) if answer is not None and answer.whole else None
            if text is not None:
                return inner(visit.url, text, self._sites)
        return []


def _is_rule(line: str) -> bool:
    """Whether the library reads a line; over some it stumbles, and the others count (RFC 9309 section 2.3.1.5)."""
    try:
        RobotFileParser().parse([NOTHING[0], line])
    except ValueError:
        return False
    return True


def _reached(by_v6: Exchange | None, by_v4: Exchange | None) -> bool:
    """Whether IPv6 gives what IPv4 gives; without IPv4 a page or a redirect."""
    if by_v6 is None or not by_v6.whole:
        return False
    return by_v6.status == by_v4.status if by_v4 is not None else 200 <= by_v6.status < 400
