"""
What can the operator tell the collector to do?

Verbs: `serve` the pages and the agents' door, `school`, `user` and `server` to say who there is, `block` to keep exams quiet, `scan` to
order a measurement, `judge` to read a school's verdicts at the terminal; `speed-server` and `echo-server` run beside all of this.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from collector import clock, keys
from collector.assembly import Collector, assembled
from collector.changes import changes
from collector.config import ConfigWrong, load
from collector.dispatch import HOUR_US, WrongOrder
from collector.echo.command import echo_server_options
from collector.frameworks import FrameworkWrong
from collector.importing import ListWrong, imported
from collector.known_settings import known_settings
from collector.names_command import names_verbs, target_verbs, vantage_verbs
from collector.people import Role
from collector.scan_command import ordered, scan_options
from collector.school import School
from collector.secrets import new_token
from collector.servers_command import block_verbs, server_verbs
from collector.speed.command import speed_server_options
from collector.store import open_store
from collector.store.rows import AgentRow
from collector.survey_command import survey_verbs
from collector.words import words_in
from evidence.wire import VANTAGE

WRONG = 2
SHORTEST_ID = 6
COLOURS = {"met": "green", "not_met": "red", "not_shown": "yellow", "by_a_person": "blue"}
Verb = Callable[[argparse.Namespace, Collector], int]


class _Wrong(Exception):
    """The command asks for something that is not there; the text says what."""


def main(argv: list[str] | None = None) -> int:
    """Run one verb; 0 when it did its work, 2 with words on stderr when the command or the settings are wrong."""
    options = _parser().parse_args(argv)
    try:
        if "alone" in options:  # a program of its own beside the collector's store
            return int(options.alone(options))
        config = load(options.config)
        store = open_store(config.directory)
        try:
            collector = assembled(config, store, keys.kept(config.directory), clock.now_us)
            verb: Verb = options.verb
            return verb(options, collector)
        finally:
            store.close()
    except (ConfigWrong, keys.KeyWrong, FrameworkWrong, ListWrong, WrongOrder, _Wrong, ValueError, OSError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return WRONG


def _parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="campusproof-collector", description="Keeps signed evidence and judges policy clauses."
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings; default /etc/campusproof/config.toml")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    serving = verbs.add_parser("serve", help="serve the pages and the agents' door until stopped")
    serving.add_argument(
        "--fd", type=int, action="append", default=[], help="also serve a listening socket handed over"
    )
    serving.set_defaults(verb=_serve)
    _school_verbs(verbs.add_parser("school", help="schools, their lists and enrolment tokens"))
    _user_verbs(verbs.add_parser("user", help="accounts of people"))
    server_verbs(verbs.add_parser("server", help="your measurement servers"), _printing)
    names_verbs(verbs.add_parser("names", help="what your echo servers are called, for IPv6"), _printing)
    target_verbs(verbs.add_parser("target", help="who else is to be reached over IPv6"), _printing)
    vantage_verbs(verbs.add_parser("vantage", help="your agents outside of all schools"), _printing)
    block_verbs(verbs.add_parser("block", help="days on which no school's way out is measured"), _printing)
    scan = verbs.add_parser("scan", help="order a measurement of a school's agents")
    scan_options(scan)
    scan.set_defaults(verb=_printing(_scan))
    survey_verbs(verbs.add_parser("survey", help="walks through a school's places, for Wi-Fi"), _printing)
    speed_server_options(
        verbs.add_parser("speed-server", help="measure the way out of schools; its own process and key")
    )
    echo_server_options(
        verbs.add_parser(
            "echo-server", help="sign from which address it was asked; the names that IPv6 is measured against"
        )
    )
    judging = verbs.add_parser("judge", help="show a school's verdicts at the terminal")
    judging.add_argument("school")
    judging.add_argument("--language", choices=("zh", "en"), default="zh")
    judging.add_argument("--all", action="store_true", help="also the clauses that only a person can settle")
    judging.set_defaults(verb=_judge)
    return parser


def _school_verbs(parser: argparse.ArgumentParser) -> None:
    """`school add|import|token|revoke|key|list`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = verbs.add_parser("add", help="a new school")
    add.add_argument("school", help="a short id, such as wz-no2")
    add.add_argument("name")
    add.add_argument("--virtual", action="store_true", help="demo and tests: marked everywhere, accepts virtual ports")
    add.set_defaults(verb=_add_school)
    importing = verbs.add_parser("import", help="show what a school's list changes, and take it over")
    importing.add_argument("school")
    importing.add_argument("file", type=Path, help="CSV or XLSX; docs/school-list.md says which columns")
    importing.add_argument(
        "--approve", action="store_true", help="take it over without asking; needed where nobody can be asked"
    )
    importing.set_defaults(verb=_import)
    token = verbs.add_parser("token", help="a one-time token to enrol an agent with")
    token.add_argument("school")
    token.add_argument("--place", default="", help="where the agent stands, a path of the school's list")
    token.set_defaults(verb=_token)
    revoke = verbs.add_parser(
        "revoke", help="trust an agent's key no more: nothing it sends is taken, nothing it sent is judged"
    )
    revoke.add_argument("agent", help="the agent's id as the school's page shows it, or its first digits")
    revoke.set_defaults(verb=_revoke)
    key = verbs.add_parser("key", help="the collector's public key, or that of an agent: what campusproof-verify takes")
    key.add_argument(
        "agent", nargs="?", default="", help="the agent's id or its first digits; default: the collector itself"
    )
    key.set_defaults(verb=_key)
    listing = verbs.add_parser("list", help="all schools")
    listing.set_defaults(verb=_list)


def _user_verbs(parser: argparse.ArgumentParser) -> None:
    """`user add`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = verbs.add_parser("add", help="a new account, or a new password for one")
    add.add_argument("name")
    add.add_argument("--role", choices=[role.value for role in Role], required=True)
    add.add_argument("--school", default="", help="the school of a school admin")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add.set_defaults(verb=_add_user)


def _serve(options: argparse.Namespace, collector: Collector) -> int:
    """Serve until stopped."""
    from collector.app import create_app
    from collector.serving import serve, sockets

    listening = sockets(collector.config, options.fd)
    for one in listening:
        address = one.getsockname()
        print(f"serving on {address[0]} port {address[1]}", flush=True)
    serve(create_app(collector), collector.config, listening)
    return 0


def _theirs(collector: Collector, identity: str) -> School:
    """The school of that id."""
    school = collector.store.schools.get(identity)
    if school is None:
        raise _Wrong(
            f"no school {identity!r}; there are: {', '.join(one.id for one in collector.store.schools.all()) or 'none'}"
        )
    return school


def _add_school(options: argparse.Namespace, collector: Collector) -> int:
    """A new school."""
    if options.school == VANTAGE:
        raise _Wrong(f"school id {VANTAGE!r}: kept for the operator's agents outside; take another")
    if not options.school.replace("-", "").isalnum() or not options.school.isascii():
        raise _Wrong(f"school id {options.school!r}: letters, digits and hyphens expected, such as wz-no2")
    collector.store.schools.add(options.school, options.name, options.virtual, collector.now_us())
    print(f"{options.school}: {options.name}{' (virtual)' if options.virtual else ''}")
    return 0


def _import(options: argparse.Namespace, collector: Collector) -> int:
    """Show what a declared list changes, and take it over if that is approved."""
    before = _theirs(collector, options.school)
    school = imported(before, options.file, known_settings(collector.frameworks))
    found = changes(before, school)
    for change in found:
        print(change)
    if found and not options.approve and not _is_approved():
        raise _Wrong(f"{options.file.name}: not approved, nothing was changed; give y when asked, or --approve")
    if found:
        collector.store.schools.declare(school, collector.now_us())
    print(
        f"{school.name}: {len(school.attributes)} attributes, {len(school.bureau)} bureau settings, {len(school.places)} places, "
        f"{len(school.switches)} switches, {len(school.links)} links, {len(school.services)} services, {len(school.lines)} lines"
        f"{'' if found else '; nothing changed'}"
    )
    return 0


def _is_approved() -> bool:
    """Whether the person at the terminal approves; nobody does where there is none."""
    if not sys.stdin.isatty():
        return False
    print("take this over? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _token(options: argparse.Namespace, collector: Collector) -> int:
    """Print a token once; only its hash is kept."""
    school = _theirs(collector, options.school)
    if options.place and all(place.path != options.place for place in school.places):
        raise _Wrong(f"place {options.place!r}: not in the list of {school.name}")
    token, kept = new_token(collector.key.public_key())
    expires_us = collector.now_us() + collector.config.token_hours * HOUR_US
    collector.store.schools.add_token(kept, school.id, options.place, expires_us)
    print(token)
    return 0


def _key(options: argparse.Namespace, collector: Collector) -> int:
    """Print a public key, 64 hex digits."""
    if options.agent:
        print(_one_agent(options.agent, collector).public_key)
    else:
        print(collector.key.public_key().public_bytes_raw().hex())
    return 0


def _revoke(options: argparse.Namespace, collector: Collector) -> int:
    """Revoke the one agent whose id begins so."""
    agent = _one_agent(options.agent, collector)
    collector.store.schools.revoke(agent.id)
    print(f"{agent.id}: revoked (school {agent.school}, place {agent.place or '-'})")
    return 0


def _one_agent(digits: str, collector: Collector) -> AgentRow:
    """The one agent whose id begins so."""
    if len(digits) < SHORTEST_ID:
        raise _Wrong(f"agent {digits!r}: at least {SHORTEST_ID} digits of its id expected")
    schools = collector.store.schools
    rooms = [*(school.id for school in schools.all()), VANTAGE]
    known = [agent for room in rooms for agent in schools.agents(room)]
    found = [agent for agent in known if agent.id.startswith(digits)]
    if len(found) != 1:
        there = ", ".join(agent.id[:16] for agent in known) or "none"
        raise _Wrong(f"agent {digits!r}: {len(found)} agents have an id that begins so; there are: {there}")
    return found[0]


def _list(_: argparse.Namespace, collector: Collector) -> int:
    """All schools."""
    for school in collector.store.schools.all():
        print(
            f"{school.id}\t{school.name}\t{len(school.held) - len(school.revoked)} agents{' virtual' if school.virtual else ''}"
        )
    return 0


def _add_user(options: argparse.Namespace, collector: Collector) -> int:
    """An account with a password that the operator types."""
    try:
        given = sys.stdin.readline().rstrip("\n") if options.password_stdin else getpass.getpass("password: ")
    except EOFError as why:
        raise _Wrong("password: no terminal to ask at; use --password-stdin") from why
    collector.front.add(options.name, Role(options.role), options.school, given)
    print(f"{options.name}: {options.role} {options.school}".rstrip())
    return 0


def _scan(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """Order a measurement; the id of the order, and what a run of the way out will use."""
    return ordered(options, collector, _theirs(collector, options.school))


def _printing(verb: Callable[[argparse.Namespace, Collector], Iterator[str]]) -> Verb:
    """A verb that gives its lines, as one that prints them."""

    def printed(options: argparse.Namespace, collector: Collector) -> int:
        for line in verb(options, collector):
            print(line)
        return 0

    return printed


def _judge(options: argparse.Namespace, collector: Collector) -> int:
    """A table for each policy."""
    from collector.shown import judged

    words = words_in(options.language)
    screen = Console()
    for policy in judged(collector, _theirs(collector, options.school), words):
        table = Table(title=policy.title, title_justify="left", expand=True)
        for heading in (words.say("Clause"), words.say("Verdict"), words.say("Why"), words.say("Next step")):
            table.add_column(heading, overflow="fold")
        for clause in policy.clauses:
            if clause.status != "by_a_person" or options.all:
                verdict = f"[{COLOURS[clause.status]}]{clause.status_words}[/]"
                next_step = "" if clause.status == "met" else clause.next_step
                table.add_row(
                    escape(f"{clause.clause}\n{clause.asks}"),
                    verdict,
                    escape(f"{clause.sentence}\n{clause.parts_met}".rstrip()),
                    escape(next_step),
                )
        table.caption = "  ".join(f"{name} {count}" for _, name, count in policy.counts)
        screen.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
