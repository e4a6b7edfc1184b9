"""
Which networks are there in which the link is as it should be, and something behind it is not?

One function a network: it makes the network of a swept street, breaks its one thing, and measures.
"""

from __future__ import annotations

from typing import Any

from tests.lab.ladder import DEAD, OPERATORS, SERVER, SERVER_V4, ZONE, Ladder
from tests.lab.ladder_links import DROP, Network
from tests.probes.face import Answer

UP = 'oifname "up0"'
TO_SERVER = f"ip6 daddr {SERVER}"
REJECT = "type filter hook forward priority 0; {rule} reject with icmpv6 no-route;"
REDIRECT = "type nat hook prerouting priority -100; {rules}"
MASQUERADE = "type nat hook postrouting priority 100; {rules}"
QUICK = {"limits": {"size_us": 1_500_000}}  # where transfers stick, each costs the whole time twice
IMPATIENT = {"limits": {"dns_us": 800_000}}
SLOW_S = 1.2  # beyond it, and within what is waited for
OTHER_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
SYNTHESISED = "64:ff9b::cb00:710a"  # of SERVER_V4 (RFC 6052 section 2.1)


# --- names: L4 --------------------------------------------------------------------------------------------------------


def naming(**how: Any) -> Network:
    """A resolver that does as it is told."""

    def network(lab: Ladder) -> Answer:
        lab.healthy(**how)
        return lab.measured(**IMPATIENT)

    return network


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
    return lab.measured(**IMPATIENT)


def no_resolver(lab: Ladder) -> Answer:
    """Nobody told the desk whom to ask; a stub of its own is not there."""
    lab.healthy()
    lab.resolver()
    return lab.measured(**IMPATIENT)


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
        for direction in directions:
            at = lab.router if direction == "up" else lab.mid
            lab.filter(at, DROP.format(hook="output", rule="icmpv6 type packet-too-big"))
        lab.narrowed(1300)  # last: what an earlier case still repeats must not teach anybody how narrow it is
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
