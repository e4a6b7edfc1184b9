"""
What held the rate back, and is the rate therefore the most that the line can carry?

*Method*: the sender's TCP_INFO, the port with its driver, the load of both boxes, a second server and the counters of the port to the outside are
put into one order, the surest cause first: what we held back ourselves, then what was measured beside this run, then what each box tells of
itself; only what is left over is the network. docs/egress.md argues the order and says where each threshold comes from. Pure.

What it does not prove: that there is but one cause. An upper end is told only where each other cause is shown to be absent.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from evidence.layers import Segments
from evidence.model import Facts
from evidence.steady import ALL_PPM
from evidence.stream import Direction
from probes._egress.counted import PLATEAU_PPM
from probes._egress.load import Load
from probes._interfaces import Port

PACED_PPM = 970_000  # of the pace: it was reached
PORT_PPM = 970_000  # of what the port's rate carries
BOX_PPM, WAITED_PPM = 950_000, 400_000  # waited: of each stream's time, where octets were under way all the time
IDLE_LINE_BOX_PPM, IDLE_LINE_WAITED_PPM = 900_000, 200_000  # of the run's time by all threads, where they were not
CORE_PPM = 950_000
INTERRUPTS_PPM = 500_000  # of one processor: it does nothing but take packets
RECEIVER_PPM = 100_000
BUSY_PPM = 900_000
BUFFER_PPM = 100_000
SECOND_PPM = 1_050_000
OTHERS_PPM = 1_100_000
AGREED_PPM = 100_000
HEADROOM_PPM = 1_250_000
IDLE_BOX_PPM = 800_000
POLICED_PPM = 10_000  # segments sent again
RAISED_US = 5_000
SMALL_MSS = 1400
# Drivers that tell any rate, or none of their own; the judge keeps its own list of those it believes.
VIRTUAL = frozenset(
    [
        *("802.1Q VLAN Support", "bonding", "bridge", "dummy", "e1000", "ena", "gve", "hv_netvsc", "ipvlan", "macvlan"),
        *("team", "tun", "unknown", "veth", "virtio_net", "vmxnet3", "vxlan", "wireguard", "xen_netfront", "vif"),
    ]
)


@dataclass(frozen=True, slots=True)
class Sender:
    """What the sending end's kernel told, in ppm of the run's time or of segments; the medians or sums over its streams."""

    busy_ppm: int = 0
    receiver_limited_ppm: int = 0
    buffer_limited_ppm: int = 0
    app_limited: bool = False
    retransmitted_ppm: int = 0
    lost_ppm: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was seen of one run; rates are payload in bit/s unless they say otherwise, None and 0 where nothing is known."""

    direction: Direction
    rate_bit_s: int
    server_bit_s: int
    half_width_ppm: int
    steady: bool
    segments: Segments
    sender: Sender
    whole: bool = True
    streams: int = 4
    pace_bit_s: int = 0
    port: Port | None = None
    virtual_ports: bool = False
    load: Load | None = None
    server_cpu_ppm: int = 0
    server_wait_ppm: int = 0
    idle_us: int = 0
    loaded_us: int = 0
    second_bit_s: int | None = None
    witness_l2_bit_s: int | None = None
    hour_best_bit_s: int = 0
    gained_ppm: int | None = None

    @property
    def port_payload_bit_s(self) -> int | None:
        """The payload that our own port can carry; None where its rate is not believed."""
        port = self.port
        if port is None or port.speed_bit_s is None or (port.driver in VIRTUAL and not self.virtual_ports):
            return None
        return self.segments.payload_of_l1(port.speed_bit_s)

    @property
    def others_bit_s(self) -> int:
        """What others had of the line meanwhile, by the witness, as payload."""
        own = self.segments.l2(self.rate_bit_s)
        others = (self.witness_l2_bit_s or own) - own
        return others * self.rate_bit_s // own if others > 0 < own else 0


@dataclass(frozen=True, slots=True)
class Limit:
    """A state of `egress.limited_by`, and how it shows."""

    state: str
    facts: Facts = field(default_factory=dict)


def limit(seen: Seen) -> Limit:
    """The first cause in order that what was seen shows."""
    state, how = _cause(seen)
    facts: Facts = {"how": how}
    return Limit(state, facts | _mtu(seen))


def _cause(seen: Seen) -> tuple[str, str]:
    """The state and how it shows."""
    if not seen.whole:
        return "unknown", "cut"
    for state, how in (
        ("pace", _pace(seen)),
        ("port", _port(seen)),
        ("server", _second(seen)),
        ("other_traffic", _others(seen)),
        ("cpu", _cpu(seen)),
        ("server", _server(seen)),
        ("receiver", _receiver(seen)),
        ("network", _policer(seen)),
        ("unsteady", None if seen.steady else "interval"),
        ("network", _network(seen)),
    ):
        if how is not None:
            return state, how
    # Upward a send buffer that is too small is this box's, and no state of its own.
    return "unknown", "idle" if seen.sender.busy_ppm < BUSY_PPM else "send_buffer"


def _mtu(seen: Seen) -> Facts:
    """The packet size, where it is small for an Ethernet line."""
    return {"mtu": seen.segments.packet} if seen.segments.mss < SMALL_MSS else {}


def _pace(seen: Seen) -> str | None:
    reached = seen.pace_bit_s and seen.rate_bit_s * ALL_PPM >= seen.pace_bit_s * PACED_PPM
    return "reached" if reached else None


def _port(seen: Seen) -> str | None:
    most = seen.port_payload_bit_s
    return "full" if most is not None and seen.rate_bit_s * ALL_PPM >= most * PORT_PPM else None


def _second(seen: Seen) -> str | None:
    """The far box had less to give than a second one over the same line."""
    faster = seen.second_bit_s is not None and seen.second_bit_s * ALL_PPM > seen.rate_bit_s * SECOND_PPM
    return "second" if faster else None


def _cpu(seen: Seen) -> str | None:
    """This box: we waited for a processor, or one does nothing but take packets; upward also a sender that did not fill its sockets."""
    load = seen.load
    if load is not None and _short(seen, load.box_ppm, load.waited_ppm):
        return "box"
    if load is not None and load.core_ppm >= CORE_PPM and load.interrupts_ppm >= INTERRUPTS_PPM:
        return "core"
    return "sender" if seen.direction is Direction.UP and _starved(seen.sender) else None


def _short(seen: Seen, box_ppm: int, waited_ppm: int) -> bool:
    """Whether a box was too busy for the run: much waiting alone proves little while the line is kept busy."""
    if seen.sender.busy_ppm < BUSY_PPM:
        return box_ppm >= IDLE_LINE_BOX_PPM and waited_ppm >= IDLE_LINE_WAITED_PPM
    return box_ppm >= BOX_PPM and waited_ppm >= WAITED_PPM * seen.streams


def _starved(sender: Sender) -> bool:
    """Whether the sending program, not the line, decided how much was sent."""
    return sender.app_limited and sender.busy_ppm < BUSY_PPM


def _server(seen: Seen) -> str | None:
    """The far box, in its own words: it had nothing to send, no room or no time for it."""
    if seen.direction is Direction.DOWN and _starved(seen.sender):
        return "sender"
    if seen.direction is Direction.DOWN and seen.sender.buffer_limited_ppm >= BUFFER_PPM:
        return "send_buffer"
    if _short(seen, seen.server_cpu_ppm, seen.server_wait_ppm):
        return "cpu"
    return None


def _receiver(seen: Seen) -> str | None:
    """The receiving end took it too slowly: this box downward, the server upward."""
    slow = seen.sender.receiver_limited_ppm >= RECEIVER_PPM
    return ("window" if seen.direction is Direction.DOWN else "server_window") if slow else None


def _others(seen: Seen) -> str | None:
    """Somebody else on the line, while we kept it busy."""
    own, sender = seen.segments.l2(seen.rate_bit_s), seen.sender
    full = sender.busy_ppm >= BUSY_PPM and max(sender.receiver_limited_ppm, sender.buffer_limited_ppm) < RECEIVER_PPM
    shared = seen.witness_l2_bit_s is not None and seen.witness_l2_bit_s * ALL_PPM > own * OTHERS_PPM
    return "witness" if full and shared else None


def _policer(seen: Seen) -> str | None:
    """A line that drops at once what is above its rate: many segments are sent again, and no queue fills. Its rate never settles well."""
    return "policer" if seen.sender.retransmitted_ppm >= POLICED_PPM and not _raised(seen) else None


def _raised(seen: Seen) -> bool:
    """Whether round trips are longer than on the idle line."""
    return seen.loaded_us > seen.idle_us + RAISED_US


def _network(seen: Seen) -> str | None:
    """The line: the senders had octets under way all the time, and nothing else held them."""
    if seen.sender.busy_ppm < BUSY_PPM or seen.sender.buffer_limited_ppm >= BUFFER_PPM:
        return None
    return "shaper" if _raised(seen) else "full"


def at_most(seen: Seen, found: Limit) -> int | None:
    """The most payload that the line can carry, where that is shown; None where anything else may have held the rate back."""
    settled = found.state == "network" and seen.steady
    if not settled or seen.second_bit_s is None or seen.witness_l2_bit_s is None:
        return None
    larger = max(seen.rate_bit_s, seen.server_bit_s, seen.second_bit_s)
    upper = larger * (ALL_PPM + seen.half_width_ppm) // ALL_PPM + seen.others_bit_s
    agreed = abs(seen.rate_bit_s - seen.second_bit_s) * ALL_PPM <= larger * AGREED_PPM
    room = min(seen.port_payload_bit_s or 0, seen.hour_best_bit_s) * ALL_PPM >= upper * HEADROOM_PPM
    quiet = seen.load is not None and seen.load.box_ppm < IDLE_BOX_PPM
    plateau = seen.gained_ppm is not None and seen.gained_ppm < PLATEAU_PPM
    return upper if agreed and room and quiet and plateau else None
