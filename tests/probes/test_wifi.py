"""Does the probe `wifi` tell what a recording or a kernel's answer holds, and nothing that is stale, or nobody's business?"""

from __future__ import annotations

import errno
import gzip
import json
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from evidence.model import Failure, Raw, Reading, Unmeasurable
from evidence.survey import with_check
from probes._captures import frame_of, heard_in
from probes._dot11.radiotap import bare, ppi, prism
from probes._wifi import scans
from probes._wifi.adapter import Adapter, adapter, bands, noise, regulatory
from probes._wifi.attributes import Attr, Command, attributes, messages
from probes._wifi.kernel import Event, Events, Refused, _events
from probes.wifi import Settings, run
from tests.probes.air import LAST_SEEN, SEEN, SIGNAL, Ap, attribute, captured, dumped, entry

RECORDINGS = Path(__file__).parent.parent.parent.parent / "shared/recordings/beacons"
OWN, TWIN, OTHER = "02:00:00:00:01:10", "02:00:00:00:09:10", "02:00:00:00:08:10"
AIR = [Ap(OWN, signal_dbm=-50), Ap(TWIN, signal_dbm=-60), Ap(OTHER, ssid=b"Cafe", frequency_mhz=2437, signal_dbm=-40)]


def found(path: Path, **settings: Any) -> list[Reading | Raw]:
    """What the probe tells of a recording."""
    kind = "pcap" if path.suffix.startswith((".pcap", ".cap")) else "nl80211_dump"
    return list(run(Settings.model_validate({"source": {kind: str(path)}, **settings})))  # type: ignore[arg-type]


def strengths(told: list[Reading | Raw]) -> dict[str, int]:
    """The strengths by BSSID."""
    mine = [one for one in told if isinstance(one, Reading) and one.quantity == "wifi.signal"]
    return {one.subject: one.low or 0 for one in mine}


def written(path: Path, octets: bytes) -> Path:
    """A file with these octets."""
    path.write_bytes(octets)
    return path


# --- Recordings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["air.pcap", "air.dump", "air.txt"])
def test_a_recording(tmp_path: Path, name: str) -> None:
    """A capture, a dump and a dump as hex text tell the same."""
    octets = captured(AIR) if name.endswith("pcap") else dumped(AIR)
    path = written(tmp_path / name, octets.hex(":").encode() if name.endswith("txt") else octets)

    assert strengths(found(path)) == {OWN: -5000, TWIN: -6000, OTHER: -4000}


def test_whose_is_told(tmp_path: Path) -> None:
    """With the school's lists only its own and who uses its name are told, in readings and in raw evidence; others are a number."""
    told = found(written(tmp_path / "air.dump", dumped(AIR)), owned=[OWN], networks=[b"School".hex()])
    counted = {one.subject: one.value for one in told if isinstance(one, Reading) and one.quantity == "wifi.strangers"}
    raw = next(one for one in told if isinstance(one, Raw))

    kept = {one["bssid"] for one in json.loads(gzip.decompress(raw.content))["networks"]}
    assert (set(strengths(told)), counted, kept) == ({OWN, TWIN}, {"2.4": 1, "5": 0, "6": 0}, {OWN, TWIN})


def test_a_point(tmp_path: Path) -> None:
    """The point comes first, with its attempt and the code as it is compared."""
    code = with_check("K7MQ2")
    first = found(written(tmp_path / "a.dump", dumped(AIR)), point=3, attempt=2, code=code.lower())[0]

    assert isinstance(first, Reading)
    assert (first.quantity, first.value, first.facts) == ("survey.point", 3, {"attempt": 2, "code": code})


def test_a_stale_entry(tmp_path: Path) -> None:
    """What was in the cache for longer than any scan takes is left out."""
    aps = [Ap(OWN), Ap(TWIN, seen_ms=10_001)]

    assert set(strengths(found(written(tmp_path / "a.dump", dumped(aps))))) == {OWN}


@pytest.mark.parametrize("signal", [struct.pack("<i", 0), struct.pack("<i", -20_000), b""])
def test_no_usable_strength(tmp_path: Path, signal: bytes) -> None:
    """A strength that no driver can have measured is none: the network is told without."""
    told = found(written(tmp_path / "a.dump", dumped([Ap(OWN)], {SIGNAL: signal})))

    assert [one.quantity for one in told if isinstance(one, Reading) and one.subject == OWN] == ["wifi.heard"]


def test_a_check_sequence(tmp_path: Path) -> None:
    """The check sequence behind a frame is cut off by the radiotap flag."""
    told = found(written(tmp_path / "a.pcap", captured([Ap(OWN)], fcs=True)))

    assert [one.facts["r"] for one in told if isinstance(one, Reading) and one.subject == OWN] == [0]


BROKEN: list[Any] = [
    pytest.param("a.pcap", b"", Failure.UNREADABLE, id="an empty capture"),
    pytest.param("a.pcap", b"GIF89a" * 10, Failure.UNREADABLE, id="no capture"),
    pytest.param("a.pcap", captured([])[:20] + struct.pack("<I", 1), Failure.NOT_SUPPORTED, id="a capture of Ethernet"),
    pytest.param("a.dump", b"", Failure.UNREADABLE, id="an empty dump"),
    pytest.param("a.dump", b"\xff" * 64, Failure.UNREADABLE, id="no dump"),
    pytest.param("a.dump", b"hello, world", Failure.UNREADABLE, id="a text"),
]


@pytest.mark.parametrize(("name", "octets", "failure"), BROKEN)
def test_a_broken_recording(tmp_path: Path, name: str, octets: bytes, failure: Failure) -> None:
    """What is no recording is told with the file's name."""
    with pytest.raises(Unmeasurable, match=name) as told:
        found(written(tmp_path / name, octets))

    assert told.value.failure is failure


@pytest.mark.parametrize("name", ["gone.pcap", "gone.dump"])
def test_no_recording(tmp_path: Path, name: str) -> None:
    """A file that is not there is told."""
    with pytest.raises(Unmeasurable, match="No such file"):
        found(tmp_path / name)


def test_a_capture_that_is_cut_off(tmp_path: Path) -> None:
    """What came before the cut counts."""
    told = found(written(tmp_path / "a.pcap", captured(AIR)[:-30]))

    assert set(strengths(told)) >= {OWN, TWIN}


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings of other people's radios lie beside this project")
def test_a_real_dump() -> None:
    """A dump of a real adapter, as other programs read it."""
    told = found(RECORDINGS / "iw_scan_rsp.dump")

    assert sorted(strengths(told).values()) == [-4300, -3300, -2800, -1900]


WRONG: list[Any] = [
    pytest.param({"source": {}}, "either pcap or nl80211_dump", id="no recording"),
    pytest.param({"source": {"pcap": "a", "nl80211_dump": "b"}}, "either pcap or nl80211_dump", id="two recordings"),
    pytest.param({"code": "K7MQ22"}, "last letter", id="a slip of the finger"),
    pytest.param({"scans": 0}, "scans", id="no scan"),
    pytest.param({"owned": ["02:00:00:00:00:0G"]}, "owned", id="no BSSID"),
    pytest.param({"networks": ["School"]}, "networks", id="a name that is not hex"),
    pytest.param({"attempt": 4}, "attempt", id="a fourth attempt"),
]


@pytest.mark.parametrize(("settings", "words"), WRONG)
def test_wrong_settings(settings: dict[str, Any], words: str) -> None:
    """Settings that are not the probe's are refused by name."""
    with pytest.raises(ValidationError, match=words):
        Settings.model_validate(settings)


# --- Frames ----------------------------------------------------------------------------------------------------------------


def test_heads() -> None:
    """The older headers before a frame tell their length, and what is too short is none."""
    avs = b"\x80\x21\x10\x01" + struct.pack(">I", 64) + bytes(60)
    old = b"\x44\x00\x00\x00" + struct.pack("<I", 144) + bytes(140)
    heads = [
        bare(b""),
        prism(avs),
        prism(old),
        prism(bytes(200)),
        prism(b"x"),
        ppi(struct.pack("<BBHI", 0, 0, 8, 105)),
        ppi(b""),
    ]

    assert [head.octets if head is not None else None for head in heads] == [0, 64, 144, 144, None, 8, None]


@pytest.mark.parametrize(
    "octets", [b"", b"\x01" * 40, struct.pack("<BBHI", 0, 0, 400, 0) + bytes(40), struct.pack("<BBHI", 0, 0, 8, 0x2F)]
)
def test_no_frame(octets: bytes) -> None:
    """What has no proper header is no frame."""
    assert frame_of(octets) is None


def test_a_damaged_frame(tmp_path: Path) -> None:
    """A frame whose check sequence was wrong is passed over."""
    octets = bytearray(captured([Ap(OWN)]))
    octets[24 + 16 + 8] = 0x40

    assert list(heard_in(written(tmp_path / "a.pcap", bytes(octets)))) == []


# --- The kernel's answers, replayed ------------------------------------------------------------------------------------------


def number(value: int, octets: int = 4) -> bytes:
    """A number of the machine's order."""
    return value.to_bytes(octets, "little")


def interface(name: str, index: int, kind: int = 2) -> bytes:
    """One message of GET_INTERFACE's answer."""
    return (
        attribute(4, name.encode() + b"\0")
        + attribute(3, number(index))
        + attribute(5, number(kind))
        + attribute(1, number(7))
    )


def channel(frequency: int, *flags: int) -> bytes:
    """One channel of a band."""
    return attribute(0, attribute(1, number(frequency)) + b"".join(attribute(flag, b"") for flag in flags))


@dataclass
class Answers:
    """A kernel whose answers the test wrote down; `refuses` are errnos, used up one by one."""

    told: Mapping[int, list[bytes]] = field(default_factory=dict)
    refuses: dict[int, list[int]] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    def request(self, command: int, attributes: Mapping[int, bytes], dump: bool = False) -> list[bytes]:
        """The answer, or a refusal."""
        self.asked.append(command)
        if self.refuses.get(command):
            raise Refused(self.refuses[command].pop(0), "refused")
        return self.told.get(command, [])


RADIO = Adapter("wlan0", 3, 7, "iwlwifi")


@pytest.mark.parametrize(
    ("wanted", "name"), [pytest.param("", "wlan0", id="the first"), pytest.param("wlan1", "wlan1", id="the named one")]
)
def test_adapter(wanted: str, name: str) -> None:
    """The first interface in station mode, or the one that is named."""
    told = Answers({Command.GET_INTERFACE: [interface("wlan1", 4), interface("wlan0", 3), interface("ap0", 5, 3)]})

    assert adapter(told, wanted).name == name


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("", "no wireless interface in station mode; there are: ap0"),
        ("wlan9", "no wireless interface wlan9"),
        ("ap0", "not in station mode"),
    ],
)
def test_no_adapter(wanted: str, words: str) -> None:
    """What cannot be used is told with what there is."""
    told = Answers({Command.GET_INTERFACE: [interface("ap0", 5, 3)]})
    with pytest.raises(Unmeasurable, match=words):
        adapter(told, wanted)


def test_bands() -> None:
    """Channels that are off or for listening only are counted; a band without a channel left is restricted."""
    of_24 = attribute(0, attribute(1, channel(2412) + channel(2472, 3)))
    of_5 = attribute(1, attribute(1, channel(5180, 2) + channel(5200, 2)))
    split = [attribute(1, number(7)) + attribute(22, of_24), attribute(1, number(7)) + attribute(22, of_5)]
    known = bands(Answers({Command.GET_WIPHY: [*split, attribute(1, number(8)) + attribute(22, attribute(3, b""))]}), 7)

    assert {name: (band.state, band.channels, band.disabled, band.no_ir) for name, band in known.items()} == {
        "2.4": ("can", 2, 0, 1),
        "5": ("restricted", 2, 2, 0),
    }


def test_country_and_noise() -> None:
    """The country of the adapter, or of all where it has none of its own; noise where the driver tells it."""
    surveyed = attribute(84, attribute(1, number(5180)) + attribute(2, number(165, 1)))
    told = Answers(
        {
            Command.GET_REG: [attribute(33, b"CN\0")],
            Command.GET_SURVEY: [surveyed, attribute(84, attribute(1, number(5200)))],
        },
        {Command.GET_REG: [errno.ENOENT]},
    )

    assert (
        regulatory(told, 7),
        noise(told, 3),
        noise(Answers(refuses={Command.GET_SURVEY: [errno.EOPNOTSUPP]}), 3),
    ) == (
        "CN",
        {5180: -9100},
        {},
    )


@dataclass
class Said(Events):
    """Events that come as the test has them."""

    waits: list[Event]

    def waiting(self) -> list[Event]:
        """Nothing came before."""
        return []

    def until(self, deadline_s: float) -> Any:
        """One after the other."""
        yield from self.waits


def ended(command: int, index: int = 3) -> Event:
    """The end of a scan of an interface."""
    return Event(command, attribute(Attr.IFINDEX, number(index)))


def heard(**about: Any) -> dict[str, Any]:
    """One scan of a kernel that holds one entry, with these events."""
    events = about.get("events", [ended(Command.NEW_SCAN_RESULTS, 9), ended(Command.NEW_SCAN_RESULTS)])
    kernel = Answers({Command.GET_SCAN: [entry(Ap(OWN), about.get("more"))]}, about.get("refuses", {}))
    done = scans.scan(kernel, Said(events), RADIO)
    return {"complete": done.complete, "bssids": [one.bssid for one in done.samples], "asked": kernel.asked}


def test_a_scan() -> None:
    """The end of our own interface's scan is waited for, not another's."""
    now_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME) + 10**9
    told = heard(more={LAST_SEEN: number(now_ns, 8)})

    assert told == {"complete": True, "bssids": [OWN], "asked": [Command.TRIGGER_SCAN, Command.GET_SCAN]}


@pytest.mark.parametrize(
    ("more", "fresh"),
    [
        pytest.param({LAST_SEEN: number(1, 8)}, False, id="seen before the scan"),
        pytest.param({SEEN: number(60_000)}, False, id="a minute old"),
        pytest.param({SEEN: number(0)}, True, id="seen now"),
        pytest.param({SEEN: b""}, False, id="of an age that nobody tells"),
        pytest.param({1: b"\x02"}, False, id="without a BSSID"),
    ],
)
def test_fresh(more: dict[int, bytes], fresh: bool) -> None:
    """What was seen before the scan began is left out."""
    assert heard(more=more)["bssids"] == ([OWN] if fresh else [])


@pytest.mark.parametrize("events", [[ended(Command.SCAN_ABORTED)], []], ids=["aborted", "no end in time"])
def test_an_aborted_scan(events: list[Event]) -> None:
    """A scan that was aborted, or never told its end, is not complete, and nothing of it counts."""
    assert heard(events=events) == {"complete": False, "bssids": [], "asked": [Command.TRIGGER_SCAN]}


def test_somebody_else_scans() -> None:
    """A scan of another program's is waited for."""
    assert heard(refuses={Command.TRIGGER_SCAN: [errno.EBUSY, errno.EBUSY]})["complete"] is True


@pytest.mark.parametrize(
    ("number_", "failure", "words"),
    [
        (errno.EPERM, Failure.NOT_PERMITTED, "run as root"),
        (errno.ENETDOWN, Failure.NOT_SUPPORTED, "ip link set wlan0 up"),
        (errno.ENODEV, Failure.NOT_SUPPORTED, "pulled out"),
        (errno.EINVAL, Failure.UNREADABLE, "refused"),
    ],
)
def test_refused(number_: int, failure: Failure, words: str) -> None:
    """A refusal says what to do."""
    with pytest.raises(Unmeasurable, match=words) as told:
        heard(refuses={Command.TRIGGER_SCAN: [number_]})

    assert told.value.failure is failure


def test_damaged_messages() -> None:
    """Octets that are cut short or count wrong end the reading, and raise nothing."""
    whole = dumped([Ap(OWN)])
    cuts = [list(messages(whole[:at])) for at in range(0, len(whole), 7)]
    events = [list(_events(whole[:at])) for at in range(0, len(whole), 7)]

    assert (any(cuts), len(events), list(attributes(b"\x01\x00\x01\x00"))) == (False, len(cuts), [])


def test_without_a_radio() -> None:
    """A box without wireless support says so."""
    with pytest.raises(Unmeasurable) as told:
        list(run(Settings()))

    assert told.value.failure is Failure.NOT_SUPPORTED


def test_events_of_a_group() -> None:
    """Events end in time where nothing comes."""
    started = time.monotonic()
    with Events([]) as events:
        nothing = [*events.waiting(), *events.until(started + 0.1)]
        assert (nothing, events.fileno() > 0, socket.AF_NETLINK > 0) == ([], True, True)
