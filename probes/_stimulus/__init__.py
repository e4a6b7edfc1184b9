"""
Does traffic that we send show in the counters of the ports that it is said to cross?

`push` sends volumes at a pace, `counters` reads 64-bit octet counters; the probe `stimulus` puts both on one clock.
"""
