"""Do the parts of the probe `site` hold by themselves: what is public, what differs, what is a link, and what ends in time?"""

from __future__ import annotations

import socket
import threading
import time
import zlib
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

import pytest

from probes._http import Exchange
from probes._site import checks
from probes._site.body import difference_ppm, text_of
from probes._site.checks import Family
from probes._site.crawl import Level, Visit
from probes._site.links import Url, found_in, inner, of_site, outer_hosts, url_of
from probes._site.pages import Landing, get
from probes._site.public import Border, border, way
from probes._site.settings import Site

SITES = [Site(name="www.school.cn"), Site(name="old.school.cn", port=80)]
HERE = Url("www.school.cn", 443, True, "/news/")


# --- What may be connected to -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.1.1",
        ),
        *("192.88.99.1", "192.0.0.9", "198.18.0.1", "203.0.113.1", "255.255.255.255", "240.0.0.1"),
        *("::1", "::", "fe80::1", "fd00::1", "ff0e::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"),
        *("2001::1", "2001:db8::1", "3fff::1", "fec0::1", "4000::1", "2400::5efe:808:808"),
    ],
)
def test_not_public(address: str) -> None:
    """No address of a network of one's own, of this box, of a tunnel or of nobody is connected to."""
    assert not Border().admits(ip_address(address))


@pytest.mark.parametrize("address", ["114.114.114.114", "202.120.2.119", "2001:da8::666", "2400:3200::1"])
def test_public(address: str) -> None:
    """What a provider routes to one host may be connected to, unless it is this box."""
    one = ip_address(address)

    assert (Border().admits(one), Border(own=frozenset({one})).admits(one)) == (True, False)


def test_ordered_for_a_lab() -> None:
    """Only an ordered network makes addresses public that are not, of its own family."""
    lab = (ip_network("198.51.100.0/24"), ip_network("2001:db8::/32"))
    admitted = [Border(lab).admits(ip_address(one)) for one in ("198.51.100.9", "2001:db8::9", "127.0.0.1", "fd00::1")]

    assert admitted == [True, True, False, False]


def test_our_own_addresses_are_known() -> None:
    """This box is in its own list, both loopbacks among it."""
    assert {ip_address("127.0.0.1")} <= border([]).own


def test_the_way_sends_nothing() -> None:
    """Which source a family would take is the kernel's answer; loopback has one for itself."""
    assert way(4, [ip_network("127.0.0.0/8")]) == "127.0.0.1"


# --- What differs -----------------------------------------------------------------------------------------------------


PAGE = "<p>a page with some words in it</p><script>let k='{token}';</script><i>{clock}</i>"


def test_tokens_and_times_do_not_count() -> None:
    """What is drawn for each request does not make two pages differ."""
    one = PAGE.format(token="a81bc81b4de24d7c8f7a", clock="12:00:01")
    other = PAGE.format(token="ffe81b4d00001d7c0001", clock="12:00:02")

    assert difference_ppm(one, other) == 0


@pytest.mark.parametrize(
    ("one", "other", "ppm"), [("", "", 0), ("<a>", "", 1_000_000), ("<ab><cd>", "<ab><ef>", 500_000)]
)
def test_the_difference(one: str, other: str, ppm: int) -> None:
    """It is the weight of the pieces that the other page lacks, of both."""
    assert difference_ppm(one, other) == ppm


@pytest.mark.parametrize("piece", ["<", "<![<", "a" * 16 + "1", "<a href='", "&#", "<!--", "\x00", "<script>", "1:1"])
def test_hostile_pages_end(piece: str) -> None:
    """A quarter of a megabyte of anything is read and compared within seconds."""
    page = (piece * 250_000)[:250_000]
    started = time.monotonic()
    difference_ppm(page, page[::-1])
    inner(HERE, page, SITES)

    assert time.monotonic() - started < 3


def test_packed_pages() -> None:
    """A page that is packed is unpacked, no further than a page; what is packed in a way not read here has no text."""
    packed = zlib.compress(b"x" * 10_000_000)
    texts = [text_of(packed, {"content-encoding": kind}) for kind in ("deflate", "br")]

    assert (len(texts[0] or ""), texts[1]) == (512_000, None)


def test_chinese_pages() -> None:
    """A page says in which character set it is written, in its head or in its first lines."""
    octets = "<meta charset=gb2312><p>学校</p>".encode("gb18030")

    assert (
        text_of(octets, {}) == text_of(octets, {"content-type": "text/html; charset=GBK"}) == octets.decode("gb18030")
    )


# --- What is a link ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a?b=1#c", "https://www.school.cn/news/a?b=1"),
        ("//old.school.cn/x", "https://old.school.cn/x"),
        ("http://user@www.school.cn:80/", "http://www.school.cn/"),
        ("https://www.school.cn", "https://www.school.cn/"),
        ("/学校", "https://www.school.cn/%E5%AD%A6%E6%A0%A1"),
        ("javascript:alert(1)", None),
        ("https://[::1", None),
        ("https://10.0.0.1/", None),
        ("https://www.school.cn:99999/", None),
        ("https://evil@[fe80::1]/", None),
        ("https://www.school.cn\\@10.0.0.1/", None),
        ("https://" + "a" * 300 + ".cn/", None),
    ],
)
def test_links(written: str, meant: str | None) -> None:
    """A link is a name, a port and a path that begins with a stroke; whatever is not plain is none."""
    url = url_of(str(HERE), written)

    assert (str(url) if url else None) == meant


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("https://www.school.cn/", True),
        ("https://a.www.school.cn/", True),
        ("http://www.school.cn/", True),
        ("http://old.school.cn/", True),
        ("https://old.school.cn/", False),
        ("https://www.school.cn:22/", False),
        ("https://awww.school.cn/", False),
        ("https://school.cn/", False),
        ("https://www.school.cn.evil.com/", False),
    ],
)
def test_the_site_ends_at_its_names(address: str, ours: bool) -> None:
    """Only ordered names and what lies below them, at the ordered port or at 80, belong to the site."""
    url = url_of("https://x.cn/", address)

    assert (url is not None and of_site(url, SITES)) == ours


def test_what_a_page_leads_to() -> None:
    """Pages of the site count once each, the page itself and documents not at all."""
    text = '<base href="/n/"><a href=b><a href="b#c"><a href=/news/><area href="c.PDF"><iframe src=//evil.com/d><a href="d">'

    assert [one.target for one in inner(HERE, text, SITES)] == ["/n/b", "/n/d"]


def test_what_a_page_loads() -> None:
    """Hosts of scripts, pictures and styles count, those of links and of the site do not."""
    text = '<script src="//CDN.cn/a.js"></script><img src="/b.png"><link rel=stylesheet href="https://9.9.9.9/c"><a href="//l.cn">'

    assert outer_hosts(HERE, text, SITES) == ["9.9.9.9", "cdn.cn"]


@pytest.mark.parametrize("host", ["a" * 64 + ".cn", "a..cn", "a." * 130 + "cn", r"a\999.cn", "."])
def test_what_nobody_can_be_asked_for(host: str) -> None:
    """A page may load from what is no name: that is nobody's host, and is not asked for."""
    assert outer_hosts(HERE, f'<img src="//{host}/a.png"><img src="//cdn.cn/b.png">', SITES) == ["cdn.cn"]


def test_an_endless_page() -> None:
    """No page gives more links than can be kept."""
    assert len(found_in("<a href=/x>" * 20_000).leads) == 5000


# --- What ends in time --------------------------------------------------------------------------------------------------


@pytest.fixture
def dripping() -> Iterator[int]:
    """A server whose head never ends, one octet at a time."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip, args=(server,), daemon=True).start()
        yield server.getsockname()[1]


def _drip(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        for octet in b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 100:
            try:
                connection.sendall(bytes([octet]))
            except OSError:
                return
            time.sleep(0.05)


def test_a_dripping_server(dripping: int) -> None:
    """A server that keeps every single wait short does not make the whole long."""
    started = time.monotonic()
    answer = get(Url("www.school.cn", dripping, False, "/"), ip_address("127.0.0.1"), within_s=0.3)

    assert (answer.error, time.monotonic() - started < 2) == ("ETIMEDOUT", True)


# --- What is judged -----------------------------------------------------------------------------------------------------

V6, V4 = ip_address("2400::1"), ip_address("8.8.8.8")


def landed(octets: int = 10) -> Landing:
    """A page that came."""
    return Landing(HERE, Exchange(V6, 443, status=200, octets=octets))


@pytest.mark.parametrize(
    ("different", "unsteady", "state", "code"),
    [
        (100_000, 0, "pass", ""),
        (100_001, 0, "fail", "BODY_DIFFERS"),
        (500_000, 400_000, "inconclusive", "BODY_UNSTEADY"),
    ],
)
def test_content(different: int, unsteady: int, state: str, code: str) -> None:
    """A tenth may differ; a page that differs from itself over IPv4 as much says nothing about IPv6."""
    check = checks.content(
        Family([V6], [V6], landing=landed()), Family([V4], [V4], landing=landed()), different, unsteady
    )

    assert (check.state, check.code) == (state, code)


def test_empty_pages_prove_nothing() -> None:
    """Two empty pages are alike, and that is nothing."""
    check = checks.content(Family([V6], [V6], landing=landed(0)), Family([V4], [V4], landing=landed(0)), 0, 0)

    assert (check.state, check.code) == ("inconclusive", "EMPTY")


@pytest.mark.parametrize(
    ("v4", "state", "code"),
    [
        (Family([], []), "pass", "NO_IPV4"),
        (Family([V4], [V4]), "inconclusive", "V4_SILENT"),
        (Family([ip_address("10.0.0.1")], []), "inconclusive", "V4_NOT_PUBLIC"),
    ],
)
def test_without_ipv4(v4: Family, state: str, code: str) -> None:
    """IPv6 alone passes where the name truly has no other address, and not where the other one only did not answer."""
    v6 = Family([V6], [V6], answers=[Exchange(V6, 443, status=200)], landing=landed())
    check = checks.status(v6, v4)

    assert (check.state, check.code) == (state, code)


@pytest.mark.parametrize(
    ("reached", "left_out", "cut", "code"),
    [
        (["yes"] * 17 + ["no"] * 3, 0, False, ""),
        (["yes"] * 16 + ["no"] * 3, 0, False, "LINKS_WITHOUT_IPV6"),
        (["yes"] * 20, 0, True, "CUT"),
        ([], 3, False, "LINKS_DEAD"),
        ([], 0, False, "NO_LINKS"),
    ],
)
def test_links_are_judged(reached: list[str], left_out: int, cut: bool, code: str) -> None:
    """85 of 100 links pass; a crawl that was cut is left open with its counts, whatever it saw; dead links do not count."""
    visits = [Visit(HERE, one == "yes") for one in reached] + [Visit(HERE, left_out="dead")] * left_out
    check = checks.links("S8", Level(len(visits), visits, cut))

    assert (check.code, check.evidence["links"], check.state == "pass") == (code, len(reached), not code)
