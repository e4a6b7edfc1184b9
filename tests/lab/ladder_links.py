"""
Which networks are there in which something about the link to the router is wrong?

One function a network: it makes the network of a swept street, breaks its one thing, and measures. Where an address or an
advertisement is wrong, what lies behind the link is not asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.lab.ladder import Ladder, advertisement
from tests.probes.face import Answer
from tests.probes.spaces import find, need, running, until

Network = Callable[[Ladder], Answer]
ALONE: dict[str, Any] = {"echo": None, "targets": []}
DROP = "type filter hook {hook} priority 0; {rule} drop;"
ROGUE = "fe80::bad"


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
    return lab.measured(**ALONE)


def advertising(*messages: bytes) -> Network:
    """Given advertisements."""

    def network(lab: Ladder) -> Answer:
        lab.healthy(*messages)
        return lab.measured(**ALONE)

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
    return lab.measured(lab_prefixes=[], **ALONE)


def isatap(lab: Ladder) -> Answer:
    """An interface identifier that holds an IPv4 address."""
    lab.healthy(lab.advertisement(prefix_flags=0x80))
    lab.given(f"{lab.lan[:-1]}0:0:5efe:c000:202")
    return lab.measured(**ALONE)


def deprecated(lab: Ladder) -> Answer:
    """The prefix is being withdrawn."""
    lab.healthy(lab.advertisement(preferred_s=0))
    return lab.measured(**ALONE)


def tentative(lab: Ladder) -> Answer:
    """An address about which nobody has decided yet whether somebody else has it."""
    lab.healthy(lab.advertisement(prefix_flags=0x80))
    _detect_duplicates(lab, 20)
    lab.given(f"{lab.lan}77")
    return lab.measured(**ALONE)


def duplicate(lab: Ladder) -> Answer:
    """Somebody else on the link has the desk's address."""
    lab.healthy(lab.advertisement(prefix_flags=0x80))
    lab.router.ip("addr", "add", f"{lab.lan}77/64", "dev", "lan0", "nodad")
    lab.case.callback(lab.router.ip, "addr", "del", f"{lab.lan}77/64", "dev", "lan0")
    _detect_duplicates(lab, 1)
    lab.desk.ip("addr", "add", f"{lab.lan}77/64", "dev", "ge0")  # one with lifetimes the kernel would take away
    return lab.measured(**ALONE)


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
        return lab.measured(routers=[name.format(first=first.strip()) for name in known], **ALONE)

    return network


def stranger(lab: Ladder) -> Answer:
    """The one router that announces is not one of the list."""
    lab.healthy()
    return lab.measured(routers=["02-00-5E-00-00-01"], **ALONE)


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


def nothing_ordered(lab: Ladder) -> Answer:
    """The order names no server and no targets."""
    lab.healthy()
    return lab.measured(**ALONE)
