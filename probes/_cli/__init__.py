"""
What does a switch's command line say, in rows that do not depend on its maker?

*Method*: `vendors/*.toml` name, for each family, the questions that may be asked, the command of each and the TextFSM that
reads its answer (of ntc-templates, or our own). A line that the template does not know makes the answer `unreadable`: half
a table is never taken for a whole one.

What it does not prove: that the text is what the switch said. Whoever pastes or records it could have edited it.
"""

from __future__ import annotations

from probes._cli.names import canonical
from probes._cli.read import parse, refusal
from probes._cli.rows import CliAp, CliDevice, CliLag, CliNeighbour, CliNetwork, CliPort, Row
from probes._cli.speeds import speed_bit_s
from probes._cli.vendors import Question, Vendor, vendor, vendor_names, vendor_of

__all__ = [
    "CliAp",
    "CliDevice",
    "CliLag",
    "CliNeighbour",
    "CliNetwork",
    "CliPort",
    "Question",
    "Row",
    "Vendor",
    "canonical",
    "parse",
    "refusal",
    "speed_bit_s",
    "vendor",
    "vendor_names",
    "vendor_of",
]
