"""
What does a server of the site answer over one family, at an address that was checked before?

*Method*: one request to a literal address (`probes._http`), which ends in time whatever the server does. A redirect is followed on the site
only, over the same family, to an address that is checked again; where it leads off the site, that is told.

What it does not prove: what a browser makes of the page.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from probes._http import Asked, Exchange, exchange
from probes._literal import Address
from probes._site.body import PAGE_OCTETS, text_of
from probes._site.links import Url, of_site, url_of
from probes._site.names import Names
from probes._site.settings import Site

PAGE_S = 10.0
MOST_HOPS = 4
LARGEST_PAGE = 8 * 1024 * 1024
AGENT = {"User-Agent": "campusproof"}
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a request ended: the page, what came, and where it would have gone on to, off the site (empty if it did not)."""

    url: Url
    answer: Exchange
    away: str = ""

    @property
    def text(self) -> str | None:
        """The text of the page; None where none came or it cannot be read."""
        return text_of(self.answer.body, self.answer.headers) if self.answer.whole else None


def get(url: Url, to: Address, verify: ssl.SSLContext | None = None, within_s: float = PAGE_S) -> Exchange:
    """Ask one address for one page; the answer comes within this time, or is one that did not."""
    asked = Asked(
        to,
        url.port,
        url.host,
        url.target,
        tls=url.tls,
        timeout_s=within_s,
        keep_octets=PAGE_OCTETS,
        most_octets=LARGEST_PAGE,
        headers=AGENT,
        verify=verify,
    )
    return exchange(asked)


def followed(
    url: Url,
    first: Exchange,
    names: Names,
    sites: Sequence[Site],
    most_hops: int = MOST_HOPS,
    ask: Callable[[Url, Address], Exchange] = get,
) -> Landing:
    """The page to which an answer leads in so many hops at most, over the family it came by; `ask` makes each request."""
    answer = first
    for _ in range(most_hops):
        if not _leads_on(answer):
            return Landing(url, answer)
        onward = url_of(str(url), answer.headers["location"])
        if onward is None or not of_site(onward, sites):
            return Landing(url, answer, str(onward or "elsewhere"))
        to = address_of(onward, names, first.to.version)
        if to is None:
            return Landing(onward, Exchange(first.to, onward.port, stage="connect", error="NO_ADDRESS"))
        url, answer = onward, ask(onward, to)
    return Landing(url, answer, "in circles" if _leads_on(answer) else "")


def _leads_on(answer: Exchange) -> bool:
    """Whether it is a redirect that says where to."""
    return answer.status in REDIRECTS and "location" in answer.headers


def address_of(url: Url, names: Names, version: int) -> Address | None:
    """The first address of its host that we may connect to; None where there is none."""
    public = names.border.admitted(names.addresses(url.host, version)[0], version)
    return public[0] if public else None
