"""
What do the figures for the whole school say, and of how many things?

Each line has the counts that the figure was made of, so that it can be added up against the tree above it. A share of which nothing
is known is called so, and never zero.
"""

from __future__ import annotations

from rich.text import Text

from agent.speech import Speech
from agent.switches import Network
from evidence import quantities as q
from evidence.model import Reading, Unit
from evidence.spelled import STATES, sentence_of, spelled, spelled_value

LANGUAGES = ("zh", "en")
ALL = 1_000_000
LOOK = "yellow"


def lines_of(network: Network, speech: Speech) -> list[Text]:
    """The figures with their counts, whether any link was found, and what the tables say of IPv6."""
    lines = [_line(one, speech) for one in network.summary]
    if sum(bool(switch.ports) for switch in network.switches.values()) > 1 and not network.joined:
        lines.insert(0, Text(_nothing_joined(speech), style=LOOK))
    rungs = _rungs(network.rungs, speech.language)
    return lines + ([Text(f"IPv6: {rungs}")] if rungs else [])


def _nothing_joined(speech: Speech) -> str:
    """That the picture has no link in it."""
    return speech.say(
        "No link between the listed switches was found: nothing can be said of the backbone, of the links between buildings and of "
        "second uplinks."
    )


def _line(reading: Reading, speech: Speech) -> Text:
    """One figure, and in brackets what it was counted from."""
    line = Text(f"{sentence_of(reading.quantity, speech.language)}: ").append(_value(reading, speech), style="bold")
    counted = _counted(reading, speech)
    return line.append(speech.say(" (that is {counts})", counts=counted) if counted else "")


def _value(reading: Reading, speech: Speech) -> str:
    """The value; of a share its bounds only where they say something."""
    if reading.unit != Unit.PPM or reading.value is not None:
        return spelled(reading, speech.language)
    low, high = reading.at_least or 0, ALL if reading.at_most is None else int(reading.at_most)
    if not low and high >= ALL:
        return speech.say("unknown")
    if not low:
        return speech.say("at most {rate}", rate=spelled_value(Unit.PPM, high, speech.language, up=True))
    return spelled(reading, speech.language)


def _counted(reading: Reading, speech: Speech) -> str:
    """The counts of a share in words, empty where the figure is no share."""
    facts = reading.facts
    if reading.quantity == q.UPLINK_REDUNDANT_SHARE.name and facts.get("switches"):
        return speech.say(
            "for certain {redundant} of {switches} switches beside the core",
            redundant=facts.get("redundant", 0),
            switches=facts["switches"],
        )
    if reading.quantity != q.DESKTOP_GIGABIT_SHARE.name or not facts.get("up"):
        return ""
    said = speech.say("{gigabit} of {up} ports", gigabit=facts.get("gigabit", 0), up=facts["up"])
    parts = {
        "at_100": speech.say("; at 100 Mbit/s: {count}", count=facts.get("at_100", 0)),
        "at_10": speech.say("; at 10 Mbit/s: {count}", count=facts.get("at_10", 0)),
        "unknown": speech.say(
            "; not certain, or several devices behind one port: {count}", count=facts.get("unknown", 0)
        ),
        "silent": speech.say("; switches that did not show all their ports: {count}", count=facts.get("silent", 0)),
    }
    return said + "".join(words for key, words in parts.items() if facts.get(key))


def _rungs(rungs: tuple[Reading, ...], language: str) -> str:
    """How often each rung came to each result."""
    counts: dict[str, int] = {}
    for one in rungs:
        said = f"{one.subject.partition('/')[0]} {STATES[str(one.value)][LANGUAGES.index(language)]}"
        counts[said] = counts.get(said, 0) + 1
    return ", ".join(f"{said} × {count}" for said, count in sorted(counts.items()))
