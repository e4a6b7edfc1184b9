"""What do a measurement server and an agent say to each other, and what proves that content arrived?"""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from evidence import stream
from evidence.errors import BadSignature, Malformed, UnknownKey
from evidence.seal import SCAN, key_id, seal
from evidence.stream import Bins, Direction, Done, Ended, Hello, Join, Keystream, Ticket, Unframing, frame, open_ticket

# RFC 8439 section 2.5.2.
RFC_KEY = bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
RFC_TEXT = b"Cryptographic Forum Research Group"
RFC_TAG = bytes.fromhex("a8061dc1305136c6c22b8baf0c0127a9")
TICKET = Ticket(
    session="5e" * 16,
    school="lab",
    scan="5c" * 16,
    agent="a" * 64,
    server="b" * 64,
    directions=(Direction.DOWN, Direction.UP),
    not_before_unix_us=1,
    not_after_unix_us=2,
    most_octets=3,
)
DONE = Done(
    run=1,
    direction=Direction.DOWN,
    ended=Ended.STEADY,
    steady=True,
    from_us=500_000,
    to_us=4_000_000,
    octets=437_500_000,
    rate_bit_s=1_000_000_000,
    half_width_ppm=120,
    facts={"streams": 4, "seen": "192.0.2.2"},
)
MESSAGES: list[stream.Message] = [
    Hello(stream.VERSION),
    Hello(stream.VERSION, "ticket"),
    stream.Waiting(2, 12_000_000),
    stream.Refused("used", "this ticket was used"),
    stream.Welcome("5e" * 16, "c" * 64, "d" * 32, "e" * 64, "192.0.2.2", 1, 2),
    stream.Run(1, Direction.UP, 4, 12_000_000),
    Join("d" * 32, 1, 3),
    stream.Echo("d" * 32),
    stream.Go(1),
    Bins(1, 20, (0, 5, 7)),
    stream.Stop(1),
    DONE,
    stream.Bye(),
    stream.Sealed("{}"),
]


@dataclass(frozen=True)
class Keys:
    """The collector's key and a stranger's."""

    collector: Ed25519PrivateKey
    stranger: Ed25519PrivateKey


@pytest.fixture
def keys() -> Keys:
    """Two new keys."""
    return Keys(Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate())


# --- Frames -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_every_message_comes_back(message: stream.Message) -> None:
    """A message survives its frame, whatever kind it is."""
    assert list(Unframing().fed(frame(message))) == [message]


def test_octet_by_octet() -> None:
    """Frames may come in pieces of any size."""
    unframing = Unframing()
    found = [message for octet in b"".join(map(frame, MESSAGES)) for message in unframing.fed(bytes([octet]))]

    assert found == MESSAGES


def test_content_after_a_frame_is_left() -> None:
    """What follows the frame that was taken is content, and stays as it came."""
    unframing = Unframing()
    first = next(unframing.fed(frame(Join("d" * 32, 1, 0)) + b"content"))

    assert (first, bytes(unframing.rest)) == (Join("d" * 32, 1, 0), b"content")


@pytest.mark.parametrize(
    ("octets", "named"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n", "octets, at most", id="a browser"),
        pytest.param((2**32 - 1).to_bytes(4, "big"), "octets, at most", id="a length that nobody sends"),
        pytest.param((3).to_bytes(4, "big") + b"{}}", "frame", id="no JSON"),
        pytest.param((2).to_bytes(4, "big") + b"{}", "frame", id="no kind"),
        pytest.param((14).to_bytes(4, "big") + b'{"type":"boo"}', "boo", id="a kind that is not known"),
        pytest.param((16).to_bytes(4, "big") + b'{"type":"hello"}', "version", id="a field is missing"),
        pytest.param((4).to_bytes(4, "big") + b'"\xff\xfe"', "frame", id="no UTF-8"),
        pytest.param(
            (200_020).to_bytes(4, "big") + b'{"type":"bye","x":' + b"[" * 200_002, "frame", id="nested too deep"
        ),
    ],
)
def test_what_is_no_frame(octets: bytes, named: str) -> None:
    """What is no message is refused as soon as it can be seen, in words that say why."""
    with pytest.raises(Malformed, match=named):
        list(Unframing().fed(octets))


def test_unknown_fields_are_ignored() -> None:
    """A later version may say more."""
    body = b'{"type":"go","run":3,"later":true}'

    assert list(Unframing().fed(len(body).to_bytes(4, "big") + body)) == [stream.Go(3)]


# --- Tickets ----------------------------------------------------------------------------------------------------------


def test_ticket_comes_back(keys: Keys) -> None:
    """A ticket that the collector sealed says what it said."""
    sealed = seal(stream.TICKET, TICKET, keys.collector).decode()

    assert open_ticket(sealed, keys.collector.public_key()) == TICKET


def test_ticket_of_a_stranger(keys: Keys) -> None:
    """Whoever else seals a ticket is not known."""
    forged = seal(stream.TICKET, TICKET, keys.stranger).decode()

    with pytest.raises(UnknownKey):
        open_ticket(forged, keys.collector.public_key())


def test_ticket_in_the_collectors_name(keys: Keys) -> None:
    """A ticket that names the collector's key without its signature is refused."""
    forged = seal(stream.TICKET, TICKET, keys.stranger).decode()
    theirs, ours = (key_id(key.public_key()) for key in (keys.stranger, keys.collector))

    with pytest.raises(BadSignature):
        open_ticket(forged.replace(theirs, ours), keys.collector.public_key())


def test_another_thing_that_the_collector_sealed(keys: Keys) -> None:
    """A sealed order is no ticket, though the same key sealed it."""
    sealed = seal(SCAN, TICKET, keys.collector).decode()

    with pytest.raises(Malformed, match="payloadType"):
        open_ticket(sealed, keys.collector.public_key())


# --- Content ----------------------------------------------------------------------------------------------------------


def test_keystream_is_aes_in_counter_mode() -> None:
    """Content is AES-128-CTR from a counter of zero, and goes on from chunk to chunk."""
    key, whole = os.urandom(16), bytearray(stream.LARGE_CHUNK + stream.SMALL_CHUNK)
    content = Keystream(key)
    content.fill(memoryview(whole), stream.SMALL_CHUNK)
    content.fill(memoryview(whole)[stream.SMALL_CHUNK :], stream.LARGE_CHUNK)

    assert bytes(whole) == Cipher(AES(key), CTR(bytes(16))).encryptor().update(bytes(len(whole)))


def test_no_more_is_filled_than_asked() -> None:
    """What lies behind the chunk in a buffer is not touched."""
    buffer = bytearray(b"x" * 64)
    Keystream(bytes(16)).fill(buffer, 48)

    assert bytes(buffer[48:]) == b"x" * 16


def test_tag_is_poly1305() -> None:
    """A tag is that of RFC 8439."""
    assert stream.tag(RFC_KEY, memoryview(RFC_TEXT)) == RFC_TAG


@pytest.mark.parametrize("at", [0, 20_000, stream.SMALL_CHUNK - 1])
def test_a_chunk_that_lacks_an_octet_has_another_tag(at: int) -> None:
    """Whoever did not read one octet of a chunk does not know its tag."""
    chunk = bytearray(os.urandom(stream.SMALL_CHUNK))
    right = stream.tag(RFC_KEY, chunk)
    chunk[at] ^= 1

    assert (stream.is_right(right, stream.tag(RFC_KEY, chunk)), stream.is_right(right, right)) == (False, True)


def test_chunks_grow_at_one_place() -> None:
    """Both ends cut a stream alike: small chunks up to a fixed offset, large ones after it, and a small one ends there."""
    sizes = [stream.chunk_octets(offset) for offset in (0, stream.SMALL_UNTIL - 1, stream.SMALL_UNTIL)]

    assert (sizes, stream.SMALL_UNTIL % stream.SMALL_CHUNK) == (
        [stream.SMALL_CHUNK, stream.SMALL_CHUNK, stream.LARGE_CHUNK],
        0,
    )


@pytest.mark.parametrize(
    ("rate_bit_s", "rtt_us", "streams"),
    [
        pytest.param(100_000_000, 1_000, 4, id="never fewer than four"),
        pytest.param(1_000_000_000, 80_000, 4, id="just four"),
        pytest.param(1_000_000_000, 80_001, 5, id="one more"),
        pytest.param(2_500_000_000, 40_000, 5, id="2.5G at 40 ms"),
        pytest.param(10_000_000_000, 100_000, 32, id="never more than 32"),
    ],
)
def test_streams(rate_bit_s: int, rtt_us: int, streams: int) -> None:
    """One stream for each 20 Mbit that are under way in a round trip, 4 to 32."""
    assert stream.streams_for(rate_bit_s, rtt_us) == streams
