"""Can a small body fill the memory, or carry two messages?"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.errors import Malformed, Rejected, TooLarge
from evidence.seal import LARGEST_ENVELOPE, deflated, inflated

MAGIC = bytes.fromhex("28b52ffd")  # RFC 8878 section 3.1.1
GIB = 1024**3
BLOCK = 128 * 1024


def by_hand(window: bytes, blocks: int) -> bytes:
    """A frame of RLE blocks, each four octets that inflate to 128 KiB of zeros: the densest that RFC 8878 allows."""
    block = (1 << 1 | BLOCK << 3).to_bytes(3, "little") + b"\0"
    last = (1 | 1 << 1 | BLOCK << 3).to_bytes(3, "little") + b"\0"
    return MAGIC + b"\0" + window + block * (blocks - 1) + last


WINDOW_8_MIB, WINDOW_16_MIB = b"\x68", b"\x70"  # exponent 13 and 14, RFC 8878 section 3.1.1.1.2


@settings(deadline=None)
@given(st.binary(max_size=4096))
def test_what_travels_arrives(content: bytes) -> None:
    """A compressed body inflates to the same bytes."""
    assert inflated(deflated(content)) == content


def test_raw_evidence_of_the_largest_size() -> None:
    """The limit is the caller's: 16 MiB of raw evidence travel as one frame."""
    content = bytes(range(256)) * (64 * 1024)

    assert inflated(deflated(content), len(content)) == content


def test_just_at_the_bound() -> None:
    """Exactly the bound is accepted."""
    assert len(inflated(by_hand(WINDOW_8_MIB, LARGEST_ENVELOPE // BLOCK))) == LARGEST_ENVELOPE


def streamed(size: int) -> bytes:
    """Zeros as zstd itself packs them, without the size in the header."""
    packer = zstandard.ZstdCompressor().compressobj()
    return b"".join(packer.compress(bytes(BLOCK)) for _ in range(size // BLOCK)) + packer.flush()


BOMBS = {
    "one octet more": (deflated(bytes(LARGEST_ENVELOPE + 1)), TooLarge),
    "1 GiB of zeros": (streamed(GIB), TooLarge),
    "1 GiB, the densest frame there is": (by_hand(WINDOW_8_MIB, GIB // BLOCK), TooLarge),
    "1 GiB of zeros cut short": (streamed(GIB)[:-10], TooLarge),
}
NOT_ONE_FRAME = {
    "nothing": b"",
    "not zstd": b'{"payload":""}',
    "gzip": bytes.fromhex("1f8b0800000000000003"),
    "header alone": MAGIC,
    "cut by one octet": deflated(b"report" * 100)[:-1],
    "cut in the middle": deflated(bytes(range(256)) * 100)[:60],
    "an octet behind": deflated(b"report") + b"\0",
    "an octet behind a full step": by_hand(WINDOW_8_MIB, 2).ljust(64, b"\0"),
    "an octet behind, in the next step": by_hand(WINDOW_8_MIB, 1).ljust(65, b"\0"),
    "exactly one step and an octet behind": by_hand(WINDOW_8_MIB, 14) + b"\0" * 3,
    "two frames": deflated(b"report") + deflated(b"report"),
    "an empty frame behind": deflated(b"report") + deflated(b""),
    "a skippable frame before": bytes.fromhex("502a4d18") + b"\x01\0\0\0x" + deflated(b"report"),
    "a skippable frame behind": deflated(b"report") + bytes.fromhex("502a4d18") + b"\x01\0\0\0x",
    "a window above 8 MiB": by_hand(WINDOW_16_MIB, 1),
    "a content size of 1 GiB, one segment": MAGIC + b"\xa0" + GIB.to_bytes(4, "little") + b"\x01\0\0",
    "a checksum that does not match": zstandard.ZstdCompressor(write_checksum=True).compress(b"report")[:-4] + bytes(4),
    "a dictionary that nobody has": MAGIC + b"\x21\x07\x01\x09\0\0a",
}


@pytest.mark.parametrize(("body", "refusal"), BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_stopped_at_the_bound(body: bytes, refusal: type[Rejected]) -> None:
    """Inflating stops as soon as the bound is passed, whatever the frame still holds."""
    with pytest.raises(refusal, match="inflates to more than"):
        inflated(body)


@pytest.mark.parametrize("body", NOT_ONE_FRAME.values(), ids=NOT_ONE_FRAME.keys())
def test_anything_but_one_whole_frame(body: bytes) -> None:
    """One body is one zstd frame: cut, doubled, padded or foreign bodies are refused."""
    with pytest.raises(Malformed, match=r"^malformed: body: "):
        inflated(body)


CHILD = """
import json, resource, sys
from evidence.errors import TooLarge
from evidence.seal import inflated
body = sys.stdin.buffer.read()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 64 * 2**20,) * 2)
try:
    inflated(body)
except TooLarge as refusal:
    print(json.dumps(refusal.code))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory limit of a process is read and set as on Linux")
@pytest.mark.parametrize("body", [streamed(GIB), by_hand(WINDOW_8_MIB, GIB // BLOCK)], ids=["streamed", "densest"])
def test_a_bomb_in_little_memory(body: bytes) -> None:
    """A process that may take 64 MiB more survives a bomb of 1 GiB and names it."""
    done = subprocess.run([sys.executable, "-c", CHILD], input=body, capture_output=True, check=True, timeout=60)

    assert json.loads(done.stdout) == "too_large"
