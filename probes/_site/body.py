"""
How much do two pages differ?

*Method*: what is drawn anew for each request (long tokens, times, counters of seconds) is put out of the way; the rest is cut at tags and
at the punctuation of scripts, and the pieces that both pages have are weighed by their length. That takes time in proportion to the
page, whatever is in it: `difflib` would take its square, and the page is somebody else's. Of each page the first 512,000 octets count.

What it does not prove: that the pieces stand in the same order, or that what they lead to is alike.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Mapping

PAGE_OCTETS = 500 * 1024  # of robots.txt no less may count (RFC 9309 section 2.5)
ALL_PPM = 1_000_000
TOKEN = re.compile(r"(?<![0-9A-Za-z_-])[0-9A-Za-z_-]{16,128}(?![0-9A-Za-z_-])")
MOMENT = re.compile(r"\d{9,20}|\d{1,2}:\d{2}(:\d{2})?")
CUT = re.compile(r"[<>;,{}\n]")
CHARSET = re.compile(r"charset=[\"']?([0-9A-Za-z_-]{1,32})", re.IGNORECASE)
# Not whatever a page names: some of Python's codecs take the square of the page.
CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5", "iso-8859-1": "latin-1"}
GZIP_OR_ZLIB = 47  # zlib: either header, the largest window


def text_of(body: bytes, headers: Mapping[str, str]) -> str | None:
    """The text of an answer; None where it is packed in a way that is not read here."""
    packed = headers.get("content-encoding", "identity").strip().lower()
    if packed in ("gzip", "x-gzip", "deflate"):
        unpacked = _unpacked(body)
    else:
        unpacked = body if packed in ("", "identity") else None
    if unpacked is None:
        return None
    named = CHARSET.search(headers.get("content-type", "")) or CHARSET.search(unpacked[:2048].decode("latin-1"))
    return _decoded(unpacked[:PAGE_OCTETS], named[1] if named else "utf-8")


def difference_ppm(one: str, other: str) -> int:
    """Which share of both pages is not in the other one, in ppm, rounded up."""
    first, second = _pieces(one), _pieces(other)
    whole = _weight(first) + _weight(second)
    common = 2 * _weight(first & second)
    return -(-(whole - common) * ALL_PPM // whole) if whole else 0


def _unpacked(body: bytes) -> bytes | None:
    """The content of a packed body, no more than a page; None where it cannot be unpacked."""
    try:
        return zlib.decompressobj(GZIP_OR_ZLIB).decompress(body, PAGE_OCTETS)
    except zlib.error:
        return None


def _decoded(octets: bytes, charset: str) -> str:
    """Text, with a mark for what is none; GB 2312 and GBK are parts of GB 18030, and what is named otherwise is read as UTF-8."""
    return octets.decode(CHARSETS.get(charset.lower(), "utf-8"), "replace")


def _pieces(text: str) -> Counter[str]:
    """What a page is made of."""
    steady = MOMENT.sub("*", TOKEN.sub(_unless_word, text))
    return Counter(filter(None, map(str.strip, CUT.split(steady))))


def _unless_word(found: re.Match[str]) -> str:
    """A mark for what has a digit in it; long words stay."""
    return "*" if any(letter.isdigit() for letter in found[0]) else found[0]


def _weight(pieces: Counter[str]) -> int:
    """How many characters all pieces have together."""
    return sum(len(piece) * count for piece, count in pieces.items())
