"""
How does an admin hand in what a switch printed, or a list of ports, where there is no SNMP?

Verb `paste`: the texts or the list are read by the parsers that read switches, what differs from the last run is shown, and only
what the admin approves is sealed: as a report that nobody ordered, every reading marked as declared (A0), never judged.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agent.config import AgentConfig
from agent.words import translation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.known import LastRun
    from agent.pasted import Brought, Change, NoCommand
    from agent.speech import Speech
    from evidence.model import Reading, Unmeasurable

DONE, NOT_APPROVED, WRONG = 0, 1, 2
PROBE = "uplinks"
STDIN = "-"
MOST_OCTETS = 16 * 1024 * 1024


def add_paste_arguments(parser: argparse.ArgumentParser) -> None:
    """What `paste` can be told."""
    parser.add_argument(
        "texts", nargs="*", metavar="FILE", help="what the switch printed, with its prompts; - is standard input"
    )
    parser.add_argument(
        "--switch", default="", metavar="HOST", help="which switch printed it: address or name in the list"
    )
    parser.add_argument("--vendor", default="", metavar="FAMILY", help="family of its command line, as huawei_vrp")
    parser.add_argument(
        "--question", default="", metavar="NAME", help="which question a text without prompts answers, as interfaces"
    )
    parser.add_argument("--list", type=Path, metavar="FILE", help="a list of ports instead, XLSX or CSV")
    parser.add_argument("--approve", action="store_true", help="seal what was read without asking")


def paste(options: argparse.Namespace, config: AgentConfig) -> int:
    """Read, show, ask, seal; 0 when sealed or nothing to seal, 1 when not approved, 2 for what cannot be read."""
    from agent import identity
    from agent.known import last_run
    from agent.listed import ListWrong
    from agent.pasted import NoCommand, TextWrong, changes, readings_of
    from agent.speech import Speech
    from evidence.model import Unmeasurable

    speech = Speech(translation(config.language), config.language)
    last = last_run(config.directory)
    # 1. Read all of it, or nothing.
    try:
        brought = _read(options, last)
        readings = [reading for one in brought for reading in readings_of(one, last)]
    except NoCommand as wrong:
        return _wrong(_no_command(wrong, speech))
    except (ListWrong, TextWrong, LookupError, OSError) as wrong:
        return _wrong(str(wrong))
    except Unmeasurable as why:
        return _wrong(_unread(why, speech))
    if not readings:
        return _wrong(speech.say("Nothing that can be declared was found in it."))
    # 2. Show what differs.
    found, same = changes(readings, last)
    _show(found, same, brought, speech)
    # 3. Seal only what a person approves, and only where there is a key to seal with.
    if not (config.directory / identity.FILE).exists():
        sys.stdout.write(speech.say("This box is not enrolled: nothing was signed or sent.") + "\n")
        return NOT_APPROVED
    if not options.approve and not _approved(STDIN in options.texts, speech):
        sys.stdout.write(speech.say("Not approved: nothing was sealed or sent.") + "\n")
        return NOT_APPROVED
    return _seal(readings, brought, config, speech)


def _read(options: argparse.Namespace, last: LastRun) -> list[Brought]:
    """What the files hold, switch by switch; raises what says why not."""
    from agent.listed import decoded
    from agent.pasted import TextWrong, answers_in, brought_by_text, subject_of
    from probes import _cli

    if options.list is not None and not options.texts:
        return _listed(options.list, last)
    if not options.texts or options.list is not None or not options.switch or not options.vendor:
        raise TextWrong("give either --list FILE, or texts with --switch HOST and --vendor FAMILY")
    vendor = _cli.vendor(options.vendor)
    if options.question and options.question not in vendor.questions:
        raise TextWrong(f"no question {options.question!r}; there are: {', '.join(vendor.questions)}")
    answers: dict[str, str] = {}
    for name in options.texts:
        answers |= answers_in(vendor, decoded(_content(name)), options.question)
    return [brought_by_text(vendor, subject_of(options.switch, last), answers)]


def _listed(path: Path, last: LastRun) -> list[Brought]:
    """What a list holds, switch by switch; raises ListWrong where one switch has two names in it."""
    from agent.listed import ListWrong, ports_listed
    from agent.pasted import Brought, subject_of

    found: dict[str, tuple[str, Brought]] = {}
    for named, ports in ports_listed(path).items():
        where = subject_of(named, last)
        if where in found:
            raise ListWrong(f"{path.name}: {found[where][0]} and {named} are one switch; use one name for it")
        found[where] = named, Brought(where, None, ports)
    return [brought for _, brought in found.values()]


def _content(name: str) -> bytes:
    """The octets of a file, or of standard input; no more than a person would copy."""
    from agent.pasted import TextWrong

    if name == STDIN:
        content = sys.stdin.buffer.read(MOST_OCTETS + 1)
    else:
        with Path(name).open("rb") as file:
            content = file.read(MOST_OCTETS + 1)
    if len(content) > MOST_OCTETS:
        raise TextWrong(f"{name}: larger than {MOST_OCTETS} octets")
    return content


def _show(found: Sequence[Change], same: int, brought: Sequence[Brought], speech: Speech) -> None:
    """Each port that differs, and how many do not."""
    signs = {"new": "+", "changed": "~", "gone": "-"}
    for change in found:
        either = change.after or change.before
        if either is None:
            continue
        values = " → ".join(_value(one, speech) for one in (change.before, change.after) if one is not None)
        sys.stdout.write(f"{signs[change.kind]} {either.subject}  {_meaning(either, speech)}: {values}\n")
    count = {kind: sum(one.kind == kind for one in found) for kind in signs}
    sys.stdout.write(
        speech.say(
            "{same} values as in the last run, {new} new, {changed} changed, {gone} of the last run not in it.",
            same=same,
            **count,
        )
        + "\n"
    )
    others = sum(one.others for one in brought)
    if others:
        sys.stdout.write(
            speech.say("{count} neighbours may be people's own devices: only counted.", count=others) + "\n"
        )
    for why in (why for one in brought for why in one.unread):
        sys.stdout.write(speech.say("Left out: {why}", why=_unread(why, speech)) + "\n")
    if any(one.unproven for one in brought):
        sys.stdout.write(
            speech.say("No text of a real device of this family has been tried yet: compare before you approve.") + "\n"
        )


def _no_command(wrong: NoCommand, speech: Speech) -> str:
    """No command was found in a text: which there are, and what to do with a text of another shape."""
    return speech.say(
        "No command that is known stands behind a prompt in it. Copy whole answers with the prompt before and after, of one of: "
        "{commands}. For an answer alone, without prompts or with time stamps taken out, add --question and one of: {questions}.",
        commands=wrong.commands,
        questions=wrong.questions,
    )


def _unread(why: Unmeasurable, speech: Speech) -> str:
    """Why an answer was left out, in words of the reader's language before those of the parser."""
    from evidence.spelled import failure_in_words

    return f"{failure_in_words(why.failure, speech.language)}: {why.detail}"


def _value(reading: Reading, speech: Speech) -> str:
    """A value in words."""
    from evidence.spelled import spelled

    return spelled(reading, speech.language)


def _meaning(reading: Reading, speech: Speech) -> str:
    """What was measured, in words."""
    from evidence.spelled import sentence_of

    return sentence_of(reading.quantity, speech.language)


def _approved(read_from_stdin: bool, speech: Speech) -> bool:
    """Whether a person says yes; nobody can be asked where the text came the same way."""
    if read_from_stdin:
        return False
    sys.stdout.write(speech.say("Seal this as declared? It is shown as A0 and never judged. [y/N] "))
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes", "是")


def _seal(readings: Sequence[Reading], brought: Sequence[Brought], config: AgentConfig, speech: Speech) -> int:
    """One report by hand, as every report without an order is sealed."""
    from agent import clock
    from agent.byhand import sealed
    from agent.scan import SOFTWARE, Finding
    from evidence.model import Conditions

    now_us, monotonic_us = clock.unix_us(), clock.monotonic_us()
    conditions = Conditions(SOFTWARE, now_us, now_us, monotonic_us, monotonic_us)
    settings = {"switches": [_switch(one.subject) for one in brought]}
    words = sealed({PROBE: Finding(tuple(readings), (), conditions)}, {PROBE: settings}, config, speech.words)
    sys.stdout.write(f"{words}\n")
    return DONE


def _switch(where: str) -> dict[str, str | int]:
    """`host:port` as the settings of a switch."""
    from probes._settings import parted

    host, port = parted(where)
    return {"host": host, "port": port}


def _wrong(words: str) -> int:
    """It cannot be read."""
    sys.stderr.write(f"{words}\n")
    return WRONG
