"""
Does the gateway answer?

*Method*: three ICMPv6 echo requests (RFC 4443 section 4.1), one second each, to the address in the default route.
"""

from __future__ import annotations

import secrets
import socket
import struct
import time
from ipaddress import IPv6Address

from probes._ipv6.icmp import open_socket, receive, send

ECHO_REQUEST, ECHO_REPLY = 128, 129
ECHOES = 3
WAIT_S = 1.0


def echoes_answered(interface: str, gateway: IPv6Address) -> int:
    """How many of three echo requests are answered; raises PermissionError without CAP_NET_RAW."""
    mark = secrets.token_bytes(16)
    identifier = secrets.randbelow(65536)
    with open_socket(interface, ECHO_REPLY) as connection:
        return sum(_echo(connection, interface, gateway, identifier, number, mark) for number in range(ECHOES))


def _echo(
    connection: socket.socket, interface: str, gateway: IPv6Address, identifier: int, number: int, mark: bytes
) -> bool:
    """One echo request and whether its own reply comes in time."""
    until_s = time.monotonic() + WAIT_S
    rest = struct.pack("!HH", identifier, number) + mark
    try:
        send(connection, struct.pack("!BBH", ECHO_REQUEST, 0, 0) + rest, str(gateway), interface)
        while (message := receive(connection, until_s)) is not None:
            if message.source == gateway and message.octets[4:] == rest:
                return True
    except PermissionError:
        raise
    except OSError:  # the kernel already knows that the gateway's link-layer address cannot be found
        return False
    return False
