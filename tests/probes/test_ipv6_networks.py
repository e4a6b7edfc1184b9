"""
Does each thing that can be wrong with IPv6 give its own rung and code?

One network a case, one thing wrong in it (tests/lab/ladder.py); beside each a capture of all IPv4 that leaves the desk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.ladder import (
    DEAD,
    LAN,
    LAN_V4,
    NARROW,
    OPERATORS,
    SERVER,
    SERVER_V4,
    ZONE,
    Ladder,
    advertisement,
    ladder,
)
from tests.probes.face import Answer
from tests.probes.spaces import find, need, running, until

pytestmark = pytest.mark.timeout(400)

Case = Callable[[Ladder], Answer]
BELOW: dict[str, Any] = {
    "echo": None,
    "targets": [],
}  # for what is wrong with the link itself: what lies behind it is not asked
UP = 'oifname "up0"'
TO_SERVER = f"ip6 daddr {SERVER}"
DROP = "type filter hook {hook} priority 0; {rule} drop;"
REJECT = "type filter hook forward priority 0; {rule} reject with icmpv6 no-route;"
REDIRECT = "type nat hook prerouting priority -100; {rules}"
MASQUERADE = "type nat hook postrouting priority 100; {rules}"
EVERYTHING = tuple(f"L{number}" for number in range(10))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ladder]:
    """The row of machines, once for all cases."""
    with ladder(tmp_path_factory.mktemp("ladder")) as made:
        yield made


def rungs(answer: Answer) -> dict[str, str]:
    """Each rung as `pass`, `pass REMARK`, or `state CODE`."""
    assert answer.status == 0, answer.errors
    told = {
        line["subject"]: f"{line['value']} {line.get('facts', {}).get('code', '')}".strip()
        for line in answer.of("ipv6.rung")
    }
    return dict(sorted(told.items()))


def grade(answer: Answer) -> tuple[int, int]:
    """At least and at most."""
    (one,) = answer.of("ipv6.grade")
    return (one["value"], one["value"]) if "value" in one else (one["at_least"], one["at_most"])


# --- networks ---------------------------------------------------------------------------------------------------------


def slaac(lab: Ladder) -> Answer:
    """A real radvd, a resolver over IPv6."""
    need("radvd")
    settings = f"interface lan0 {{ AdvSendAdvert on; prefix {LAN}/64 {{ AdvOnLink on; AdvAutonomous on; }}; RDNSS {LAN}1 {{ }}; }};\n"
    (lab.folder / "radvd.conf").write_text(settings)
    command = [find("radvd") or "", "-n", "-C", str(lab.folder / "radvd.conf"), "-p", str(lab.folder / "radvd.pid")]
    lab.case.enter_context(running([*lab.router.inside, *command, "-m", "stderr"], lab.folder / "radvd.log"))
    lab.names()
    lab.resolver(f"{LAN}1")
    return lab.measured(rs_tries=8)


def dhcpv6(lab: Ladder) -> Answer:
    """A real dnsmasq gives the address out; it is put where a client would put it, for no client runs here."""
    need("dnsmasq")
    lab.healthy(advertisement(flags=0xC0, prefix_flags=0x80))
    command = [find("dnsmasq") or "", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--interface=lan0"]
    command += [
        f"--dhcp-range={LAN}100,{LAN}1ff,64,10m",
        f"--dhcp-leasefile={lab.folder}/leases",
        f"--pid-file={lab.folder}/dhcp.pid",
    ]
    command += ["--log-facility=-", f"--dhcp-option=option6:dns-server,[{LAN}1]"]
    lab.case.enter_context(running([*lab.router.inside, *command], lab.folder / "dhcp.log"))
    until(lambda: lab.router.listens(547), "dnsmasq")
    lab.desk.ip("addr", "add", f"{LAN}123/128", "dev", "ge0", "valid_lft", "600", "preferred_lft", "600")
    return lab.measured()


def dhcpv6_silent(lab: Ladder) -> Answer:
    """An address as DHCPv6 gives them, and no server that would."""
    lab.healthy(advertisement(flags=0xC0, prefix_flags=0x80))
    lab.desk.ip("addr", "add", f"{LAN}123/128", "dev", "ge0", "valid_lft", "600", "preferred_lft", "600")
    return lab.measured(**BELOW)


def advertising(*messages: bytes) -> Case:
    """Given advertisements, and all else as it should be."""

    def network(lab: Ladder) -> Answer:
        lab.healthy(*messages)
        return lab.measured(**BELOW)

    return network


def no_default(lab: Ladder) -> Answer:
    """A router that is none."""
    lab.healthy(advertisement(lifetime_s=0))
    return lab.measured()


def silent_router(lab: Ladder) -> Answer:
    """No router advertises."""
    lab.names()
    lab.resolver(f"{LAN_V4}1")
    return lab.measured()


def documentation(lab: Ladder) -> Answer:
    """A real prefix of the documentation range, at a school that is not virtual."""
    lab.healthy()
    return lab.measured(lab_prefixes=[], **BELOW)


def isatap(lab: Ladder) -> Answer:
    """An interface identifier that holds an IPv4 address."""
    lab.healthy(advertisement(prefix_flags=0x80))
    lab.desk.ip(
        "addr", "add", f"{LAN[:-1]}0:0:5efe:c000:202/64", "dev", "ge0", "valid_lft", "600", "preferred_lft", "600"
    )
    return lab.measured(**BELOW)


def rogue(lab: Ladder) -> Answer:
    """A second router that announces another prefix."""
    lab.healthy()
    lab.play(lab.router, "router", "lan0", advertisement("2001:db8:bad::").hex())
    return lab.measured(**BELOW)


def stranger(lab: Ladder) -> Answer:
    """The one router that announces is not one of the list."""
    lab.healthy()
    return lab.measured(routers=["02-00-5E-00-00-01"], **BELOW)


def no_default_route(lab: Ladder) -> Answer:
    """The host takes no default route from the router."""
    lab.desk.sysctl("ipv6/conf/ge0/accept_ra_defrtr", 0)
    lab.healthy()
    return lab.measured()


def dead_gateway(lab: Ladder) -> Answer:
    """The router announces itself and answers nothing else over IPv6."""
    lab.healthy(resolver=f"{LAN_V4}1")
    lab.filter(lab.router, DROP.format(hook="prerouting", rule='iifname "lan0" icmpv6 type != nd-router-solicit'))
    lab.filter(lab.router, DROP.format(hook="prerouting", rule='iifname "lan0" meta l4proto != ipv6-icmp'))
    return lab.measured()


def naming(resolver: str = f"{LAN}1", **how: object) -> Case:
    """A resolver that does as it is told."""

    def network(lab: Ladder) -> Answer:
        lab.healthy(resolver=resolver, **how)
        return lab.measured()

    return network


def resolver_of_ipv4(lab: Ladder) -> Answer:
    """The only resolver has an IPv4 address."""
    lab.healthy(resolver=f"{LAN_V4}1")
    return lab.measured()


def resolver_elsewhere(lab: Ladder) -> Answer:
    """A resolver at which nobody is."""
    lab.healthy(resolver="2001:db8:1::53")
    return lab.measured()


def no_transit(lab: Ladder) -> Answer:
    """The school's router knows no way on."""
    lab.healthy()
    lab.filter(lab.router, DROP.format(hook="forward", rule=f"{UP}"))
    return lab.measured()


def partial_transit(lab: Ladder) -> Answer:
    """Only hosts of one operator are reached."""
    lab.healthy()
    others = ", ".join([SERVER, *(address for address, operator in OPERATORS.items() if operator != "one")])
    lab.filter(lab.router, REJECT.format(rule=f"ip6 daddr {{ {others} }}"))
    return lab.measured()


def few_targets(lab: Ladder) -> Answer:
    """The operator's list names nobody but its own server."""
    lab.healthy()
    return lab.measured(targets=[])


def dead_aaaa(lab: Ladder) -> Answer:
    """The server's IPv6 is dead, its IPv4 is not; other hosts are reached."""
    lab.healthy()
    lab.filter(lab.router, REJECT.format(rule=TO_SERVER))
    return lab.measured()


def captive(lab: Ladder) -> Answer:
    """A portal answers in everybody's place."""
    lab.healthy()
    lab.play(lab.router, "portal", lab.certificate(), "8080", "8443")
    lab.filter(lab.router, REDIRECT.format(rules="tcp dport 80 redirect to :8080; tcp dport 443 redirect to :8443;"))
    return lab.measured()


def captive_without_tls(lab: Ladder) -> Answer:
    """A portal that shows itself at the plain port only, and refuses TLS."""
    lab.healthy()
    lab.play(lab.router, "portal", lab.certificate(), "8080", "8443")
    lab.filter(lab.router, REDIRECT.format(rules="tcp dport 80 redirect to :8080; tcp dport 443 redirect to :9;"))
    return lab.measured()


def intercepted(lab: Ladder) -> Answer:
    """TLS is opened on the way by somebody with a certificate of his own."""
    lab.healthy()
    lab.play(lab.router, "intercept", lab.certificate(), "8443", SERVER)
    lab.filter(lab.router, REDIRECT.format(rules="tcp dport 443 redirect to :8443;"))
    return lab.measured()


def proxied(lab: Ladder) -> Answer:
    """What leaves over IPv6 goes on over IPv4."""
    lab.healthy()
    lab.play(lab.router, "relay", "8443", SERVER_V4)
    lab.filter(lab.router, REDIRECT.format(rules="tcp dport 443 redirect to :8443;"))
    return lab.measured()


def nat66(lab: Ladder) -> Answer:
    """The router writes its own address over everybody's."""
    lab.healthy()
    lab.filter(lab.router, MASQUERADE.format(rules=f"{UP} masquerade;"))
    return lab.measured()


def npt(lab: Ladder) -> Answer:
    """The router writes another prefix over everybody's."""
    lab.healthy()
    rule = f"{UP} ip6 saddr {LAN}/64 snat ip6 prefix to ip6 saddr map {{ {LAN}/64 : 2001:db8:99::/64 }};"
    lab.mid.ip("-6", "route", "add", "2001:db8:99::/64", "via", "2001:db8:2::1")
    lab.case.callback(lab.mid.ip, "-6", "route", "del", "2001:db8:99::/64")
    lab.filter(lab.router, MASQUERADE.format(rules=rule))
    return lab.measured()


def other_key(lab: Ladder) -> Answer:
    """The seal is of another key than the order names."""
    lab.healthy()
    settings = lab.settings["echo"] | {"server_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}
    return lab.measured(echo=settings)


def black_hole(direction: str) -> Case:
    """A narrow link, and the message that says so is thrown away."""

    def network(lab: Ladder) -> Answer:
        lab.healthy()
        lab.narrowed(1300)
        at = lab.router if direction == "up" else lab.mid
        lab.filter(at, DROP.format(hook="output", rule="icmpv6 type packet-too-big"))
        return lab.measured(parity=False)

    return network


def narrow_path(lab: Ladder) -> Answer:
    """A narrow link that says so is nothing wrong."""
    lab.healthy()
    lab.narrowed(1300)
    return lab.measured(parity=False)


def behind_the_hop(lab: Ladder) -> Answer:
    """The message of the hop of 1280 octets is thrown away by the school's router."""
    lab.healthy()
    lab.filter(lab.router, DROP.format(hook="forward", rule="icmpv6 type packet-too-big"))
    return lab.measured(parity=False)


def no_narrow_name(lab: Ladder) -> Answer:
    """The operator has no narrow path to offer."""
    lab.healthy()
    echo = {key: value for key, value in lab.settings["echo"].items() if key != "mtu1280"}
    return lab.measured(echo=echo)


def slow(lab: Ladder) -> Answer:
    """IPv6 takes four tenths of a second longer than IPv4."""
    lab.healthy()
    lab.slowed(200_000)
    return lab.measured(parity=False, limits={"size_us": 4_000_000, "dns_us": 600_000})


def lossy(lab: Ladder) -> Answer:
    """Every third connection's first packet is lost over IPv6."""
    lab.healthy()
    rule = "tcp flags & (syn | ack) == syn numgen inc mod 3 == 0"
    lab.filter(lab.router, DROP.format(hook="forward", rule=rule))
    return lab.measured(parity=False, limits={"size_us": 4_000_000, "dns_us": 600_000})


def nat64(lab: Ladder) -> Answer:
    """No IPv4 at all, and a resolver that makes IPv6 addresses of IPv4 ones."""
    lab.healthy(names={"ipv4only.arpa": {"AAAA": ["64:ff9b::c000:aa"]}})
    lab.desk.ip("addr", "flush", "dev", "ge0", "scope", "global")
    lab.desk.run("sh", "-c", "ip -4 route flush table main")
    return lab.measured()


def deprecated(lab: Ladder) -> Answer:
    """The prefix is being withdrawn."""
    lab.healthy(advertisement(preferred_s=0))
    return lab.measured(**BELOW)


def duplicate(lab: Ladder) -> Answer:
    """Somebody else on the link has the desk's address."""
    lab.healthy(advertisement(prefix_flags=0x80))
    lab.router.ip("addr", "add", f"{LAN}77/64", "dev", "lan0", "nodad")
    lab.case.callback(lab.router.ip, "addr", "del", f"{LAN}77/64", "dev", "lan0")
    lab.desk.sysctl("ipv6/conf/ge0/dad_transmits", 1)
    lab.case.callback(lab.desk.sysctl, "ipv6/conf/ge0/dad_transmits", 0)
    lab.desk.ip("addr", "add", f"{LAN}77/64", "dev", "ge0")
    return lab.measured(**BELOW)


def off(lab: Ladder) -> Answer:
    """IPv6 is switched off on the desk."""
    lab.healthy(resolver=f"{LAN_V4}1")
    lab.desk.sysctl("ipv6/conf/ge0/disable_ipv6", 1)
    return lab.measured()


def nothing_ordered(lab: Ladder) -> Answer:
    """The order names no targets."""
    lab.healthy()
    return lab.measured(echo=None, targets=[])


GOOD = dict.fromkeys(EVERYTHING, "pass")
UNREACHED = {"L7": "not_tested NOT_REACHED", "L9": "not_tested NOT_REACHED"}
NO_WAY = {"L5": "fail NO_TRANSIT", "L6": "fail NO_ANSWER", "L8": "fail V6_UNSTABLE", **UNREACHED}
ASKED_NOTHING = dict.fromkeys(EVERYTHING[4:], "not_tested NO_TARGETS")
OPEN_PARITY = {"L9": "not_tested NOT_ORDERED"}
NETWORKS: dict[str, tuple[Case, dict[str, str], tuple[int, int]]] = {
    "healthy SLAAC": (slaac, {}, (3, 3)),
    "healthy DHCPv6": (dhcpv6, {}, (3, 3)),
    "DHCPv6 server gone": (dhcpv6_silent, {"L2": "inconclusive DHCPV6_SILENT", **ASKED_NOTHING}, (0, 3)),
    "RA off": (
        silent_router,
        {"L1": "fail NO_RA", "L2": "fail NO_ADDRESS", "L3": "fail NO_ROUTE", "L4": "pass NO_V6_RESOLVER", **NO_WAY},
        (0, 0),
    ),
    "lifetime 0": (no_default, {"L1": "fail RA_LIFETIME_0", "L3": "fail NO_ROUTE", **NO_WAY}, (0, 0)),
    "ULA only": (advertising(advertisement("fd00:1::")), {"L2": "fail ULA_ONLY", **ASKED_NOTHING}, (0, 0)),
    "6to4": (advertising(advertisement("2002:c000:204::")), {"L2": "fail TUNNEL_6TO4", **ASKED_NOTHING}, (0, 0)),
    "Teredo": (advertising(advertisement("2001:0:c000:204::")), {"L2": "fail TUNNEL_TEREDO", **ASKED_NOTHING}, (0, 0)),
    "ISATAP": (isatap, {"L2": "fail ISATAP", **ASKED_NOTHING}, (0, 0)),
    "documentation prefix": (documentation, {"L2": "fail DOC_PREFIX", **ASKED_NOTHING}, (0, 0)),
    "link-local only": (advertising(advertisement("")), {"L2": "fail NO_ADDRESS", **ASKED_NOTHING}, (0, 0)),
    "deprecated": (deprecated, {"L2": "fail DEPRECATED_ONLY", **ASKED_NOTHING}, (0, 0)),
    "duplicate": (duplicate, {"L2": "fail DAD_FAIL", **ASKED_NOTHING}, (0, 0)),
    "rogue router": (rogue, {"L1": "fail ROGUE_RA", **ASKED_NOTHING}, (0, 0)),
    "a router that is not in the list": (stranger, {"L1": "fail ROGUE_RA", **ASKED_NOTHING}, (0, 0)),
    "no default route": (no_default_route, {"L3": "fail NO_ROUTE", **NO_WAY}, (0, 0)),
    "gateway dead": (dead_gateway, {"L3": "fail GW_UNREACHABLE", "L4": "pass NO_V6_RESOLVER", **NO_WAY}, (0, 0)),
    "stack off": (
        off,
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
    "AAAA filtered": (naming(filtered=True), {"L4": "fail AAAA_FILTERED"}, (1, 1)),
    "AAAA fails": (naming(servfail=True), {"L4": "fail AAAA_SERVFAIL"}, (1, 1)),
    "resolver slow": (naming(delay_s=0.8), {"L4": "fail AAAA_SLOW"}, (1, 1)),
    "resolver silent": (naming(silent=True), {"L4": "inconclusive RESOLVER_SILENT"}, (1, 3)),
    "nobody at the resolver": (resolver_elsewhere, {"L4": "inconclusive RESOLVER_SILENT"}, (1, 3)),
    "another AAAA": (
        naming(names={f"ds.{ZONE}": {"AAAA": [DEAD], "A": [SERVER_V4]}}),
        {"L4": "fail AAAA_OTHER"},
        (1, 1),
    ),
    "AAAA made up by DNS64": (
        naming(names={f"ds.{ZONE}": {"AAAA": ["64:ff9b::cb00:710a"], "A": [SERVER_V4]}}),
        {"L4": "fail AAAA_SYNTHESISED"},
        (1, 1),
    ),
    "name missing": (naming(names={f"ds.{ZONE}": {}}), {"L4": "inconclusive NAME_MISSING"}, (1, 3)),
    "no resolver over IPv6": (resolver_of_ipv4, {"L4": "pass NO_V6_RESOLVER"}, (3, 3)),
    "DNS64 and NAT64 only": (nat64, {"L4": "pass DNS64", "L8": "pass NO_IPV4", "L9": "not_tested NO_IPV4"}, (3, 3)),
    "no transit": (no_transit, NO_WAY, (1, 1)),
    "partial transit": (
        partial_transit,
        {"L5": "fail PARTIAL_TRANSIT", "L6": "fail NO_ANSWER", "L8": "fail V6_UNSTABLE", **UNREACHED},
        (1, 1),
    ),
    "few targets": (few_targets, {"L5": "inconclusive FEW_TARGETS"}, (1, 3)),
    "dead AAAA with a good A": (
        dead_aaaa,
        {"L5": "inconclusive SERVER_UNREACHABLE", "L6": "fail NO_ANSWER", "L8": "fail V6_UNSTABLE", **UNREACHED},
        (1, 1),
    ),
    "captive portal": (captive, {"L6": "fail CAPTIVE"}, (1, 1)),
    "captive portal without TLS": (captive_without_tls, {"L5": "fail NO_TRANSIT", "L6": "fail CAPTIVE"}, (1, 1)),
    "TLS intercepted": (intercepted, {"L6": "fail TLS_INTERCEPT"}, (1, 1)),
    "proxy to IPv4": (proxied, {"L6": "fail PROXY"}, (1, 1)),
    "NAT66": (nat66, {"L6": "pass NAT66"}, (2, 2)),
    "NPT": (npt, {"L6": "pass NPT"}, (2, 2)),
    "another key": (other_key, {"L6": "inconclusive ECHO_WRONG"}, (1, 3)),
    "PMTU black hole up": (black_hole("up"), {"L7": "fail PMTU_BLACKHOLE_UP", **OPEN_PARITY}, (2, 2)),
    "PMTU black hole down": (black_hole("down"), {"L7": "fail PMTU_BLACKHOLE_DOWN", **OPEN_PARITY}, (2, 2)),
    "black hole behind the hop": (behind_the_hop, {"L7": "fail PMTU_BLACKHOLE_UP", **OPEN_PARITY}, (2, 2)),
    "narrow path that says so": (narrow_path, OPEN_PARITY, (3, 3)),
    "no narrow name": (no_narrow_name, {"L7": "inconclusive NO_MTU1280"}, (2, 3)),
    "IPv6 slow": (slow, {"L8": "fail V6_SLOW", **OPEN_PARITY}, (2, 2)),
    "IPv6 lossy": (lossy, {"L8": "fail V6_UNSTABLE", **OPEN_PARITY}, (2, 2)),
    "nothing ordered": (nothing_ordered, ASKED_NOTHING, (1, 3)),
}
# Where something else answers in the server's place, what lies above is measured too, but is not what the case is about.
LAST = {
    "captive portal": "L6",
    "captive portal without TLS": "L6",
    "TLS intercepted": "L6",
    "proxy to IPv4": "L6",
    "NAT66": "L8",
    "NPT": "L8",
}


@pytest.mark.parametrize("name", NETWORKS)
def test_network(lab: Ladder, name: str) -> None:
    """The rung and the code are those of what is wrong, the grade follows, and no IPv4 leaves that the comparison did not need."""
    network, wrong, expected = NETWORKS[name]
    with lab.swept():
        log = lab.captured()
        answer = network(lab)
        sent = {tuple(line.split()) for line in log.read_text().splitlines() if line != "ready"}
    told = rungs(answer)
    judged = {rung: told[rung] for rung in EVERYTHING if rung <= LAST.get(name, "L9")}
    assert judged == {rung: (GOOD | wrong)[rung] for rung in judged}
    assert grade(answer) == expected
    # DNS questions to the resolver that was configured by an IPv4 address, and connects to the server's IPv4 address to compare.
    assert sent <= {("6", SERVER_V4, "443"), ("17", f"{LAN_V4}1", "53")}


def test_no_ipv4_at_all_below_the_comparison(lab: Ladder) -> None:
    """With a resolver over IPv6 and nothing to compare with, not one IPv4 packet leaves."""
    with lab.swept():
        lab.healthy()
        log = lab.captured()
        echo = {key: value for key, value in lab.settings["echo"].items() if key != "v4"}
        told = rungs(lab.measured(echo=echo))
        sent = log.read_text().split()
    assert (told["L7"], told["L8"], sent) == ("pass", "inconclusive NO_V4_NAME", ["ready"])


def test_the_evidence_of_every_connection(lab: Ladder, tmp_path: Path) -> None:
    """Each file holds both addresses of what was connected, and none is of the other family but in the comparison."""
    with lab.swept():
        lab.healthy()
        lab.measured(evidence=tmp_path / "evidence")
    written = {path.name: path.read_text() for path in (tmp_path / "evidence").glob("*.json")}
    below = [name for name in ("reach.json", "web.json", "sizes.json") if SERVER_V4 in written[name]]
    assert (below, SERVER_V4 in written["dual.json"], NARROW in written["sizes.json"]) == ([], True, True)
