"""What does the verb `survey` take? Apart from the verb itself, so that help is quick."""

from __future__ import annotations

import argparse
from pathlib import Path

LISTEN = "0.0.0.0:8780"  # a phone in the school's LAN is to reach it, behind the number on the screen


def add_survey_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `survey`."""
    parser.add_argument(
        "--page", action="store_true", help="serve a page for a phone instead of asking in the terminal"
    )
    parser.add_argument(
        "--listen", default=LISTEN, metavar="ADDRESS:PORT", help=f"where the page is served; default {LISTEN}"
    )
    parser.add_argument(
        "--replay", type=Path, metavar="FILE", help="a recording instead of the radio: counts in virtual schools only"
    )
    parser.add_argument("--language", choices=("zh", "en"), help="language of the terminal and the page")
