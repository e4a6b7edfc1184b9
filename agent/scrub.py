"""
What of a recording may leave the school?

*Method*: secrets of this box and what stands behind words for secrets are taken out; hardware addresses, IP addresses and
serial numbers become pseudonyms, the same one wherever the same thing stood, so that tables still fit together; words that
the admin names are taken out too. Every replacement is counted.

What it does not prove: that nothing personal is left. Names of people, rooms and telephone numbers look like any other text:
a person has to read the file before it is sent, and the file says so.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable

SECRET, HIDDEN = "[secret]", "[hidden]"
BEHIND = re.compile(
    r"\b((?:community|password|passphrase|cipher|irreversible-cipher|secret|key-string|pre-shared-key|psk|auth-?key|priv-?key)"
    r"(?:[ \t]+(?:read|write|read-only|read-write|ro|rw|simple|cipher|irreversible-cipher|hash|plaintext|[0-9]))*"
    r"[ \t]*[:=]?[ \t]+)(\S+)",
    re.IGNORECASE,
)
SERIAL = re.compile(
    r"(\b(?:(?:device[ _])?serial[ _-]?(?:number|num|no\.?)?|serialnum|sn|s/n|bar ?code|esn|processor board id)\s*(?:is)?\s*[:=]?\s*\"?)"
    r"((?=[A-Z0-9-]*\d)[A-Z0-9-]{6,32})\b",
    re.IGNORECASE,
)
HARDWARE = re.compile(
    r"(?<![\w:.-])(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}|[0-9a-f]{4}(?:-[0-9a-f]{4}){2}"
    r"|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})(?![\w:-])",
    re.IGNORECASE,
)
IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)")
IPV6 = re.compile(r"(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])", re.IGNORECASE)
MEANS_NOTHING = ("000000000000", "ffffffffffff")
PRETEND_MAC = 0x0200_5E10_0000  # locally administered
PRETEND_V4 = ipaddress.IPv4Address("198.18.0.0")  # RFC 2544: of no network
PRETEND_V6 = ipaddress.IPv6Address("2001:db8::")  # RFC 3849


class Scrub:
    """One recording's pseudonyms; `replaced` counts the places by kind, `different` the things that stood there."""

    def __init__(self, secrets: Iterable[str] = (), hidden: Iterable[str] = ()) -> None:
        self.secrets = sorted({one for one in secrets if one}, key=len, reverse=True)
        self.hidden = sorted({one for one in hidden if one}, key=len, reverse=True)
        self.replaced: Counter[str] = Counter()
        self._known: dict[str, dict[str, int]] = {}

    @property
    def different(self) -> dict[str, int]:
        """How many different things of each kind were replaced."""
        return {kind: len(known) for kind, known in self._known.items()}

    def text(self, text: str) -> str:
        """The text without what must not leave."""
        text = self._words(text, "secrets", self.secrets, SECRET)
        text = self._words(text, "words of yours", self.hidden, HIDDEN)
        text = BEHIND.sub(lambda found: found[1] + self._behind(found[2]), text)
        text = SERIAL.sub(lambda found: f"{found[1]}SERIAL{self._number('serial numbers', found[2].upper()):04d}", text)
        text = HARDWARE.sub(lambda found: self._hardware(found[0]), text)
        text = IPV6.sub(self._address(ipaddress.IPv6Address, PRETEND_V6, "IPv6 addresses"), text)
        return IPV4.sub(self._address(ipaddress.IPv4Address, PRETEND_V4, "IPv4 addresses"), text)

    def octets(self, digits: str) -> str:
        """Octets in hex: six are a hardware address, more may hold one; a pseudonym of the same length."""
        if not digits.strip("0") or not digits.strip("f"):
            return digits
        if len(digits) == len(MEANS_NOTHING[0]):
            return f"{PRETEND_MAC + self._number('hardware addresses', digits):012x}"
        return f"{self._number('octets', digits):0{len(digits)}x}"

    def serial(self, text: str) -> str:
        """A serial number that stands alone, in a column of such."""
        return f"SERIAL{self._number('serial numbers', text.upper()):04d}" if text else text

    def summary(self) -> list[str]:
        """One line a kind: in how many places, and how many different."""
        return [f"{kind}: {self.replaced[kind]} places, {count} different" for kind, count in self.different.items()]

    def _words(self, text: str, kind: str, words: list[str], instead: str) -> str:
        """Take out words that are known."""
        for word in words:
            found = text.count(word)
            if found:
                self._known.setdefault(kind, {}).setdefault(word, 0)
                self.replaced[kind] += found
                text = text.replace(word, instead)
        return text

    def _behind(self, secret: str) -> str:
        """What stands behind a word for a secret."""
        if secret in (SECRET, HIDDEN):
            return secret
        self._number("secrets", secret)
        return SECRET

    def _hardware(self, text: str) -> str:
        """A hardware address in the spelling it had; those that mean nothing stay."""
        digits = re.sub(r"[^0-9a-f]", "", text.lower())
        if digits in MEANS_NOTHING:
            return text
        pretended = iter(f"{PRETEND_MAC + self._number('hardware addresses', digits):012x}")
        written = "".join(next(pretended) if letter not in ":.-" else letter for letter in text)
        return written.upper() if text.upper() == text else written

    def _address(
        self, family: Callable[[str], ipaddress.IPv4Address | ipaddress.IPv6Address], base: object, kind: str
    ) -> Callable[[re.Match[str]], str]:
        """How an address of one family is replaced; what is none, a mask, loopback or "any" stays."""

        def instead(found: re.Match[str]) -> str:
            try:
                address = family(found[0])
            except ValueError:
                return found[0]
            if address.is_unspecified or address.is_loopback or address.is_multicast or str(address).startswith("255."):
                return found[0]
            return str(base + self._number(kind, str(address)))  # type: ignore[operator]

        return instead

    def _number(self, kind: str, thing: str) -> int:
        """The number of a thing among those of its kind, from 1."""
        self.replaced[kind] += 1
        known = self._known.setdefault(kind, {})
        return known.setdefault(thing, len(known) + 1)
