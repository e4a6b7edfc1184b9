"""
Which sentences are said of Wi-Fi, and which next step belongs to each?

A part of the one table in `collector.messages`: places and their strengths, walks, draws, hand-overs, controllers.
"""

from __future__ import annotations

from collector.marked import N_
from collector.verdict import Code

WALK_AGAIN = N_(
    "Walk to {place} again in a new survey: type the code of its card, and stand in the room until the scans are done."
)
PLAN_AGAIN = N_(
    "Look at the access point that serves {place} (power, channel, position) or add one; then walk there again."
)
ORDER_A_SURVEY = N_(
    "Order a survey and walk it: campusproof-collector survey order SCHOOL; then campusproof-agent survey on the laptop that is carried."
)
ASK_CONTROLLERS = N_("Name the wireless controllers in the school's list and order the probe aps.")
BY_NAME_WIFI = {"wifi": ORDER_A_SURVEY, "roam": ORDER_A_SURVEY, "aps": ASK_CONTROLLERS}
PROBES_WIFI = {
    "wifi": N_("what a place hears of Wi-Fi"),
    "roam": N_("hand-overs between access points"),
    "aps": N_("wireless controllers"),
}
WHY_WIFI = {
    Code.PLACE_WEAK: N_("{place}: the strongest own access point reaches it at {dbm} dBm only."),
    Code.PLACE_HOLE: N_("{place}: no access point of the school's own is heard there."),
    Code.PLACE_BORDERLINE: N_("{place}: {dbm} dBm is too near to the limit to be told from it."),
    Code.PLACE_UNHEARD: N_("{place}: what was measured there cannot tell whether it is covered."),
    Code.WRONG_CODE: N_("{place}: the typed code is not that of its card in this survey."),
    Code.CODE_OF_ANOTHER: N_("{place}: the typed code is that of the card in {other}."),
    Code.VIRTUAL_RADIO: N_("{place}: measured by the driver {driver}, which is no known wireless adapter."),
    Code.TOO_FEW_SCANS: N_("{place}: too few scans ran to their end."),
    Code.TOO_QUICK: N_("{place}: measured sooner before or after {other} than anybody walks from one to the other."),
    Code.TWIN_PLACES: N_(
        "{place}: the same access points are heard there as strongly as in {other}; they look like one room measured twice."
    ),
    Code.COPIED: N_(
        "{place}: every figure is the same as in another run ({other}); measured anew, no two runs are alike to the last figure."
    ),
    Code.AFTER_DRAW: N_(
        "{place}: what came in after the places to be measured again were drawn cannot make this survey better."
    ),
    Code.NOT_DRAWN_YET: N_("The collector has not yet drawn the places of this survey that are to be measured again."),
    Code.REMEASURE_OPEN: N_("{place} was drawn to be measured again, and nobody has walked there yet."),
    Code.REMEASURE_MISSED: N_("{place} was drawn to be measured again, and nobody walked there in time."),
    Code.REMEASURE_DIFFERS: N_("{place}: measured again, it differs by {db} dB from the first time."),
    Code.NO_GIGABIT: N_(
        "{place}: no own access point with a PHY rate of 1000 Mbit/s or more, and a gigabit wire, is heard strongly enough."
    ),
    Code.TWIN: N_("{bssid}, heard in {place}, uses the school's network name and is none of its access points."),
    Code.FEW_HANDOVERS: N_("{count} hand-overs between own access points were seen; {needed} are needed."),
    Code.HANDOVERS_FAILED: N_("{count} of {total} hand-overs failed."),
    Code.PINGS_LOST: N_("{share} per cent of the pings were lost on the walk."),
    Code.ADDRESS_CHANGED: N_("The address changed on the walk: what was open broke off."),
    Code.NOT_OUR_NETWORK: N_("The walk belongs to no survey, so nothing says whose access points were passed."),
    Code.ROAMED_ELSEWHERE: N_(
        "{count} more hand-overs led to or from access points that are not the school's, or to another radio of the same one."
    ),
    Code.CONTROLLER_SILENT: N_("The controller {controller} did not answer."),
    Code.AP_APART: N_("The access point {ap} stands in the list, and no controller names it."),
    Code.NOT_MANAGED: N_("Whether the {count} switches of the list are in the same management, no controller tells."),
}
NEXT_WIFI = {
    Code.PLACE_WEAK: PLAN_AGAIN,
    Code.PLACE_HOLE: PLAN_AGAIN,
    Code.PLACE_BORDERLINE: N_(
        "Measure {place} again at the same point, up to three times; if it stays, strengthen the signal there."
    ),
    Code.PLACE_UNHEARD: N_(
        "Measure {place} with an adapter that hears 2.4 and 5 GHz; the evidence says what it could not hear."
    ),
    Code.WRONG_CODE: WALK_AGAIN,
    Code.CODE_OF_ANOTHER: N_(
        "Check whether the cards of {place} and {other} hang in their rooms; then walk to {place} again."
    ),
    Code.VIRTUAL_RADIO: N_("Measure with a real wireless adapter; if it is one, tell the operator its driver's name."),
    Code.TOO_FEW_SCANS: N_("Disconnect what else uses the laptop's radio, and measure {place} again."),
    Code.TOO_QUICK: WALK_AGAIN,
    Code.TWIN_PLACES: N_("Measure {place} and {other} again, each from its middle, in a new survey."),
    Code.COPIED: WALK_AGAIN,
    Code.AFTER_DRAW: WALK_AGAIN,
    Code.NOT_DRAWN_YET: N_(
        "Keep the agent running: the order to measure some places again comes when the survey is done."
    ),
    Code.REMEASURE_OPEN: N_("Walk to {place} once more with the new card: campusproof-agent survey."),
    Code.REMEASURE_MISSED: N_("Order a new survey and walk its draw in time."),
    Code.REMEASURE_DIFFERS: N_("Walk the survey again; an evaluator may come along to {place}."),
    Code.NO_GIGABIT: N_(
        "Serve {place} by an access point of Wi-Fi 6 or later with 80 MHz channels on a gigabit port; then walk there again."
    ),
    Code.TWIN: N_(
        "Find out who runs it: a forgotten access point of the school's belongs into the controller, any other is a danger to pupils' passwords."
    ),
    Code.FEW_HANDOVERS: N_(
        "Walk a longer way past more access points, with the laptop joined to the school's network: campusproof-agent survey."
    ),
    Code.HANDOVERS_FAILED: N_("Check that all access points use one name, one security and one VLAN; then walk again."),
    Code.PINGS_LOST: N_(
        "Look for gaps between access points on the way, and switch on fast transition where the controller has it; then walk again."
    ),
    Code.ADDRESS_CHANGED: N_(
        "Put all access points of one network name into one VLAN, or tunnel it to the controller; then walk again."
    ),
    Code.NOT_OUR_NETWORK: ORDER_A_SURVEY,
    Code.ROAMED_ELSEWHERE: N_("Add missing access points to the controller or the list; then walk again."),
    Code.CONTROLLER_SILENT: N_(
        "Check the controller's address in the list and the box's secret for it ([agent.snmp] or [agent.ssh]); then order aps again."
    ),
    Code.AP_APART: N_("Take {ap} into the controller, or off the list if it is gone; then order aps again."),
    Code.NOT_MANAGED: N_("Show a person the platform in which switches and access points stand together."),
}
