"""Do the probes measure what they say? Real sockets, daemons and namespaces; nothing is patched."""
