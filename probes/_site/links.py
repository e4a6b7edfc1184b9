"""
Where does a page lead, and from which hosts does it load what it shows?

*Method*: the tags of the page, read by the standard library's reader of HTML; nothing is run. A link belongs to the site if its host is an
ordered name or lies below one, at the ordered port or at 80. Everything in a page is somebody else's: a host name, a port or a path that is not
plain is no link.

What it does not prove: what scripts would load.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote, urljoin, urlsplit

import dns.exception
import dns.name

from probes._site.settings import PLAIN_PORT, Site

HOST = re.compile(r"(?=.{1,253}\Z)([0-9a-z_]([0-9a-z_-]{0,61}[0-9a-z_])?\.)+[a-z][a-z0-9-]{0,62}")
LONGEST_LINK = 2048
MOST_FOUND = 5000
PORTS = {"http": 80, "https": 443}
LEADS = {"a": "href", "area": "href", "frame": "src", "iframe": "src"}
LOADS = {"audio", "embed", "iframe", "img", "input", "script", "source", "track", "video"}
LOADED_RELATIONS = {"stylesheet", "icon", "shortcut", "preload", "modulepreload"}
# What is no page: it has no links of its own, and may be large.
DOCUMENTS = re.compile(
    r"\.(7z|apk|avi|bmp|css|csv|docx?|exe|flv|gif|gz|ico|jpe?g|js|json|m4a|mov|mp[34]|ofd|pdf|png|pptx?|rar|svg|swf|tar|txt|webp"
    r"|wmv|wps|xlsx?|xml|zip)\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Url:
    """One page: which host, at which port, with TLS or without, and what is asked of it."""

    host: str
    port: int
    tls: bool
    target: str

    def __str__(self) -> str:
        """As a person writes it."""
        usual = PORTS["https" if self.tls else "http"]
        port = "" if self.port == usual else f":{self.port}"
        return f"{'https' if self.tls else 'http'}://{self.host}{port}{self.target}"


@dataclass(slots=True)
class Found:
    """What a page leads to and what it loads, as it is written there."""

    base: str = ""
    leads: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects what tags point to."""

    def __init__(self) -> None:
        super().__init__()
        self.found = Found()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what one tag points to."""
        given = {name: value.strip() for name, value in attrs if value and len(value) <= LONGEST_LINK}
        if tag == "base" and not self.found.base:
            self.found.base = given.get("href", "")
        if LEADS.get(tag) in given and len(self.found.leads) < MOST_FOUND:
            self.found.leads.append(given[LEADS[tag]])
        if len(self.found.loads) < MOST_FOUND:
            self.found.loads += _loaded(tag, given)


def _loaded(tag: str, given: dict[str, str]) -> list[str]:
    """What a browser fetches to show a tag."""
    if tag == "link" and LOADED_RELATIONS & set(given.get("rel", "").lower().split()):
        return [given["href"]] if "href" in given else []
    return [given["src"]] if tag in LOADS and "src" in given else []


def found_in(text: str) -> Found:
    """What a page points to, up to where it can be read."""
    reader = _Reader()
    try:
        reader.feed(text)
    except AssertionError:  # the library's word for a declaration that is none, as <![<
        return reader.found
    return reader.found


def home(site: Site) -> Url:
    """The first page of a site."""
    return Url(site.host, site.port, site.tls, "/")


def url_of(base: str, written: str) -> Url | None:
    """What a link means on the page `base`; None where it is no page on the web or not plain."""
    try:
        parts = urlsplit(urljoin(base, written))
        port, host = parts.port, (parts.hostname or "").rstrip(".").encode("idna").decode("ascii").lower()
    except ValueError:  # also UnicodeError
        return None
    if parts.scheme not in PORTS or not HOST.fullmatch(host):
        return None
    # The target begins with a stroke, so that nothing in it can be read as part of the address before it.
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
    target = f"{path if path.startswith('/') else f'/{path}'}{query}"
    return Url(host, port or PORTS[parts.scheme], parts.scheme == "https", target)


def of_site(url: Url, sites: Sequence[Site]) -> bool:
    """Whether a page belongs to the ordered names, at a port at which they may be asked."""
    return any(
        _below(url.host, site) and (url.port, url.tls) in ((site.port, site.tls), (PLAIN_PORT, False)) for site in sites
    )


def inner(base: Url, text: str, sites: Sequence[Site]) -> list[Url]:
    """The pages of the site to which a page leads, each once, itself left out."""
    found = found_in(text)
    start = _start(base, found)
    urls = (url_of(start, written) for written in found.leads)
    kept = (url for url in urls if url and of_site(url, sites) and not DOCUMENTS.search(url.target.partition("?")[0]))
    return [url for url in dict.fromkeys(kept) if url != base]


def outer_hosts(base: Url, text: str, sites: Sequence[Site]) -> list[str]:
    """The hosts, other than those of the site, from which a page loads what it shows, in alphabetical order."""
    found = found_in(text)
    start = _start(base, found)
    return sorted({host for host in _hosts(start, found.loads) if not _ours(host, sites)})


def _hosts(start: str, loads: Iterable[str]) -> Iterable[str]:
    """The host of each thing that is loaded; an address stands for itself, and what is no name is nobody's."""
    for written in loads:
        try:
            host = urlsplit(urljoin(start, written)).hostname or ""
            dns.name.from_text(host)  # as it will be asked for
        except (ValueError, dns.exception.DNSException):
            continue
        if host.strip("."):
            yield host.rstrip(".").lower()


def _ours(host: str, sites: Sequence[Site]) -> bool:
    """Whether a host is an ordered name or lies below one."""
    return any(_below(host, site) for site in sites)


def _below(host: str, site: Site) -> bool:
    """Whether a host is the one of a site or lies below it."""
    return host == site.host or host.endswith(f".{site.host}")


def _start(base: Url, found: Found) -> str:
    """What the links of a page are relative to (HTML, the element `base`)."""
    try:
        return urljoin(str(base), found.base)
    except ValueError:
        return str(base)
