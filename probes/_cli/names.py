"""
Are two spellings the name of one port?

The same port is `XGE0/0/1` in one answer and `XGigabitEthernet0/0/1` in another, and LLDP, SNMP and command line mix them.
Each family lists its short forms; what is not listed is compared as it stands, without case and blanks.
"""

from __future__ import annotations

import re

from probes._cli.vendors import PORT, Vendor


def canonical(vendor: Vendor, name: str) -> str:
    """The one spelling of a port's name that spellings are compared in: the long form, lower case, without blanks."""
    found = PORT.fullmatch(name.strip())
    if not found:
        return re.sub(r"\s+", "", name).lower()
    return vendor.long_form(found[1]).lower() + found[2]
