"""Can one octet of a sealed message be changed, lost or added without notice?"""

from __future__ import annotations

import pytest

from evidence.errors import Rejected
from evidence.model import Conditions, Report
from evidence.seal import REPORT, open_sealed, seal
from tests.evidence.samples import AGENT, find, report

SMALL = seal(REPORT, report(readings=(), conditions=Conditions("x", 1, 2, 1, 2)), AGENT)
NAMED = tuple(Rejected.__subclasses__())


def opens(envelope: bytes) -> bool:
    """Whether an envelope passes as a report; any way of failing but a named refusal fails the test."""
    try:
        open_sealed(envelope, find).body(REPORT, Report)
    except NAMED:
        return False
    return True


def test_the_envelope_is_good_as_it_is() -> None:
    """The other tests of this module would prove nothing with a bad one."""
    assert opens(SMALL)


@pytest.mark.parametrize("bit", range(8))
def test_every_octet_with_one_bit_flipped(bit: int) -> None:
    """Wherever it happens, one changed bit is refused with a named reason."""
    flipped = (SMALL[:at] + bytes([SMALL[at] ^ 1 << bit]) + SMALL[at + 1 :] for at in range(len(SMALL)))

    assert [at for at, envelope in enumerate(flipped) if opens(envelope)] == []


@pytest.mark.parametrize("octet", [b"\0", b" ", b'"', b"0", b"A", b"=", b"}", b"\xff"], ids=repr)
def test_every_octet_replaced(octet: bytes) -> None:
    """No octet can be replaced by one that means something to JSON or base64."""
    replaced = (SMALL[:at] + octet + SMALL[at + 1 :] for at in range(len(SMALL)) if SMALL[at : at + 1] != octet)

    assert not [envelope for envelope in replaced if opens(envelope)]


def test_every_truncation() -> None:
    """No beginning of an envelope passes for the whole."""
    assert [size for size in range(len(SMALL)) if opens(SMALL[:size])] == []


def test_every_octet_lost() -> None:
    """No single octet can be left out."""
    assert [at for at in range(len(SMALL)) if opens(SMALL[:at] + SMALL[at + 1 :])] == []


@pytest.mark.parametrize("octet", [b"\0", b" ", b"\n", b"A", b"="], ids=repr)
def test_an_octet_added_anywhere(octet: bytes) -> None:
    """No octet can be slipped in, not even white space at the end."""
    assert [at for at in range(len(SMALL) + 1) if opens(SMALL[:at] + octet + SMALL[at:])] == []
