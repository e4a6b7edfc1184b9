"""
Which ports of the listed switches are up, and at what rate does each run?

*Method*: each switch is asked over SNMP (v2c or v3) for the name, type, state and rate of its interfaces, up to eight
switches at a time. A physical port is one of an Ethernet type whose name is not that of a virtual one and which is present.
A rate counts only while the port is up: most switches go on telling one for ports that are down.

What it does not prove: that two switches are joined, which port is an uplink, or that data passes at the rate told. The
switch's own word is taken; a switch that did not show all its ports counts as not answered.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from evidence.model import Facts, Failure, Raw, Reading, Unmeasurable
from evidence.quantities import DEVICES_ANSWERED, PORT_SPEED, PORT_UP
from probes import Probe
from probes._ports import Ports, SwitchPort, read_ports
from probes._resolve import resolve
from probes._settings import FROZEN, Host, Port, TimeoutS, subject
from probes._snmp.exchange import Auth, Community, Credentials, Priv, Target, User
from probes._snmp.pysnmp_backend import open_exchange

AT_ONCE = 8  # one request at a time a switch, eight switches: a scan must not be felt
SWITCH_DEADLINE_S = 45.0
SHORTEST_KEY = 8  # RFC 3414 section 11.2
SECRETS = ("community", "auth_key", "priv_key")


class Switch(BaseModel):
    """One switch and how to ask it: a community (SNMP v2c), or a user with an authentication key (SNMP v3)."""

    model_config = FROZEN

    host: Host = Field(description="address or name of the switch's management interface")
    port: Port = Field(default=161, description="UDP port")
    name: Annotated[str, Field(strict=True, min_length=1, max_length=64)] | None = Field(
        default=None, description="what the school calls it; repeated in the readings"
    )
    community: SecretStr | None = Field(default=None, description="SNMP v2c community; secret")
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
    def subject(self) -> str:
        """`host:port`, as readings name it."""
        return subject(self.host, self.port)

    @property
    def credentials(self) -> Credentials:
        """What the SNMP exchange needs; only here are the secrets opened."""
        if self.community is not None:
            return Community(self.community.get_secret_value())
        auth_key, priv_key = ((key or SecretStr("")).get_secret_value() for key in (self.auth_key, self.priv_key))
        return User(self.user or "", self.auth, auth_key, self.priv, priv_key)


class Settings(BaseModel):
    """What a Scan orders of this probe, with the secrets that the agent adds; times are in seconds."""

    model_config = FROZEN

    switches: Annotated[list[Switch], Field(min_length=1, max_length=200)] = Field(description="the switches to ask")
    timeout_s: TimeoutS = Field(default=2.0, description="longest wait for one reply")
    retries: Annotated[int, Field(strict=True, ge=0, le=5)] = Field(
        default=2, description="how often a request without a reply is repeated"
    )
    discover: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="look for switches that are not listed; this release cannot, so only false"
    )

    @model_validator(mode="after")
    def _no_surprise(self) -> Self:
        """Refuse what this release cannot do, and a switch that would count twice."""
        if self.discover:
            raise ValueError("discover: this release does not look for switches; list them in switches")
        subjects = [switch.subject for switch in self.switches]
        twice = sorted({one for one in subjects if subjects.count(one) > 1})
        if twice:
            raise ValueError(f"switches: {', '.join(twice)} is listed twice")
        return self


def run(settings: Settings) -> Iterator[Reading | Raw]:
    """Read the ports of every listed switch; raises Unmeasurable, after its readings, only where no switch answered."""
    asked: list[Ports] = []
    with asyncio.Runner() as loop:
        # 1. All switches are asked at once, eight at a time; a slow one holds up nobody.
        tasks = loop.run(_start(settings))
        for number, (switch, task) in enumerate(zip(settings.switches, tasks, strict=True), start=1):
            ports = loop.run(_finished(task))
            asked.append(ports)
            # 2. What was read of each, as soon as it and those listed before it are done.
            yield Raw(f"switch-{number}.json", _evidence(switch, ports))
            yield from _port_readings(switch, ports)
            yield _answered(switch, ports)
    # 3. How many answered completely.
    failures = [ports for ports in asked if ports.failure]
    facts: Facts = {"answered": len(asked) - len(failures), "switches": len(asked)}
    yield DEVICES_ANSWERED.reading((len(asked) - len(failures)) * 1_000_000 // len(asked), facts=facts)
    if len(failures) == len(asked):
        raise Unmeasurable(failures[0].failure or Failure.UNREADABLE, failures[0].detail)


async def _start(settings: Settings) -> list[asyncio.Task[Ports]]:
    """One task a switch, of which eight run at a time."""
    free = asyncio.Semaphore(AT_ONCE)

    async def in_turn(switch: Switch) -> Ports:
        async with free:
            return await _ask(switch, settings)

    return [asyncio.create_task(in_turn(switch)) for switch in settings.switches]


async def _finished(task: asyncio.Task[Ports]) -> Ports:
    """What a task came to."""
    return await task


async def _ask(switch: Switch, settings: Settings) -> Ports:
    """The ports of one switch, over the first of its addresses that answers at all."""
    if switch.no_secret:
        return Ports(
            failure=Failure.NOT_PERMITTED, detail=f"{switch.subject}: no SNMP secret in this box's config.toml"
        )
    name = await asyncio.to_thread(resolve, switch.host, settings.timeout_s)
    ports = Ports(failure=Failure.NAME_NOT_FOUND, detail=f"{switch.host}: {'; '.join(name.notes)}")
    deadline_s = time.monotonic() + SWITCH_DEADLINE_S
    silence = f"wrong {'community' if switch.community else 'privacy key'}, SNMP switched off, or blocked (ACL)"
    for address in name.addresses:
        target = Target(str(address), switch.port, settings.timeout_s, settings.retries)
        async with open_exchange(target, switch.credentials) as exchange:
            ports = await read_ports(exchange, switch.subject, silence, deadline_s)
        if ports.heard:
            break
    if ports.failure is None and not ports.physical():
        # A switch without ports is none: what it said must not count as an answer about its ports.
        return replace(ports, failure=Failure.UNREADABLE, detail=f"{switch.subject}: names no physical port")
    return ports


def _port_readings(switch: Switch, ports: Ports) -> Iterator[Reading]:
    """Whether each physical port is up, and the rate (bit/s) of those that are up and tell a rate that Ethernet has."""
    for port in ports.physical():
        where = f"{switch.subject}/{port.label}"
        yield PORT_UP.reading("yes" if port.up else "no", subject=where, facts=_up_facts(port))
        if port.speed_bit_s is not None:
            facts: Facts = {"if_index": port.index, "status": "reported"}
            yield PORT_SPEED.reading(port.speed_bit_s, subject=where, facts=facts)


def _up_facts(port: SwitchPort) -> Facts:
    """What goes with a port's state; for a port that is up without a usable rate, what the switch told instead."""
    facts: Facts = {"if_index": port.index, "oper_status": port.oper_status}
    if port.up and port.speed_bit_s is None:
        facts["speed"] = "unknown"
        if port.high_speed is not None:
            facts["if_high_speed"] = port.high_speed
    return facts


def _answered(switch: Switch, ports: Ports) -> Reading:
    """Whether one switch showed all its ports, and why not."""
    facts: Facts = {"name": switch.name} if switch.name else {}
    if ports.failure:
        facts |= {"failure": ports.failure.value, "detail": ports.detail}
    return DEVICES_ANSWERED.reading(0 if ports.failure else 1_000_000, subject=switch.subject, facts=facts)


def _evidence(switch: Switch, ports: Ports) -> bytes:
    """The columns as read, and how each walk ended: of a switch's tables these and no others are asked for or kept."""
    record = {"switch": switch.subject, "name": switch.name, "version": "2c" if switch.community else "3"}
    return json.dumps(record | ports.record(), ensure_ascii=False, indent=1).encode()


PROBE = Probe(produces=(PORT_UP, PORT_SPEED, DEVICES_ANSWERED), settings=Settings, run=run, deadline_s=900)
