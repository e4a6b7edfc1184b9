"""At what rate does a port run? Every row of the decision table, with the values that real switches have sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes._switch.mau import TYPES, mau_of
from probes._switch.model import Speed, Status
from probes._switch.names import built_for
from probes._switch.speed import RATES, Told, speed_of

M, G = 10**6, 10**9
END = 2**32 - 1
UNKNOWN = (Status.UNKNOWN, None)


def told(high: int | None = None, low: int | None = None, name: str = "port1", mau: int | None = None) -> Speed:
    """The speed of an up port that tells this."""
    return speed_of(Told(True, high, low, (name,), mau))


A_RATE_OF_ETHERNET = [10, 100, 1000, 2500, 5000, 10_000, 25_000, 40_000, 50_000, 100_000, 200_000, 400_000]


@pytest.mark.parametrize("high", A_RATE_OF_ETHERNET)
def test_3a_a_rate_of_ethernet_in_if_high_speed(high: int) -> None:
    """A rate that Ethernet has is taken as reported."""
    assert told(high) == Speed(Status.REPORTED, high * M, "ifHighSpeed")


@pytest.mark.parametrize("high", [1, 54, 1234, 1410, 2000, 20_000, 999_999, -1000])
def test_3a_no_rate_of_ethernet(high: int) -> None:
    """Another number is no rate of one port, whatever it means."""
    assert told(high).bit_s is None


TABLE: dict[str, tuple[Speed, tuple[Status, int | None]]] = {
    "3b bit/s in ifHighSpeed, 100M (DES-3028)": (told(100 * M), (Status.REPAIRED, 100 * M)),
    "3b bit/s in ifHighSpeed, 1G": (told(G), (Status.REPAIRED, G)),
    "3b bit/s in ifHighSpeed, 2.5G, though above 2^31": (told(2_500_000_000), (Status.REPAIRED, 2_500 * M)),
    "3b bit/s in both": (told(G, G), (Status.REPAIRED, G)),
    "3b signed, 2^31 (Fortinet)": (told(2**31), UNKNOWN),
    "3b signed, -10000": (told(2**32 - 10_000), UNKNOWN),
    "3b signed, and ifSpeed does not help": (told(2**32 - 1, G), UNKNOWN),
    "3b above 1e6 and no rate": (told(1_234_567), UNKNOWN),
    "3c ifHighSpeed 0": (told(0, 100 * M), (Status.REPORTED, 100 * M)),
    "3c ifHighSpeed absent": (told(None, G), (Status.REPORTED, G)),
    "3c neither": (told(), UNKNOWN),
    "3c both 0": (told(0, 0), UNKNOWN),
    "3c ifSpeed no rate": (told(0, 123_456_789), UNKNOWN),
    "3c 4294967295 and no name": (told(None, END), UNKNOWN),
    "3c 4294967295 and a gigabit name": (told(None, END, "GigabitEthernet0/0/1"), UNKNOWN),
    "3c 4294967295 xgei (ZTE 5950)": (told(None, END, "xgei-0/1/1/1"), (Status.INFERRED, 10 * G)),
    "3c 4294967295 XGE": (told(None, END, "XGE1/0/25"), (Status.INFERRED, 10 * G)),
    "3c 4294967295 XGigabitEthernet": (told(0, END, "XGigabitEthernet0/0/4"), (Status.INFERRED, 10 * G)),
    "3c 4294967295 Ten-GigabitEthernet": (told(0, END, "Ten-GigabitEthernet1/0/49"), (Status.INFERRED, 10 * G)),
    "3c 4294967295 Te": (told(0, END, "Te1/1/1"), (Status.INFERRED, 10 * G)),
    "3c 4294967295 10GE": (told(0, END, "10GE1/0/1"), (Status.INFERRED, 10 * G)),
    "3c 4294967295 25GE": (told(0, END, "25GE1/0/1"), (Status.INFERRED, 25 * G)),
    "3c 4294967295 Fo": (told(0, END, "Fo1/0/1"), (Status.INFERRED, 40 * G)),
    "3c 4294967295 40GE": (told(0, END, "40GE1/0/1"), (Status.INFERRED, 40 * G)),
    "3c 4294967295 Hu": (told(0, END, "Hu0/25"), (Status.INFERRED, 100 * G)),
    "3c 4294967295 100GE": (told(0, END, "100GE1/0/1"), (Status.INFERRED, 100 * G)),
    "3c 4294967295 SFP+": (told(0, END, "sfp-sfpplus1"), (Status.INFERRED, 10 * G)),
    "3c 2147483647 is the end of a signed gauge": (told(0, 2**31 - 1, "XGE1/0/25"), (Status.INFERRED, 10 * G)),
    "3c 1410065408 is 10G": (told(0, 1_410_065_408), (Status.INFERRED, 10 * G)),
    "3c 3525163520 is 25G": (told(0, 3_525_163_520), (Status.INFERRED, 25 * G)),
    "3c 1345294336 is 40G": (told(0, 1_345_294_336), (Status.INFERRED, 40 * G)),
    "3c 2755359744 is 50G": (told(0, 2_755_359_744), (Status.INFERRED, 50 * G)),
    "3c 1215752192 is 100G": (told(0, 1_215_752_192), (Status.INFERRED, 100 * G)),
    "3c 2820130816 is 20G, which no port has": (told(0, 2_820_130_816), UNKNOWN),
    "3c wrapped, the name agrees": (told(0, 1_410_065_408, "XGE1/0/25"), (Status.INFERRED, 10 * G)),
    "3c wrapped, the name could do more": (told(0, 1_410_065_408, "40GE1/0/1"), (Status.INFERRED, 10 * G)),
    "3c wrapped, the name is plainly less": (told(0, 1_410_065_408, "Gi1/0/1"), (Status.CONFLICT, G)),
    "3c wrapped, the name hints at less": (told(0, 1_410_065_408, "ge1"), UNKNOWN),
    "3d ifSpeed = ifHighSpeed (SG350X)": (told(1000, 1000), (Status.REPORTED, G)),
    "3d ifSpeed = ifHighSpeed at 10G": (told(10_000, 10_000), (Status.REPORTED, 10 * G)),
    "3d ifSpeed tiny: 10": (told(1000, 10), (Status.REPORTED, G)),
    "3d ifSpeed in kbit/s": (told(1000, 1_000_000), (Status.REPORTED, G)),
    "3d ifSpeed 10000 alone": (told(0, 10_000), UNKNOWN),
    "3d ifSpeed 1000 alone": (told(None, 1000), UNKNOWN),
    "both agree": (told(1000, G), (Status.REPORTED, G)),
    "10G, and ifSpeed at its end": (told(10_000, END), (Status.REPORTED, 10 * G)),
    "10G, and ifSpeed wrapped": (told(10_000, 1_410_065_408), (Status.REPORTED, 10 * G)),
    "40G, and ifSpeed at a signed end": (told(40_000, 2**31 - 1), (Status.REPORTED, 40 * G)),
    "3e 10G, but ifSpeed 1G": (told(10_000, G), (Status.CONFLICT, G)),
    "3e 1000, but ifSpeed 10M (flapping)": (told(1000, 10 * M), (Status.CONFLICT, 10 * M)),
    "3e 10M, but ifSpeed 1G": (told(10, G), (Status.CONFLICT, 10 * M)),
    "3e 25G, but ifSpeed wrapped at 10G": (told(25_000, 1_410_065_408), (Status.CONFLICT, 10 * G)),
    "3e 1G, but ifSpeed at its end": (told(1000, END), (Status.CONFLICT, G)),
    "3e 1G, and ifSpeed no rate": (told(1000, 123_456_789), (Status.CONFLICT, G)),
    "3e MAU agrees": (told(10_000, mau=10 * G), (Status.REPORTED, 10 * G)),
    "3e MAU is lower": (told(10_000, mau=G), (Status.CONFLICT, G)),
    "3e MAU is higher": (told(100, mau=G), (Status.CONFLICT, 100 * M)),
    "3e MAU alone": (told(0, mau=10 * G), (Status.INFERRED, 10 * G)),
    "3e MAU settles 4294967295": (told(0, END, mau=25 * G), (Status.INFERRED, 25 * G)),
    "3e MAU below 4294967295": (told(0, END, mau=G), UNKNOWN),
    "3e MAU against what the name says": (told(0, END, "Te1/1/1", mau=G), (Status.CONFLICT, G)),
    "3e MAU does not mend nonsense": (told(2**31, mau=G), UNKNOWN),
    "3e MAU above a plain name": (told(0, mau=10 * G, name="Gi1/0/1"), (Status.CONFLICT, G)),
    "a gigabit name that claims 10G": (told(10_000, name="GigabitEthernet0/0/1"), (Status.CONFLICT, G)),
    "a short gigabit name that claims 10G": (told(10_000, name="Gi1/0/1"), (Status.CONFLICT, G)),
    "Juniper ge- that claims 10G": (told(10_000, name="ge-0/0/0"), (Status.CONFLICT, G)),
    "a fast Ethernet name that claims 1G": (told(1000, name="FastEthernet0/1"), (Status.CONFLICT, 100 * M)),
    "Fa0/1 that claims 1G": (told(1000, name="Fa0/1"), (Status.CONFLICT, 100 * M)),
    "a 10G name that claims 100G": (told(100_000, name="XGigabitEthernet0/0/1"), (Status.CONFLICT, 10 * G)),
    "bit/s, and a name for less": (told(G, name="Fa0/1"), (Status.CONFLICT, 100 * M)),
    "Linux ge1 is no plain name": (told(10_000, name="ge1"), (Status.REPORTED, 10 * G)),
    "MultiGE may do 10G": (told(10_000, name="MultiGE0/0/1"), (Status.REPORTED, 10 * G)),
    "Ethernet0/0/47 may do 1G (AC6605)": (told(1000, name="Ethernet0/0/47"), (Status.REPORTED, G)),
    "Ethernet1/1 may do 100G (Nexus, Arista)": (told(100_000, name="Ethernet1/1"), (Status.REPORTED, 100 * G)),
    "ethernet1/1/1 may do 25G (Dell)": (told(25_000, name="ethernet1/1/1"), (Status.REPORTED, 25 * G)),
    "et- may do 40G and 100G (Juniper)": (told(40_000, name="et-0/0/48"), (Status.REPORTED, 40 * G)),
}


@pytest.mark.parametrize(("speed", "expected"), TABLE.values(), ids=TABLE)
def test_decision_table(speed: Speed, expected: tuple[Status, int | None]) -> None:
    """Each row of the table gives its status and rate."""
    assert (speed.status, speed.bit_s) == expected, speed.why


@pytest.mark.parametrize(("speed", "expected"), TABLE.values(), ids=TABLE)
def test_every_decision_says_why(speed: Speed, expected: tuple[Status, int | None]) -> None:
    """No rate, and no missing rate, comes without its rule."""
    assert speed.why


ANY_NUMBER = st.one_of(
    st.none(),
    st.integers(min_value=-5, max_value=2**33),
    st.sampled_from([rate // M for rate in RATES]),
    st.sampled_from([rate % 2**32 for rate in RATES]),
    st.sampled_from([0, END, 2**31, 2**31 - 1]),
)
ANY_NAME = st.sampled_from(["", "Gi1/0/1", "XGE1/0/1", "ge1", "SFP+1", "Hu0/25", "port1", "Fa0/1", "100GE1/0/1"])
ANY_MAU = st.one_of(st.none(), st.sampled_from([mau.bit_s for mau in TYPES.values()]))


@given(ANY_NUMBER, ANY_NUMBER, ANY_NAME, ANY_MAU)
def test_a_port_that_is_not_up_has_no_speed(high: int, low: int, name: str, mau: int) -> None:
    """Whatever a port tells, it has no rate while it is not up."""
    assert speed_of(Told(False, high, low, (name,), mau)) == Speed(Status.UNKNOWN, None, "not up")


@given(ANY_NUMBER, ANY_NUMBER, ANY_NAME, ANY_MAU)
def test_only_rates_of_ethernet(high: int, low: int, name: str, mau: int) -> None:
    """A rate is one of the closed set, and a status without a rate is `unknown`."""
    speed = speed_of(Told(True, high, low, (name,), mau))
    assert (speed.bit_s in RATES) == (speed.status is not Status.UNKNOWN)


@given(ANY_NUMBER, ANY_NUMBER, ANY_NAME, ANY_MAU)
def test_reported_is_what_was_told(high: int | None, low: int | None, name: str, mau: int | None) -> None:
    """`reported` stands only where ifHighSpeed, or ifSpeed without it, told exactly this rate, and nothing told less."""
    speed = speed_of(Told(True, high, low, (name,), mau))
    if speed.status is Status.REPORTED:
        assert speed.bit_s == (high * M if high else low)
        assert mau in (None, speed.bit_s)


@given(ANY_NUMBER, ANY_NUMBER, ANY_NAME, ANY_MAU)
def test_a_contradiction_never_raises(high: int | None, low: int | None, name: str, mau: int | None) -> None:
    """A conflict gives no more than any of what was told alone."""
    speed = speed_of(Told(True, high, low, (name,), mau))
    if speed.status is Status.CONFLICT and speed.bit_s is not None:
        assert speed.bit_s <= min(mau or speed.bit_s, (high or 0) * M or speed.bit_s)


BUILT = {
    "TF0/1": 25_000,
    "TFGigabitEthernet 0/1": 25_000,
    "HundredGigabitEthernet 0/25": 100_000,
    "TwentyFiveGigE1/0/1": 25_000,
    "FortyGigE1/0/49": 40_000,
    "TwoGigabitEthernet1/0/1": 2500,
    "2.5GigabitEthernet1/1/1": 2500,
    "10GigabitEthernet1/2/1": 10_000,
    "two-gigabitEthernet 1/0/1": 2500,
    "ten-gigabitEthernet 1/0/25": 10_000,
    "gigabitEthernet 1/0/1 : copper": 1000,
    "TGigaEthernet0/25": 10_000,
    "GigaEthernet0/1": 1000,
    "gei_1/1": 1000,
    "xe-0/0/0": 10_000,
    "GE1/0/1": 1000,
    "Twe1/0/1": 25_000,
}


@pytest.mark.parametrize(("name", "mbit_s"), BUILT.items(), ids=BUILT)
def test_plain_names(name: str, mbit_s: int) -> None:
    """Forms that vendors give by themselves leave no doubt of what the port was built for."""
    built = built_for([name])
    assert built is not None
    assert (built.bit_s, built.plain) == (mbit_s * M, True)


@pytest.mark.parametrize("name", ["ether1", "sfp1", "Port1", "A1", "1", "1/1/1", "Tw1/0/1", "port1.0.1", "Ethernet0"])
def test_names_that_say_nothing(name: str) -> None:
    """A name without a rate, or one that two vendors use for two rates, says nothing."""
    assert built_for([name]) is None


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param(30, ("1000BASE-T", G, "full", "copper"), id="1000BASE-T full duplex"),
        pytest.param(29, ("1000BASE-T", G, "half", "copper"), id="1000BASE-T half duplex"),
        pytest.param(16, ("100BASE-TX", 100 * M, "full", "copper"), id="100BASE-TX"),
        pytest.param(22, ("1000BASE-X", G, "full", "unknown"), id="1000BASE-X may be either"),
        pytest.param(24, ("1000BASE-LX", G, "full", "fibre"), id="1000BASE-LX"),
        pytest.param(35, ("10GBASE-LR", 10 * G, "unknown", "fibre"), id="10GBASE-LR"),
        pytest.param(33, ("10GBASE-R", 10 * G, "unknown", "unknown"), id="10GBASE-R"),
        pytest.param(54, ("10GBASE-T", 10 * G, "unknown", "copper"), id="10GBASE-T"),
        pytest.param(77, ("100GBASE-LR4", 100 * G, "unknown", "fibre"), id="100GBASE-LR4"),
        pytest.param(103, ("2.5GBASE-T", 2500 * M, "unknown", "copper"), id="2.5GBASE-T"),
    ],
)
def test_media_types(number: int, expected: tuple[str, int, str, str]) -> None:
    """A type of the registry has its rate, its duplex, and a medium where there is one only."""
    mau = mau_of((1, 3, 6, 1, 2, 1, 26, 4, number))
    assert mau is not None
    assert (mau.name, mau.bit_s, mau.duplex, mau.medium) == expected


@pytest.mark.parametrize("value", [None, 30, b"30", (0, 0), (1, 3, 6, 1, 2, 1, 26, 4, 59), (1, 3, 6, 1, 2, 1, 26, 4)])
def test_no_media_type(value: object) -> None:
    """What is not of the registry, or of two rates, is none."""
    assert mau_of(value) is None  # type: ignore[arg-type]


def test_every_media_type_has_a_rate_of_ethernet() -> None:
    """No type of the registry brings in a rate from outside the closed set."""
    assert {mau.bit_s for mau in TYPES.values()} <= set(RATES)
