"""
Can one climb of the IPv6 ladder, one look at a site from outside, or one knock at a box, have given these readings?

*Method*: the grade is exactly the one that follows from the rungs, each of which is told once. A rung above L3 passes only where the
order named an echo server and the bounds, with the figures that these bounds ask for. L6 passes only with the server's own seal over the
nonce of this order and this agent, which tells the address that the box says it sent from. What merely looks unlikely is no matter of this
module: a report that breaks a rule here is never judged.

What it does not prove: that the server is the operator's, or the address the school's: `collector.ipv6` asks for both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import IPv6Address, IPv6Network, ip_address

from collector.plausible_switches import Said
from evidence import quantities as q
from evidence.echo import Echoed, nonce_of, open_echo
from evidence.errors import Rejected
from evidence.ladder import FROM_OUTSIDE, GRADES, INCONCLUSIVE, PASS, RUNGS, grade_of
from evidence.model import Reading, Report, Settings

ALL_PPM = 1_000_000
NATIVE = IPv6Network("2000::/3")  # RFC 4291 section 2.4
# What of it no provider routes to a school: Teredo, 6to4, documentation (twice), benchmarking, ORCHID (twice).
NOT_NATIVE = tuple(
    map(
        IPv6Network,
        ("2001::/32", "2002::/16", "2001:db8::/32", "3fff::/20", "2001:2::/48", "2001:10::/28", "2001:20::/28"),
    )
)
ISATAP = (0x00005EFE, 0x02005EFE)  # first half of the interface identifier, RFC 5214 section 6.1
SUBNET_BITS = 64
INTERFACE_BITS = 64  # the interface identifier, RFC 4291 section 2.5.1
REMARKS = {
    "L3": ("GW_NO_ECHO",),
    "L4": ("NO_V6_RESOLVER", "DNS64"),
    "L6": ("NAT66", "NPT"),
    "L8": ("NO_IPV4",),
}  # codes of rungs that pass
NO_IPV4 = "NO_IPV4"
FEWEST_CONNECTS, FEWEST_COMPARED = 10, 20  # of L8 and of L9
FEWEST_DOWNLOADS = 4  # of L9, that did not break off: two of each family
SLACK_PPM = 100_000  # how much later than its bound a transfer may be seen to end
LIMITS = (
    *("dns_us", "reach_ppm", "fewest_targets", "fewest_operators", "size_us", "dual_ppm"),
    *("slower_us", "race_ppm", "parity_ppm", "rtt_ppm", "rtt_us", "rate_ppm"),
)
TRANSFERS = tuple(f"{path}_{kind}_us" for path in ("normal", "mtu1280") for kind in ("small", "up", "down"))
LINKS_PPM = 850_000  # S8 and S9: of the national plan of 2022, for portals of counties and above
CHECKS_OF_A_SITE = ("S1", "S2", "S3", "S4", "S5", "S6", "S8", "S9", "S10", "S11")
Rungs = Mapping[str, Reading]
Limits = Mapping[str, int]


def rungs_of(report: Report) -> dict[str, Reading]:
    """The rungs of a report by their names."""
    return {one.subject: one for one in report.readings if one.quantity == q.IPV6_RUNG.name}


def code_of(reading: Reading) -> str:
    """The code of a rung or of a check; empty where there is none."""
    return str(reading.facts.get("code", ""))


def passed(rungs: Rungs, name: str) -> bool:
    """Whether a rung passed."""
    return name in rungs and rungs[name].value == PASS


def is_native(address: IPv6Address, lab: Iterable[IPv6Network] = ()) -> bool:
    """Whether a provider can route an address to a school; `lab` are prefixes that a virtual school uses as if they were such."""
    if int(address) >> 32 & 0xFFFFFFFF in ISATAP:
        return False
    if any(address in network for network in lab):
        return True
    return address in NATIVE and not any(address in network for network in NOT_NATIVE)


# --- The ladder -------------------------------------------------------------------------------------------------------


def make_one_climb(report: Report, said: Said) -> bool:
    """Whether one run of the probe `ipv6` can have given the readings."""
    rungs, grade = rungs_of(report), said.get((q.IPV6_GRADE.name, ""))
    known = set(rungs) <= set(RUNGS)
    whole = report.failure is not None or (grade is not None and set(rungs) == set(RUNGS))
    return known and whole and _follows(grade, rungs) and all(_may_pass(report, rungs, one) for one in rungs)


def _follows(grade: Reading | None, rungs: Rungs) -> bool:
    """Whether a grade, where there is one, is exactly that of the rungs."""
    states = {name: (str(one.value), code_of(one)) for name, one in rungs.items()}
    return grade is None or (grade.low, grade.high) == grade_of(states)


def _may_pass(report: Report, rungs: Rungs, name: str) -> bool:
    """Whether a rung, if it passed, can have passed by what was ordered and what is told of it."""
    one = rungs[name]
    if one.value != PASS:
        return True
    if code_of(one) and code_of(one) not in REMARKS.get(name, ()):
        return False
    rule = RULES.get(name)
    if name in GRADES[0]:
        return rule is None or rule(report, rungs, {})
    limits = _limits(report.settings)
    return limits is not None and rule is not None and rule(report, rungs, limits)


def _limits(settings: Settings) -> Limits | None:
    """The bounds of an order that names an echo server; None where either was not ordered, and nothing above L3 can pass."""
    limits = settings.get("limits") or {}
    whole = bool(settings.get("echo")) and all(isinstance(limits.get(name), int) for name in LIMITS)
    return limits if whole else None


def _number(rung: Reading, fact: str) -> int | None:
    """A fact that is a number."""
    told = rung.facts.get(fact)
    return told if isinstance(told, int) else None


def _numbers(rung: Reading, *facts: str) -> tuple[int, ...] | None:
    """Facts that are all numbers, none below nothing; None where one is missing."""
    told = [number for fact in facts if (number := _number(rung, fact)) is not None and number >= 0]
    return tuple(told) if len(told) == len(facts) else None


def _parsed(told: object) -> IPv6Address | None:
    """An address of IPv6 that is no spelling of one of IPv4; None for anything else."""
    try:
        address = ip_address(str(told))
    except ValueError:
        return None
    return address if isinstance(address, IPv6Address) and address.ipv4_mapped is None else None


# --- L2: the address that the network gave ----------------------------------------------------------------------------


def _has_address(report: Report, rungs: Rungs, limits: Limits) -> bool:
    """L2: every prefix that it tells is native, or one that a virtual school was ordered to use as such."""
    told, lab = _prefixes(rungs["L2"]), _lab(report)
    return told is not None and all(_is_native_network(network, lab) for network in told)


def _is_native_network(network: IPv6Network, lab: Sequence[IPv6Network]) -> bool:
    """Whether a provider can route all of a network to a school: one that holds half the internet is nobody's."""
    if any(network.subnet_of(one) for one in lab):
        return True
    return network.subnet_of(NATIVE) and not any(network.overlaps(one) for one in NOT_NATIVE)


def _lab(report: Report) -> list[IPv6Network]:
    """The prefixes that an order for a virtual school gives as native."""
    return [IPv6Network(prefix) for prefix in report.settings.get("lab_prefixes", [])]


def prefixes_of(rung: Reading) -> tuple[IPv6Network, ...]:
    """The networks of the box's addresses, as L2 tells them, none smaller than a subnet; none where one is unreadable."""
    return _prefixes(rung) or ()


def _prefixes(rung: Reading) -> tuple[IPv6Network, ...] | None:
    """The same, None where one is unreadable; a box with several networks tells them all in `prefixes`."""
    told = f"{rung.facts.get('prefix', '')} {rung.facts.get('prefixes', '')}".split()
    try:
        return tuple(map(subnet, told))
    except ValueError:
        return None


def subnet(text: str) -> IPv6Network:
    """A network, of a single address the subnet that it is in (a DHCPv6 lease has no prefix); raises ValueError."""
    network = IPv6Network(text, strict=False)
    return network if network.prefixlen <= SUBNET_BITS else network.supernet(new_prefix=SUBNET_BITS)


def _is_own(report: Report, rungs: Rungs, told: object) -> bool:
    """Whether an address that the box sent from is a native one in a network of L2, wherever that passed."""
    address = _parsed(told)
    if address is None or not passed(rungs, "L2"):
        return address is not None
    inside = any(address in network for network in prefixes_of(rungs["L2"]))
    return inside and is_native(address, _lab(report))


# --- L4, L5: names and reach --------------------------------------------------------------------------------------------


def _resolves(report: Report, rungs: Rungs, limits: Limits) -> bool:
    """L4: some resolver was asked, and the remark is that of what was found."""
    told = _numbers(rungs["L4"], "resolvers", "v6_resolvers")
    if told is None or not told[0]:
        return False
    expected = ("DNS64" if rungs["L4"].facts.get("nat64") else "") if told[1] else "NO_V6_RESOLVER"
    return code_of(rungs["L4"]) == expected


def _reaches(report: Report, rungs: Rungs, limits: Limits) -> bool:
    """L5: as many as the bounds ask for of exactly the targets that were ordered, the operator's server among them."""
    told = _numbers(rungs["L5"], "targets", "reached", "operators", "operators_reached")
    rung = rungs["L5"]
    if told is None or rung.facts.get("server") != "reached" or not _is_own(report, rungs, rung.facts.get("source")):
        return False
    targets, reached, operators, operators_reached = told
    exact = (targets, operators) == _ordered_targets(report.settings)
    enough = targets >= limits["fewest_targets"] and operators >= limits["fewest_operators"]
    shares = reached <= targets and reached * ALL_PPM >= limits["reach_ppm"] * targets
    several = operators_reached <= min(operators, reached) and operators_reached > int(operators > 1)
    return exact and enough and shares and several


def _ordered_targets(settings: Settings) -> tuple[int, int]:
    """How many targets an order names, the operator's server once, and of how many operators."""
    echo = settings["echo"]
    own = (_parsed(echo["v6"]), echo.get("port", 443))
    others = [one for one in settings.get("targets", []) if (_parsed(one["address"]), one.get("port", 443)) != own]
    return 1 + len(others), len({echo.get("operator") or "-", *(one["operator"] for one in others)})


# --- L6: the echo -------------------------------------------------------------------------------------------------------


def echo_of(report: Report) -> Echoed | None:
    """
    What the ordered server sealed of this very agent's request under this very order; None where L6 holds no such seal.

    Without an ordered nonce there is none: an echo of another day would do as well.
    """
    rung, ordered = rungs_of(report).get("L6"), report.settings.get("echo") or {}
    nonce = str(report.settings.get("nonce", ""))
    if rung is None or not nonce or not ordered:
        return None
    try:
        opened = open_echo(str(rung.facts.get("echo", "")), str(ordered["server_key"]))
    except (Rejected, ValueError):
        return None
    return opened if opened.nonce == nonce_of(nonce, report.agent) else None


def _is_echoed(report: Report, rungs: Rungs, limits: Limits) -> bool:
    """L6: the seal tells the address that the box sent from, or the remark that it is another, and nobody stood between."""
    echoed, rung = echo_of(report), rungs["L6"]
    seen = None if echoed is None else _parsed(echoed.seen)
    if echoed is None or seen is None or echoed.forwarded or not _is_own(report, rungs, rung.facts.get("local")):
        return False
    told = (rung.facts.get("certificate"), str(rung.facts.get("seen")), rung.facts.get("seen_port"))
    same = told == (echoed.certificate, echoed.seen, echoed.seen_port) and bool(echoed.certificate)
    return same and code_of(rung) == _translated(seen, IPv6Address(str(rung.facts["local"])))


def _translated(seen: IPv6Address, local: IPv6Address) -> str:
    """The remark that is due: none, another network before the same interface, or another address altogether."""
    if seen == local:
        return ""
    return "NPT" if (int(seen) ^ int(local)) % (1 << INTERFACE_BITS) == 0 else "NAT66"


# --- L7 to L9: sizes, and IPv6 beside IPv4 --------------------------------------------------------------------------------


def _carries(report: Report, rungs: Rungs, limits: Limits) -> bool:
    """L7: all transfers over both paths in their time."""
    told = _numbers(rungs["L7"], *TRANSFERS)
    most = limits["size_us"] + limits["size_us"] * SLACK_PPM // ALL_PPM
    return bool(report.settings["echo"].get("mtu1280")) and told is not None and max(told) <= most


def _stays(report: Report, rungs: Rungs, limits: Limits) -> bool:
    """L8: connects over IPv6 are clean; beside IPv4, where there is any, they are no slower and win the races."""
    rung = rungs["L8"]
    told = _numbers(rung, "tries", "v6_accepted", "v6_clean", "v6_us", "v4_accepted")
    if told is None or not report.settings["echo"].get("v4"):
        return False
    tries, accepted, clean, _, accepted_4 = told
    sure = tries >= FEWEST_CONNECTS and clean <= accepted <= tries and clean * ALL_PPM >= limits["dual_ppm"] * tries
    if code_of(rung) == NO_IPV4:
        return sure and accepted_4 == 0
    return sure and _is_preferred(rung, limits)


def _is_preferred(rung: Reading, limits: Limits) -> bool:
    """Whether IPv6 is no slower than IPv4 by more than the bound, and wins as many races as it asks for."""
    told = _numbers(rung, "v6_us", "v4_us", "v4_accepted", "races", "v6_wins")
    if told is None:
        return False
    six_us, four_us, accepted_4, races, wins = told
    fast = accepted_4 > 0 and six_us <= four_us + limits["slower_us"]
    return fast and races > 0 and wins <= races and wins * ALL_PPM >= limits["race_ppm"] * races


def _is_level(report: Report, rungs: Rungs, limits: Limits) -> bool:
    """L9: IPv6 loses no more, takes no longer and is no slower than IPv4 by more than the bounds allow."""
    rung, settings = rungs["L9"], report.settings
    told = _numbers(rung, "tries", "v6_accepted", "v6_clean", "v6_us", "v4_accepted", "v4_clean", "v4_us")
    if told is None or not settings["echo"].get("v4") or settings.get("parity") is False:
        return False
    tries, accepted, clean, us, accepted_4, clean_4, us_4 = told
    counted = tries >= FEWEST_COMPARED and clean <= accepted <= tries and 0 < accepted_4 <= tries
    sure = all(
        ours * ALL_PPM >= limits["parity_ppm"] * theirs for ours, theirs in ((accepted, accepted_4), (clean, clean_4))
    )
    later = us - us_4 > limits["rtt_us"] and (us - us_4) * ALL_PPM > limits["rtt_ppm"] * us_4
    return counted and sure and not later and _is_as_fast(rung, limits)


def _is_as_fast(rung: Reading, limits: Limits) -> bool:
    """Whether the rate is that of IPv4, nearly; where this box itself held both back, no rate of the line's is told."""
    if (_number(rung, "downloads") or 0) - abs(_number(rung, "broken") or 0) < FEWEST_DOWNLOADS:
        return False
    if rung.facts.get("limit") in ("port", "processor"):
        return True
    six, four = (_number(rung, f"v{one}_bit_s") or _number(rung, f"v{one}_at_most_bit_s") for one in (6, 4))
    return six is not None and four is not None and four > 0 and six * ALL_PPM >= limits["rate_ppm"] * four


RULES: Mapping[str, Callable[[Report, Rungs, Limits], bool]] = {
    "L2": _has_address,
    "L4": _resolves,
    "L5": _reaches,
    "L6": _is_echoed,
    "L7": _carries,
    "L8": _stays,
    "L9": _is_level,
}


# --- From outside -----------------------------------------------------------------------------------------------------


def make_one_knock(report: Report, said: Said) -> bool:
    """Whether one run of the probe `inbound` can have given the readings: one of each ordered address, none of which failed."""
    rungs = rungs_of(report)
    ordered = {f"{FROM_OUTSIDE}/{ip_address(str(one))}" for one in report.settings.get("addresses", [])}
    whole = report.failure is not None or (set(rungs) == ordered and bool(ordered))
    return whole and set(rungs) <= ordered and all(map(_is_knock, rungs.values()))


def _is_knock(rung: Reading) -> bool:
    """Whether a knock came to something, and tells what was reached only where something was."""
    if rung.value == PASS:
        return code_of(rung) == ("OPEN_INBOUND" if _number(rung, "reached") else "")
    return rung.value == INCONCLUSIVE


def make_one_look(report: Report, said: Said) -> bool:
    """Whether one run of the probe `site` can have given the readings: every check of every ordered site, and shares that add up."""
    names = {str(one["name"]) for one in report.settings.get("sites", [])}
    checks = {subject: one for (name, subject), one in said.items() if name == q.SITE_CHECK.name}
    answers = {subject: one for (name, subject), one in said.items() if name == q.SITE_ANSWERED.name}
    ordered = {f"{check}/{name}" for name in names for check in CHECKS_OF_A_SITE}
    whole = report.failure is not None or (set(checks) == ordered and bool(ordered))
    known = set(checks) <= ordered and set(answers) <= {f"{family}/{name}" for name in names for family in ("v6", "v4")}
    return whole and known and all(map(_is_share, answers.values())) and all(map(_is_check, checks.values()))


def _is_share(answered: Reading) -> bool:
    """Whether a share is that of its trials."""
    told = _numbers(answered, "tries", "answered")
    if told is None:
        return False
    tries, came = told
    return tries > 0 and came <= tries and answered.value == came * ALL_PPM // tries


def _is_check(check: Reading) -> bool:
    """Whether a share of links that passed is large enough."""
    links = check.value == PASS and check.subject.partition("/")[0] in ("S8", "S9")
    return not links or (_number(check, "share_ppm") or 0) >= LINKS_PPM
