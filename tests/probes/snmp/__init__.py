"""Does the SNMP exchange read what switches say, and only that? Real agents, real sockets, and somebody on the way."""
