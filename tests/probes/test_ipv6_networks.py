"""
Does each thing that can be wrong with IPv6 give its own rung and code?

One network a case, one thing wrong in it (`tests/lab/ladder_links.py`, `ladder_networks.py`), on streets side by side; beside each a capture of all
IPv4 that leaves the desk.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.lab import ladder_links as link
from tests.lab import ladder_networks as made
from tests.lab.ladder import NARROW, SERVER_V4, Ladder, ladders
from tests.lab.ladder_links import Network
from tests.probes.face import Answer, probe

pytestmark = [pytest.mark.timeout(400), pytest.mark.slow]

STREETS = 6
RUNGS = tuple(f"L{number}" for number in range(10))
GOOD = dict.fromkeys(RUNGS, "pass") | {"L9": "not_tested NOT_ORDERED"}
ASKED_NOTHING = dict.fromkeys(RUNGS[4:9], "not_tested NO_TARGETS")
UNREACHED = {"L7": "not_tested NOT_REACHED", "L9": "not_tested NOT_REACHED"}
NO_WAY = {"L5": "fail NO_TRANSIT", "L6": "fail NO_ANSWER", "L8": "fail V6_UNSTABLE"} | UNREACHED

NETWORKS: dict[str, tuple[Network, dict[str, str], tuple[int, int]]] = {
    "gateway dead": (
        link.dead_gateway,
        {"L3": "fail GW_UNREACHABLE", "L4": "pass NO_V6_RESOLVER", **NO_WAY},
        (0, 0),
    ),
    "transit drops": (made.silent_transit, NO_WAY, (1, 1)),
    "IPv6 slow": (made.slow(250_000), {"L8": "fail V6_SLOW"}, (2, 2)),
    "IPv6 slow, but tolerated": (made.slow(1_000_000), {"L8": "fail V4_PREFERRED"}, (2, 2)),
    "IPv6 lossy": (made.lossy, {"L8": "fail V6_UNSTABLE"}, (2, 2)),
    # --- the link
    "healthy SLAAC": (link.slaac, {}, (3, 3)),
    "healthy DHCPv6": (link.dhcpv6, {}, (3, 3)),
    "DHCPv6 server gone": (link.dhcpv6_silent, {"L2": "inconclusive DHCPV6_SILENT", **ASKED_NOTHING}, (0, 3)),
    "RA off": (
        link.silent_router,
        {"L1": "fail NO_RA", "L2": "fail NO_ADDRESS", "L3": "fail NO_ROUTE", "L4": "pass NO_V6_RESOLVER", **NO_WAY},
        (0, 0),
    ),
    "lifetime 0": (link.no_default, {"L1": "fail RA_LIFETIME_0", "L3": "fail NO_ROUTE", **NO_WAY}, (0, 0)),
    "ULA only": (link.prefix("fd00:1::"), {"L2": "fail ULA_ONLY", **ASKED_NOTHING}, (0, 0)),
    "6to4": (link.prefix("2002:c000:204::"), {"L2": "fail TUNNEL_6TO4", **ASKED_NOTHING}, (0, 0)),
    "Teredo": (link.prefix("2001:0:c000:204::"), {"L2": "fail TUNNEL_TEREDO", **ASKED_NOTHING}, (0, 0)),
    "ISATAP": (link.isatap, {"L2": "fail ISATAP", **ASKED_NOTHING}, (0, 0)),
    "documentation prefix": (link.documentation, {"L2": "fail DOC_PREFIX", **ASKED_NOTHING}, (0, 0)),
    "site-local prefix": (link.prefix("fec0:1::"), {"L2": "fail NOT_NATIVE", **ASKED_NOTHING}, (0, 0)),
    "link-local only": (link.prefix(""), {"L2": "fail NO_ADDRESS", **ASKED_NOTHING}, (0, 0)),
    "deprecated": (link.deprecated, {"L2": "fail DEPRECATED_ONLY", **ASKED_NOTHING}, (0, 0)),
    "tentative": (link.tentative, {"L2": "inconclusive TENTATIVE", **ASKED_NOTHING}, (0, 3)),
    "duplicate": (link.duplicate, {"L2": "fail DAD_FAIL", **ASKED_NOTHING}, (0, 0)),
    "rogue second router": (link.second_router(), {"L1": "fail ROGUE_RA", **ASKED_NOTHING}, (0, 0)),
    "second router not in the list": (
        link.second_router("{first}"),
        {"L1": "fail ROGUE_RA", **ASKED_NOTHING},
        (0, 0),
    ),
    "two routers of the list": (link.second_router("{first}", link.ROGUE), ASKED_NOTHING, (1, 3)),
    "no router of the list": (link.stranger, {"L1": "fail ROGUE_RA", **ASKED_NOTHING}, (0, 0)),
    "no default route": (link.no_default_route, {"L3": "fail NO_ROUTE", **NO_WAY}, (0, 0)),
    "stack off": (
        link.off,
        {
            "L0": "fail STACK_OFF",
            "L1": "not_tested NO_LINK_LOCAL",
            "L2": "fail NO_ADDRESS",
            "L3": "fail NO_ROUTE",
            "L4": "pass NO_V6_RESOLVER",
            **NO_WAY,
        },
        (0, 0),
    ),
    # --- names
    "AAAA filtered": (made.naming(filtered=True), {"L4": "fail AAAA_FILTERED"}, (1, 1)),
    "AAAA fails": (made.naming(servfail=True), {"L4": "fail AAAA_SERVFAIL"}, (1, 1)),
    "resolver slow": (made.naming(delay_s=made.SLOW_S), {"L4": "fail AAAA_SLOW"}, (1, 1)),
    "resolver silent": (made.naming(silent=True), {"L4": "inconclusive RESOLVER_SILENT"}, (1, 3)),
    "no resolver": (made.no_resolver, {"L4": "fail NO_RESOLVER"}, (1, 1)),
    "nobody at the resolver": (made.resolver_elsewhere, {"L4": "inconclusive RESOLVER_SILENT"}, (1, 3)),
    "another AAAA": (made.OTHER_AAAA, {"L4": "fail AAAA_OTHER"}, (1, 1)),
    "AAAA made up by DNS64": (made.MADE_UP_AAAA, {"L4": "fail AAAA_SYNTHESISED"}, (1, 1)),
    "name missing": (made.named(), {"L4": "inconclusive NAME_MISSING"}, (1, 3)),
    "no resolver over IPv6": (made.resolver_of_ipv4, {"L4": "pass NO_V6_RESOLVER"}, (3, 3)),
    "DNS64 and NAT64": (made.nat64, {"L4": "pass DNS64", "L8": "pass NO_IPV4"}, (3, 3)),
    "DNS64 and NAT64 only": (
        made.nat64_only,
        {"L4": "fail AAAA_SYNTHESISED", **NO_WAY, "L8": "inconclusive SERVER_UNREACHABLE"},
        (1, 1),
    ),
    # --- the way
    "no transit": (made.no_transit, NO_WAY, (1, 1)),
    "partial transit": (
        made.partial_transit,
        {"L5": "fail PARTIAL_TRANSIT", "L6": "fail NO_ANSWER", "L8": "fail V6_UNSTABLE", **UNREACHED},
        (1, 1),
    ),
    "few targets": (made.few_targets, {"L5": "inconclusive FEW_TARGETS"}, (1, 3)),
    "dead AAAA with a good A": (
        made.dead_aaaa,
        {
            "L5": "inconclusive SERVER_UNREACHABLE",
            "L6": "inconclusive NO_ANSWER",
            "L8": "inconclusive V6_UNSTABLE",
            **UNREACHED,
        },
        (1, 3),
    ),
    "captive portal": (made.captive, {"L6": "fail CAPTIVE", "L7": "inconclusive SMALL_FAILS"}, (1, 1)),
    "captive portal without TLS": (
        made.captive_without_tls,
        {"L5": "fail NO_TRANSIT", "L6": "fail CAPTIVE", "L8": "fail V6_UNSTABLE", **UNREACHED},
        (1, 1),
    ),
    "TLS swallowed": (made.no_tls, {"L6": "fail NO_TLS", "L7": "inconclusive SMALL_FAILS"}, (1, 1)),
    "TLS intercepted": (made.intercepted, {"L6": "fail TLS_INTERCEPT", "L7": "inconclusive NOT_NARROW"}, (1, 1)),
    "proxy to IPv4": (made.proxied, {"L6": "fail PROXY", "L7": "inconclusive NOT_NARROW"}, (1, 1)),
    "NAT66": (made.nat66, {"L6": "pass NAT66"}, (2, 2)),
    "NPT": (made.npt, {"L6": "pass NPT"}, (2, 2)),
    "another key": (made.other_key, {"L6": "inconclusive ECHO_WRONG"}, (1, 3)),
    # --- sizes
    "PMTU black hole up": (made.black_hole("up"), {"L7": "fail PMTU_BLACKHOLE_UP"}, (2, 2)),
    "PMTU black hole down": (made.black_hole("down"), {"L7": "fail PMTU_BLACKHOLE_DOWN"}, (2, 2)),
    "PMTU black hole both ways": (made.black_hole("up", "down"), {"L7": "fail PMTU_BLACKHOLE_BOTH"}, (2, 2)),
    "black hole behind the hop": (made.behind_the_hop, {"L7": "fail PMTU_BLACKHOLE_UP"}, (2, 2)),
    "narrow path that says so": (made.black_hole(), {}, (3, 3)),
    "cut after some thousand octets": (made.cut_short, {"L7": "fail LARGE_FAILS_OTHER"}, (2, 2)),
    "no narrow name": (made.no_narrow_name, {"L7": "inconclusive NO_MTU1280"}, (2, 3)),
    # --- beside IPv4
    "dead A with a good AAAA": (made.dead_a, {"L8": "inconclusive V4_SILENT"}, (2, 3)),
    "no IPv4 name": (made.no_v4_name, {"L8": "inconclusive NO_V4_NAME"}, (2, 3)),
    "nothing ordered": (link.nothing_ordered, ASKED_NOTHING, (1, 3)),
}
LONGEST = {"gateway dead", "transit drops", "no transit", "partial transit", "dead AAAA with a good A", "IPv6 slow"}
BY_IPV4 = {"RA off", "gateway dead", "stack off", "no resolver over IPv6"}  # the resolver has an IPv4 address in these
WITHOUT_IPV4 = {"DNS64 and NAT64", "DNS64 and NAT64 only"}


@dataclass(frozen=True)
class Outcome:
    """What the probe told in one network, and where to IPv4 packets left the desk meanwhile."""

    answer: Answer
    sent: set[tuple[int, str, int]]
    router_v4: str

    @property
    def rungs(self) -> dict[str, str]:
        """Each rung as `pass`, `pass REMARK`, or `state CODE`."""
        assert (self.answer.status, self.answer.errors) == (0, "")
        readings = self.answer.of("ipv6.rung")
        return {one["subject"]: f"{one['value']} {one.get('facts', {}).get('code', '')}".strip() for one in readings}

    @property
    def grade(self) -> tuple[int, int]:
        """At least and at most."""
        (one,) = self.answer.of("ipv6.grade")
        return (one["value"], one["value"]) if "value" in one else (one["at_least"], one["at_most"])


def outcome(lab: Ladder, network: Network) -> Outcome:
    """Measure one network on a street."""
    with lab.swept():
        answer = network(lab)
        return Outcome(answer, lab.sent(), lab.street.router_v4)


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleQueue[Ladder]]:
    """The streets that are free."""
    with ladders(tmp_path_factory.mktemp("ladder"), STREETS) as all_of_them:
        free: SimpleQueue[Ladder] = SimpleQueue()
        for one in all_of_them:
            free.put(one)
        yield free


@pytest.fixture
def lab(streets: SimpleQueue[Ladder]) -> Iterator[Ladder]:
    """A swept street."""
    with (one := streets.get()).swept():
        yield one
    streets.put(one)


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, streets: SimpleQueue[Ladder]) -> Mapping[str, Future[Outcome]]:
    """Every network that is asked for, measured side by side, for most of the time is spent waiting."""

    def measured(name: str) -> Outcome:
        lab = streets.get()
        try:
            return outcome(lab, NETWORKS[name][0])
        finally:
            streets.put(lab)

    params = [getattr(item, "callspec", None) for item in request.session.items if item.path == request.path]
    asked = {spec.params["name"] for spec in params if spec is not None and "name" in spec.params}
    with ThreadPoolExecutor(STREETS) as pool:
        begun = {name: pool.submit(measured, name) for name in sorted(asked, key=lambda name: name not in LONGEST)}
        wait(begun.values())
    return begun


@pytest.mark.parametrize("name", NETWORKS)
def test_network(outcomes: Mapping[str, Future[Outcome]], name: str) -> None:
    """The rung and the code are those of what is wrong, all other rungs are as they should be, and the grade follows."""
    _, wrong, grade = NETWORKS[name]
    came = outcomes[name].result()

    assert (came.rungs, came.grade) == (GOOD | wrong, grade)


@pytest.mark.parametrize("name", NETWORKS)
def test_ipv4_that_leaves(outcomes: Mapping[str, Future[Outcome]], name: str) -> None:
    """Nothing leaves over IPv4 but questions to a resolver that has an IPv4 address, and the connects of L8 that compare."""
    came = outcomes[name].result()
    dns = {(17, came.router_v4, 53)} if name in BY_IPV4 else set()
    compared = came.rungs["L8"].split()[0] in ("pass", "fail") or came.rungs["L8"].endswith(("V4_SILENT", "UNSTABLE"))
    connects = {(6, SERVER_V4, 443)} if compared and name not in WITHOUT_IPV4 else set()

    assert came.sent == dns | connects


def test_enough_networks() -> None:
    """Thirty scripted networks at least."""
    assert len(NETWORKS) >= 30


def test_the_whole_ladder(lab: Ladder, tmp_path: Path) -> None:
    """As anybody runs it, with L9: all rungs pass, and each file of evidence holds both addresses, of IPv4 only in the comparisons."""
    lab.healthy()
    answer = probe("ipv6", lab.settings, inside=lab.desk.inside, evidence=tmp_path / "evidence")
    came = Outcome(answer, lab.sent(), lab.street.router_v4)

    written = {path.name: path.read_text() for path in (tmp_path / "evidence").glob("*.json")}
    of_ipv4 = {name for name, text in written.items() if f'"{lab.street.desk_v4}"' in text}
    below = {
        rung: state for rung, state in came.rungs.items() if rung != "L9"
    }  # how fast a busy machine is, is no matter of this test
    assert (below, came.sent) == (dict.fromkeys(RUNGS[:-1], "pass"), {(6, SERVER_V4, 443)})
    assert of_ipv4 == {"dual.json", "parity.json"}
    assert [name for name in ("reach.json", "web.json", "sizes.json") if lab.lan[:-1] not in written[name]] == []
    assert NARROW in written["sizes.json"]


def test_a_kernel_without_ipv6(lab: Ladder) -> None:
    """Where the kernel has no such sockets, every rung is told all the same, none but the names' passes, and the grade is 0."""
    lab.healthy(resolver=lab.street.router_v4)
    lab.desk.sysctl("ipv6/conf/ge0/disable_ipv6", 1)
    without = [sys.executable, str(Path(__file__).parent / "without_ipv6.py")]
    answer = probe("ipv6", lab.settings, inside=[*lab.desk.inside, *without])

    told = {line["subject"]: line["value"] for line in answer.of("ipv6.rung")}
    assert (answer.end, answer.errors, sorted(told)) == ({"end": "complete"}, "", sorted(RUNGS))
    assert [rung for rung in RUNGS if told[rung] == "pass"] == ["L4"]
    assert answer.value("ipv6.grade") == 0
