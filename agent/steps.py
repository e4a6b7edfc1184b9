"""
What is a person to do about each problem of the network?

One sentence a kind of problem, in the person's language, naming the places.
"""

from __future__ import annotations

from collections.abc import Callable

from agent.advice import Found, Problem
from agent.speech import Speech
from probes._cli import vendor_names


def steps(found: list[Found], speech: Speech) -> list[str]:
    """What to do, one line a kind of problem, naming the places."""
    sentences = next_steps(speech.words.gettext)
    places: dict[Problem, list[str]] = {}
    for one in found:
        places.setdefault(one.problem, []).append(one.where)
    families = ", ".join(vendor_names())
    return [
        sentences[problem].format(where=speech.some(list(dict.fromkeys(where))), families=families)
        for problem, where in places.items()
    ]


def next_steps(_: Callable[[str], str]) -> dict[Problem, str]:
    """The next step for each problem; `{where}` is the places, `{families}` the command lines that are known."""
    return _about_switches(_) | _about_command_lines(_) | _about_links(_) | _about_ports(_)


def _about_switches(_: Callable[[str], str]) -> dict[Problem, str]:
    """The next steps for switches as a whole."""
    return {
        Problem.UNKEYED: _(
            '{where}: this box knows no SNMP secret for it; add a table [agent.snmp."ADDRESS"] to its config.toml.'
        ),
        Problem.LOGIN: _(
            "{where}: the login was refused; compare user, keys and the MIB view of the switch with config.toml (the view must "
            "reach 1.3.6.1 and 1.0.8802)."
        ),
        Problem.SILENT: _(
            "{where}: no answer; check that SNMP is switched on, that the switch's access list lets this box ask, and that "
            "community or keys are right: a wrong community is answered by silence, and so may be a v3 user that it does not have."
        ),
        Problem.CUT_SHORT: _(
            "{where}: began to answer and fell silent. Ask again when it has less to do; if it stays so, send a recording: "
            "campusproof-agent record ADDRESS."
        ),
        Problem.SNMP_REFUSED: _(
            "{where}: nothing answers SNMP at this port; switch SNMP on (Huawei: snmp-agent) and compare the port in the school's "
            "list."
        ),
        Problem.NOT_REACHED: _("{where}: no way there from this box; check the address, the VLAN and the route."),
        Problem.NO_NAME: _("{where}: the name has no address; give the address in the school's list."),
        Problem.UNREADABLE: _(
            "{where}: the answer could not be used; send a recording: campusproof-agent record ADDRESS."
        ),
        Problem.IN_THE_CLEAR: _(
            "Community travels in the clear: {where}. Make an SNMPv3 user (SHA-256, AES) on the switch and enter it in "
            "config.toml."
        ),
    }


def _about_command_lines(_: Callable[[str], str]) -> dict[Problem, str]:
    """The next steps where a login is set up and the command line did not answer."""
    return {
        Problem.SSH_KEY: _(
            "{where}: SSH shows another host key than before, so no login was tried. If the switch was replaced or reset: "
            "campusproof-agent forget-key ADDRESS; if not, tell who runs the network."
        ),
        Problem.SSH_LOGIN: _(
            "{where}: the SSH login was refused; compare user and password in [agent.ssh] of config.toml with the switch. It was "
            "tried once: see whether the account is locked."
        ),
        Problem.SSH_REFUSED: _(
            "{where}: the switch refuses SSH; switch its SSH server on (Huawei: stelnet server enable), let this box through its "
            "access list, and compare the port in [agent.ssh] of config.toml."
        ),
        Problem.SSH_SILENT: _(
            "{where}: no answer over SSH; check the port in [agent.ssh] of config.toml, the access list of the switch and the "
            "firewall between."
        ),
        Problem.SSH_FAMILY: _(
            "{where}: the family of its command line is not known. If it is one of {families}: write vendor = NAME in its table "
            "[agent.ssh] of config.toml; if none, its command line cannot be read, and it needs no login."
        ),
        Problem.SSH_CIPHERS: _(
            "{where}: its SSH server offers no method that is still safe; update its software or switch on aes-ctr and "
            "diffie-hellman-group14-sha256."
        ),
        Problem.SSH_PARTLY: _(
            "{where}: the command line did not answer every question; give the account the right to read (display, show), else "
            "send a recording: campusproof-agent record ADDRESS."
        ),
    }


def _about_links(_: Callable[[str], str]) -> dict[Problem, str]:
    """The next steps for links, and for what stands at their ends."""
    return {
        Problem.LINK_BELOW_1G: _(
            "Below 1 Gbit/s: {where}. Check cable and negotiation, then use gigabit ports at both ends."
        ),
        Problem.LINK_BELOW_10G: _(
            "Below 10 Gbit/s: {where}. Where 10 Gbit/s is asked, put 10G transceivers or ports at both ends."
        ),
        Problem.SPEED_CONFLICT: _(
            "What is told of the speed does not agree: {where}. Compare both ends at the switches themselves; remove any fixed "
            '"bandwidth" or "speed" setting.'
        ),
        Problem.MEMBERS_DOWN: _(
            "Aggregate with members that are down: {where}. Look for the cable or port that failed."
        ),
        Problem.LAG_UNEXPLAINED: _(
            "The switch tells another rate for the aggregate than its members have: {where}. The members count; no step unless "
            "a member is missing from the list."
        ),
        Problem.UNDISCOVERED: _(
            "Neighbours that nobody listed: {where}. Add them to the school's list with their address, or approve them by name."
        ),
        Problem.NAMELESS: _(
            "Neighbours that tell no name: {where}. Follow the cable, then add what stands there to the school's list with its "
            "address; without a name it cannot be approved by name."
        ),
        Problem.ALONE: _(
            "No neighbour heard on any port: {where}. Switch on LLDP there and at the switches it is joined to (Huawei: lldp "
            "enable; the MIB view must reach 1.0.8802), and add those to the school's list."
        ),
        Problem.ONE_SIDED: _(
            "Only one end names the other: {where}. Switch on LLDP at both ends (Huawei: lldp enable; the MIB view must reach "
            "1.0.8802)."
        ),
    }


def _about_ports(_: Callable[[str], str]) -> dict[Problem, str]:
    """The next steps for single ports."""
    return {
        Problem.HALF_DUPLEX: _(
            "Half duplex at 1 Gbit/s or more is a fault: {where}. Set both ends to auto-negotiation and test the cable."
        ),
        Problem.SLOWER_THAN_CAGE: _(
            "Runs slower than its slot can: {where}. Check the transceivers at both ends and the speed that is set."
        ),
        Problem.SPEED_UNKNOWN: _(
            "Speed not told: {where}. Give this box a read-only SSH login ([agent.ssh] in config.toml), so that the switch "
            "itself can be asked."
        ),
        Problem.STILL_UNKNOWN: _(
            "Speed told neither over SNMP nor over SSH: {where}. Mend the SSH login if a step above speaks of it; else read "
            "the speed at the switch itself."
        ),
        Problem.SPEED_INFERRED: _(
            "Speed concluded, not told plainly: {where}. It proves nothing until a read-only SSH login ([agent.ssh]) or the "
            "other end confirms it."
        ),
        Problem.STILL_INFERRED: _(
            "Speed concluded, not told plainly, and not confirmed over SSH: {where}. Mend the SSH login if a step above speaks of "
            "it; else let the other end confirm it (LLDP at both ends)."
        ),
        Problem.DESK_BELOW_1G: _(
            "Ports for people's devices below 1 Gbit/s: {where}. Check the cable (all four pairs), then the device's card."
        ),
        Problem.BELOW_PORT: _(
            "Runs slower than its port can: {where}. Check the cable (all four pairs) and what the device at its other end can do."
        ),
    }
