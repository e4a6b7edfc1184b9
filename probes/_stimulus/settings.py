"""
Which volumes may a Scan order to be sent, where to, and which ports are watched meanwhile?

The bounds keep a run from being felt, whoever ordered it: 8 MB a volume, 20 volumes, 100 Mbit/s, ten minutes, and nothing
that leaves the school.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from probes._settings import FROZEN, SNMP_PORT, Host, Port, TimeoutS, is_inside, subject
from probes._stimulus.push import sending_s
from probes._switch.settings import Credential, IfName, Name, each_once

MOST_PULSES = 20
MOST_OCTETS = 8_000_000  # a pulse: half a second of a gigabit line
MOST_BIT_S = 100_000_000
LONGEST_S = 600.0


class Watched(Credential):
    """One switch and those of its ports whose counters are read."""

    host: Host = Field(description="address or name of the switch's management interface")
    port: Port = Field(default=SNMP_PORT, description="UDP port")
    name: Name | None = Field(default=None, description="what the school calls it")
    ports: Annotated[list[IfName], Field(min_length=1, max_length=64)] = Field(
        description="ifName of each port to read, or ifName#ifIndex where a name is not unique"
    )

    @property
    def subject(self) -> str:
        """`host:port`, as readings name it."""
        return subject(self.host, self.port)


class Pulse(BaseModel):
    """One volume to send; 0 octets are a quiet window as long as that of the largest volume."""

    model_config = FROZEN

    at_s: Annotated[float, Field(strict=True, ge=0, le=LONGEST_S)] = Field(
        description="when, after the start of the run"
    )
    octets: Annotated[int, Field(strict=True, ge=0, le=MOST_OCTETS)] = Field(description="UDP payload to send in all")
    towards: Host = Field(description="a listed switch, or a private address behind the links")


class Settings(BaseModel):
    """What a Scan orders of this probe, with the secrets that the agent adds; times are in seconds."""

    model_config = FROZEN

    switches: Annotated[list[Watched], Field(min_length=1, max_length=50), AfterValidator(each_once)] = Field(
        description="the ends to read"
    )
    pulses: Annotated[list[Pulse], Field(min_length=1, max_length=MOST_PULSES)] = Field(
        description="the volumes, in any order"
    )
    udp_port: Port = Field(default=9, description="UDP port to send to; 9 is discard")
    rate_bit_s: Annotated[int, Field(strict=True, ge=100_000, le=MOST_BIT_S)] = Field(
        default=20_000_000, description="rate of the payload while a volume is sent"
    )
    settle_s: Annotated[float, Field(strict=True, ge=0, le=60)] = Field(
        default=6.0, description="pause before the counters are read again"
    )
    timeout_s: TimeoutS = Field(default=2.0, description="longest wait for one reply")
    retries: Annotated[int, Field(strict=True, ge=0, le=5)] = Field(
        default=2, description="how often a request without a reply is repeated"
    )

    @model_validator(mode="after")
    def _no_surprise(self) -> Self:
        """Refuse traffic that leaves the school, and windows that run into each other."""
        listed = {switch.host for switch in self.switches}
        for number, pulse in enumerate(self.pulses):
            if pulse.towards not in listed and not is_inside(pulse.towards):
                raise ValueError(f"pulses.{number}.towards: expected the host of a listed switch or a private address")
        end_s = 0.0
        for number, pulse in self.in_time():
            if pulse.at_s < end_s:
                raise ValueError(
                    f"pulses.{number}.at_s: its window begins before the one before it has ended ({end_s} s)"
                )
            end_s = pulse.at_s + self.sending_s(pulse) + self.settle_s
        if end_s > LONGEST_S:
            raise ValueError(f"pulses: the last window would end after {end_s:.0f} s; at most {LONGEST_S:.0f} s")
        return self

    def in_time(self) -> list[tuple[int, Pulse]]:
        """The pulses with their numbers, in the order of their moments."""
        return sorted(enumerate(self.pulses), key=lambda one: one[1].at_s)

    def sending_s(self, pulse: Pulse) -> float:
        """How long a window stays open for sending; a quiet one as long as the longest."""
        return sending_s(pulse.octets or max(one.octets for one in self.pulses), self.rate_bit_s)
