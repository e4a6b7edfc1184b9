"""
What did a device write of itself, once everything that is not its own words is taken off?

*Method*: octets are read as text (UTF-8, else GB18030); quotes of any kind, NULs and bytes in hex that an agent or a recorder put in
place of the text are undone; a MAC address is told from a name by its subtype, its length or its spelling. It does not prove
that the text is true: whoever sends LLDP writes what he likes.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from probes._switch.tables import text

# LldpChassisIdSubtype and LldpPortIdSubtype (LLDP-MIB) number the same kinds differently.
CHASSIS_MAC, CHASSIS_ADDRESS = 4, 5
PORT_ALIAS, PORT_MAC, PORT_ADDRESS, PORT_NAME, PORT_LOCAL = 1, 3, 4, 5, 7

QUOTES = " \t\r\n\0\"'`“”„‘’«»"
HEX_PAIRS = re.compile(r"(?:[0-9A-Fa-f]{2}[ :]){2,}[0-9A-Fa-f]{2} ?|0x(?:[0-9A-Fa-f]{2}){2,}")
HEX_LINE = re.compile(r"(?:[0-9A-Fa-f]{2} ?)+")
MAC = re.compile(
    r"(?:[0-9A-Fa-f]{1,2}[:-]){5}[0-9A-Fa-f]{1,2}|(?:[0-9A-Fa-f]{2} ){5}[0-9A-Fa-f]{2}"
    r"|(?:[0-9A-Fa-f]{4}[.-]){2}[0-9A-Fa-f]{4}|[0-9A-Fa-f]{6}-[0-9A-Fa-f]{6}"
)
BARE_MAC = re.compile(r"(?:0x)?([0-9A-Fa-f]{12})")
MAC_OCTETS = 6


def words(octets: bytes) -> str:
    """What was written, as one line; empty where nothing readable is left."""
    joined = _unfolded(octets).replace(b"\r\n", b" ").replace(b"\n", b" ").replace(b"\r", b" ")
    cleaned = text(joined).strip(QUOTES)
    return _from_hex(cleaned) if HEX_PAIRS.fullmatch(cleaned) and not MAC.fullmatch(cleaned) else cleaned


def _unfolded(octets: bytes) -> bytes:
    """A text of which a dump kept the first row as text and the others in hex, put together again."""
    first, *others = octets.split(b"\n")
    rows = [row.decode("ascii", errors="replace").strip() for row in others]
    if not rows or not all(HEX_LINE.fullmatch(row) for row in rows if row):
        return octets
    return first + b"".join(bytes.fromhex(row) for row in rows if len(row.replace(" ", "")) % 2 == 0)


def _from_hex(cleaned: str) -> str:
    """The text that hex pairs spell; the pairs themselves where they spell none."""
    spelled = bytes.fromhex(re.sub(r"^0x|[ :]", "", cleaned)).rstrip(b"\0")
    return spelled.decode() if spelled.isascii() and spelled.decode("ascii").isprintable() else cleaned


def mac_text(octets: bytes) -> str:
    """A MAC address as `aa:bb:cc:dd:ee:ff`; empty for one of zeros, ones, or another length."""
    usable = len(octets) == MAC_OCTETS and octets not in (bytes(MAC_OCTETS), b"\xff" * MAC_OCTETS)
    return octets.hex(":") if usable else ""


def mac_of(written: str, bare: bool = False) -> bytes:
    """The six octets of a MAC address as people write it (`bare`: also without separators), empty for other text."""
    if bare and (without := BARE_MAC.fullmatch(written)):
        return bytes.fromhex(without[1])
    if not MAC.fullmatch(written):
        return b""
    parts = re.split("[:. -]", written)
    width = 2 if len(parts) == MAC_OCTETS else len(parts[-1])
    return bytes.fromhex("".join(part.zfill(width) for part in parts))


def _mac_or(octets: bytes, otherwise: str) -> str:
    """A MAC address in octets or in letters, else the text as it stands."""
    if len(octets) == MAC_OCTETS:
        return mac_text(octets)
    written = mac_of(otherwise, bare=True)
    return mac_text(written) if written else otherwise


def _network_address(octets: bytes) -> str:
    """An address behind its IANA family number (RFC 2922); empty for other octets."""
    if len(octets) == 5 and octets[0] == 1:
        return str(IPv4Address(octets[1:]))
    return str(IPv6Address(octets[1:])) if len(octets) == 17 and octets[0] == 2 else ""


def chassis(subtype: int | None, octets: bytes) -> str:
    """A chassis ID as one text: `aa:bb:cc:dd:ee:ff`, an address, or a name; empty where it says nothing."""
    if subtype == CHASSIS_ADDRESS:
        return _network_address(octets) or words(octets)
    return _identity(octets, subtype == CHASSIS_MAC)


def port_id(subtype: int | None, octets: bytes) -> str:
    """A port ID as one text, like `chassis`."""
    if subtype == PORT_ADDRESS:
        return _network_address(octets) or words(octets)
    return _identity(octets, subtype == PORT_MAC)


def _identity(octets: bytes, is_mac: bool) -> str:
    """Text, or a MAC address where the subtype, the spelling or octets that are no text say so."""
    written = words(octets)
    if is_mac:
        return _mac_or(octets, written)
    if len(octets) == MAC_OCTETS and not _readable(octets):
        return mac_text(octets)
    mac = mac_of(written)
    if mac:
        return mac_text(mac)
    return written if _readable(octets) else octets.strip(b"\0").hex()


def _readable(octets: bytes) -> bool:
    """Whether octets are text and not numbers."""
    try:
        letters = octets.decode().strip(QUOTES)
    except UnicodeDecodeError:
        return text(octets).isprintable() and len(octets) != MAC_OCTETS
    return all(letter.isprintable() or letter in "\r\n\t" for letter in letters)


def system_name(octets: bytes) -> str:
    """A sysName that can tell devices apart; empty for the scraps that some agents send, such as ` (G`."""
    name = words(octets)
    signs = sum(letter.isalnum() for letter in name)
    return name if signs >= 2 or (signs == 1 and len(name) == 1) else ""


def address(octets: bytes) -> str:
    """An IP address from 4 or 16 octets; empty for one that reaches no device (0.0.0.0, loopback, link-local, multicast)."""
    if len(octets) not in (4, 16):
        return ""
    ip = ip_address(octets)
    useless = ip.is_unspecified or ip.is_loopback or ip.is_link_local or ip.is_multicast
    return "" if useless else str(ip)
