"""
How much do the ports to the outside carry, by their own counters?

`polls` is pure: what a series of answers says of a window, and how well. `follow` asks devices again and again. The probe `wan` looks at
everyday traffic with both; `probes._egress.witness` looks on while an egress run sends.
"""
