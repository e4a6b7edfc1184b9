"""
Can one run of the probe `uplinks` have given these readings of switches?

Each rule is one sentence about what every run gives, whatever the school's network is like. What merely looks unlikely is no
matter of this module: a report that breaks a rule here is never judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv6Network

from collector.school import at
from evidence import quantities as q
from evidence.model import Reading, Report

ALL_PPM = 1_000_000
STATUSES = ("reported", "repaired", "inferred", "conflict")
# Facts with closed values; one that a later release adds is not looked at.
CLOSED: Mapping[tuple[str, str], tuple[str, ...]] = {
    (q.PORT_UP.name, "kind"): ("physical", "lag", "stack"),
    (q.PORT_SPEED.name, "kind"): ("physical", "lag", "stack"),
    (q.PORT_SPEED.name, "via"): ("snmp", "ssh"),
    (q.PORT_ROLE.name, "device"): ("switch", "ap", "phone", "camera", "station", "router", "unknown"),
    (q.LINK_SPEED.name, "confirmed"): ("both", "one", "fdb", "none"),
    (q.LINK_SPEED.name, "status"): (*STATUSES, "unknown"),
    (q.LINK_SPEED.name, "device"): ("switch", "ap", "phone", "camera", "station", "router", "unknown"),
    (q.DEVICES_ANSWERED.name, "snmp"): ("1", "2c", "3"),
}
NEEDED = {
    (q.PORT_SPEED.name, "status"): STATUSES,
    (q.LINK_SPEED.name, "confirmed"): ("both", "one", "fdb", "none"),
    (q.LINK_SPEED.name, "status"): (*STATUSES, "unknown"),
}
OF_MEMBERS = ("members", "members_up", "sum_bit_s", "largest_bit_s")  # said of an aggregate only
OF_PORTS_UP = (q.PORT_SPEED, q.WAN_SPEED, q.WAN_MEDIUM)
OF_PORTS = (q.PORT_ROLE, q.WAN_SPEED, q.WAN_MEDIUM, q.WAN_IN, q.WAN_OUT)  # said of a port that is listed
RUNGS_OF_VLANS = ("V1", "V2", "V3")
RUNG_OF_ALL = "L10"
SUBNET_BITS = 64
Said = Mapping[tuple[str, str], Reading]


def make_one_run(report: Report, said: Said) -> bool:
    """Whether the readings keep every rule."""
    return all(rule(report, said) for rule in RULES)


def _of(said: Said, quantity: str) -> dict[str, Reading]:
    """The readings of one quantity by subject."""
    return {subject: reading for (name, subject), reading in said.items() if name == quantity}


def _host(subject: str) -> str:
    """The switch of a port."""
    return subject.partition("/")[0]


def _ordered(report: Report) -> set[str]:
    """The switches of the order."""
    return {at(str(one["host"]), int(one.get("port", 161))) for one in report.settings.get("switches", [])}


def _asked(report: Report, said: Said) -> set[str]:
    """The switches of the order, and those that were asked because they go by an approved name: each name once."""
    found = _ordered(report)
    names = (
        {str(one["name"]) for one in report.settings.get("approved", [])} if report.settings.get("discover") else set()
    )
    for subject, reading in sorted(_of(said, q.DEVICES_ANSWERED.name).items()):
        name = str(reading.facts.get("name") or reading.facts.get("sys_name", ""))
        if subject and subject not in found and name in names:
            found.add(subject)
            names.discard(name)
    return found


def _answers(report: Report, said: Said) -> bool:
    """Each ordered switch says whether it answered, nobody else does, and one that did has no failure."""
    answers = {subject: one for subject, one in _of(said, q.DEVICES_ANSWERED.name).items() if subject}
    contradict = any(one.low == ALL_PPM and "failure" in one.facts for one in answers.values())
    complete = _ordered(report) <= set(answers) or report.failure is not None
    return complete and set(answers) <= _asked(report, said) and not contradict


def _share(report: Report, said: Said) -> bool:
    """The share of all is that of the switches, of those ordered or with the approved ones."""
    total = said.get((q.DEVICES_ANSWERED.name, ""))
    answers = {subject: one for subject, one in _of(said, q.DEVICES_ANSWERED.name).items() if subject}
    ordered = {subject: one for subject, one in answers.items() if subject in _ordered(report)}
    return total is None or any(
        group and total.low == sum(one.low == ALL_PPM for one in group.values()) * ALL_PPM // len(group)
        for group in (answers, ordered)
    )


def _strangers(report: Report, said: Said) -> bool:
    """Every port and every end of a link belongs to a switch that was asked; the far end of a link may be unknown."""
    asked = _asked(report, said)
    quantities = {one.name for one in (q.PORT_UP, q.PORT_SPEED, q.LINK_SPEED, *OF_PORTS)}
    near = {_host(subject) for name, subject in said if name in quantities}
    far = {_host(peer) for peer in _peers(said).values() if peer}
    return near | far <= asked


def _peers(said: Said) -> dict[str, str]:
    """The far end of each link by its near one; empty where it is no listed switch."""
    return {subject: str(link.facts.get("peer", "")) for subject, link in _of(said, q.LINK_SPEED.name).items()}


def _named(report: Report, said: Said) -> bool:
    """A link that both ends confirm is told with the port at its far end."""
    peers = _peers(said)
    links = _of(said, q.LINK_SPEED.name).items()
    return all(peers[subject].partition("/")[2] for subject, link in links if link.facts["confirmed"] == "both")


def _facts(report: Report, said: Said) -> bool:
    """Facts with closed values have one of them, and those that are always told are there."""
    for (name, _), reading in said.items():
        told = ((key, fact) for key, fact in reading.facts.items() if (name, key) in CLOSED)
        if any(str(fact) not in CLOSED[name, key] for key, fact in told):
            return False
        if any(reading.facts.get(key) not in states for (which, key), states in NEEDED.items() if which == name):
            return False
    return True


def _speeds(report: Report, said: Said) -> bool:
    """Only a port that is up has a speed; what is said of a port's role or traffic is said of a port that is listed."""
    up = _of(said, q.PORT_UP.name)
    fast = {subject for one in OF_PORTS_UP for subject in _of(said, one.name)}
    told = {subject for quantity in OF_PORTS for subject in _of(said, quantity.name)}
    return told <= set(up) and all(subject in up and up[subject].value == "yes" for subject in fast)


def _states(report: Report, said: Said) -> bool:
    """A port is up only by its operational status, and has one kind and one medium in all that is said of it."""
    up = _of(said, q.PORT_UP.name)
    media = _of(said, q.WAN_MEDIUM.name).items()
    return (
        all(one.facts.get("oper_status", "up") == "up" for one in up.values() if one.value == "yes")
        and all(up[subject].facts.get("medium", "unknown") == one.value for subject, one in media)
        and all(_kind(up[subject]) == _kind(one) for subject, one in _of(said, q.PORT_SPEED.name).items())
    )


def _kind(reading: Reading) -> str:
    """Which kind of port a reading speaks of."""
    return str(reading.facts.get("kind", "physical"))


def _rates(report: Report, said: Said) -> bool:
    """A port's speed is one figure, and where it is reported one that Ethernet has; only an aggregate has members."""
    return all(_is_rate(reading) for reading in _of(said, q.PORT_SPEED.name).values())


def _is_rate(speed: Reading) -> bool:
    """The rule for one speed; what joins a stack runs at rates of its own."""
    kind = _kind(speed)
    if not isinstance(speed.value, int):
        return False
    if kind != "lag" and any(key in speed.facts for key in OF_MEMBERS):
        return False
    if kind == "lag":
        return not speed.facts.get("members") or _number(speed, "sum_bit_s") is not None
    return kind == "stack" or speed.facts["status"] != "reported" or speed.value in q.ETHERNET_RATES


def _no_faster(report: Report, said: Said) -> bool:
    """No link is faster than one of its ends, and the line to the outside no faster than its port."""
    speeds = _of(said, q.PORT_SPEED.name)
    peers = _peers(said)
    pairs = [(link, end) for subject, link in _of(said, q.LINK_SPEED.name).items() for end in (subject, peers[subject])]
    pairs += [(line, subject) for subject, line in _of(said, q.WAN_SPEED.name).items()]
    return all(end not in speeds or one.low is None or one.low <= _most(speeds[end]) for one, end in pairs) and all(
        subject != peer for subject, peer in peers.items()
    )


def _most(speed: Reading) -> int:
    """What an end can do; an aggregate that contradicts its members is still as fast as its largest."""
    return max(speed.high or 0, _number(speed, "largest_bit_s") or 0)


def _aggregates(report: Report, said: Said) -> bool:
    """An aggregate's speed is the sum of its members that are up, and its largest member is one of them."""
    return all(_is_sum(reading, said) for reading in _of(said, q.PORT_SPEED.name).values())


def _is_sum(reading: Reading, said: Said) -> bool:
    """The rule for one speed that tells a sum; below it only where the aggregate itself contradicts its members."""
    count, total, largest = (_number(reading, key) for key in ("members_up", "sum_bit_s", "largest_bit_s"))
    if total is None:
        return True
    itself = reading.low or 0
    told = itself <= total if reading.facts.get("status") == "conflict" else itself == total
    bounded = largest is not None and count is not None and largest <= total <= largest * count
    return told and bounded and _adds_up(reading, said, (total, largest, count))


def _adds_up(reading: Reading, said: Said, told: tuple[int | None, ...]) -> bool:
    """Whether sum, largest and count are those of the members' own readings, where every member has some."""
    host = _host(reading.subject)
    members = [f"{host}/{name}" for name in str(reading.facts.get("members", "")).split(",") if name]
    states = [said.get((q.PORT_UP.name, member)) for member in members]
    if not members or None in states:
        return True
    up = {member for member, state in zip(members, states, strict=True) if state is not None and state.value == "yes"}
    carrying = {f"{host}/{name}" for name in str(reading.facts.get("carrying", "")).split(",") if name}
    if not carrying <= up:
        return False
    up = carrying or up
    speeds = [one.low or 0 for member in up if (one := said.get((q.PORT_SPEED.name, member))) is not None]
    return told == (sum(speeds), max(speeds, default=0), len(up))


def _number(reading: Reading, key: str) -> int | None:
    """A fact that is a number."""
    fact = reading.facts.get(key)
    return fact if isinstance(fact, int) else None


def _rungs(report: Report, said: Said) -> bool:
    """Of IPv6 this probe says only what the switches know: the whole network, and each VLAN of a switch that was asked."""
    asked = _asked(report, said)
    return all(_is_rung(one, asked) for one in _of(said, q.IPV6_RUNG.name).values())


def _is_rung(rung: Reading, asked: set[str]) -> bool:
    """Whether a rung is one of this probe's, and its facts agree with its state."""
    if rung.subject == RUNG_OF_ALL:
        return _is_use(rung)
    name, _, rest = rung.subject.partition("/")
    host, _, interface = rest.partition("/")
    return name in RUNGS_OF_VLANS and host in asked and bool(interface) and _is_network(rung)


def _is_use(rung: Reading) -> bool:
    """Whether the rung of the whole network, which one moment never shows to hold, tells a share that is that of its devices."""
    devices, with_ipv6, share = (_number(rung, key) for key in ("devices", "devices_ipv6", "share_ppm"))
    if rung.value == "pass" or share is None:
        return rung.value != "pass"
    told = devices is not None and with_ipv6 is not None and 0 < with_ipv6 <= devices
    return told and share == (with_ipv6 or 0) * ALL_PPM // (devices or 1)


def _is_network(rung: Reading) -> bool:
    """Whether a network that a VLAN is said to have is one of 64 bits; told of one that has it, and of nothing else."""
    if "network" not in rung.facts:
        return True
    try:
        network = IPv6Network(str(rung.facts["network"]))
    except ValueError:
        return False
    return rung.subject.startswith("V1/") and rung.value == "pass" and network.prefixlen == SUBNET_BITS


def _belong(report: Report, said: Said) -> bool:
    """A port belongs to an aggregate and to nothing else, which names it where it tells its speed; no link leads to its own switch."""
    up, speeds = _of(said, q.PORT_UP.name), _of(said, q.PORT_SPEED.name)
    for subject, state in up.items():
        whole = f"{_host(subject)}/{state.facts['lag']}" if state.facts.get("lag") else subject
        if whole == subject:
            continue
        if whole in up and _kind(up[whole]) != "lag":
            return False
        # A name may hold a comma.
        if whole in speeds and f",{subject.partition('/')[2]}," not in f",{speeds[whole].facts.get('members', '')},":
            return False
    return all(_host(subject) != _host(peer) for subject, peer in _peers(said).items())


RULES: tuple[Callable[[Report, Said], bool], ...] = (
    _answers,
    _share,
    _strangers,
    _facts,
    _named,
    _speeds,
    _states,
    _rates,
    _no_faster,
    _aggregates,
    _belong,
    _rungs,
)
