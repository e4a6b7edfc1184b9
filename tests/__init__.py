"""Tests, in the shape of the source that they test."""
