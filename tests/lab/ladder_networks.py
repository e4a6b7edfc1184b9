"""
Which networks are there in which one thing about IPv6 is wrong?

One function a network: it makes the network of a swept street, breaks its one thing, and measures.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.lab.ladder import DEAD, OPERATORS, SERVER, SERVER_V4, ZONE, Ladder, advertisement
from tests.probes.face import Answer
from tests.probes.spaces import find, need, running, until

Network = Callable[[Ladder], Answer]
BELOW = {"echo": None, "targets": []}  # for what is wrong with the link itself: what lies behind it is not asked
UP = 'oifname "up0"'
TO_SERVER = f"ip6 daddr {SERVER}"
DROP = "type filter hook {hook} priority 0; {rule} drop;"
REJECT = "type filter hook forward priority 0; {rule} reject with icmpv6 no-route;"
REDIRECT = "type nat hook prerouting priority -100; {rules}"
MASQUERADE = "type nat hook postrouting priority 100; {rules}"
QUICK = {"limits": {"size_us": 1_500_000}}  # where transfers stick, each costs the whole time twice
OTHER_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
ROGUE = "fe80::bad"
SYNTHESISED = "64:ff9b::cb00:710a"  # of SERVER_V4 (RFC 6052 section 2.1)


# --- the link: L0 to L3 -----------------------------------------------------------------------------------------------


def slaac(lab: Ladder) -> Answer:
    """A real radvd, a resolver over IPv6."""
    need("radvd")
    settings = f"interface lan0 {{ AdvSendAdvert on; prefix {lab.lan}/64 {{ }}; RDNSS {lab.lan}1 {{ }}; }};\n"
    (lab.folder / "radvd.conf").write_text(settings)
    command = [find("radvd") or "", "-n", "-C", str(lab.folder / "radvd.conf"), "-p", str(lab.folder / "radvd.pid")]
    lab.case.enter_context(running([*lab.router.inside, *command, "-m", "stderr"], lab.folder / "radvd.log"))
    lab.names()
    lab.resolver(f"{lab.lan}1")
    return lab.measured(rs_tries=8)


def dhcpv6(lab: Ladder) -> Answer:
    """A real dnsmasq gives the address; it is asked as a client asks and put where a client puts it, for none is installed."""
    need("dnsmasq")
    lab.healthy(lab.advertisement(flags=0xC0, prefix_flags=0x80))
    command = [find("dnsmasq") or "", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--interface=lan0"]
    command += [f"--dhcp-range={lab.lan}100,{lab.lan}1ff,64,10m", f"--dhcp-option=option6:dns-server,[{lab.lan}1]"]
    command += [f"--dhcp-leasefile={lab.folder}/leases", f"--pid-file={lab.folder}/dhcp.pid", "--log-facility=-"]
    lab.case.enter_context(running([*lab.router.inside, *command], lab.folder / "dhcp.log"))
    until(lambda: lab.router.listens(547), "dnsmasq")
    lab.given(lab.play(lab.desk, "lease", "ge0"), 128)
    return lab.measured()


def dhcpv6_silent(lab: Ladder) -> Answer:
    """An address as DHCPv6 gives them, and no server that would."""
    lab.healthy(lab.advertisement(flags=0xC0, prefix_flags=0x80))
    lab.given(f"{lab.lan}123", 128)
    return lab.measured(**BELOW)


def advertising(*messages: bytes) -> Network:
    """Given advertisements."""

    def network(lab: Ladder) -> Answer:
        lab.healthy(*messages)
        return lab.measured(**BELOW)

    return network


def prefix(of: str) -> Network:
    """Another prefix than the provider's."""
    return advertising(advertisement(of))


def silent_router(lab: Ladder) -> Answer:
    """No router advertises."""
    lab.names()
    lab.resolver(lab.street.router_v4)
    return lab.measured()


def no_default(lab: Ladder) -> Answer:
    """A router that says not to go through it."""
    lab.healthy(lab.advertisement(lifetime_s=0))
    return lab.measured()


def documentation(lab: Ladder) -> Answer:
    """The prefix of the documentation range, at a school that is not virtual."""
    lab.healthy()
    return lab.measured(lab_prefixes=[], **BELOW)


def isatap(lab: Ladder) -> Answer:
    """An interface identifier that holds an IPv4 address."""
    lab.healthy(lab.advertisement(prefix_flags=0x80))
    lab.given(f"{lab.lan[:-1]}0:0:5efe:c000:202")
    return lab.measured(**BELOW)


def deprecated(lab: Ladder) -> Answer:
    """The prefix is being withdrawn."""
    lab.healthy(lab.advertisement(preferred_s=0))
    return lab.measured(**BELOW)


def tentative(lab: Ladder) -> Answer:
    """An address about which nobody has decided yet whether somebody else has it."""
    lab.healthy(lab.advertisement(prefix_flags=0x80))
    _detect_duplicates(lab, 20)
    lab.given(f"{lab.lan}77")
    return lab.measured(**BELOW)


def duplicate(lab: Ladder) -> Answer:
    """Somebody else on the link has the desk's address."""
    lab.healthy(lab.advertisement(prefix_flags=0x80))
    lab.router.ip("addr", "add", f"{lab.lan}77/64", "dev", "lan0", "nodad")
    lab.case.callback(lab.router.ip, "addr", "del", f"{lab.lan}77/64", "dev", "lan0")
    _detect_duplicates(lab, 1)
    lab.desk.ip("addr", "add", f"{lab.lan}77/64", "dev", "ge0")  # one with lifetimes the kernel would take away
    return lab.measured(**BELOW)


def _detect_duplicates(lab: Ladder, questions: int) -> None:
    """The desk asks so often, a second each, whether somebody has an address before it uses it."""
    lab.desk.sysctl("ipv6/conf/ge0/dad_transmits", questions)
    lab.case.callback(lab.desk.sysctl, "ipv6/conf/ge0/dad_transmits", 0)


def second_router(*known: str) -> Network:
    """Another router that announces another prefix; the list names those that are given, `{first}` for the school's own."""

    def network(lab: Ladder) -> Answer:
        lab.healthy()
        lab.router.ip("addr", "add", f"{ROGUE}/64", "dev", "lan0", "nodad")
        lab.case.callback(lab.router.ip, "addr", "del", f"{ROGUE}/64", "dev", "lan0")
        lab.advertise(advertisement("2001:db8:bad::"), source=ROGUE)
        first = lab.router.run("sh", "-c", "ip -6 -o addr show dev lan0 scope link | grep -v bad | grep -o 'fe80[^/]*'")
        return lab.measured(routers=[name.format(first=first.strip()) for name in known], **BELOW)

    return network


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
    lab.healthy(resolver=lab.street.router_v4)
    lab.filter(lab.router, DROP.format(hook="prerouting", rule='iifname "lan0" icmpv6 type != nd-router-solicit'))
    lab.filter(lab.router, DROP.format(hook="prerouting", rule='iifname "lan0" meta l4proto != ipv6-icmp'))
    return lab.measured()


def off(lab: Ladder) -> Answer:
    """IPv6 is switched off on the desk."""
    lab.healthy(resolver=lab.street.router_v4)
    lab.desk.sysctl("ipv6/conf/ge0/disable_ipv6", 1)
    return lab.measured()


# --- names: L4 --------------------------------------------------------------------------------------------------------


def naming(**how: object) -> Network:
    """A resolver that does as it is told."""

    def network(lab: Ladder) -> Answer:
        lab.healthy(**how)
        return lab.measured(**BELOW_NAMES)

    return network


BELOW_NAMES = {"limits": {"dns_us": 800_000}}
SLOW_S = 1.2


def named(**addresses: list[str]) -> Network:
    """A resolver that gives these addresses for the operator's name."""
    return naming(names={f"ds.{ZONE}": addresses})


OTHER_AAAA = named(AAAA=[DEAD], A=[SERVER_V4])
MADE_UP_AAAA = named(AAAA=[SYNTHESISED], A=[SERVER_V4])


def resolver_of_ipv4(lab: Ladder) -> Answer:
    """The only resolver has an IPv4 address."""
    lab.healthy(resolver=lab.street.router_v4)
    return lab.measured()


def resolver_elsewhere(lab: Ladder) -> Answer:
    """A resolver at which nobody is."""
    lab.healthy(resolver=f"{lab.lan}53")
    return lab.measured(**BELOW_NAMES)


def no_resolver(lab: Ladder) -> Answer:
    """Nobody told the desk whom to ask; a stub of its own is not there."""
    lab.healthy()
    lab.resolver()
    return lab.measured(**BELOW_NAMES)


def nat64(lab: Ladder) -> Answer:
    """No IPv4 at all, and a resolver that makes IPv6 addresses of IPv4 ones."""
    lab.healthy(names={"ipv4only.arpa": {"AAAA": ["64:ff9b::c000:aa"]}})
    lab.without_ipv4()
    return lab.measured()


def nat64_only(lab: Ladder) -> Answer:
    """The same, and the translator is the only way out: IPv6 leads nowhere else, and every AAAA is made up."""
    lab.healthy(names={f"ds.{ZONE}": {"AAAA": [SYNTHESISED]}, "ipv4only.arpa": {"AAAA": ["64:ff9b::c000:aa"]}})
    lab.without_ipv4()
    lab.router.ip("addr", "add", f"{SYNTHESISED}/128", "dev", "lo")
    lab.case.callback(lab.router.ip, "addr", "del", f"{SYNTHESISED}/128", "dev", "lo")
    lab.play(lab.router, "relay", "443", SERVER_V4)
    lab.filter(lab.router, REJECT.format(rule=UP))
    return lab.measured()


# --- the way: L5 and L6 -----------------------------------------------------------------------------------------------


def no_transit(lab: Ladder) -> Answer:
    """The school's router says that it knows no way on."""
    lab.healthy()
    lab.filter(lab.router, REJECT.format(rule=UP))
    return lab.measured()


def silent_transit(lab: Ladder) -> Answer:
    """What goes on over IPv6 is lost without a word."""
    lab.healthy()
    lab.filter(lab.router, DROP.format(hook="forward", rule=UP))
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
    lab.play(lab.router, "portal", "8080", "8443")
    lab.filter(lab.router, REDIRECT.format(rules="tcp dport 80 redirect to :8080; tcp dport 443 redirect to :8443;"))
    return lab.measured(**QUICK)


def captive_without_tls(lab: Ladder) -> Answer:
    """A portal that shows itself at the plain port only, and refuses TLS."""
    lab.healthy()
    lab.play(lab.router, "portal", "8080", "8443")
    lab.filter(lab.router, REDIRECT.format(rules="tcp dport 80 redirect to :8080; tcp dport 443 redirect to :9;"))
    return lab.measured()


def no_tls(lab: Ladder) -> Answer:
    """Somebody lets connections to the TLS port stand and nothing through."""
    lab.healthy()
    lab.filter(lab.router, DROP.format(hook="forward", rule="tcp dport 443 tcp flags & psh == psh"))
    return lab.measured(**QUICK)


def intercepted(lab: Ladder) -> Answer:
    """TLS is opened on the way by somebody with a certificate of his own."""
    lab.healthy()
    lab.play(lab.router, "intercept", "8443", SERVER)
    lab.filter(lab.router, REDIRECT.format(rules="tcp dport 443 redirect to :8443;"))
    return lab.measured(**QUICK)


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
    outer = f"2001:db8:9{lab.street.number:x}::/64"
    rule = f"{UP} ip6 saddr {lab.lan}/64 snat ip6 prefix to ip6 saddr map {{ {lab.lan}/64 : {outer} }};"
    for at, via in ((lab.mid, lab.street.up(1)[0]), (lab.street.outside, lab.street.far(1)[0])):
        at.ip("-6", "route", "add", outer, "via", via)
        lab.case.callback(at.ip, "-6", "route", "del", outer)
    lab.filter(lab.router, MASQUERADE.format(rules=rule))
    return lab.measured()


def other_key(lab: Ladder) -> Answer:
    """The seal is of another key than the order names."""
    lab.healthy()
    return lab.measured(echo=lab.settings["echo"] | {"server_key": OTHER_KEY})


# --- sizes: L7 --------------------------------------------------------------------------------------------------------


def black_hole(*directions: str) -> Network:
    """A narrow link, and the message that says so is thrown away."""

    def network(lab: Ladder) -> Answer:
        lab.healthy()
        lab.narrowed(1300)
        for direction in directions:
            at = lab.router if direction == "up" else lab.mid
            lab.filter(at, DROP.format(hook="output", rule="icmpv6 type packet-too-big"))
        return lab.measured(**QUICK)

    return network


def behind_the_hop(lab: Ladder) -> Answer:
    """The message of the hop of 1280 octets is thrown away by the school's router."""
    lab.healthy()
    lab.filter(lab.router, DROP.format(hook="forward", rule="icmpv6 type packet-too-big"))
    return lab.measured(**QUICK)


def cut_short(lab: Ladder) -> Answer:
    """Connections over IPv6 that have carried some thousand octets are cut, however small their packets."""
    lab.healthy()
    lab.router.sysctl("netfilter/nf_conntrack_acct", 1)
    lab.filter(lab.router, DROP.format(hook="forward", rule=f"{TO_SERVER} ct original bytes > 6000"))
    return lab.measured(**QUICK)


def no_narrow_name(lab: Ladder) -> Answer:
    """The operator has no narrow path to offer."""
    lab.healthy()
    echo = {key: value for key, value in lab.settings["echo"].items() if key != "mtu1280"}
    return lab.measured(echo=echo)


# --- beside IPv4: L8 --------------------------------------------------------------------------------------------------


def slow(slower_us: int) -> Network:
    """IPv6 takes 0.3 s longer than IPv4, beside what the operator tolerates."""

    def network(lab: Ladder) -> Answer:
        lab.healthy()
        lab.slowed(150_000)
        return lab.measured(limits={"slower_us": slower_us})

    return network


def lossy(lab: Ladder) -> Answer:
    """Every third connection's first packet is lost over IPv6."""
    lab.healthy()
    rule = "tcp flags & (syn | ack) == syn numgen inc mod 3 == 0"
    lab.filter(lab.router, DROP.format(hook="forward", rule=rule))
    return lab.measured()


def dead_a(lab: Ladder) -> Answer:
    """The server's IPv4 is dead."""
    lab.healthy()
    lab.filter(lab.router, DROP.format(hook="forward", rule=f"ip daddr {SERVER_V4}"), "ip")
    return lab.measured()


def no_v4_name(lab: Ladder) -> Answer:
    """The operator has no IPv4 to compare with."""
    lab.healthy()
    echo = {key: value for key, value in lab.settings["echo"].items() if key != "v4"}
    return lab.measured(echo=echo)


def nothing_ordered(lab: Ladder) -> Answer:
    """The order names no server and no targets."""
    lab.healthy()
    return lab.measured(**BELOW)
