"""Tests of what is made of the tables of a switch."""
