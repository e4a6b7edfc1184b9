"""
What does a switch say of the members of an aggregate (LAG) that this kernel cannot make?

`aggregate.py INDEX PORT...` answers snmpd's `pass_persist`: rows of dot3adAggPortTable, written from
IEEE8023-LAG-MIB. The ports' ifIndexes are asked of the kernel each time, and a port without carrier is not attached. The
aggregate itself is not there: no LACP is spoken and no packet is shared out.
"""

import sys
from pathlib import Path

LAG = (1, 2, 840, 10006, 300, 43, 1)
SELECTED, ATTACHED = (*LAG, 2, 1, 1, 12), (*LAG, 2, 1, 1, 13)  # dot3adAggPortSelectedAggID, dot3adAggPortAttachedAggID
NET = Path("/sys/class/net")

Oid = tuple[int, ...]


def rows(aggregate: int, ports: list[str]) -> dict[Oid, tuple[str, str]]:
    """All objects with their types, as `pass` writes them."""
    found: dict[Oid, tuple[str, str]] = {}
    indexes = {port: int((NET / port / "ifindex").read_text()) for port in ports if (NET / port).exists()}
    for port, index in indexes.items():
        carries = (NET / port / "carrier").read_text().strip() == "1"
        found[*SELECTED, index] = ("integer", str(aggregate))
        found[*ATTACHED, index] = ("integer", str(aggregate if carries else 0))
    return found


def main() -> None:
    """Speak the protocol of snmpd.conf(5), section `pass_persist`."""
    aggregate, ports = int(sys.argv[1]), sys.argv[2:]
    for line in sys.stdin:
        word = line.strip()
        if word == "PING":
            say("PONG")
        elif word in ("get", "getnext"):
            asked = tuple(int(part) for part in sys.stdin.readline().strip().strip(".").split("."))
            known = rows(aggregate, ports)
            oid = asked if word == "get" else next((one for one in sorted(known) if one > asked), ())
            say("." + ".".join(map(str, oid)), *known[oid]) if oid in known else say("NONE")
        else:
            sys.stdin.readline()
            sys.stdin.readline()
            say("not-writable")


def say(*lines: str) -> None:
    """Answer at once: snmpd waits."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
