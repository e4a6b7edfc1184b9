"""
How does a switch answer SNMP?

`exchange` is the seam: one request, one reply. `walk` is ours and asks through it. `pysnmp_backend` is the one module that
knows an SNMP library; another backend has to bring no more than `Exchange.request`.
"""
