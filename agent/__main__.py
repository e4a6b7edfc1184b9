"""
What can an admin tell this agent to do?

Verbs: `enrol` makes it known to a collector, `scan` measures now and shows what was found, `survey` is walked with, `run` works for the collector until
it is stopped; `notice`, `record`, `paste` and `forget-key` are about the school's switches. Heavy modules are imported by the verb that needs them, so that help is quick.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agent.config import AgentConfig, ConfigWrong, load, open_to_others
from agent.paste import add_paste_arguments
from agent.record import add_record_arguments
from agent.survey.options import add_survey_arguments
from agent.words import translation

if TYPE_CHECKING:
    from agent.scan import Finding

WRONG = 2
LANGUAGES = ("zh", "en")


def main(argv: list[str] | None = None) -> int:
    """Run one verb; 0 when it did its work, 1 when the collector or the network did not, 2 for wrong settings."""
    options = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # one line for each poll says nothing
    try:
        config = load(options.config)
        _warn_of_open_file(options.config, config)
        return int(options.verb(options, config))
    except ConfigWrong as wrong:
        sys.stderr.write(f"{wrong}\n")
        return WRONG


def _warn_of_open_file(path: Path | None, config: AgentConfig) -> None:
    """Say so when others may read the logins of switches."""
    if (file := open_to_others(path, config)) is not None:
        text = translation(config.language).gettext("Others can read {file}, which holds logins. Run: chmod 600 {file}")
        sys.stderr.write(text.format(file=file) + "\n")


def _parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="campusproof-agent", description="Measures a school's network and signs what it finds."
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings; default /etc/campusproof/config.toml")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    enrol = verbs.add_parser("enrol", help="make this box known to a collector, once")
    enrol.add_argument("token", help="the one-time token that the operator gave you; - reads it from standard input")
    enrol.add_argument(
        "--anew",
        action="store_true",
        help="put the old identity and outbox aside: after a revocation, or for another school",
    )
    enrol.add_argument(
        "--collector", default="", metavar="URL", help="the collector's address, unless the settings name it"
    )
    enrol.set_defaults(verb=_enrol)
    scan = verbs.add_parser("scan", help="measure now and show what was found; works without a collector")
    scan.add_argument("probes", nargs="*", metavar="PROBE", help="which probes; default: all that have their settings")
    scan.add_argument(
        "--settings", type=Path, metavar="FILE", help="a TOML file with a table [probes.NAME] for each probe"
    )
    scan.add_argument("--language", choices=LANGUAGES, help="language of the table")
    scan.add_argument(
        "--explain", action="store_true", help="with ipv6 alone: the ladder in words, and what to type on which device"
    )
    scan.set_defaults(verb=_scan)
    walking = verbs.add_parser("survey", help="walk a Wi-Fi survey place by place, here or with a phone's page")
    add_survey_arguments(walking)
    walking.set_defaults(verb=_survey)
    run = verbs.add_parser("run", help="work for the collector until stopped")
    run.set_defaults(verb=_run)
    _add_switch_verbs(verbs)
    return parser


def _add_switch_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The verbs that are about the school's switches."""
    notice = verbs.add_parser("notice", help="the scan notice: what is asked of which switch, to print and to sign")
    notice.add_argument("--settings", type=Path, metavar="FILE", help="a TOML file with a table [probes.uplinks]")
    notice.add_argument("--html", type=Path, metavar="FILE", help="write a page to print instead")
    notice.add_argument("--language", choices=LANGUAGES, help="language of the notice")
    notice.set_defaults(verb=_notice)
    record = verbs.add_parser("record", help="a scrubbed recording of one switch, to send when it is misread")
    add_record_arguments(record)
    record.set_defaults(verb=_record)
    paste = verbs.add_parser("paste", help="read what a switch printed, or a list, where there is no SNMP")
    add_paste_arguments(paste)
    paste.set_defaults(verb=_paste)
    forget = verbs.add_parser("forget-key", help="take back the pin of a switch's SSH host key, after it was replaced")
    forget.add_argument("host", metavar="HOST", help="address or name as in the list, or HOST:PORT as shown")
    forget.set_defaults(verb=_forget_key)


def _enrol(options: argparse.Namespace, config: AgentConfig) -> int:
    """Make a key on this box and the collector know it."""
    from agent import identity, keys
    from agent.courier import Offline, Refused, Untrusted, opened
    from agent.scan import SOFTWARE

    _ = translation(config.language).gettext
    token = sys.stdin.readline().strip() if options.token == "-" else options.token  # noqa: S105 - no password but a dash
    if options.anew:
        identity.put_aside(config.directory)
    if (config.directory / identity.FILE).exists():
        sys.stderr.write(
            _("This box is already enrolled; its identity lies in {place}. To begin anew: --anew.").format(
                place=config.directory
            )
            + "\n"
        )
        return WRONG
    try:
        identity.split_token(token)
        courier = opened(config, options.collector)
        with courier.http:
            known = courier.enrol(token, keys.create(config.directory), SOFTWARE)
    except (ValueError, keys.KeyWrong) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return WRONG
    except Offline:
        address = options.collector or config.collector
        sys.stderr.write(
            _("Not enrolled: {address} cannot be reached; check the address and the way out.").format(address=address)
            + "\n"
        )
        return 1
    except Untrusted:
        sys.stderr.write(
            _("Not enrolled: this is not the collector that the token names; wrong address, or someone in between.")
            + "\n"
        )
        return 1
    except Refused as why:
        known_words = {"token_refused": _("the token is unknown, used or expired; ask the operator for a new one")}
        sys.stderr.write(_("Not enrolled: {why}").format(why=known_words.get(why.code, why.code)) + "\n")
        return 1
    identity.keep(config.directory, known)
    print(_("Enrolled for {school}, place {place}.").format(school=known.school_name, place=known.place or "-"))
    print(_("Next: campusproof-agent run"))
    return 0


def _scan(options: argparse.Namespace, config: AgentConfig) -> int:
    """Measure now, 1 where nothing could be; what an enrolled agent finds is sealed too, as a report without an order."""
    from agent.byhand import WrongScan, announced, chosen, measure, sealed, shown
    from agent.ladder import explained
    from agent.scan import LADDER
    from agent.speech import Speech
    from agent.tables import console

    language = options.language or config.language
    speech = Speech(translation(language), language)
    if options.explain and options.probes != [LADDER]:
        sys.stderr.write(
            speech.say("--explain goes with the probe ipv6 alone: campusproof-agent scan ipv6 --explain") + "\n"
        )
        return WRONG
    try:
        tasks = chosen(options.probes, options.settings, config)
    except WrongScan as wrong:
        sys.stderr.write(f"{wrong}\n")
        return WRONG
    screen = console()
    for line in announced(tasks, config, speech):
        screen.print(line)
    findings: dict[str, Finding] = measure(tasks, config, screen, speech)
    parts = explained(findings[LADDER], speech) if options.explain else shown(findings, tasks, speech, screen.width)
    for part in parts:
        screen.print(part)
    screen.print(sealed(findings, tasks, config, speech.words))
    return 1 if findings and all(one.failure is not None for one in findings.values()) else 0


def _notice(options: argparse.Namespace, config: AgentConfig) -> int:
    """Show the scan notice, or write it as a page."""
    from agent.byhand import WrongScan, uplinks_of
    from agent.notice import as_html, as_text, notice_of, ordered
    from agent.speech import Speech

    language = options.language or config.language
    speech = Speech(translation(language), language)
    try:
        settings = uplinks_of(options.settings) if options.settings else ordered(config)
    except WrongScan as wrong:
        sys.stderr.write(f"{wrong}\n")
        return WRONG
    notice = notice_of(settings, config, speech)
    if options.html is None:
        print(as_text(notice))
        return 0
    try:
        options.html.write_text(as_html(notice), "utf-8")
    except OSError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return WRONG
    print(speech.say("Written to {file}; open it in a browser and print it.", file=options.html))
    return 0


def _record(options: argparse.Namespace, config: AgentConfig) -> int:
    """Record one switch."""
    from agent.record import record

    return record(options, config)


def _paste(options: argparse.Namespace, config: AgentConfig) -> int:
    """Read what a person brings instead of SNMP."""
    from agent.paste import paste

    return paste(options, config)


def _forget_key(options: argparse.Namespace, config: AgentConfig) -> int:
    """Take back the pin of a host key; 1 where there was none."""
    from agent.known import forget, host_keys

    _ = translation(config.language).gettext
    gone = forget(config.directory, options.host)
    for where in gone:
        print(_("Forgotten: {host}. The next key it shows will be pinned.").format(host=where))
    if not gone:
        pinned = ", ".join(sorted(host_keys(config.directory))) or "-"
        sys.stderr.write(
            _("No key of {host} is pinned; pinned are: {pinned}").format(host=options.host, pinned=pinned) + "\n"
        )
    return 0 if gone else 1


def _survey(options: argparse.Namespace, config: AgentConfig) -> int:
    """Walk a survey."""
    from agent.survey.command import survey

    return survey(options, config)


def _run(options: argparse.Namespace, config: AgentConfig) -> int:
    """Work for the collector until a signal says stop."""
    from agent import identity, keys
    from agent.courier import opened
    from agent.outbox import Outbox
    from agent.service import Service

    try:
        who = identity.load(config.directory)
        courier = opened(config, who.known.collector)
    except (identity.NotEnrolled, keys.KeyWrong, ValueError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return WRONG
    with courier.http:
        service = Service(config, who, Outbox(config.directory), courier)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: service.stop.set())
        logging.getLogger("campusproof.agent").info("agent %s works for %s", who.agent[:16], who.known.school_name)
        service.run()
    return 1 if service.broken else 0


if __name__ == "__main__":
    sys.exit(main())
