"""
How are this school's switches joined, how fast is each link, and what is to be done?

A tree for the terminal, drawn from the readings of `uplinks` alone: core first, below each link the switch at its other end,
with what deserves a look at each, and a short list of next steps at the end.
"""

from __future__ import annotations

import gettext
from collections.abc import Collection, Iterable, Iterator

from rich.text import Text
from rich.tree import Tree

from agent import advice, login, steps
from agent.advice import Problem, is_undiscovered
from agent.figures import lines_of
from agent.scan import Finding
from agent.speech import Speech
from agent.switches import Link, Network, Port, Switch, network_of
from evidence.quantities import GIGABIT
from evidence.spelled import failure_in_words

SAID_BY_THE_FAILURE = {Problem.SILENT, Problem.SNMP_REFUSED, Problem.NOT_REACHED, Problem.NO_NAME}
GOOD, LOOK, BAD, QUIET = "green", "yellow", "bold red", "dim"


def tree_of(finding: Finding, words: gettext.NullTranslations, language: str, core: Collection[str] = ()) -> Tree:
    """The tree; `core` names the switches, by `host:port`, that the school's list calls so."""
    speech = Speech(words, language)
    network = network_of(finding.readings, core)
    tree = Tree(Text(_title(network, speech), style="bold"), guide_style=QUIET)
    parents = network.parents()
    for subject, parent in parents.items():
        if parent is None:
            _grow(tree, network, subject, parents, speech)
    if finding.failure is not None:
        why = failure_in_words(finding.failure, language)
        tree.add(Text(speech.say("could not measure: {why}", why=f"{why} ({finding.detail})"), style=BAD))
    _add(tree, speech.say("In all"), lines_of(network, speech))
    _add(tree, speech.say("What to do"), _steps(network, speech))
    return tree


def _title(network: Network, speech: Speech) -> str:
    """How many answered."""
    answered = sum(switch.answered for switch in network.switches.values())
    return speech.say("Switches: {answered} of {count} answered", answered=answered, count=len(network.switches))


def _add(tree: Tree, heading: str, lines: list[Text]) -> None:
    """A branch with its leaves, if there are any."""
    if lines:
        branch = tree.add(Text(heading, style="bold"))
        for line in lines:
            branch.add(line)


def _grow(tree: Tree, network: Network, subject: str, parents: dict[str, Link | None], speech: Speech) -> None:
    """One switch with its leaves, and below it every switch that is reached through it."""
    branch = tree.add(_head(network, subject, parents[subject], speech))
    for leaf in _leaves(network, subject, parents, speech):
        branch.add(leaf)
    for child, link in parents.items():
        if link is not None and link.peer == subject:
            _grow(branch, network, child, parents, speech)


def _head(network: Network, subject: str, uplink: Link | None, speech: Speech) -> Text:
    """Name, model and address of a switch, how it was asked, and on a second line the link that leads to it."""
    switch = network.switches[subject]
    text = Text(switch.name, style="bold")
    text.append(f"  {switch.model}" if switch.model else "", style="not bold")
    text.append(f"  {subject}" if subject != switch.name else "", style="not bold dim")
    if switch.snmp:
        text.append(f"  SNMP v{switch.snmp}", style="not bold")
    if switch.in_the_clear:
        text.append(" " + speech.say("(travels in the clear; use SNMPv3)"), style=f"not bold {LOOK}")
    if uplink is not None:
        text.append("\n").append(_link(network, uplink, speech))
    return text


def _leaves(network: Network, subject: str, parents: dict[str, Link | None], speech: Speech) -> Iterator[Text]:
    """What is to be said of one switch."""
    switch = network.switches[subject]
    if not switch.answered:
        yield _failure(switch, speech)
    yield from (_command_line(remark, speech) for remark in login.remarks(switch.facts))
    if network.is_alone(switch):
        yield Text(speech.say("no neighbour heard on any port: what it is joined to is not known"), style=LOOK)
    drawn = [parent for parent in parents.values() if parent is not None]
    for link in network.links_of(subject):
        if is_undiscovered(link):
            yield Text("? ", style=LOOK).append(_link(network, link, speech))
        elif link in network.links and not any(link in (one, one.seen_from(one.peer)) for one in drawn):
            yield _link(network, link, speech)
    yield from (_lag(port, speech) for port in switch.ports if port.up and port.fact("kind") == "lag")
    yield from (_wan(port, speech) for port in switch.ports if port.role == "wan")
    yield from _desks(switch, speech)
    yield from _odd_ports(switch, speech)


def _failure(switch: Switch, speech: Speech) -> Text:
    """Why a switch did not answer."""
    found = set(advice.of_switch(switch))
    if Problem.UNKEYED in found:
        return Text("✗ " + speech.say("not asked: this box knows no SNMP secret for it"), style=BAD)
    why = failure_in_words(switch.failure, speech.language) if switch.failure else ""
    text = speech.say("did not answer completely: {why}", why=why or speech.say("no cause was told"))
    # The probe's own words are English and for whoever mends it: where the failure says it all they are left out.
    detail = "" if found & SAID_BY_THE_FAILURE else str(switch.facts.get("detail", ""))
    return Text(f"✗ {text}", style=BAD).append(f"  {detail}" if detail else "", style="not bold dim")


def _command_line(remark: login.Remark, speech: Speech) -> Text:
    """What kept the command line from answering."""
    said = {
        login.Kind.CHANGED_KEY: speech.say("another host key than before, no login was tried"),
        login.Kind.FAMILY: speech.say("of an unknown family, so it was not asked"),
        login.Kind.CIPHERS: speech.say("no method in common that is still safe"),
    }
    why = failure_in_words(remark.failure, speech.language) if remark.failure else speech.say("not asked")
    text = speech.say("command line: {why}", why=said.get(remark.kind, why))
    detail = remark.detail if remark.failure and remark.kind is not login.Kind.CHANGED_KEY else ""
    return Text(text, style=LOOK).append(f"  {detail}" if detail else "", style="not bold dim")


def _link(network: Network, link: Link, speech: Speech) -> Text:
    """One link from here to there, its rate, and who says so."""
    there = f"{network.name_of(link.peer)} {link.peer_label}" if link.peer in network.switches else _stranger(link)
    text = Text(f"{link.label} ↔ {there}: ", style="not bold")
    return text.append(_joined([_rate(link, speech), *_confirmed(link, speech)], speech))


def _stranger(link: Link) -> str:
    """A neighbour that is not listed, by its name and port."""
    port = str(link.facts.get("neighbour_port", ""))
    return " ".join(dict.fromkeys([link.neighbour, port])).strip()


def _rate(link: Link, speech: Speech) -> Text:
    """The rate of a link, marked where it is below one of the two lines that policies draw."""
    if link.bit_s is None:
        return Text(speech.say("speed unknown"), style=LOOK)
    rate = speech.rate(link.bit_s) if link.exact else speech.say("at most {rate}", rate=speech.rate(link.bit_s))
    if link.total_bit_s:
        rate = speech.say("{rate} a member, {total} in all", rate=rate, total=speech.rate(link.total_bit_s))
    found = set(advice.of_link(link))
    if Problem.LINK_BELOW_1G in found:
        return Text(speech.say("{rate} (below 1 Gbit/s)", rate=rate), style=BAD)
    if Problem.LINK_BELOW_10G in found:
        return Text(speech.say("{rate} (below 10 Gbit/s)", rate=rate), style=LOOK)
    return Text(rate, style=GOOD)


def _confirmed(link: Link, speech: Speech) -> Iterator[Text]:
    """Who says that this link is there, and how its rate is known where it is not simply told."""
    said = {
        "both": speech.say("both ends agree"),
        "one": speech.say("one end only"),
        "fdb": speech.say("by learned addresses only"),
    }
    if is_undiscovered(link):
        yield Text(speech.say("not listed: nobody asked it"), style=LOOK)
    else:
        words = said.get(link.confirmed, speech.say("not confirmed"))
        yield Text(words, style=GOOD if link.confirmed == "both" else LOOK)
    if link.facts.get("status", "reported") != "reported":
        yield _status(str(link.facts["status"]), str(link.facts.get("why", "")), speech)


def _joined(parts: Iterable[Text], speech: Speech) -> Text:
    """Several remarks in one line."""
    return Text("；" if speech.language == "zh" else "; ").join(part for part in parts if part.plain)


def _lag(port: Port, speech: Speech) -> Text:
    """An aggregate: the sum and the largest member, for policies do not say which of them counts."""
    total, largest = port.number("sum_bit_s"), port.number("largest_bit_s")
    members = [name for name in port.fact("members").split(",") if name]
    if total is None or largest is None or not members:
        return Text(speech.say("aggregate {port}: members unknown", port=port.label), style=LOOK)
    text = speech.say(
        "aggregate {port}: {total} in all, largest member {largest}; {up} of {count} members up: {members}",
        port=port.label,
        total=speech.rate(total),
        largest=speech.rate(largest),
        up=port.fact("members_up"),
        count=len(members),
        members=speech.some(members),
    )
    return Text(text, style=LOOK if set(advice.of_port(port)) & {Problem.MEMBERS_DOWN, Problem.LAG_UNEXPLAINED} else "")


def _wan(port: Port, speech: Speech) -> Text:
    """A port that leads out of the school."""
    if not port.up:
        return Text(speech.say("way out {port}: down", port=port.label), style=BAD)
    rate = speech.say("speed unknown") if port.bit_s is None else speech.rate(port.bit_s)
    return Text(speech.say("way out {port}: {rate}", port=port.label, rate=rate))


def _desks(switch: Switch, speech: Speech) -> Iterator[Text]:
    """How many ports are up, how many of them for people's devices, and which of these are below 1 Gbit/s, rate by rate."""
    if not switch.ports_up:
        return
    desks = [port for port in switch.ports if port.is_desk]
    slow: dict[int, list[str]] = {}
    for port in desks:
        if port.sure_bit_s is not None and port.sure_bit_s < GIGABIT:
            slow.setdefault(port.sure_bit_s, []).append(port.label)
    yield Text(_counts(switch, desks, speech))
    for bit_s, labels in sorted(slow.items()):
        ports = speech.some(labels)
        text = speech.say(
            "{count} at {rate}, below 1 Gbit/s: {ports}", count=len(labels), rate=speech.rate(bit_s), ports=ports
        )
        yield Text(text, style=LOOK)


def _counts(switch: Switch, desks: list[Port], speech: Speech) -> str:
    """The ports that are up, as the share for the whole school counts them."""
    told = speech.say("ports that are up: {count}", count=len(switch.ports_up))
    told += speech.say("; of these for people's devices: {count}", count=len(desks))
    unknown = sum(one.role == "unknown" for one in desks)
    if unknown:
        told += speech.say("; counted with them although their role is not known: {count}", count=unknown)
    apart = sum(port.is_apart for port in switch.ports)
    return told + (speech.say("; cameras and telephones, counted apart: {count}", count=apart) if apart else "")


ODD = {
    Problem.SPEED_UNKNOWN,
    Problem.SPEED_CONFLICT,
    Problem.SPEED_INFERRED,
    Problem.HALF_DUPLEX,
    Problem.SLOWER_THAN_CAGE,
    Problem.BELOW_PORT,
}


def _odd_ports(switch: Switch, speech: Speech) -> Iterator[Text]:
    """The ports that deserve a line, those with the same trouble on one."""
    same: list[tuple[Text, list[str]]] = []
    for port in switch.ports:
        if ODD & set(advice.of_port(port)):
            trouble = _trouble(port, speech)
            labels = next((labels for known, labels in same if known == trouble), None)
            if labels is None:
                same.append((trouble, [port.label]))
            else:
                labels.append(port.label)
    for trouble, labels in same:
        yield Text(f"{speech.some(labels)}: ").append(trouble)


def _trouble(port: Port, speech: Speech) -> Text:
    """Everything that is odd about a port."""
    found = set(advice.of_port(port))
    parts = [Text(speech.rate(port.bit_s) if port.bit_s is not None else "")]
    if port.fact("status") in advice.OF_STATUS:
        parts.append(_status(port.fact("status"), port.fact("why"), speech))
    if Problem.HALF_DUPLEX in found:
        parts.append(Text(speech.say("half duplex"), style=BAD))
    if found & {Problem.SLOWER_THAN_CAGE, Problem.BELOW_PORT}:
        cage = speech.rate(port.number("cage_bit_s") or 0)
        parts.append(Text(speech.say("its slot can do {rate}", rate=cage), style=LOOK))
    return _joined(parts, speech)


def _status(status: str, why: str, speech: Speech) -> Text:
    """How a speed is known, where it is not simply told, and by which rule."""
    said = {
        "unknown": speech.say("speed unknown"),
        "conflict": speech.say("told differently"),
        "inferred": speech.say("concluded, not told"),
        "repaired": speech.say("repaired"),
    }
    return Text(said.get(status, status) + (f" ({why})" if why else ""), style=LOOK)


def _steps(network: Network, speech: Speech) -> list[Text]:
    """What to do, numbered; or that there is nothing to do."""
    lines = steps.steps(advice.problems(network), speech)
    if not lines and network.switches:
        return [Text(speech.say("Nothing: every switch answered, and no link or port gave cause."), style=GOOD)]
    return [Text(f"{number}. {line}") for number, line in enumerate(lines, start=1)]
