"""
How is this measurement server set up?

The `[speed_server]` table of config.toml. A server that is open to all needs none of it; any other needs the collector's address
and public key, because it measures for whoever shows a ticket sealed by that key, and for nobody else.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from collector.config import SYSTEM_CONFIG, ConfigWrong, split_address, tables_of
from collector.school import PATHS

SYSTEM_STATE = Path("/var/lib/campusproof/speed-server")
KEY_OCTETS = 32


class SpeedServerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[speed_server]` table."""

    state: str = ""
    listen: tuple[str, ...] = ("0.0.0.0:8766", "[::]:8766")
    collector: str = ""
    collector_key: str = ""
    certificate_authority: str = ""
    name: str = ""
    path: str = ""
    operator: str = ""
    capacity_bit_s: int = 10_000_000_000
    day_octets: int = 20_000_000_000
    mini_listen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values that no later step could use."""
        if self.path not in ("", *PATHS):
            raise ValueError(f"path is internet, metro or empty, not {self.path!r}")
        if min(self.capacity_bit_s, self.day_octets) < 1:
            raise ValueError("capacity_bit_s and day_octets are whole numbers above 0")
        if self.collector_key and not _is_key(self.collector_key):
            raise ValueError(
                "collector_key: 64 hex digits expected, as campusproof-collector school key prints them on the collector"
            )
        for address in (*self.listen, *self.mini_listen):
            split_address(address)

    @property
    def directory(self) -> Path:
        """Where the key and what was used of tickets and volumes are kept."""
        if self.state:
            return Path(self.state)
        return SYSTEM_STATE if os.geteuid() == 0 else Path.home() / ".local/state/campusproof/speed-server"


def _is_key(text: str) -> bool:
    """Whether a text is a public key in hex."""
    try:
        return len(bytes.fromhex(text)) == KEY_OCTETS
    except ValueError:
        return False


def load(path: Path | None) -> SpeedServerConfig:
    """The settings of `path`, or of the system's file where that exists, or the defaults; raises ConfigWrong."""
    if path is None and not SYSTEM_CONFIG.exists():
        return SpeedServerConfig()
    file = path or SYSTEM_CONFIG
    try:
        return msgspec.convert(tables_of(file).get("speed_server", {}), SpeedServerConfig)
    except msgspec.ValidationError as wrong:
        raise ConfigWrong(f"{file}: [speed_server] {wrong}") from wrong
