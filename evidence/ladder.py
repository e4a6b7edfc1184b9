"""
Which grade of IPv6 do the rungs of the ladder carry?

*Method*: the grade is the highest one whose rungs have all passed, with all below. A rung that failed bounds it from above; one that
was not tested, or told nothing, leaves it open. An address that is translated on the way is no end-to-end IPv6, whatever passes above.
The probe that measures and the collector that checks its report reckon with this one table. Grade 4 is the collector's to give.
"""

from __future__ import annotations

from collections.abc import Mapping

RUNGS = ("L0", "L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9")  # what the probe `ipv6` climbs
FROM_OUTSIDE = "L11"  # what the probe `inbound` tells
GRADES = (
    ("L0", "L1", "L2", "L3"),
    ("L4", "L5", "L6"),
    ("L7", "L8"),
)  # what grade 1, 2 and 3 ask for beyond the one below
PASS, FAIL, NOT_TESTED, INCONCLUSIVE = "pass", "fail", "not_tested", "inconclusive"
TRANSLATED = ("NAT66", "NPT")  # remarks on a rung L6 that passed: another address arrived than was sent from
MOST_TRANSLATED = 2


def grade_of(rungs: Mapping[str, tuple[str, str]]) -> tuple[int, int]:
    """At least and at most which grade (0 to 3) follows from the state and the code of each rung; a rung left out was not tested."""
    states = [[rungs.get(rung, (NOT_TESTED, ""))[0] for rung in asked] for asked in GRADES]
    low = _leading([all(state == PASS for state in asked) for asked in states])
    high = _leading([FAIL not in asked for asked in states])
    most = MOST_TRANSLATED if rungs.get("L6", ("", ""))[1] in TRANSLATED else len(GRADES)
    return min(low, most), min(high, most)


def _leading(kept: list[bool]) -> int:
    """How many of them hold before the first that does not."""
    return kept.index(False) if False in kept else len(kept)
