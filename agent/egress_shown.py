"""
What did an egress run find, as a person at the terminal reads it?

*Method*: from its readings alone: for each direction the interval at the IP layer with the other layers beside it, what limited it and what
to do next, then round trips, loss, and a picture of the bins. A run that failed shows its words, its next step, and what was proved before.

What it does not prove: that the line meets a policy. The collector judges that, from this and what the server signed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from agent.config import AgentConfig
from agent.egress_allowed import most_octets
from agent.egress_plot import plot_of, runs_of
from agent.egress_words import limits, next_steps
from agent.scan import Finding
from agent.speech import Speech
from agent.telling import rate_of
from evidence.model import Failure, Reading, Settings
from evidence.quantities import EGRESS_LIMITED_BY
from evidence.spelled import failure_in_words, spelled_value

GOOD, LOOK, BAD, QUIET = "green", "yellow", "bold red", "dim"
DIRECTIONS = ("down", "up")
GIGABYTE, MEGABYTE = 10**9, 10**6
# Which figures belong to the round trips of one direction, in this order.
TRIPS = ("loaded_latency", "responsiveness", "loss", "retransmitted")


@dataclass(frozen=True, slots=True)
class _Found:
    """The readings of one run by the last part of their names, and by direction where they have one."""

    readings: tuple[Reading, ...]

    def rate(self, direction: str, layer: str = "") -> Reading | None:
        """The rate of a direction, payload or at the IP layer (`_ip`), whatever path it was measured over."""
        names = [f"egress.{path}{direction}{layer}" for path in ("internet.", "metro.", "")]
        return next((one for one in self.readings if one.quantity in names), None)

    def figure(self, name: str, subject: str = "") -> Reading | None:
        """Another figure of the run."""
        quantity = f"egress.{name}"
        return next((one for one in self.readings if (one.quantity, one.subject) == (quantity, subject)), None)


# --- Before and meanwhile ---------------------------------------------------------------------------------------------


def announced(settings: Settings, config: AgentConfig, speech: Speech) -> str:
    """How much a run by hand can move, said before it begins."""
    octets, rate = most_octets(settings, config)
    if rate is None:
        return speech.say(
            "This run moves as much as the line carries: the port of this box tells no rate to reckon with."
        )
    return speech.say(
        "This run moves up to {volume}, at {rate} on the wire.", volume=_volume(octets), rate=speech.rate(rate)
    )


def _volume(octets: int) -> str:
    """Octets as people write a volume, in full or one tenth, never less than it is."""
    size, name = (GIGABYTE, "GB") if octets >= GIGABYTE else (MEGABYTE, "MB")
    tenths = -(-octets * 10 // size)
    return f"{tenths // 10}.{tenths % 10} {name}"


def in_passing(line: dict[str, Any], speech: Speech) -> str:
    """A line of progress in words, such as `download 941 Mbit/s`; a phase of a later release by its name."""
    phases = {
        "queue": speech.say("in the server's queue"),
        "idle": speech.say("round trips while idle"),
        "down": speech.say("download"),
        "up": speech.say("upload"),
        "second": speech.say("second server"),
    }
    phase = str(line["progress"])
    return f"{phases.get(phase, phase)} {rate_of(line)}".strip()


# --- The result -------------------------------------------------------------------------------------------------------


def egress_of(finding: Finding, speech: Speech, width: int) -> list[RenderableType]:
    """What a person is shown of one run, line by line; the picture is as wide as `width` allows."""
    found = _Found(finding.readings)
    lines: list[RenderableType] = [Text(speech.say("Way out of the school"), style="bold"), *_where(found, speech)]
    for direction in DIRECTIONS:
        lines += _direction(found, direction, speech)
    lines += _idle(found, speech)
    if finding.failure is not None:
        lines += _failed(finding.failure, finding, speech)
    picture = plot_of(runs_of(finding.raws), width, speech)
    return lines + ([picture] if picture is not None else [])


def _where(found: _Found, speech: Speech) -> Iterator[RenderableType]:
    """Which line, seen as which address, over which path of which operator, to which server."""
    rates = [rate for one in DIRECTIONS if (rate := found.rate(one)) is not None]
    if not rates:
        return
    facts = rates[0].facts
    paths = {"internet": speech.say("internet"), "metro": speech.say("education network")}
    said = (
        (speech.say("line"), facts.get("line")),
        (speech.say("public address"), facts.get("seen")),
        (speech.say("path"), paths.get(str(facts.get("path")), facts.get("path"))),
        (speech.say("operator"), facts.get("operator")),
        (speech.say("server"), facts.get("server")),
        (speech.say("IP version"), facts.get("family")),
        (speech.say("measured side by side, group"), facts.get("group")),
    )
    yield _below(Text(", ".join(f"{name} {value}" for name, value in said if value), style=QUIET))


def _below(text: Text) -> Padding:
    """A line that belongs to the one above, set in also where it is wrapped."""
    return Padding(text, (0, 0, 0, 2), expand=False)


def _direction(found: _Found, direction: str, speech: Speech) -> Iterator[RenderableType]:
    """One direction: the interval, its layers, what limited it with the next step, and what went with it."""
    at_ip, payload = found.rate(direction, "_ip"), found.rate(direction)
    if at_ip is None or payload is None:
        return
    name = speech.say("Download") if direction == "down" else speech.say("Upload")
    layer = speech.say("(IP layer)")
    yield Text(f"{name}: ").append(_interval(at_ip, speech), style="bold").append(f" {layer}")
    yield _below(Text(_layers(payload, speech), style=QUIET))
    limited = found.figure("limited_by", direction)
    state = str(limited.value) if limited is not None else str(payload.facts.get("limited_by", "unknown"))
    yield from _limited(state, speech)
    yield from _trips(found, direction, speech)
    yield from _remarks(payload, speech)


def _remarks(payload: Reading, speech: Speech) -> Iterator[RenderableType]:
    """Why a run was ended early, or what could not be looked at beside it; the probe's own words."""
    names = {
        "stopped": speech.say("ended early"),
        "witness": speech.say("the gateway's counters"),
        "second": speech.say("the second server"),
    }
    for name, meaning in names.items():
        if name in payload.facts:
            yield _below(Text(f"{meaning}: {payload.facts[name]}", style=LOOK))


def _interval(rate: Reading, speech: Speech) -> str:
    """From and to, or what it is at least."""
    low, high = rate.low or 0, rate.high
    if high is None:
        return speech.say("at least {rate}", rate=speech.rate(low))
    return speech.say("between {low} and {high}", low=speech.rate(low), high=speech.rate(high))


def _layers(payload: Reading, speech: Speech) -> str:
    """The same rate at the other layers, and what the server says."""
    facts = payload.facts
    parts = [
        (speech.say("payload"), payload.low),
        ("Ethernet L2", facts.get("l2_bit_s")),
        ("L1", facts.get("l1_bit_s")),
    ]
    parts.append((speech.say("payload by the server"), facts.get("server_bit_s")))
    return ", ".join(f"{name} {speech.rate(rate)}" for name, rate in parts if isinstance(rate, int))


def _limited(state: str, speech: Speech) -> Iterator[RenderableType]:
    """What limited it, in words, and what to do next."""
    meaning, step = limits(speech.words.gettext).get(state, (state, ""))
    style = GOOD if state in ("network", "pace") else LOOK
    yield _below(
        Text(speech.say("Limited by: {what}", what=_named(state, speech)), style=style).append(
            f" ({meaning})", style="default"
        )
    )
    if step:
        yield _below(Text("→ " + step))


def _named(state: str, speech: Speech) -> str:
    """A state as everywhere else."""
    return spelled_value(EGRESS_LIMITED_BY.unit, state, speech.language)


def _trips(found: _Found, direction: str, speech: Speech) -> Iterator[RenderableType]:
    """Round trips under load, loss, what was sent again, and what the gateway's counters showed."""
    names = {
        "loaded_latency": speech.say("round trip under load"),
        "responsiveness": speech.say("round trips a minute (RPM)"),
        "loss": speech.say("loss"),
        "retransmitted": speech.say("sent again"),
    }
    said = [(names[name], reading) for name in TRIPS if (reading := found.figure(name, direction)) is not None]
    counters = found.figure(f"wan_{direction}", direction)
    if counters is not None:
        said.append((speech.say("the gateway's counters"), counters))
    if said:
        yield _below(Text(", ".join(f"{name} {_value(reading, speech)}" for name, reading in said), style=QUIET))


def _idle(found: _Found, speech: Speech) -> Iterator[RenderableType]:
    """The round trip while nothing else was sent."""
    idle = found.figure("idle_latency")
    if idle is not None:
        yield Text(speech.say("Round trip of the idle line: {time}", time=_value(idle, speech)))


def _value(reading: Reading, speech: Speech) -> str:
    """A figure with its unit, the low end of an interval."""
    return spelled_value(reading.unit, reading.low or 0, speech.language)


def _failed(failure: Failure, finding: Finding, speech: Speech) -> Iterator[RenderableType]:
    """Why it could not be measured, what to do, and that what stands above was proved before."""
    why = failure_in_words(failure, speech.language)
    yield Text(speech.say("could not measure: {why}", why=f"{why} ({finding.detail})"), style=BAD)
    yield Text("→ " + next_steps(speech.words.gettext)[failure])
    if finding.readings:
        yield Text(speech.say("What stands above was proved before that, and counts."))
