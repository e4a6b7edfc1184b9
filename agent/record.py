"""
How does an admin record a switch that is read wrongly?

Verb `record HOST`: the switch is asked everything that the program may ask, what was heard is scrubbed and written to one
file. It is not sent: the admin reads it first. The host key is pinned here as in every run.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agent.config import SSH_PORT, AgentConfig, SnmpSecret, SshSecret
from agent.words import translation

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.recording import Section
    from agent.scrub import Scrub
    from probes._cli import Vendor
    from probes._switch.reading import Told

DONE, NOTHING_HEARD, WRONG = 0, 1, 2
SILENCE_S = 15.0


def add_record_arguments(parser: argparse.ArgumentParser) -> None:
    """What `record` can be told."""
    parser.add_argument("host", metavar="HOST", help="address or name of the switch, as in the list")
    parser.add_argument("--vendor", default="", metavar="FAMILY", help="family of its command line; default: by SNMP")
    parser.add_argument("--user", default="", help="a read-only account; default: the one of the settings")
    parser.add_argument("--port", type=int, default=0, help="TCP port of its command line; default 22")
    parser.add_argument("--snmp-port", type=int, default=0, help="UDP port of its SNMP; default 161")
    parser.add_argument(
        "--hide", action="append", default=[], metavar="WORD", help="take out this word too; may repeat"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: recording-HOST.txt in this folder")


def record(options: argparse.Namespace, config: AgentConfig) -> int:
    """Record one switch; 0 when something was heard and written, 1 when not, 2 when it cannot be asked."""
    from agent.recording import composed, of_snmp
    from agent.scrub import Scrub
    from agent.wrong import in_words_of

    _ = translation(config.language).gettext
    typed, options = options.host, _found(options, config)
    login = _login(options, config)
    snmp = config.secret_of(options.host, options.snmp_port)
    if login is None and snmp is None:
        return _wrong(_("No login and no SNMP secret for {host}: give --user, or set it up.").format(host=options.host))
    secrets = [login.password, login.enable] if login else []
    secrets += [snmp.community, snmp.auth_key, snmp.priv_key] if snmp else []
    scrub = Scrub(secrets, [*options.hide, typed, options.host])
    path = options.output or Path(f"recording-{_plain(options.host)}.txt")
    if not path.parent.is_dir() or path.is_dir():
        return _wrong(_("{path}: no file can be written there; the folder must exist.").format(path=path))
    # 1. SNMP first: it also says of which family the command line is.
    try:
        told, family = _told(options, snmp)
    except LookupError as wrong:
        return _wrong(str(wrong))
    except ValueError as wrong:
        return _wrong(in_words_of(wrong))
    sections = [of_snmp(told, scrub)] if told else []
    # 2. The command line.
    if login is not None and family is not None:
        sections += _asked(family, login, options.host, config)
    elif login is not None:
        sys.stderr.write(_("Its command line was not asked: the family is not known, give --vendor.") + "\n")
    heard = bool(told and told.tables.scalars) or any(one.title.startswith("question") for one in sections)
    if not heard:
        return _nothing(sections, options.host, _("{host}: nothing was heard, nothing was written."))
    # 3. One file.
    text = composed(family.name if family else "", sections, scrub)
    return _written(text, path, scrub, config)


def _found(options: argparse.Namespace, config: AgentConfig) -> argparse.Namespace:
    """The options with the address of a switch that was named as in the list of the last run, and the port of its SNMP."""
    from agent.known import last_run
    from probes._settings import SNMP_PORT

    listed = [one for one in last_run(config.directory).settings.get("switches", []) if one.get("name") == options.host]
    one = listed[0] if len(listed) == 1 else {"host": options.host}
    port = options.snmp_port or one.get("port", SNMP_PORT)
    return argparse.Namespace(**{**vars(options), "host": str(one["host"]), "snmp_port": port})


def _login(options: argparse.Namespace, config: AgentConfig) -> SshSecret | None:
    """The account of the settings, or one that is typed in; None for neither."""
    if options.user:
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        return SshSecret(options.user, password, port=options.port or SSH_PORT)
    known = config.ssh_of(options.host)
    if known is None or not options.port:
        return known
    return SshSecret(known.user, known.password, known.enable, options.port)


def _told(options: argparse.Namespace, secret: SnmpSecret | None) -> tuple[Told | None, Vendor | None]:
    """
    What SNMP tells, and the family of the command line, as it is named or by what was told.

    Raises LookupError for a family that is none, before anything is asked, and ValueError for what is no host or no port.
    """
    from agent.recording import told_by_snmp
    from probes import _cli
    from probes._switch.asking import family_of

    named = _cli.vendor(options.vendor) if options.vendor else None
    told = told_by_snmp(options.host, options.snmp_port, secret) if secret else None
    return told, named or (family_of("", told) if told else None)


def _asked(family: Vendor, login: SshSecret, host: str, config: AgentConfig) -> list[Section]:
    """Every question of the family; the host key that was seen is pinned."""
    from agent.known import host_keys, pin
    from agent.recording import Section, of_command_line
    from evidence.model import Unmeasurable
    from probes._ssh import Login, ask

    where = Login(host, login.user, login.password, login.enable, login.port)
    pinned = host_keys(config.directory).get(where.subject, "")
    where = Login(host, login.user, login.password, login.enable, login.port, pinned)
    try:
        answers = ask(family, list(family.questions), where, SILENCE_S)
    except Unmeasurable as why:
        sys.stderr.write(f"{why.failure}: {why.detail}\n")
        return [Section(f"command line · {why.failure}: {why.detail}", "")]
    pin(config.directory, {where.subject: answers.host_key})
    return of_command_line(family, answers)


def _written(text: str, path: Path, scrub: Scrub, config: AgentConfig) -> int:
    """Write the file for its owner's eyes, and say what was replaced and what to do."""
    _ = translation(config.language).gettext
    try:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")
    except OSError as wrong:
        return _wrong(_("{path} cannot be written: {why}").format(path=path, why=wrong.strerror))
    sys.stdout.write(_("Replaced in the recording:") + "\n")
    named = _kinds(_)
    for kind, count in scrub.different.items():
        said = _("{kind}: {places} places, {count} different")
        sys.stdout.write(f"  {said.format(kind=named.get(kind, kind), places=scrub.replaced[kind], count=count)}\n")
    sys.stdout.write(
        _(
            "Written to {path}. Names of people, rooms and telephone numbers cannot be known by any rule: read it before "
            "you send it, and take out more with --hide WORD."
        ).format(path=path)
        + "\n"
    )
    return DONE


def _kinds(_: Callable[[str], str]) -> dict[str, str]:
    """What the scrub replaces, in the language of the reader; the file itself is English."""
    return {
        "secrets": _("secrets"),
        "words of yours": _("words of yours"),
        "serial numbers": _("serial numbers"),
        "hardware addresses": _("hardware addresses"),
        "IPv6 addresses": _("IPv6 addresses"),
        "IPv4 addresses": _("IPv4 addresses"),
        "octets": _("octets that may be an address"),
    }


def _nothing(sections: list[Section], host: str, words: str) -> int:
    """Nothing was heard: say why."""
    sys.stderr.writelines(f"{one.title}\n" for one in sections)
    sys.stderr.write(words.format(host=host) + "\n")
    return NOTHING_HEARD


def _wrong(words: str) -> int:
    """It cannot be asked."""
    sys.stderr.write(f"{words}\n")
    return WRONG


def _plain(host: str) -> str:
    """A host as part of a file name."""
    return "".join(letter if letter.isalnum() or letter in ".-" else "_" for letter in host)
