"""Does nothing leave in a recording that must not, and does what leaves still fit together?"""

from __future__ import annotations

import pytest

from agent.scrub import Scrub


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("snmp-agent community read cipher planted-1", "snmp-agent community read cipher [secret]"),
        ("snmp-server community planted-1 ro", "snmp-server community [secret] ro"),
        ("local-user a password irreversible-cipher planted-1", "local-user a password irreversible-cipher [secret]"),
        ("enable secret 5 planted-1", "enable secret 5 [secret]"),
        ("hello planted-known, hello", "hello [secret], hello"),
        ("to Springfield Primary", "to [hidden] Primary"),
        ("System serial number    : G1NW123456789", "System serial number    : SERIAL0001"),
        ("PID: X , VID: V05 , SN: FOC1234X5YZ", "PID: X , VID: V05 , SN: SERIAL0001"),
        ("address is 4c1f-cc12-3456", "address is 0200-5e10-0001"),
        ("address is 4C:1F:CC:12:34:56", "address is 02:00:5E:10:00:01"),
        ("address is 4c1f.cc12.3456 (bia 4c1f.cc12.3456)", "address is 0200.5e10.0001 (bia 0200.5e10.0001)"),
        ("partner 0000-0000-0000", "partner 0000-0000-0000"),
        ("Internet Address is 10.20.0.1/24", "Internet Address is 198.18.0.1/24"),
        ("mask 255.255.255.0 any 0.0.0.0", "mask 255.255.255.0 any 0.0.0.0"),
        ("OID 1.3.6.1.4.1.2011.2.23.1", "OID 1.3.6.1.4.1.2011.2.23.1"),
        ("2001:da8:1::5/64 and fe80::1", "2001:db8::1/64 and 2001:db8::2"),
        ("Time 10:11:12, slot 1/0/1, Version 5.170 (V200R019C10)", "Time 10:11:12, slot 1/0/1, Version 5.170 (V200R019C10)"),
        ("XGigabitEthernet0/0/1 current state : UP", "XGigabitEthernet0/0/1 current state : UP"),
        ("Speed : 1000,  Loopback: NONE", "Speed : 1000,  Loopback: NONE"),
    ],
)  # fmt: skip
def test_what_is_replaced(text: str, scrubbed: str) -> None:
    """Secrets, hardware and IP addresses and serial numbers are replaced; what a parser reads stays."""
    assert Scrub(["planted-known"], ["Springfield"]).text(text) == scrubbed


def test_one_thing_has_one_pseudonym() -> None:
    """The same address is the same pseudonym in any spelling and any section, and another is another; all is counted."""
    scrub = Scrub()
    first = scrub.text("4c1f-cc12-3456 at 10.0.0.1")
    second = scrub.text("4C:1F:CC:12:34:56, 4c1f.cc12.9999 at 10.0.0.2, 10.0.0.1")

    assert (first, second) == (
        "0200-5e10-0001 at 198.18.0.1",
        "02:00:5E:10:00:01, 0200.5e10.0002 at 198.18.0.2, 198.18.0.1",
    )
    assert scrub.summary() == ["hardware addresses: 3 places, 2 different", "IPv4 addresses: 3 places, 2 different"]


def test_a_secret_within_another() -> None:
    """Of two secrets the longer is taken out first, so that no end of it stays."""
    assert Scrub(["abc", "abc-def"]).text("abc-def abc") == "[secret] [secret]"


def test_octets_in_hex() -> None:
    """Six octets are the hardware address that they are in a text; more keep their length and their sameness."""
    scrub = Scrub()
    scrub.text("4c1f-cc12-3456")

    assert scrub.octets("4c1fcc123456") == "02005e100001"
    assert scrub.octets("80004c1fcc123456") == "0000000000000001"
    assert scrub.octets("000000000000") == "000000000000"
