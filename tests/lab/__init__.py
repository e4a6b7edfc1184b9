"""
What is the virtual school, and where does one start reading?

A school on one machine: a dozen Linux network namespaces joined by virtual links, with real daemons in them (net-snmp,
lldpd, radvd, unbound, dnsmasq, nginx, rsyslog, nftables). `school.py` is the door; `topology.py` is the map;
`daemons.py` is what runs; `readiness.py` says when it answers; `faults.py` breaks one thing at a time; `python -m
tests.lab` keeps one standing. `pipe.py` is something smaller: a way out of a school whose rate is known, with the real
measurement server and probe at its ends (`pipe_ends.py`), and scripts of what may limit it (`pipe_cases.py`).

It does not prove: anything about real radios, optics, vendor firmware, or packet-by-packet speeds above 2.5 Gbit/s
(the kernel carries 64 KiB super-packets here).
"""
