"""
How does a switch answer SNMP?

`exchange` is the seam: one request, one reply. `walk` is ours and asks through it, at the `pace` that a network bears. Behind
the seam stand two `backends`: our own (`ber`, `pdu`, `keys`, `community`, `user`, `datagrams`, `own`), and pysnmp.
"""
