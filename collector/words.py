"""
How is a verdict said to a person: one sentence, why, and what to do next?

Messages are written in English in the code and looked up in the catalogues beside this file (gettext); Chinese is the
default. Every reason of the closed list has a sentence and a next step; a test asks for each in both languages.
"""

from __future__ import annotations

import functools
import gettext
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from collector import frameworks
from collector.admission import Standing
from collector.frameworks import Part
from collector.verdict import Code, PartVerdict, Reason, Status, Verdict
from evidence.model import Failure
from evidence.spelled import LADDERS, LANGUAGES, failure_in_words, sentence_of, spelled, spelled_value

LOCALE = Path(__file__).parent / "locale"
DAY_US = 86_400_000_000


def N_(message: str) -> str:  # noqa: N802 - the name that catalogue tools look for
    """Mark a message for the catalogue; it is looked up where it is used."""
    return message


STATUSES = {
    Status.MET: N_("met"),
    Status.NOT_MET: N_("not met"),
    Status.NOT_SHOWN: N_("not shown"),
    Status.BY_A_PERSON: N_("by a person"),
}
WHY = {
    Code.BELOW: N_("Measured {shown}, asked {written}."),
    Code.PORT_DOWN: N_("{switch}: port {port} is down."),
    Code.SERVICE_DOWN: N_("The education network's service {service} does not accept a connection."),
    Code.RUNG: N_("IPv6 ladder, rung {rung}: {rung_words}."),
    Code.NO_EVIDENCE: N_("Nothing was measured yet."),
    Code.NO_PROBE: N_("This release has no probe for it: {quantity_words}."),
    Code.NOT_ORDERED: N_("The reports at hand cannot be judged: {standing_words}."),
    Code.STALE: N_("The last measurement is older than {days} days."),
    Code.FAILED: N_("The probe {probe} could not measure: {failure_words}."),
    Code.SWITCH_SILENT: N_("{switch} ({host}) did not answer completely: {failure_words}."),
    Code.NOT_ASKED: N_("{switch} ({host}) was not in the last order."),
    Code.UNLINKED: N_("The school's list joins {switch} to nothing: its uplink is unknown."),
    Code.UNPLACED: N_("The school's list does not say where {switch} stands."),
    Code.NO_PLACE: N_("The school's list has no place of the kinds that this asks for."),
    Code.NO_PORT_UP: N_("No desktop port was up when the switches were asked."),
    Code.UNANSWERED: N_("Agent {agent} did not answer the last order of the probe {probe} before it expired."),
    Code.REVOKED: N_("The last measurement at a place comes from an agent that is no longer trusted."),
    Code.SWITCH_CLOSED: N_("{switch} ({host}) lets the agent read nothing: {failure_words}."),
    Code.PORT_UNKNOWN: N_("{switch} lists no port {port}."),
    Code.SPEED_UNKNOWN: N_("{switch}: port {port} is up but does not say its speed."),
    Code.VIRTUAL_PORT: N_("The port's driver ({driver}) is not that of a physical adapter: its speed proves nothing."),
    Code.NOT_SET: N_("The bureau has not set: {setting_words}."),
    Code.NOT_DECLARED: N_("The school's list does not declare what this needs: {what_words}."),
    Code.COVERAGE: N_("{count} of {total} places were measured."),
    Code.INTERVAL: N_("Measured {shown}, asked {written}: the evidence does not decide it."),
    Code.CONTRADICTION: N_("Two sources contradict each other: {quantity_words} is measured as {shown}."),
    Code.LOW_GRADE: N_("The evidence has grade {grade}; {needed} is asked for."),
    Code.GAP: N_("Evidence that the collector acknowledged is missing."),
    Code.PERSON: N_("Only a person can settle this."),
}
STANDINGS = {
    Standing.ADMITTED: N_("judged: the answer to an order of this collector"),
    Standing.NOT_ORDERED: N_("declared (A0), never judged: nobody ordered it"),
    Standing.NOT_THIS_AGENT: N_("declared (A0), never judged: the order was not for this agent"),
    Standing.OTHER_SETTINGS: N_("declared (A0), never judged: it was not run with the settings that were ordered"),
    Standing.ODD_READINGS: N_("declared (A0), never judged: no run of this probe gives these readings"),
    Standing.TOO_EARLY: N_("declared (A0), never judged: it came before the order's start time"),
    Standing.OTHER_PLACE: N_("declared (A0), never judged: it names another place than the agent's"),
    Standing.REVOKED: N_("not judged any more: the agent was revoked"),
    Standing.ANSWERED_BEFORE: N_("declared (A0), never judged: the order had been answered before"),
}
FAILED_STEPS = {
    ("desk", "not_supported"): N_(
        "The box's port tells no negotiated rate, as Wi-Fi and virtual ports do: run the agent on a box with a wired port of its own."
    ),
    ("desk", "unreachable"): N_(
        "The box has no link or no default route: check its cable, its switch port and its address."
    ),
    ("metro", "name_not_found"): N_("No name server answered the box: check the DNS that the school hands out."),
    ("ipv6", "unreachable"): N_("The box has no link: check its cable and its switch port."),
}
PROBES = {
    "desk": N_("network port of the box"),
    "metro": N_("education network"),
    "ipv6": N_("IPv6"),
    "uplinks": N_("switches"),
}
SLOW_PORT = N_("{switch}: port {port} runs at {value}.")
NEXT = {
    Code.BELOW: N_("Replace what limits it (cable, module, port setting), then measure again."),
    Code.PORT_DOWN: N_("Check cable, module and port setting at both ends of {port}, then measure again."),
    Code.SERVICE_DOWN: N_(
        "Ask the education network's operator whether {service} is in service, and check the route to it."
    ),
    Code.NO_EVIDENCE: N_("Press “Measure now”; an agent must be enrolled and running."),
    Code.NO_PROBE: N_("Nothing to do at the school: a later release measures it."),
    Code.NOT_ORDERED: N_(
        "Press “Measure now”; if the same is said again, the agent is not what the operator enrolled: check its software and place."
    ),
    Code.STALE: N_("Press “Measure now” and check that every agent is running."),
    Code.FAILED: N_("Mend what it names, then measure again."),
    Code.SWITCH_SILENT: N_(
        "Check that {switch} is up and reachable, that SNMP is on for the agent's address, and that its community or user is "
        "right in the agent's config.toml."
    ),
    Code.NOT_ASKED: N_("Press “Measure now”: the switch was added to the list later."),
    Code.UNLINKED: N_("Add the link between {switch} and its neighbour to the school's list, with both ports."),
    Code.UNPLACED: N_("Add the place of {switch} to the school's list."),
    Code.NO_PLACE: N_("Add the school's places to its list and have the operator import it."),
    Code.NO_PORT_UP: N_("Measure again in school hours, when devices are on."),
    Code.UNANSWERED: N_("Check that the agent is on and has a way out, then press “Measure now”."),
    Code.REVOKED: N_("Enrol an agent at that place and measure again."),
    Code.SWITCH_CLOSED: N_(
        'Write the community or user of {switch} into the agent\'s config.toml, table [agent.snmp."{host}"], and let it read the '
        "interfaces tables of the switch."
    ),
    Code.PORT_UNKNOWN: N_("Correct the port's name in the school's list: it must be the switch's ifName."),
    Code.SPEED_UNKNOWN: N_("Look the speed up on the switch; a later release also asks by SSH."),
    Code.VIRTUAL_PORT: N_(
        "Run the agent on a box whose own network port is on the school's LAN, not in a virtual machine."
    ),
    Code.NOT_SET: N_(
        "The bureau decides it; the operator writes it into the school's list as a row bureau,{setting} (docs/school-list.md) and imports it."
    ),
    Code.NOT_DECLARED: N_("Add it to the school's list and have the operator import it."),
    Code.COVERAGE: N_("Measure the places that are missing."),
    Code.INTERVAL: N_("Measure again; if it stays, the probe's details say what it could not decide."),
    Code.CONTRADICTION: N_("An evaluator looks at both sources; the school mends the one that is wrong."),
    Code.LOW_GRADE: N_("It needs a source that the school does not control."),
    Code.GAP: N_("Tell the operator: the collector's store is damaged or incomplete."),
    Code.PERSON: N_("An evaluator looks at it on site or in the papers."),
}
RUNGS = {
    "NO_RA": (
        N_("no router advertisement arrives"),
        N_("Switch on router advertisements for this VLAN on the gateway or layer-3 switch."),
    ),
    "RA_LIFETIME_0": (
        N_("the router says that it is no default router (lifetime 0)"),
        N_("Set the router lifetime above 0 on the gateway; check that it has an IPv6 route upstream."),
    ),
    "RA_MALFORMED": (
        N_("a router advertisement cannot be read"),
        N_("Find the device that sends it (the raw bytes are in the evidence) and mend its settings."),
    ),
    "ROGUE_RA": (
        N_("more than one router announces itself"),
        N_("Find the second router and switch it off, or turn on RA guard."),
    ),
    "PARSERS_DISAGREE": (
        N_("two readers disagree about a router advertisement"),
        N_("Send the evidence to the operator: the advertisement is unusual."),
    ),
    "STACK_OFF": (N_("IPv6 is switched off on this box"), N_("Switch IPv6 on for the box's network port.")),
    "DAD_FAIL": (
        N_("the box's own address is in use elsewhere"),
        N_("Find the device with the same address on this VLAN."),
    ),
    "ULA_ONLY": (
        N_("only local addresses (ULA), none for the internet"),
        N_("Announce the provider's global prefix in this VLAN."),
    ),
    "NO_LINK_LOCAL": (
        N_("the network port has no link-local address to ask from"),
        N_("Switch IPv6 on for the box's network port."),
    ),
    "NOT_SENT": (
        N_("the question to the routers could not be sent"),
        N_("Check that the box's network port is up, then measure again."),
    ),
    "NOT_NATIVE": (
        N_("only addresses that are not native global ones"),
        N_("Announce the provider's global prefix in this VLAN."),
    ),
    "NO_ADDRESS": (
        N_("no global address was formed"),
        N_("Announce a /64 prefix with the autonomous flag, or switch on DHCPv6."),
    ),
    "TUNNEL_6TO4": (N_("only a tunnel address (6to4)"), N_("Ask the provider for native IPv6.")),
    "TUNNEL_TEREDO": (N_("only a tunnel address (Teredo)"), N_("Ask the provider for native IPv6.")),
    "ISATAP": (N_("only a tunnel address (ISATAP)"), N_("Ask the provider for native IPv6.")),
    "DOC_PREFIX": (
        N_("only an address of the documentation range"),
        N_("Use the prefix that the provider assigned."),
    ),
    "DEPRECATED_ONLY": (
        N_("only addresses that are being withdrawn"),
        N_("Set the preferred lifetime of the prefix above 0."),
    ),
    "MANUAL_ONLY": (
        N_("only an address set by hand"),
        N_("Let the gateway announce the prefix, so that every device gets an address."),
    ),
    "NO_ROUTE": (
        N_("there is no IPv6 default route"),
        N_("Set the router lifetime above 0 on the gateway."),
    ),
    "GW_UNREACHABLE": (
        N_("the gateway does not answer over IPv6"),
        N_("Check the gateway's IPv6 address on this VLAN and its filter rules."),
    ),
    "NOT_IN_THIS_RELEASE": (
        N_("not tested by this release"),
        N_("Nothing to do at the school: a later release measures it."),
    ),
    "NOT_PERMITTED": (
        N_("the agent lacks the right to send raw packets"),
        N_("Run the agent as its service does (CAP_NET_RAW)."),
    ),
}
OTHER_RUNG = (N_("did not pass ({code})"), N_("See the rung's details in the evidence, mend it and measure again."))


@dataclass(frozen=True, slots=True)
class Words:
    """One language: `zh` or `en`."""

    language: str
    catalogue: gettext.NullTranslations

    def say(self, message: str, **about: object) -> str:
        """A message of the catalogue with its blanks filled."""
        return self.catalogue.gettext(message).format(**about)

    def pick(self, zh: str, en: str) -> str:
        """Of two texts that a policy or a quantity brings along, the one in this language."""
        return (zh, en)[LANGUAGES.index(self.language)]

    def status(self, status: Status) -> str:
        """The verdict's value."""
        return self.say(STATUSES[status])

    def sentence(self, verdict: Verdict) -> str:
        """One sentence for a clause: the worst part's, or what proves it."""
        decisive = decisive_part(verdict)
        if decisive is None:
            return self.say(N_("No part of this clause concerns this school."))
        return self.part_sentence(decisive)

    def parts_met(self, verdict: Verdict) -> str:
        """How many of the clause's required parts are met; empty where there is only one."""
        decided = groups(verdict)
        met = sum(_best(group) is Status.MET for group in decided)
        if len(decided) < 2:
            return ""
        return self.say(N_("{met} of {total} required parts are met."), met=met, total=len(decided))

    def part_sentence(self, part: PartVerdict) -> str:
        """One sentence for a part."""
        if part.reasons:
            return self.why(part, part.reasons[0])
        if part.status is Status.MET:
            return self.say(N_("Measured {shown}, asked {written}: met."), **self._bound(part))
        return self.say(N_("Measured {shown}."), **self._bound(part))

    def why(self, part: PartVerdict, reason: Reason) -> str:
        """One reason in words."""
        slow = reason.code is Code.BELOW and "port" in reason.about
        return self.say(SLOW_PORT if slow else WHY[reason.code], **self._blanks(part, reason))

    def step(self, part: PartVerdict, reason: Reason) -> str:
        """What to do about one reason, and who."""
        if reason.code is Code.RUNG:
            return self.say(RUNGS.get(str(reason.about["code"]), OTHER_RUNG)[1])
        if reason.code is Code.FAILED:
            message = FAILED_STEPS.get((str(reason.about["probe"]), str(reason.about["failure"])), NEXT[Code.FAILED])
            return self.say(message, **self._blanks(part, reason))
        return self.say(NEXT[reason.code], **self._blanks(part, reason))

    def next_step(self, verdict: Verdict) -> str:
        """What to do first about a clause; empty for one that is met."""
        part = decisive_part(verdict)
        return self.step(part, part.reasons[0]) if part is not None and part.reasons else ""

    def probe(self, name: str) -> str:
        """What a probe is about, with its name."""
        return f"{self.say(PROBES[name])} ({name})" if name in PROBES else name

    def facts(self, facts: Mapping[str, str | int]) -> str:
        """What a reading's facts say: codes and failures in words, the rest as the probe names it; never a probe's own sentence."""
        said = []
        for key, fact in facts.items():
            if key == "code":
                said.append(self.say(RUNGS.get(str(fact), OTHER_RUNG)[0], code=fact))
            elif key == "failure":
                said.append(self._failure(str(fact)))
            elif key != "detail":
                said.append(f"{key}={fact}")
        return ", ".join(said)

    def written(self, part: Part) -> str:
        """The bound of a part in this language; a dash where there is none."""
        if not part.either:
            return "—"
        if part.equals is not None:
            return spelled_value("state", part.equals, self.language)
        bound = part.at_least if part.at_least is not None else part.at_most
        if bound is None:
            return self.say(N_("as the bureau decides")) if part.at_least_from else "—"
        quantity = part.either[0]
        return LADDERS.get(quantity.name, "") + spelled_value(quantity.unit, bound, self.language)

    def shown(self, part: PartVerdict) -> str:
        """The measured value, or a dash."""
        return "—" if part.shown is None else spelled(part.shown, self.language)

    def age(self, part: PartVerdict, now_us: int) -> str:
        """How old the evidence may be at most."""
        if part.issued_unix_us is None:
            return "—"
        minutes = max(0, now_us - part.issued_unix_us) // 60_000_000
        if minutes < 60:
            return self.say(N_("{minutes} min"), minutes=minutes)
        if minutes < 60 * 48:
            return self.say(N_("{hours} h"), hours=minutes // 60)
        return self.say(N_("{days} days"), days=minutes // 1440)

    def _bound(self, part: PartVerdict) -> dict[str, object]:
        """Value and threshold of a part."""
        return {"shown": self.shown(part), "written": self.written(part.part)}

    def _failure(self, failure: str) -> str:
        """A probe's failure in words; a switch that no report speaks of gave no answer."""
        if not failure:
            return self.say(N_("no answer"))
        return failure_in_words(Failure(failure) if failure in set(Failure) else Failure.UNREADABLE, self.language)

    def _blanks(self, part: PartVerdict, reason: Reason) -> Mapping[str, object]:
        """Everything a sentence about a reason may name."""
        about = reason.about
        blanks: dict[str, object] = {**self._bound(part), **about}
        if "failure" in about:
            blanks["failure_words"] = self._failure(str(about["failure"]))
        if "value" in about:
            blanks["value"] = spelled_value("bit/s", about["value"], self.language)
        for name in ("quantity", "what"):
            if name in about:
                blanks[f"{name}_words"] = sentence_of(str(about[name]), self.language)
        if "standing" in about:
            blanks["standing_words"] = self.say(STANDINGS[Standing(str(about["standing"]))])
        if "setting" in about:
            blanks["setting_words"] = self.pick(*_setting_words()[str(about["setting"])])
        if reason.code is Code.RUNG:
            blanks["rung_words"] = self.say(RUNGS.get(str(about["code"]), OTHER_RUNG)[0], **about)
        return blanks


@functools.cache
def _setting_words() -> dict[str, tuple[str, str]]:
    """What each setting that a policy asks for means, by its key, in Chinese and English."""
    return {one.key: (one.asks, one.asks_en) for framework in frameworks.shipped() for one in framework.settings}


def words_in(language: str) -> Words:
    """The words of `zh` or `en`; Chinese for anything else."""
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    return Words(chosen, gettext.translation("collector", LOCALE, [chosen]))


def decisive_part(verdict: Verdict) -> PartVerdict | None:
    """The part that a clause's sentence speaks of: of a group that decides, and rather one about which something can be done."""
    deciding = [part for group in groups(verdict) if _best(group) is verdict.status for part in group]
    same = [part for part in deciding if part.status is verdict.status]
    return min(same or verdict.parts, key=_can_wait, default=None)


def groups(verdict: Verdict) -> list[list[PartVerdict]]:
    """The required parts, each with its alternatives."""
    found: dict[str, list[PartVerdict]] = {}
    for number, part in enumerate(verdict.parts):
        if part.part.required:
            found.setdefault(part.part.any_of or f"part {number}", []).append(part)
    return list(found.values())


def _best(group: Iterable[PartVerdict]) -> Status:
    """The best status of alternatives."""
    return max((part.status for part in group), key=tuple(Status).index)


def _can_wait(part: PartVerdict) -> bool:
    """Whether nobody can do anything about a part today."""
    about = [reason.about.get("code", reason.code) for reason in part.reasons[:1]]
    return about in ([Code.NO_PROBE], ["NOT_IN_THIS_RELEASE"])
