"""
What is this switch, which ports has it, how fast does each run, and who is at the other end?

`mib` names what is asked, `reading` asks it, and the rest are pure functions over the tables that came back: ports, speeds,
aggregates, neighbours, stations, roles, links, topology. Nothing here sends a packet but `reading`.
"""
