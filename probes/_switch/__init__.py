"""
What is this switch, which ports has it, how fast does each run, and who is at the other end?

`mib` names what is asked, `reading` asks it over SNMP, and `asking` finds the switch's address and asks its command line too.
The rest are pure functions over what came back: ports, speeds, aggregates, neighbours, stations, roles, links, topology.
Nothing but these two makes a packet leave.
"""
