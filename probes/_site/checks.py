"""
Which checks of a site hold?

Pure judgement over what was seen: pass, fail with a code, not tested, or inconclusive. Nothing is a failure of the school's that may be one
of the vantage's: without a way of its own, or where nobody at all answered it over a family, a check is left open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address
from statistics import median

from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS
from evidence.model import Facts
from probes._http import Exchange
from probes._literal import Address, Connect
from probes._rung import Rung
from probes._site.crawl import Level
from probes._site.names import Asked, Delegation, Lookup
from probes._site.pages import Landing
from probes._site.public import Border

MOST_ADDRESSES = 8  # of one family; more are not connected to, and then not all was seen
FEWEST_SERVERS = 2
MOST_DIFFERENT_PPM = 100_000
FEWEST_LINKS_PPM = 850_000  # of the national plan of 2022, for portals of counties and above
LONGEST_LIST = 400  # characters of one fact


@dataclass(frozen=True, slots=True)
class Family:
    """One family of a site: its addresses, public ones, connects by port, and what each request for the home page came to."""

    told: Sequence[Address]
    public: Sequence[Address]
    connects: Sequence[Connect] = ()
    answers: Sequence[Exchange] = ()
    landing: Landing | None = None

    @property
    def statuses(self) -> list[int]:
        """Of the answers that came whole."""
        return [one.status for one in self.answers if one.whole]

    @property
    def answered(self) -> int:
        """How many requests were answered by a page or a redirect."""
        return sum(_good(status) for status in self.statuses)


def addresses(lookup: Lookup, border: Border) -> Rung:
    """S1: every server of the zone that answers gives addresses of IPv6, all of them native."""
    answers = lookup.last.authoritative("AAAA")
    found = [one for one in lookup.addresses(6) if isinstance(one, IPv6Address)]
    without = sorted({str(one.question.server) for one in answers if not one.addresses()})
    facts: Facts = {"zone": lookup.last.zone.name, "addresses": len(found), "servers": len(answers)}
    if lookup.endless:
        return Rung("S1", FAIL, "ALIAS_LOOP", facts)
    if not answers:
        return Rung("S1", INCONCLUSIVE, "NAME_SERVERS_SILENT", facts)
    if all(one.rcode == "NXDOMAIN" for one in answers):
        return Rung("S1", FAIL, "NAME_NOT_FOUND", facts)
    if without:
        code = "AAAA_UNEVEN" if found else "NO_AAAA"
        return Rung("S1", FAIL, code, facts | {"without": _listed(without)})
    odd = [one for one in found if border.kind(one) not in ("native", "lab")]
    if odd:
        code = "V4_MAPPED" if any(one.ipv4_mapped for one in odd) else "AAAA_NOT_NATIVE"
        return Rung("S1", FAIL, code, facts | {"address": str(odd[0]), "class": border.kind(odd[0])})
    own = [one for one in found if not border.admits(one)]
    if own:
        return Rung("S1", INCONCLUSIVE, "OWN_ADDRESS", facts | {"address": str(own[0])})
    return Rung("S1", PASS, evidence=facts | {"address": _listed(map(str, found))})


def ports(v6: Family, v4: Family, port: int) -> Rung:
    """S2: every address of IPv6 accepts at the ordered port, and at 80 where IPv4 does."""
    asked = [one for one in v6.connects if one.port == port]
    refused = [one for one in asked if not one.accepted]
    facts: Facts = {"addresses": len(v6.public), "accepted": len(asked) - len(refused)}
    if refused:
        facts |= {"address": str(refused[0].to), "port": port, "error": refused[0].error}
        down = v4.public and not any(one.accepted for one in v4.connects if one.port == port)
        return Rung("S2", INCONCLUSIVE, "SITE_DOWN", facts) if down else Rung("S2", FAIL, "CONNECT_FAILED", facts)
    open_by_v4 = {one.port for one in v4.connects if one.accepted}
    only = [one for one in v6.connects if not one.accepted and one.port in open_by_v4]
    if only:
        facts |= {"address": str(only[0].to), "port": only[0].port, "error": only[0].error}
        return Rung("S2", FAIL, "PORT_ONLY_V4", facts)
    if len(v6.public) > MOST_ADDRESSES:
        return Rung("S2", INCONCLUSIVE, "MANY_ADDRESSES", facts)
    return Rung("S2", PASS, evidence=facts)


def status(v6: Family, v4: Family) -> Rung:
    """S3: each address of IPv6 answers with a status that IPv4 answers with, and it is one of a page or a redirect."""
    facts: Facts = {"v6_status": _statuses(v6), "v4_status": _statuses(v4)}
    for address in v6.public[:MOST_ADDRESSES]:
        own = [one for one in v6.answers if one.to == address]
        came = [one.status for one in own if one.whole]
        if not own:
            return Rung("S3", NOT_TESTED, "NOT_REACHED", facts | {"address": str(address)})
        if not came:
            return _unanswered(own[-1], v4, facts)
        if not any(map(_good, came)):
            return Rung("S3", FAIL, "STATUS_BAD", facts | {"address": str(address)})
        if v4.statuses and not set(came) & set(v4.statuses):
            return Rung("S3", FAIL, "STATUS_DIFFERS", facts | {"address": str(address)})
    if v6.landing and not v6.landing.away and not _landed(v6.landing):
        where: Facts = {"at": str(v6.landing.url), "status": v6.landing.answer.status, "error": v6.landing.answer.error}
        return Rung("S3", FAIL, "STATUS_BAD", facts | where)
    return _beside_v4("S3", v4, facts)


def _unanswered(one: Exchange, v4: Family, facts: Facts) -> Rung:
    """S3 of an address that gave no page; where IPv4 gave none either, the site is down."""
    facts = facts | {"address": str(one.to), "error": one.error}
    down = bool(v4.public) and not v4.statuses
    return Rung("S3", INCONCLUSIVE, "SITE_DOWN", facts) if down else Rung("S3", FAIL, "NO_ANSWER", facts)


def certificate(tls: bool, exchanges: Sequence[Exchange]) -> Rung:
    """S4: at each address of IPv6 the certificate is valid for the name; `exchanges` are requests that checked it."""
    if not tls:
        return Rung("S4", NOT_TESTED, "NO_TLS")
    if not exchanges:
        return Rung("S4", NOT_TESTED, "NOT_REACHED")
    for one in exchanges:
        facts: Facts = {"address": str(one.to), "error": one.error}
        if one.stage == "tls":
            wrong = "CERTIFICATE" in one.error
            return Rung("S4", FAIL, "CERTIFICATE_WRONG" if wrong else "TLS_FAILED", facts)
    silent = next((one for one in exchanges if not one.certificate), None)
    if silent is not None:
        return Rung("S4", INCONCLUSIVE, "NO_ANSWER", {"address": str(silent.to), "error": silent.error})
    return Rung("S4", PASS, evidence={"certificate": exchanges[0].certificate})


def content(v6: Family, v4: Family, difference_ppm: int | None, unsteady_ppm: int) -> Rung:
    """S5: the pages differ by at most a tenth; `unsteady_ppm` is how much the one over IPv4 differs from itself."""
    if v6.landing and v6.landing.away:
        return Rung("S5", INCONCLUSIVE, "REDIRECTED_AWAY", {"to": v6.landing.away[:LONGEST_LIST]})
    if v6.landing is None or not v6.landing.answer.whole:
        return Rung("S5", NOT_TESTED, "NO_ANSWER")
    if difference_ppm is None:
        beside = _beside_v4("S5", v4, {})
        return Rung("S5", INCONCLUSIVE, "UNREADABLE") if beside.state == PASS and not beside.code else beside
    facts: Facts = {"difference_ppm": difference_ppm, "v6_octets": v6.landing.answer.octets}
    facts["v4_octets"] = v4.landing.answer.octets if v4.landing else 0
    if not facts["v6_octets"] and not facts["v4_octets"]:
        return Rung("S5", INCONCLUSIVE, "EMPTY", facts)
    if difference_ppm <= MOST_DIFFERENT_PPM:
        return Rung("S5", PASS, evidence=facts)
    facts["unsteady_ppm"] = unsteady_ppm
    if unsteady_ppm > MOST_DIFFERENT_PPM:
        return Rung("S5", INCONCLUSIVE, "BODY_UNSTEADY", facts)
    return Rung("S5", FAIL, "BODY_DIFFERS", facts)


def name_servers(lookup: Lookup, above: Sequence[Asked], delegation: Delegation, border: Border) -> Rung:
    """
    S6: two servers of the zone answer over IPv6, and one at least of each zone above and of each alias; the root is left out.

    Two names at one address are one server, and two addresses of one name are too.
    """
    own = lookup.steps[0]
    answering = own.over(6)
    named = sum(bool(answering & set(all_)) for all_ in own.zone.servers.values())
    with_aaaa = sum(any(border.kind(one) in ("native", "lab") and one.version == 6 for one in all_)
                    for all_ in own.zone.servers.values())  # fmt: skip
    facts: Facts = {"zone": own.zone.name, "servers": len(own.zone.servers), "with_aaaa": with_aaaa}
    facts["answering"] = min(named, len(answering))
    if not own.authoritative():
        return Rung("S6", INCONCLUSIVE, "NAME_SERVERS_SILENT", facts)
    if min(named, len(answering)) < FEWEST_SERVERS:
        return Rung("S6", FAIL, "NS_WITHOUT_IPV6", facts)
    if delegation.referred and not _entered(own, delegation):
        return Rung("S6", FAIL, "GLUE_WITHOUT_IPV6", facts)
    higher = [one for one in above if one.zone.name != "."]
    for code, zones in (("PARENT_WITHOUT_IPV6", higher), ("ALIAS_NS_WITHOUT_IPV6", lookup.steps[1:])):
        lacking = next((one for one in zones if not one.over(6)), None)
        if lacking is not None and lacking.authoritative():
            return Rung("S6", FAIL, code, facts | {"lacking": lacking.zone.name})
        if lacking is not None:
            return Rung("S6", INCONCLUSIVE, "NAME_SERVERS_SILENT", facts | {"lacking": lacking.zone.name})
    if not above or above[-1].zone.name != ".":
        return Rung("S6", INCONCLUSIVE, "CHAIN_BROKEN", facts)
    return Rung("S6", PASS, evidence=facts | {"zones_above": len(higher)})


def _entered(own: Asked, delegation: Delegation) -> bool:
    """Whether who has IPv6 only finds into the zone: by a server outside of it, or by one with glue."""
    with_v6 = {name for name, all_ in own.zone.servers.items() if own.over(6) & set(all_)}
    inside = {name for name in delegation.servers if name == own.zone.name or name.endswith(f".{own.zone.name}")}
    return bool(with_v6 & (set(delegation.servers) - inside | set(delegation.glued)))


def links(number: str, level: Level) -> Rung:
    """S8 and S9: a share of the links inside the site is reached over IPv6."""
    facts = level.facts
    if level.cut:
        return Rung(number, INCONCLUSIVE, "CUT", facts)
    if not level.visits:
        return Rung(number, NOT_TESTED, "NO_LINKS", facts)
    if "share_ppm" not in facts:
        return Rung(number, INCONCLUSIVE, "ROBOTS" if level.forbidden else "LINKS_DEAD", facts)
    enough = int(facts["share_ppm"]) >= FEWEST_LINKS_PPM
    return Rung(number, PASS, evidence=facts) if enough else Rung(number, FAIL, "LINKS_WITHOUT_IPV6", facts)


def others(hosts: Sequence[tuple[str, bool | None]]) -> Rung:
    """S10: every other host from which the home page loads has a native address; None where no resolver decided."""
    lacking = [host for host, native in hosts if native is False]
    open_ = sum(native is None for _, native in hosts)
    facts: Facts = {"hosts": len(hosts), "without": len(lacking)}
    if lacking:
        return Rung("S10", FAIL, "THIRD_PARTY_WITHOUT_IPV6", facts | {"which": _listed(lacking)})
    return Rung("S10", INCONCLUSIVE, "RESOLVER_SILENT", facts) if open_ else Rung("S10", PASS, evidence=facts)


def times(v6: Family, v4: Family, lookup: Lookup) -> Rung:
    """S11: how long names, connects, first octets and pages take over both families; told, without a bound."""
    facts: Facts = {}
    for version, family in ((6, v6), (4, v4)):
        asked = [one.us for one in lookup.last.authoritative() if one.question.server.version == version]
        connects = [one.us for one in family.connects if one.us is not None]
        whole = [one for one in family.answers if one.whole]
        series = {
            "dns": asked,
            "tcp": connects,
            "first": [one.first_us for one in whole],
            "page": [one.us for one in whole],
        }
        facts |= {f"{name}_v{version}_us": round(median(taken)) for name, taken in series.items() if taken}
    complete = "page_v6_us" in facts and "page_v4_us" in facts
    return Rung("S11", PASS, evidence=facts) if complete else Rung("S11", INCONCLUSIVE, "ONE_FAMILY", facts)


def _beside_v4(number: str, v4: Family, facts: Facts) -> Rung:
    """A check of IPv6 that passed, if there is something of IPv4 to compare it with, or truly nothing."""
    if v4.statuses:
        return Rung(number, PASS, evidence=facts)
    if not v4.told:
        return Rung(number, PASS, "NO_IPV4", facts)
    return Rung(number, INCONCLUSIVE, "V4_SILENT" if v4.public else "V4_NOT_PUBLIC", facts)


def _landed(landing: Landing) -> bool:
    """Whether a redirect led to a page."""
    return landing.answer.whole and _good(landing.answer.status)


def _good(code: int) -> bool:
    """Whether a status is one of a page or a redirect."""
    return 200 <= code < 400


def _statuses(family: Family) -> str:
    """The statuses that came, each once."""
    return " ".join(map(str, sorted(set(family.statuses)))) or "none"


def _listed(names: Sequence[str] | map[str]) -> str:
    """Several in one fact, as many as go in."""
    return " ".join(names)[:LONGEST_LIST]
