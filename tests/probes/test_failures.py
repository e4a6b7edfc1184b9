"""Does every error of the systems below become the right Failure?"""

from __future__ import annotations

import errno

import dns.exception
import dns.resolver
import pytest

from evidence.model import Failure
from probes._failures import DEEPEST, chain, errno_name, of_dns, of_errno, of_snmp_engine, of_snmp_status


@pytest.mark.parametrize(
    ("number", "failure"),
    [
        (errno.ECONNREFUSED, Failure.REFUSED),
        (errno.ETIMEDOUT, Failure.TIMED_OUT),
        (errno.EAGAIN, Failure.TIMED_OUT),
        (errno.ENETUNREACH, Failure.UNREACHABLE),
        (errno.EPERM, Failure.NOT_PERMITTED),
        (errno.EMFILE, Failure.INSTRUMENT_LIMIT),
        (4711, Failure.UNREACHABLE),
    ],
)
def test_errno(number: int, failure: Failure) -> None:
    """An errno becomes the failure that the table gives, and one that it does not know `unreachable`."""
    assert of_errno(number) is failure


@pytest.mark.parametrize(("number", "name"), [(111, "ECONNREFUSED"), (11, "ETIMEDOUT"), (4711, "4711")])
def test_errno_names(number: int, name: str) -> None:
    """Evidence names an errno; a connect that was cut off is a time-out."""
    assert errno_name(number) == name


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (dns.resolver.NXDOMAIN, "no such name"),
        (dns.resolver.LifetimeTimeout, "no resolver answered in time"),
        (dns.resolver.NoResolverConfiguration, "no resolver"),
    ],
)
def test_dns(kind: type[dns.exception.DNSException], words: str) -> None:
    """Silence and "no such name" are the same failure in different words."""
    failure, detail = of_dns(kind())

    assert (failure, words in detail) == (Failure.NAME_NOT_FOUND, True)


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("RequestTimedOut", Failure.TIMED_OUT),
        ("WrongDigest", Failure.LOGIN_REJECTED),
        ("UnknownUserName", Failure.LOGIN_REJECTED),
        ("UnsupportedSecurityLevel", Failure.NOT_PERMITTED),
        ("SomethingNew", Failure.UNREADABLE),
    ],
)
def test_snmp_engine(name: str, failure: Failure) -> None:
    """What an SNMP engine reports becomes a failure by its name."""
    assert of_snmp_engine(name) is failure


@pytest.mark.parametrize(("status", "failure"), [(16, Failure.NOT_PERMITTED), (5, Failure.UNREADABLE)])
def test_snmp_status(status: int, failure: Failure) -> None:
    """authorizationError is a matter of rights, genErr of nothing we know."""
    assert of_snmp_status(status) is failure


def test_a_long_chain_of_errors() -> None:
    """The errors that led to one are followed so far and no further, by whoever asks what went wrong."""
    first = last = OSError(0)
    for number in range(1, 2 * DEEPEST):
        outer = OSError(number)
        outer.__context__, last = last, outer

    assert [one.args for one in chain(last)] == [(number,) for number in range(2 * DEEPEST - 1, DEEPEST - 1, -1)]
    assert chain(first) == [first]
