"""Tests of what is read from the counters of the ports to the outside."""
