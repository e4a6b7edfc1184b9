"""The operator's end of a bandwidth measurement: admits, sends and receives, counts what was proved, and signs what it saw."""
