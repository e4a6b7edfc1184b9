"""
How is this echo server set up?

The `[echo_server]` table of config.toml. It keeps no state but a key, the one of the measurement server on the same machine, so that the operator
enrols one key for both.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from collector.config import SYSTEM_CONFIG, ConfigWrong, split_address, tables_of
from collector.speed.config import SpeedServerConfig


class EchoServerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[echo_server]` table; `state` is that of the measurement server unless it is named."""

    state: str = ""
    listen: tuple[str, ...] = ("0.0.0.0:443", "[::]:443")
    plain: tuple[str, ...] = ("0.0.0.0:80", "[::]:80")
    certificate: str = ""
    certificate_key: str = ""

    def __post_init__(self) -> None:
        """Refuse values that no later step could use."""
        if bool(self.certificate) != bool(self.certificate_key):
            raise ValueError("certificate and certificate_key go together")
        if not (self.listen or self.plain):
            raise ValueError("there is nothing to listen on: give listen or plain")
        for address in (*self.listen, *self.plain):
            split_address(address)

    @property
    def directory(self) -> Path:
        """Where the key is kept."""
        return SpeedServerConfig(state=self.state).directory


def load(path: Path | None) -> EchoServerConfig:
    """The settings of `path`, or of the system's file where that exists, or the defaults; raises ConfigWrong."""
    if path is None and not SYSTEM_CONFIG.exists():
        return EchoServerConfig()
    file = path or SYSTEM_CONFIG
    tables = tables_of(file)
    table = tables.get("echo_server", {})
    beside = tables.get("speed_server", {}).get("state", "")
    try:
        return msgspec.convert(table | {"state": table.get("state") or beside}, EchoServerConfig)
    except msgspec.ValidationError as wrong:
        raise ConfigWrong(f"{file}: [echo_server] {wrong}") from wrong
