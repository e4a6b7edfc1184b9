"""
What limited an egress run, and what is a person to do about it or about a run that failed?

One sentence and one next step for each state of `egress.limited_by` and for each failure, in the person's language.
"""

from __future__ import annotations

from collections.abc import Callable

from evidence.model import Failure

Words = Callable[[str], str]


def limits(_: Words) -> dict[str, tuple[str, str]]:
    """For each state of `egress.limited_by` what it means and the next step."""
    return _outside(_) | _of_this_box(_) | _of_the_run(_)


def _outside(_: Words) -> dict[str, tuple[str, str]]:
    """What limited it lies outside this box."""
    return {
        "network": (
            _("the way between this box and the server carried no more"),
            _("Compare it with the contract of the line. If it is less, show this result to the provider."),
        ),
        "server": (
            _("the measurement server gave or took no more; the line may carry more"),
            _("Measure again later or against another server, and tell who runs this one."),
        ),
        "other_traffic": (
            _("other traffic filled a part of the line meanwhile; the line carries more"),
            _("Measure again outside school hours, when the line is quiet."),
        ),
    }


def _of_this_box(_: Words) -> dict[str, tuple[str, str]]:
    """What limited it lies in one of the two ends."""
    return {
        "port": (
            _("the network port of this box was full; the line may carry more"),
            _("Measure from a box with a faster port, or from several boxes at once."),
        ),
        "cpu": (
            _("the processor of this box was the limit; the line may carry more"),
            _("End what else runs on this box and measure again, or use a faster box or several at once."),
        ),
        "receiver": (
            _("the receiving end took the content in too slowly; the line may carry more"),
            _(
                "Measure again with nothing else running on this box. If it stays so, use another box or another server."
            ),
        ),
    }


def _of_the_run(_: Words) -> dict[str, tuple[str, str]]:
    """What limited it lies in the run itself."""
    return {
        "unsteady": (
            _("the rate had not settled when the time was over: only a lower bound is known"),
            _("Measure again at a quiet hour. If it stays so, look for a radio link on the way and ask the provider."),
        ),
        "pace": (
            _("the run kept to the rate that it was told, and the line carried it"),
            _("Nothing is to be done. How much more there is, only a run that fills the line can tell."),
        ),
        "unknown": (
            _("what limited it cannot be told"),
            _(
                "Name the gateway's port to the outside (switches) and a second server in the settings, and measure again: then "
                "it can be told."
            ),
        ),
    }


def next_steps(_: Words) -> dict[Failure, str]:
    """The next step for each failure of an egress run."""
    return _of_the_way(_) | _of_the_other_end(_) | _of_the_box(_)


def _of_the_way(_: Words) -> dict[Failure, str]:
    """The server was not reached, or was lost."""
    unreached = _("Check that the measurement server runs, and that the gateway lets TCP out to its address and port.")
    return {
        Failure.TIMED_OUT: unreached,
        Failure.REFUSED: unreached,
        Failure.UNREACHABLE: unreached,
        Failure.NAME_NOT_FOUND: _("Check the server's name in the settings and the name servers of this box."),
        Failure.INTERRUPTED: _(
            "Measure again when the reason above is over; if a run is cut off again and again, look at the line."
        ),
    }


def _of_the_other_end(_: Words) -> dict[Failure, str]:
    """The server answered, and that was of no use."""
    return {
        Failure.UNREADABLE: _(
            "What answered is not the measurement server that was named: compare address, port and key with who runs it."
        ),
        Failure.NOT_SUPPORTED: _(
            "Bring this box and the measurement server to the same release, and compare the settings."
        ),
        Failure.LOGIN_REJECTED: _("Compare the SNMP secret of the gateway in config.toml with the gateway."),
    }


def _of_the_box(_: Words) -> dict[Failure, str]:
    """This box was not allowed to, or could not."""
    return {
        Failure.NOT_PERMITTED: _(
            "A run that fills the line needs saturating = true in [agent.limits] of this box, or a threshold in the order; the "
            "volume of a day is egress_day_octets; a ticket that the server refused needs a new order."
        ),
        Failure.INSTRUMENT_LIMIT: _("End what else runs on this box and measure again, or use a faster box."),
        Failure.BUG: _("This is a fault of the program: report it with the words above."),
    }
