"""The contract between agent and collector: what is measured, how it is signed, and what may be refused. It does no I/O."""
