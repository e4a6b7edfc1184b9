"""What do all tests start from? The virtual school, in one line."""

from tests.lab.fixtures import a_pipe, a_school, linked_school, school

__all__ = ["a_pipe", "a_school", "linked_school", "school"]
