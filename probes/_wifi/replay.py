"""
What does a recording hold, read as a scan would be?

*Method*: a dump of nl80211's answer (raw octets, or hex text as strace and pyroute2 write it) goes through the reader of live scans; the frames of a capture file
become samples of the same form.

What it does not prove: where and when it was recorded. The judge takes it in a virtual school only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyroute2.common import load_dump  # type: ignore[import-untyped]  # the library ships no types

from evidence.model import Failure, Unmeasurable
from probes._captures import heard_in
from probes._wifi.air import Sample
from probes._wifi.attributes import Attr, messages, table
from probes._wifi.scans import is_fresh, sample_of

STALE_MS = 10_000  # no scan takes longer: what is older was in the cache before it
LARGEST_FILE = 64 * 1024 * 1024  # octets


def captured(path: Path) -> Iterator[Sample]:
    """The beacons and probe responses of a capture file; raises Unmeasurable."""
    for one in heard_in(path):
        yield Sample(one.bssid, one.frequency_mhz or 0, one.signal_mbm, one.capability, one.elements)


def dumped(path: Path) -> Iterator[Sample]:
    """The fresh entries of a recorded dump; raises Unmeasurable for a file that holds none."""
    entries = [table(table(one).get(Attr.BSS, b"")) for one in messages(_octets(path))]
    if not any(entries):
        raise Unmeasurable(
            Failure.UNREADABLE, f"{path.name}: no dump of nl80211's GET_SCAN, neither octets nor hex text"
        )
    for entry in entries:
        if is_fresh(entry, 0, STALE_MS) and (sample := sample_of(entry)) is not None:
            yield sample


def _octets(path: Path) -> bytes:
    """The octets of a dump, also where it is written as hex text."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Unmeasurable(Failure.INSTRUMENT_LIMIT, f"{path.name}: larger than {LARGEST_FILE // 1024**2} MiB")
        content = path.read_bytes()
    except OSError as wrong:
        raise Unmeasurable(Failure.UNREADABLE, f"{path.name}: {wrong.strerror or wrong}") from wrong
    try:
        found = load_dump(content.decode("ascii"))
    except (UnicodeDecodeError, ValueError):  # no text, or no hex in it
        return content
    return found.encode("latin-1") if isinstance(found, str) else bytes(found)
