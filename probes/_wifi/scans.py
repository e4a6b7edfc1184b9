"""
What does one scan hear, and did it run to its end?

*Method*: a flushed scan is triggered; the kernel's event of our interface says that it ended, or was aborted. Entries that were last seen before
the scan began are left out, by the boot clock where the driver tells it, else by their age. A scan of somebody else's is waited for.

What it does not prove: that the radio stayed long enough on each channel to hear each access point: five scans make up for that.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.model import Failure, Unmeasurable
from probes._wifi.adapter import Adapter, Asks
from probes._wifi.air import Sample
from probes._wifi.attributes import Attr, Bss, Command, encoded, number, table
from probes._wifi.kernel import Events, Refused

FLUSH = 1 << 1  # enum nl80211_scan_flags
LONGEST_SCAN_S = 20.0
BUSY_WAIT_S = 10.0
AGAIN_S = 0.3
ASSOCIATED = 1
NS_MS = 1_000_000
ANY_SSID = encoded(1, b"")
FIXES = {
    errno.EPERM: (Failure.NOT_PERMITTED, "may not scan: run as root, or give the program CAP_NET_ADMIN"),
    errno.ENETDOWN: (Failure.NOT_SUPPORTED, "is down: rfkill unblock wifi; ip link set {name} up"),
    errno.EOPNOTSUPP: (Failure.NOT_SUPPORTED, "cannot scan: its driver does not know how"),
    errno.ENODEV: (Failure.NOT_SUPPORTED, "is gone: the adapter was pulled out"),
    errno.EBUSY: (Failure.TIMED_OUT, "is busy: another program scans without a pause"),
}


@dataclass(frozen=True, slots=True)
class Done:
    """How a scan ended: complete with its fresh entries, or aborted."""

    complete: bool
    samples: tuple[Sample, ...] = ()


def scan(kernel: Asks, events: Events, radio: Adapter) -> Done:
    """Trigger one scan and gather what it heard; raises Unmeasurable where the adapter cannot scan."""
    events.waiting()  # what happened before is no answer
    started_ns = _trigger(kernel, events, radio)
    if not _ended(events, radio):
        return Done(False)
    return Done(True, tuple(heard(kernel, radio, started_ns)))


def _trigger(kernel: Asks, events: Events, radio: Adapter) -> int:
    """Begin a scan, when nobody else is at it; gives the boot clock (ns) of its beginning."""
    asked: dict[int, bytes] = {
        Attr.IFINDEX: radio.index.to_bytes(4, "little"),
        Attr.SCAN_SSIDS: ANY_SSID,
        Attr.SCAN_FLAGS: FLUSH.to_bytes(4, "little"),
    }
    until_s = time.monotonic() + BUSY_WAIT_S
    while True:
        started_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        try:
            kernel.request(Command.TRIGGER_SCAN, asked)
            return started_ns
        except Refused as wrong:
            if wrong.errno != errno.EBUSY or time.monotonic() > until_s:
                raise _unmeasurable(wrong, radio) from wrong
        time.sleep(AGAIN_S)
        events.waiting()


def _unmeasurable(wrong: Refused, radio: Adapter) -> Unmeasurable:
    """What to do about a refusal."""
    failure, words = FIXES.get(wrong.errno or 0, (Failure.UNREADABLE, f"did not scan: {wrong.strerror}"))
    return Unmeasurable(failure, f"{radio.name} {words.format(name=radio.name)}")


def _ended(events: Events, radio: Adapter) -> bool:
    """Wait for the end of the scan of our interface; False where it was aborted, or told nothing in time."""
    for event in events.until(time.monotonic() + LONGEST_SCAN_S):
        if number(table(event.octets).get(Attr.IFINDEX)) != radio.index:
            continue
        if event.command in (Command.NEW_SCAN_RESULTS, Command.SCAN_ABORTED):
            return event.command == Command.NEW_SCAN_RESULTS
    return False


def heard(kernel: Asks, radio: Adapter, started_ns: int) -> Iterator[Sample]:
    """The entries of the kernel's table that were seen since a moment of the boot clock."""
    asked: dict[int, bytes] = {Attr.IFINDEX: radio.index.to_bytes(4, "little")}
    age_ms = (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - started_ns) // NS_MS
    for octets in kernel.request(Command.GET_SCAN, asked, dump=True):
        entry = table(table(octets).get(Attr.BSS, b""))
        if is_fresh(entry, started_ns, age_ms) and (sample := sample_of(entry)) is not None:
            yield sample


def is_fresh(entry: dict[int, bytes], started_ns: int, age_ms: int) -> bool:
    """Whether an entry was seen since then; one that tells neither moment nor age may be old."""
    last_ns = number(entry.get(Bss.LAST_SEEN_BOOTTIME))
    if last_ns and started_ns:
        return last_ns >= started_ns
    seen_ms = number(entry.get(Bss.SEEN_MS_AGO))
    return seen_ms is not None and seen_ms <= age_ms


def sample_of(entry: dict[int, bytes]) -> Sample | None:
    """One entry as a sample; None for what has no BSSID."""
    bssid = entry.get(Bss.BSSID, b"")
    if len(bssid) != 6:
        return None
    return Sample(
        bssid=bssid.hex(":"),
        frequency_mhz=number(entry.get(Bss.FREQUENCY)) or 0,
        signal_mbm=number(entry.get(Bss.SIGNAL_MBM), signed=True),
        capability=number(entry.get(Bss.CAPABILITY)) or 0,
        elements=entry.get(Bss.ELEMENTS) or entry.get(Bss.BEACON_ELEMENTS) or b"",
        associated=number(entry.get(Bss.STATUS)) == ASSOCIATED,
    )
