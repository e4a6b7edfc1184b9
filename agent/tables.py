"""
What did this scan find, as a person at the terminal reads it?

Progress while probes run, a table at the end, drawn with rich; every value is spelled as the collector's pages spell it.
"""

from __future__ import annotations

import gettext

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent.scan import Finding
from evidence.spelled import failure_in_words, sentence_of, spelled


def table_of(findings: dict[str, Finding], words: gettext.NullTranslations, language: str) -> Table:
    """One row a reading, and one for each failure."""
    _ = words.gettext
    table = Table(title=_("What this scan found"), title_justify="left", expand=True)
    for heading in (_("Probe"), _("What was measured"), _("Subject"), _("Value"), _("Remarks")):
        table.add_column(heading, overflow="fold")
    for probe, finding in findings.items():
        for reading in finding.readings:
            facts = ", ".join(f"{key} {value}" for key, value in reading.facts.items())
            row = (probe, sentence_of(reading.quantity, language), reading.subject, spelled(reading, language), facts)
            table.add_row(*map(escape, row))
        if finding.failure is not None:
            why = failure_in_words(finding.failure, language)
            table.add_row(probe, _("could not measure"), "", f"[red]{why}[/red]", escape(finding.detail))
        table.add_section()
    return table


def console() -> Console:
    """The terminal, as wide as it is."""
    return Console()
