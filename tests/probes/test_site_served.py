"""What does the probe `site` make of a real server at a port of its own: its certificate, its redirects, its robots.txt?"""

from __future__ import annotations

import itertools
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import dns.message
import dns.rdatatype
import dns.rrset
import pytest

from probes._site import checks
from probes._site.crawl import Crawler
from probes._site.links import home
from probes._site.names import Names
from probes._site.pages import followed, get
from probes._site.public import Border
from probes._site.settings import Crawl, Site
from tests.probes.little_internet import SITE, Pages, certificates
from tests.probes.udp import replying

HERE = ip_address("127.0.0.1")
LINKS = '<a href="/good"></a><a href="/secret"></a>'
RULES = {"body": "User-agent: *\nDisallow: /secret\n"}
HEEDED, ALL, NONE = {"/secret"}, {"/good", "/secret"}, set[str]()


@dataclass
class Served:
    """A site on loopback, and the resolver that leads there; `asked` is the Host field, the path and when."""

    site: Site
    names: Names
    folder: Path
    pages: dict[str, dict[str, Any]]
    asked: list[tuple[str, str, float]] = field(default_factory=list)

    def forbidden(self) -> set[str]:
        """Which of two links robots.txt forbids."""
        crawler = Crawler(self.names, [self.site], time.monotonic() + 600)
        level, _ = crawler.levels(home(self.site), LINKS, Crawl(second=5, third=0))
        assert len(level.visits) == 2
        return {one.url.target for one in level.visits if one.left_out == "robots"}


def here(octets: bytes) -> bytes:
    """The answer of a resolver for which every name has one address, of IPv4."""
    asked = dns.message.from_wire(octets)
    reply = dns.message.make_response(asked)
    if asked.question[0].rdtype == dns.rdatatype.A:
        reply.answer.append(dns.rrset.from_text(asked.question[0].name, 60, "IN", "A", str(HERE)))
    return reply.to_wire()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server with TLS on a free port; its certificate is valid for the name by `ca.pem`."""
    certificates(tmp_path)
    pages: dict[str, dict[str, Any]] = {"/": {"body": "home"}, "/good": {"body": "good"}, "/secret": {"body": "no"}}
    asked: list[tuple[str, str, float]] = []

    class Here(Pages):
        def log_message(self, form: str, *words: object) -> None:
            asked.append((self.headers.get("Host", ""), self.path, time.monotonic()))

    Here.pages = pages
    with ThreadingHTTPServer((str(HERE), 0), Here) as server, replying(here) as resolver:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "leaf.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        names = Names(Border((ip_network("127.0.0.0/8"),)), [(HERE, resolver)], 2.0)
        yield Served(Site(name=SITE, port=server.server_address[1]), names, tmp_path, pages, asked)
        server.shutdown()


def jumps(*way: str) -> dict[str, dict[str, Any]]:
    """Redirects from each path to the next."""
    return {one: {"status": 302, "headers": {"Location": other}} for one, other in itertools.pairwise(way)}


def test_a_certificate_at_a_port_of_its_own(served: Served) -> None:
    """A certificate is valid for a name, whatever the port; the Host field has the port too."""
    trusted = ssl.create_default_context(cafile=served.folder / "ca.pem")
    answer = get(home(served.site), HERE, trusted)

    check = checks.certificate(served.site.tls, [answer])
    assert (check.state, answer.status, served.asked[0][0]) == ("pass", 200, f"{SITE}:{served.site.port}"), answer


@pytest.mark.parametrize(("hops", "away"), [(4, ""), (5, "in circles")])
def test_redirects(served: Served, hops: int, away: str) -> None:
    """Four redirects lead to a page, a fifth leads nowhere."""
    served.pages |= jumps("/", *(f"/{number}" for number in range(1, hops + 1))) | {f"/{hops}": {"body": "there"}}
    first = get(home(served.site), HERE)

    landing = followed(home(served.site), first, served.names, [served.site])
    assert (landing.away, landing.answer.status) == (away, 302 if away else 200)


WAY = ("/robots.txt", "/r1", "/r2", "/r3", "/r4", "/r5", "/r6")


@pytest.mark.parametrize(
    ("pages", "forbidden"),
    [
        pytest.param({"/robots.txt": RULES}, HEEDED, id="a file"),
        pytest.param({}, NONE, id="no file"),
        pytest.param(jumps(*WAY[:6]) | {"/r5": RULES}, HEEDED, id="five redirects"),
        pytest.param(jumps(*WAY) | {"/r6": RULES}, ALL, id="six redirects"),
        pytest.param(jumps("/robots.txt", "/nowhere"), NONE, id="a redirect to no file"),
        pytest.param(jumps("/robots.txt", "https://elsewhere.example/robots.txt"), ALL, id="a redirect off the site"),
        pytest.param({"/robots.txt": {"status": 302}}, ALL, id="a redirect to nowhere"),
        pytest.param({"/robots.txt": {"status": 503}}, ALL, id="a server that fails"),
        pytest.param({"/robots.txt": RULES | {"headers": {"Content-Encoding": "br"}}}, ALL, id="not readable"),
        pytest.param({"/robots.txt": {"body": "#" * 511_967 + "\n" + RULES["body"]}}, HEEDED, id="500 KiB"),
        pytest.param(
            {"/robots.txt": {"body": "User-agent: *\nCrawl-delay: ²\nDisallow: //[\nDisallow: /secret"}},
            HEEDED,
            id="lines that are none",
        ),
        pytest.param(
            {"/robots.txt": {"body": f"User-agent: *\nCrawl-delay: {'9' * 400}\nDisallow: /"}}, ALL, id="an age"
        ),
    ],
)
def test_robots(served: Served, pages: dict[str, dict[str, Any]], forbidden: set[str]) -> None:
    """Rules are found behind five redirects on the site; who has none forbids nothing, who cannot be understood everything (RFC 9309)."""
    served.pages |= pages

    assert served.forbidden() == forbidden


def test_redirects_are_paced(served: Served) -> None:
    """On the way to robots.txt, too, no more than one request a second is made."""
    served.pages |= jumps("/robots.txt", "/r1", "/r2") | {"/r2": {"body": "User-agent: *\nDisallow: /"}}
    served.forbidden()

    times = [at for _, _, at in served.asked]
    assert (len(times), all(later - sooner > 0.9 for sooner, later in itertools.pairwise(times))) == (3, True)
