"""
Which Failure is it?

The one table from what an operating system, a resolver or an SNMP engine says to the closed list in `evidence.model`. Names
of SNMP and SSH errors are text here, so that no such library is imported.
"""

from __future__ import annotations

import errno

import dns.exception
import dns.resolver

from evidence.model import Failure

ERRNO = {
    errno.EACCES: Failure.NOT_PERMITTED,
    errno.EPERM: Failure.NOT_PERMITTED,
    errno.EAGAIN: Failure.TIMED_OUT,  # what connect_ex gives for a connect that was cut off by settimeout
    errno.ETIMEDOUT: Failure.TIMED_OUT,
    errno.ECONNREFUSED: Failure.REFUSED,
    errno.ECONNRESET: Failure.REFUSED,
    errno.EHOSTUNREACH: Failure.UNREACHABLE,
    errno.ENETUNREACH: Failure.UNREACHABLE,
    errno.EHOSTDOWN: Failure.UNREACHABLE,
    errno.ENETDOWN: Failure.UNREACHABLE,
    errno.EADDRNOTAVAIL: Failure.UNREACHABLE,
    errno.ENODEV: Failure.UNREACHABLE,
    errno.ENXIO: Failure.UNREACHABLE,
    errno.EOPNOTSUPP: Failure.NOT_SUPPORTED,
    errno.EAFNOSUPPORT: Failure.NOT_SUPPORTED,
    errno.EPROTONOSUPPORT: Failure.NOT_SUPPORTED,
    errno.EMFILE: Failure.INSTRUMENT_LIMIT,
    errno.ENFILE: Failure.INSTRUMENT_LIMIT,
    errno.ENOBUFS: Failure.INSTRUMENT_LIMIT,
    errno.ENOMEM: Failure.INSTRUMENT_LIMIT,
    errno.EINTR: Failure.INTERRUPTED,
}

# A resolver that is silent leaves the name unknown: that is never the same as "no such name", and the detail says which.
DNS: dict[type[dns.exception.DNSException], tuple[Failure, str]] = {
    dns.resolver.NXDOMAIN: (Failure.NAME_NOT_FOUND, "no such name"),
    dns.resolver.NoAnswer: (Failure.NAME_NOT_FOUND, "the name has no address"),
    dns.resolver.NoNameservers: (Failure.NAME_NOT_FOUND, "no resolver could answer"),
    dns.resolver.NoResolverConfiguration: (Failure.NAME_NOT_FOUND, "this system has no resolver"),
    dns.exception.Timeout: (Failure.NAME_NOT_FOUND, "no resolver answered in time"),
}

DEEPEST = 8  # how far down a chain of errors is followed

# Error indications of the SNMP engine (RFC 3414 section 3.2, RFC 3412 section 7.2), by their name.
SNMP_ENGINE = {
    "RequestTimedOut": Failure.TIMED_OUT,
    "WrongDigest": Failure.LOGIN_REJECTED,
    "UnknownUserName": Failure.LOGIN_REJECTED,
    "UnknownSecurityName": Failure.LOGIN_REJECTED,
    "UnknownCommunityName": Failure.LOGIN_REJECTED,
    "DecryptionError": Failure.LOGIN_REJECTED,
    "UnsupportedSecurityLevel": Failure.NOT_PERMITTED,
    "NotInTimeWindow": Failure.NOT_PERMITTED,
    "NoAccessEntry": Failure.NOT_PERMITTED,
    "NotInView": Failure.NOT_PERMITTED,
}

# error-status of a reply, RFC 3416 section 3.
SNMP_STATUS = {
    6: Failure.NOT_PERMITTED,  # noAccess
    16: Failure.NOT_PERMITTED,  # authorizationError
}

# Errors of paramiko and netmiko by the name of their class; netmiko wraps most of what paramiko says in a time-out of its
# own, so the error below counts before the one above.
SSH = {
    "AuthenticationException": Failure.LOGIN_REJECTED,
    "IncompatiblePeer": Failure.NOT_SUPPORTED,  # no cipher, key exchange or host key type in common
    "ChannelException": Failure.NOT_PERMITTED,  # logged in, but no session is opened
    "TimeoutError": Failure.TIMED_OUT,
    "ReadTimeout": Failure.TIMED_OUT,
    "EOFError": Failure.REFUSED,  # hung up: all lines taken, or an access list
    "ConnectionResetError": Failure.REFUSED,
    "SSHException": Failure.UNREADABLE,
    "ReadException": Failure.UNREADABLE,
    "WriteException": Failure.UNREADABLE,
    "NetmikoTimeoutException": Failure.TIMED_OUT,
}


def of_errno(number: int) -> Failure:
    """The failure for an errno; one that the table does not know is `unreachable`."""
    return ERRNO.get(number, Failure.UNREACHABLE)


def errno_name(number: int) -> str:
    """`ECONNREFUSED` for 111; a connect that ran into its time-out is ETIMEDOUT, whoever cut it off."""
    return "ETIMEDOUT" if number == errno.EAGAIN else errno.errorcode.get(number, str(number))


def of_dns(error: dns.exception.DNSException) -> tuple[Failure, str]:
    """The failure and the words for what a resolver said or did not say."""
    known = (DNS[kind] for kind in type(error).__mro__ if kind in DNS)
    return next(known, (Failure.UNREADABLE, "the resolver's answer could not be read"))


def of_snmp_engine(name: str) -> Failure:
    """The failure for an error indication of the SNMP engine, given the name of its class."""
    return SNMP_ENGINE.get(name, Failure.UNREADABLE)


def of_snmp_status(status: int) -> Failure:
    """The failure for an error-status that ends an exchange."""
    return SNMP_STATUS.get(status, Failure.UNREADABLE)


def of_ssh(error: BaseException) -> Failure:
    """The failure for an error of the SSH libraries: of the errors that led to it the innermost that the table knows."""
    names = (kind.__name__ for one in reversed(chain(error)) for kind in type(one).__mro__)
    return next((SSH[name] for name in names if name in SSH), Failure.UNREADABLE)


def chain(error: BaseException) -> list[BaseException]:
    """An error and those that led to it, the innermost last."""
    errors = [error]
    while errors[-1].__context__ is not None and len(errors) < DEEPEST:
        errors.append(errors[-1].__context__)
    return errors
