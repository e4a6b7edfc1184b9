"""
How does a message look that a community protects?

*Method*: RFC 1157 section 4 and RFC 3417: version, community, PDU. Nothing in it is signed: whoever is on the path, or guesses
the request-id, can answer in the agent's place.
"""

from __future__ import annotations

import hmac

from evidence.model import Failure, Unmeasurable
from probes._snmp import ber
from probes._snmp.exchange import Community, Pdu, Reply, Version
from probes._snmp.pdu import encoded, response

NUMBER = {Version.V1: 0, Version.V2C: 1}


class CommunitySession:
    """What goes around the PDUs of one exchange."""

    def __init__(self, community: Community) -> None:
        self._v1 = community.version is Version.V1
        self._version = NUMBER[community.version]
        self._community = community.community.encode()

    @property
    def opened(self) -> bool:
        """Nothing has to be asked first."""
        return True

    def opening(self, request_id: int) -> bytes:
        """Nothing."""
        return b""

    def wrapped(self, pdu: Pdu, request_id: int) -> bytes:
        """A request, ready to send."""
        head = ber.integer(self._version) + ber.element(ber.OCTETS, self._community)
        return ber.element(ber.SEQUENCE, head + encoded(pdu.for_v1() if self._v1 else pdu, request_id))

    def unwrapped(self, octets: bytes, request_id: int) -> Reply:
        """The reply in a datagram; raises Unmeasurable, with the reason, for one that is not to be taken."""
        start, stop = ber.expect(octets, 0, len(octets), ber.SEQUENCE)
        version, start = ber.number(octets, start, stop)
        if version != self._version:
            raise Unmeasurable(Failure.UNREADABLE, "another version of SNMP")
        word, after = ber.expect(octets, start, stop, ber.OCTETS)
        if not hmac.compare_digest(octets[word:after], self._community):
            raise Unmeasurable(Failure.UNREADABLE, "another community")
        return response(octets, after, stop, request_id, len(octets))
