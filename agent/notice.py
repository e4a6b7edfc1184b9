"""
What will this box ask of the school's switches, as a paper that can be signed?

The scan notice (扫描告知书): which box asks, which devices, which objects and commands, at which pace, what leaves the school and
what does not. Objects, commands and limits are read from the code that keeps them, so that the paper cannot promise less
than is done. Nothing is sent to make it.
"""

from __future__ import annotations

import html
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from string import Template

import psutil

from agent import known
from agent.config import AgentConfig
from agent.identity import Identity, NotEnrolled, load
from agent.outbox import Outbox
from agent.speech import Speech
from evidence.model import Json, Settings
from evidence.quantities import DEVICES_ANSWERED
from evidence.scan import Scan
from evidence.seal import SCAN, open_sealed
from probes import load as load_probe
from probes._aps.mib import FAMILIES, ROAMED
from probes._cli.vendors import vendor, vendor_names
from probes._interfaces import default_interface
from probes._settings import SNMP_PORT, is_address, switch_subject
from probes._snmp.exchange import Oid
from probes._snmp.pace import IN_ALL_PER_S, PER_DEVICE_PER_S
from probes._stimulus.settings import MOST_BIT_S, MOST_OCTETS, MOST_PULSES
from probes._switch import mib

UPLINKS = "uplinks"
BLANK = "________________________"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, paragraphs below it, and a table whose first row is its head."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """The whole paper."""

    title: str
    language: str
    sections: tuple[Section, ...]


def ordered(config: AgentConfig) -> Settings:
    """The switches of the newest order that waits, else of the last run, else none."""
    try:
        who = load(config.directory)
    except NotEnrolled:
        return known.last_run(config.directory).settings
    waiting = [_settings(task.order, who) for task in Outbox(config.directory).pending() if task.probe == UPLINKS]
    return waiting[-1] if waiting else known.last_run(config.directory).settings


def _settings(order: bytes, who: Identity) -> Settings:
    """What an order, verified once more, asks of `uplinks`."""
    return open_sealed(order, who.find_collector).body(SCAN, Scan).settings_of(UPLINKS) or {}


def notice_of(settings: Settings, config: AgentConfig, speech: Speech) -> Notice:
    """The notice for the switches that the settings list; a list that is empty leaves blank lines to fill in."""
    switches = [one for one in settings.get("switches", []) if isinstance(one, dict)]
    sections = (
        _who(switches, config, speech),
        _devices(switches, config, speech),
        _objects(speech),
        _commands(speech),
        _limits(config, speech),
        _leaves(speech),
        _signatures(speech),
    )
    return Notice(speech.say("Notice of a network scan"), speech.language, sections)


def _who(switches: list[dict[str, Json]], config: AgentConfig, speech: Speech) -> Section:
    """The box that asks, and when it does."""
    addresses = ", ".join(sources([str(one.get("host", "")) for one in switches], config)) or BLANK
    return Section(
        speech.say("Who asks, and when"),
        (
            speech.say("Asking box: {host}, address {addresses}.", host=socket.gethostname(), addresses=addresses),
            speech.say(
                "It asks when the collector of the education authority orders a scan, or when somebody starts one at this box. "
                "One scan reads every device once and takes at most {minutes} minutes.",
                minutes=-(-_deadline_s(config) // 60),
            ),
            speech.say("Agreed hours, and how often at most: {blank}", blank=BLANK),
        ),
    )


def _deadline_s(config: AgentConfig) -> int:
    """When a run ends at the latest."""
    return min(load_probe(UPLINKS).deadline_s, config.limits.probe_deadline_s)


def sources(hosts: list[str], config: AgentConfig) -> list[str]:
    """From which addresses of this box the hosts are asked; those of its interface where a host does not tell."""
    found = [source for host in hosts if is_address(host) for source in _source(host)]
    if not found:
        name = config.interface or default_interface()
        found = [one.address for one in psutil.net_if_addrs().get(name or "", []) if one.family == socket.AF_INET]
    return sorted(set(found))


def _source(host: str) -> Iterator[str]:
    """The address that the kernel would ask a host from; a UDP socket that is connected sends nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        if asking.connect_ex((host, SNMP_PORT)) == 0:
            yield asking.getsockname()[0]


def _devices(switches: list[dict[str, Json]], config: AgentConfig, speech: Speech) -> Section:
    """Every device that is asked, and how."""
    vendors = {
        one.subject: str(one.facts.get("vendor", ""))
        for one in known.last_run(config.directory).readings
        if one.quantity == DEVICES_ANSWERED.name
    }
    head = (speech.say("Address"), speech.say("Name"), speech.say("Vendor"), speech.say("How it is asked"))
    rows = [_device(one, vendors, config, speech) for one in switches] or [(BLANK,) * len(head)]
    return Section(
        speech.say("Which devices are asked"),
        (
            speech.say(
                "Only the devices listed here, and neighbours that an administrator approved by name. No address range and no port "
                "is scanned, and no password is guessed."
            ),
        ),
        (head, *rows),
    )


def _device(one: dict[str, Json], vendors: dict[str, str], config: AgentConfig, speech: Speech) -> tuple[str, ...]:
    """One row: address, name, vendor as last seen, SNMP and SSH."""
    host, where = str(one.get("host", "")), switch_subject(one)
    secret = config.secret_of(host, one.get("port", SNMP_PORT))
    how = speech.say("no SNMP login on this box yet")
    if secret is not None:
        how = "SNMPv3" if secret.user else f"SNMP v{secret.version or '2c'} " + speech.say("(in the clear)")
    ssh = config.ssh_of(host)
    return (where, str(one.get("name", "")), vendors.get(where, ""), how + (f", SSH ({ssh.port}/tcp)" if ssh else ""))


# --- What is asked ----------------------------------------------------------------------------------------------------


def groups(_: Callable[[str], str]) -> list[tuple[str, list[Oid]]]:
    """Everything that SNMP may be asked for, in plain words, with its objects."""
    stations = (mib.STATIONS, mib.STATIONS_UNTAGGED, mib.ADDRESSES)
    return [
        (
            _("What the device is: name, model, place, time since start, spanning tree root"),
            [*mib.SCALARS.values(), mib.SYS_UP_TIME],
        ),
        (_("Ports: name, state, speed, duplex, kind of connector"), _of(mib.INTERFACES, mib.PORT_DETAILS)),
        (_("Which ports are joined to aggregates"), _of(mib.AGGREGATES)),
        (_("Neighbours by LLDP"), _of(mib.NEIGHBOURS, mib.NEIGHBOURS_V2)),
        (_("Address tables: only to count devices a port; the addresses do not leave this box"), _of(*stations)),
        (_("The default route"), _of(mib.ROUTES)),
        (_("Parts and serial numbers"), _of(mib.INVENTORY)),
        (_("Octet counters of ports, for the way out and for test volumes"), _of(mib.COUNTERS)),
        (
            _(
                "Wireless controllers: access points, their state, networks, radios and wired ports; hand-overs of this box only"
            ),
            [*(oid for one in FAMILIES for oid in one.columns.values()), *ROAMED.values()],
        ),
        (_("Tables of one vendor: neighbours, aggregates, duplex, transceivers"), _of(*mib.VENDOR.values())),
    ]


def _of(*tables: dict[str, Oid]) -> list[Oid]:
    """The objects of some tables; two vendors may give one name to objects of their own."""
    return [oid for table in tables for oid in table.values()]


def prefixes(objects: Iterable[Oid]) -> list[str]:
    """The tables in which the objects stand: what an access view must let through, as short as it can be."""
    tables = {_table_of(oid) for oid in objects}
    shortest = [one for one in tables if not any(one != other and one[: len(other)] == other for other in tables)]
    return [".".join(map(str, one)) for one in sorted(shortest)]


def _table_of(oid: Oid) -> Oid:
    """What an object stands in; the zeros at its end are no part of its name."""
    return _table_of(oid[:-1]) if oid[-1] == 0 else oid[:-1]


def _objects(speech: Speech) -> Section:
    """The MIB objects, group by group."""
    rows = [(words, ", ".join(prefixes(objects))) for words, objects in groups(speech.words.gettext)]
    return Section(
        speech.say("What is asked by SNMP"),
        (speech.say("Reading only (GET, GETNEXT, GETBULK): nothing is ever written."),),
        ((speech.say("What"), speech.say("Objects below")), *rows),
    )


def _commands(speech: Speech) -> Section:
    """The commands, vendor by vendor."""
    families = [vendor(name) for name in vendor_names()]
    rows = [(one.title, "; ".join(sorted(one.commands))) for one in families]
    return Section(
        speech.say("What is asked by SSH, where a login was given"),
        (speech.say("With a read-only account; these commands and no others:"),),
        ((speech.say("Vendor"), speech.say("Commands")), *rows),
    )


# --- Limits, data, signatures -----------------------------------------------------------------------------------------


def _limits(config: AgentConfig, speech: Speech) -> Section:
    """How fast at most."""
    return Section(
        speech.say("How fast"),
        (
            speech.say(
                "At most {device:.0f} SNMP requests a second to one device and {all:.0f} to all together, one at a time to each. "
                "A device that does not answer is not pressed.",
                device=PER_DEVICE_PER_S,
                all=IN_ALL_PER_S,
            ),
            speech.say(
                "Where a test of the links is ordered, this box sends at most {count} volumes of at most {megabytes:g} MB by UDP, "
                "at {rate} or less, to a listed device or another address inside the school.",
                count=MOST_PULSES,
                megabytes=MOST_OCTETS / 1e6,
                rate=speech.rate(MOST_BIT_S),
            ),
        ),
    )


def _leaves(speech: Speech) -> Section:
    """What is sent to the collector and what stays."""
    return Section(
        speech.say("What leaves the school"),
        (
            speech.say(
                "Sent to the collector, signed: state and speed of ports, names of switches, routers and access points, links "
                "between them, octet counters; vendor, model, software, place, parts and serial numbers of the devices."
            ),
            speech.say(
                "Never sent: addresses and names of people's devices (only how many there are), the content of any traffic, "
                "passwords, communities and keys. These stay on this box."
            ),
        ),
    )


def _signatures(speech: Speech) -> Section:
    """Whom to call, and who agreed."""
    return Section(
        speech.say("Questions and consent"),
        (
            speech.say("Whom to call if something looks wrong (name, telephone): {blank}", blank=BLANK),
            speech.say("For the school (name, date, signature): {blank}", blank=BLANK),
            speech.say("For whoever runs this box (name, date, signature): {blank}", blank=BLANK),
        ),
    )


# --- On paper ---------------------------------------------------------------------------------------------------------

PAGE = Template("""<!doctype html>
<html lang="$language">
<meta charset="utf-8">
<title>$title</title>
<style>
body { font: 11pt/1.5 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif; max-width: 19cm; margin: 1cm auto; }
h1 { font-size: 16pt; text-align: center; }
h2 { font-size: 12pt; margin: 1em 0 .3em; break-after: avoid; }
table { border-collapse: collapse; width: 100%; font-size: 9.5pt; }
th, td { border: 1px solid #777; padding: .2em .5em; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
tr { break-inside: avoid; }
@page { size: A4; margin: 1.5cm; }
</style>
<h1>$title</h1>
$body
</html>
""")


def as_html(notice: Notice) -> str:
    """The paper as one HTML file that needs nothing else."""
    body = "\n".join(_html(section, number) for number, section in enumerate(notice.sections, start=1))
    language = "zh-CN" if notice.language == "zh" else notice.language
    return PAGE.substitute(language=language, title=html.escape(notice.title), body=body)


def _html(section: Section, number: int) -> str:
    """One section."""
    lines = [f"<h2>{number}. {html.escape(section.heading)}</h2>"]
    lines += [f"<p>{html.escape(text)}</p>" for text in section.paragraphs]
    if section.table:
        rows = [_row("th" if first else "td", row) for first, row in _marked(section.table)]
        lines.append("<table>\n" + "\n".join(rows) + "\n</table>")
    return "\n".join(lines)


def _marked(rows: tuple[tuple[str, ...], ...]) -> Iterator[tuple[bool, tuple[str, ...]]]:
    """Each row with whether it is the head."""
    yield from ((number == 0, row) for number, row in enumerate(rows))


def _row(cell: str, row: tuple[str, ...]) -> str:
    """One row of a table."""
    return "<tr>" + "".join(f"<{cell}>{html.escape(text)}</{cell}>" for text in row) + "</tr>"


def as_text(notice: Notice) -> str:
    """The paper for the terminal: no boxes, so that it can be copied into a message."""
    lines = [notice.title, ""]
    for number, section in enumerate(notice.sections, start=1):
        lines += [f"{number}. {section.heading}", *(f"   {text}" for text in section.paragraphs)]
        lines += ["   - " + " | ".join(cell for cell in row if cell) for row in section.table[1:]]
        lines.append("")
    return "\n".join(lines)
