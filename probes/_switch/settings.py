"""
How is a switch asked, and what did the school write down about it?

The settings of one switch as a Scan orders them, joined on the box by the secrets that only the box knows. Words of an error
never repeat a secret.
"""

from __future__ import annotations

from typing import Annotated, Protocol, Self, TypeVar

from pydantic import BaseModel, Field, SecretStr, model_validator

from probes._settings import FROZEN, SNMP_PORT, Host, Port, subject
from probes._snmp.exchange import Auth, Community, Credentials, Priv, User, Version

SHORTEST_KEY = 8  # RFC 3414 section 11.2

Name = Annotated[str, Field(strict=True, min_length=1, max_length=64)]
SysName = Annotated[str, Field(strict=True, min_length=1, max_length=255)]
IfName = Annotated[str, Field(strict=True, min_length=1, max_length=255)]
Text = Annotated[str, Field(strict=True, max_length=255)]


class Credential(BaseModel):
    """What an SNMP engine wants to hear: a community (v2c, or v1), or a user with an authentication key (v3)."""

    model_config = FROZEN

    community: SecretStr | None = Field(default=None, description="SNMP v2c or v1 community; secret")
    version: Version = Field(default=Version.V2C, description="2c, or 1 for a switch that knows no other")
    user: Annotated[str, Field(strict=True, min_length=1, max_length=32)] | None = Field(
        default=None, description="SNMP v3 user"
    )
    auth: Auth = Field(
        default=Auth.SHA256, description="SNMP v3 authentication: SHA, SHA-224, SHA-256, SHA-384, SHA-512"
    )
    auth_key: SecretStr | None = Field(default=None, description="passphrase of 8 or more characters; secret")
    priv: Priv | None = Field(default=None, description="SNMP v3 privacy: AES, AES-192, AES-256; none if left out")
    priv_key: SecretStr | None = Field(default=None, description="passphrase of 8 or more characters; secret")
    no_secret: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="this box knows no secret for it: it is not asked and counts as not answered"
    )

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        """Refuse two credentials, none, or half of one; the words never repeat a secret."""
        if [self.community is not None, self.user is not None, self.no_secret].count(True) != 1:
            raise ValueError("give either community (v2c) or user and auth_key (v3)")
        if self.community is not None and not self.community.get_secret_value():
            raise ValueError("community: expected at least one character")
        if self.user is None and (self.auth_key or self.priv or self.priv_key):
            raise ValueError("auth_key, priv and priv_key belong to a user (v3), not to a community")
        if self.user is not None and self.auth_key is None:
            raise ValueError("auth_key: expected, for SNMP v3 is not used here without authentication")
        if (self.priv is None) != (self.priv_key is None):
            raise ValueError("priv and priv_key: expected both or neither")
        return self._long_keys()

    def _long_keys(self) -> Self:
        """Refuse a passphrase that no SNMP engine accepts."""
        for key in ("auth_key", "priv_key"):
            secret: SecretStr | None = getattr(self, key)
            if secret is not None and len(secret.get_secret_value()) < SHORTEST_KEY:
                raise ValueError(f"{key}: expected {SHORTEST_KEY} or more characters")
        return self

    @property
    def credentials(self) -> Credentials:
        """What the SNMP exchange needs; only here are the secrets opened."""
        if self.community is not None:
            return Community(self.community.get_secret_value(), self.version)
        auth_key, priv_key = ((key or SecretStr("")).get_secret_value() for key in (self.auth_key, self.priv_key))
        return User(self.user or "", self.auth, auth_key, self.priv, priv_key)

    @property
    def spoken(self) -> str:
        """Which SNMP is spoken: 1, 2c or 3."""
        return "3" if self.user else self.version.value


class Ssh(BaseModel):
    """How the switch's command line is reached, for what SNMP leaves open."""

    model_config = FROZEN

    user: Annotated[str, Field(strict=True, min_length=1, max_length=64)] = Field(description="a read-only account")
    password: SecretStr = Field(description="its password; secret")
    enable: SecretStr | None = Field(default=None, description="password of the privileged level, where needed; secret")
    port: Port = Field(default=22, description="TCP port")
    host_key: Text = Field(
        default="", description="SHA256:... of the host key seen before; another one stops the login"
    )
    vendor: Text = Field(default="", description="family of its command line; by its SNMP identity where left out")


class Switch(Credential):
    """One switch: where it answers, how it is asked, and what the school's list says of it."""

    host: Host = Field(description="address or name of the switch's management interface")
    port: Port = Field(default=SNMP_PORT, description="UDP port")
    name: Name | None = Field(default=None, description="what the school calls it; repeated in the readings")
    place: Text = Field(default="", description="where it stands, campus/building/room, as the school's list says")
    core: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="whether the list calls it a core switch"
    )
    wan: Annotated[list[IfName], Field(max_length=8)] = Field(
        default=[], description="its ports that lead out of the school, by ifName"
    )
    ssh: Ssh | None = Field(default=None, description="its command line as second source")

    @property
    def subject(self) -> str:
        """`host:port`, as readings name it."""
        return subject(self.host, self.port)


class Listed(Protocol):
    """What stands in a list of switches."""

    @property
    def subject(self) -> str:
        """`host:port`."""


Some = TypeVar("Some", bound=Listed)


def each_once(switches: list[Some]) -> list[Some]:
    """A list of switches; raises ValueError for one that would count twice."""
    subjects = [switch.subject for switch in switches]
    twice = sorted({one for one in subjects if subjects.count(one) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} is listed twice")
    return switches


class Approved(Credential):
    """A neighbour that an admin approved by its sysName to be asked where LLDP says it can be reached, over SNMP v3 only."""

    name: SysName = Field(description="sysName, exactly as the neighbour announces it")

    @model_validator(mode="after")
    def _nothing_in_the_clear(self) -> Self:
        """Refuse a community: any box can announce that name and an address of its own, and would hear it."""
        if self.community is not None:
            raise ValueError(
                "community: an approved neighbour is asked over SNMP v3 only; else list it with its address"
            )
        return self
