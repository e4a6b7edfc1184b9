"""
How is this collector set up?

The `[collector]` table of config.toml. A key that is not known is refused with the file, the key and what was expected.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import msgspec

SYSTEM_CONFIG = Path("/etc/campusproof/config.toml")
SYSTEM_STATE = Path("/var/lib/campusproof/collector")
TABLES = ("agent", "collector", "speed_server", "echo_server")


class ConfigWrong(Exception):
    """The settings cannot be used; the text names the file, the key and what was expected."""


class CollectorConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[collector]` table."""

    state: str = ""
    listen: tuple[str, ...] = ("127.0.0.1:8765",)
    tls_certificate: str = ""
    tls_key: str = ""
    behind_https: bool = False
    session_hours: int = 12
    order_hours: int = 24
    survey_hours: int = 336
    token_hours: int = 72
    shared_budget_bit_s: int = 2_500_000_000
    egress_day_octets: int = 20_000_000_000

    def __post_init__(self) -> None:
        """Refuse values that no later step could use."""
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise ValueError("tls_certificate and tls_key go together")
        if min(self.session_hours, self.order_hours, self.survey_hours, self.token_hours) < 1:
            raise ValueError("session_hours, order_hours, survey_hours and token_hours are whole numbers above 0")
        if min(self.shared_budget_bit_s, self.egress_day_octets) < 1:
            raise ValueError("shared_budget_bit_s and egress_day_octets are whole numbers above 0")
        for address in self.listen:
            split_address(address)

    @property
    def directory(self) -> Path:
        """Where the key and the database are kept."""
        if self.state:
            return Path(self.state)
        return SYSTEM_STATE if os.geteuid() == 0 else Path.home() / ".local/state/campusproof/collector"

    @property
    def https(self) -> bool:
        """Whether people reach the pages over TLS, here or at a proxy in front."""
        return self.behind_https or bool(self.tls_certificate)


def split_address(address: str) -> tuple[str, int]:
    """`HOST:PORT` or `[HOST]:PORT` in two; raises ValueError with the form that is expected."""
    host, _, port = address.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ValueError(f"listen: {address!r}: expected ADDRESS:PORT, such as 127.0.0.1:8765 or [::1]:8765")
    return host.strip("[]"), int(port)


def load(path: Path | None) -> CollectorConfig:
    """The settings of `path`, or of the system's file where that exists, or the defaults; raises ConfigWrong."""
    if path is None:
        return _read(SYSTEM_CONFIG) if SYSTEM_CONFIG.exists() else CollectorConfig()
    return _read(path)


def _read(path: Path) -> CollectorConfig:
    """One file, strictly."""
    try:
        return msgspec.convert(tables_of(path).get("collector", {}), CollectorConfig)
    except msgspec.ValidationError as wrong:
        raise ConfigWrong(f"{path}: [collector] {wrong}") from wrong


def tables_of(path: Path) -> dict[str, Any]:
    """The tables of one file, of which each program reads its own; raises ConfigWrong for a file or a table that is not known."""
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise ConfigWrong(f"{path}: {wrong}") from wrong
    outside = [name for name, table in tables.items() if not isinstance(table, dict)]
    if outside:
        raise ConfigWrong(f"{path}: {outside[0]} stands outside a table; expected [agent] or [collector] above it")
    unknown = sorted(set(tables) - set(TABLES))
    if unknown:
        raise ConfigWrong(
            f"{path}: unknown table [{unknown[0]}]; expected {' or '.join(f'[{name}]' for name in TABLES)}"
        )
    return tables
