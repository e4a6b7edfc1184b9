"""Clients that lie to the measurement server, so that tests can show what they are credited."""
