"""
Which sentences can be said of a reason, a standing, a rung, and which next step belongs to each?

English, as the catalogues have them; `collector.words` looks them up and fills their blanks. Every reason of the closed list has a
sentence and a next step; a test asks for each in both languages.
"""

from __future__ import annotations

from collector.admission import Standing
from collector.marked import N_ as N_
from collector.messages_wifi import NEXT_WIFI, PROBES_WIFI, WHY_WIFI
from collector.verdict import Code, Status

STATUSES = {
    Status.MET: N_("met"),
    Status.NOT_MET: N_("not met"),
    Status.NOT_SHOWN: N_("not shown"),
    Status.BY_A_PERSON: N_("by a person"),
}
WHY = {
    Code.BELOW: N_("Measured {shown}, asked {written}."),
    Code.PORT_DOWN: N_("{switch}: port {port} is down."),
    Code.SERVICE_DOWN: N_("The education network's service {service} does not accept a connection."),
    Code.RUNG: N_("IPv6 ladder, rung {rung}: {code_words}."),
    Code.NO_EVIDENCE: N_("Nothing was measured yet."),
    Code.NO_PROBE: N_("This release has no probe for it: {quantity_words}."),
    Code.NOT_ORDERED: N_("The reports at hand cannot be judged: {standing_words}."),
    Code.STALE: N_("The last measurement is older than {days} days."),
    Code.FAILED: N_("The probe {probe} could not measure: {failure_words}."),
    Code.SWITCH_SILENT: N_("{switch} ({host}) did not answer completely: {failure_words}."),
    Code.NOT_ASKED: N_("{switch} ({host}) was not in the last order."),
    Code.UNLINKED: N_("The school's list joins {switch} to nothing: its uplink is unknown."),
    Code.UNPLACED: N_("The school's list does not say where {switch} stands."),
    Code.NO_PLACE: N_("The school's list has no place of the kinds that this asks for."),
    Code.NO_PORT_UP: N_("No desktop port was up when the switches were asked."),
    Code.UNANSWERED: N_("Agent {agent} did not answer the last order of the probe {probe} before it expired."),
    Code.REVOKED: N_("The last measurement at a place comes from an agent that is no longer trusted."),
    Code.NO_LOGIN: N_("{switch} ({host}) was not asked: the agent has no SNMP secret for this address."),
    Code.SWITCH_CLOSED: N_("{switch} ({host}) lets the agent read nothing: {failure_words}."),
    Code.PORT_UNKNOWN: N_("{switch} lists no port {port}."),
    Code.SPEED_UNKNOWN: N_("{switch}: port {port} is up but does not say its speed."),
    Code.SPEED_INFERRED: N_("{switch}: the speed of port {port} is only guessed, from its name or another sign."),
    Code.SPEED_REPAIRED: N_("{switch}: the speed of port {port} was told in a wrong unit and had to be repaired."),
    Code.SPEED_CONFLICT: N_("{switch}: two sources disagree about the speed of port {port}."),
    Code.UNCONFIRMED: N_(
        "The link {switch} {port} – {other} {other_port} is not confirmed: not each end names the other."
    ),
    Code.OTHER_NEIGHBOUR: N_(
        "{switch}: by the school's list port {port} leads to {other} {other_port}, but {neighbour} is seen there."
    ),
    Code.UNDECLARED_LINK: N_(
        "{switch} {port} – {other} {other_port} is a link that the school's list does not name; it counts as well."
    ),
    Code.UNDISCOVERED: N_("{switch}: port {port} leads to {neighbour}, which is not in the school's list."),
    Code.NEIGHBOURS_UNREAD: N_("{switch} ({host}) did not show all its neighbours."),
    Code.MANY_BEHIND: N_(
        "{switch}: {stations} devices are behind the one port {port}: a switch that is not in the list."
    ),
    Code.NOT_REDUNDANT: N_("{switch} hangs on a single cable: when that fails, it is cut off from the core."),
    Code.NO_WAN: N_("The school's list does not say which port leads out of the school."),
    Code.LEFT_OUT: N_(
        "Left out as no desktops: {aps} ports of access points, {phones} of telephones, {cameras} of cameras, {others} of other "
        "devices that the list declares."
    ),
    Code.ONE_CABLE_SEEN: N_(
        "Of the bundle between {switch} {port} and {other} {other_port} only one cable was seen at both ends."
    ),
    Code.BY_AGGREGATE: N_("{count} switches count as redundant because two or more cables are bundled."),
    Code.IN_THE_CLEAR: N_("{switch} is asked by SNMP v{snmp}: its community travels in the clear."),
    Code.VIRTUAL_PORT: N_("The port's driver ({driver}) is not that of a physical adapter: its speed proves nothing."),
    Code.NOT_SET: N_("The bureau has not set: {setting_words}."),
    Code.NOT_DECLARED: N_("The school's list does not declare what this needs: {what_words}."),
    Code.COVERAGE: N_("{count} of {total} places were measured."),
    Code.INTERVAL: N_("Measured {shown}, asked {written}: the evidence does not decide it."),
    Code.CONTRADICTION: N_("Two sources contradict each other: {quantity_words} is measured as {shown}."),
    Code.LOW_GRADE: N_("The evidence has grade {grade}; {needed} is asked for."),
    Code.GAP: N_("Evidence that the collector acknowledged is missing."),
    Code.PERSON: N_("Only a person can settle this."),
    Code.NO_SERVER: N_("No measurement server in this network is enrolled: {path_words}."),
    Code.NO_SERVER_REPORT: N_("The measurement server's own report of this run is not here: one party's word is left."),
    Code.TOO_SHORT: N_("The run was over after {seconds} s, before its figure could settle."),
    Code.ADDRESS_NOT_REGISTERED: N_(
        "The measurement server saw the run come from {seen}, which the school's list does not name as an address of the line "
        "{line}: nobody can tell which line was measured."
    ),
    Code.LIMITED_BY: N_("Measured {shown}, asked {written}; what limited the run is not known."),
    Code.MEASURED_OVER: N_(
        "{quantity_words}: {when}, over the line {line} to {server} ({operator}, {path_words}), which saw it come from {seen}; "
        "boxes at the same time: {agents}; limited by: {by_words}."
    ),
    Code.OTHER_TRAFFIC: N_(
        "Meanwhile the ports to the outside carried {crossed}: {beside} of it was other traffic, which took its part of the line."
    ),
    Code.CARRIED: N_(
        "In everyday traffic a port to the outside was seen to carry {value} for a minute: the line carries at least that."
    ),
    Code.TOO_FEW: N_(
        "In busy hours the ports to the outside were read {count} times on {on} days; {needed_runs} times on {needed_days} days are "
        "needed."
    ),
    Code.LINE_NOT_PROVED: N_("What the line carries is not proved yet: only the rates of the ports are known."),
    Code.NO_FIGURE: N_("The last run of an agent came to no figure for this."),
    Code.ECHO_NOT_TRUSTED: N_(
        "The echo that the IPv6 measurement rests on is of a server that the operator does not trust: {server}."
    ),
    Code.ECHO_OUT_OF_TIME: N_(
        "The echo that the IPv6 measurement rests on was not made in the time of the order (server {server})."
    ),
    Code.ECHO_ELSEWHERE: N_(
        "The operator's server saw the box at {seen}, which lies in no registered prefix of the school's lines."
    ),
    Code.NO_IPV6_PREFIX: N_(
        "The operator registered no IPv6 prefix of this school's lines: that {seen} is the school's is not proved."
    ),
    Code.VLAN_WITHOUT_IPV6: N_("The network {network} has no IPv6."),
    Code.SITE_NOT_SEEN: N_("The site {site} was not looked at yet."),
    Code.SITE_CHECK: N_("Site {site}, check {check}: {code_words}."),
    **WHY_WIFI,
}
STANDINGS = {
    Standing.ADMITTED: N_("judged: the answer to an order of this collector"),
    Standing.NOT_ORDERED: N_("declared (A0), never judged: nobody ordered it"),
    Standing.NOT_THIS_AGENT: N_("declared (A0), never judged: the order was not for this agent"),
    Standing.OTHER_SETTINGS: N_("declared (A0), never judged: it was not run with the settings that were ordered"),
    Standing.ODD_READINGS: N_("declared (A0), never judged: no run of this probe gives these readings"),
    Standing.TOO_EARLY: N_("declared (A0), never judged: it came before the order's start time"),
    Standing.OTHER_PLACE: N_("declared (A0), never judged: it names another place than the agent's"),
    Standing.REVOKED: N_("not judged any more: the agent was revoked"),
    Standing.ANSWERED_BEFORE: N_("declared (A0), never judged: the order had been answered before"),
    Standing.OTHER_SESSION: N_(
        "declared (A0), never judged: its session is not the one that was ordered of this agent"
    ),
    Standing.NOT_THIS_SERVER: N_("declared (A0), never judged: the session was not ordered of this measurement server"),
    Standing.OTHER_NETWORK: N_(
        "declared (A0), never judged: the measurement server stands in another network than the ordered one"
    ),
}
FAILED_STEPS = {
    ("desk", "not_supported"): N_(
        "The box's port tells no negotiated rate, as Wi-Fi and virtual ports do: run the agent on a box with a wired port of its own."
    ),
    ("desk", "unreachable"): N_(
        "The box has no link or no default route: check its cable, its switch port and its address."
    ),
    ("metro", "name_not_found"): N_("No name server answered the box: check the DNS that the school hands out."),
    ("ipv6", "unreachable"): N_("The box has no link: check its cable and its switch port."),
    **dict.fromkeys(
        (("egress", failure) for failure in ("refused", "unreachable", "timed_out")),
        N_(
            "Check that the measurement server runs (the operator: campusproof-collector server list), and that the school's gateway "
            "lets TCP out to its address and port; then measure again."
        ),
    ),
    ("egress", "not_permitted"): N_(
        "The measurement server or the box refused the run: the evidence page shows its words. A ticket opens one session in its "
        "slot: order anew; if it is refused again, the operator compares collector_key and path of the server with the collector."
    ),
    ("egress", "interrupted"): N_("The line was busy, or the run was cut off: measure again at a quiet hour."),
    ("egress", "unreadable"): N_(
        "What answered is not the measurement server of the order: the operator compares its address and key "
        "(campusproof-collector server list)."
    ),
    ("egress", "name_not_found"): N_(
        "No name server told the box the measurement server's address: check the DNS that the school hands out."
    ),
}
PROBES = {
    "desk": N_("network port of the box"),
    "metro": N_("education network"),
    "ipv6": N_("IPv6"),
    "site": N_("the school's site, from outside"),
    "inbound": N_("what is open to the outside over IPv6"),
    "uplinks": N_("switches"),
    "stimulus": N_("volumes sent across the links"),
    "egress": N_("way out of the school"),
    "wan": N_("traffic of the ports to the outside"),
    "second_opinion": N_("another tool's measurement of the way out"),
    "speed_server": N_("measurement server"),
    **PROBES_WIFI,
}
SLOW_PORT = N_("{switch}: port {port} runs at {value}.")
SLOW_AGGREGATE = N_(
    "{switch}: port {port} bundles {members} cables, {aggregate} together; the largest runs at {value}, and that counts."
)
SETTLE = N_(
    "Give this box a read-only SSH account for {switch} in the agent's config.toml, so that the speed can be settled; or look at "
    "port {port} on the switch."
)
NEXT = {
    Code.BELOW: N_("Replace what limits it (cable, module, port setting), then measure again."),
    Code.PORT_DOWN: N_("Check cable, module and port setting at both ends of {port}, then measure again."),
    Code.SERVICE_DOWN: N_(
        "Ask the education network's operator whether {service} is in service, and check the route to it."
    ),
    Code.NO_EVIDENCE: N_("Press “Measure now”; an agent must be enrolled and running."),
    Code.NO_PROBE: N_("Nothing to do at the school: a later release measures it."),
    Code.NOT_ORDERED: N_(
        "Press “Measure now”; if the same is said again, the agent is not what the operator enrolled: check its software and place."
    ),
    Code.STALE: N_("Press “Measure now” and check that every agent is running."),
    Code.FAILED: N_("Mend what it names, then measure again."),
    Code.SWITCH_SILENT: N_(
        "Check that {switch} is up and reachable, that SNMP is on for the agent's address, and that its community or user is "
        "right in the agent's config.toml."
    ),
    Code.NOT_ASKED: N_("Press “Measure now”: the switch was added to the list later."),
    Code.UNLINKED: N_("Add the link between {switch} and its neighbour to the school's list, with both ports."),
    Code.UNPLACED: N_("Add the place of {switch} to the school's list."),
    Code.NO_PLACE: N_("Add the school's places to its list and have the operator import it."),
    Code.NO_PORT_UP: N_("Measure again in school hours, when devices are on."),
    Code.UNANSWERED: N_("Check that the agent is on and has a way out, then press “Measure now”."),
    Code.REVOKED: N_("Enrol an agent at that place and measure again."),
    Code.NO_LOGIN: N_(
        'Check the address of {switch} in the list; if it is right, write its user or community into the agent\'s config.toml, [agent.snmp."{host}"].'
    ),
    Code.SWITCH_CLOSED: N_(
        'Write the community or user of {switch} into the agent\'s config.toml, table [agent.snmp."{host}"], and let it read the '
        "interfaces tables of the switch."
    ),
    Code.PORT_UNKNOWN: N_("Correct the port's name in the school's list: it must be the switch's ifName."),
    Code.SPEED_UNKNOWN: SETTLE,
    Code.SPEED_INFERRED: SETTLE,
    Code.SPEED_REPAIRED: SETTLE,
    Code.SPEED_CONFLICT: SETTLE,
    Code.UNCONFIRMED: N_(
        "Turn LLDP on at both ends ({switch} {port} and {other} {other_port}), let the agent read the LLDP tables of both switches, "
        "then measure again."
    ),
    Code.OTHER_NEIGHBOUR: N_("Correct the link in the school's list, or the cable at {switch} {port}."),
    Code.UNDECLARED_LINK: N_("Add this link to the school's list; if an end is not known yet, turn LLDP on at both."),
    Code.UNDISCOVERED: N_(
        "Add {neighbour} to the school's list as a switch with its link; if it is no switch of the school, declare it with a row "
        "other,{neighbour}."
    ),
    Code.NEIGHBOURS_UNREAD: N_(
        "Measure again; if the same is said, let the agent read all neighbour tables (LLDP, CDP) of {switch} in its SNMP view."
    ),
    Code.MANY_BEHIND: N_(
        "Add the switch behind port {port} of {switch} to the school's list with its link; if what stands there announces a name and "
        "is no switch of the school, declare it with a row other,NAME."
    ),
    Code.NOT_REDUNDANT: N_(
        "Give {switch} a second way to the core, or bundle two cables, and add it to the school's list."
    ),
    Code.NO_WAN: N_(
        "Add a row wan,SWITCH PORT to the school's list (docs/school-list.md) and have the operator import it."
    ),
    Code.LEFT_OUT: N_("Nothing to do: what stands there is no desktop."),
    Code.ONE_CABLE_SEEN: N_(
        "Switch on LLDP at every member of the bundle, at both ends; then look where the cables of the other members lead."
    ),
    Code.BY_AGGREGATE: N_(
        "Nothing to do: the bundle survives the loss of one cable, not that of the switch at its other end."
    ),
    Code.IN_THE_CLEAR: N_(
        "Set up SNMPv3 on {switch} and write its user into the agent's config.toml; no verdict changes."
    ),
    Code.VIRTUAL_PORT: N_(
        "Run the agent on a box whose own network port is on the school's LAN, not in a virtual machine."
    ),
    Code.NOT_SET: N_(
        "The bureau decides it; the operator writes it into the school's list as a row bureau,{setting} (docs/school-list.md) and imports it."
    ),
    Code.NOT_DECLARED: N_("Add it to the school's list and have the operator import it."),
    Code.COVERAGE: N_("Measure the places that are missing."),
    Code.INTERVAL: N_("Measure again; if it stays, the probe's details say what it could not decide."),
    Code.CONTRADICTION: N_("An evaluator looks at both sources; the school mends the one that is wrong."),
    Code.LOW_GRADE: N_("It needs a source that the school does not control."),
    Code.GAP: N_("Tell the operator: the collector's store is damaged or incomplete."),
    Code.PERSON: N_("An evaluator looks at it on site or in the papers."),
    Code.NO_SERVER: N_(
        "The operator enrols one there: campusproof-collector server add NAME HOST:PORT --path {path} --operator NAME --key HEX."
    ),
    Code.NO_SERVER_REPORT: N_(
        "Wait: a server sends its report again until it has arrived; if it stays away, tell the operator. Then measure again."
    ),
    Code.TOO_SHORT: N_("Measure again and let the run go to its end; if it ends early again, its details say why."),
    Code.ADDRESS_NOT_REGISTERED: N_(
        "Let the bureau enter the line's public addresses: a row line,NAME with {seen} in the school's list (docs/school-list.md), "
        "which the operator imports. If the address is not the school's, measure over the school's own line."
    ),
    Code.LIMITED_BY: N_("Measure again; the run's details say what it saw."),
    Code.MEASURED_OVER: N_("Nothing to do: this is how it was measured."),
    Code.OTHER_TRAFFIC: N_("For a higher figure measure in a quiet hour."),
    Code.CARRIED: N_("Nothing to do: it was seen beside the measurement."),
    Code.TOO_FEW: N_(
        "Let the ports to the outside be watched on more school days (the probe wan), between 08:00 and 17:00."
    ),
    Code.LINE_NOT_PROVED: N_("Measure the way out against a measurement server (the probe egress)."),
    Code.NO_FIGURE: N_("Measure again; if it stays, the run's details say what came in its way."),
    Code.ECHO_NOT_TRUSTED: N_("Measure again with an order that names a server of today's list."),
    Code.ECHO_OUT_OF_TIME: N_("The operator compares the clocks of collector and server, then orders anew."),
    Code.ECHO_ELSEWHERE: N_(
        "Let the bureau enter the line's IPv6 prefix in the school's list (row line), or measure over the school's own line: a tunnel "
        "elsewhere proves nothing."
    ),
    Code.NO_IPV6_PREFIX: N_("The bureau enters the IPv6 prefixes of the school's lines (row line)."),
    Code.VLAN_WITHOUT_IPV6: N_("Give this network's gateway interface a /64 and switch on router advertisements."),
    Code.SITE_NOT_SEEN: N_("Order the probe site from an outside vantage (campusproof-collector scan SCHOOL site)."),
    **NEXT_WIFI,
}
