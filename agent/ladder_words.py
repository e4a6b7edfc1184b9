"""
What is said around the rungs of the IPv6 ladder: what each asks, what was measured, whose matter it is, what a grade means?

Why a rung does not pass and what to do next stands in `evidence.rung_words`, for the collector says it too.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.speech import Speech
from evidence.model import Facts

# Nothing at the school mends these; what mends them is at the operator of the collector.
OPERATORS = frozenset(
    (
        "PARSERS_DISAGREE",
        "NAME_MISSING",
        "SERVER_UNREACHABLE",
        "FEW_TARGETS",
        "ECHO_WRONG",
        "NO_MTU1280",
        "NOT_NARROW",
        "SERVER_ERROR",
        "NO_V4_NAME",
        "NO_WAY",
        "NOT_IN_THIS_RELEASE",
    )
)
# These the school's internet provider mends, after the school has seen that its own gateway is not the cause.
PROVIDERS = frozenset(
    ("TUNNEL_6TO4", "TUNNEL_TEREDO", "ISATAP", "NO_TRANSIT", "PARTIAL_TRANSIT", "V6_SLOW", "DEGRADED_RTT")
)
# A rung that was left out, or passed with a remark, and nothing is amiss.
FINE = frozenset(("NOT_ORDERED", "NO_IPV4", "DNS64", "GW_NO_ECHO"))
# Remarks on a rung that passed which ask for something all the same.
REMARKS = frozenset(("NAT66", "NPT", "NO_V6_RESOLVER"))


def asks(speech: Speech) -> Mapping[str, str]:
    """What each rung asks, from the ground up."""
    say = speech.say
    return {
        "L0": say("IPv6 is on at this port"),
        "L1": say("a router announces itself, and no other contradicts it"),
        "L2": say("the network gives a native global address"),
        "L3": say("the gateway answers"),
        "L4": say("resolvers give IPv6 addresses"),
        "L5": say("hosts of several operators are reached"),
        "L6": say("the operator's server sees this very address"),
        "L7": say("large packets pass both ways"),
        "L8": say("connections stay with IPv6"),
        "L9": say("IPv6 is as good as IPv4"),
    }


def measured(facts: Facts, speech: Speech) -> str:
    """The facts of a rung that help to find its cause, each with its name; empty where there are none."""
    between = "；" if speech.language == "zh" else "; "
    told = [f"{name}{colon(speech)}{facts[fact]}" for fact, name in _names(speech).items() if fact in facts]
    return between.join(told)


def colon(speech: Speech) -> str:
    """What stands between a word and what it is about."""
    return "：" if speech.language == "zh" else ": "


def _names(speech: Speech) -> Mapping[str, str]:
    """What a fact is called."""
    say = speech.say
    return {
        "router": say("router"),
        "rule": say("rule that it breaks"),
        "prefix": say("prefix"),
        "gateway": say("gateway"),
        "echoes_answered": say("echoes answered, of three"),
        "resolver": say("resolver"),
        "targets": say("hosts asked"),
        "reached": say("hosts reached"),
        "local": say("address of this box"),
        "source": say("address of this box"),
        "seen": say("address that the server saw"),
        "status": say("HTTP status"),
        "path": say("path to the server"),
        "stuck": say("what got stuck"),
        "pmtu": say("MTU that this box knows of the path"),
        "limit": say("bound"),
        "error": say("error"),
    }


def whose(code: str, speech: Speech) -> str:
    """Who else has to act; empty where the school can mend it by itself."""
    if code in OPERATORS:
        return speech.say("This is the operator's matter: show them these lines. At the school nothing has to change.")
    if code in PROVIDERS:
        return speech.say(
            "If the school's own gateway is in order, this is the provider's matter: show them these lines."
        )
    return ""


def grade_said(low: int, high: int, speech: Speech) -> list[str]:
    """Which grade was reached, what it means, and what leads on."""
    meanings = (
        speech.say("no IPv6 that could be used"),
        speech.say("prepared: address and gateway are there"),
        speech.say("reachable: the IPv6 internet answers"),
        speech.say("supported: large packets pass and nothing falls back to IPv4"),
    )
    if low < high:
        return [
            speech.say("Grade from G{low} to G{high}: some rungs are not decided.", low=low, high=high),
            speech.say("Proved so far is G{grade}: {meaning}.", grade=low, meaning=meanings[low]),
        ]
    said = [speech.say("Grade G{grade}: {meaning}.", grade=low, meaning=meanings[low])]
    if low < len(meanings) - 1:
        return said
    return [
        *said,
        speech.say(
            "G4 (in use) is given by the collector only, once the counters of the school's switches have shown IPv6 traffic for 30 "
            "days (probe uplinks)."
        ),
    ]
