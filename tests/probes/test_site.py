"""Does a vantage find what is wrong with a site's IPv6, and only that? A little internet in one namespace, the vantage in another."""

from __future__ import annotations

import itertools
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from probes import load
from probes.__main__ import _settings
from tests.probes.face import ROOT, Answer, probe
from tests.probes.little_internet import ADDRESSES, HOME, LAB, RESOLVER, SITE, Spec, internet, settled, world
from tests.probes.spaces import Host, cable, host, need

V4, V6 = ADDRESSES["site"]
SPARE4, SPARE6 = ADDRESSES["spare"]
ONE4, ONE6 = ADDRESSES["one"]
TWO4, TWO6 = ADDRESSES["two"]
OTHER = "<html><title>Under construction</title><p>Nothing to be seen here but another text, and more of it.</p></html>"
TWIN = HOME.replace("{links}", '<img src="https://pictures.four.cn/a.png"><script src="//www.school.cn/x.js"></script>')
LITERALS = ("198.51.100.81", "[::1]", "[fd00::1]", "[2001:db8:80::81]")  # the first and the last are of the lab
LOADS = HOME.replace("{links}", "".join(f'<img src="http://{one}/a.png">' for one in LITERALS))
WITHOUT_IPV6 = (sys.executable, str(ROOT / "tests/probes/without_ipv6.py"), "/usr/bin/env")
JUMPS = {"status": 302, "headers": {"Location": "https://elsewhere.example/"}, "body": ""}
MOVED = {"status": 302, "headers": {"Location": "/index.html"}, "body": ""}
# Names below school.cn, each with one thing that is wrong or odd; the addresses of A and AAAA.
NAMES = {
    "none": (V4, None),
    "mapped": (V4, f"::ffff:{V4}"),
    "tunnel": (V4, "2002:c633:6450::1"),
    "inside": ("10.0.0.1", "fd00::1"),
    "uneven": (V4, V6),
    "closed": (V4, ADDRESSES["root"][1]),
    "plain": (SPARE4, SPARE6),
    "status": (V4, V6),
    "bad": (V4, V6),
    "body": (V4, V6),
    "six": (None, V6),
    "away": (V4, V6),
    "moved": (V4, V6),
    "cert.deep": (V4, V6),
}


@dataclass(frozen=True)
class Outside:
    """A vantage and all that lies before it."""

    vantage: Host
    router: Host
    folder: Path

    def see(self, *names: str, evidence: Path | None = None, through: Sequence[str] = (), **more: Any) -> Answer:
        """One run of the probe, `through` another command."""
        sites = [{"name": one} for one in names or (SITE,)]
        given = {"sites": sites, "trials": 1, "crawl": None, "lab_prefixes": LAB, "resolver": f"{RESOLVER}:53"}
        inside = [*self.vantage.inside, *through, "env", f"SSL_CERT_FILE={self.folder / 'ca.pem'}"]
        return probe("site", given | {"timeout_s": 0.7} | more, inside=inside, evidence=evidence)

    def log(self) -> str:
        """Everything that was asked of the little internet since it came up."""
        return (self.folder / "internet.log").read_text()


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """Two namespaces and a cable, all addresses set."""
    need("unshare", "nsenter", "ip")
    with host() as vantage, host() as router:
        for one in (vantage, router):
            one.sysctl("ipv6/conf/default/dad_transmits", 0)
        cable(vantage, "ge0", router, "lan0")
        settled((vantage, router))
        yield Outside(vantage, router, tmp_path_factory.mktemp("outside"))


def faulty() -> Spec:
    """The healthy internet, and names beside it that have one fault each."""
    spec = world()
    for name, pair in NAMES.items():
        spec["records"] += [[f"{name}.school.cn", kind, to] for kind, to in zip(("A", "AAAA"), pair, strict=True) if to]
    for address in (V4, V6):
        pages = spec["sites"][address]
        pages |= {"away.school.cn/": JUMPS, "moved.school.cn/": MOVED, "/index.html": {"body": HOME}}
        pages |= {"bad.school.cn/": {"status": 500, "body": "x"}, "twin.lone.cn/": {"body": TWIN}}
        pages |= {"literal.lone.cn/": {"body": LOADS}}
    spec["sites"][V6] |= {"status.school.cn/": MOVED, "body.school.cn/": {"body": OTHER}}
    spec["sites"] |= {SPARE4: spec["sites"][V4], SPARE6: spec["sites"][V4]}
    spec["ports"] = {SPARE6: [443]}
    return _with_zones(spec)


def _with_zones(spec: Spec) -> Spec:
    """More zones: one with a single IPv6 server, one without glue, one without IPv6 with a child that has it, one behind an alias."""
    servers: dict[str, list[tuple[str | None, str | None]]] = {
        "lone.cn": [(ONE4, ONE6), (TWO4, None)],
        "glueless.cn": [(ONE4, ONE6), (TWO4, TWO6)],
        "four.cn": [(ONE4, None)],
        "kid.four.cn": [(TWO4, TWO6), (TWO4, ONE6)],
        "same.cn": [(ONE4, ONE6), (ONE4, ONE6)],
        "twice.cn": [(ONE4, ONE6), (TWO4, None)],
    }
    for zone, pairs in servers.items():
        for number, pair in enumerate(pairs):
            server = f"ns{number}.{zone}"
            spec["records"] += [[zone, "NS", server]]
            spec["records"] += [[server, kind, to] for kind, to in zip(("A", "AAAA"), pair, strict=True) if to]
            for address in filter(None, pair):
                spec["serving"][address] = [*spec["serving"].get(address, []), zone]
        spec["records"] += [[zone, "SOA", "ns.root. h.root. 1 60 60 60 60"]]
        spec["records"] += [[f"www.{zone}", "A", V4], [f"www.{zone}", "AAAA", V6]]
    spec["records"] += [["twin.lone.cn", "A", V4], ["twin.lone.cn", "AAAA", V6], ["pictures.four.cn", "A", V4]]
    spec["records"] += [["literal.lone.cn", "A", V4], ["literal.lone.cn", "AAAA", V6]]
    spec["records"] += [["alias.school.cn", "CNAME", "www.four.cn"], ["loop.school.cn", "CNAME", "pool.school.cn"]]
    spec["records"] += [["pool.school.cn", "CNAME", "loop.school.cn"]]
    spec["records"] += [["ns0.twice.cn", "AAAA", TWO6]]
    spec["serving"][TWO6] += ["twice.cn"]
    spec["hidden"] = {TWO4: {"AAAA": "2001:db8:80::83"}, TWO6: {"AAAA": "2001:db8:80::83"}}
    spec["records"] = [
        [name, kind, "2001:db8:80::83" if (name, kind) == ("uneven.school.cn", "AAAA") else value]
        for name, kind, value in spec["records"]
    ]
    return spec | {"glueless": ["glueless.cn"]}


SITES = [SITE, "gone.school.cn", *(f"{name}.school.cn" for name in NAMES)]
ZONES = [
    "www.lone.cn",
    "twin.lone.cn",
    "literal.lone.cn",
    "www.glueless.cn",
    "www.kid.four.cn",
    "www.same.cn",
    "www.twice.cn",
    "alias.school.cn",
]


@pytest.fixture(scope="module")
def seen(outside: Outside) -> tuple[Answer, Answer, str]:
    """Two runs over all faults, and what the little internet was asked."""
    with internet(outside.router, outside.folder, faulty()):
        return outside.see(*SITES), outside.see(*ZONES, "loop.school.cn", evidence=outside.folder), outside.log()


@pytest.fixture
def healthy(outside: Outside) -> Iterator[None]:
    """Nothing is wrong outside."""
    with internet(outside.router, outside.folder, world()):
        yield


def checks(answer: Answer, site: str) -> dict[str, str]:
    """Each check of a site as its state, or its code where it has one."""
    found = [one for one in answer.of("site.check") if one["subject"].endswith(f"/{site}")]
    return {one["subject"].partition("/")[0]: one["facts"].get("code") or one["value"] for one in found}


def test_a_healthy_site(seen: tuple[Answer, Answer, str]) -> None:
    """A site that is the same over both families, with its zone and those above, passes every check that was ordered."""
    passed = dict.fromkeys(("S1", "S2", "S3", "S4", "S5", "S6", "S10", "S11"), "pass")

    assert checks(seen[0], SITE) == {**passed, "S8": "NOT_ORDERED", "S9": "NOT_ORDERED"}


@pytest.mark.parametrize(
    ("name", "check", "code"),
    [
        ("none", "S1", "NO_AAAA"),
        ("none", "S2", "NO_AAAA"),
        ("gone", "S1", "NAME_NOT_FOUND"),
        ("mapped", "S1", "V4_MAPPED"),
        ("tunnel", "S1", "AAAA_NOT_NATIVE"),
        ("inside", "S1", "AAAA_NOT_NATIVE"),
        ("uneven", "S1", "AAAA_UNEVEN"),
        ("closed", "S2", "CONNECT_FAILED"),
        ("plain", "S2", "PORT_ONLY_V4"),
        ("status", "S3", "STATUS_DIFFERS"),
        ("bad", "S3", "STATUS_BAD"),
        ("cert.deep", "S4", "CERTIFICATE_WRONG"),
        ("body", "S5", "BODY_DIFFERS"),
        ("away", "S5", "REDIRECTED_AWAY"),
        ("moved", "S5", "pass"),
        ("six", "S3", "NO_IPV4"),
        ("six", "S5", "NO_IPV4"),
    ],
)
def test_one_fault(seen: tuple[Answer, Answer, str], name: str, check: str, code: str) -> None:
    """Each fault has its code."""
    assert checks(seen[0], f"{name}.school.cn")[check] == code, seen[0].lines


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("www.lone.cn", "NS_WITHOUT_IPV6"),
        ("www.same.cn", "NS_WITHOUT_IPV6"),
        ("www.twice.cn", "NS_WITHOUT_IPV6"),
        ("www.glueless.cn", "GLUE_WITHOUT_IPV6"),
        ("www.kid.four.cn", "PARENT_WITHOUT_IPV6"),
        ("alias.school.cn", "ALIAS_NS_WITHOUT_IPV6"),
    ],
)
def test_name_servers(seen: tuple[Answer, Answer, str], name: str, code: str) -> None:
    """A zone needs two servers by name, at two addresses, over IPv6, glue to find them by, and one in each zone above and of an alias."""
    assert checks(seen[1], name)["S6"] == code, seen[1].lines


def test_an_alias_without_end(seen: tuple[Answer, Answer, str]) -> None:
    """Aliases that lead in circles end."""
    assert checks(seen[1], "loop.school.cn")["S1"] == "ALIAS_LOOP"


def test_the_hosts_of_others(seen: tuple[Answer, Answer, str]) -> None:
    """A picture from a host without IPv6 is a window that stays blank; that host is named, and not one that has it."""
    (check,) = seen[1].of("site.check", "S10/twin.lone.cn")

    assert check["facts"] == {"code": "THIRD_PARTY_WITHOUT_IPV6", "hosts": 2, "without": 1, "which": "pictures.four.cn"}


def test_addresses_in_a_page(seen: tuple[Answer, Answer, str]) -> None:
    """An address in a page stands for itself: one of IPv4, of a loopback or of a network of one's own is no native IPv6."""
    (check,) = seen[1].of("site.check", "S10/literal.lone.cn")

    assert (check["facts"]["hosts"], check["facts"]["which"]) == (4, "198.51.100.81 ::1 fd00::1")


def test_answers_are_counted_by_family(seen: tuple[Answer, Answer, str]) -> None:
    """A site without IPv6 answers none of the trials over it, and all over IPv4."""
    answer = seen[0]

    assert [answer.value("site.answered", f"{one}/none.school.cn") for one in ("v6", "v4")] == [0, 1_000_000]


def test_a_name_that_leads_inside(outside: Outside, tmp_path: Path) -> None:
    """An address that is not public is never connected to, whatever name leads there, of a site or of a name server."""
    spec = faulty()
    spec["records"] += [
        ["school.cn", "NS", "ns3.school.cn"],
        ["ns3.school.cn", "A", "10.0.0.9"],
        ["ns3.school.cn", "AAAA", "fd00::9"],
    ]
    with internet(outside.router, outside.folder, spec):
        outside.see("inside.school.cn", evidence=tmp_path)
    (site,) = json.loads((tmp_path / "pages.json").read_text())
    asked = {one["server"] for one in json.loads((tmp_path / "names.json").read_text())}

    assert ([site[one]["connects"] for one in ("v6", "v4")], asked & {"10.0.0.9", "fd00::9"}) == ([[], []], set())


def test_no_redirect_leads_off(seen: tuple[Answer, Answer, str]) -> None:
    """A redirect to another site is told and not followed."""
    assert "elsewhere.example" not in seen[2]


def test_a_vantage_without_a_way(outside: Outside, healthy: None) -> None:
    """A vantage without IPv6 judges nothing about it, and still tells whether the site answers over IPv4."""
    outside.vantage.sysctl("ipv6/conf/ge0/disable_ipv6", 1)
    answer = outside.see()
    outside.vantage.sysctl("ipv6/conf/ge0/disable_ipv6", 0)
    settled((outside.vantage, outside.router))

    codes = {one["value"] + one["facts"].get("code", "") for one in answer.of("site.check")}
    assert (codes, [one["subject"] for one in answer.of("site.answered")]) == (
        {"not_testedNO_WAY", "not_testedNOT_ORDERED"},
        [f"v4/{SITE}"],
    )


def test_a_kernel_without_ipv6(outside: Outside, healthy: None) -> None:
    """A vantage whose kernel has no IPv6 at all has no way either, and still tells of IPv4."""
    answer = outside.see(through=WITHOUT_IPV6)

    codes = {one["value"] + one["facts"].get("code", "") for one in answer.of("site.check")}
    assert (codes, [one["subject"] for one in answer.of("site.answered")]) == (
        {"not_testedNO_WAY", "not_testedNOT_ORDERED"},
        [f"v4/{SITE}"],
    ), answer.errors


def test_a_way_that_leads_nowhere(outside: Outside, healthy: None) -> None:
    """Where nobody at all answers over IPv6, the vantage's own line may be what is broken: nothing is held against the school."""
    outside.router.run("sh", "-c", "nft add table ip6 t; nft add chain ip6 t i '{type filter hook input priority 0;}'")
    outside.router.run("nft", "add", "rule", "ip6", "t", "i", "meta", "l4proto", "{tcp,udp}", "drop")
    answer = outside.see(timeout_s=0.15)
    outside.router.run("nft", "delete", "table", "ip6", "t")

    codes = {one["value"] + one["facts"].get("code", "") for one in answer.of("site.check")}
    assert codes == {"inconclusiveNO_WAY", "not_testedNOT_ORDERED"}


def test_a_silent_resolver(outside: Outside, healthy: None) -> None:
    """Without a resolver nothing is known, neither of the school nor of how often it answers."""
    answer = outside.see(resolver="198.51.100.1:5353", timeout_s=0.2)

    codes = {one["facts"]["code"] for one in answer.of("site.check")}
    assert (codes, answer.of("site.answered"), answer.end["end"]) == ({"RESOLVER_SILENT"}, [], "complete")


def test_a_zone_that_fails(outside: Outside) -> None:
    """Where the zone of the school fails and others answer, the site does not answer; whether it has IPv6 is left open."""
    own = [*ADDRESSES["one"], *ADDRESSES["two"]]
    with internet(outside.router, outside.folder, world() | {"failing": ["school.cn"], "silent": own}):
        answer = outside.see(timeout_s=0.3)

    assert (checks(answer, SITE)["S1"], checks(answer, SITE)["S6"], answer.value("site.answered", f"v4/{SITE}")) == (
        "NAME_SERVERS_SILENT",
        "NAME_SERVERS_SILENT",
        0,
    )


def test_links(outside: Outside, tmp_path: Path) -> None:
    """Links count at both steps by whether IPv6 answers as IPv4 does; robots.txt is heeded, and no more than one a second is asked."""
    spec = world()
    for address in (V4, V6):
        pages = spec["sites"][address]
        pages["/"] = {
            "body": HOME,
            "links": '<a href="/good"></a><a href="/secret"></a><a href="http://10.0.0.1/"></a>',
        }
        pages["/good"] = {"body": HOME, "links": '<a href="/deep#a"></a><a href="/good"></a><a href="/a.pdf"></a>'}
        pages["/robots.txt"] = {"body": "User-agent: *\nDisallow: /secret\n"}
    spec["sites"][V4]["/deep"] = {"body": HOME}
    with internet(outside.router, outside.folder, spec):
        answer = outside.see(crawl={"second": 5, "third": 5})
        asked = [line.split() for line in outside.log().splitlines() if line.startswith("http ")]

    eighth, ninth = (answer.of("site.check", f"{one}/{SITE}")[0] for one in ("S8", "S9"))
    assert {"links": 1, "reached": 1, "linked": 2, "left_out": 1}.items() <= eighth["facts"].items(), answer.lines
    assert (eighth["value"], ninth["facts"]["code"], ninth["facts"]["share_ppm"]) == ("pass", "LINKS_WITHOUT_IPV6", 0)
    _paced([(path, float(at)) for _, _, _, path, at in asked])


def _paced(asked: list[tuple[str, float]]) -> None:
    """No two requests of a crawl lie closer than a second; the forbidden path is not among them."""
    crawl = [at for path, at in asked if path != "/"]
    assert all(later - sooner > 0.9 for sooner, later in itertools.pairwise(crawl)), asked
    assert "/secret" not in {path for path, _ in asked}


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"sites": [{"name": "10.0.0.1"}]}, "sites.0.name"),
        ({"sites": [{"name": "localhost"}]}, "sites.0.name"),
        ({"sites": []}, "sites"),
        ({"sites": [{"name": SITE}], "resolver": "dns.school.cn:53"}, "resolver"),
        ({"sites": [{"name": SITE}], "authority": "x"}, "authority"),
        ({"sites": [{"name": SITE}], "trials": 100}, "trials"),
    ],
)
def test_settings(settings: dict[str, Any], field: str) -> None:
    """What is no order of this probe is refused by its key."""
    with pytest.raises(ValueError, match=rf"^settings: {re.escape(field)}"):
        _settings(load("site"), json.dumps(settings).encode())
