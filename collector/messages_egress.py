"""
Which sentences can be said of a measurement of the way out: what limited it, and who contradicts whom?

A part of the one table in `collector.messages`, for reasons of which more than one thing can be said.
"""

from __future__ import annotations

from collector.messages import N_, NEXT, WHY
from collector.messages_wifi import BY_NAME_WIFI
from collector.verdict import Code

# What kept a run over the way out from being faster, as its agent saw it, and what to do about each.
LIMITS = {
    "port": (
        N_("Measured {shown}, asked {written}: the box's own port carries no more."),
        N_("Measure with a box that has a faster port, or with several boxes at the same time as a group."),
    ),
    "cpu": (
        N_("Measured {shown}, asked {written}: the box's processor was busy to its limit."),
        N_("Stop what else runs on the box, take a faster one, or measure with several boxes as a group."),
    ),
    "receiver": (
        N_("Measured {shown}, asked {written}: the receiving end did not take more in."),
        N_("Stop what else runs on the box and measure again; if it stays, take a faster box."),
    ),
    "server": (
        N_("Measured {shown}, asked {written}: the measurement server gave no more."),
        N_(
            "Measure against another measurement server, or when this one is idle; the operator looks at its load and its own line."
        ),
    ),
    "other_traffic": (
        N_("Measured {shown}, asked {written}: other traffic took its part of the line."),
        N_("Measure again in a quiet hour; what the ports to the outside carry shows when that is."),
    ),
    "unsteady": (
        N_("Measured {shown}, asked {written}: the rate did not settle, so that only its lower end is known."),
        N_("Measure again in a quiet hour; if it stays unsteady, ask the provider about this line."),
    ),
    "pace": (
        N_("Measured {shown}, asked {written}: the test kept to a rate of its own and asked for no more."),
        N_("Order a run that is paced to the rate asked, or one that takes what the line gives in a quiet hour."),
    ),
    "network": (
        N_("Measured {shown}, asked {written}: the network carried no more in this run."),
        N_(
            "Measure again with a second server, which shows whether the line itself is the limit; then ask the provider whether the line "
            "is what was agreed."
        ),
    ),
    "unknown": (
        WHY[Code.LIMITED_BY],
        NEXT[Code.LIMITED_BY],
    ),
}
ENDS_DISAGREE = N_(
    "The box counted {counted} and the measurement server proved {proved} of the same run: {quantity_words}. They contradict each other."
)
PAST_THE_WITNESS = N_(
    "Only {crossed} crossed the ports to the outside while {proved} were measured: what was measured came another way."
)
NETWORKS = {"internet": N_("the internet"), "metro": N_("the education network"), "": N_("no named network")}
# “Measure now” sends no traffic of its own: the way out is measured only when it is asked for by name.
MEASURE_THE_LINE = N_(
    "Press the line's own button (“Measure the line …”), or order it: campusproof-collector scan SCHOOL egress; an agent must be enrolled "
    "and running."
)
WATCH_THE_PORTS = N_(
    "Order it at busy hours on several school days, it takes five minutes: campusproof-collector scan SCHOOL wan; an agent must be "
    "enrolled and running."
)
LOOK_FROM_OUTSIDE = N_("Order it from an outside vantage: campusproof-collector scan SCHOOL site")
BY_NAME = {"egress": MEASURE_THE_LINE, "wan": WATCH_THE_PORTS, "site": LOOK_FROM_OUTSIDE, **BY_NAME_WIFI}
