"""
What does this box find when an admin asks it directly?

The same probes as under an order, with settings from a file of the admin's. Nothing of it can be judged, because the
collector did not order it; an enrolled agent seals it all the same, so that its sequence has no hole.
"""

from __future__ import annotations

import gettext
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from agent import egress_shown, identity
from agent.config import AgentConfig
from agent.egress_allowed import EGRESS
from agent.ladder import hint
from agent.outbox import Outbox
from agent.scan import LADDER, Finding, Tell, run_probe, with_secrets
from agent.service import report_of
from agent.speech import Speech
from agent.tables import table_of
from agent.tree import tree_of
from agent.wrong import in_words_of
from evidence.model import Settings
from probes import load, names
from probes._settings import public_settings, switch_subject

UPLINKS = "uplinks"
BY_HAND = ""  # a report without an order
JOINED = {LADDER: ("agent",)}  # what the box adds whatever a file says of it; the report says by itself whose it is


class WrongScan(Exception):
    """The command names a probe or settings that cannot be used; the text says which and what was expected."""


def chosen(wanted: list[str], path: Path | None, config: AgentConfig) -> dict[str, Settings]:
    """The probes to run with their settings: those named, else every one whose settings are complete."""
    given = _tables(path)
    unknown = sorted({*wanted, *given} - set(names()))
    if unknown:
        raise WrongScan(f"no probe {unknown[0]!r}; there are: {', '.join(names())}")
    tasks: dict[str, Settings] = {}
    for name in wanted or names():
        settings = given.get(name, {})
        problem = _problem(name, with_secrets(settings, config, name))
        if problem is None:
            tasks[name] = settings
        elif wanted or name in given:
            place = f"{path}: [probes.{name}]" if name in given else f"{name}:"
            how = "" if name in given else f"; give a file with a table [probes.{name}] by --settings"
            raise WrongScan(f"{place} {problem}{how} (docs/probes.md)")
    return tasks


def uplinks_of(path: Path) -> Settings:
    """The table [probes.uplinks] of a file; raises WrongScan where there is none that can be used."""
    settings = _tables(path).get("uplinks")
    if settings is None:
        raise WrongScan(f"{path}: expected a table [probes.uplinks] (docs/probes.md)")
    switches = settings.get("switches")
    if not isinstance(switches, list) or not all(isinstance(one, dict) and "host" in one for one in switches):
        raise WrongScan(f"{path}: uplinks: switches: expected a list of tables with a host each")
    return settings


def _tables(path: Path | None) -> dict[str, Settings]:
    """The `[probes.NAME]` tables of a file."""
    if path is None:
        return {}
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise WrongScan(f"{path}: {wrong}") from wrong
    given = content.get("probes", {})
    if (
        set(content) - {"probes"}
        or not isinstance(given, dict)
        or not all(isinstance(one, dict) for one in given.values())
    ):
        raise WrongScan(f"{path}: expected tables [probes.NAME] only")
    return given


def _problem(name: str, settings: Settings) -> str | None:
    """What is wrong with the settings of a probe, without repeating any value; None if nothing."""
    try:
        load(name).settings.model_validate(settings)
    except ValidationError as wrong:
        return in_words_of(wrong, settings)
    return None


def announced(tasks: dict[str, Settings], config: AgentConfig, speech: Speech) -> list[str]:
    """What is to be said before anything is sent: how much the runs can move."""
    return [egress_shown.announced(settings, config, speech) for name, settings in tasks.items() if name == EGRESS]


def measure(tasks: dict[str, Settings], config: AgentConfig, screen: Console, speech: Speech) -> dict[str, Finding]:
    """Run the probes one after the other, showing which one runs, for how long, and how far it is where it tells that."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    findings: dict[str, Finding] = {}
    with Progress(*columns, console=screen) as progress:
        for name, settings in tasks.items():
            bar = progress.add_task(speech.say("measuring: {probe}", probe=name), total=1)
            findings[name] = run_probe(name, settings, config, tell=_shown_at(progress, bar, name, speech))
            done = speech.say("done") if findings[name].failure is None else speech.say("could not measure")
            progress.update(bar, completed=1, description=f"{name}: {done}")
    return findings


def _shown_at(progress: Progress, bar: TaskID, name: str, speech: Speech) -> Tell:
    """Who shows how far a run is, on its line at the terminal."""

    def show(line: dict[str, Any]) -> None:
        progress.update(bar, description=f"{name}: {escape(egress_shown.in_passing(line, speech))}")

    return show


def sealed(
    findings: dict[str, Finding], tasks: dict[str, Settings], config: AgentConfig, words: gettext.NullTranslations
) -> str:
    """Seal what was found into the outbox when this box is enrolled; says in words what became of it."""
    _ = words.gettext
    try:
        who = identity.load(config.directory)
    except identity.NotEnrolled:
        return _("This box is not enrolled: nothing was signed or sent.")
    outbox = Outbox(config.directory)
    for name, finding in findings.items():
        settings = _public(name, tasks[name], config)
        outbox.seal(name, BY_HAND, 0, finding.raws, report_of(who, finding, name, settings, BY_HAND))
    return _(
        "{count} reports were sealed. Nobody ordered them, so they are shown as declared (A0) and never judged. "
        "They are sent by: campusproof-agent run"
    ).format(count=len(findings))


def _public(name: str, given: Settings, config: AgentConfig) -> Settings:
    """The settings of a run as its report may carry them: what the admin gave, without any secret of this box."""
    joined = load(name).settings.model_validate(with_secrets(given, config, name))
    kept = given.keys() - set(JOINED.get(name, ()))
    public: Settings = {key: value for key, value in public_settings(joined).items() if key in kept}
    for key in ("switches", "approved"):
        if isinstance(given.get(key), list):
            pairs = zip(public[key], given[key], strict=True)
            public[key] = [{one: value[one] for one in value if one in typed} for value, typed in pairs]
    return public


def shown(findings: dict[str, Finding], tasks: dict[str, Settings], speech: Speech, width: int) -> list[RenderableType]:
    """
    What a person is shown: a tree for the switches, lines and a picture for the way out, a table for all else, and what host keys are
    new or changed.
    """
    words, language = speech.words, speech.language
    rest = {name: finding for name, finding in findings.items() if name not in (UPLINKS, EGRESS)}
    parts: list[RenderableType] = [table_of(rest, words, language)] if rest else []
    parts += [hint(speech)] if LADDER in rest else []
    if UPLINKS in findings:
        parts.append(tree_of(findings[UPLINKS], words, language, _core(tasks[UPLINKS])))
        parts += about_keys(findings[UPLINKS], words)
    if EGRESS in findings:
        parts += egress_shown.egress_of(findings[EGRESS], speech, width)
    return parts


def _core(settings: Settings) -> list[str]:
    """The switches that the settings call core, by `host:port`."""
    return [switch_subject(one) for one in settings["switches"] if one.get("core")]


def about_keys(finding: Finding, words: gettext.NullTranslations) -> list[str]:
    """A line for each SSH host key that is new or another one than before, with what to do about it."""
    _ = words.gettext
    new = _(
        "{host}: SSH host key {key} seen for the first time and pinned; compare it with what the switch itself shows."
    )
    changed = _(
        "{host} shows another SSH host key than before: {key}, pinned is {pinned}. It was not logged in to. If the switch was "
        "replaced or reset, type: campusproof-agent forget-key {host}; if not, somebody may be in between: tell who runs the "
        "network."
    )
    return [
        f"[bold red]{escape(changed.format(host=key.where, key=key.seen, pinned=key.pinned))}[/]"
        if key.changed
        else escape(new.format(host=key.where, key=key.seen))
        for key in finding.host_keys
        if key.changed or key.new
    ]
