"""
How is this agent set up?

The `[agent]` table of config.toml holds secrets, interfaces and limits only: whatever decides a verdict comes inside the
collector's signed orders. A key that is not known is refused with the file, the key and what was expected.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

SYSTEM_CONFIG = Path("/etc/campusproof/config.toml")
SYSTEM_STATE = Path("/var/lib/campusproof/agent")
TABLES = ("agent", "collector", "speed_server", "echo_server")
ANY = "*"  # the secret for every private address that has none of its own
SSH_PORT = 22
COMMUNITY_VERSIONS = ("2c", "1")
PORT_NAME = re.compile(r"[^\s/:]{1,15}")
Secret = TypeVar("Secret")


class ConfigWrong(Exception):
    """The settings cannot be used; the text names the file, the key and what was expected."""


class SnmpSecret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one switch wants to hear: a community (v2c, or v1 where `version` says so), or a v3 user with its keys."""

    community: str = ""
    version: str = ""
    user: str = ""
    auth: str = ""
    auth_key: str = ""
    priv: str = ""
    priv_key: str = ""

    def __post_init__(self) -> None:
        """Refuse a secret that is of both kinds, or of none."""
        if bool(self.community) == bool(self.user):
            raise ValueError("give either community (v2c) or user (v3)")
        if self.version not in ("", *COMMUNITY_VERSIONS):
            raise ValueError(f"version is {' or '.join(COMMUNITY_VERSIONS)}; SNMP v3 is what a user speaks")
        if self.version and self.user:
            raise ValueError("version belongs to a community; a user always speaks SNMP v3")

    def settings(self) -> dict[str, str]:
        """The keys that are set, as the probe `uplinks` takes them."""
        return {key: value for key, value in msgspec.to_builtins(self).items() if value}


class SshSecret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A read-only login on the command line of one switch."""

    user: str
    password: str
    enable: str = ""
    port: int = SSH_PORT
    vendor: str = ""

    def __post_init__(self) -> None:
        """Refuse half a login; the words never repeat a secret."""
        if not self.user or not self.password:
            raise ValueError("give user and password of a read-only account")
        if not 1 <= self.port <= 65535:
            raise ValueError("port is a TCP port, 1 to 65535")

    def settings(self) -> dict[str, str | int]:
        """The keys that are set, as the probe `uplinks` takes them."""
        return {key: value for key, value in msgspec.to_builtins(self).items() if value}


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a run may use at most."""

    probe_deadline_s: int = 900
    raw_octets: int = 16 * 1024 * 1024
    saturating: bool = False
    egress_day_octets: int = 20_000_000_000

    def __post_init__(self) -> None:
        """Refuse limits that would stop every run; a box that may move nothing in a day makes no ordered egress run."""
        if self.probe_deadline_s < 1 or self.raw_octets < 1:
            raise ValueError("limits are whole numbers above 0")
        if self.egress_day_octets < 0:
            raise ValueError("egress_day_octets is a number of octets, 0 for none")


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one line of the school's, as its list names it, is reached from this box."""

    interface: str

    def __post_init__(self) -> None:
        """Refuse what no network port is called (the kernel's IFNAMSIZ)."""
        if not PORT_NAME.fullmatch(self.interface):
            raise ValueError("interface is the name of a network port, such as eth1")


class AgentConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[agent]` table."""

    state: str = ""
    collector: str = ""
    plain_http: bool = False
    certificate_authority: str = ""
    language: str = "zh"
    interface: str = ""
    poll_wait_s: int = 50
    limits: Limits = Limits()
    lines: dict[str, Line] = {}
    snmp: dict[str, SnmpSecret] = {}
    ssh: dict[str, SshSecret] = {}

    def __post_init__(self) -> None:
        """Refuse values that no later step could use."""
        if self.language not in ("zh", "en"):
            raise ValueError("language is zh or en")
        if not 0 <= self.poll_wait_s <= 300:
            raise ValueError("poll_wait_s is between 0 and 300 seconds")

    @property
    def directory(self) -> Path:
        """Where the key and the outbox are kept."""
        return Path(self.state) if self.state else default_state()

    def secret_of(self, host: str, port: int) -> SnmpSecret | None:
        """The SNMP secret for a switch: by `host:port`, by `host`, or `*` for any other private address."""
        from probes._settings import subject

        return _closest(self.snmp, subject(host, port), host)

    def ssh_of(self, host: str) -> SshSecret | None:
        """The login for a switch: by `host`, or `*` for any other private address."""
        return _closest(self.ssh, host)

    def secret_by_name(self, name: str) -> SnmpSecret | None:
        """
        The SNMP secret for a neighbour that is known by its sysName only.

        Any device can announce any name: `*` and what belongs to an address are never given away for one, nor is a community,
        which travels in the clear.
        """
        secret = None if name == ANY or _names_an_address(name) else self.snmp.get(name)
        return secret if secret is not None and secret.user else None


def _closest(secrets: dict[str, Secret], *wanted: str) -> Secret | None:
    """The first of the wanted entries that is there, or the one for all where the last one wanted is an address inside."""
    from probes._settings import is_inside

    names = [*wanted, *([ANY] if is_inside(wanted[-1]) else [])]
    return next((secrets[name] for name in names if name in secrets), None)


def _names_an_address(name: str) -> bool:
    """Whether an entry of the secrets is for an address, with or without a port and a zone."""
    from probes._settings import is_address, parted

    return is_address(parted(name)[0].partition("%")[0])


def default_state() -> Path:
    """Where an agent keeps its state unless told: the system's place for root, the user's own otherwise."""
    return SYSTEM_STATE if os.geteuid() == 0 else Path.home() / ".local/state/campusproof/agent"


def load(path: Path | None) -> AgentConfig:
    """The settings of `path`, or of the system's file where that exists, or the defaults; raises ConfigWrong."""
    if path is None:
        return _read(SYSTEM_CONFIG) if SYSTEM_CONFIG.exists() else AgentConfig()
    return _read(path)


def open_to_others(path: Path | None, config: AgentConfig) -> Path | None:
    """The file with logins in it that others than its owner may read or change, if it is such a one."""
    file = path or SYSTEM_CONFIG
    if not (config.snmp or config.ssh) or not file.exists():
        return None
    return file if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) else None


def _read(path: Path) -> AgentConfig:
    """One file, strictly."""
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
    for kind, of_one in (("snmp", SnmpSecret), ("ssh", SshSecret)):
        _check_each(path, kind, tables.get("agent", {}).get(kind), of_one)
    try:
        return msgspec.convert(tables.get("agent", {}), AgentConfig)
    except msgspec.ValidationError as wrong:
        raise ConfigWrong(f"{path}: [agent] {wrong}") from wrong


def _check_each(path: Path, kind: str, given: object, of_one: type[SnmpSecret | SshSecret]) -> None:
    """Refuse a secret that no probe would take, in words that name its table and never repeat it."""
    from agent.wrong import in_words_of
    from probes._cli import vendor_names
    from probes._switch.settings import Credential, Ssh

    for name, table in given.items() if isinstance(given, dict) else ():
        model: type[Credential | Ssh] = Credential if kind == "snmp" else Ssh
        try:
            model.model_validate(msgspec.convert(table, of_one).settings())
        except msgspec.ValidationError as wrong:
            # Whoever misspelt a key wants to see the right ones.
            keys = ", ".join(of_one.__struct_fields__)
            raise ConfigWrong(f'{path}: [agent.{kind}."{name}"] {wrong}; the keys are {keys}') from wrong
        except ValueError as wrong:
            raise ConfigWrong(f'{path}: [agent.{kind}."{name}"] {in_words_of(wrong)}') from wrong
        vendor = table.get("vendor", "")
        if vendor and vendor not in vendor_names():
            raise ConfigWrong(
                f'{path}: [agent.{kind}."{name}"] vendor: expected one of {", ".join(vendor_names())}, not {vendor!r}'
            )
