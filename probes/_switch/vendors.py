"""
Who made a switch, and which model is it?

*Method*: the maker by the number under which sysObjectID stands (IANA enterprise numbers, and what makers did with theirs);
the model by the chassis in the ENTITY-MIB (RFC 6933), else by the first word of sysDescr that looks like a model's name.
"""

from __future__ import annotations

import re

from probes._snmp.exchange import Oid
from probes._switch.mib import ENTERPRISES
from probes._switch.tables import Tables, text

CHASSIS, STACK = 3, 11  # entPhysicalClass

# The longest number that fits decides.
_MAKERS: dict[Oid, str] = {
    (9,): "Cisco",
    (11,): "HP",
    (11, 2, 3, 7, 11): "HP/Aruba",
    (43,): "3Com",
    (171,): "D-Link",
    (207,): "Allied Telesis",
    (259,): "Edgecore",
    (674,): "Dell",
    (890,): "ZyXEL",
    (1916,): "Extreme",
    (1991,): "Brocade",
    (2011,): "Huawei",
    (2636,): "Juniper",
    (3320,): "BDCOM",
    (3807,): "FiberHome",
    (3902,): "ZTE",
    (4413,): "Ubiquiti",
    (4526,): "Netgear",
    (4881,): "Ruijie",
    (5651,): "Maipu",
    (6339,): "DCN",
    (6486,): "Alcatel-Lucent",
    (6527,): "Nokia",
    (8072,): "net-snmp",
    (8886,): "Raisecom",
    (11863,): "TP-Link",
    (12356,): "Fortinet",
    (14823,): "Aruba",
    (14988,): "MikroTik",
    (14988, 1): "MikroTik RouterOS",
    (14988, 2): "MikroTik SwOS",
    (25506,): "H3C",
    (31648,): "DPtech",
    (27514,): "DCN",
    (30065,): "Arista",
    (41112,): "Ubiquiti",
    (47196,): "HP/Aruba",
    (50001,): "Hikvision",
    (52642,): "FS",
}
_WORD = re.compile(r"[A-Za-z0-9][\w+./-]*")
_MODEL = re.compile(r"(?=.*\d)(?=.*[A-Z]|[a-z]+\d+-)[A-Za-z0-9]+(?:[-+/][A-Za-z0-9+]+)*$")
_PART = re.compile(r"[\d-]+-[\d-]+")  # what a part is ordered by (Juniper, Brocade)
_NOT_A_MODEL = re.compile(r"V\d|R\d+P?\d*$|\d+\.|RFC|IEEE|\d+-?(G|GE|Ports?)$|IPv\d|L[23]$|SNMP|x86", re.IGNORECASE)


def vendor_name(tables: Tables) -> str:
    """The maker of a switch, empty where its sysObjectID is not known here."""
    number = tables.object_id[len(ENTERPRISES) :] if tables.object_id[: len(ENTERPRISES)] == ENTERPRISES else ()
    fitting = [maker for maker in _MAKERS if number[: len(maker)] == maker]
    return _MAKERS[max(fitting, key=len)] if fitting else ""


def model_name(tables: Tables) -> str:
    """The model of a switch, empty where nothing looks like one."""
    for wanted in (CHASSIS, STACK):
        for index, kind in tables.rows("entPhysicalClass").items():
            model = tables.text("entPhysicalModelName", index)
            if kind == wanted and model and not _PART.fullmatch(model):
                return model
    described = tables.scalars.get("sysDescr")
    return _token(text(described.replace(b"\r", b" ").replace(b"\n", b" ")) if isinstance(described, bytes) else "")


def _token(description: str) -> str:
    """The first word with capitals and digits that is no version; with a hyphen rather than without."""
    words = [word for word in _WORD.findall(description) if _MODEL.match(word) and not _NOT_A_MODEL.match(word)]
    return next((word for word in words if "-" in word), words[0] if words else "")
